package org.keops.automigrate.script;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.keops.automigrate.model.Location;

/**
 * Goes through the rows of COPY data as the server does ({@code CopyReadLineText} in
 * src/backend/commands/copyfromparse.c), to find where one of them starts. The server's number of a line does not tell:
 * it counts rows, and within quotes only line breaks of the kind that ends rows, which before the end of the first row
 * it takes to be a carriage return. Not thread-safe.
 */
public final class CopyRows {
    private final InputStream data;
    private final CopyFormat format;
    private long counted;
    private int lineFeeds;
    /** How rows end: a line feed, a carriage return (with a line feed or without), or 0 while nobody knows. */
    private int end;

    private CopyRows(InputStream data, CopyFormat format) {
        this.data = data;
        this.format = format;
    }

    /**
     * Finds the row that the server has read when it speaks of a line.
     *
     * @param copy the data and what they are for
     * @param script the script, from its beginning; closed afterwards
     * @param line the line, as the server counts
     * @return the line of the script on which the row starts, without a column
     * @throws IOException if the script can not be read
     */
    public static Location find(Piece.CopyFromStdin copy, InputStream script, long line) throws IOException {
        try (InputStream data = new BufferedInputStream(script)) {
            data.skipNBytes(copy.data().byteOffset());
            Location first = copy.firstLine();
            int before = new CopyRows(data, CopyFormat.of(copy.statement())).lineFeedsBefore(line);
            return new Location(first.file(), first.line() + before, 0);
        }
    }

    private int lineFeedsBefore(long line) throws IOException {
        while (true) {
            int before = lineFeeds;
            counted++;
            if (!passRow() || counted >= line) {
                return before;
            }
        }
    }

    private boolean passRow() throws IOException {
        boolean quoted = false;
        boolean escaped = false;
        for (int c = next(); c != -1; c = next()) {
            if (format.csv()) {
                quoted ^= c == format.quote() && !escaped;
                escaped = c == format.escape() && quoted && !escaped;
                counted += quoted && c == (end == '\n' ? '\n' : '\r') ? 1 : 0;
            } else if (c == '\\') {
                next();
                continue;
            }
            if (!quoted && (c == '\n' || c == '\r')) {
                endRow(c);
                return true;
            }
        }
        return false;
    }

    private void endRow(int c) throws IOException {
        end = c;
        if (c == '\r') {
            data.mark(1);
            if (next() != '\n') {
                data.reset();
            }
        }
    }

    private int next() throws IOException {
        int c = data.read();
        lineFeeds += c == '\n' ? 1 : 0;
        return c;
    }
}
