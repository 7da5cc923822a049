package org.keops.automigrate.postgres.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
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

    private final Session session;
    private final MigrationLock lock;
    private final ScriptRunner scripts;
    private final StepRun counted;
    private final Ledger ledger;
    private final Step step;
    private final Consumer<String> notes;
    private final StepScript script;
    private final int serverMajorVersion;
    private final int statements;
    private final Standing standing;
    private final LockWaits waits;
    private final Bookkeeping record;

    /** The statements that the server refused in a transaction, or that ran alone in an earlier boot, counted from 0. */
    private final Set<Integer> alone = new HashSet<>();

    /** Whether an earlier boot ran what is skipped now, so that its settings are not in this session. */
    private boolean replay;

    /** Whether the record of an earlier boot has been looked at. */
    private boolean resumed;

    /** The record of an earlier boot, until it is known what became of the statement that it was at. */
    private @Nullable Bookmark doubt;

    OutsideRun(Shared shared, Step step, StepRun counted) throws StepFailedException, SQLException {
        this.session = shared.session();
        this.lock = shared.lock();
        this.scripts = shared.scripts();
        this.ledger = shared.ledger();
        this.notes = shared.watch().notes();
        this.step = step;
        this.counted = counted;
        this.script = StepScript.of(step, shared.bodies(), session.dialect().standardConformingStrings());
        this.serverMajorVersion = session.serverMajorVersion();
        Settings settings = session.settings(false);
        SectionFingerprint fingerprint = script.fingerprint();
        this.statements = fingerprint.statements();
        this.standing = new Standing(statements);
        this.waits = new LockWaits(shared, settings);
        this.record = new Bookkeeping(shared, settings, script, fingerprint, standing, waits);
    }

    /**
     * Runs what has not run yet, up to the version rows, which the caller commits together with the last statements. After
     * a failure it may be called again, if it was {@link LockWaits#worthAnotherTry}.
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
            waits.begin();
        }
        waits.armForRows();
    }

    /** How long it waits for locks, and whether a failure is one that trying again may help. */
    LockWaits waits() {
        return waits;
    }

    /** What is to be said of a failure: what is committed, and where the next boot goes on. */
    String consequence() {
        return standing.consequence();
    }

    /** After a failure, once it is rolled back: where nothing is in doubt, the rest of the script may be mended. */
    void recordFailure() {
        record.failed();
    }

    private void resume() throws StepFailedException {
        Bookmark left = record.left(step);
        if (left == null) {
            return;
        }
        standing.goesOnAt(left.statement());
        replay = left.statement() > 0;
        doubt = left.state() == Bookmark.State.STARTED ? left : null;
        notes.accept(left + " goes on at statement " + (left.statement() + 1) + " of " + statements
                + ", where an earlier boot ended");
    }

    /** Reads the section once; false if it has to be read again, because a statement turned out to refuse a transaction. */
    private boolean pass() throws StepFailedException, SQLException {
        try (ScriptReader reader = script.open()) {
            int i = 0;
            scripts.begins();
            counted.forget();
            waits.scriptBegins();
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                waits.scriptReaches(piece.statement());
                if (i < standing.next()) {
                    skip(piece);
                } else if (!reach(i, piece)) {
                    return false;
                }
                i++;
            }
            reader.finish();
            replay = false;
            return true;
        } catch (ScriptSyntaxException | IOException | UncheckedIOException e) {
            session.rollback();
            throw script.failed(e);
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
        standing.settled();
        if (session.inTransaction() && script.revision().transactionMode() == TransactionMode.NONE) {
            commitBefore(i);
        }
        if (!session.inTransaction()) {
            if (standing.isUnrecorded()) {
                commitBefore(i);
            }
            waits.begin();
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

    private void commitBefore(int i) throws StepFailedException, SQLException {
        record.next(i);
        counted.keep();
    }

    private void runAlone(int i, Piece piece) throws StepFailedException, SQLException, IOException {
        RanAlone statement = ranAlone(piece);
        List<String> before = statement.before();
        record.starts(i, before);
        counted.keep();
        standing.mayHaveStarted();
        waits.lift();
        standing.started();
        try {
            scripts.execute(piece, counted);
        } catch (StepFailedException e) {
            standing.failed(statement.tidiedUp(e, before));
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
            waits.lift();
        } catch (SQLException e) {
            throw StepFailedException.of(piece.statement().start(), e);
        }
        return ranAlone(piece).tookEffect(interrupted);
    }

    private void done(int i) {
        standing.tookEffect(i);
        counted.keep();
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
