package org.keops.automigrate.cli;

import java.util.Locale;

/** How names of the API are written in output. Stateless. */
final class Names {

    private Names() {}

    /** {@code AtHead} and {@code AT_HEAD} become {@code at-head}. */
    static String kebab(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-").replace('_', '-').toLowerCase(Locale.ROOT);
    }
}
