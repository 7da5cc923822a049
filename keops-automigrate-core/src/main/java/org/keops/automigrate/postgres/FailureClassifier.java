package org.keops.automigrate.postgres;

import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.CredentialsRejected;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.keops.automigrate.model.Obstacle;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what a failure to get or to use a connection means.
 *
 * <p>The first question is who speaks: a server or pooler that sent an error, or the driver that made one up because
 * nobody did. Then SQLSTATE decides; texts, which are translated, only break ties where one SQLSTATE has several
 * meanings (08004, 08006, everything that pgbouncer says). The rules are those of the failures that were observed with
 * pgjdbc 42.7, HikariCP 7 and pgbouncer 1.18; {@code docs/failures.md} lists them. Stateless.
 */
public final class FailureClassifier {

    private FailureClassifier() {}

    /**
     * Classifies a failure.
     *
     * @param failure what {@code getConnection()} or the first query threw
     * @return {@link Offline}, {@link CredentialsRejected} or {@link Inaccessible}, with a message free of secrets
     */
    public static DatabaseState classify(Throwable failure) {
        List<Throwable> chain = ExceptionChain.of(failure);
        PSQLException fromDriver = ExceptionChain.first(chain, PSQLException.class);
        if (fromDriver == null) {
            return withoutDriver(failure, chain);
        }
        ServerErrorMessage answer = fromDriver.getServerErrorMessage();
        String state = String.valueOf(fromDriver.getSQLState());
        if (answer == null) {
            return driverMade(state, fromDriver, chain);
        }
        String text = String.valueOf(answer.getMessage());
        // PostgreSQL names the routine that raised an error, pgbouncer does not; and up to 1.19 pgbouncer replaces the
        // server's SQLSTATE by its own 08P01
        boolean fromPooler = answer.getRoutine() == null;
        return fromPooler && state.equals("08P01") ? poolerSays(text, state) : serverSays(state, text);
    }

    private static DatabaseState serverSays(String state, String text) {
        String seen = seen(text, state);
        if (state.startsWith("28")) {
            return new CredentialsRejected(seen);
        }
        if (state.startsWith("08")) {
            return new Offline(seen);
        }
        return switch (state) {
            case "57P01", "57P02", "57P03", "57P05" -> new Offline(seen);
            case "53300" ->
                new Inaccessible(Obstacle.TOO_MANY_CONNECTIONS, seen + "; free connections or raise the limit");
            case "3D000" -> new Inaccessible(Obstacle.DATABASE_MISSING, seen + "; create it or correct the URL");
            case "42501" -> new Inaccessible(Obstacle.CONNECT_DENIED, seen + "; grant this role what it lacks");
            case "55000" -> new Inaccessible(Obstacle.DATABASE_CLOSED, seen);
            case "25006" -> new Inaccessible(Obstacle.READ_ONLY, seen);
            default -> new Inaccessible(Obstacle.SESSION_REFUSED, seen + "; the server refuses this session");
        };
    }

    /** pgbouncer has one SQLSTATE for nearly everything: the text is the only information. */
    private static DatabaseState poolerSays(String text, String state) {
        String seen = "a pooler answers: " + seen(text, state);
        if (text.contains("authentication failed") || text.contains("no pg_hba.conf entry")) {
            return new CredentialsRejected(seen);
        }
        if (text.contains("no such database") || (text.contains("database \"") && text.contains("does not exist"))) {
            return new Inaccessible(Obstacle.DATABASE_MISSING, seen + "; create it or correct the URL");
        }
        if (text.contains("permission denied for database")) {
            return new Inaccessible(Obstacle.CONNECT_DENIED, seen + "; grant CONNECT to this role");
        }
        if (text.contains("too many connections") || text.contains("no more connections allowed")) {
            return new Inaccessible(Obstacle.TOO_MANY_CONNECTIONS, seen);
        }
        if (text.contains("is disabled")) {
            return new Inaccessible(Obstacle.DATABASE_CLOSED, seen);
        }
        if (text.contains("unsupported startup parameter") || text.contains("unsupported parameter")) {
            return new Inaccessible(Obstacle.SESSION_REFUSED, seen + "; remove it from the URL");
        }
        if (text.contains("query_wait_timeout")) {
            return new Offline(seen + ": its server is down or silent, or the pool is paused or exhausted");
        }
        return new Offline(seen);
    }

    private static DatabaseState driverMade(String state, PSQLException failure, List<Throwable> chain) {
        String text = String.valueOf(failure.getMessage());
        String seen = seen(text, state);
        return switch (state) {
            // a missing or empty password, unless the driver speaks of encryption
            case "08004" ->
                text.contains("SSL") || text.contains("Channel Binding") || text.contains("GSS")
                        ? new Inaccessible(Obstacle.TLS, seen)
                        : new CredentialsRejected(seen);
            case "08P01" ->
                new Inaccessible(
                        Obstacle.NOT_POSTGRESQL,
                        seen + "; what listens there does not speak PostgreSQL's protocol, check host and port");
            case "08006" ->
                isAboutCertificates(text, chain)
                        ? new Inaccessible(Obstacle.TLS, seen)
                        : new Offline(seen + causeOf(chain));
            default ->
                state.startsWith("08")
                        ? new Offline(seen + causeOf(chain))
                        : new Inaccessible(Obstacle.DATA_SOURCE, seen + "; correct the data source's properties");
        };
    }

    private static DatabaseState withoutDriver(Throwable failure, List<Throwable> chain) {
        SQLException sql = ExceptionChain.first(chain, SQLException.class);
        String text = String.valueOf(failure.getMessage());
        String seen = seen(text, sql == null ? null : sql.getSQLState());
        if (failure instanceof SQLException && text.contains("(total=0")) {
            return new Offline(seen + "; the pool could not open a single connection");
        }
        if (failure instanceof SQLException && text.contains("(total=")) {
            return new Inaccessible(
                    Obstacle.POOL_EXHAUSTED, seen + "; the application's own pool has no connection to give");
        }
        return new Inaccessible(
                Obstacle.DATA_SOURCE,
                failure.getClass().getSimpleName() + ": " + seen + "; the data source itself can not work");
    }

    private static boolean isAboutCertificates(String text, List<Throwable> chain) {
        return ExceptionChain.first(chain, SSLHandshakeException.class) != null
                || ExceptionChain.first(chain, CertificateException.class) != null
                || ExceptionChain.first(chain, FileNotFoundException.class) != null
                || ExceptionChain.first(chain, NoSuchFileException.class) != null
                || text.contains("HostnameVerifier");
    }

    /** The driver says only that "the connection attempt failed"; what it met stands in the deepest cause. */
    private static String causeOf(List<Throwable> chain) {
        Throwable deepest = chain.get(chain.size() - 1);
        if (deepest instanceof SQLException) {
            return "";
        }
        String text = deepest.getMessage();
        return " (" + deepest.getClass().getSimpleName() + (text == null ? "" : ": " + Redaction.ofUrls(text)) + ")";
    }

    private static String seen(String text, @Nullable String state) {
        String clean = Redaction.ofUrls(text);
        return state == null ? clean : clean + " [" + state + "]";
    }
}
