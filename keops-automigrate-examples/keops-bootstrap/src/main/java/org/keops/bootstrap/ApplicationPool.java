package org.keops.bootstrap;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application's own connections, as the application's role.
 *
 * <p>One thread calls {@link #check()} now and then; any thread may ask for the state, and none ever waits for the
 * database to get it. The pool itself is opened once the role was let in: a pool with a rejected password would go on
 * asking with it, many times a second, until the account is locked.
 */
final class ApplicationPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApplicationPool.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int CONNECTIONS = 5;
    private static final String INVALID_AUTHORIZATION = "28";

    private final @Nullable DatabaseAccess access;
    private @Nullable HikariDataSource pool;
    private volatile State state = new State(Word.NOT_OPENED, null);

    ApplicationPool(@Nullable DatabaseAccess access) {
        this.access = access;
    }

    /** What is known of the connections. */
    enum Word {
        /** Nobody has tried yet, or nobody may. */
        NOT_OPENED,
        /** The last connection worked. */
        UP,
        /** The last one did not; there will be another try. */
        DOWN,
        /** The server does not let the role in; there will be no other try. */
        REJECTED
    }

    /**
     * The state at the last check.
     *
     * @param word in a word
     * @param detail what the server or the driver said, or null
     */
    record State(Word word, @Nullable String detail) {
        boolean up() {
            return word == Word.UP;
        }
    }

    State state() {
        return state;
    }

    /** Borrows a connection and looks whether it works. */
    synchronized void check() {
        if (access == null || state.word() == Word.REJECTED) {
            return;
        }
        State before = state;
        state = tryOut(access);
        if (state.word() != before.word()) {
            tell(access);
        }
    }

    private State tryOut(DatabaseAccess way) {
        DataSource source = pool == null ? way.dataSource() : pool;
        try (Connection connection = source.getConnection()) {
            if (!connection.isValid((int) PATIENCE.toSeconds())) {
                return new State(Word.DOWN, "the connection does not answer");
            }
            if (pool == null) {
                pool = open(way);
            }
            return new State(Word.UP, null);
        } catch (SQLException | RuntimeException e) {
            return refused(e);
        }
    }

    private State refused(Exception e) {
        if (!isRejection(e)) {
            return new State(Word.DOWN, e.getMessage());
        }
        close();
        return new State(Word.REJECTED, e.getMessage());
    }

    private static HikariDataSource open(DatabaseAccess way) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("keops");
        config.setDataSource(way.dataSource());
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(PATIENCE.toMillis());
        config.setValidationTimeout(PATIENCE.toMillis() / 2);
        // whatever happens to the database between the first connection and this one, KEOPS does not end
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    private static boolean isRejection(@Nullable Throwable seen) {
        for (Throwable cause = seen; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && String.valueOf(sql.getSQLState()).startsWith(INVALID_AUTHORIZATION)) {
                return true;
            }
        }
        return false;
    }

    private void tell(DatabaseAccess way) {
        if (state.up()) {
            LOG.info("the application works as {}", way);
        } else {
            LOG.warn("the application can not work as {}: {}", way, state.detail());
        }
    }

    @Override
    public synchronized void close() {
        if (pool != null) {
            pool.close();
            pool = null;
        }
    }
}
