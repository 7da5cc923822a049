package org.keops.automigrate.postgres.session;

import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.function.Predicate;
import java.util.function.Supplier;
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

    /** Through it the connection's buffers and caches are reached: not to be kept where memory is wanted. */
    private SoftReference<Query> text = new SoftReference<>(null);

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
     * @param planned the same as it is to be planned once
     * @param isSound whether an answer may be believed; if not, the next time counts as the first
     * @return the answer, which may be that it failed
     */
    public Question ask(BaseConnection driver, String question, Supplier<String> planned, Predicate<Question> isSound) {
        Query named = named(driver, question, planned);
        if (named != null) {
            Question answer = Question.ask(driver, named, columns);
            boolean believed = answer.failure() == null ? isSound.test(answer) : !isOfThePlan(answer.failure());
            if (believed) {
                return answer;
            }
            named.close();
            forget();
        }
        Question answer = Question.ask(driver, question, columns);
        if (!isSound.test(answer)) {
            forget();
        }
        return answer;
    }

    /** What happened behind the driver's back to what the server had planned: it says nothing of the database. */
    private static boolean isOfThePlan(SQLException failure) {
        return switch (String.valueOf(failure.getSQLState())) {
            case "26000", // no such name: DEALLOCATE, or another server process behind a pooler
                    "42P05", // such a name already: another server process, too
                    "0A000", // the version column has another type now
                    "42703" // a view, which can not be told from another
            -> true;
            default -> false;
        };
    }

    /**
     * What has a name, where it was asked here so often that it is to have one; else null. Counted and made in one step: what
     * another thread makes for its own connection in between would be asked on this one.
     */
    private synchronized @Nullable Query named(BaseConnection driver, String question, Supplier<String> planned) {
        if (!countedUp(driver, question)) {
            return null;
        }
        Query known = text.get();
        if (known == null) {
            known = Question.text(driver, planned.get());
            text = new SoftReference<>(known);
        }
        return known;
    }

    /** Never at once: who answers is not known yet. */
    private boolean countedUp(BaseConnection driver, String question) {
        if (last.get() != driver || !question.equals(sql)) {
            last = new WeakReference<>(driver);
            sql = question;
            text = new SoftReference<>(null);
            times = 0;
        }
        times++;
        int threshold = driver.getPrepareThreshold();
        return threshold > 0 && times >= Math.max(2, threshold);
    }

    private synchronized void forget() {
        last.clear();
    }
}
