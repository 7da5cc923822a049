package org.keops.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The limit: one connection, one SELECT of one version. */
final class RawSelect implements Contender {
    @Override
    public void migrate(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version_num FROM alembic_version")) {
            if (!rows.next()) {
                throw new SQLException("no version");
            }
        }
    }

    @Override
    public void adopt(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);"
                    + " INSERT INTO alembic_version VALUES ('39f0aae0582b')");
        }
    }
}
