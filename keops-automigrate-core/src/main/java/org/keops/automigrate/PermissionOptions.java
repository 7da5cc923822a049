package org.keops.automigrate;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.PermissionPolicy;

/**
 * The three ways to say whose permissions are looked after: a role and a schema with KEOPS's policy, a policy, or nobody's.
 * Mutable, for one thread.
 */
final class PermissionOptions {
    private static final String KEOPS = "keopsdb";

    @Nullable
    String role;

    @Nullable
    String schema;

    @Nullable
    PermissionPolicy policy;

    boolean leftAlone;

    PermissionPolicy resolve() {
        if (leftAlone) {
            return PermissionPolicy.none();
        }
        return policy == null ? PermissionPolicy.keops(orKeops(role), orKeops(schema)) : policy;
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
