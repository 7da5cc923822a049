package org.keops.automigrate.script;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.TransactionMode;

/**
 * What can be known of a section before it runs: whether it can be read, whether it needs to run outside a transaction,
 * and what in it would break the promise that a script and its version rows commit together. Immutable and thread-safe.
 *
 * @param refusesTransaction whether it has to run outside a transaction
 * @param problems what is wrong with it, in the order of the text
 */
public record ScriptCheck(boolean refusesTransaction, List<Problem> problems) {

    /** What stands for a body that nobody has written yet; no server takes it for a statement either. */
    private static final String UNWRITTEN = "TODO";

    /** Copies its parts. */
    public ScriptCheck {
        problems = List.copyOf(problems);
    }

    /**
     * Reads a section of a revision's script, and on to the script's end.
     *
     * @param revision the revision
     * @param bodies opens the script
     * @param section the section
     * @param dialect how the server reads it
     * @return what was found
     * @throws IOException if the script can not be read
     */
    public static ScriptCheck of(Revision revision, ScriptBodies bodies, Section section, Dialect dialect)
            throws IOException {
        return of(revision, bodies, section, dialect, piece -> {});
    }

    /**
     * Reads a section of a revision's script, and on to the script's end.
     *
     * @param revision the revision
     * @param bodies opens the script
     * @param section the section
     * @param dialect how the server reads it
     * @param seen told each piece; not to read its data
     * @return what was found
     * @throws IOException if the script can not be read
     */
    public static ScriptCheck of(
            Revision revision, ScriptBodies bodies, Section section, Dialect dialect, Consumer<Piece> seen)
            throws IOException {
        boolean outside = revision.transactionMode() == TransactionMode.NONE;
        List<Problem> problems = new ArrayList<>();
        try (ScriptReader reader = ScriptReader.open(
                bodies.open(revision), revision.script().file(), section, dialect.standardConformingStrings())) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                seen.accept(piece);
                Statement statement = piece.statement();
                StatementTraits traits = statement.traits();
                boolean refuses = traits.refusesTransaction(dialect.serverMajorVersion());
                outside |= refuses && revision.transactionMode() != TransactionMode.REQUIRED;
                addProblems(problems, statement, traits, refuses, revision.transactionMode());
            }
            reader.finish();
        } catch (ScriptSyntaxException e) {
            problems.add(e.problem());
        }
        return new ScriptCheck(outside, problems);
    }

    private static void addProblems(
            List<Problem> problems,
            Statement statement,
            StatementTraits traits,
            boolean refusesTransaction,
            TransactionMode mode) {
        if (traits.command().equals(UNWRITTEN)) {
            problems.add(new Problem(statement.start(), "is still to be written: " + UNWRITTEN + " is no SQL"));
        }
        if (refusesTransaction && mode == TransactionMode.REQUIRED) {
            problems.add(contradiction(statement, traits));
        }
        if (breaksTransaction(traits)) {
            problems.add(transactionControl(statement, traits, mode));
        }
    }

    private static boolean breaksTransaction(StatementTraits traits) {
        return traits.kind() == StatementKind.TRANSACTION_START
                || traits.kind() == StatementKind.TRANSACTION_END
                || traits.kind() == StatementKind.TRANSACTION_SETTING;
    }

    private static Problem contradiction(Statement statement, StatementTraits traits) {
        return new Problem(
                statement.start(),
                traits.command()
                        + " cannot run inside a transaction, but the header says Transactional: yes; take one of"
                        + " the two away");
    }

    private static Problem transactionControl(Statement statement, StatementTraits traits, TransactionMode mode) {
        return new Problem(
                statement.start(),
                traits.command()
                        + (mode == TransactionMode.NONE
                                ? " would break the record of how far the script has come; take it out: with"
                                        + " Transactional: no each statement commits by itself"
                                : " would break the transaction that the script and its version row share; take it"
                                        + " out"));
    }
}
