package org.keops.benchmarks;

import java.sql.Connection;
import javax.sql.DataSource;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;

/** Liquibase, one change log of formatted SQL files. */
final class LiquibaseContender implements Contender {
    @Override
    public void migrate(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                Liquibase liquibase = liquibase(connection)) {
            liquibase.update(new Contexts());
        }
    }

    @Override
    public void adopt(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                Liquibase liquibase = liquibase(connection)) {
            liquibase.changeLogSync("");
        }
    }

    private static Liquibase liquibase(Connection connection) throws Exception {
        return new Liquibase("changelog.xml", new ClassLoaderResourceAccessor(), new JdbcConnection(connection));
    }
}
