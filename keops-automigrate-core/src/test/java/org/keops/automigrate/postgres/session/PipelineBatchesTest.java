package org.keops.automigrate.postgres.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** How many statements travel together. */
class PipelineBatchesTest {
    private static final int MANY = 700;

    @Test
    void aBatchIsAsLargeAsTheDriverCanTakeIt() throws Exception {
        assertThat(batches(249)).containsExactly(250, 250, 200);
    }

    @Test
    void whatIsMuchBeginsSmallSoThatTheServerIsAtWorkMeanwhile() throws Exception {
        assertThat(batches(250)).containsExactly(32, 128, 250, 250, 40);
    }

    private static List<Integer> batches(int expected) throws Exception {
        List<Integer> batches = new ArrayList<>();
        int[] sent = {0};
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            connection.setAutoCommit(false);
            Pipeline pipeline = new Pipeline(connection, false);
            pipeline.expect(expected);
            for (int i = 0; i < MANY; i++) {
                pipeline.send("SET LOCAL application_name = 'n'", new Reply() {
                    @Override
                    public void sent() {
                        sent[0]++;
                    }

                    @Override
                    public void done(long rows) {
                        if (sent[0] > 0) {
                            batches.add(sent[0]);
                            sent[0] = 0;
                        }
                    }
                });
            }
            pipeline.flush();
        }
        return batches;
    }
}
