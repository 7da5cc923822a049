package org.keops.automigrate.script;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.SourceLine;

/**
 * Reads one section of a script, statement by statement.
 *
 * <p>Memory holds one statement at a time, about four times its size while it is read; COPY data and comments between
 * statements pass through a window of 64 KiB or a little more, however long they are, save for blanks behind the {@code --}
 * and behind the name of a section: they are held until it is known what the line says, up to 1 GiB. The rules of the
 * language are {@link Lexer}'s and {@link StatementShape}'s.
 *
 * <p>Whatever cannot be read is a {@link ScriptSyntaxException} that says where it began. Not thread-safe.
 */
public final class ScriptReader implements Closeable {
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_SHOWN = 1 << 16;

    private final InputStream in;
    private final ByteWindow window;
    private final Lexer lexer;
    private final StatementShape shape;
    private final SectionTracker sections;
    private final boolean initialStrings;
    private StringSetting strings;
    private @Nullable Token pending;
    private @Nullable CopyData data;
    /** Where the statement begins that is read at the moment. */
    private @Nullable Location begun;
    /** Whether there was a literal: behind one, a quote that is missing or too much turns code and literals around. */
    private boolean literals;
    /** The parenthesis that is open at the moment, or the one before. */
    private @Nullable Location opened;

    private boolean atEnd;

    private ScriptReader(InputStream in, String file, Section wanted, boolean standardConformingStrings)
            throws IOException {
        this.in = in;
        this.initialStrings = standardConformingStrings;
        this.strings = new StringSetting(initialStrings);
        this.window = new ByteWindow(in, file, CHUNK);
        this.lexer = new Lexer(window, standardConformingStrings);
        this.shape = new StatementShape(lexer);
        this.sections = new SectionTracker(wanted);
        window.begin();
        window.skipByteOrderMark();
    }

    /**
     * Opens a script for a session with PostgreSQL's default for {@code standard_conforming_strings}, which is on.
     *
     * @param in the script; closed by {@link #close()}, and where it can not be read at all, at once
     * @param file its name, for messages
     * @param section the section to read; the other one is stepped over
     * @return the reader
     * @throws IOException if the input cannot be read
     */
    public static ScriptReader open(InputStream in, String file, Section section) throws IOException {
        return open(in, file, section, true);
    }

    /**
     * Opens a script.
     *
     * @param in the script; closed by {@link #close()}, and where it can not be read at all, at once
     * @param file its name, for messages
     * @param section the section to read; the other one is stepped over
     * @param standardConformingStrings the session's setting of that name before the script runs
     * @return the reader
     * @throws IOException if the input cannot be read
     */
    public static ScriptReader open(InputStream in, String file, Section section, boolean standardConformingStrings)
            throws IOException {
        try {
            return new ScriptReader(in, file, section, standardConformingStrings);
        } catch (IOException | RuntimeException e) {
            // nobody else would: there is no reader to be closed
            in.close();
            throw e;
        }
    }

    /**
     * Reads on to the next statement of the section. What is left of the data of the last one is stepped over.
     *
     * @return the statement, or null at the end of the section
     * @throws IOException if the input cannot be read
     * @throws ScriptSyntaxException if the script cannot be understood, or a statement is too long for the memory there is
     */
    public @Nullable Piece next() throws IOException {
        try {
            return nextPiece();
        } catch (ScriptSyntaxException e) {
            Problem problem = e.problem();
            throw new ScriptSyntaxException(new Problem(problem.where(), problem.what(), line(problem.where())));
        } catch (OutOfMemoryError e) { // one array was too large; what is there suffices to say so
            Location start = begun == null ? window.location() : begun;
            atEnd = true;
            window.release();
            throw new ScriptSyntaxException(
                    start,
                    "this statement does not fit into the memory of the JVM; give it more, or cut the statement");
        }
    }

    /** The line of the statement in which reading ended; null where a literal might be taken for code. */
    private @Nullable SourceLine line(Location where) {
        if (literals || begun == null || window.mark == ByteWindow.NONE) {
            return null;
        }
        String text = window.textFromMark(LONGEST_SHOWN);
        Statement unfinished = new Statement(text, begun, window.mark, 0, lexer.standardConformingStrings());
        int position = unfinished.position(where);
        return position == 0 ? null : Shown.line(unfinished, position);
    }

    private @Nullable Piece nextPiece() throws IOException {
        while (!atEnd) {
            finishData();
            window.mark = ByteWindow.NONE;
            Token token = pending != null ? pending : lexer.next();
            pending = null;
            boolean wanted = sections.inWanted();
            Piece piece = piece(token);
            if (piece != null && wanted) {
                return piece;
            }
        }
        return null;
    }

    /**
     * Reads what stands behind the section, if anything, and makes nothing of it: whoever compares a script's bytes, or the
     * archive that it lies in, does so at their end.
     *
     * @throws IOException if the input cannot be read, or is not what it has to be
     */
    public void finish() throws IOException {
        if (in.read() >= 0) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** Closes the input. */
    @Override
    public void close() throws IOException {
        in.close();
    }

    private void finishData() throws IOException {
        CopyData unread = data;
        data = null;
        if (unread != null) {
            unread.finish();
        }
    }

    private @Nullable Piece piece(Token token) throws IOException {
        switch (token) {
            case END -> {
                window.pass(window.offset());
                atEnd = true;
            }
            case SEMICOLON -> {} // an empty statement
            case UPGRADE_LINE -> enter(Section.UPGRADE);
            case DOWNGRADE_LINE -> enter(Section.DOWNGRADE);
            case BACKSLASH -> MetaCommand.read(window).skipOrRefuse(window);
            default -> {
                return statement(token);
            }
        }
        return null;
    }

    private void enter(Section section) {
        lexer.bodyBegins();
        atEnd = sections.enter(section, window.locate(window.token));
        strings = new StringSetting(initialStrings);
        lexer.setStandardConformingStrings(initialStrings);
    }

    private @Nullable Piece statement(Token first) throws IOException {
        sections.statement();
        lexer.bodyBegins();
        window.mark = window.token;
        Location start = window.locate(window.token);
        begun = start;
        shape.begin();
        long end = window.offset();
        Token token = first;
        while (!isEnd(token, start)) {
            shape.accept(token);
            literals |= token == Token.STRING;
            if (shape.opensWith(token)) {
                opened = window.locate(window.token);
            }
            end = window.offset();
            token = lexer.next();
        }
        if (token != Token.SEMICOLON) {
            pending = token;
        }
        return sections.inWanted() || shape.isCopyFromStdin() || shape.maySet()
                ? build(start, end, token == Token.SEMICOLON)
                : null;
    }

    private boolean isEnd(Token token, Location start) throws IOException {
        switch (token) {
            case END -> {
                return true;
            }
            case SEMICOLON -> {
                return shape.isClosed();
            }
            case UPGRADE_LINE, DOWNGRADE_LINE -> {
                if (!shape.isClosed()) {
                    throw new ScriptSyntaxException(
                            window.locate(window.token),
                            "a section starts here, but what was opened at " + (opened == null ? start : opened)
                                    + " is not closed; a comment needs more than that one word");
                }
                return true;
            }
            case BACKSLASH -> throw MetaCommand.read(window).refusal();
            default -> {
                return false;
            }
        }
    }

    private Piece build(Location start, long end, boolean semicolon) throws IOException {
        window.pass(end); // counts its lines and finds what is not UTF-8
        int length = (int) (end - window.mark);
        String text = window.textFromMark(length);
        Statement statement = new Statement(text, start, window.mark, length, lexer.standardConformingStrings());
        if (shape.isCopyFromStdin()) {
            window.forget();
            CopyData lines = CopyData.after(window, start, semicolon);
            data = lines;
            return new Piece.CopyFromStdin(statement, window.location(), lines);
        }
        if (shape.maySet()) {
            lexer.setStandardConformingStrings(strings.after(statement));
        }
        return new Piece.Sql(statement);
    }
}
