package org.keops.automigrate.postgres.execution;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.ServerNotice;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.postgres.version.TransactionRows;
import org.keops.automigrate.script.Effect;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.script.Statement;
import org.keops.automigrate.script.StatementKind;
import org.keops.automigrate.script.StatementTraits;
import org.postgresql.PGConnection;

/** Reads a section of a script and sends its statements, and says where it failed. Used by one thread. */
final class ScriptRunner {
    private static final String SET_CONFIG = "set_config";
    private static final Set<String> MAY_CALL = Set.of("DO", "CALL", "SELECT");
    private static final Set<String> MAY_RETURN_MUCH = Set.of("SELECT", "WITH", "TABLE", "VALUES");
    private static final Set<String> MAY_RETURN_WHAT_THEY_CHANGE = Set.of("INSERT", "UPDATE", "DELETE");
    /** The first words of commands that never return rows, whatever follows; there are more. */
    private static final Set<String> ROWLESS =
            Set.of("CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "TRUNCATE");

    private final Session session;
    private final Connection connection;
    private final Pipeline pipeline;
    private final RevisionBodies bodies;
    private final Notices notices;
    private final boolean showStatements;
    private final Pace pace;
    private final Backslashes backslashes;
    private boolean changedSettings;
    private boolean ownTimeout;

    ScriptRunner(
            Session session,
            Pipeline pipeline,
            RevisionBodies bodies,
            Consumer<ServerNotice> notices,
            boolean showStatements,
            Pace pace) {
        this.session = session;
        this.connection = session.connection();
        this.pipeline = pipeline;
        this.bodies = bodies;
        this.notices = new Notices(notices);
        this.showStatements = showStatements;
        this.pace = pace;
        this.backslashes = new Backslashes(pipeline);
    }

    /** Whether the last script may have changed settings of the session. */
    boolean changedSettings() {
        return changedSettings;
    }

    /** What comes now is the first of a script. */
    void begins() {
        changedSettings = false;
        ownTimeout = false;
    }

    /**
     * Runs a section; its last statements may still be on their way when this returns.
     *
     * @param rows told of each statement before it is sent
     */
    void run(Revision revision, Section section, StepRun step, TransactionRows rows)
            throws StepFailedException, SQLException {
        Code code = bodies.code(revision, section);
        if (code != null) {
            rows.beforeCode();
            run(revision, code, step);
            return;
        }
        begins();
        boolean standardConformingStrings = pipeline.mayHaveStandardStrings(true);
        requireSound(revision, section);
        try {
            List<Piece> known = bodies.known(revision, section, standardConformingStrings);
            if (known == null) {
                read(revision, section, standardConformingStrings, step, rows);
            } else {
                for (Piece piece : known) {
                    rows.before(piece.statement());
                    send(piece, step);
                }
            }
        } catch (ScriptSyntaxException e) {
            // what stands before it may have failed, too
            pipeline.flush();
            throw StepFailedException.of(e);
        } catch (IOException | UncheckedIOException e) {
            throw StepFailedException.of(revision.script(), e);
        }
    }

    private void requireSound(Revision revision, Section section) throws StepFailedException, SQLException {
        try {
            bodies.requireSound(revision, section);
        } catch (StepFailedException e) {
            // what stands before it may have failed, too
            pipeline.flush();
            throw e;
        }
    }

    private void read(
            Revision revision, Section section, boolean standardConformingStrings, StepRun step, TransactionRows rows)
            throws StepFailedException, SQLException, IOException {
        String file = revision.script().file();
        try (ScriptReader reader = ScriptReader.open(bodies.open(revision), file, section, standardConformingStrings);
                PiecesAhead pieces = new PiecesAhead(reader)) {
            for (Piece piece = pieces.next(); piece != null; piece = pieces.next()) {
                rows.before(piece.statement());
                send(piece, step);
            }
            reader.finish();
        }
    }

    private void run(Revision revision, Code code, StepRun step) throws StepFailedException, SQLException {
        changedSettings = true; // nobody knows
        ownTimeout = false;
        pipeline.flush();
        step.reached();
        try {
            step.executed(CodeRunner.run(revision, code, session));
        } catch (SQLException e) {
            throw StepFailedException.of(revision.script(), e);
        }
    }

    /** Whether a statement failed for no other reason than that it stood in a transaction. */
    static boolean refusedTransaction(StepFailedException failed) {
        return StatementFailure.NEEDS_TO_RUN_OUTSIDE.contains(String.valueOf(failed.sqlState()));
    }

    /** Executes one statement, as the session stands, and waits for its answer. */
    void execute(Piece piece, StepRun step) throws StepFailedException, SQLException, IOException {
        send(piece, step);
        pipeline.flush();
    }

    private void send(Piece piece, StepRun step) throws StepFailedException, SQLException, IOException {
        Statement statement = piece.statement();
        StatementTraits traits = statement.traits();
        backslashes.requireReadAlike(statement);
        noteSettings(statement, traits);
        refuseInvalidIndex(statement, traits);
        Reply reply = new StatementReply(piece, step);
        try {
            session.requireGoing();
        } catch (SQLException e) {
            reply.failed(e);
        }
        if (piece instanceof Piece.CopyFromStdin copy) {
            copy(copy, reply, step);
        } else if (traits.kind() == StatementKind.COPY_TO_STDOUT) {
            copyToNobody(statement, reply);
        } else if (MAY_RETURN_MUCH.contains(traits.command()) && returnsRowsOfTables(statement, traits)) {
            pipeline.sendQuery(statement.text(), reply);
        } else {
            pipeline.send(statement.text(), statement.byteLength(), isRowless(statement, traits), reply);
        }
    }

    private void refuseInvalidIndex(Statement statement, StatementTraits traits)
            throws StepFailedException, SQLException {
        if (!traits.indexIfNotExists()) {
            return;
        }
        Effect effect = Effect.of(statement);
        if (effect instanceof Effect.IndexMade made && made.ifNotExists()) {
            pipeline.flush();
            try {
                Aftermath.refuseInvalidIndex(connection, effect);
            } catch (SQLException e) {
                throw StepFailedException.of(statement.start(), ServerMessage.of(e));
            }
        }
    }

    private void copy(Piece.CopyFromStdin copy, Reply reply, StepRun step)
            throws StepFailedException, SQLException, IOException {
        pipeline.flush();
        reply.begins();
        pace.copies(copy.data());
        try {
            String text = copy.statement().text();
            long rows = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(text, copy.data());
            tellWarnings(reply);
            step.copied(rows);
            reply.done(rows);
        } catch (SQLException e) {
            reply.failed(e);
        }
    }

    /** The rows go where those of a query go: nobody asked for them. */
    private void copyToNobody(Statement statement, Reply reply) throws StepFailedException, SQLException, IOException {
        pipeline.flush();
        reply.begins();
        try {
            OutputStream nobody = OutputStream.nullOutputStream();
            long rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement.text(), nobody);
            tellWarnings(reply);
            reply.done(rows);
        } catch (SQLException e) {
            reply.failed(e);
        }
    }

    private void tellWarnings(Reply reply) throws SQLException {
        for (SQLWarning said = connection.getWarnings(); said != null; said = said.getNextWarning()) {
            reply.said(said);
        }
        connection.clearWarnings();
    }

    private static boolean returnsRowsOfTables(Statement statement, StatementTraits traits) {
        return !traits.command().equals("SELECT") || mentionsFrom(statement.text());
    }

    private static boolean mentionsFrom(String text) {
        for (int at = 0; at <= text.length() - 4; at++) {
            if ((text.charAt(at) | 0x20) == 'f' && text.regionMatches(true, at, "from", 0, 4)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it surely returns no rows; a rule that adds some does not make them arrive where none are expected. */
    private static boolean isRowless(Statement statement, StatementTraits traits) {
        String command = traits.command();
        if (MAY_RETURN_WHAT_THEY_CHANGE.contains(command)) {
            return !statement.mentions("RETURNING", "RETURNIN".length());
        }
        int end = command.indexOf(' ');
        return ROWLESS.contains(end < 0 ? command : command.substring(0, end));
    }

    /** What may run a function may change a setting: functions are looked for by the commands that call them. */
    private void noteSettings(Statement statement, StatementTraits traits) {
        boolean speaks = statement.mentionsAny(SET_CONFIG, Settings.LOCK_TIMEOUT);
        boolean calls = MAY_CALL.contains(traits.command()) || (speaks && statement.mentions(SET_CONFIG));
        if (calls) {
            backslashes.maybeSet();
        }
        changedSettings |= calls
                || traits.kind() == StatementKind.SESSION_SETTING
                || traits.kind() == StatementKind.LOCAL_SETTING
                || traits.kind() == StatementKind.TRANSACTION_SETTING;
        ownTimeout |= speaks && speaksOfLockTimeout(statement);
    }

    /** Whether a script has a lock_timeout of its own from this statement on, as far as its text tells. */
    static boolean speaksOfLockTimeout(Statement statement) {
        return statement.mentions(Settings.LOCK_TIMEOUT);
    }

    /** What becomes of a statement of a script. */
    private final class StatementReply implements Reply {
        private final Piece piece;
        private final StepRun step;
        private final boolean hasOwnTimeout;

        StatementReply(Piece piece, StepRun step) {
            this.piece = piece;
            this.step = step;
            this.hasOwnTimeout = ownTimeout;
        }

        @Override
        public void sent() {
            pace.sent(piece.statement(), step);
        }

        @Override
        public void begins() {
            step.reached();
            pace.begins(piece.statement(), step);
        }

        @Override
        public void said(SQLWarning notice) {
            notices.of(piece, notice);
        }

        @Override
        public void done(long rows) {
            step.executed();
            pace.done();
        }

        @Override
        public void failed(SQLException failure) throws StepFailedException {
            step.failed();
            Revision revision = step.revision();
            throw StatementFailure.of(
                            piece, failure, showStatements, revision == null ? null : () -> bodies.open(revision))
                    .during(piece.statement().text(), hasOwnTimeout);
        }
    }
}
