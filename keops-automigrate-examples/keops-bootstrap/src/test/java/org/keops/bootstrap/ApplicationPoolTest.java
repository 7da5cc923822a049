package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.ApplicationPool.Word;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Relay;

/** The application's own connections. */
class ApplicationPoolTest {
    private static final PostgresServer SERVER = KeopsFixture.shared().server();

    @Test
    void comesUpGoesDownAndComesUpAgainWithTheDatabase() {
        try (TestDatabase database = SERVER.database();
                Relay relay = new Relay(SERVER.host(), SERVER.port());
                ApplicationPool pool = pool(relay, database, KeopsFixture.PASSWORD)) {
            assertThat(pool.state().word()).isEqualTo(Word.NOT_OPENED);
            pool.check();
            assertThat(pool.state().word()).isEqualTo(Word.DOWN);

            relay.open();
            pool.check();
            assertThat(pool.state().word()).isEqualTo(Word.UP);

            relay.cut();
            pool.check();
            assertThat(pool.state().word()).isEqualTo(Word.DOWN);

            relay.open();
            Conditions.await("the pool is up again", () -> {
                pool.check();
                return pool.state().up();
            });
        }
    }

    @Test
    void aRejectedPasswordIsTriedOnce() {
        try (TestDatabase database = SERVER.database();
                Relay relay = new Relay(SERVER.host(), SERVER.port());
                ApplicationPool pool = pool(relay, database, "not the password")) {
            relay.open();
            pool.check();
            int calls = relay.calls();
            pool.check();
            pool.check();

            assertThat(pool.state().word()).isEqualTo(Word.REJECTED);
            assertThat(pool.state().detail())
                    .contains("password authentication failed")
                    .doesNotContain("not the");
            assertThat(relay.calls()).isEqualTo(calls);
        }
    }

    @Test
    void aPasswordThatIsChangedLaterEndsThePool() {
        SERVER.role("keops_fickle", "first");
        try (TestDatabase database = SERVER.database();
                Relay relay = new Relay(SERVER.host(), SERVER.port());
                ApplicationPool pool = new ApplicationPool(
                        new DatabaseAccess("127.0.0.1", relay.port(), database.name(), "keops_fickle", "first"))) {
            relay.open();
            pool.check();
            assertThat(pool.state().word()).isEqualTo(Word.UP);

            SERVER.execute("postgres", "ALTER ROLE keops_fickle PASSWORD 'second'");
            relay.cut();
            relay.open();
            Conditions.await("the pool has noticed", () -> {
                pool.check();
                return pool.state().word() == Word.REJECTED;
            });
        } finally {
            SERVER.execute("postgres", "DROP ROLE keops_fickle");
        }
    }

    private static ApplicationPool pool(Relay relay, TestDatabase database, String password) {
        return new ApplicationPool(
                new DatabaseAccess("127.0.0.1", relay.port(), database.name(), KeopsFixture.ROLE, password));
    }
}
