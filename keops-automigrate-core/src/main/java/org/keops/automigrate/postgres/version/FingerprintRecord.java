package org.keops.automigrate.postgres.version;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.script.AppliedFingerprints;

/**
 * The fingerprints of applied scripts, in the comment of the column {@code version_num}: as transactional as the rows, out
 * of Alembic's sight, and apart from the comment of the table, which holds progress. Used by one thread.
 */
public final class FingerprintRecord {
    /** Not {@code col_description}: before 14 that is a function in SQL, which finds its operators on the search path. */
    private static final String READ = CatalogSql.pinned("""
            SELECT (SELECT d.description FROM pg_catalog.pg_description d
                     WHERE d.objoid = a.attrelid AND d.objsubid = a.attnum
                       AND d.classoid = CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AS pg_catalog.oid))
              FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = CAST(CAST(? AS pg_catalog.regclass) AS pg_catalog.oid)
               AND a.attname = 'version_num'
            """);

    private final Session session;
    private final BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting;
    private AppliedFingerprints committed = AppliedFingerprints.NONE;
    private AppliedFingerprints now = AppliedFingerprints.NONE;

    FingerprintRecord(Session session, BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting) {
        this.session = session;
        this.fingerprinting = fingerprinting;
    }

    /**
     * Reads what is recorded; one round trip.
     *
     * @param session the session
     * @param table the version table, which is there
     * @return what is recorded
     * @throws SQLException if the connection fails
     */
    public static AppliedFingerprints read(Session session, VersionTableName table) throws SQLException {
        return read(session, table.sql());
    }

    private static AppliedFingerprints read(Session session, String table) throws SQLException {
        return Queries.query(session.connection(), READ, FingerprintRecord::read, table);
    }

    private static AppliedFingerprints read(ResultSet row) throws SQLException {
        @Nullable String comment = row.next() ? row.getString(1) : null;
        return AppliedFingerprints.parse(comment);
    }

    void open(VersionTable table) throws SQLException {
        committed = read(session, table.sql());
        now = committed;
    }

    void apply(Step step) {
        now = fingerprinting.apply(now, step);
    }

    void write(VersionTable table) throws SQLException {
        if (!now.equals(committed)) {
            String text = now.text();
            Queries.execute(
                    session.connection(),
                    "COMMENT ON COLUMN " + table.sql() + ".version_num IS "
                            + (text == null ? "NULL" : SqlNames.literal(text)));
        }
    }

    void committed() {
        committed = now;
    }

    void rolledBack() {
        now = committed;
    }
}
