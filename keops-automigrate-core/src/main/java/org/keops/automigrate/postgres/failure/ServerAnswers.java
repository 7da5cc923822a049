package org.keops.automigrate.postgres.failure;

import static org.keops.automigrate.postgres.failure.FailureClassifier.seen;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.CredentialsRejected;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.keops.automigrate.model.Obstacle;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an error means that came over the wire: a server's by its SQLSTATE and by the routine that raised it, neither of
 * which is ever translated; a pooler's by its text, because it has no more than that. Stateless.
 */
final class ServerAnswers {
    private static final String PASSWORD = "; correct the password, unless the role does not exist, has none or has an"
            + " expired one: PostgreSQL does not tell these apart";
    private static final String CREATE = "; create it or correct the URL";
    private static final String FREE =
            "; close connections or raise the limit. Whether the credentials are right may not"
                    + " have been looked at";
    private static final String REFUSED =
            "; the server refuses this session: look at the URL's options, the role's settings and the login triggers";

    private ServerAnswers() {}

    static DatabaseState classify(String state, ServerErrorMessage answer) {
        if (answer.getSQLState() == null) {
            return DriverFailures.foreign("an error that says nothing");
        }
        String detail = answer.getDetail();
        String text = answer.getMessage() + (detail == null ? "" : " (" + detail + ")");
        // PostgreSQL names the routine that raised an error, pgbouncer does not; and up to 1.19 pgbouncer replaces the
        // server's SQLSTATE by its own 08P01
        String routine = answer.getRoutine();
        return routine == null && state.equals("08P01")
                ? poolerSays(text, "a pooler answers: " + seen(text, state))
                : bySqlState(state, text, routine);
    }

    /**
     * Judges by SQLSTATE.
     *
     * @param routine the function in PostgreSQL's source that raised it, or null if that is not known
     */
    static DatabaseState bySqlState(String state, String text, @Nullable String routine) {
        String seen = seen(text, state);
        return switch (state) {
            case "28P01" -> new CredentialsRejected(seen + PASSWORD);
            case "28000" ->
                new CredentialsRejected(
                        "ClientAuthentication".equals(routine)
                                ? seen + "; give pg_hba.conf a line for this host, user and database, or if it has one"
                                        + " for TLS only, connect with sslmode=require"
                                : seen + "; create the role or allow it to log in");
            case "57P01", "57P02", "57P05" -> new Offline(seen);
            case "57P03" -> new Offline(seen + "; credentials are looked at only later");
            case "53300" -> new Inaccessible(Obstacle.TOO_MANY_CONNECTIONS, seen + FREE);
            case "3D000", "57P04" -> new Inaccessible(Obstacle.DATABASE_MISSING, seen + CREATE);
            case "42501" ->
                routine == null || routine.equals("CheckMyDatabase")
                        ? new Inaccessible(Obstacle.CONNECT_DENIED, seen + "; grant CONNECT to this role")
                        : new Inaccessible(Obstacle.SESSION_REFUSED, seen + REFUSED);
            case "55000" ->
                new Inaccessible(
                        Obstacle.DATABASE_CLOSED, seen + "; allow connections to it, or drop it if it is invalid");
            case "25006" -> new Inaccessible(Obstacle.READ_ONLY, seen);
            default -> byClass(state, seen);
        };
    }

    private static DatabaseState byClass(String state, String seen) {
        if (state.startsWith("28")) {
            return new CredentialsRejected(seen);
        }
        // a protocol violation is the one failure of the class that does not mean that somebody has gone
        return state.startsWith("08") && !state.equals("08P01")
                ? new Offline(seen)
                : new Inaccessible(Obstacle.SESSION_REFUSED, seen + REFUSED);
    }

    /** pgbouncer has one SQLSTATE for nearly everything: the text is the only information. */
    private static DatabaseState poolerSays(String text, String seen) {
        if (text.contains("authentication failed")) {
            return new CredentialsRejected(seen + "; correct the password here or the pooler's for its server");
        }
        if (text.contains("no pg_hba.conf entry")) {
            return new CredentialsRejected(seen + "; give the server's pg_hba.conf a line for the pooler");
        }
        if (text.contains("no such database") || (text.contains("database \"") && text.contains("does not exist"))) {
            return new Inaccessible(Obstacle.DATABASE_MISSING, seen + CREATE);
        }
        if (text.contains("permission denied for database")) {
            return new Inaccessible(Obstacle.CONNECT_DENIED, seen + "; grant CONNECT to this role");
        }
        if (text.contains("too many connections") || text.contains("no more connections allowed")) {
            return new Inaccessible(Obstacle.TOO_MANY_CONNECTIONS, seen + FREE);
        }
        if (text.contains("is disabled")) {
            return new Inaccessible(Obstacle.DATABASE_CLOSED, seen + "; ENABLE it in the pooler");
        }
        if (text.contains("statement pooling mode")) {
            return new Inaccessible(
                    Obstacle.POOLER,
                    seen + "; connect directly, or let it pool sessions or transactions for this user");
        }
        if (text.contains("unsupported startup parameter") || text.contains("unsupported parameter")) {
            return new Inaccessible(
                    Obstacle.SESSION_REFUSED, seen + "; remove it from the URL or let the pooler ignore it");
        }
        return new Offline(
                text.contains("query_wait_timeout")
                        ? seen + ": its server is down or silent, or its pool is paused or exhausted"
                        : seen);
    }
}
