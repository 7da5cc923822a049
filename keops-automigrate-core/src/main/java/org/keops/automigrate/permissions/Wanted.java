package org.keops.automigrate.permissions;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.Privilege;

/** The privileges that an entitlement names, as keywords in the order of SQL's documentation. Stateless. */
public final class Wanted {
    /** What it takes to write a table. */
    public static final List<String> WRITING = List.of("INSERT", "UPDATE", "DELETE", "TRUNCATE");

    /** What KEOPS lets its own role do by default with tables that it makes itself, and what policies of rows are for. */
    static final List<String> READING_AND_WRITING = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

    private Wanted() {}

    /**
     * What is wanted on objects of a kind.
     *
     * @param entitlement who may do what
     * @param kind the kind
     * @param serverMajorVersion the server's major version
     * @return the keywords; none for nothing
     */
    public static Set<String> on(Entitlement entitlement, ObjectKind kind, int serverMajorVersion) {
        Set<String> keywords = new LinkedHashSet<>();
        for (Privilege privilege : entitlement.on(kind)) {
            if (privilege.isKnownTo(serverMajorVersion)) {
                keywords.add(privilege.name());
            }
        }
        return keywords;
    }

    /** What an entitlement wants on observed objects; nothing if it is about another role or schema. */
    static Set<String> by(Entitlement entitlement, Observed objects, int serverMajorVersion) {
        boolean ownDefaults =
                objects.kind() == Observed.Kind.DEFAULT_TABLES && entitlement.defaults() == DefaultPrivileges.AS_KEOPS;
        boolean anySchema = objects.schema().isEmpty();
        ObjectKind kind = objects.kind().objects();
        if (kind == null
                || !entitlement.role().equals(objects.role())
                || !(anySchema || entitlement.schema().equals(objects.schema()))) {
            return Set.of();
        }
        return ownDefaults ? new LinkedHashSet<>(READING_AND_WRITING) : on(entitlement, kind, serverMajorVersion);
    }
}
