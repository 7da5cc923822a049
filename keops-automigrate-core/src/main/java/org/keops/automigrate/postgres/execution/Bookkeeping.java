package org.keops.automigrate.postgres.execution;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.script.SectionFingerprint;

/**
 * The record of how far a revision has come that runs outside a transaction: as an earlier boot left it, and written on.
 * Used by one thread, for one revision.
 */
final class Bookkeeping {
    /** Only for the record: what the script has set comes back when the transaction ends. */
    private static final String ACT_AS_OURSELVES = CatalogSql.pinned("""
            SELECT CASE WHEN CAST(session_user AS text) <> ? THEN pg_catalog.set_config('session_authorization', ?, true) END,
                   CASE WHEN pg_catalog.current_setting('role') <> ? THEN pg_catalog.set_config('role', ?, true) END,
                   pg_catalog.set_config('statement_timeout', '0', true), pg_catalog.set_config('lock_timeout', ?, true)
            """);

    private final Session session;
    private final MigrationLock lock;
    private final Ledger ledger;
    private final Settings settings;
    private final StepScript script;
    private final SectionFingerprint fingerprint;
    private final Standing standing;
    private final LockWaits waits;

    Bookkeeping(
            Shared shared,
            Settings settings,
            StepScript script,
            SectionFingerprint fingerprint,
            Standing standing,
            LockWaits waits) {
        this.session = shared.session();
        this.lock = shared.lock();
        this.ledger = shared.ledger();
        this.settings = settings;
        this.script = script;
        this.fingerprint = fingerprint;
        this.standing = standing;
        this.waits = waits;
    }

    /** What an earlier boot has left of the step, or null; its script may have been mended behind that only. */
    @Nullable
    Bookmark left(Step step) throws StepFailedException {
        Bookmark left = ledger.left();
        if (left == null || !left.isOf(step)) {
            return null;
        }
        if (!left.script().equals(fingerprint.hash())) {
            boolean mended = left.state() == Bookmark.State.FAILED
                    && left.done().equals(script.fingerprint(left.statement()).hash());
            if (!mended) {
                throw edited(left);
            }
        }
        return left;
    }

    private StepFailedException edited(Bookmark left) {
        String table = ledger.table().sql();
        return StepFailedException.of(
                script.revision().script(),
                "was edited after an earlier boot came to its statement " + (left.statement() + 1)
                        + "; put it back as it was, and the next boot goes on there; or bring the database to what it"
                        + " makes by hand, and stamp it; or take back by hand what it has made, run COMMENT ON TABLE "
                        + table + " IS NULL, and the next boot begins it anew");
    }

    /** The next statement has not taken effect. */
    void next(int statement) throws SQLException, StepFailedException {
        write(statement, Bookmark.State.NEXT, List.of());
    }

    /** The next statement runs alone, and these objects are there before. */
    void starts(int statement, List<String> before) throws SQLException, StepFailedException {
        write(statement, Bookmark.State.STARTED, before);
    }

    /** After a failure, once it is rolled back: where nothing is in doubt, the rest of the script may be mended. */
    void failed() {
        try {
            if (!standing.mayBeMended() || session.connection().isClosed()) {
                return;
            }
            if (standing.next() > 0) {
                write(standing.next(), Bookmark.State.FAILED, List.of());
            } else {
                begin();
                ledger.clear();
                session.commit();
            }
        } catch (SQLException | StepFailedException e) {
            // the record of before says less, and nothing that is wrong
            session.rollback();
        }
    }

    /** Writes the record, with the transaction that is open, or in one of its own. */
    private void write(int statement, Bookmark.State state, List<String> before)
            throws SQLException, StepFailedException {
        begin();
        String done =
                state == Bookmark.State.FAILED ? script.fingerprint(statement).hash() : "";
        ledger.write(new Bookmark(
                script.section(),
                script.revision().id(),
                statement,
                state,
                fingerprint.hash(),
                done,
                ledger.rowsText(),
                before,
                ledger.comment()));
        commit();
        ledger.committed(ledger.rows());
        standing.recorded(statement);
        waits.committed();
    }

    private void begin() throws SQLException {
        String timeout = waits.timeoutOfRecord();
        lock.begin();
        String user = settings.user();
        String role = settings.role();
        Queries.query(session.connection(), ACT_AS_OURSELVES, ResultSet::next, user, user, role, role, timeout);
    }

    /** A server that answers has not committed; without an answer, or where a wrapper throws, nobody knows. */
    private void commit() throws SQLException {
        try {
            session.commit();
        } catch (SQLException e) {
            if (session.connection().isClosed()) {
                standing.lost();
            }
            throw e;
        } catch (RuntimeException e) {
            standing.lost();
            throw e;
        }
    }
}
