package org.keops.automigrate.script;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the server tells about the place of an error in a statement. Immutable and thread-safe.
 *
 * <p>An error position points at it; where an inner statement failed there are its text and a position in that, or only a
 * line of the code; and where there is nothing of all that, the message quotes a name.
 *
 * @param sqlState PostgreSQL's code for the error
 * @param message the primary message
 * @param position the position in the statement, in characters from 1, or 0
 * @param innerQuery the text of the inner statement that failed, or null
 * @param innerPosition the position in that, in characters from 1, or 0
 * @param context what the server was about, innermost first, or null
 */
public record Fault(
        String sqlState,
        String message,
        int position,
        @Nullable String innerQuery,
        int innerPosition,
        @Nullable String context) {
    /** A statement of this length is not searched for a name. */
    private static final int LONGEST = 1 << 20;

    private static final String PROTOCOL_VIOLATION = "08P01";

    /** The line of the code and, in whatever language, the keyword of PL/pgSQL that stands last. */
    private static final Pattern LINE =
            Pattern.compile("inline_code_block\\D*?(\\d+)(?:.* ([A-Z]+)$)?", Pattern.MULTILINE);

    /** Where the context begins to quote an inner statement; what follows is the line of the code that holds it. */
    private static final Pattern INNER = Pattern.compile("^[^\"«»„\\n]*SQL[^\"«»„\\n]*[\"«»„]\\s?", Pattern.MULTILINE);

    private static final Pattern COPY_LINE = Pattern.compile("\\A\\S+ (\\d+)");

    /** Behind the name of a routine that is being made. */
    private static final Pattern LINE_OF_ROUTINE = Pattern.compile("[\"«“»] \\D*?(\\d+)\\D*\\z");

    /**
     * Finds the token that is meant.
     *
     * @param statement the statement that failed
     * @return its position in {@link Statement#text()}, in characters (code points) from 1; 1 if nothing tells
     */
    public int positionIn(Statement statement) {
        if (position > 0) {
            return position;
        }
        if (statement.text().length() > LONGEST) {
            return 1;
        }
        Body body = Body.of(statement);
        int at = body == null ? -1 : in(body);
        if (at < 0 && (context == null || !statement.traits().command().equals("DO"))) {
            at = Names.of(statement).meantBy(this);
        }
        if (at < 0 && sqlState.equals(PROTOCOL_VIOLATION)) {
            at = parameter(statement);
        }
        return at < 0 ? 1 : statement.text().codePointCount(0, at) + 1;
    }

    /** Where {@code $1} stands: nobody gives it a value. */
    private static int parameter(Statement statement) {
        for (Lexemes.Lexeme lexeme : Lexemes.of(statement.text(), statement.standardConformingStrings())) {
            if (lexeme.token() == Token.NUMBER && statement.text().charAt(lexeme.from()) == '$') {
                return lexeme.from();
            }
        }
        return -1;
    }

    /**
     * The line of the data of {@code COPY} that the server refused.
     *
     * @param statement the COPY statement
     * @return the line, from 1, or 0 if it is not the data that failed
     */
    public int lineOfCopy(Statement statement) {
        if (context == null) {
            return 0;
        }
        for (Names.Name name : Names.of(statement).all()) {
            // what the row made a trigger do stands before it
            String prefix = "\nCOPY " + name.parts().get(name.parts().size() - 1) + ", ";
            int at = ("\n" + context).indexOf(prefix);
            if (at >= 0) {
                Matcher line = COPY_LINE.matcher(context.substring(at + prefix.length() - 1));
                return line.find() ? Integer.parseInt(line.group(1)) : 0;
            }
        }
        return 0;
    }

    private int in(Body body) {
        String said = context == null ? "" : context;
        Matcher line = LINE.matcher(said);
        boolean running = line.find();
        Matcher making = LINE_OF_ROUTINE.matcher(said);
        boolean known = running || (innerQuery == null && making.find());
        int number = running ? Integer.parseInt(line.group(1)) : known ? Integer.parseInt(making.group(1)) : 1;
        int from = body.startOfLine(number);
        int at = -1;
        if (innerQuery != null && innerPosition > 0) {
            int wanted = Math.min(innerPosition - 1, innerQuery.codePointCount(0, innerQuery.length()));
            at = body.find(innerQuery, from, innerQuery.offsetByCodePoints(0, wanted));
        } else if (known) {
            String inner = running ? innerStatement(said, line.start()) : "";
            String keyword = running ? line.group(2) : null;
            at = !inner.isEmpty()
                    ? body.find(inner, from, named(inner, said))
                    : keyword == null ? body.named(message, from) : keyword(body, from, keyword);
        }
        if (at < 0 && known) {
            at = body.firstOfLine(number);
        }
        return at < 0 ? -1 : body.place(at);
    }

    /** Where in an inner statement the name stands that the message quotes, if it was that statement itself that failed. */
    private int named(String inner, String context) {
        Matcher first = INNER.matcher(context);
        boolean itself = first.find() && first.start() == 0 && context.startsWith(inner, first.end());
        return itself ? Math.max(0, Names.in(inner, true).quotedIn(message)) : 0;
    }

    /** The statement that is quoted just before the line of the code, or nothing. */
    private static String innerStatement(String context, int line) {
        String before =
                context.substring(0, context.lastIndexOf('\n', line) + 1).stripTrailing();
        String inner = "";
        for (Matcher quoted = INNER.matcher(before); quoted.find(); ) {
            inner = before.substring(quoted.end(), Math.max(quoted.end(), before.length() - 1));
        }
        return inner.strip();
    }

    private static int keyword(Body body, int from, String keyword) {
        int end = body.code().indexOf('\n', from);
        String line = body.code().substring(from, end < 0 ? body.code().length() : end);
        Matcher word = Pattern.compile("\\b" + keyword + "\\b", Pattern.CASE_INSENSITIVE)
                .matcher(line);
        return word.find() ? from + word.start() : -1;
    }
}
