package org.keops.automigrate.postgres.probe;

import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;

/**
 * Engines that speak PostgreSQL's protocol and break what we rest on: that a transaction takes DDL back, and that an advisory
 * lock excludes; {@link FirstSight#isForeign} recognises them. See {@code docs/scale.md}. Stateless.
 */
final class Engine {

    /** What a version of YugabyteDB has in it. */
    static final String YUGABYTE = "-YB-";

    private Engine() {}

    static Inaccessible cockroach() {
        return refused("CockroachDB, where advisory locks exclude nobody and schema changes outlive their transaction");
    }

    static Inaccessible yugabyte() {
        return refused("YugabyteDB, where by default a transaction does not take DDL back");
    }

    private static Inaccessible refused(String what) {
        return new Inaccessible(
                Obstacle.ENGINE, "this is " + what + ": an upgrade that fails would be half done; use PostgreSQL");
    }
}
