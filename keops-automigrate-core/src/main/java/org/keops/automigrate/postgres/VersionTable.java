package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SortedSet;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.VersionChange;

/**
 * The version table where it was found, or where it is to be made; every statement names its schema.
 *
 * @param schema the schema it is in
 * @param table its name
 * @param exists whether it is there
 */
public record VersionTable(String schema, String table, boolean exists) {

    /** Exactly Alembic's table: its column, its length, the name of its primary key. */
    void create(Connection connection) throws SQLException {
        String sql = "CREATE TABLE " + sql() + " (version_num VARCHAR(32) NOT NULL, CONSTRAINT "
                + SqlNames.identifier(table + "_pkc") + " PRIMARY KEY (version_num))";
        try {
            Queries.execute(connection, sql);
        } catch (SQLException e) {
            String seen = "the version table " + this + " can not be made: " + ServerMessage.of(e);
            throw new SQLException(
                    "42501".equals(e.getSQLState())
                            ? seen + "; migrate as the role that owns the schema, or configure versionTableSchema"
                            : seen,
                    e.getSQLState(),
                    e);
        }
    }

    /**
     * Makes one change and counts the rows, as Alembic does: it is what protects against a migrator that does not take
     * our lock.
     *
     * @throws VersionRowsMovedException if not exactly one row was there to be changed
     */
    void apply(Connection connection, VersionChange change) throws SQLException {
        // "=" without blanks assigns; " = " compares and is pinned
        if (change instanceof VersionChange.Insert insert) {
            String sql = "INSERT INTO " + sql() + " (version_num) VALUES (?)";
            Queries.update(connection, sql, insert.id().value());
        } else if (change instanceof VersionChange.Update update) {
            String sql = CatalogSql.pinned(" SET version_num=? WHERE version_num = ?");
            int rows = Queries.update(
                    connection,
                    "UPDATE " + sql() + sql,
                    update.to().value(),
                    update.from().value());
            requireOne(rows, update.from());
        } else if (change instanceof VersionChange.Delete delete) {
            String sql = CatalogSql.pinned(" WHERE version_num = ?");
            int rows = Queries.update(
                    connection, "DELETE FROM " + sql() + sql, delete.id().value());
            requireOne(rows, delete.id());
        } else if (change instanceof VersionChange.DeleteAll) {
            Queries.update(connection, "DELETE FROM " + sql());
        } else {
            throw new IllegalArgumentException("not a change that can be made: " + change);
        }
    }

    /**
     * Locks the table against other writers until the transaction ends, and makes sure that it is still empty.
     *
     * @throws VersionRowsMovedException if somebody has recorded a version meanwhile
     */
    void requireEmpty(Connection connection) throws SQLException {
        Queries.execute(connection, "LOCK TABLE " + sql() + " IN SHARE ROW EXCLUSIVE MODE");
        if (Queries.query(connection, "SELECT 1 FROM " + sql(), ResultSet::next)) {
            throw new VersionRowsMovedException("expected no row in " + this
                    + ", found one: somebody else is migrating this database at the same time");
        }
    }

    /**
     * Makes sure that the rows are still those that a transaction began with, before it is begun again.
     *
     * @throws VersionRowsMovedException if somebody has changed them meanwhile
     */
    void requireRows(Connection connection, SortedSet<RevisionId> expected) throws SQLException {
        VersionRows now = Queries.query(connection, "SELECT version_num FROM " + sql(), VersionRows::read);
        if (!now.ids().equals(expected)) {
            throw new VersionRowsMovedException("expected " + RevisionIds.show(expected) + " in " + this + ", found "
                    + RevisionIds.show(now.ids()) + ": somebody else is migrating this database at the same time");
        }
    }

    String sql() {
        return SqlNames.identifier(schema, table);
    }

    @Override
    public String toString() {
        return schema + "." + table;
    }

    private void requireOne(int rows, RevisionId expected) throws VersionRowsMovedException {
        if (rows != 1) {
            throw new VersionRowsMovedException("expected one row '" + expected + "' in " + this + ", found " + rows
                    + ": somebody else is migrating this database at the same time");
        }
    }
}
