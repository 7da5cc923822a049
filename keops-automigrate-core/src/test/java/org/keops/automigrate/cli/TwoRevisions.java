package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** A database, two scripts, and the command line for them. */
abstract class TwoRevisions {
    @TempDir
    Path directory;

    Scripts scripts;
    TestDatabase database;
    Tool tool;

    @BeforeEach
    void prepareTwoRevisions() {
        scripts = new Scripts(directory)
                .add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;")
                .add("bbbb", "aaaa", "CREATE TABLE b (i int);\n-- downgrade\nDROP TABLE b;");
        database = PostgresServer.shared().database();
        tool = new Tool().of(database).always("--scripts", directory.toString());
    }

    @AfterEach
    void dropTheDatabase() {
        database.close();
    }

    /** The whole of the output where it ends a line, its beginning otherwise: times vary. */
    static void assertAnswer(Answer answer, int code, String out) {
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
        if (out.isEmpty() || out.endsWith("\n")) {
            assertThat(answer.out().strip()).isEqualTo(out.strip());
        } else {
            assertThat(answer.out()).startsWith(out);
        }
    }
}
