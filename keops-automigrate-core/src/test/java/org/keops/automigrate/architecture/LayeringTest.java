package org.keops.automigrate.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migration;

/** The layers go one way down: api, then source and postgres, then the pure packages, then the values. */
class LayeringTest {
    private static final String ROOT = "org.keops.automigrate";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void eachLayerSeesOnlyThoseBelow() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy(ROOT + ".cli..")
                .layer("api")
                .definedBy(ROOT)
                .layer("source")
                .definedBy(ROOT + ".source..")
                .layer("postgres")
                .definedBy(ROOT + ".postgres..")
                .layer("decision")
                .definedBy(ROOT + ".decision..")
                .layer("graph")
                .definedBy(ROOT + ".graph..")
                .layer("script")
                .definedBy(ROOT + ".script..")
                .layer("permissions")
                .definedBy(ROOT + ".permissions..")
                .layer("model")
                .definedBy(ROOT + ".model..")
                .layer("drawing")
                .definedBy(ROOT + ".drawing..")
                .layer("python")
                .definedBy(ROOT + ".python..")
                .whereLayer("python")
                .mayOnlyBeAccessedByLayers("api", "cli")
                .whereLayer("drawing")
                .mayOnlyBeAccessedByLayers("api")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("source")
                .mayOnlyBeAccessedByLayers("api", "cli")
                .whereLayer("postgres")
                .mayOnlyBeAccessedByLayers("api")
                .whereLayer("decision")
                .mayOnlyBeAccessedByLayers("api")
                .whereLayer("graph")
                .mayOnlyBeAccessedByLayers("api", "decision")
                .whereLayer("script")
                .mayOnlyBeAccessedByLayers("cli", "api", "postgres")
                .whereLayer("permissions")
                .mayOnlyBeAccessedByLayers("api", "postgres")
                .check(CLASSES);
    }

    @Test
    void packagesDependOnEachOtherInNoCircle() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
        slices().matching(ROOT + ".postgres.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void thePurePackagesDoNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + ".model..",
                        ROOT + ".graph..",
                        ROOT + ".decision..",
                        ROOT + ".drawing..",
                        ROOT + ".permissions..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "javax.sql..",
                        "java.io..",
                        "java.nio..",
                        "java.net..",
                        "org.slf4j..",
                        "org.postgresql..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".script..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..", "javax.sql..", "java.nio.file..", "java.net..", "org.slf4j..", "org.postgresql..")
                .check(CLASSES);
    }

    @Test
    void onlyOnePackageSpeaksJdbc() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".postgres..", ROOT + ".cli..", ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .and()
                .doNotHaveFullyQualifiedName(Migration.class.getName()) // hands one to its author, and uses none
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.sql.Connection")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("org.postgresql..")
                .check(CLASSES);
    }

    /** The command line makes the data source that it hands over; it speaks to no database itself. */
    @Test
    void onlyTheCommandLineNeedsItsLibraries() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.sql..")
                .check(CLASSES);
    }

    @Test
    void onlyTheApiSpeaksToTheLog() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void valuesCanNotChange() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".model..")
                .and()
                .areNotInterfaces()
                .should()
                .haveOnlyFinalFields()
                .check(CLASSES);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(CLASSES);
    }

    @Test
    void theModuleExportsTheApiAndNothingElse() throws IOException {
        ModuleDescriptor module = module();
        assertThat(module.exports().stream().map(ModuleDescriptor.Exports::source))
                .containsExactlyInAnyOrder(ROOT, ROOT + ".model", ROOT + ".source");
        assertThat(requiredAtRunTime(module))
                .containsExactly("java.base", "java.sql", "org.postgresql.jdbc", "org.slf4j");
    }

    @Test
    void whatTheApiShowsIsExported() {
        Set<String> exported = Set.of(ROOT, ROOT + ".model", ROOT + ".source");
        Set<String> hidden = CLASSES.stream()
                .filter(type -> exported.contains(type.getPackageName()))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(method -> method.getAllInvolvedRawTypes().stream())
                .filter(type -> type.getPackageName().startsWith(ROOT) && !exported.contains(type.getPackageName()))
                .map(type -> type.getFullName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(hidden).isEmpty();
    }

    private static Set<String> requiredAtRunTime(ModuleDescriptor module) {
        return module.requires().stream()
                .filter(required -> !required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                .map(ModuleDescriptor.Requires::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static ModuleDescriptor module() throws IOException {
        Path classes = Path.of(AutoMigrator.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }
}
