package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.RevisionsIndex;
import org.keops.automigrate.testing.Scripts;

/** The index of the scripts for builds that run no Java of ours. */
class IndexTest {
    @TempDir
    Path directory;

    @BeforeEach
    void write() {
        new Scripts(directory).add("aaaa", "", "SELECT 1;").add("bbbb", "aaaa", "SELECT 2;");
    }

    @Test
    void itIsTheOneThatABuildWrites() throws IOException {
        Tool.Answer answer = new Tool().run("index", "--scripts", directory.toString());
        Path file = directory.resolve("revisions.index");
        assertThat(answer.out()).isEqualTo("Generating " + file + "\n");
        assertThat(answer.code()).isZero();
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        assertThat(bytes).isEqualTo(Files.readAllBytes(RevisionsIndex.write(directory)));
        assertThat(new Tool()
                        .run("index", "--json", "--scripts", directory.toString())
                        .out())
                .contains("\"file\":\"" + file + "\"");
    }

    @Test
    void unsoundScriptsHaveNone() {
        new Scripts(directory).add("cccc", "nowhere", "SELECT 3;");
        assertThat(new Tool().run("index", "--scripts", directory.toString()).code())
                .isEqualTo(ExitCode.SCRIPTS_UNSOUND);
        assertThat(directory.resolve("revisions.index")).doesNotExist();
    }

    @Test
    void itNeedsOneDirectory() {
        Tool.Answer answer = new Tool().run("index", "--scripts", "classpath:alembic/versions");
        assertThat(answer.code()).isEqualTo(ExitCode.USAGE);
        assertThat(answer.err()).startsWith("an index needs a directory, which 'classpath:alembic/versions' is not");
    }
}
