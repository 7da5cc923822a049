package org.keops.automigrate;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.grants.QuickAudit;

/**
 * The three ways to say whose permissions are looked after: a role and a schema with KEOPS's policy, a policy, or nobody's.
 *
 * <p>KEOPS's policy is made when it is asked for: a boot that finds nothing to do asks only for its {@link #quickAudit},
 * and loads none of the five classes that a policy is made of. Immutable and thread-safe.
 *
 * @param role the application's role, or null for KEOPS's
 * @param schema the application's schema, or null for KEOPS's
 * @param policy the user's own, or null
 * @param leftAlone whether nobody's permissions are looked after
 */
record PermissionOptions(
        @Nullable String role,
        @Nullable String schema,
        @Nullable PermissionPolicy policy,
        boolean leftAlone) implements Supplier<PermissionPolicy> {
    /** KEOPS's role and its schema; a constant, so that who names it does not load this. */
    static final String KEOPS = "keopsdb";

    /** What KEOPS does. */
    PermissionOptions() {
        this(null, null, null, false);
    }

    PermissionOptions withRole(String name) {
        return new PermissionOptions(name, schema, policy, leftAlone);
    }

    PermissionOptions withSchema(String name) {
        return new PermissionOptions(role, name, policy, leftAlone);
    }

    PermissionOptions with(PermissionPolicy own) {
        return new PermissionOptions(role, schema, own, leftAlone);
    }

    PermissionOptions leavingThemAlone() {
        return new PermissionOptions(role, schema, policy, true);
    }

    @Override
    public PermissionPolicy get() {
        if (leftAlone) {
            return PermissionPolicy.none();
        }
        return policy == null ? PermissionPolicy.keops(orKeops(role), orKeops(schema)) : policy;
    }

    /** The quick question whether anything lacks. */
    QuickAudit quickAudit() {
        if (leftAlone) {
            return QuickAudit.ofNothing();
        }
        return policy == null ? QuickAudit.ofKeops(orKeops(role), orKeops(schema)) : QuickAudit.of(policy);
    }

    void check(OptionProblems problems) {
        problems.checkName("applicationRole", role);
        problems.checkName("schema", schema);
        if (policy != null) {
            check(policy, problems);
        }
        String other = leftAlone ? "leavePermissionsAlone" : policy != null ? "permissions" : null;
        if (other != null && role != null) {
            problems.add("applicationRole", "contradicts " + other + ": the role is only for permissions; say one");
        }
        if (other != null && schema != null) {
            problems.add("schema", "contradicts " + other + ": the schema is only for permissions; say one");
        }
        if (leftAlone && policy != null) {
            problems.add("permissions", "contradicts leavePermissionsAlone; say one");
        }
    }

    private static void check(PermissionPolicy policy, OptionProblems problems) {
        if (policy.isNone() && (policy.connectRevokedFromPublic() || policy.alsoAfterStamp())) {
            problems.add("permissions", "names neither a role nor a schema, yet says what is to happen; name them");
        }
        for (Entitlement entitlement : policy.entitlements()) {
            problems.checkName("permissions", entitlement.role());
            problems.checkName("permissions", entitlement.schema());
        }
    }

    private static String orKeops(@Nullable String name) {
        return name == null ? KEOPS : name;
    }
}
