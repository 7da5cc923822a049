package org.keops.automigrate.postgres.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TableLocks;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptBodies;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.script.SectionFingerprint;
import org.keops.automigrate.script.Statement;
import org.keops.automigrate.script.StatementKind;
import org.keops.automigrate.script.StatementTraits;

/**
 * One revision that can not run in one transaction.
 *
 * <p>Statements that refuse a transaction run alone, in autocommit; those between them share one, with the record of how
 * far the revision has come, so that they take effect exactly once. What ran alone is recorded before and after, and
 * after an interruption the catalog is asked. Used by one thread, for one revision.
 */
final class OutsideRun {
    private static final Pattern SELECTS_A_SETTING = Pattern.compile(
            "select\\s+(pg_catalog\\s*\\.\\s*)?set_config\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Only for the record: what the script has set comes back when the transaction ends. */
    private static final String ACT_AS_OURSELVES = CatalogSql.pinned("""
            SELECT CASE WHEN CAST(session_user AS text) <> ? THEN pg_catalog.set_config('session_authorization', ?, true) END,
                   CASE WHEN pg_catalog.current_setting('role') <> ? THEN pg_catalog.set_config('role', ?, true) END,
                   pg_catalog.set_config('statement_timeout', '0', true), pg_catalog.set_config('lock_timeout', ?, true)
            """);

    private final Session session;
    private final MigrationLock lock;
    private final Pipeline pipeline;
    private final ScriptRunner scripts;
    private final StepRun counted;
    private final ScriptBodies bodies;
    private final Ledger ledger;
    private final Step step;
    private final Revision revision;
    private final Section section;
    private final Consumer<String> notes;
    private final boolean standardConformingStrings;
    private final int serverMajorVersion;
    private final Settings settings;
    private final TablePatience patience;
    private final SectionFingerprint fingerprint;

    /** The statements that the server refused in a transaction, or that ran alone in an earlier boot, counted from 0. */
    private final Set<Integer> alone = new HashSet<>();

    /** The first statement that is not known to have taken effect. */
    private int next;

    /** Whether nothing is in doubt, so that the script may be mended from the next statement on. */
    private boolean settled;

    /** Whether the answer to a COMMIT was lost: then the record in the database may tell more than is known here. */
    private boolean lost;

    /** Whether a statement that runs alone was begun, and nothing tells what became of it. */
    private boolean unanswered;

    /** Whether a statement that ran alone is done, and the record does not say so yet. */
    private boolean unrecorded;

    /** Whether an earlier boot ran what is skipped now, so that its settings are not in this session. */
    private boolean replay;

    private boolean scriptSetsLockTimeout;

    /** Whether the record of an earlier boot has been looked at. */
    private boolean resumed;

    /** Whether the session has no lock_timeout now, for what runs alone. */
    private boolean lifted;

    /** The record of an earlier boot, until it is known what became of the statement that it was at. */
    private @Nullable Bookmark doubt;

    /** Of the transaction that is open, or comes next. */
    private TableLocks locks;

    OutsideRun(
            Session session,
            MigrationLock lock,
            Pipeline pipeline,
            ScriptRunner scripts,
            StepRun counted,
            ScriptBodies bodies,
            Ledger ledger,
            Step step,
            Consumer<String> notes,
            TablePatience patience)
            throws StepFailedException, SQLException {
        this.session = session;
        this.lock = lock;
        this.pipeline = pipeline;
        this.patience = patience;
        this.locks = new TableLocks(session, patience);
        this.scripts = scripts;
        this.counted = counted;
        this.bodies = bodies;
        this.ledger = ledger;
        this.step = step;
        this.notes = notes;
        if (step instanceof Step.Upgrade upgrade) {
            this.revision = upgrade.revision();
            this.section = Section.UPGRADE;
        } else if (step instanceof Step.Downgrade downgrade) {
            this.revision = downgrade.revision();
            this.section = Section.DOWNGRADE;
        } else {
            throw new IllegalArgumentException("not a step with a script: " + step);
        }
        this.standardConformingStrings = session.dialect().standardConformingStrings();
        this.serverMajorVersion = session.serverMajorVersion();
        this.settings = session.settings(false);
        this.fingerprint = fingerprint(Integer.MAX_VALUE);
    }

    /**
     * Runs what has not run yet, up to the version rows, which the caller commits together with the last statements. After
     * a failure it may be called again, if it was {@link #worthAnotherTry}.
     */
    void run() throws StepFailedException, SQLException {
        if (!resumed) {
            resumed = true;
            resume();
        }
        while (!pass()) {
            session.answerWithin(Duration.ZERO);
        }
        if (!session.inTransaction()) {
            beginTogether();
        }
        // whatever the script has for a timeout, the version rows do not make anybody queue
        Settings own = locks.arm(settings, pipeline);
        pipeline.flush();
        own.restore(session.connection());
    }

    /** Notes a failure of the script, before it is rolled back: what ran alone is not tried again. */
    void failed(StepFailedException failure) {
        if (inTransaction()) {
            locks.failed(failure);
        } else {
            locks.failedForGood();
        }
    }

    /** Notes the failure of a statement of ours, before it is rolled back. */
    void failed(SQLException failure) {
        if (inTransaction()) {
            locks.failed(failure);
        } else {
            locks.failedForGood();
        }
    }

    /** Notes that somebody else's code failed. */
    void failedForGood() {
        locks.failedForGood();
    }

    private boolean inTransaction() {
        try {
            return session.inTransaction();
        } catch (SQLException e) {
            return false; // the connection is lost, and the transaction with it
        }
    }

    /** Once the transaction is rolled back: waits for the next try, if there is to be one. */
    boolean worthAnotherTry() {
        return locks.worthAnotherTry();
    }

    /** The failure with who was in the way, if that was why. */
    Failure explained(Failure failure) {
        return locks.explained(failure);
    }

    /** What is to be said of a failure: what is committed, and where the next boot goes on. */
    String consequence() {
        if (lost) {
            return "the answer to COMMIT was lost: what it did from statement " + (next + 1) + " of "
                    + fingerprint.statements() + " on may have happened or not, the next boot will see";
        }
        String before = next == 0
                ? "nothing of it is committed"
                : "what ran before it in this script is committed, because it runs outside a transaction (" + next
                        + " of " + fingerprint.statements() + " statements), and the next boot goes on from there";
        if (!unanswered) {
            return before;
        }
        return (next == 0 ? "" : before + "; ") + "whether it took effect is not known, the next boot will see"
                + " and take away what it may have left, an index that is not valid say";
    }

    private void resume() throws StepFailedException {
        Bookmark left = ledger.left();
        if (left == null || !left.isOf(step)) {
            return;
        }
        if (!left.script().equals(fingerprint.hash())) {
            boolean mended = left.state() == Bookmark.State.FAILED
                    && left.done().equals(fingerprint(left.statement()).hash());
            if (!mended) {
                throw edited(left);
            }
        }
        next = left.statement();
        replay = next > 0;
        doubt = left.state() == Bookmark.State.STARTED ? left : null;
        notes.accept(left + " goes on at statement " + (next + 1) + " of " + fingerprint.statements()
                + ", where an earlier boot ended");
    }

    private StepFailedException edited(Bookmark left) {
        String table = ledger.table().sql();
        return StepFailedException.of(
                revision.script(),
                "was edited after an earlier boot came to its statement " + (left.statement() + 1)
                        + "; put it back as it was, and the next boot goes on there; or bring the database to what it"
                        + " makes by hand, and stamp it; or take back by hand what it has made, run COMMENT ON TABLE "
                        + table + " IS NULL, and the next boot begins it anew");
    }

    private SectionFingerprint fingerprint(int limit) throws StepFailedException {
        try {
            return SectionFingerprint.of(revision, bodies, section, standardConformingStrings, limit);
        } catch (ScriptSyntaxException e) {
            throw StepFailedException.of(e);
        } catch (IOException | UncheckedIOException e) {
            throw StepFailedException.of(revision.script(), e);
        }
    }

    /** Reads the section once; false if it has to be read again, because a statement turned out to refuse a transaction. */
    private boolean pass() throws StepFailedException, SQLException {
        try (ScriptReader reader = ScriptReader.open(
                bodies.open(revision), revision.script().file(), section, standardConformingStrings)) {
            int i = 0;
            scripts.begins();
            counted.forget();
            scriptSetsLockTimeout = false;
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                scriptSetsLockTimeout |= ScriptRunner.speaksOfLockTimeout(piece.statement());
                if (i < next) {
                    skip(piece);
                } else if (!reach(i, piece)) {
                    return false;
                }
                i++;
            }
            replay = false;
            return true;
        } catch (ScriptSyntaxException e) {
            session.rollback();
            throw StepFailedException.of(e);
        } catch (IOException | UncheckedIOException e) {
            session.rollback();
            throw StepFailedException.of(revision.script(), e);
        }
    }

    private boolean reach(int i, Piece piece) throws StepFailedException, SQLException, IOException {
        replay = false;
        Bookmark interrupted = doubt;
        if (interrupted != null) {
            doubt = null;
            if (tookEffect(interrupted, piece)) {
                done(i);
                return true;
            }
            alone.add(i);
        }
        if (alone.contains(i) || refuses(piece.statement())) {
            runAlone(i, piece);
            return true;
        }
        return runTogether(i, piece);
    }

    private boolean refuses(Statement statement) {
        return statement.traits().refusesTransaction(serverMajorVersion);
    }

    /** Within the transaction of the statements around it; one of its own where the header asks for that. */
    private boolean runTogether(int i, Piece piece) throws StepFailedException, SQLException, IOException {
        settled = true;
        if (session.inTransaction() && revision.transactionMode() == TransactionMode.NONE) {
            record(i, Bookmark.State.NEXT, List.of());
        }
        if (!session.inTransaction()) {
            if (unrecorded) {
                record(i, Bookmark.State.NEXT, List.of());
            }
            beginTogether();
        }
        try {
            scripts.execute(piece, counted);
        } catch (StepFailedException e) {
            if (ScriptRunner.refusedTransaction(e)) {
                session.rollback();
                ledger.rolledBack();
                notes.accept(e.where() + ": refuses a transaction here, so it runs outside of one");
                alone.add(i);
                return false;
            }
            throw e;
        }
        return true;
    }

    /** Like any transaction: nobody is to queue behind one that waits for a table. A script's own timeout stands. */
    private void beginTogether() throws SQLException, StepFailedException {
        if (lifted && !scriptSetsLockTimeout) {
            RanAlone.waitForLocks(session, String.valueOf(settings.value("lock_timeout")));
            lifted = false;
        }
        lock.begin();
        if (locks.again()) {
            ledger.requireUnmoved();
        }
        if (!scriptSetsLockTimeout) {
            locks.arm(settings, pipeline);
        }
    }

    /** What runs alone waits as long as it takes, unless the script says otherwise. */
    private void liftTimeout() throws SQLException {
        if (!scriptSetsLockTimeout) {
            RanAlone.waitForLocks(session, "0");
            lifted = true;
        }
    }

    private void runAlone(int i, Piece piece) throws StepFailedException, SQLException, IOException {
        RanAlone statement = ranAlone(piece);
        List<String> before = statement.before();
        record(i, Bookmark.State.STARTED, before);
        settled = false;
        liftTimeout();
        unanswered = true;
        try {
            scripts.execute(piece, counted);
        } catch (StepFailedException e) {
            settled = statement.tidiedUp(e, before);
            unanswered = !settled;
            throw e;
        }
        if (piece.statement().traits().command().equals("DISCARD ALL")) {
            lock.takeAgain();
        }
        done(i);
    }

    private RanAlone ranAlone(Piece piece) {
        return new RanAlone(session, ledger, notes, piece.statement());
    }

    private boolean tookEffect(Bookmark interrupted, Piece piece) throws StepFailedException {
        try {
            liftTimeout();
        } catch (SQLException e) {
            throw StepFailedException.of(piece.statement().start(), e);
        }
        return ranAlone(piece).tookEffect(interrupted);
    }

    private void done(int i) {
        settled = true;
        unanswered = false;
        next = i + 1;
        unrecorded = true;
        counted.keep();
    }

    /** After a failure, once it is rolled back: where nothing is in doubt, the rest of the script may be mended. */
    void recordFailure() {
        try {
            if (!settled || lost || session.connection().isClosed()) {
                return;
            }
            if (next > 0) {
                record(next, Bookmark.State.FAILED, List.of());
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
    private void record(int i, Bookmark.State state, List<String> before) throws SQLException, StepFailedException {
        begin();
        String done = state == Bookmark.State.FAILED ? fingerprint(i).hash() : "";
        ledger.write(new Bookmark(
                section,
                revision.id(),
                i,
                state,
                fingerprint.hash(),
                done,
                ledger.rowsText(),
                before,
                ledger.comment()));
        commit();
        ledger.committed(ledger.rows());
        next = i;
        unrecorded = false;
        counted.keep();
        locks = new TableLocks(session, patience);
    }

    /** A server that answers has not committed; without an answer, or where a wrapper throws, nobody knows. */
    private void commit() throws SQLException {
        try {
            session.commit();
        } catch (SQLException e) {
            lost = session.connection().isClosed();
            throw e;
        } catch (RuntimeException e) {
            lost = true;
            throw e;
        }
    }

    private void begin() throws SQLException {
        // with what it commits, which may hold tables, it must not wait long; alone nobody minds
        String timeout = session.inTransaction() ? locks.timeoutOfOurs() : "0";
        lock.begin();
        String user = settings.user();
        String role = settings.role();
        Queries.query(session.connection(), ACT_AS_OURSELVES, ResultSet::next, user, user, role, role, timeout);
    }

    /** What took effect already is stepped over; only what it set is set again, where that was in another session. */
    private void skip(Piece piece) throws StepFailedException, SQLException, IOException {
        Statement statement = piece.statement();
        StatementTraits traits = statement.traits();
        boolean sets = (traits.kind() == StatementKind.SESSION_SETTING
                        && !traits.command().equals("DISCARD"))
                || SELECTS_A_SETTING.matcher(statement.text()).matches();
        if (replay && sets) {
            scripts.execute(piece, counted);
        }
    }
}
