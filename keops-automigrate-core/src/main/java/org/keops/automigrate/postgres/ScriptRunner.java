package org.keops.automigrate.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.script.Literals;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.script.Statement;
import org.keops.automigrate.script.StatementKind;
import org.keops.automigrate.script.StatementTraits;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Runs a section of a script, one statement after the other, and says where it failed. Used by one thread. */
final class ScriptRunner {
    private static final Set<String> MAY_CALL = Set.of("DO", "CALL", "SELECT");
    private static final Set<String> NEEDS_TO_RUN_OUTSIDE = Set.of(
            "25001", // cannot run inside a transaction block; for some statements only the catalog tells
            "2D000"); // a procedure that commits

    private final Session session;
    private final Connection connection;
    private final RevisionBodies bodies;
    private boolean changedSettings;

    ScriptRunner(Session session, RevisionBodies bodies) {
        this.session = session;
        this.connection = session.connection();
        this.bodies = bodies;
    }

    /** Whether the last script may have changed settings of the session. */
    boolean changedSettings() {
        return changedSettings;
    }

    /**
     * Runs a section.
     *
     * @return how many statements the server executed
     */
    int run(Revision revision, Section section) throws StepFailedException {
        Code code = bodies.code(revision, section);
        if (code != null) {
            changedSettings = true; // nobody knows
            return run(revision, code);
        }
        changedSettings = false;
        String file = revision.script().file();
        int statements = 0;
        try (ScriptReader reader = ScriptReader.open(
                bodies.open(revision), file, section, session.dialect().standardConformingStrings())) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                execute(piece);
                statements++;
            }
        } catch (ScriptSyntaxException e) {
            throw StepFailedException.of(e);
        } catch (SQLException e) {
            throw StepFailedException.of(revision.script(), e, String.valueOf(e.getMessage()));
        } catch (IOException | UncheckedIOException e) {
            throw StepFailedException.of(revision.script(), e);
        }
        return statements;
    }

    private int run(Revision revision, Code code) throws StepFailedException {
        try {
            return CodeRunner.run(revision, code, session);
        } catch (SQLException e) {
            throw StepFailedException.of(revision.script(), e, ServerMessage.of(e));
        }
    }

    private void execute(Piece piece) throws StepFailedException, IOException {
        Statement statement = piece.statement();
        noteSettings(statement);
        try {
            session.requireGoing();
            if (piece instanceof Piece.CopyFromStdin copy) {
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement.text(), copy.data());
            } else {
                Queries.execute(connection, statement.text());
            }
        } catch (SQLException e) {
            throw StepFailedException.of(place(piece, e), e, message(statement, e));
        }
    }

    /** What may run a function may change a setting: functions are looked for by the commands that call them. */
    private void noteSettings(Statement statement) {
        StatementTraits traits = statement.traits();
        changedSettings |= traits.kind() == StatementKind.SESSION_SETTING
                || traits.kind() == StatementKind.LOCAL_SETTING
                || traits.kind() == StatementKind.TRANSACTION_SETTING
                || MAY_CALL.contains(traits.command())
                || statement.text().toLowerCase(Locale.ROOT).contains("set_config");
    }

    private static Location place(Piece piece, SQLException failure) {
        ServerErrorMessage answer = answer(failure);
        int position = answer == null ? 0 : answer.getPosition();
        return piece.statement().locate(Math.max(1, position));
    }

    private static String message(Statement statement, SQLException failure) {
        if (statement.traits().secret()) {
            return "a statement that may hold a password failed, so what the server said of it is not shown";
        }
        String shown = Redaction.ofLiterals(ServerMessage.of(failure), Literals.of(statement));
        return NEEDS_TO_RUN_OUTSIDE.contains(String.valueOf(failure.getSQLState()))
                ? shown + "; say Transactional: no in the header"
                : shown;
    }

    private static @Nullable ServerErrorMessage answer(SQLException failure) {
        return failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
    }
}
