package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.model.Location;

/** The statements within a text that is no script: it has neither sections nor psql's lines nor data. Stateless. */
public final class StatementTexts {
    private StatementTexts() {}

    /**
     * Takes a text apart.
     *
     * @param sql the text, as it is to be sent
     * @param standardConformingStrings the session's setting of that name
     * @param source where it comes from
     * @return its statements
     * @throws ScriptSyntaxException if something in it is not ended
     */
    public static List<Statement> of(String sql, boolean standardConformingStrings, Location source) {
        try {
            return read(sql, standardConformingStrings, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
    }

    private static List<Statement> read(String sql, boolean standardConformingStrings, Location source)
            throws IOException {
        ByteWindow window = new ByteWindow(sql.getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, standardConformingStrings);
        StatementShape shape = new StatementShape(lexer);
        List<Statement> statements = new ArrayList<>();
        int start = -1;
        shape.begin();
        for (Token token = lexer.next(); ; token = lexer.next()) {
            boolean ends = token == Token.END || (token == Token.SEMICOLON && shape.isClosed());
            int at = window.tokenIndex();
            if (ends && start >= 0) {
                String text = new String(window.bytes, start, at - start, StandardCharsets.UTF_8);
                statements.add(new Statement(text, source, start, at - start, standardConformingStrings));
                start = -1;
                shape.begin();
            }
            if (token == Token.END) {
                return statements;
            }
            if (!ends && token != Token.UPGRADE_LINE && token != Token.DOWNGRADE_LINE) {
                start = start < 0 ? at : start;
                shape.accept(token);
            }
        }
    }
}
