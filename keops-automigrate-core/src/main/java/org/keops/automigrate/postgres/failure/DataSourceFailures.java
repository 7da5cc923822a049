package org.keops.automigrate.postgres.failure;

import static org.keops.automigrate.postgres.failure.FailureClassifier.seen;

import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.keops.automigrate.model.Obstacle;

/** What a failure means in which PostgreSQL's driver has no word: a pool's or a wrapper's own. Stateless. */
final class DataSourceFailures {
    /** The classes of SQLSTATE that speak of a connection; a wrapper may hand them on in an exception of its own. */
    private static final Set<String> ABOUT_CONNECTIONS = Set.of("08", "28", "3D", "53", "57");

    private DataSourceFailures() {}

    static DatabaseState classify(Throwable failure, List<Throwable> chain) {
        SQLException sql = ExceptionChain.first(chain, SQLException.class);
        String state = sql == null ? null : sql.getSQLState();
        String seen = seen(failure.getMessage(), state);
        if (isPoolExhausted(failure)) {
            return new Inaccessible(
                    Obstacle.POOL_EXHAUSTED, seen + "; the application's own pool has no connection to give");
        }
        if (sql != null && state != null && speaksOfConnections(sql.getMessage(), state)) {
            return ServerAnswers.bySqlState(state, String.valueOf(sql.getMessage()), null);
        }
        if (String.valueOf(failure.getMessage()).contains("(total=0")) {
            return new Offline(seen
                    + "; the pool could not open a connection in its connectionTimeout, and does not say why: nobody"
                    + " there, or a silent server or pooler");
        }
        if (failure instanceof SQLTransientConnectionException || failure instanceof SQLTimeoutException) {
            return new Offline(seen + "; the database is offline or slow, or the application's own pool is exhausted");
        }
        return ofNetwork(chain)
                ? new Offline(seen + FailureClassifier.causeOf(chain))
                : new Inaccessible(
                        Obstacle.DATA_SOURCE,
                        failure.getClass().getSimpleName() + ": " + seen
                                + "; correct the data source, no connection comes out of it");
    }

    /** Whether HikariCP says that all the connections it has are in use. */
    static boolean isPoolExhausted(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        return failure instanceof SQLException && text.contains("(total=") && !text.contains("(total=0");
    }

    private static boolean speaksOfConnections(@Nullable String text, String state) {
        // DriverManager gives 08001 to a URL that no driver knows
        return state.length() == 5
                && ABOUT_CONNECTIONS.contains(state.substring(0, 2))
                && !String.valueOf(text).startsWith("No suitable driver");
    }

    private static boolean ofNetwork(List<Throwable> chain) {
        return ExceptionChain.first(chain, SocketException.class) != null
                || ExceptionChain.first(chain, SocketTimeoutException.class) != null
                || ExceptionChain.first(chain, UnknownHostException.class) != null;
    }
}
