package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import org.keops.automigrate.postgres.session.OnThisThread;

/** The end of a connection that nobody is to get again: a pool drops one that is aborted. Stateless. */
final class Abort {

    private Abort() {}

    /** Never throws. */
    static void of(Connection connection) {
        try {
            connection.abort(OnThisThread.INSTANCE);
        } catch (SQLException | RuntimeException | LinkageError e) {
            // it is as good as gone already
            return;
        }
    }
}
