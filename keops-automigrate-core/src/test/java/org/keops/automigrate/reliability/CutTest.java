package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Direction;
import org.keops.automigrate.testing.CutProxy.Place;
import org.keops.automigrate.testing.CutProxy.Way;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;

/** The line to the server breaks at any message of a boot; the next boot finishes what the broken one began. */
class CutTest {
    private static final int EACH = Integer.getInteger("cut.each", 2);
    private static final int STEP = Integer.getInteger("cut.step", 11);
    private static final int THREADS = Integer.getInteger("cut.threads", 1);
    private static final int PAIRS = Integer.getInteger("cut.pairs", 40);

    private static final int MINUTES = Integer.getInteger("cut.minutes", 1_000_000);

    private static final List<Way> WAYS = List.of(Way.values());

    @TempDir
    static Path directory;

    private static Stories stories;

    @BeforeAll
    static void prepare() {
        stories = Stories.on(PostgresServer.shared(), directory, Stories.asked());
    }

    @AfterAll
    static void drop() {
        stories.close();
    }

    @Test
    void aSampleOfAllPlaces() {
        Random random = new Random(Seeds.seed());
        Trial trial = new Trial(Story::tellBriefly);
        for (Story story : stories.all()) {
            for (int i = 0; i < EACH; i++) {
                trial.run(story, cuts(story, random, 1 + i % 2));
            }
        }
        trial.conclude("cuts, a sample of " + stories.all().size() + " stories");
    }

    /**
     * The line breaks when the server has a statement and goes on with it alone: an index may be there that nobody has
     * recorded. That moment is too short for a sample of all places, so this one goes through them in steps.
     */
    @Test
    void whereAnIndexIsMade() {
        Story story = stories.named("index concurrently");
        Trial trial = new Trial();
        for (int message = 1; message <= story.messages(Direction.TO_SERVER); message += STEP) {
            trial.run(story, new Cut(Direction.TO_SERVER, message, Place.AFTER, Way.CLOSE));
        }
        trial.conclude(
                "cuts, " + story + ", each " + STEP + ". of " + story.messages(Direction.TO_SERVER) + " messages");
    }

    /**
     * Every message, both directions, before, inside and after; all four ways with -Dcut.ways=4, else in turns. One story after
     * the other, each told on as many threads as -Dcut.threads says; -Dcut.stories names some of them, -Dcut.minutes ends each
     * before its last place.
     */
    @Test
    @Tag("soak")
    void everyPlace() {
        List<AssertionError> failures = new ArrayList<>();
        for (Story story : stories.all()) {
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
            List<CompletableFuture<Trial>> parts = new ArrayList<>();
            for (int first = 1; first <= THREADS; first++) {
                int from = first;
                parts.add(CompletableFuture.supplyAsync(() -> everyMessageFrom(from, story, end), Trial::onThread));
            }
            Trial trial = new Trial();
            parts.forEach(part -> trial.add(part.join()));
            conclude(
                    trial,
                    "cuts, " + story + " (" + story.messages(Direction.TO_SERVER) + " + "
                            + story.messages(Direction.TO_CLIENT) + " messages"
                            + (System.nanoTime() > end ? ", stopped before the last" : "") + ")",
                    failures);
        }
        failures.forEach(failure -> {
            throw failure;
        });
    }

    /** A second break while the first one is being mended. */
    @Test
    @Tag("soak")
    void cutsDuringRecovery() {
        Random random = new Random(Seeds.seed());
        Trial trial = new Trial();
        for (Story story : stories.all()) {
            for (int i = 0; i < PAIRS; i++) {
                trial.run(story, cuts(story, random, 2 + i % 2));
            }
        }
        trial.conclude("cuts during recovery");
    }

    private static Trial everyMessageFrom(int first, Story story, long end) {
        Trial trial = new Trial();
        for (Direction direction : Direction.values()) {
            everyMessage(trial, story, direction, first, end);
        }
        return trial;
    }

    private static void everyMessage(Trial trial, Story story, Direction direction, int first, long end) {
        int each = Integer.getInteger("cut.ways", 1);
        boolean reached = true;
        for (int message = first; reached && System.nanoTime() < end; message += THREADS) {
            int turn = (message - 1) * Place.values().length * each;
            for (Place place : Place.values()) {
                for (int i = 0; i < each; i++) {
                    Way way = WAYS.get(turn++ % WAYS.size());
                    reached = trial.run(story, new Cut(direction, message, place, way));
                }
            }
        }
    }

    private static Cut[] cuts(Story story, Random random, int count) {
        Cut[] cuts = new Cut[count];
        for (int i = 0; i < count; i++) {
            Direction direction = any(random, Direction.values());
            cuts[i] = new Cut(
                    direction,
                    1 + random.nextInt(story.messages(direction)),
                    any(random, Place.values()),
                    any(random, Way.values()));
        }
        return cuts;
    }

    private static <T> T any(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static void conclude(Trial trial, String what, List<AssertionError> failures) {
        try {
            trial.conclude(what);
        } catch (AssertionError e) {
            failures.add(e);
        }
    }
}
