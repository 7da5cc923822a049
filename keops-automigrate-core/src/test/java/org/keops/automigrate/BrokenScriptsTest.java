package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.SourceLine;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** A broken script: the place that is reported is that of the guilty token, which is marked here with {@code ⟦} before it. */
class BrokenScriptsTest {
    private static final String HEADER = "-- Broken\n--\n-- Revision ID: a1\n-- Revises:\n\n";
    private static final String MARK = "⟦";

    @TempDir
    Path directory;

    private static TestDatabase database;

    @BeforeAll
    static void prepare() {
        database = PostgresServer.shared().database();
        database.execute(
                "CREATE TABLE there (i int PRIMARY KEY, s text)",
                "INSERT INTO there VALUES (1, 'one')",
                "CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS $$ BEGIN\n RETURN 1/0; END $$",
                """
                CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF NEW.i = 99 THEN RAISE EXCEPTION 'no 99'; END IF;
                  IF NEW.i > 100 THEN RAISE EXCEPTION 'no % %', NEW.i, NEW.s; END IF;
                  RETURN NEW;
                END $$
                """,
                "CREATE TRIGGER refuses BEFORE INSERT ON there FOR EACH ROW EXECUTE FUNCTION refuses()",
                "CREATE TABLE other ()",
                "CREATE TABLE refers (i int REFERENCES there)");
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    static List<String> scripts() {
        return List.of(
                // syntax
                "⟦SELEC 1;",
                "SELECT 1;\nCREATE TABLE t (i int,⟦);",
                "SELECT 1;\nSELECT 1 +⟦",
                "CREATE TABLE t (i int ⟦i2 int);\nSELECT 1;",
                "SELECT 1;\n\n\n  SELECT (1 + ⟦) AS x;",
                "SELECT 1 FROM⟦;",
                "ALTER TABLE there ADD COLUMN ⟦;".replace("⟦;", "x nosuch_t(⟦);"),
                // what is not there, with an error position
                "SELECT 1; SELECT * FROM ⟦nosuch;",
                "SELECT i,\n\t⟦nosuch,\n\ts FROM there;",
                "SELECT 'é€😀' AS \"ä\", ⟦nosuch FROM there;",
                "SELECT '😀😀', '\t', ⟦nosuch();",
                "/* ; é */ SELECT 1; -- ;\n  /* ' */ SELECT E'\\'', ⟦nosuch FROM there;",
                "SELECT $q$ ; ' $q$, ⟦nosuch FROM there;",
                "CREATE VIEW v AS\n  SELECT i, ⟦nosuch FROM there;",
                "CREATE TABLE t (i ⟦nosuch);",
                "CREATE TABLE t (i int REFERENCES ⟦nosuch (i));"
                        .replace("⟦", "")
                        .replace("nosuch", "⟦nosuch"),
                "CREATE INDEX ON there (⟦nosuch);",
                "INSERT INTO there (i, ⟦nosuch) VALUES (1, 2);",
                "UPDATE there SET ⟦nosuch = 1;",
                "SELECT ⟦'canary'::int;",
                // what is not there, without one
                "ALTER TABLE ⟦nosuch ADD COLUMN x int;",
                "ALTER TABLE there\n    ALTER COLUMN ⟦nosuch DROP NOT NULL;",
                "ALTER TABLE public.⟦\"NoSuch\" ADD COLUMN x int;".replace("public.⟦", "⟦public."),
                "DROP TABLE there, ⟦nosuch;",
                "DROP FUNCTION ⟦nosuch(int);",
                "CREATE TABLE ⟦there (i int);",
                "CREATE TRIGGER t BEFORE INSERT ON there FOR EACH ROW EXECUTE FUNCTION ⟦nosuch();",
                "GRANT SELECT ON there TO ⟦nosuch;",
                "ALTER TABLE there ADD CONSTRAINT ⟦positive CHECK (i > 5);",
                "DROP TABLE IF EXISTS nix; ⟦SELECT 1/0;",
                // code
                "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1 ⟦1;\nEND $$;"
                        .replace("1 ⟦1;", "1;\n  ⟦nonsense;"),
                "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS '\nBEGIN\n  PERFORM ''x'';\n  RETURN 1;\nENDE⟦';",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT i,\n   ⟦nosuch FROM there $$;",
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS E'SELECT \\'é\\' ||\\n ⟦nosuch FROM there';",
                "DO $$\nBEGIN\n  PERFORM 1;\n  INSERT INTO ⟦nosuch VALUES ('é');\nEND $$;",
                "DO $$\nDECLARE x int;\nBEGIN\n  SELECT i INTO x\n    FROM there WHERE ⟦nosuch = 1;\nEND $$;",
                "DO $$\nBEGIN\n  PERFORM 'é', ⟦nosuch FROM there;\nEND $$;",
                "DO $$\nBEGIN\n  PERFORM\n    ⟦nosuch FROM there;\nEND $$;",
                "DO $$ DECLARE x int; BEGIN x := 1 + ⟦nosuch; END $$;",
                "DO $$\nBEGIN\n  EXECUTE 'SELECT ⟦nosuch FROM there';\nEND $$;",
                "DO '\nBEGIN\n  PERFORM ''a'', ''b'';\n  PERFORM ⟦nosuch FROM there;\nEND';",
                "DO $$\nBEGIN\n  PERFORM 1;\n  ⟦RAISE EXCEPTION 'no';\nEND $$;",
                "DO $$ BEGIN PERFORM 1; ⟦RAISE EXCEPTION 'no'; END $$;",
                "DO $$\nBEGIN\n  PERFORM 2;\n  PERFORM ⟦1/0;\nEND $$;",
                "DO $$\nBEGIN\n  ⟦INSERT INTO there VALUES (1, 'canary');\nEND $$;",
                "DO $$\nBEGIN\n  PERFORM ⟦fails();\nEND $$;",
                "SELECT 1;\n⟦SELECT fails();",
                "SELECT 1;\nDO LANGUAGE plpgsql $$ BEGIN\n  IF true THEN\n    ⟦nonsense; END IF; END $$;",
                // unterminated
                "SELECT 1;\nSELECT ⟦'open;",
                "SELECT 1;\nSELECT ⟦$q$ open;",
                "SELECT 1;\nSELECT ⟦\"open;",
                "SELECT 1; ⟦/* open",
                "SELECT 1;\n⟦COPY there FROM STDIN;\n2\ttwo\n",
                // COPY rows: the line alone
                "COPY there FROM STDIN;\n2\ttwo\n⟦3\n4\tfour\n\\.\n",
                "COPY there FROM STDIN;\n2\ttwo\n⟦x\tcanary\n\\.\n",
                "COPY there FROM STDIN;\n⟦2\ttwo\tthree\n\\.\n",
                "SELECT 1;\nCOPY there (i, s) FROM STDIN WITH (FORMAT csv, HEADER);\ni,s\n2,\"a\nb\"\n⟦x,c\n\\.\n",
                "COPY public.there FROM STDIN;\n2\ttwo\n⟦1\tcanary\n\\.\n",
                "SELECT 'é';\r\nCOPY there FROM STDIN;\r\n2\ttwo\r\n⟦x\tthree\r\n\\.\r\n",
                "COPY there (i, ⟦nosuch) FROM STDIN;\n2\ttwo\n\\.\n",
                "COPY (SELECT ';') TO STDOUT; COPY there TO STDIN; SELECT ⟦nosuch;",
                "SELECT 1; COPY (SELECT ⟦nosuch) TO STDOUT; SELECT 2;",
                // rows of several lines: the first of them
                "COPY there FROM STDIN CSV;\n2,\"a\n\n\nb\"\n3,\"a\nb\"\n⟦x,c\n\\.\n",
                "COPY there FROM STDIN (FORMAT 'csv');\n2,\"a\nb\"\n⟦\"x\n3\",c\n4,d\n\\.\n",
                "COPY there FROM STDIN (FORMAT csv, QUOTE '''', ESCAPE E'\\\\');\n2,'a\\'\n\"b'\n⟦x,c\n\\.\n",
                // what a row made a trigger do
                "COPY there FROM STDIN;\n2\ttwo\n⟦99\tcanary\n3\tthree\n\\.\n",
                // messages that quote nothing, or a value
                "DROP TABLE refers; CREATE VIEW tables AS TABLE there; DROP TABLE ⟦there;",
                "ALTER TABLE there DROP COLUMN s, DROP COLUMN ⟦i;",
                "SET work_mem = 100; SET ⟦work_mem = 'canary';",
                "CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood RENAME VALUE ⟦'canary' TO 'b';",
                "CREATE TABLE t (i int, ⟦i text);",
                "SELECT ⟦$1;",
                // code of which the server says the line alone
                "DO $$\nBEGIN\n  ALTER TABLE ⟦nosuch ADD COLUMN é int;\nEND $$;",
                "DO LANGUAGE ⟦nosuch $$ $$;",
                "DO $$\nBEGIN\n  PERFORM 1;\nEXCEPTION\n  WHEN ⟦nosuch THEN NULL;\nEND $$;",
                "CREATE FUNCTION f1() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEXCEPTION WHEN ⟦nosuch THEN NULL;\nEND $$;");
    }

    static List<String> atomic() {
        return List.of(
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1;\n  SELECT ⟦nosuch FROM there;\nEND;");
    }

    @ParameterizedTest
    @MethodSource({"scripts", "atomic"})
    void thePlaceIsThatOfTheGuiltyToken(String marked) throws Exception {
        if (marked.contains("ATOMIC")
                && Integer.parseInt(database.query("SHOW server_version_num").get(0)) < 140_000) {
            return; // no such statement there
        }
        check(HEADER + marked);
        check((HEADER + marked).replace("\r\n", "\n").replace("\n", "\r\n"));
        check("\uFEFF" + HEADER + marked);
    }

    @Test
    void whatElseTheServerSaysIsKeptWithoutValues() throws Exception {
        Failure failure = failure(HEADER + "INSERT INTO there VALUES (1, 'canary');", false);
        assertThat(failure.particulars().detail()).isEqualTo("Key (i)=(…) already exists.");
        assertThat(failure.particulars().statement()).isNull();
        assertThat(failure.toString()).endsWith("; rolled back to <base>; DETAIL: Key (i)=(…) already exists.");
        failure = failure(HEADER + "SELECT there.ii FROM there;", false);
        assertThat(failure.particulars().hint()).contains("there.i");
        failure = failure(HEADER + "DO $$\nBEGIN\n  PERFORM fails();\nEND $$;", false);
        assertThat(failure.particulars().context())
                .contains("PL/pgSQL function fails() line 2 at RETURN")
                .endsWith("PL/pgSQL function inline_code_block line 3 at PERFORM")
                .doesNotContain("SELECT", "1/0");
        failure = failure(HEADER + "CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT * FROM v; DROP VIEW v;", false);
        assertThat(failure.particulars().detail()).isEqualTo("view w depends on view v");
        assertThat(failure.particulars().hint()).startsWith("Use DROP ... CASCADE");
        failure = failure(
                HEADER + "CREATE TABLE c (s text CHECK (s <> 'canary')); INSERT INTO c VALUES ('canary');", false);
        assertThat(failure.particulars().detail()).isEqualTo("Failing row contains (…).");
    }

    @Test
    void aLineBreakBehindABackslashEndsNoRow() throws Exception {
        check(HEADER + "COPY there FROM STDIN;\n2\ta\\\nb\n3\tc\n⟦x\td\n\\.\n");
    }

    @Test
    void whatAFunctionSaysIsWithoutTheValuesItWasGiven() throws Exception {
        assertThat(failure(HEADER + "INSERT INTO there VALUES (101, 'canary');", false)
                        .message())
                .isEqualTo("no 101 …");
        assertThat(failure(HEADER + "DO $$ BEGIN RAISE EXCEPTION 'no such luck'; END $$;", false)
                        .message())
                .isEqualTo("no such luck");
    }

    @Test
    void theLineIsShownWithoutLiteralsAndComments() throws Exception {
        Failure failure = failure(
                HEADER
                        + "SELECT 1; INSERT INTO there\n\tSELECT 'canary', /* canary */ $$canary$$, 123456789, nosuch; -- c",
                false);
        assertThat(failure.particulars().line())
                .hasToString("\tSELECT '…', … … … $$…$$, …, nosuch\n\t                            ^");
        failure = failure(HEADER + "SELECT 'canary'::int;", false);
        assertThat(failure.particulars().line()).hasToString("SELECT '…'::int\n       ^");
        failure = failure(HEADER + "DO $$ BEGIN\n  PERFORM 'canary', E'ca\\'nary', nosuch FROM there; END $$;", false);
        assertThat(failure.particulars().line())
                .hasToString("  PERFORM '…', E'…', nosuch FROM there; END $$\n                     ^");
        failure = failure(HEADER + "ALTER ROLE nosuch PASSWORD 'canary';", true);
        assertThat(failure.particulars()).isEqualTo(Particulars.NONE);
    }

    @Test
    void theStatementIsShownOnRequest() throws Exception {
        Failure failure = failure(HEADER + "SELECT 'canary',\n  nosuch; SELECT 2;", true);
        assertThat(failure.particulars().statement()).isEqualTo("SELECT '…',\n  nosuch");
        assertThat(failure.toString()).doesNotContain("SELECT");
    }

    @Test
    void theRowsOfCopyAreCounted() throws Exception {
        try (TestDatabase own = PostgresServer.shared().database()) {
            new Scripts(directory)
                    .add(
                            "a1",
                            "",
                            "CREATE TABLE t (i int);\nCOPY t FROM STDIN;\n1\n2\n\\.\nCOPY t FROM STDIN;\n3\n\\.\n");
            BootReport report = AutoMigrator.configure()
                    .scripts(directory.toString())
                    .leavePermissionsAlone()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .run(own.superuser());
            assertThat(report.steps()).singleElement().satisfies(step -> {
                assertThat(step.rowsCopied()).isEqualTo(3);
                assertThat(step.statements()).isEqualTo(3);
            });
        }
    }

    private void check(String marked) throws Exception {
        Failure failure = failure(marked.replace(MARK, ""), false);
        Location where = Objects.requireNonNull(failure.where(), failure.toString());
        int at = marked.indexOf(MARK);
        String before = marked.substring(0, at).replace("\uFEFF", "").replace("\r\n", "\n");
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        String ofLine = before.substring(before.lastIndexOf('\n') + 1);
        boolean row = failure.particulars().context() != null
                && failure.particulars().context().contains("COPY there, ");
        int column = row ? 0 : 1 + ofLine.codePointCount(0, ofLine.length());
        assertThat(where.line() + ":" + where.column()).as("%s", failure).isEqualTo(line + ":" + column);
        assertThat(failure.toString()).doesNotContain("canary");
        SourceLine shown = failure.particulars().line();
        assertThat(String.valueOf(shown)).doesNotContain("canary");
        if (shown != null && shown.text().indexOf('…') < 0) {
            // the caret stands under the very characters that the file has there
            String rest = marked.substring(at + 1).split("[\r\n]", -1)[0];
            String pointed = shown.text().substring(shown.text().offsetByCodePoints(0, shown.caret()));
            assertThat(rest).startsWith(pointed.split(";", -1)[0].stripTrailing());
        }
    }

    private Failure failure(String script, boolean show) throws Exception {
        Files.write(directory.resolve("a1.sql"), script.getBytes(StandardCharsets.UTF_8));
        MigratorBuilder builder = AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
        BootReport report = (show ? builder.showFailedStatement() : builder).run(database.superuser());
        assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) report.outcome()).failure();
    }
}
