package org.keops.automigrate.cli;

import java.util.Locale;
import java.util.Map;

/** How names of the API are written in output. Stateless. */
final class Names {
    private static final Map<String, String> OPTIONS = Map.of(
            "configure deadline(…)", "say --deadline",
            "waitForTables(…)", "--wait-for-tables",
            "configure versionTableSchema", "say --version-table-schema",
            "where ownerRole", "where --owner-role",
            "leave ownerRole", "leave --owner-role");

    private Names() {}

    /** A message of the library names what a builder is told; here that is an option. */
    static String options(String message) {
        String said = message;
        for (Map.Entry<String, String> one : OPTIONS.entrySet()) {
            said = said.replace(one.getKey(), one.getValue());
        }
        return said;
    }

    /** {@code AtHead} and {@code AT_HEAD} become {@code at-head}. */
    static String kebab(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").replace('_', '-').toLowerCase(Locale.ROOT);
    }
}
