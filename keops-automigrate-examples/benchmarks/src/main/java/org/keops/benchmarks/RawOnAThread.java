package org.keops.benchmarks;

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.sql.DataSource;

/** The limit of who does not let the caller hang: the one SELECT on a thread of its own. */
final class RawOnAThread implements Contender {
    private final RawSelect raw = new RawSelect();

    @Override
    public void migrate(DataSource dataSource) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(new Question(raw, dataSource));
        Thread thread = new Thread(task, "raw");
        thread.setDaemon(true);
        thread.start();
        task.get();
    }

    @Override
    public void adopt(DataSource dataSource) throws SQLException {
        raw.adopt(dataSource);
    }

    /** No lambda: to link one would be timed with the first call. */
    private record Question(RawSelect raw, DataSource dataSource) implements Callable<Boolean> {
        @Override
        public Boolean call() throws SQLException {
            raw.migrate(dataSource);
            return true;
        }
    }
}
