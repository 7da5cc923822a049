package org.keops.automigrate.postgres.grants;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.permissions.Repair;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.postgres.session.Session;

/**
 * Grants what lacks, under the migration lock, then looks again until nothing more can be done.
 *
 * <p>A GRANT dies on any concurrent change of the same catalog row; the transaction is then tried again. What this role may
 * not grant is not attempted, because a GRANT without effect writes all the same. Used by one thread.
 */
public final class PermissionRepair {
    private static final Set<String> WORTH_ANOTHER_TRY = Set.of(
            "XX000", // tuple concurrently updated, or deleted
            "40P01", // deadlock detected
            "55P03", // somebody changes one of the tables
            "42P01", // somebody has dropped one of the tables
            "23505"); // two sessions made the same default privileges

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Each pass grants what others have made, dropped or revoked meanwhile; there is no end to that. */
    private static final int MOST_PASSES = 5;

    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final Session session;
    private final MigrationLock lock;
    private final PermissionAudit audit;
    private final List<String> repaired = new ArrayList<>();
    /** What lacks, where a look has travelled behind what came before it. */
    private @Nullable MissingGrants known;

    private final BusyRelations busy = new BusyRelations();

    /**
     * Prepares a repair.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param policy what is wanted, not nothing
     * @param versionTable the version table's name: it is not the application's to write
     */
    public PermissionRepair(Session session, MigrationLock lock, PermissionPolicy policy, String versionTable) {
        this.session = session;
        this.lock = lock;
        this.audit = new PermissionAudit(policy, versionTable);
    }

    /**
     * The first look, to travel behind the end of the transaction before; without an answer {@link #repair} looks itself.
     *
     * @return the question
     * @throws SQLException if the connection is closed
     */
    public Asked<?> firstLook() throws SQLException {
        Asked<MissingGrants> asked = audit.asked(session);
        return new Asked<>(asked.statements(), answers -> known = asked.reader().read(answers));
    }

    /**
     * Repairs.
     *
     * @return what was granted, and what still lacks
     */
    public PermissionReport repair() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return repairUntilNothingChanges();
            } catch (RuntimeException e) {
                // a wrapper of somebody's: what was upgraded is upgraded all the same
                session.rollback();
                return new PermissionReport(
                        repaired, List.of("permissions not repaired: " + Redaction.ofUrls(e.toString())));
            } catch (SQLException e) {
                session.rollback();
                boolean again = isPassing(e) && looked();
                // half of the pause is left to chance, so that two who met do not meet again
                long now = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
                if (!again || System.nanoTime() > deadline || !Pause.millis(now)) {
                    return new PermissionReport(
                            repaired, List.of("permissions not repaired: " + ServerMessage.withState(e)));
                }
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        }
    }

    /** Finds out who is in the way; whether that is possible. */
    private boolean looked() {
        try {
            busy.look(session.connection());
            return true;
        } catch (SQLException e) {
            // what the repair itself met is what is told
            return false;
        }
    }

    /** The second look is the proof; what lacks although it was just granted will not come by granting it again. */
    private PermissionReport repairUntilNothingChanges() throws SQLException {
        List<Repair> tried = List.of();
        List<String> notes = List.of();
        int passes = 0;
        while (true) {
            MissingGrants missing = known == null ? audit() : known;
            known = null;
            if (missing.repairs().isEmpty() || missing.repairs().equals(tried) || passes == MOST_PASSES) {
                List<String> findings = new ArrayList<>(missing.findings());
                if (!missing.repairs().isEmpty()) {
                    // what failed and does not lack any more was dropped meanwhile
                    findings.addAll(notes);
                }
                return new PermissionReport(repaired, findings);
            }
            if (!lock.regain(PATIENCE)) {
                passes++;
                tried = missing.repairs();
                notes = carryOut(tried);
            }
        }
    }

    private MissingGrants audit() throws SQLException {
        // an interrupted statement would go on in the server
        session.answerWithin(Duration.ZERO);
        lock.begin();
        return audit.committing(session);
    }

    /** One transaction, unless the server's lock table could not hold it. */
    private List<String> carryOut(List<Repair> repairs) throws SQLException {
        List<String> notes = new ArrayList<>();
        List<List<Repair>> batches =
                LockBudget.of(session.connection(), repairs).batches();
        for (int i = 0; i < batches.size(); i++) {
            List<Repair> together = batches.get(i);
            lock.begin();
            GrantTransaction transaction = new GrantTransaction(session, busy.relations());
            if (transaction.allAtOnce(together, i + 1 == batches.size() ? audit : null, lock)) {
                known = transaction.after();
            } else {
                known = null;
                session.rollback();
                session.answerWithin(Duration.ZERO);
                lock.begin();
                transaction = new GrantTransaction(session, busy.relations());
                transaction.oneByOne(together);
            }
            if (!session.connection().isClosed() && session.inTransaction()) {
                session.commit();
            }
            repaired.addAll(transaction.granted());
            notes.addAll(transaction.notes());
        }
        return notes;
    }

    /** Whether trying again may help. */
    static boolean isPassing(SQLException failure) {
        return WORTH_ANOTHER_TRY.contains(String.valueOf(failure.getSQLState()));
    }
}
