package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The archive for updating by hand. */
class BundleTest {
    @TempDir
    Path directory;

    @Test
    void theBundleIsAPlaceForScripts() throws IOException {
        Path archive = bundle();
        try (TestDatabase database = PostgresServer.shared().database()) {
            Tool tool = new Tool().of(database).always("--scripts", archive.toString());
            assertThat(tool.run("upgrade", "head").code()).isZero();
            assertThat(tool.run("current").out()).isEqualTo("bbbb (head)\n");
            assertThat(tool.run("downgrade", "base").code()).isZero();
            assertThat(tool.run("check").code()).isZero();
            assertThat(tool.run("revision", "-m", "x").code()).isEqualTo(64);
        }
    }

    @Test
    void theSameScriptsMakeTheSameBytes() throws IOException {
        byte[] first = Files.readAllBytes(bundle());
        assertThat(Files.readAllBytes(bundle())).isEqualTo(first);
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("versions", "migration.zip");
        }
    }

    @Test
    void aBundleIsMadeAnewButNothingElseIsLost() throws IOException {
        bundle();
        String archive = directory.resolve("migration.zip").toString();
        assertThat(tool(archive).out()).contains(archive + ", in place of the archive that was there");
        Path notes = Files.writeString(directory.resolve("notes.txt"), "dear diary");
        assertRefused(notes.toString(), "is no zip archive");
        assertThat(notes).hasContent("dear diary");
        assertRefused(directory.toString(), "it is a directory");
        assertRefused(directory.resolve("no/such.zip").toString(), "there is no directory " + directory.resolve("no"));
    }

    private void assertRefused(String output, String says) {
        Answer refused = tool(output);
        assertThat(refused.code()).as(refused.err()).isEqualTo(64);
        assertThat(refused.err()).contains(output, says).doesNotContain(".part");
    }

    private Answer tool(String output) {
        return new Tool()
                .run("bundle", "--scripts", directory.resolve("versions").toString(), "-o", output);
    }

    @Test
    void itSaysWhatIsInIt() throws IOException {
        Path archive = bundle();
        assertThat(text(archive, "README.txt")).contains("2 revisions, up to bbbb (head)", "upgrade head --scripts");
        assertThat(text(archive, "index.txt")).contains("○  bbbb (head)", "aaaa  alembic/versions/aaaa.sql");
        assertThat(text(archive, "history.svg")).startsWith("<svg ");
    }

    @Test
    void thePermissionsAreThoseThatTheBootRepairs() throws IOException {
        String role = "odd \"role\" $fix$ 'x\\";
        String schema = "odd $fix$ schema'\\";
        try (TestDatabase database = PostgresServer.shared().database()) {
            String quoted = "\"" + schema + "\"";
            database.execute(
                    "DO $d$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = E'odd \"role\" \\x24fix\\x24 ''x\\\\')"
                            + " THEN CREATE ROLE \"" + role.replace("\"", "\"\"") + "\"; END IF; END $d$",
                    "CREATE SCHEMA " + quoted,
                    "CREATE TABLE " + quoted + ".t (id serial)",
                    "CREATE VIEW " + quoted + ".v AS SELECT 1",
                    "CREATE TABLE " + quoted + ".alembic_version (version_num varchar(32))");
            Path archive = bundle("--application-role", role, "--schema", schema);
            Migrator migrator = AutoMigrator.configure()
                    .scripts(archive.toString())
                    .applicationRole(role)
                    .schema(schema)
                    .versionTableSchema(schema)
                    .build();
            database.execute(text(archive, "fix-permissions.sql"));
            database.execute(text(archive, "fix-permissions.sql"));
            var repaired = migrator.repairPermissions(database.superuser()).permissions();
            assertThat(repaired.repaired()).isEmpty();
            assertThat(repaired.findings()).isEmpty();
            assertThat(database.query("SELECT count(*) FROM information_schema.role_table_grants"
                            + " WHERE table_name = 'alembic_version' AND grantee LIKE 'odd%'"))
                    .containsExactly("0");
            database.execute("DROP OWNED BY \"" + role.replace("\"", "\"\"") + "\"");
        }
    }

    @Test
    void unsoundScriptsAreNotBundled() {
        new Scripts(directory).add("aaaa", "", "COMMIT;");
        Path archive = directory.resolve("out.zip");
        assertThat(new Tool()
                        .run("bundle", "--scripts", directory.toString(), "-o", archive.toString())
                        .code())
                .isEqualTo(21);
        assertThat(archive).doesNotExist();
    }

    private Path bundle(String... options) throws IOException {
        Path versions = Files.createDirectories(directory.resolve("versions"));
        new Scripts(versions)
                .add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;")
                .add("bbbb", "aaaa", "CREATE TABLE b (i int);\n-- downgrade\nDROP TABLE b;");
        Path archive = directory.resolve("migration.zip");
        Tool tool = new Tool()
                .always("--scripts", versions.toString(), "-o", archive.toString())
                .always(options);
        assertThat(tool.run("bundle").code()).isZero();
        return archive;
    }

    private static String text(Path archive, String name) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            return new String(zip.getInputStream(zip.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
