package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.KeopsPermissions;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.permissions.PermissionTarget;
import org.keops.automigrate.permissions.Repair;

/**
 * Grants what the application's role lacks, under the migration lock, then looks again.
 *
 * <p>A GRANT dies on any concurrent change of the same catalog row; the whole transaction is then tried again. What this
 * role may not grant becomes a finding, and the rest is granted all the same. Used by one thread.
 */
public final class PermissionRepair {
    private static final Set<String> WORTH_ANOTHER_TRY = Set.of(
            "XX000", // tuple concurrently updated, or deleted
            "40P01", // deadlock detected
            "23505", // two sessions made the same default privileges
            "55P03"); // somebody is changing the object at the moment
    private static final String NOT_PERMITTED = "42501";
    private static final int LOCK_TIMEOUT_MILLIS = 1000;
    private static final int TRIES = 5;
    private static final long PAUSE_MILLIS = 50;

    private final Session session;
    private final MigrationLock lock;
    private final PermissionTarget target;
    private final String versionTable;

    /**
     * Prepares a repair.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param target the role and the schema
     * @param versionTable the version table's name: it is not the application's to write
     */
    public PermissionRepair(Session session, MigrationLock lock, PermissionTarget target, String versionTable) {
        this.session = session;
        this.lock = lock;
        this.target = target;
        this.versionTable = versionTable;
    }

    /**
     * Repairs.
     *
     * @return what was granted, and what still lacks
     */
    public PermissionReport repair() {
        for (int tries = 1; ; tries++) {
            try {
                return repairOnce();
            } catch (SQLException e) {
                session.rollback();
                boolean again = WORTH_ANOTHER_TRY.contains(String.valueOf(e.getSQLState())) && tries < TRIES;
                if (!again
                        || !Pause.millis(
                                PAUSE_MILLIS + ThreadLocalRandom.current().nextLong(PAUSE_MILLIS))) {
                    return new PermissionReport(List.of(), List.of("permissions not repaired: " + shown(e)));
                }
            }
        }
    }

    private PermissionReport repairOnce() throws SQLException {
        session.answerWithin(Duration.ZERO);
        lock.begin();
        // a GRANT waits for whoever is changing the same object; a boot does not wait for ever
        Queries.execute(session.connection(), "SET LOCAL lock_timeout = " + LOCK_TIMEOUT_MILLIS);
        List<Repair> lacking = repairs();
        Map<Repair, SQLException> failed = new HashMap<>();
        for (Repair repair : lacking) {
            grant(repair, failed);
        }
        session.commit();
        if (lacking.isEmpty()) {
            return PermissionReport.NOTHING;
        }
        return verified(lacking, failed);
    }

    /** A GRANT without the right to grant only warns, so that nothing but a second look tells. */
    private PermissionReport verified(List<Repair> granted, Map<Repair, SQLException> failed) {
        List<String> findings = new ArrayList<>();
        try {
            for (Repair still : repairs()) {
                granted.remove(still);
                findings.add(finding(still, failed.get(still)));
            }
        } catch (SQLException e) {
            findings.add("permissions repaired, but not looked at again: " + shown(e));
        }
        granted.removeAll(failed.keySet());
        return new PermissionReport(granted.stream().map(Repair::sql).toList(), findings);
    }

    private List<Repair> repairs() throws SQLException {
        List<Observed> lacking = PermissionCatalog.lacking(session, target, versionTable);
        return KeopsPermissions.repair(target, session.serverMajorVersion(), lacking);
    }

    private void grant(Repair repair, Map<Repair, SQLException> failed) throws SQLException {
        Connection connection = session.connection();
        Savepoint savepoint = connection.setSavepoint();
        try {
            Queries.execute(connection, repair.sql());
            connection.releaseSavepoint(savepoint);
        } catch (SQLException e) {
            if (WORTH_ANOTHER_TRY.contains(String.valueOf(e.getSQLState())) || connection.isClosed()) {
                throw e;
            }
            connection.rollback(savepoint);
            failed.put(repair, e);
        }
    }

    private static String finding(Repair still, @Nullable SQLException failure) {
        if (failure == null || NOT_PERMITTED.equals(failure.getSQLState())) {
            return "permission still lacks, this role may not grant it; let " + SqlNames.identifier(still.owner())
                    + " run: " + still.sql();
        }
        return "permission still lacks: " + shown(failure) + "; run: " + still.sql();
    }

    private static String shown(SQLException failure) {
        return ServerMessage.of(failure) + " [" + failure.getSQLState() + "]";
    }
}
