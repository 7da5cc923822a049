package org.keops.automigrate.postgres.failure;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.CredentialsRejected;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says what a failure to get or to use a connection means.
 *
 * <p>The first question is who speaks: a server or a pooler that sent an error, the driver that made one up because
 * nobody did, or a data source that did not get as far as the driver. Then SQLSTATE decides; texts, which are translated,
 * only break ties where one SQLSTATE has several meanings. What is ambiguous is said to be. The rules are those of the
 * failures that were observed with pgjdbc 42.7, HikariCP 7 and pgbouncer 1.18; {@code docs/failures.md} lists them.
 * Stateless.
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
            return DataSourceFailures.classify(failure, chain);
        }
        ServerErrorMessage answer = fromDriver.getServerErrorMessage();
        String state = String.valueOf(fromDriver.getSQLState());
        return answer == null
                ? DriverFailures.classify(state, fromDriver, chain)
                : ServerAnswers.classify(state, answer);
    }

    /** What was seen, in the words of who said it. */
    static String seen(@Nullable String text, @Nullable String state) {
        String clean = onOneLine(Redaction.ofUrls(String.valueOf(text)));
        return state == null ? clean : clean + " [" + state + "]";
    }

    /** A report is a line of a log, whatever a server or a wrapper says. */
    private static String onOneLine(String text) {
        if (text.indexOf('\n') < 0 && text.indexOf('\r') < 0) {
            return text;
        }
        return String.join(" ", text.strip().split("\\s*[\\r\\n]\\s*", -1));
    }

    /** The driver says only that "the connection attempt failed"; what it met stands in the deepest cause. */
    static String causeOf(List<Throwable> chain) {
        Throwable deepest = ExceptionChain.deepestCause(chain);
        String text = deepest.getMessage();
        return deepest instanceof SQLException
                ? ""
                : " (" + deepest.getClass().getSimpleName() + (text == null ? "" : ": " + Redaction.ofUrls(text)) + ")";
    }
}
