package org.keops.automigrate.postgres.execution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;

/**
 * The pieces of a script, the next of which are read on a thread of its own while the server works on those before. A script that
 * is read in one go needs no thread.
 *
 * <p>Memory stays that of one large statement: what is read ahead is small, up to the first that is not, and behind that one, or
 * one whose data stand behind it, nothing is read before it is asked for. What can not be read is thrown where it stands.
 * Used by one thread; the one that it begins has ended when {@link #close} returns, and then the script may be closed.
 */
final class PiecesAhead implements AutoCloseable {
    /** Somewhat less than what is sent together. */
    private static final int TOGETHER = 1 << 15;

    private static final int LARGE = 1 << 20;

    private final ScriptReader script;
    private @Nullable Portion last;
    private List<Piece> current = List.of();
    private int taken;
    private @Nullable Thread thread;

    // of both threads, under the lock of this
    private @Nullable Portion ready;
    private boolean wanted;
    private boolean closed;

    PiecesAhead(ScriptReader script) {
        this.script = script;
    }

    /**
     * Some pieces, and what comes behind them.
     *
     * @param pieces none of them is large or has data, except the last
     * @param failure why nothing can be read behind them, or null
     * @param ended whether they are the last
     */
    private record Portion(List<Piece> pieces, @Nullable Throwable failure, boolean ended) {
        boolean isLast() {
            return ended || failure != null;
        }

        /** Whether it has to be done with before more is read. */
        boolean isHeavy() {
            return !pieces.isEmpty() && isHeavy(pieces.get(pieces.size() - 1));
        }

        static boolean isHeavy(Piece piece) {
            return piece instanceof Piece.CopyFromStdin
                    || piece.statement().text().length() >= LARGE;
        }
    }

    /** The next piece, or null behind the last; fails as {@link ScriptReader#next} does. */
    @Nullable
    Piece next() throws IOException {
        while (taken == current.size()) {
            Portion before = last;
            if (before != null && before.isLast()) {
                rethrow(before.failure());
                return null;
            }
            Portion portion = before == null ? read() : ahead(before);
            last = portion;
            current = portion.pieces();
            taken = 0;
        }
        return current.get(taken++);
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        if (failure instanceof IOException unreadable) {
            throw unreadable;
        }
        if (failure instanceof RuntimeException wrong) {
            throw wrong;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /** What the other thread has read meanwhile, or reads now. */
    private synchronized Portion ahead(Portion before) {
        wanted = true;
        notifyAll();
        if (thread == null) {
            thread = new Thread(() -> readAhead(before), "keops-automigrate-reader");
            thread.setDaemon(true);
            thread.start();
        }
        boolean interrupted = false;
        while (ready == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        Portion portion = ready;
        ready = null;
        wanted = false;
        notifyAll();
        if (interrupted) {
            // it is for what waits for the server
            Thread.currentThread().interrupt();
        }
        return portion;
    }

    private void readAhead(Portion first) {
        for (Portion before = first; !before.isLast() && mayRead(before); ) {
            before = read();
            hand(before);
        }
    }

    /** Waits until what was read before is taken, and where that is much, done with. */
    private synchronized boolean mayRead(Portion before) {
        while (!closed && (ready != null || (before.isHeavy() && !wanted))) {
            try {
                wait();
            } catch (InterruptedException e) {
                // nobody does who knows it, and whoever works waits for what comes
            }
        }
        return !closed;
    }

    private synchronized void hand(Portion portion) {
        ready = portion;
        notifyAll();
    }

    private Portion read() {
        List<Piece> pieces = new ArrayList<>();
        int chars = 0;
        try {
            while (chars < TOGETHER) {
                Piece piece = script.next();
                if (piece == null) {
                    return new Portion(pieces, null, true);
                }
                pieces.add(piece);
                if (Portion.isHeavy(piece)) {
                    break;
                }
                chars += piece.statement().text().length();
            }
        } catch (Throwable e) { // not every language knows checked exceptions
            return new Portion(pieces, e, false);
        }
        return new Portion(pieces, null, false);
    }

    @Override
    public void close() {
        Thread reading;
        synchronized (this) {
            closed = true;
            notifyAll();
            reading = thread;
        }
        if (reading != null) {
            Pause.untilEnded(reading);
        }
    }
}
