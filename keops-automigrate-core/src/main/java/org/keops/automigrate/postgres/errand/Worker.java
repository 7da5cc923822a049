package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * The thread of an errand: fetches one connection, adopts it, and does with it what it is given to do.
 *
 * <p>It may begin before that is known: in a process that has just started, loading what decides takes longer than
 * fetching a connection. Used once; its methods are the caller's, of one thread.
 */
public final class Worker extends Thread {
    /** Whether an attempt to connect was ever left behind; mostly none was. */
    private static volatile boolean anyStranded;

    private final DataSource dataSource;
    private final Duration connectWithin;
    private final StopSignal stop = new StopSignal();
    private final Mailbox<Connection> connected = new Mailbox<>();
    private final Mailbox<Errand<?>> errand = new Mailbox<>();
    private boolean begun;

    /**
     * Prepares a thread that does nothing yet.
     *
     * @param dataSource where the connection comes from
     * @param connectWithin how long to wait for the connection, and then for each short answer
     */
    public Worker(DataSource dataSource, Duration connectWithin) {
        super("keops-automigrate");
        setDaemon(true);
        this.dataSource = dataSource;
        this.connectWithin = connectWithin;
    }

    /** Begins to fetch the connection, unless an earlier attempt may still hang: then the errand looks after that first. */
    public void hurry() {
        if (!anyStranded) {
            begin();
        }
    }

    /** Gives the connection back if no errand has come; else does nothing. */
    public void dismiss() {
        if (errand.shut() && begun) {
            leaveBehind();
        }
    }

    /** False if an earlier attempt to connect still hangs. */
    boolean beginWithin(Duration bound) throws InterruptedException {
        if (!begun) {
            if (anyStranded && !StrandedAttempts.await(dataSource, bound)) {
                return false;
            }
            begin();
        }
        return true;
    }

    private void begin() {
        begun = true;
        start();
    }

    /** What to do. */
    void give(Errand<?> work) {
        errand.put(work);
    }

    /** Nobody waits for the connection any more; false if it has come, or will not come, in this very moment. */
    boolean leaveBehind() {
        if (!connected.shut()) {
            return false;
        }
        // ends the wait in a pool; the driver's own can not be ended
        interrupt();
        StrandedAttempts.add(dataSource, this);
        anyStranded = true;
        return true;
    }

    DataSource dataSource() {
        return dataSource;
    }

    Duration connectWithin() {
        return connectWithin;
    }

    StopSignal stopSignal() {
        return stop;
    }

    /** The connection, or why there is none. */
    Mailbox<Connection> connected() {
        return connected;
    }

    @Override
    public void run() {
        Connection connection;
        try {
            connection = dataSource.getConnection();
            if (connection == null) {
                throw new SQLException("the data source returned null for a connection");
            }
        } catch (Throwable e) {
            // pools throw RuntimeException, a missing driver class is an Error: all of it is an answer for the caller
            connected.fail(e);
            return;
        }
        if (connected.put(connection)) {
            work(connection);
        } else {
            closeLate(connection);
        }
    }

    private void work(Connection connection) {
        Session session = null;
        Throwable refused = null;
        try {
            session = Session.adopt(connection, connectWithin, stop);
        } catch (Throwable e) {
            refused = e;
        }
        Errand<?> work = errand.take();
        if (work != null) {
            work.does(session, refused);
        } else if (session != null) {
            session.close();
        }
    }

    private static void closeLate(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            // nobody waits for it any more
            return;
        }
    }
}
