package org.keops.automigrate.postgres.session;

import java.lang.ref.WeakReference;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Query;

/**
 * One question that is asked again and again, as a migrator does that is kept. On a connection that was asked before, the
 * server has it parsed and planned once, by the rule that the driver has for statements of JDBC: from the
 * {@code prepareThreshold}th time on, and never where that is zero. Thread-safe.
 */
public final class RepeatedQuestion {
    private final int columns;

    /** The connection that was asked last; a pool mostly lends the same one. */
    private WeakReference<BaseConnection> last = new WeakReference<>(null);

    private @Nullable String sql;
    private @Nullable Query text;
    private int times;

    /**
     * Prepares to ask.
     *
     * @param columns how many columns the question has
     */
    public RepeatedQuestion(int columns) {
        this.columns = columns;
    }

    /**
     * Asks.
     *
     * @param driver outside of a transaction
     * @param question the query, without parameters
     * @return the answer, which may be that it failed
     */
    public Question ask(BaseConnection driver, String question) {
        Query kept = kept(driver, question);
        if (kept == null) {
            return Question.ask(driver, question, columns);
        }
        Question answer = Question.ask(driver, kept, columns);
        if (!isOfTheName(answer.failure())) {
            return answer;
        }
        kept.close();
        forget();
        return Question.ask(driver, question, columns);
    }

    /** What happened behind the driver's back to what the server had remembered: it says nothing of the database. */
    private static boolean isOfTheName(@Nullable SQLException failure) {
        return failure != null
                && switch (String.valueOf(failure.getSQLState())) {
                    case "26000", // no such name: DEALLOCATE, or another server process behind a pooler
                            "42P05", // such a name already: another server process, too
                            "0A000" // the version column has another type now
                    -> true;
                    default -> false;
                };
    }

    /** What the server may know already, or will from now on; null where it is better asked as it stands. */
    private synchronized @Nullable Query kept(BaseConnection driver, String question) {
        if (last.get() != driver || !question.equals(sql)) {
            last = new WeakReference<>(driver);
            sql = question;
            text = null;
            times = 0;
        }
        times++;
        int threshold = driver.getPrepareThreshold();
        if (threshold <= 0 || times < threshold) {
            return null;
        }
        if (text == null) {
            text = Question.text(driver, question);
        }
        return text;
    }

    /** The next time counts as the first. */
    public synchronized void forget() {
        last.clear();
    }
}
