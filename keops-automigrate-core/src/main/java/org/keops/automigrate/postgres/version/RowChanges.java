package org.keops.automigrate.postgres.version;

import java.sql.SQLException;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Reply;

/** Changes the rows of the version table, whose name is written once for all revisions. Used by one thread. */
final class RowChanges {
    // "=" without blanks assigns; " = " compares and is pinned
    private static final String WHERE = CatalogSql.pinned(" WHERE version_num = ");

    private final Pipeline pipeline;
    private final VersionTable table;
    private final String insert;
    private final String update;
    private final String delete;

    RowChanges(Pipeline pipeline, VersionTable table) {
        this.pipeline = pipeline;
        this.table = table;
        String name = table.sql();
        this.insert = "INSERT INTO " + name + " (version_num) VALUES (";
        this.update = "UPDATE " + name + " SET version_num=";
        this.delete = "DELETE FROM " + name;
    }

    /**
     * Sends one change and counts its rows, as Alembic does: it is what protects against a migrator that does not take our
     * lock. If not exactly one row was there to be changed, the pipeline throws a {@link VersionRowsMovedException}.
     */
    void send(VersionChange change, StepRun step) throws SQLException, StepFailedException {
        pipeline.send(sql(change), true, new Reply() {
            @Override
            public void begins() {
                step.reached();
            }

            @Override
            public void done(long rows) throws SQLException {
                if (change instanceof VersionChange.Update updated) {
                    requireOne(rows, updated.from());
                } else if (change instanceof VersionChange.Delete deleted) {
                    requireOne(rows, deleted.id());
                }
                step.recorded();
            }
        });
    }

    private String sql(VersionChange change) {
        if (change instanceof VersionChange.Insert inserted) {
            return insert + literal(inserted.id()) + ")";
        }
        if (change instanceof VersionChange.Update updated) {
            return update + literal(updated.to()) + WHERE + literal(updated.from());
        }
        if (change instanceof VersionChange.Delete deleted) {
            return delete + WHERE + literal(deleted.id());
        }
        if (change instanceof VersionChange.DeleteAll) {
            return delete;
        }
        throw new IllegalArgumentException("not a change that can be made: " + change);
    }

    private static String literal(RevisionId id) {
        return SqlNames.literal(id.value());
    }

    private void requireOne(long rows, RevisionId expected) throws VersionRowsMovedException {
        if (rows != 1) {
            throw new VersionRowsMovedException("expected one row '" + expected + "' in " + table + ", found " + rows
                    + ": somebody else is migrating this database at the same time");
        }
    }
}
