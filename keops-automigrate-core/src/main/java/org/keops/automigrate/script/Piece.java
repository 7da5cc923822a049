package org.keops.automigrate.script;

import org.keops.automigrate.model.Location;

/** What a script consists of: statements, some with data for them behind. */
public sealed interface Piece {

    /**
     * The statement to run.
     *
     * @return the statement
     */
    Statement statement();

    /**
     * A statement by itself.
     *
     * @param statement the statement
     */
    record Sql(Statement statement) implements Piece {}

    /**
     * {@code COPY … FROM STDIN} and the lines that follow it in the script.
     *
     * @param statement the COPY statement
     * @param firstLine where the data starts; the line that the server calls 1
     * @param data the data, byte for byte, without the closing {@code \.}; read from the script as it is asked for, so to
     *     be consumed before the next piece is; fails with a {@link ScriptSyntaxException} if there is no {@code \.}
     */
    record CopyFromStdin(Statement statement, Location firstLine, CopyData data) implements Piece {}
}
