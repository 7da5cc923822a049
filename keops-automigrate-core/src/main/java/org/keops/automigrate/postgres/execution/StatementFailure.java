package org.keops.automigrate.postgres.execution;

import java.io.InputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.ServerNotice;
import org.keops.automigrate.postgres.failure.ServerReport;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.CopyRows;
import org.keops.automigrate.script.Fault;
import org.keops.automigrate.script.Literals;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.Shown;
import org.keops.automigrate.script.Statement;

/** Tells a person which token of a script the server means, and what it says of it. Stateless. */
final class StatementFailure {
    static final Set<String> NEEDS_TO_RUN_OUTSIDE = Set.of(
            "25001", // cannot run inside a transaction block; for some statements only the catalog tells
            "2D000"); // a procedure that commits

    private StatementFailure() {}

    /**
     * Puts together what to tell.
     *
     * @param script opens the script that the statement is of, or null if that can not be done
     */
    static StepFailedException of(
            Piece piece, SQLException failure, boolean showStatement, @Nullable Callable<InputStream> script) {
        Statement statement = piece.statement();
        Fault fault = ServerReport.fault(failure);
        Location where = script == null ? place(piece, fault) : place(piece, fault, script);
        if (statement.traits().secret()) {
            String message = "a statement that may hold a password failed, so what the server said of it is not shown";
            return StepFailedException.of(where, failure, message, Particulars.NONE);
        }
        List<String> literals = Literals.of(statement);
        boolean data = fault.lineOfCopy(statement) > 0;
        Particulars particulars = ServerReport.of(
                failure,
                literals,
                data ? null : Shown.line(statement, fault.positionIn(statement)),
                showStatement ? Shown.text(statement) : null);
        return StepFailedException.of(where, failure, message(statement, failure, literals), particulars);
    }

    static ServerNotice notice(Piece piece, SQLException notice) {
        Statement statement = piece.statement();
        boolean warning = String.valueOf(notice.getSQLState()).startsWith("01");
        String message = statement.traits().secret()
                ? "said of a statement that may hold a password, so it is not shown"
                : shown(statement, notice, Literals.of(statement));
        return new ServerNotice(place(piece, ServerReport.fault(notice)), warning, message);
    }

    /** The row that is meant starts somewhere else than on the line that the server names, if rows have several lines. */
    private static Location place(Piece piece, Fault fault, Callable<InputStream> script) {
        int line = fault.lineOfCopy(piece.statement());
        try {
            return line > 0 && piece instanceof Piece.CopyFromStdin copy
                    ? CopyRows.find(copy, script.call(), line)
                    : place(piece, fault);
        } catch (Exception e) { // it can not be read again; the server's line is the next best
            return place(piece, fault);
        }
    }

    private static Location place(Piece piece, Fault fault) {
        Statement statement = piece.statement();
        if (piece instanceof Piece.CopyFromStdin copy) {
            int line = fault.lineOfCopy(statement);
            if (line > 0) {
                Location first = copy.firstLine();
                return new Location(first.file(), first.line() + line - 1, 0);
            }
        }
        return statement.locate(fault.positionIn(statement));
    }

    /** A function may have put values that it was given into what it says; what {@code DO} says is the script's own. */
    private static String shown(Statement statement, SQLException said, List<String> literals) {
        String message = ServerMessage.of(said);
        boolean given =
                ServerReport.ofCode(said) && !statement.traits().command().equals("DO");
        return given ? Redaction.ofSecrets(message, literals) : Redaction.ofLiterals(message, literals);
    }

    private static String message(Statement statement, SQLException failure, List<String> literals) {
        String shown = shown(statement, failure, literals);
        return NEEDS_TO_RUN_OUTSIDE.contains(String.valueOf(failure.getSQLState()))
                ? shown + "; say Transactional: no in the header"
                : shown;
    }
}
