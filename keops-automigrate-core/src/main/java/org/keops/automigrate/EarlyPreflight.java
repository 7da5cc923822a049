package org.keops.automigrate;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.script.Dialect;

/**
 * A look into the pending scripts on a thread of its own, while the message travels that takes the lock: most of what is done
 * before anything runs needs no server. It decides nothing. Where it turns out under the lock that something else is to be
 * done, or where it failed, the look is taken anew. See {@code docs/decisions/0026-scripts-are-read-while-the-server-works.md}.
 *
 * <p>Begun, asked and closed by one thread; the thread it begins has ended when {@link #close} returns.
 */
final class EarlyPreflight extends Thread implements AutoCloseable {
    private final Configuration configuration;
    private final Decision.Upgrade decision;
    private final Dialect dialect;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private @Nullable Preflight found;

    private EarlyPreflight(Configuration configuration, Decision.Upgrade decision, Dialect dialect) {
        super("keops-automigrate-reader");
        setDaemon(true);
        this.configuration = configuration;
        this.decision = decision;
        this.dialect = dialect;
    }

    /** Begins to look, if scripts are to be run; else null. */
    static @Nullable EarlyPreflight begin(Configuration configuration, Decision decision, Dialect dialect) {
        if (!(decision instanceof Decision.Upgrade upgrade)) {
            return null;
        }
        EarlyPreflight early = new EarlyPreflight(configuration, upgrade, dialect);
        early.start();
        return early;
    }

    @Override
    public void run() {
        try {
            found = Preflight.of(configuration, decision, dialect, stopped);
        } catch (RuntimeException | Error e) {
            // whoever needs it looks again, and finds the same
            found = null;
        }
    }

    /** Goes no further than the script that is being read: somebody else has the lock, and may do the work. */
    void stopReading() {
        stopped.set(true);
    }

    /** What was found, once all is read; null where that is of something else than what is to be done now. */
    @Nullable
    Preflight of(Decision now, Dialect as) {
        end();
        boolean same = now instanceof Decision.Upgrade upgrade
                && upgrade.rows().equals(decision.rows())
                && upgrade.stampFirst().equals(decision.stampFirst())
                && as.serverMajorVersion() == dialect.serverMajorVersion()
                && as.standardConformingStrings() == dialect.standardConformingStrings();
        return same ? found : null;
    }

    @Override
    public void close() {
        stopReading();
        end();
        if (found != null) {
            found.close();
        }
    }

    /** Waits as long as reading takes, as if it were done here; an interrupt is for what comes next. */
    private void end() {
        boolean interrupted = false;
        while (isAlive()) {
            try {
                join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
