package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.cli.Tool.Answer;

/** The verbs of the command line, on a real server. */
class CommandLineTest extends TwoRevisions {

    @Test
    void upgradeAndDowngrade() {
        assertAnswer(tool.run("upgrade", "+1"), 0, "upgraded <base> -> aaaa (1 revision)");
        assertAnswer(tool.run("upgrade", "head"), 0, "upgraded aaaa -> bbbb (1 revision)");
        assertAnswer(tool.run("upgrade", "head"), 0, "nothing to apply or record, at bbbb");
        assertAnswer(tool.run("downgrade", "-1"), 0, "downgraded bbbb -> aaaa (1 revision)");
        assertAnswer(tool.run("downgrade", "base"), 0, "downgraded aaaa -> <base> (1 revision)");
        assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'b')"))
                .isEmpty();
    }

    @Test
    void stampCurrentAndCheck() {
        assertAnswer(tool.run("current"), 0, "");
        assertAnswer(
                tool.run("check", "--heads"),
                1,
                "the scripts are sound, the database is not at the heads: it records no version");
        assertAnswer(tool.run("stamp", "aaaa"), 0, "stamped <base> -> aaaa, nothing run");
        assertAnswer(tool.run("current"), 0, "aaaa\n");
        assertAnswer(
                tool.run("check", "--heads"),
                1,
                "the scripts are sound, the database is not at the heads: it records aaaa");
        tool.run("stamp", "--purge", "head");
        assertAnswer(tool.run("current"), 0, "bbbb (head)\n");
        assertAnswer(tool.run("check", "--heads"), 0, "the scripts are sound, the database is at the heads: bbbb");
        assertAnswer(tool.run("check"), 0, "the scripts are sound");
    }

    @Test
    void planAndRun() {
        assertAnswer(tool.run("plan", "--leave-permissions-alone", "--when-unversioned", "aaaa"), 0, """
                in one transaction:
                  stamp aaaa
                  upgrade aaaa -> bbbb, Revision bbbb
                """);
        assertAnswer(
                tool.run("run", "--leave-permissions-alone", "--when-unversioned", "upgrade-from-base"),
                0,
                "upgraded <base> -> bbbb (2 revisions)");
        assertAnswer(tool.run("plan", "--leave-permissions-alone"), 0, "at head bbbb; nothing would be done");
        assertThat(tool.run("plan", "--leave-permissions-alone", "--json").out())
                .contains("\"from\":[\"bbbb\"],\"to\":[\"bbbb\"]");
        assertAnswer(tool.run("run", "--leave-permissions-alone"), 0, "at head bbbb");
    }

    @Test
    void listings() {
        scripts.add("c1c1", "bbbb", "-- Branch Labels: side", "").add("c2c2", "bbbb", "-- Depends On: aaaa", "");
        assertAnswer(tool.run("heads"), 0, "c1c1 (side) (head)\nc2c2 (head)\n");
        assertAnswer(tool.run("branches"), 0, """
                bbbb (branchpoint)
                     -> c1c1 (side) (head)
                     -> c2c2 (head)
                """);
        assertAnswer(tool.run("history", "-r", "aaaa:bbbb"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa, Revision aaaa
                """);
        tool.run("upgrade", "aaaa");
        assertAnswer(tool.run("history", "-r", "current:bbbb", "-i"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa (current), Revision aaaa
                """);
        assertAnswer(tool.run("show", "c2c2"), 0, """
                Rev: c2c2 (head)
                Parent: bbbb
                Also depends on: aaaa
                Path: %s

                    Revision c2c2
                   \s
                    Revision ID: c2c2
                    Revises: bbbb
                    Create Date: 2024-01-01 00:00:00.000000
                    Depends On: aaaa
                """.formatted(directory.resolve("c2c2.sql")));
    }

    @Test
    void theHistoryCanBeDrawn() {
        assertAnswer(tool.run("history", "--graph"), 0, """
                ○  bbbb (head), Revision bbbb
                ○  aaaa, Revision aaaa
                """);
        tool.run("upgrade", "aaaa");
        assertThat(tool.run("history", "--graph", "-i").out()).contains("●  aaaa (current)");
        assertThat(tool.run("history", "--format", "svg").out()).startsWith("<svg ");
        assertThat(tool.run("history", "--format", "mermaid").out()).startsWith("flowchart BT");
        assertThat(tool.run("history", "--format", "dot").out()).startsWith("digraph");
        assertThat(tool.run("history", "--format", "png").code()).isEqualTo(64);
    }

    @Test
    void sqlWritesTheScriptForPsql() {
        Answer answer = tool.run("sql", "aaaa:bbbb");
        assertThat(answer.out()).startsWith("BEGIN;\n\n-- Running upgrade aaaa -> bbbb\n\nCREATE TABLE b (i int);\n\n");
        assertThat(tool.run("sql", "aaaa", "bbbb").out()).isEqualTo(answer.out());
        assertThat(tool.run("sql", "head").out()).contains("CREATE TABLE alembic_version");
        assertThat(tool.run("sql", "bbbb", "-1").out()).contains("-- Running downgrade bbbb -> aaaa");
        assertAnswer(tool.run("sql", ":aaaa"), 64, "");
        assertThat(tool.run("sql", "aaaa:bbbb", "--json").out())
                .startsWith("{\"exitCode\":0,\"sql\":\"BEGIN;\\n\\n-- Running upgrade aaaa -> bbbb\\n")
                .endsWith("COMMIT;\\n\\n\"}" + System.lineSeparator());
    }

    @Test
    void aScriptThatWasChangedAfterItWasApplied() {
        tool.run("upgrade", "head", "--fingerprints", "warn");
        scripts.add("bbbb", "aaaa", "CREATE TABLE b (i bigint);\n-- downgrade\nDROP TABLE b;");
        assertThat(tool.run("upgrade", "head").code()).isZero();
        assertThat(tool.run("upgrade", "head", "--fingerprints", "warn").code()).isZero();
        for (String verb : List.of("upgrade head", "run --leave-permissions-alone", "plan --leave-permissions-alone")) {
            Answer refused = tool.run((verb + " --fingerprints refuse").split(" "));
            assertThat(refused.code()).as(verb).isEqualTo(14);
            assertThat(refused.out()).as(verb).contains("bbbb.sql: was changed after revision bbbb was applied");
        }
        assertThat(tool.run("stamp", "head", "--fingerprints", "refuse").code()).isZero();
        assertThat(tool.run("upgrade", "head", "--fingerprints", "refuse").code())
                .isZero();
        Answer unknown = tool.run("upgrade", "head", "--fingerprints", "on");
        assertAnswer(unknown, 64, "");
        assertThat(unknown.err()).contains("--fingerprints is off, warn or refuse, not 'on'");
    }

    @Test
    void theVersionTableMayStandInAnotherSchema() {
        database.execute("CREATE SCHEMA ledger");
        tool.always("--version-table-schema", "ledger");
        assertAnswer(tool.run("upgrade", "head"), 0, "upgraded <base> -> bbbb (2 revisions)");
        assertThat(database.query("SELECT version_num FROM ledger.alembic_version"))
                .containsExactly("bbbb");
        assertAnswer(tool.run("current"), 0, "bbbb (head)\n");
        assertThat(tool.run("sql", "bbbb:aaaa").out()).contains("UPDATE ledger.alembic_version SET");
    }

    @Test
    void helpIsNoError() {
        assertThat(tool.run("--help").code()).isZero();
        Answer help = tool.run("upgrade", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("--scripts", "--password-file").doesNotContain("\u001b[");
    }
}
