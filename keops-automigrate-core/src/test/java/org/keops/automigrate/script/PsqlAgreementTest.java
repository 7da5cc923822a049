package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.testing.Seeds;

/** psql sends the server exactly the statements that the reader finds. Needs psql on the PATH, no server. */
class PsqlAgreementTest {
    private static final int SCRIPTS = Integer.getInteger("psql.scripts", 60);

    /** Whatever opens, closes or looks like it; no single colon, with which psql names variables. */
    private static final List<String> FRAGMENTS = List.of(
            "'",
            "''",
            "\"",
            "E'",
            "e'\\'",
            "b'",
            "X'",
            "n'",
            "U&'",
            "u&\"",
            "$$",
            "$a$",
            "$b$",
            "$é$",
            "$1",
            "$",
            "a$",
            "1",
            "1$a$",
            "a",
            "é𝒜",
            ";",
            ";",
            ";",
            "; ",
            "(",
            ")",
            "--",
            "/*",
            "*/",
            "*",
            "/",
            "+",
            "-",
            "@",
            "\n",
            "\n",
            "\r",
            " ",
            " ",
            "\t",
            "::",
            ".5",
            "create function ",
            "create or replace procedure ",
            " begin atomic ",
            " case ",
            " end ",
            "select ",
            ";\nSET standard_conforming_strings = off;\n",
            "; copy t from stdin;\n1\n\\.\n");

    @BeforeEach
    void needsPsql() {
        assumeTrue(Psql.isHere(), "no psql on the PATH");
    }

    static List<Arguments> constructs() {
        return ScriptReaderTest.constructs()
                // psql reads line by line and so forgets between two lines how a string began; the server does not
                .filter(arguments -> !arguments.get()[0].toString().matches("(?s).*E'a'(\n'b')? *(--.*)?[\r\n]+\t?'.*"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("constructs")
    void agreesOnEveryConstruct(String script, List<String> statements) throws Exception {
        assertThat(statementsOf(Psql.queries(Scripts.utf8(script)))).isEqualTo(statements);
    }

    @Test
    void agreesOnRandomScripts() throws Exception {
        long seed = Seeds.seed();
        Random random = new Random(seed);
        for (int i = 0; i < SCRIPTS; i++) {
            StringBuilder script = new StringBuilder();
            for (int n = random.nextInt(40); n > 0; n--) {
                script.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
            }
            compare(script.toString(), "seed " + seed + ", script " + i);
        }
    }

    /** psql sends what is not ended as it is; the reader refuses it, and whatever psql sent before must be the same. */
    static void compare(String script, String name) throws Exception {
        List<Statement> ours = new ArrayList<>();
        boolean ended = read(script, true, ours);
        int agreed = 0;
        for (String query : Psql.queries(Scripts.utf8(script))) {
            if (!ended && agreed == ours.size()) {
                return; // psql goes on where the reader refuses to
            }
            List<Statement> theirs = new ArrayList<>();
            boolean backslashes = agreed == ours.size() || ours.get(agreed).standardConformingStrings();
            boolean data = query.startsWith(">");
            boolean whole = data || read(query, backslashes, theirs) || read(query + "\n\\.\n", backslashes, theirs);
            if (whole && !theirs.isEmpty()) {
                assertThat(theirs).as(name + "\n" + script).hasSize(1);
                assertThat(ours).as(name + "\n" + script).hasSizeGreaterThan(agreed);
                assertThat(normal(theirs.get(0).text()))
                        .as(name + "\n" + script)
                        .isEqualTo(normal(ours.get(agreed++).text()));
            } else if (!whole) {
                assertThat(ended).as(name + "\n" + script + "\n" + query).isFalse();
            }
        }
        assertThat(agreed).as(name + "\n" + script).isEqualTo(ours.size());
    }

    private static boolean read(String script, boolean standardConformingStrings, List<Statement> statements)
            throws IOException {
        InputStream in = new ByteArrayInputStream(Scripts.utf8(script));
        try (ScriptReader reader = ScriptReader.open(in, "s.sql", Section.UPGRADE, standardConformingStrings)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                statements.add(piece.statement());
            }
            return true;
        } catch (ScriptSyntaxException e) {
            return false;
        }
    }

    private static String normal(String text) {
        return text.replaceAll("\\s+", "");
    }

    /** The statements within psql's messages, freed from what psql sends along around them. */
    private static List<String> statementsOf(List<String> queries) throws IOException {
        List<String> statements = new ArrayList<>();
        for (String query : queries) {
            List<String> texts = query.startsWith(">") ? List.of(query) : Scripts.texts(query);
            assertThat(texts).hasSizeLessThanOrEqualTo(1);
            statements.addAll(texts);
        }
        return statements;
    }
}
