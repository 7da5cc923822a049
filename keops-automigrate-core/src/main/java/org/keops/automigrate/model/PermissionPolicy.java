package org.keops.automigrate.model;

import static org.keops.automigrate.model.Privilege.DELETE;
import static org.keops.automigrate.model.Privilege.EXECUTE;
import static org.keops.automigrate.model.Privilege.INSERT;
import static org.keops.automigrate.model.Privilege.MAINTAIN;
import static org.keops.automigrate.model.Privilege.SELECT;
import static org.keops.automigrate.model.Privilege.UPDATE;
import static org.keops.automigrate.model.Privilege.USAGE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Who is to be able to use what.
 *
 * <pre>{@code
 * readWrite("orders_app", "orders", "billing").and(readOnly("reporting", "orders"))
 * }</pre>
 *
 * <p>A policy says what a role has at least: it is granted what it lacks, and nothing is revoked, save for what the policy
 * names itself. Immutable and thread-safe.
 *
 * @param entitlements what each role may do in each schema
 * @param connectRevokedFromPublic whether only roles with a {@code CONNECT} of their own may connect to the database
 * @param alsoAfterStamp whether permissions are repaired in a database without a version, too, whose schema was only
 *     assumed current; KEOPS leaves them alone there
 */
public record PermissionPolicy(
        List<Entitlement> entitlements, boolean connectRevokedFromPublic, boolean alsoAfterStamp) {

    /**
     * Merges entitlements of the same role on the same schema.
     *
     * @param entitlements the component of this name
     * @param connectRevokedFromPublic the component of this name
     * @param alsoAfterStamp the component of this name
     */
    public PermissionPolicy {
        List<Entitlement> merged = new ArrayList<>();
        for (Entitlement entitlement : entitlements) {
            Entitlement sum = entitlement;
            for (Iterator<Entitlement> others = merged.iterator(); others.hasNext(); ) {
                Entitlement other = others.next();
                if (other.isAboutTheSameAs(entitlement)) {
                    sum = other.and(sum);
                    others.remove();
                }
            }
            merged.add(sum);
        }
        entitlements = List.copyOf(merged);
    }

    /**
     * Nobody's permissions are looked at.
     *
     * @return the policy
     */
    public static PermissionPolicy none() {
        return new PermissionPolicy(List.of(), false, false);
    }

    /**
     * The effect of the seven statements of KEOPS's boot script: all privileges on tables and sequences, KEOPS's default
     * privileges, and {@code CONNECT} for nobody without a grant of his own. The access lists come to be the same, so that
     * what the role has through PUBLIC, through a group, or as an owner or superuser is granted to it all the same.
     *
     * @param role the application's role
     * @param schema the schema with its tables
     * @return the policy
     */
    public static PermissionPolicy keops(String role, String schema) {
        Map<ObjectKind, Set<Privilege>> all = new EnumMap<>(ObjectKind.class);
        for (ObjectKind kind : EnumSet.range(ObjectKind.TABLE, ObjectKind.SEQUENCE)) {
            all.put(kind, kind.all());
        }
        return new PermissionPolicy(
                List.of(new Entitlement(role, schema, all, DefaultPrivileges.AS_KEOPS, true)), true, false);
    }

    /**
     * Reads and writes rows, uses sequences, calls functions and procedures, uses types; also those made later by the role
     * that migrates.
     *
     * @param role the application's role
     * @param schemas the schemas that it uses
     * @return the policy
     */
    public static PermissionPolicy readWrite(String role, String... schemas) {
        return readOnly(role, schemas)
                .allowing(ObjectKind.TABLE, SELECT, INSERT, UPDATE, DELETE)
                .allowing(ObjectKind.SEQUENCE, SELECT, UPDATE, USAGE);
    }

    /**
     * Reads rows and sequences, calls functions and procedures, uses types; also those made later by the role that
     * migrates.
     *
     * @param role the role
     * @param schemas the schemas that it reads
     * @return the policy
     */
    public static PermissionPolicy readOnly(String role, String... schemas) {
        return custom(role, schemas)
                .allowing(ObjectKind.TABLE, SELECT)
                .allowing(ObjectKind.SEQUENCE, SELECT)
                .allowing(ObjectKind.ROUTINE, EXECUTE)
                .allowing(ObjectKind.TYPE, USAGE);
    }

    /**
     * Connects to the database and looks into schemas; what else, {@link #allowing} says.
     *
     * @param role the role
     * @param schemas the schemas
     * @return the policy
     */
    public static PermissionPolicy custom(String role, String... schemas) {
        List<Entitlement> entitlements = Arrays.stream(schemas)
                .map(schema -> new Entitlement(role, schema, Map.of(), DefaultPrivileges.FOR_CREATOR, false))
                .toList();
        return new PermissionPolicy(entitlements, false, false);
    }

    /**
     * The same with exactly these privileges on a kind of object, for every role and schema in the policy. What is said of
     * tables holds for materialised views as far as they can be read and refreshed.
     *
     * @param kind the kind of object
     * @param privileges the privileges; none takes the kind out of the policy
     * @return another policy
     * @throws IllegalArgumentException if objects of the kind do not know one of the privileges
     */
    public PermissionPolicy allowing(ObjectKind kind, Privilege... privileges) {
        Set<Privilege> wanted = EnumSet.noneOf(Privilege.class);
        wanted.addAll(Arrays.asList(privileges));
        if (kind != ObjectKind.TABLE) {
            return each(entitlement -> entitlement.with(kind, wanted));
        }
        Set<Privilege> read = EnumSet.copyOf(wanted);
        read.retainAll(EnumSet.of(SELECT, MAINTAIN));
        return each(entitlement -> entitlement.with(kind, wanted).with(ObjectKind.MATERIALIZED_VIEW, read));
    }

    /**
     * The same with default privileges of another kind.
     *
     * @param defaults whose later objects are to be usable from the start
     * @return another policy
     */
    public PermissionPolicy withDefaultPrivileges(DefaultPrivileges defaults) {
        return each(entitlement -> entitlement.with(defaults));
    }

    /**
     * The same, and only roles with a {@code CONNECT} of their own may connect to the database.
     *
     * @return another policy
     */
    public PermissionPolicy revokingConnectFromPublic() {
        return new PermissionPolicy(entitlements, true, alsoAfterStamp);
    }

    /**
     * The same, also in a database without a version, whose schema is only assumed current.
     *
     * @return another policy
     */
    public PermissionPolicy evenAfterStamp() {
        return new PermissionPolicy(entitlements, connectRevokedFromPublic, true);
    }

    /**
     * Both policies together.
     *
     * @param other the other
     * @return what either of the two allows
     */
    public PermissionPolicy and(PermissionPolicy other) {
        List<Entitlement> both = new ArrayList<>(entitlements);
        both.addAll(other.entitlements);
        return new PermissionPolicy(
                both,
                connectRevokedFromPublic || other.connectRevokedFromPublic,
                alsoAfterStamp || other.alsoAfterStamp);
    }

    /**
     * Whether there is nothing to look at.
     *
     * @return true for {@link #none()}
     */
    public boolean isNone() {
        return entitlements.isEmpty();
    }

    private PermissionPolicy each(UnaryOperator<Entitlement> change) {
        return new PermissionPolicy(
                entitlements.stream().map(change).toList(), connectRevokedFromPublic, alsoAfterStamp);
    }
}
