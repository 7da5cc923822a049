package org.keops.automigrate.postgres.session;

/** The key of the migration lock: "keops" and "mig" in ASCII. Stateless. */
public final class LockKey {
    /** In the one-number form of the advisory lock functions. */
    public static final long VALUE = 0x6b656f70736d6967L;

    /** Its halves as pg_locks shows them; not formatted, because a locale may have digits of its own. */
    public static final String CLASS = Long.toString(VALUE >>> 32);

    public static final String OBJECT = Long.toString(VALUE & 0xffffffffL);

    /** Gives a session's lock back, and says whether it was held. */
    public static final String UNLOCK = "SELECT pg_catalog.pg_advisory_unlock(" + VALUE + ")";

    private LockKey() {}
}
