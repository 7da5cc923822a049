package org.keops.automigrate.script;

/**
 * Follows one statement token by token to know where it ends: at a semicolon outside of parentheses and of
 * {@code BEGIN ATOMIC … END}.
 *
 * <p>The rules are those of psqlscan.l, which counts {@code BEGIN}, {@code CASE} and {@code END} only after
 * {@code CREATE [OR REPLACE] {FUNCTION|PROCEDURE}}, where only words without quotes are looked at. psql takes any {@code begin}, {@code case} or {@code end} there for
 * the keyword; here, as in the server's grammar, {@code BEGIN} counts only before {@code ATOMIC}, and no word counts
 * where it is a name, which is after a dot or {@code AS}. Not thread-safe.
 */
final class StatementShape {
    /** What the words so far make of the statement. */
    private enum Head {
        NOTHING,
        CREATE,
        CREATE_OR,
        CREATE_OR_REPLACE,
        ROUTINE,
        COPY,
        SETTING,
        SELECT,
        ANY
    }

    /** The token before, as far as the next one depends on it. */
    private enum Before {
        DOT,
        AS,
        BEGIN,
        FROM,
        ANY
    }

    private final Lexer lexer;
    private Head head = Head.NOTHING;
    private Before before = Before.ANY;
    private int parentheses;
    private int blocks;
    private boolean copyFromStdin;

    StatementShape(Lexer lexer) {
        this.lexer = lexer;
    }

    void begin() {
        head = Head.NOTHING;
        before = Before.ANY;
        parentheses = 0;
        blocks = 0;
        copyFromStdin = false;
    }

    /** Neither a parenthesis nor a block is open. */
    boolean isClosed() {
        return parentheses == 0 && blocks == 0;
    }

    /** The token just accepted opened what was closed. */
    boolean opensWith(Token token) {
        return token == Token.OPEN && parentheses == 1 && blocks == 0;
    }

    /** Lines of data follow the statement. */
    boolean isCopyFromStdin() {
        return copyFromStdin;
    }

    /** The statement may change how strings are to be read, or marks where to go back to. */
    boolean maySet() {
        return head == Head.SETTING;
    }

    void accept(Token token) {
        switch (token) {
            case WORD -> word();
            case OPEN -> parentheses++;
            case CLOSE -> parentheses = Math.max(0, parentheses - 1);
            default -> {}
        }
        if (token != Token.WORD) {
            before = token == Token.SYMBOL && lexer.first() == '.' ? Before.DOT : Before.ANY;
        }
    }

    private void word() {
        switch (head) {
            case ANY, SETTING -> {}
            case NOTHING -> head = firstWord();
            case CREATE -> head = lexer.wordIs("or") ? Head.CREATE_OR : routineOr();
            case CREATE_OR -> head = lexer.wordIs("replace") ? Head.CREATE_OR_REPLACE : Head.ANY;
            case CREATE_OR_REPLACE -> head = routineOr();
            case ROUTINE -> wordOfRoutine();
            case COPY -> wordOfCopy();
            case SELECT -> wordOfSelect();
        }
    }

    private Head firstWord() {
        return switch (lexer.first() | 0x20) {
            case 'c' -> lexer.wordIs("create") ? Head.CREATE : lexer.wordIs("copy") ? Head.COPY : Head.ANY;
            case 's' -> lexer.wordIs("select") ? Head.SELECT : settingIf("set", "savepoint");
            case 'r' -> lexer.wordIs("reset") ? Head.SETTING : settingIf("rollback", "release");
            case 'd' -> lexer.wordIs("discard") ? Head.SETTING : Head.ANY;
            default -> Head.ANY;
        };
    }

    private Head settingIf(String one, String other) {
        return lexer.wordIs(one) || lexer.wordIs(other) ? Head.SETTING : Head.ANY;
    }

    private Head routineOr() {
        return lexer.wordIs("function") || lexer.wordIs("procedure") ? Head.ROUTINE : Head.ANY;
    }

    private void wordOfRoutine() {
        Before was = before;
        before = lexer.wordIs("as") ? Before.AS : lexer.wordIs("begin") ? Before.BEGIN : Before.ANY;
        if (parentheses > 0 || was == Before.DOT || was == Before.AS) {
            return;
        }
        if ((was == Before.BEGIN && lexer.wordIs("atomic")) || (blocks > 0 && lexer.wordIs("case"))) {
            blocks++;
        } else if (blocks > 0 && lexer.wordIs("end")) {
            blocks--;
        }
    }

    private void wordOfCopy() {
        if (before == Before.FROM && parentheses == 0) { // the grammar takes STDOUT for STDIN here
            copyFromStdin = lexer.wordIs("stdin") || lexer.wordIs("stdout");
            head = Head.ANY;
        }
        before = lexer.wordIs("from") ? Before.FROM : Before.ANY;
    }

    /** {@code SELECT [pg_catalog.]set_config(…)}, the form in which pg_dump sets the search path. */
    private void wordOfSelect() {
        if (!lexer.wordIs("pg_catalog")) {
            head = lexer.wordIs("set_config") ? Head.SETTING : Head.ANY;
        }
    }
}
