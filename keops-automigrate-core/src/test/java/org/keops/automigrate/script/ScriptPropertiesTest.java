package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.Seeds;

/**
 * What holds for every script. The seed is printed; {@code -Dseed=…} runs it again, {@code -Drandom.scripts=…} takes another
 * number of scripts.
 */
class ScriptPropertiesTest {
    private static final int SCRIPTS = Integer.getInteger("random.scripts", 50_000);

    private static final List<String> STATEMENTS = List.of(
            "SELECT 1",
            "SELECT 'a;''b', E'\\';', $$;$$, $x$ $$;$x;$ $x$, \"a;\"\"\", B'1', U&'\\0061;', n'x'",
            "SELECT $a$ x$$a$",
            "SELECT a$b$c",
            "INSERT INTO t VALUES ('é𝒜;', 1)",
            "UPDATE t SET a = 1 /* ; /* ' */ \" */ WHERE b = 2 -- $$ ;\n AND c = 3",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END",
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN IF a THEN b; END IF; END $f$",
            "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); DELETE FROM b)",
            "SELECT E'a' -- ; '\n'\\';'",
            "SELECT 1 +/* ; */-- ;\n2",
            "CREATE TABLE t (\r\n  a int, -- the ' a\r\n  b int\r\n)",
            "COPY t (a) FROM STDIN");
    private static final List<String> BETWEEN = List.of(
            "", " ", "\n", "\r\n", "\t-- it's\n", "/* ; */", "/* /* ' */ $$ */\n", ";", " ; \n", "-- an upgrade\n");
    private static final String DATA = "\n1\t;\n'$$\n\n\\N\n\\.\n";

    private final long seed = Seeds.seed();
    private final Random random = new Random(seed);

    @Test
    void boundariesAreRecovered() {
        for (int i = 0; i < SCRIPTS / 10; i++) {
            List<String> expected = new ArrayList<>();
            StringBuilder script = new StringBuilder(random.nextInt(9) == 0 ? "\uFEFF" : "").append(between());
            for (int n = random.nextInt(12); n > 0; n--) {
                String statement = pick(STATEMENTS);
                script.append(statement);
                expected.add(statement);
                if (statement.startsWith("COPY")) {
                    script.append(" ;").append(DATA);
                    expected.add(">" + DATA.substring(1, DATA.length() - 3));
                } else if (n > 1 || random.nextBoolean()) {
                    script.append(between()).append(';');
                }
                script.append(random.nextBoolean() ? between() : "");
            }
            assertThat(Scripts.texts(script.toString()))
                    .as("seed " + seed + ", script " + i)
                    .isEqualTo(expected);
        }
    }

    @Test
    void nonsenseEndsWithAPlace() {
        String alphabet = "'\"$$$aeEbBnuU&;;()-/*\n\r\\.é𝒜\0\u00A0 1";
        for (int i = 0; i < SCRIPTS; i++) {
            StringBuilder script = new StringBuilder();
            for (int n = random.nextInt(60); n > 0; n--) {
                script.append(alphabet.charAt(random.nextInt(alphabet.length()))); // halves of pairs among them
            }
            byte[] bytes = Scripts.utf8(script.toString());
            if (bytes.length > 0 && random.nextInt(4) == 0) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            String whole = outcome(Scripts.readAll(new ByteArrayInputStream(bytes)), i);
            assertThat(outcome(Scripts.readAll(Scripts.dripping(bytes)), i))
                    .as("seed " + seed + ", script " + i)
                    .isEqualTo(whole);
        }
    }

    private String outcome(Scripts.Outcome outcome, int i) {
        if (outcome.problem() != null) {
            assertThat(outcome.problem().where().line())
                    .as("seed " + seed + ", script " + i)
                    .isPositive();
            assertThat(outcome.problem().where().column())
                    .as("seed " + seed + ", script " + i)
                    .isPositive();
        }
        return outcome.toString();
    }

    private String between() {
        StringBuilder between = new StringBuilder(pick(BETWEEN));
        while (random.nextInt(3) == 0) {
            between.append(pick(BETWEEN));
        }
        return between.toString().replace(";", random.nextBoolean() ? ";" : " ");
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }
}
