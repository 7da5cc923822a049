package org.keops.automigrate;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.postgres.errand.Mailbox;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.script.Dialect;

/**
 * A look into the pending scripts on a thread of its own, while the messages travel that look closer and take the lock: most
 * of what is done before anything runs needs no server. It decides nothing: it begins with what is likely. Where it turns out
 * under the lock that something else is to be done, or where it failed, the look is taken anew, or each script is looked at by
 * whoever runs it. See {@code docs/decisions/0026-scripts-are-read-while-the-server-works.md}.
 *
 * <p>Begun, asked and closed by one thread; the threads it begins have ended when {@link #close} returns, unless a source hangs.
 */
final class EarlyPreflight extends Thread implements AutoCloseable {
    /** Many times what a script takes; nothing depends on a source that hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Configuration configuration;
    private final DatabaseState likely;
    private final Dialect dialect;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Mailbox<Preflight> found = new Mailbox<>();
    private Decision.@Nullable Upgrade decision;
    private volatile @Nullable ClassesAhead classes;

    private EarlyPreflight(Configuration configuration, DatabaseState likely, Dialect dialect) {
        super("keops-automigrate-reader");
        setDaemon(true);
        this.configuration = configuration;
        this.likely = likely;
        this.dialect = dialect;
    }

    /** Begins to look, unless it is plain that no script is to be run: then null. */
    static @Nullable EarlyPreflight begin(Configuration configuration, DatabaseState likely, Dialect dialect) {
        boolean behind = likely instanceof DatabaseState.Versioned versioned
                && !configuration.scripts().isAtHeads(versioned.rows());
        if (!behind && !(likely instanceof DatabaseState.Unversioned)) {
            return null;
        }
        EarlyPreflight early = new EarlyPreflight(configuration, likely, dialect);
        early.start();
        return early;
    }

    @Override
    public void run() {
        Preflight read = null;
        try {
            if (configuration.decide(likely) instanceof Decision.Upgrade upgrade) {
                decision = upgrade;
                classes = ClassesAhead.begin();
                read = Preflight.of(configuration, upgrade, dialect, this);
            }
        } catch (Throwable e) { // not every language knows checked exceptions, and somebody waits for an answer
            // whoever needs it looks again, and finds the same
            read = null;
        }
        if (read == null) {
            found.shut();
        } else if (!found.isFilled()) {
            bring(read);
        }
    }

    /** From now on there is an answer; who is waited for no longer closes it himself. */
    void bring(Preflight read) {
        if (!found.put(read)) {
            read.close();
        }
    }

    /** Goes no further than the script that is being read: somebody else has the lock, and may do the work. */
    void stopReading() {
        stopped.set(true);
    }

    boolean isStopped() {
        return stopped.get();
    }

    /** What was found, once that is known; null where it is of something else than what is to be done now, or was stopped. */
    @Nullable
    Preflight of(Decision now, Dialect as) {
        Preflight answer = found.take();
        Decision.Upgrade then = decision;
        boolean same = then != null
                && now instanceof Decision.Upgrade upgrade
                && upgrade.rows().equals(then.rows())
                && upgrade.stampFirst().equals(then.stampFirst())
                && as.serverMajorVersion() == dialect.serverMajorVersion()
                && as.standardConformingStrings() == dialect.standardConformingStrings();
        return same && answer != null && (!isStopped() || answer.scripts().isAllRead()) ? answer : null;
    }

    /** Waits for the script that is being read; where its source hangs, whoever reads it closes all by itself. */
    @Override
    public void close() {
        stopReading();
        Pause.untilEnded(this, PATIENCE);
        found.shut();
        Preflight read = found.value();
        if (read != null) {
            read.close();
        }
        ClassesAhead loading = classes;
        if (loading != null) {
            loading.close();
        }
    }
}
