package org.keops.automigrate.testing;

/**
 * The seed of a random test: the same in every build, so that a build fails for what was changed; any other with
 * {@code -Dseed=7}, a new one each time with {@code -Dseed=random}.
 */
public final class Seeds {
    private static final long EVERY_DAY = 20190918;

    private Seeds() {}

    /**
     * The seed to use, printed so that a failure can be repeated.
     *
     * @return the seed
     */
    public static long seed() {
        String wanted = System.getProperty("seed", "");
        long seed = wanted.isEmpty() ? EVERY_DAY : wanted.equals("random") ? System.nanoTime() : Long.parseLong(wanted);
        System.out.println("seed " + seed + ", repeat with -Dseed=" + seed);
        return seed;
    }
}
