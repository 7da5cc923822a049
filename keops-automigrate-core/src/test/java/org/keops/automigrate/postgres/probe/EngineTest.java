package org.keops.automigrate.postgres.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;

/** Who breaks what we rest on is refused before anything is asked; who says it is PostgreSQL is believed. */
class EngineTest {
    @Test
    void cockroachIsRefused() {
        assertThat(Probe.engine("18.0", "CockroachDB CCL v26.3.0")).returns(Obstacle.ENGINE, Inaccessible::reason);
    }

    @Test
    void yugabyteIsRefused() {
        assertThat(Probe.engine("15.12-YB-2025.1.0.0-b0", null)).returns(Obstacle.ENGINE, Inaccessible::reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"13.23", "18.6 (Debian 18.6-1.pgdg12+1)", "19beta1", "16.6.R20250101", "17.11"})
    void whateverSaysItIsPostgresIsBelieved(String version) {
        assertThat(Probe.engine(version, null)).isNull();
    }

    @Test
    void aWrapperThatHidesItIsBelievedToo() {
        assertThat(Probe.engine(null, null)).isNull();
    }
}
