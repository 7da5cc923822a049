package org.keops.automigrate.postgres.session;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.postgresql.core.Tuple;

/** What becomes of a statement that was sent. Called in the order of the statements. */
public interface Reply {

    /** It is on its way, perhaps behind others. */
    default void sent() {}

    /** Everything before it is done; the answers of a batch come together, so this may be told late. */
    default void begins() {}

    /** The server says something about it. */
    default void said(SQLWarning notice) {}

    /** It returned rows, as text. */
    default void rows(List<Tuple> rows) {}

    /**
     * It is done.
     *
     * @param rows how many rows it touched, as far as its kind tells
     * @throws SQLException if that is not what was expected
     */
    default void done(long rows) throws SQLException {}

    /** It failed; throws what that means. */
    default void failed(SQLException failure) throws SQLException, StepFailedException {
        throw failure;
    }
}
