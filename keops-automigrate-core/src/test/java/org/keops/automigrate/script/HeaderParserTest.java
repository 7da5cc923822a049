package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;

class HeaderParserTest {
    private static final String FULL = """
            -- Add feedback table
            --
            -- Revision ID: 84c03f89212d
            -- Revises: 64d08233eefa, 552fb76000a5
            -- Create Date: 2019-09-19 08:38:49.937987
            -- Branch Labels: feedback
            -- Depends On: ae10, orders
            -- Transactional: no

            CREATE TABLE feedback (id int);
            """;

    @Test
    void readsEveryKey() {
        assertThat(revision(FULL))
                .isEqualTo(new Revision(
                        new RevisionId("84c03f89212d"),
                        List.of(new RevisionId("64d08233eefa"), new RevisionId("552fb76000a5")),
                        List.of("ae10", "orders"),
                        List.of("feedback"),
                        "Add feedback table",
                        TransactionMode.NONE,
                        Location.of("s.sql")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\r"})
    void anyLineEndWillDo(String lineEnd) {
        assertThat(revision(FULL.replace("\n", lineEnd))).isEqualTo(revision(FULL));
        assertThat(problems("\n\n-- Revision ID: a\n\n-- Revises: a b\n".replace("\n", lineEnd)))
                .singleElement()
                .asString()
                .startsWith("s.sql:5:13: ");
    }

    @Test
    void linesMayBeIndented() {
        assertThat(revision(FULL.replaceAll("(?m)^--", "\t\f\u000B --"))).isEqualTo(revision(FULL));
    }

    /** Longer than what is read at first. */
    @Test
    void headMayBeLong() {
        String prose = "-- and so on\n".repeat(999);
        assertThat(revision(FULL.replaceFirst("--\n", "--\n" + prose))).isEqualTo(revision(FULL));
    }

    @Test
    void byteOrderMarkIsNoText() {
        assertThat(revision("\uFEFF" + FULL)).isEqualTo(revision(FULL));
    }

    @Test
    void inputMayDrip() throws IOException {
        Header dripped = HeaderParser.parse(Scripts.dripping(Scripts.utf8(FULL)), "s.sql");
        assertThat(dripped).isEqualTo(new Header.Described(revision(FULL)));
    }

    @Test
    void keysKnowNoCaseEvenInTurkey() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            assertThat(revision("-- REVISION ID: a\n-- revises:\n-- TRANSACTIONAL: YES\n")
                            .transactionMode())
                    .isEqualTo(TransactionMode.REQUIRED);
            assertThat(problems("-- REVISION: a\n-- REVISES:\n-- REVISION: a"))
                    .containsExactly("s.sql:3:4: there is no key 'REVISION:'; write 'Revision ID:'");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void emptyRevisesIsABase() {
        assertThat(revision("-- m\n--\n-- Revision ID: a\n-- Revises:\n").downRevisions())
                .isEmpty();
    }

    /** The variables of a Python script say None where its docstring leaves the value empty. */
    @Test
    void noneIsNothing() {
        Revision revision =
                revision("-- Revision ID: a\n-- Revises: None\n-- Branch Labels: None\n-- Depends On: None\n");
        assertThat(revision.downRevisions()).isEmpty();
        assertThat(revision.branchLabels()).isEmpty();
        assertThat(revision.dependsOn()).isEmpty();
        assertThat(problems("-- Revision ID: None\n-- Revises:\n"))
                .containsExactly("s.sql:1:17: the revision has no id");
        assertThat(revision("-- Revision ID: a\n-- Revises: none\n").downRevisions())
                .containsExactly(new RevisionId("none"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`-- one\\n-- two\\n--\\n-- prose\\n`, one two",
                "`\\n\\n--\\n-- late\\n--\\n`, late",
                "`--no blank\\n`, no blank",
                "`-- Note: a colon in the message\\n`, Note: a colon in the message",
                "`-- Depends: on the weather\\n--\\n`, Depends: on the weather",
                "``, ``",
            })
    void messageIsTheFirstParagraph(String head, String message) {
        String script = head.replace("\\n", "\n") + "-- Revision ID: a\n-- Revises: b\n";
        assertThat(revision(script).message()).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-- Author: somebody",
                "-- Reviewed: yesterday by a colleague",
                "-- Revised: last week", // "Revises:" is there, so this is none
                "-- N: b",
                "-- On: second thought",
                "-- see https://example.org/a: it says why",
                "-- Requires: PostgreSQL 13",
            })
    void proseMayHaveColons(String line) {
        assertThat(revision("-- m\n--\n-- Revision ID: a\n-- Revises: b\n" + line + "\n")
                        .message())
                .isEqualTo("m");
    }

    @Test
    void nothingBehindTheHeadIsRead() throws IOException {
        InputStream in = new ByteArrayInputStream(Scripts.utf8(FULL.replace(");", ") \uFFFF;" + "x".repeat(9000))));
        HeaderParser.parse(in, "s.sql");
        assertThat(in.available()).isGreaterThan(8000);
        assertThat(revision("-- Revision ID: a\n-- Revises: b\n-- upgrade\n-- Revision ID: c\n")
                        .id())
                .isEqualTo(new RevisionId("a"));
        assertThat(revision("-- Revision ID: a\n-- Revises: b\nSELECT 1;\n-- Revises: c\n")
                        .downRevisions())
                .containsExactly(new RevisionId("b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`-- Revision ID: a\\n`|s.sql: there is no line '-- Revises: ...' at the head of the script; leave its value empty for a base",
                "`-- Revises: a\\n`|s.sql: there is no line '-- Revision ID: ...' at the head of the script; a header needs one",
                "`-- m\\n--\\n-- Revision ID: a\\n-- Revise: b\\n`|s.sql:4:4: there is no key 'Revise:'; write 'Revises:'",
                "`-- m\\n--\\n-- Down Revision: b\\n-- Revision ID: a\\n`|s.sql:3:4: there is no key 'Down Revision:'; write 'Revises:'",
                "`-- Revision ID: a\\n-- Revises:\\n-- Depends: b\\n`|s.sql:3:4: there is no key 'Depends:'; write 'Depends On:'",
                "`-- Revision ID: a\\n-- Revises:\\n-- Branch Label: b\\n`|s.sql:3:4: there is no key 'Branch Label:'; write 'Branch Labels:'",
                "`-- Revision ID: a\\n-- Revises:\\n-- Transaction: no\\n`|s.sql:3:4: there is no key 'Transaction:'; write 'Transactional:'",
                "`-- Revision ID: a\\n-- Revises:\\n-- Revises: b\\n`|s.sql:3:13: the key 'Revises:' stands in line 2 already",
                "`-- Revision ID: a\\n-- Revises:\\n-- Transactional: maybe\\n`|s.sql:3:19: 'Transactional:' is either yes or no",
                "`-- Revision ID:\\n-- Revises:\\n`|s.sql:1:16: the revision has no id",
                "`-- Revision ID: a, b\\n-- Revises:\\n`|s.sql:1:17: a revision has one id",
                "`-- Revision ID: head\\n-- Revises:\\n`|s.sql:1:17: revision id 'head' is a word of the target grammar; choose another",
                "`-- Revision ID: a\\n-- Revises: b, é:x\\n`|s.sql:2:16: revision id 'é:x' holds the character ':'; allowed is anything but @ - + : and white space",
                "`-- Revision ID: a\\n-- Revises: é, , b\\n`|s.sql:2:16: a name is missing beside the comma of 'Revises:'",
                "`-- Revision ID: a\\n-- Revises: b, b\\n`|s.sql:2:16: 'b' stands in 'Revises:' twice",
                "`-- Revision ID: a\\n-- Revises: b, a\\n`|s.sql:2:16: the revision 'a' names itself in 'Revises:'",
                "`-- Revision ID: a\\n-- Revises: b\\n-- Depends On: a\\n`|s.sql:3:16: the revision 'a' names itself in 'Depends On:'",
                "`-- Revision ID: \\n-- Revises:\\n`|s.sql:1:16: the revision has no id",
                "`-- Revision ID: a\\n-- Revises: b,\\n`|s.sql:2:15: a name is missing beside the comma of 'Revises:'",
                "`-- Revision ID: a\\n-- Revises:\\n-- a\\0b\\n`|s.sql:3:5: there is a NUL byte here, which no PostgreSQL text may hold",
                "`-- Revision ID: 𝒜𝒜\\n-- Revises:\\n-- 𝒜\\0\\n`|s.sql:3:5: there is a NUL byte here, which no PostgreSQL text may hold",
            })
    void faultIsNamedWithItsPlace(String head, String problem) {
        assertThat(problems(head.replace("\\n", "\n").replace("\\0", "\0"))).containsExactly(problem);
    }

    @Test
    void blockCommentIsNoHeader() {
        assertThat(problems("/* licence */\n-- Revision ID: a\n-- Revises: \n"))
                .allMatch(p -> p.endsWith("the header has to be of -- comments, and it ended at the /* in line 1"));
    }

    @Test
    void allFaultsAreNamedAtOnce() {
        assertThat(problems("-- Revision ID: current\n-- Revises: a b\n-- Transactional: 1\n-- Depends On: x, x\n"))
                .extracting(problem -> problem.substring(0, "s.sql:1:".length()))
                .containsExactly("s.sql:1:", "s.sql:2:", "s.sql:3:", "s.sql:4:");
    }

    @Test
    void otherEncodingsAreRefusedWhereTheyShow() throws IOException {
        byte[] latin = "-- caf\u00E9\n-- Revision ID: a\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(texts(HeaderParser.parse(new ByteArrayInputStream(latin), "s.sql")))
                .containsExactly("s.sql:1:7: the text is not UTF-8 from here on; save the script as UTF-8");
        for (Charset wide : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            assertThat(texts(HeaderParser.parse(new ByteArrayInputStream(("\uFEFF" + FULL).getBytes(wide)), "s.sql")))
                    .containsExactly("s.sql:1:1: the text is UTF-16; save the script as UTF-8");
        }
    }

    @Test
    void emptyScriptHasNoHeader() {
        assertThat(problems("")).hasSize(2);
    }

    private static Revision revision(String script) {
        Header header = parse(script);
        assertThat(header).isInstanceOf(Header.Described.class);
        return ((Header.Described) header).revision();
    }

    private static List<String> problems(String script) {
        return texts(parse(script));
    }

    private static List<String> texts(Header header) {
        assertThat(header).isInstanceOf(Header.Faulty.class);
        return ((Header.Faulty) header)
                .problems().stream().map(Problem::toString).toList();
    }

    private static Header parse(String script) {
        try {
            return HeaderParser.parse(new ByteArrayInputStream(Scripts.utf8(script)), "s.sql");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
