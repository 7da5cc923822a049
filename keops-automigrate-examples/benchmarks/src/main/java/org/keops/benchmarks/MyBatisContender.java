package org.keops.benchmarks;

import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.ibatis.migration.Change;
import org.apache.ibatis.migration.DataSourceConnectionProvider;
import org.apache.ibatis.migration.FileMigrationLoader;
import org.apache.ibatis.migration.operations.UpOperation;
import org.apache.ibatis.migration.options.DatabaseOperationOption;

/** MyBatis Migrations; its scripts are files of a directory. */
final class MyBatisContender implements Contender {
    static final String CHANGELOG = "CREATE TABLE changelog (id numeric(20,0) NOT NULL PRIMARY KEY,"
            + " applied_at varchar(25) NOT NULL, description varchar(255) NOT NULL)";

    private final File scripts;

    MyBatisContender(String scripts) {
        this.scripts = new File(scripts, "mybatis");
    }

    @Override
    public void migrate(DataSource dataSource) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        new UpOperation()
                .operate(
                        new DataSourceConnectionProvider(dataSource), loader(), new DatabaseOperationOption(), nowhere);
    }

    @Override
    public void adopt(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(CHANGELOG);
            try (PreparedStatement row =
                    connection.prepareStatement("INSERT INTO changelog VALUES (?, '2026-01-01 00:00:00', ?)")) {
                for (Change change : loader().getMigrations()) {
                    row.setBigDecimal(1, change.getId());
                    row.setString(2, change.getDescription());
                    row.addBatch();
                }
                row.executeBatch();
            }
        }
    }

    private FileMigrationLoader loader() {
        return new FileMigrationLoader(scripts, "UTF-8", new Properties());
    }
}
