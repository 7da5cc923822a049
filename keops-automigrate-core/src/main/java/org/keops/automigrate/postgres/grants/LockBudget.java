package org.keops.automigrate.postgres.grants;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.permissions.Repair;
import org.keops.automigrate.postgres.session.Queries;

/**
 * Cuts repairs into transactions that leave half of the server's lock table to others: each relation that is granted on is
 * locked, and 20,000 of them are more than a server with the usual settings can hold. Immutable.
 *
 * @param batches what to do together, one batch for any ordinary schema
 */
record LockBudget(List<List<Repair>> batches) {
    private static final int SURELY_ENOUGH = 1_000;
    private static final String HALF_OF_THE_LOCK_TABLE = """
            SELECT CAST(pg_catalog.current_setting('max_locks_per_transaction') AS bigint)
                   OPERATOR(pg_catalog.*) (CAST(pg_catalog.current_setting('max_connections') AS bigint)
                     OPERATOR(pg_catalog.+) CAST(pg_catalog.current_setting('max_prepared_transactions') AS bigint))
                   OPERATOR(pg_catalog./) 2
            """;

    static LockBudget of(Connection connection, List<Repair> repairs) throws SQLException {
        long needed = 0;
        for (Repair repair : repairs) {
            needed += locks(repair);
        }
        if (needed <= SURELY_ENOUGH) {
            return new LockBudget(List.of(repairs));
        }
        return cut(repairs, Queries.query(connection, HALF_OF_THE_LOCK_TABLE, LockBudget::read));
    }

    /** Cuts so that no batch needs more locks than there are, as far as whole statements allow. */
    static LockBudget cut(List<Repair> repairs, long locks) {
        List<List<Repair>> batches = new ArrayList<>();
        List<Repair> batch = new ArrayList<>();
        long needed = 0;
        for (Repair repair : repairs) {
            if (!batch.isEmpty() && needed + locks(repair) > locks) {
                batches.add(List.copyOf(batch));
                batch.clear();
                needed = 0;
            }
            batch.add(repair);
            needed += locks(repair);
        }
        batches.add(List.copyOf(batch));
        return new LockBudget(batches);
    }

    private static int locks(Repair repair) {
        return repair.relations().size();
    }

    private static long read(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getLong(1);
    }
}
