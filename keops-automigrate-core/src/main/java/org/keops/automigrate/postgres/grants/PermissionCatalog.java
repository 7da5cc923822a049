package org.keops.automigrate.postgres.grants;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.permissions.Wanted;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;

/** Asks the catalog what the roles of a policy lack. Immutable and thread-safe. */
public final class PermissionCatalog {
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
            lacking.add(new Observed(
                    Observed.Kind.valueOf(rows.getString(1)),
                    rows.getString(2),
                    rows.getString(3),
                    rows.getString(4),
                    Set.copyOf(Queries.strings(rows, 5)),
                    Set.copyOf(Queries.strings(rows, 6)),
                    Queries.strings(rows, 7)));
        }
        return lacking;
    }
}
