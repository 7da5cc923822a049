package org.keops.automigrate.postgres.grants;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.permissions.Wanted;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.postgresql.core.Tuple;

/** Asks the catalog what the roles of a policy lack. Immutable and thread-safe. */
public final class PermissionCatalog {
    private static final int AT_ONCE = 100;

    private final PermissionPolicy policy;
    private final String versionTable;
    private final String everything;

    /**
     * Prepares the questions.
     *
     * @param policy what is wanted, not nothing
     * @param versionTable the version table's name: in no schema is it the application's to write
     */
    PermissionCatalog(PermissionPolicy policy, String versionTable) {
        this.policy = policy;
        this.versionTable = versionTable;
        this.everything = AuditSql.of(policy).everything();
    }

    /** The question for everything that lacks. Names of routines are qualified where the search path calls for it. */
    String question(Session session) throws SQLException {
        return Queries.filled(everything, parameters(policy, versionTable, session.serverMajorVersion()));
    }

    /**
     * What lacks, up to the first objects that are enough to know. The server looks no further than it is read: of a schema
     * that nobody has granted on, the tables are not looked at, let alone their names told.
     */
    List<Observed> lackingUntil(Session session, Predicate<Observed> enough) throws SQLException {
        List<Observed> lacking = new ArrayList<>();
        try (PreparedStatement statement = Queries.prepare(
                session.connection(), everything, parameters(policy, versionTable, session.serverMajorVersion()))) {
            statement.setFetchSize(1);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                lacking.add(observed(rows));
                if (enough.test(lacking.get(lacking.size() - 1))) {
                    return lacking;
                }
                rows.setFetchSize(AT_ONCE);
            }
        }
        return lacking;
    }

    /** The parameters of the audit: an array for each property of the entitlements, then the version table. */
    public static String[] parameters(PermissionPolicy policy, String versionTable, int serverMajorVersion) {
        StringBuilder defaults = new StringBuilder("{");
        StringBuilder direct = new StringBuilder("{");
        for (Entitlement entitlement : policy.entitlements()) {
            Queries.append(defaults, entitlement.defaults().name());
            Queries.append(direct, String.valueOf(entitlement.direct()));
        }
        return new String[] {
            roles(policy),
            schemas(policy),
            wanted(policy, ObjectKind.TABLE, serverMajorVersion),
            wanted(policy, ObjectKind.MATERIALIZED_VIEW, serverMajorVersion),
            wanted(policy, ObjectKind.SEQUENCE, serverMajorVersion),
            wanted(policy, ObjectKind.ROUTINE, serverMajorVersion),
            wanted(policy, ObjectKind.TYPE, serverMajorVersion),
            defaults.append('}').toString(),
            direct.append('}').toString(),
            versionTable
        };
    }

    /** The roles of all entitlements as PostgreSQL reads an array. Loops: every boot comes by here, mostly once. */
    public static String roles(PermissionPolicy policy) {
        StringBuilder array = new StringBuilder("{");
        for (Entitlement entitlement : policy.entitlements()) {
            Queries.append(array, entitlement.role());
        }
        return array.append('}').toString();
    }

    public static String schemas(PermissionPolicy policy) {
        StringBuilder array = new StringBuilder("{");
        for (Entitlement entitlement : policy.entitlements()) {
            Queries.append(array, entitlement.schema());
        }
        return array.append('}').toString();
    }

    private static String wanted(PermissionPolicy policy, ObjectKind kind, int serverMajorVersion) {
        StringBuilder array = new StringBuilder("{");
        for (Entitlement entitlement : policy.entitlements()) {
            Queries.append(array, String.join(",", Wanted.on(entitlement, kind, serverMajorVersion)));
        }
        return array.append('}').toString();
    }

    static List<Observed> read(ResultSet rows) throws SQLException {
        List<Observed> lacking = new ArrayList<>();
        while (rows.next()) {
            lacking.add(observed(rows));
        }
        return lacking;
    }

    private static Observed observed(ResultSet row) throws SQLException {
        return new Observed(
                Observed.Kind.valueOf(row.getString(1)),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                Set.copyOf(Queries.strings(row.getString(5))),
                Set.copyOf(Queries.strings(row.getString(6))),
                Queries.strings(row.getString(7)));
    }

    /** The same of a row that came through the pipeline. */
    static Observed observed(Tuple row) {
        return new Observed(
                Observed.Kind.valueOf(text(row, 0)),
                text(row, 1),
                text(row, 2),
                text(row, 3),
                Set.copyOf(Queries.strings(text(row, 4))),
                Set.copyOf(Queries.strings(text(row, 5))),
                Queries.strings(text(row, 6)));
    }

    private static String text(Tuple row, int column) {
        byte[] bytes = row.get(column);
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
