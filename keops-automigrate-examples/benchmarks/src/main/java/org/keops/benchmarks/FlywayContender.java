package org.keops.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;

/** Flyway, scripts in {@code classpath:db/migration}. */
final class FlywayContender implements Contender {
    @Override
    public void migrate(DataSource dataSource) {
        flyway(dataSource).migrate();
    }

    /** Its own rows, written at once: Flyway needs minutes for 10,000. */
    @Override
    public void adopt(DataSource dataSource) throws SQLException {
        MigrationInfo[] all = flyway(dataSource).info().all();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE public.flyway_schema_history (installed_rank int NOT NULL PRIMARY KEY,"
                    + " version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT NULL,"
                    + " script varchar(1000) NOT NULL, checksum int, installed_by varchar(100) NOT NULL,"
                    + " installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT NULL,"
                    + " success boolean NOT NULL);"
                    + " CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history (success)");
            try (PreparedStatement row = connection.prepareStatement(
                    "INSERT INTO public.flyway_schema_history VALUES (?, ?, ?, 'SQL', ?, ?, 'postgres', now(), 1, true)")) {
                int rank = 0;
                for (MigrationInfo info : all) {
                    row.setInt(1, ++rank);
                    row.setString(2, info.getVersion().getVersion());
                    row.setString(3, info.getDescription());
                    row.setString(4, info.getScript());
                    row.setObject(5, info.getChecksum());
                    row.addBatch();
                }
                row.executeBatch();
            }
        }
    }

    private static Flyway flyway(DataSource dataSource) {
        return Flyway.configure()
                .dataSource(dataSource)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
    }
}
