package org.keops.automigrate.postgres.grants;

import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.session.CatalogSql;

/**
 * The text of the audit for a policy: what a policy does not speak about is not asked, because planning is most of what
 * the question costs on a small schema.
 *
 * <p>Objects with the same owner and the same access list are asked about once. A schema of 20,000 relations has few
 * different ones, so that the cost is that of reading {@code pg_class} once. Takes no locks on what it looks at. Immutable.
 */
public final class AuditSql {
    /** A procedure with the modes of its arguments: without them, one with OUT arguments could be meant as well. */
    private static final String ROUTINE_NAMES = CatalogSql.pinned("""
            , pg_catalog.array_agg(
                CASE WHEN p.prokind = 'p'
                     THEN pg_catalog.concat(CAST(p.pronamespace AS pg_catalog.regnamespace), '.',
                            pg_catalog.quote_ident(CAST(p.proname AS text)), '(',
                            pg_catalog.pg_get_function_identity_arguments(p.oid), ')')
                     ELSE CAST(CAST(p.oid AS pg_catalog.regprocedure) AS text) END) AS names""");

    private final List<AuditPart> parts;
    private final boolean publicConnect;

    private AuditSql(List<AuditPart> parts, boolean publicConnect) {
        this.parts = parts;
        this.publicConnect = publicConnect;
    }

    public static AuditSql of(PermissionPolicy policy) {
        List<AuditPart> parts = new ArrayList<>();
        parts.add(DatabaseParts.CONNECT);
        if (policy.connectRevokedFromPublic()) {
            parts.add(DatabaseParts.OWN_CONNECT);
            parts.add(DatabaseParts.PUBLIC_CONNECT);
        }
        parts.add(SchemaParts.SCHEMA);
        if (hasDefaults(policy, DefaultPrivileges.AS_KEOPS)) {
            parts.add(DefaultParts.KEOPS_DEFAULT_TABLES);
            parts.add(DefaultParts.KEOPS_DEFAULT_SEQUENCES);
        }
        if (hasDefaults(policy, DefaultPrivileges.FOR_CREATOR)) {
            parts.add(DefaultParts.DEFAULTS);
            parts.add(SchemaParts.VERSION_TABLE);
        }
        parts.add(SchemaParts.RELATION);
        parts.add(SchemaParts.ROW_SECURITY);
        if (speaksOf(policy, ObjectKind.ROUTINE)) {
            parts.add(RoutineParts.ROUTINE);
        }
        if (speaksOf(policy, ObjectKind.TYPE)) {
            parts.add(RoutineParts.TYPE);
        }
        return new AuditSql(parts, policy.connectRevokedFromPublic());
    }

    /** An expression: whether anything lacks. Every boot makes it, so it is made without lambdas and formats. */
    public String anything() {
        StringBuilder text = new StringBuilder(1 << 13).append('(').append(with("", "", ""));
        String word = "SELECT ";
        for (AuditPart part : parts) {
            text.append(word).append("EXISTS (SELECT ").append(part.from()).append(')');
            word = "\n OR ";
        }
        return text.append(')').toString();
    }

    /** A query: everything that lacks, a row for each group of objects. */
    String everything() {
        StringBuilder text = new StringBuilder(1 << 14)
                .append(with(
                        ", pg_catalog.array_agg(CAST(c.relname AS text)) AS names",
                        ROUTINE_NAMES,
                        ", pg_catalog.array_agg(CAST(t.typname AS text)) AS names"));
        String word = "SELECT ";
        for (AuditPart part : parts) {
            text.append(word).append(part.columns()).append(part.from());
            word = "\nUNION ALL\nSELECT ";
        }
        return text.toString();
    }

    private String with(String relationNames, String routineNames, String typeNames) {
        StringBuilder with = new StringBuilder(AuditBasis.with(publicConnect, relationNames));
        if (parts.contains(RoutineParts.ROUTINE)) {
            with.append(AuditBasis.withRoutines(routineNames));
        }
        if (parts.contains(RoutineParts.TYPE)) {
            with.append(AuditBasis.withTypes(typeNames));
        }
        return with.append("\n").toString();
    }

    private static boolean hasDefaults(PermissionPolicy policy, DefaultPrivileges defaults) {
        for (Entitlement entitlement : policy.entitlements()) {
            if (entitlement.defaults() == defaults) {
                return true;
            }
        }
        return false;
    }

    private static boolean speaksOf(PermissionPolicy policy, ObjectKind kind) {
        for (Entitlement entitlement : policy.entitlements()) {
            if (!entitlement.on(kind).isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
