package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** What the text tells of {@code standard_conforming_strings} is what the server makes of it. The seed is printed. */
class StringSettingOnServerTest {
    private static final int SCRIPTS = 100;
    private static final List<String> SETTINGS = List.of(
            "SET standard_conforming_strings = off",
            "SET standard_conforming_strings = on",
            "SET LOCAL standard_conforming_strings TO 'off'",
            "SET SESSION standard_conforming_strings TO DEFAULT",
            "RESET standard_conforming_strings",
            "RESET ALL",
            "SELECT set_config('standard_conforming_strings', 'off', true)",
            "SELECT pg_catalog.set_config('standard_conforming_strings', 'no', false)",
            "SELECT 1");
    private static final List<String> NAMES = List.of("b", "\"B\"", "savepoint");

    private final long seed = Seeds.seed();
    private final Random random = new Random(seed);

    @Test
    void theReaderKnowsWhatTheServerHas() throws SQLException {
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < SCRIPTS; i++) {
                List<String> script = script();
                assertThat(read(script))
                        .as("seed " + seed + ", script " + i + ": " + script)
                        .isEqualTo(told(connection, script));
            }
        }
    }

    /** The last one is there to be read. */
    private List<String> script() {
        List<String> script = new ArrayList<>();
        List<String> savepoints = new ArrayList<>();
        for (int n = 2 + random.nextInt(24); n > 0; n--) {
            script.add(
                    switch (savepoints.isEmpty() ? random.nextInt(3) : random.nextInt(6)) {
                        case 0 -> begun(savepoints);
                        case 3, 4 -> rolledBackTo(savepoints);
                        case 5 -> released(savepoints);
                        default -> pick(SETTINGS);
                    });
        }
        script.add("SELECT 2");
        return script;
    }

    private String begun(List<String> savepoints) {
        String name = pick(NAMES);
        savepoints.add(name);
        return "SAVEPOINT " + name;
    }

    /** By a name that is taken twice the innermost is meant, whichever was picked. */
    private String rolledBackTo(List<String> savepoints) {
        String name = pick(savepoints);
        savepoints.subList(savepoints.lastIndexOf(name) + 1, savepoints.size()).clear();
        return pick(List.of("ROLLBACK TO ", "ROLLBACK TO SAVEPOINT ", "ROLLBACK WORK TO ")) + name;
    }

    private String released(List<String> savepoints) {
        String name = pick(savepoints);
        savepoints.subList(savepoints.lastIndexOf(name), savepoints.size()).clear();
        return pick(List.of("RELEASE ", "RELEASE SAVEPOINT ")) + name;
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static List<Boolean> read(List<String> script) {
        byte[] text = Scripts.utf8(script.stream().collect(Collectors.joining(";\n")));
        return Scripts.read(new ByteArrayInputStream(text), Section.UPGRADE).stream()
                .map(read -> read.statement().standardConformingStrings())
                .toList();
    }

    /** What the setting is before each statement. */
    private static List<Boolean> told(Connection connection, List<String> script) throws SQLException {
        List<Boolean> told = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (String sql : script) {
                try (ResultSet row = statement.executeQuery("SHOW standard_conforming_strings")) {
                    row.next();
                    told.add(row.getString(1).equals("on"));
                }
                statement.execute(sql);
            }
        }
        connection.rollback();
        return told;
    }
}
