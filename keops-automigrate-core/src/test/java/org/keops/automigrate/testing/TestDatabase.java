package org.keops.automigrate.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database for one test.
 *
 * @param server where it is
 * @param name its name
 */
public record TestDatabase(PostgresServer server, String name) implements AutoCloseable {

    /**
     * The superuser's plain data source.
     *
     * @return a new data source
     */
    public PGSimpleDataSource superuser() {
        return server.superuser(name);
    }

    /**
     * Some role's plain data source.
     *
     * @param user the role
     * @param password its password
     * @return a new data source
     */
    public PGSimpleDataSource as(String user, String password) {
        return server.dataSource(name, user, password);
    }

    /**
     * The URL, without credentials.
     *
     * @return a JDBC URL
     */
    public String url() {
        return "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + name;
    }

    /**
     * Runs statements as the superuser.
     *
     * @param statements what to run, each in its own transaction
     */
    public void execute(String... statements) {
        server.execute(name, statements);
    }

    /**
     * Reads the first column of a query as the superuser.
     *
     * @param sql the query
     * @return the values, as text
     */
    public List<String> query(String sql) {
        return query(superuser(), sql);
    }

    /**
     * Reads the first column of a query.
     *
     * @param dataSource as whom
     * @param sql the query
     * @return the values, as text
     */
    public static List<String> query(DataSource dataSource, String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Drops the database, whoever is connected. */
    @Override
    public void close() {
        server.execute("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
}
