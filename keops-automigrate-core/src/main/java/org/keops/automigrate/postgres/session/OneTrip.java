package org.keops.automigrate.postgres.session;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** What a session does in one round trip with questions that would each take one of their own. Stateless. */
public final class OneTrip {

    private OneTrip() {}

    /**
     * Guards the session and asks something else behind that, all in one round trip. It is one transaction, in which each
     * statement sees what was committed when the server came to it, whatever the session's default is. A session of the server
     * that a pooler lends is not guarded.
     *
     * @param session the session
     * @param more what else
     * @return false where the server refuses any of it; then nothing is set, and nothing is known of what was asked
     * @throws SQLException if the connection fails, or reading the answers does
     */
    public static boolean guardAnd(Session session, Asked<?> more) throws SQLException {
        List<String> statements = new ArrayList<>(List.of(Session.BEGIN));
        Asked<Guards> set = session.isGuarded() ? null : Guards.asked(session.isOurs());
        if (set != null) {
            statements.addAll(set.statements());
        }
        statements.addAll(more.statements());
        statements.add(Session.COMMIT);
        boolean[] answered = new boolean[1];
        Answers.Reader<Object> reader = answers -> {
            answered[0] = true;
            if (set != null) {
                guarded(session, set.reader().read(answers));
            }
            more.reader().read(answers);
            return answered;
        };
        try {
            Queries.together(session.connection(), reader, statements.toArray(new String[0]));
            return true;
        } catch (SQLException e) {
            if (answered[0] || session.connection().isClosed()) {
                throw e;
            }
            Queries.execute(session.connection(), "ROLLBACK");
            return false;
        }
    }

    /** The name is set in any case; where it is not, the session of the server is not ours. */
    private static void guarded(Session session, Guards set) {
        if (!set.names().isEmpty()) {
            session.guarded(set);
        }
    }

    /**
     * Ends the transaction and asks something behind that, in one round trip. A question that fails is not answered, and that is
     * all: the transaction has ended before it.
     *
     * @param session the session
     * @param behind what to ask, in a transaction of its own
     * @throws SQLException if the transaction is not committed
     */
    public static void commitAnd(Session session, Asked<?> behind) throws SQLException {
        List<String> statements = new ArrayList<>(List.of(Session.COMMIT));
        statements.addAll(behind.statements());
        boolean[] committed = new boolean[1];
        try {
            Answers.Reader<?> reader = answers -> {
                committed[0] = true;
                return behind.reader().read(answers);
            };
            Queries.together(session.connection(), reader, statements.toArray(new String[0]));
        } catch (SQLException e) {
            // a transaction that is open is the one behind it
            BaseConnection driver = Wrapped.in(session.connection(), BaseConnection.class);
            boolean fails = driver != null && driver.getTransactionState() == TransactionState.FAILED;
            if (session.connection().isClosed() || !(committed[0] || fails)) {
                throw e;
            }
            session.rollback();
            return;
        }
        session.commit();
    }
}
