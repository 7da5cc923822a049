package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Scripts from a place of the user's own that ask for a password, which the JDK repeats in what it throws. */
class ForeignSourceTest {
    @TempDir
    Path directory;

    /** The place answers so often: when it is listed, for the header, for the look before, and for the run. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void whatItThrowsIsToldWithoutThePassword(int answers) {
        new Scripts(directory).add("a1", "", "CREATE TABLE t (i int);\nCOPY t FROM STDIN;\n1\n\\.\n");
        try (TestDatabase database = PostgresServer.shared().database()) {
            assertThat(told(new Distant(ScriptSource.of(directory.toString()), answers), database))
                    .contains("https://…@scripts.example/a1.sql")
                    .doesNotContain("canary");
            assertThat(database.query("SELECT 1 FROM pg_class WHERE relname = 't'"))
                    .isEmpty();
        }
    }

    private static String told(ScriptSource source, TestDatabase database) {
        try {
            return AutoMigrator.configure()
                    .scripts(source)
                    .leavePermissionsAlone()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .run(database.superuser())
                    .toString();
        } catch (UnsoundScriptsException e) {
            return e.toString();
        }
    }

    /** Scripts that are said to be behind a URL. */
    private static final class Distant implements ScriptSource {
        private final ScriptSource scripts;
        private int answers;

        Distant(ScriptSource scripts, int answers) {
            this.scripts = scripts;
            this.answers = answers;
        }

        @Override
        public List<ScriptFile> list() throws IOException {
            requireThere();
            return scripts.list().stream()
                    .map(script -> new ScriptFile(script.place(), () -> {
                        requireThere();
                        return script.open();
                    }))
                    .toList();
        }

        private void requireThere() throws IOException {
            if (answers-- <= 0) {
                throw new FileNotFoundException("https://somebody:canary@scripts.example/a1.sql");
            }
        }

        @Override
        public String describe() {
            return "scripts.example";
        }
    }
}
