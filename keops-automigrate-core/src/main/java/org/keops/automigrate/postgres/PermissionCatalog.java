package org.keops.automigrate.postgres;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.permissions.Wanted;

/** Asks the catalog what the roles of a policy lack. Immutable and thread-safe. */
final class PermissionCatalog {
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

    /** Everything that lacks, as one statement. Names of routines are qualified where the search path calls for it. */
    List<Observed> lacking(Session session) throws SQLException {
        return Queries.query(
                session.connection(),
                everything,
                PermissionCatalog::read,
                parameters(policy, versionTable, session.serverMajorVersion()));
    }

    /** The parameters of the audit: an array for each property of the entitlements, then the version table. */
    static String[] parameters(PermissionPolicy policy, String versionTable, int serverMajorVersion) {
        return new String[] {
            array(policy, Entitlement::role),
            array(policy, Entitlement::schema),
            array(policy, wanted(ObjectKind.TABLE, serverMajorVersion)),
            array(policy, wanted(ObjectKind.MATERIALIZED_VIEW, serverMajorVersion)),
            array(policy, wanted(ObjectKind.SEQUENCE, serverMajorVersion)),
            array(policy, wanted(ObjectKind.ROUTINE, serverMajorVersion)),
            array(policy, wanted(ObjectKind.TYPE, serverMajorVersion)),
            array(policy, entitlement -> entitlement.defaults().name()),
            array(policy, entitlement -> String.valueOf(entitlement.direct())),
            versionTable
        };
    }

    /** Writes a property of all entitlements as PostgreSQL reads an array. */
    static String array(PermissionPolicy policy, Function<Entitlement, String> property) {
        return array(policy.entitlements().stream().map(property).toList());
    }

    /** Strings as PostgreSQL writes an array of them. */
    static String array(Collection<String> strings) {
        List<String> quoted = new ArrayList<>();
        for (String string : strings) {
            quoted.add('"' + string.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return "{" + String.join(",", quoted) + "}";
    }

    private static Function<Entitlement, String> wanted(ObjectKind kind, int serverMajorVersion) {
        return entitlement -> String.join(",", Wanted.on(entitlement, kind, serverMajorVersion));
    }

    private static List<Observed> read(ResultSet rows) throws SQLException {
        List<Observed> lacking = new ArrayList<>();
        while (rows.next()) {
            lacking.add(new Observed(
                    Observed.Kind.valueOf(rows.getString(1)),
                    rows.getString(2),
                    rows.getString(3),
                    rows.getString(4),
                    Set.copyOf(strings(rows, 5)),
                    Set.copyOf(strings(rows, 6)),
                    strings(rows, 7)));
        }
        return lacking;
    }

    static List<String> strings(ResultSet row, int column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }
}
