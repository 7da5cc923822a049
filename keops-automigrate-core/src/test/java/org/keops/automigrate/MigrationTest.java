package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.PGConnection;

/** Revisions written in Java: part of the history, within the transaction, and never out of it. */
class MigrationTest {
    private final TestDatabase database = PostgresServer.shared().database();

    @TempDir
    private Path directory;

    @BeforeEach
    void prepare() {
        new Scripts(directory)
                .add("a1", "", "CREATE TABLE t (a text);\n-- downgrade\nDROP TABLE t;")
                .add("c3", "b2", "INSERT INTO t VALUES ('script');\n-- downgrade\nDELETE FROM t WHERE a = 'script';");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** What one does with a connection. */
    private interface Work {
        void with(Connection connection) throws Exception;
    }

    private record Given(String revision, List<String> revises, Work up) implements Migration {
        @Override
        public void upgrade(Connection connection) throws Exception {
            up.with(connection);
        }

        @Override
        public void downgrade(Connection connection) throws Exception {
            execute(connection, "DELETE FROM t WHERE a = 'java'");
        }
    }

    @Test
    void standsAmongTheScripts() {
        Migrator migrator = migrator(connection -> insert(connection, "java"));
        assertThat(migrator.plan(database.superuser()).toString()).contains("b2");
        migrator.run(database.superuser()).orElseThrow();
        assertThat(rows()).containsExactly("java", "script");
        assertThat(migrator.history("base:heads").toString()).contains("b2");
        migrator.downgrade(database.superuser(), "a1").orElseThrow();
        assertThat(rows()).isEmpty();
        assertThat(database.query("SELECT version_num FROM alembic_version")).containsExactly("a1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void whateverItThrowsIsRolledBack(int which) {
        Throwable[] thrown = {
            new IllegalStateException("the canary sings"),
            new SQLException("the canary sings"),
            new AssertionError("the canary sings"),
            new StackOverflowError("the canary sings"),
            new java.io.IOException("the canary sings")
        };
        Failure failure = failure(connection -> {
            insert(connection, "the canary sings");
            sneak(thrown[which]);
        });
        assertThat(String.valueOf(failure.where())).contains("MigrationTest$Given");
        assertThat(failure.toString()).contains("rolled back").doesNotContain("canary");
        assertThat(database.query("SELECT to_regclass('t')::text")).containsExactly((String) null);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void serversMessageDoesNotRepeatAValue() {
        Failure failure = failure(connection -> {
            execute(connection, "CREATE TABLE n (a int)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO n VALUES (?::text::int)")) {
                insert.setString(1, "canary");
                insert.execute();
            }
        });
        assertThat(failure.sqlState()).isEqualTo("22P02");
        assertThat(failure.toString()).doesNotContain("canary");
    }

    @Test
    void cannotEndTheTransactionOrLeaveIt() {
        List<Work> attempts = List.of(
                Connection::commit,
                Connection::rollback,
                Connection::close,
                connection -> connection.abort(Runnable::run),
                connection -> connection.setAutoCommit(true),
                connection -> connection.setReadOnly(true),
                connection -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
                connection -> connection.setNetworkTimeout(Runnable::run, 1),
                connection -> connection.unwrap(PGConnection.class),
                connection -> connection.unwrap(Connection.class).commit(),
                connection -> connection.getMetaData().getConnection().commit(),
                connection -> connection.getMetaData().unwrap(Object.class),
                connection -> connection.createStatement().getConnection().commit(),
                connection -> connection.createStatement().unwrap(Statement.class),
                connection ->
                        connection.prepareStatement("SELECT 1").getConnection().commit(),
                connection -> connection.prepareCall("SELECT 1").getConnection().close(),
                connection -> connection
                        .createStatement()
                        .executeQuery("SELECT 1")
                        .getStatement()
                        .getConnection()
                        .commit(),
                connection -> connection
                        .getMetaData()
                        .getTables(null, null, null, null)
                        .getStatement()
                        .getConnection()
                        .commit(),
                connection -> connection
                        .createArrayOf("int", new Object[] {1})
                        .getResultSet()
                        .getStatement()
                        .getConnection()
                        .commit(),
                connection -> execute(connection, "COMMIT"),
                connection -> execute(connection, "select 1; /* ; */ commit; select 2"),
                connection -> execute(connection, "SELECT 1;\n-- downgrade\nROLLBACK"),
                connection -> execute(connection, "SET TRANSACTION READ ONLY"),
                connection -> execute(connection, "VACUUM"),
                connection -> connection.prepareStatement("END").execute(),
                connection -> connection.prepareCall("ABORT").execute(),
                connection -> connection.createStatement().addBatch("BEGIN"),
                connection -> execute(connection, "SELECT 'not ended"),
                connection -> {
                    execute(connection, "SET standard_conforming_strings = off");
                    execute(connection, "SELECT 'a\\''; COMMIT; --'"); // one string and its end to others
                });
        List<Integer> allowed = new ArrayList<>();
        Failure failure = failure(connection -> {
            insert(connection, "java");
            for (int i = 0; i < attempts.size(); i++) {
                try {
                    attempts.get(i).with(connection);
                    allowed.add(i);
                } catch (SQLException e) {
                    assertThat(e.getSQLState())
                            .as("refused by us, not by the server")
                            .isNull();
                }
            }
            throw new IllegalStateException("enough");
        });
        assertThat(allowed).isEmpty();
        assertThat(failure.toString()).contains("enough");
        assertThat(database.query("SELECT to_regclass('t')::text")).containsExactly((String) null);
    }

    @Test
    void savepointsAreItsOwn() {
        run(connection -> {
            Savepoint before = connection.setSavepoint();
            insert(connection, "lost");
            connection.rollback(before);
            execute(connection, "SAVEPOINT s; ROLLBACK TO s");
            insert(connection, "java");
        });
        assertThat(rows()).containsExactly("java", "script");
    }

    @Test
    void nothingWorksAfterItsTransaction() throws SQLException {
        List<Connection> kept = new ArrayList<>();
        List<Statement> statements = new ArrayList<>();
        List<ResultSet> results = new ArrayList<>();
        run(connection -> {
            kept.add(connection);
            statements.add(connection.createStatement());
            results.add(statements.get(0).executeQuery("SELECT 1"));
        });
        assertThat(kept.get(0).isClosed()).isTrue();
        assertThat(kept.get(0).isValid(1)).isFalse();
        assertThatThrownBy(() -> kept.get(0).createStatement()).hasMessageContaining("is over");
        assertThatThrownBy(() -> statements.get(0).execute("SELECT 1")).hasMessageContaining("is over");
        assertThatThrownBy(() -> results.get(0).next()).hasMessageContaining("is over");
    }

    @Test
    void settingsDoNotLeak() {
        run(connection -> {
            execute(connection, "SET search_path = pg_catalog; SET statement_timeout = '1min'");
            connection.setSchema("information_schema");
        });
        assertThat(rows()).containsExactly("script");
    }

    @Test
    void oneIdForTwoThingsNamesBoth() {
        assertThatThrownBy(() -> builder(new Given("b2", List.of("a1"), connection -> {}))
                        .migrations(new Given("c3", List.of("b2"), connection -> {}))
                        .build())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("c3.sql")
                .hasMessageContaining("MigrationTest$Given");
        assertThatThrownBy(() -> builder(new Given("no@id", List.of("a1"), connection -> {}))
                        .build())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("MigrationTest$Given");
    }

    @Test
    void hasNoSql() {
        Migrator migrator = migrator(connection -> {});
        migrator.check();
        assertThatThrownBy(() -> migrator.sql("base", "head", new StringBuilder()))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("is written in Java");
        assertThatThrownBy(() -> migrator.bundle(directory.resolve("b.zip")))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("is written in Java");
    }

    private MigratorBuilder builder(Migration migration) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .migrations(migration)
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    private Migrator migrator(Work up) {
        return builder(new Given("b2", List.of("a1"), up)).build();
    }

    private void run(Work up) {
        migrator(up).run(database.superuser()).orElseThrow();
    }

    private Failure failure(Work up) {
        BootReport report = migrator(up).run(database.superuser());
        assertThat(report.outcome()).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) report.outcome()).failure();
    }

    private List<String> rows() {
        return database.query("SELECT a FROM t ORDER BY a");
    }

    private static void insert(Connection connection, String value) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
            insert.setString(1, value);
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
