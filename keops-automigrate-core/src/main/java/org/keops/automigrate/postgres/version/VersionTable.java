package org.keops.automigrate.postgres.version;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.SortedSet;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Reply;
import org.postgresql.core.Tuple;

/**
 * The version table where it was found, or where it is to be made; every statement names its schema.
 *
 * @param schema the schema it is in
 * @param table its name
 * @param exists whether it is there
 */
public record VersionTable(String schema, String table, boolean exists) {

    /** Exactly Alembic's table: its column, its length, the name of its primary key. */
    void create(Pipeline pipeline) throws SQLException, StepFailedException {
        String sql = "CREATE TABLE " + sql() + " (version_num VARCHAR(32) NOT NULL, CONSTRAINT "
                + SqlNames.identifier(table + "_pkc") + " PRIMARY KEY (version_num))";
        pipeline.send(sql, new Reply() {
            @Override
            public void failed(SQLException failure) throws SQLException {
                throw notMade(failure);
            }
        });
    }

    private SQLException notMade(SQLException e) {
        String seen = "the version table " + this + " can not be made: " + ServerMessage.of(e);
        return new SQLException(
                "42501".equals(e.getSQLState())
                        ? seen + "; migrate as the role that owns the schema, or configure versionTableSchema"
                        : seen,
                e.getSQLState(),
                e);
    }

    /**
     * Locks the table against other writers until the transaction ends, and makes sure that it is still empty. If somebody has
     * recorded a version meanwhile, the pipeline throws a {@link VersionRowsMovedException}.
     */
    void requireEmpty(Pipeline pipeline) throws SQLException, StepFailedException {
        pipeline.send("LOCK TABLE " + sql() + " IN SHARE ROW EXCLUSIVE MODE");
        pipeline.send("SELECT 1 FROM " + sql() + " LIMIT 1", new Reply() {
            private boolean found;

            @Override
            public void rows(List<Tuple> rows) {
                found = !rows.isEmpty();
            }

            @Override
            public void done(long rows) throws SQLException {
                if (found) {
                    throw new VersionRowsMovedException("expected no row in " + VersionTable.this
                            + ", found one: somebody else is migrating this database at the same time");
                }
            }
        });
    }

    /**
     * Makes sure that the rows are still those that a transaction began with, before it is begun again.
     *
     * @throws VersionRowsMovedException if somebody has changed them meanwhile
     */
    void requireRows(Connection connection, SortedSet<RevisionId> expected) throws SQLException {
        VersionRows now = Queries.query(connection, "SELECT version_num FROM " + sql(), VersionRows::read);
        if (!now.ids().equals(expected)) {
            throw new VersionRowsMovedException("expected " + RevisionId.show(expected) + " in " + this + ", found "
                    + RevisionId.show(now.ids()) + ": somebody else is migrating this database at the same time");
        }
    }

    public String sql() {
        return SqlNames.identifier(schema, table);
    }

    @Override
    public String toString() {
        return schema + "." + table;
    }
}
