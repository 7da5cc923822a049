package org.keops.automigrate.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last line of a terminal, drawn over and over. Whatever else is written to the same terminal has to come through here
 * as well: it takes the line away first. Only carriage returns and blanks are used, no escape sequences. Thread-safe.
 */
final class BottomLine extends OutputStream {
    /** Linux says here what stderr is. */
    static final Path STDERR = Path.of("/proc/self/fd/2");

    private static final int USUAL_COLUMNS = 80;

    private final OutputStream terminal;
    private final int width;
    private final String blank;
    private boolean shown;
    private boolean atLineStart = true;

    BottomLine(OutputStream terminal, int width) {
        this.terminal = terminal;
        this.width = width;
        this.blank = "\r" + " ".repeat(width) + "\r";
    }

    /**
     * Whether there is a terminal that can overwrite a line. Java knows of stdin and stdout together only, and to ask the
     * system takes native code or a process: so it is no wherever the link is missing.
     */
    static boolean isPossible(Path stderr, Map<String, String> environment) {
        if ("dumb".equals(environment.get("TERM"))) {
            return false;
        }
        try {
            String device = Files.readSymbolicLink(stderr).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** How much of a line is used: the last column would make some terminals begin a new one. */
    static int width(@Nullable String columns) {
        boolean told = columns != null && columns.matches("[1-9][0-9]{1,3}");
        return (told ? Integer.parseInt(columns) : USUAL_COLUMNS) - 1;
    }

    int width() {
        return width;
    }

    /** Draws it anew, unless somebody has begun a line and not ended it. */
    synchronized void show(String line) {
        if (atLineStart) {
            put(blank + line);
            shown = true;
        }
    }

    synchronized void erase() {
        if (shown) {
            put(blank);
            shown = false;
        }
    }

    /** A terminal that has gone away is no reason to end the work. */
    private void put(String text) {
        try {
            terminal.write(text.getBytes(StandardCharsets.UTF_8));
            terminal.flush();
        } catch (IOException e) {
            shown = false;
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
        if (length > 0) {
            erase();
            terminal.write(bytes, from, length);
            atLineStart = bytes[from + length - 1] == '\n';
        }
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public synchronized void flush() throws IOException {
        terminal.flush();
    }
}
