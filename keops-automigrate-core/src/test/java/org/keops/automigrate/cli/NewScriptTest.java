package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.cli.Tool.Answer;

/** {@code revision} and {@code merge}: what they write, and what they do not. */
class NewScriptTest extends TwoRevisions {

    @Test
    void revisionRevisesTheHead() throws IOException {
        Answer answer = tool.run("revision", "-m", "Add a column & more: things, with a very long message", "--json");
        assertThat(answer.code()).isZero();
        List<Path> made = made();
        assertThat(made).hasSize(1);
        assertThat(made.get(0).getFileName().toString())
                .matches("[0-9a-f]{12}_add_a_column_more_things_with_a_very_.sql");
        assertThat(Files.readString(made.get(0))).matches("""
                -- Add a column & more: things, with a very long message
                --
                -- Revision ID: [0-9a-f]{12}
                -- Revises: bbbb
                -- Create Date: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}

                -- upgrade

                -- downgrade
                """);
        assertThat(tool.run("heads").out()).hasSize("0123456789ab (head)\n".length());
        assertThat(tool.run("upgrade", "head").code()).isZero();
    }

    @Test
    void severalHeadsAreNamedAndMerged() {
        scripts.add("c1c1", "bbbb", "").add("c2c2", "bbbb", "");
        Answer refused = tool.run("revision", "-m", "x");
        assertAnswer(refused, 64, "");
        assertThat(refused.err()).contains("c1c1, c2c2", "--head", "`merge`");
        assertThat(tool.run("upgrade", "head").err()).contains("'c1c1'", "'c2c2'", "`merge`");
        Answer merged = tool.run("merge", "-m", "join", "--rev-id", "mmmm");
        assertThat(merged.out()).contains("mmmm_join.sql");
        assertThat(directory.resolve("mmmm_join.sql")).content().contains("-- Revises: c1c1, c2c2\n");
        assertThat(tool.run("heads").out()).isEqualTo("mmmm (head)\n");
        assertAnswer(tool.run("merge"), 64, "");
    }

    @Test
    void theFirstRevisionNeedsNoOther() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Tool fresh = new Tool().always("--scripts", empty.toString());
        assertThat(fresh.run("revision", "-m", "begin", "--rev-id", "first").code())
                .isZero();
        assertThat(empty.resolve("first_begin.sql")).content().contains("-- Revises:\n");
        Path missing = directory.resolve("not/there");
        Tool beginning = new Tool().always("--scripts", missing.toString());
        assertThat(beginning.run("revision", "--rev-id", "a-b").code()).isEqualTo(64);
        assertThat(missing).doesNotExist();
        assertThat(beginning.run("revision", "-m", "begin", "--rev-id", "first").code())
                .isZero();
        assertThat(missing.resolve("first_begin.sql")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "revision -m x --rev-id a-b        | a-b",
                "revision -m x --rev-id aaaa       | aaaa",
                "revision -m x --rev-id base       | base",
                "revision -m x --head aaaa         | --splice",
                "revision -m x --branch-label bbbb | bbbb",
                "revision -m x --depends-on nosuch | nosuch",
                "revision -m upgrade               | Revision ID"
            })
    void aScriptThatWouldBreakTheHistoryIsNotWritten(String arguments, String says) {
        Answer answer = tool.run(arguments.strip().split(" +"));
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        assertThat(answer.err()).contains(says).doesNotContain("_x.sql:");
        assertThat(made()).isEmpty();
    }

    private List<Path> made() {
        try (var files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("aaaa.sql") && !file.endsWith("bbbb.sql"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
