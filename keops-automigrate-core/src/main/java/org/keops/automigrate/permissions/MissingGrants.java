package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.Observed.Kind;

/**
 * What a policy wants and the catalog does not have: the difference of the two, as statements and sentences.
 *
 * <p>Only what lacks is granted, because a GRANT of what is granted already rewrites the catalog row. A statement names
 * objects of one owner only, because it does nothing at all if one of them may not be granted on.
 *
 * @param repairs the statements that the migrating role may execute, in their order
 * @param findings what it may not grant, and what no grant can help: a sentence each
 */
public record MissingGrants(List<Repair> repairs, List<String> findings) {
    private static final int NAMES_IN_A_REPAIR = 1_000;
    private static final int NAMES_IN_A_FINDING = 100;

    /** Copies its parts. */
    public MissingGrants {
        repairs = List.copyOf(repairs);
        findings = List.copyOf(findings);
    }

    /**
     * Subtracts what is there from what is wanted.
     *
     * @param policy what is wanted
     * @param serverMajorVersion the server's major version
     * @param observed what was observed to lack something
     * @return the difference
     */
    public static MissingGrants of(PermissionPolicy policy, int serverMajorVersion, List<Observed> observed) {
        List<String> findings = new ArrayList<>();
        Map<String, Group> repairable = new LinkedHashMap<>();
        Map<String, Group> refused = new LinkedHashMap<>();
        for (Observed objects : observed) {
            if (objects.kind() == Kind.ROW_SECURITY) {
                for (String name : objects.names()) {
                    findings.add(rowSecurity(objects, name));
                }
                continue;
            }
            Set<String> missing = missing(policy, serverMajorVersion, objects);
            Set<String> granted = new LinkedHashSet<>(missing);
            granted.retainAll(objects.grantable());
            missing.removeAll(granted);
            add(repairable, objects, granted);
            add(refused, objects, missing);
        }
        for (Repair repair : statements(refused, NAMES_IN_A_FINDING)) {
            findings.add((isTooMuch(repair.kind())
                            ? "permission is too much, this role may not revoke it; let "
                            : "permission still lacks, this role may not grant it; let ")
                    + SqlNames.identifier(repair.owner()) + " run: " + repair.sql());
        }
        return new MissingGrants(statements(repairable, NAMES_IN_A_REPAIR), findings);
    }

    private static boolean isTooMuch(Kind kind) {
        return kind == Kind.PUBLIC_CONNECT || kind == Kind.VERSION_TABLE;
    }

    private static Set<String> missing(PermissionPolicy policy, int serverMajorVersion, Observed objects) {
        Set<String> missing = new LinkedHashSet<>();
        switch (objects.kind()) {
            case CONNECT, PUBLIC_CONNECT -> missing.add("CONNECT");
            case SCHEMA -> missing.add("USAGE");
            case VERSION_TABLE -> {
                missing.addAll(Wanted.WRITING);
                missing.retainAll(objects.held());
            }
            default -> {
                for (Entitlement entitlement : policy.entitlements()) {
                    missing.addAll(Wanted.by(entitlement, objects, serverMajorVersion));
                }
                missing.removeAll(objects.held());
            }
        }
        return missing;
    }

    /** Objects that lack the same belong together. */
    private static void add(Map<String, Group> groups, Observed objects, Set<String> privileges) {
        if (privileges.isEmpty()) {
            return;
        }
        String key = Group.key(objects, privileges);
        Group group = groups.get(key);
        if (group == null) {
            group = new Group(objects, privileges);
            groups.put(key, group);
        }
        group.names().addAll(objects.names());
    }

    /**
     * Each group goes into one statement, in an order that does not change from one look to the next. Very
     * many stay in the catalog's own order, which is the cheapest to write in.
     */
    private static List<Repair> statements(Map<String, Group> groups, int atOnce) {
        List<Repair> statements = new ArrayList<>();
        for (Group group : groups.values()) {
            List<String> names = group.names();
            if (names.size() <= atOnce) {
                Collections.sort(names);
            }
            for (int from = 0; from < names.size(); from += atOnce) {
                List<String> some = names.subList(from, Math.min(from + atOnce, names.size()));
                statements.add(GrantSql.statement(group, some));
            }
        }
        Collections.sort(statements);
        return statements;
    }

    private static String rowSecurity(Observed table, String name) {
        List<String> commands = new ArrayList<>(Wanted.READING_AND_WRITING);
        commands.retainAll(table.held());
        return "row-level security on " + SqlNames.identifier(table.schema(), name) + " has no policy that lets "
                + SqlNames.identifier(table.role()) + " " + String.join(", ", commands)
                + ", so that it reaches no row; let "
                + SqlNames.identifier(table.owner()) + " create one with CREATE POLICY";
    }
}
