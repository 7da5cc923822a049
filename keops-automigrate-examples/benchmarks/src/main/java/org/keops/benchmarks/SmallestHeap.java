package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Path;

/** In how little heap a contestant applies a script. Stateless. */
final class SmallestHeap {
    private static final int[] MEGABYTES = {
        12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072
    };
    private static final int MOST_SECONDS = 90;

    private SmallestHeap() {}

    /** The least of some sizes in which it succeeds; whoever succeeds in one succeeds in all that are larger. */
    static int megabytes(Server server, String name, Path corpus) {
        int least = 0;
        int beyond = MEGABYTES.length - 1;
        while (least < beyond) {
            int middle = (least + beyond) / 2;
            Benchmarks.progress(name + " in " + MEGABYTES[middle] + " MB");
            if (succeeds(server, name, corpus, MEGABYTES[middle] + "m")) {
                beyond = middle;
            } else {
                least = middle + 1;
            }
        }
        return MEGABYTES[least];
    }

    private static boolean succeeds(Server server, String name, Path corpus, String heap) {
        String database = server.database();
        try (Trial trial = Trial.java(name, server.url(database), corpus, "migrate", 0, heap, MOST_SECONDS)) {
            trial.ready().go();
            trial.cold();
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            server.drop(database);
        }
    }
}
