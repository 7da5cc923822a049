package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keops.automigrate.model.PermissionPolicy.custom;
import static org.keops.automigrate.model.PermissionPolicy.keops;
import static org.keops.automigrate.model.PermissionPolicy.none;
import static org.keops.automigrate.model.PermissionPolicy.readOnly;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.model.UnsoundScriptsException;

/** Policies as values, and what contradicts what. */
class PolicyTest {

    @Test
    void readWriteIsNotAll() {
        Entitlement entitlement = readWrite("r", "s").entitlements().get(0);
        assertThat(entitlement.on(ObjectKind.TABLE))
                .containsExactly(Privilege.SELECT, Privilege.INSERT, Privilege.UPDATE, Privilege.DELETE);
        assertThat(entitlement.on(ObjectKind.MATERIALIZED_VIEW)).containsExactly(Privilege.SELECT);
        assertThat(entitlement.on(ObjectKind.ROUTINE)).containsExactly(Privilege.EXECUTE);
    }

    @Test
    void readOnlyWritesNothing() {
        Entitlement entitlement = readOnly("r", "s").entitlements().get(0);
        assertThat(entitlement.on(ObjectKind.TABLE)).containsExactly(Privilege.SELECT);
        assertThat(entitlement.on(ObjectKind.SEQUENCE)).containsExactly(Privilege.SELECT);
    }

    @Test
    void keopsIsAllAndLeavesRoutinesAlone() {
        Entitlement entitlement = keops("r", "s").entitlements().get(0);
        assertThat(entitlement.on(ObjectKind.TABLE)).hasSize(8);
        assertThat(entitlement.on(ObjectKind.ROUTINE)).isEmpty();
        assertThat(Wanted.on(entitlement, ObjectKind.TABLE, 16)).doesNotContain("MAINTAIN");
        assertThat(Wanted.on(entitlement, ObjectKind.TABLE, 17)).endsWith("MAINTAIN");
    }

    @Test
    void twoPoliciesForTheSameRoleAndSchemaAddUp() {
        PermissionPolicy both = readOnly("r", "s").and(custom("r", "s").allowing(ObjectKind.TABLE, Privilege.INSERT));
        assertThat(both.entitlements()).hasSize(1);
        assertThat(both.entitlements().get(0).on(ObjectKind.TABLE))
                .isEqualTo(Set.of(Privilege.SELECT, Privilege.INSERT));
        assertThat(readOnly("r", "s").and(readOnly("r", "t")).entitlements()).hasSize(2);
    }

    @Test
    void aPrivilegeThatAnObjectDoesNotKnow() {
        assertThatThrownBy(() -> readWrite("r", "s").allowing(ObjectKind.SEQUENCE, Privilege.DELETE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DELETE");
    }

    @Test
    void aPolicyAndTheShortForm() {
        assertProblems(
                configure()
                        .permissions(readWrite("r", "s"))
                        .applicationRole("r")
                        .schema("s"),
                "option applicationRole: contradicts permissions",
                "option schema: contradicts permissions");
        assertProblems(
                configure().permissions(readWrite("r", "s")).leavePermissionsAlone(),
                "option permissions: contradicts leavePermissionsAlone");
        assertProblems(
                configure().leavePermissionsAlone().applicationRole("r"),
                "option applicationRole: contradicts leavePermissionsAlone");
    }

    @Test
    void namesThatPostgresqlCanNotHave() {
        assertProblems(configure().permissions(readWrite("", "s", "x".repeat(64))), "is not a name", "longer than");
        assertProblems(configure().ownerRole(""), "option ownerRole: is not a name");
        assertProblems(
                configure().permissions(none().revokingConnectFromPublic()), "names neither a role nor a schema");
    }

    @Test
    void whatLacksIsTheDifference() {
        Observed table = new Observed(
                Observed.Kind.TABLE, "r", "s", "o", Set.of("SELECT"), Set.of("INSERT", "UPDATE"), List.of("b", "a"));
        MissingGrants missing = MissingGrants.of(readWrite("r", "s"), 18, List.of(table));
        assertThat(missing.repairs())
                .extracting(Repair::sql)
                .containsExactly("GRANT INSERT, UPDATE ON TABLE \"s\".\"a\", \"s\".\"b\" TO \"r\"");
        assertThat(missing.findings())
                .containsExactly("permission still lacks, this role may not grant it; let \"o\" run: GRANT DELETE ON"
                        + " TABLE \"s\".\"a\", \"s\".\"b\" TO \"r\"");
    }

    @Test
    void tenThousandTablesAreAHandfulOfStatements() {
        List<String> names = IntStream.range(0, 10_000).mapToObj(i -> "t" + i).toList();
        Observed tables = new Observed(Observed.Kind.TABLE, "r", "s", "o", Set.of(), Set.of("SELECT"), names);
        assertThat(MissingGrants.of(readOnly("r", "s"), 18, List.of(tables)).repairs())
                .hasSize(10);
    }

    private static MigratorBuilder configure() {
        return AutoMigrator.configure().scripts("classpath:db/revisions");
    }

    private static void assertProblems(MigratorBuilder builder, String... problems) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(UnsoundScriptsException.class)
                .satisfies(e -> {
                    for (String problem : problems) {
                        assertThat(e).hasMessageContaining(problem);
                    }
                });
    }
}
