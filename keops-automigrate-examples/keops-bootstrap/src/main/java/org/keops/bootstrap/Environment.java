package org.keops.bootstrap;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.bootstrap.Settings.Migrating;

/**
 * Reads KEOPS's variables. For one reading.
 *
 * <p>A problem never quotes a value: who mixes up two variables would find a password in the log.
 */
final class Environment {
    static final String HOST = "KEOPS_DB_HOST";
    static final String PORT = "KEOPS_DB_PORT";
    static final String NAME = "KEOPS_DB_NAME";
    static final String USER = "KEOPS_DB_USER";
    static final String PASS = "KEOPS_DB_PASS";
    static final String POSTGRES_PASSWORD = "POSTGRESPASSWORD";
    static final String PATIENCE = "KEOPS_DB_PATIENCE_SECONDS";
    static final String HTTP_PORT = "KEOPS_HTTP_PORT";

    /** KEOPS migrates as this user; there is no variable for it. */
    private static final String SUPERUSER = "postgres";

    /** KEOPS's own patience: 10 tries, 5 seconds apart. */
    private static final int PATIENCE_SECONDS = 50;

    private static final int A_DAY = 86_400;
    private static final int DEFAULT_HTTP_PORT = 8080;
    private static final int LAST_PORT = 65_535;
    private static final int LONGEST_NAME = 63;
    private static final Pattern HOST_NAME = Pattern.compile("[^\\s/\\\\?#@,:;\\[\\]]+");
    private static final Pattern IPV6_ADDRESS = Pattern.compile("[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

    private final Map<String, String> variables;
    private final List<String> missing = new ArrayList<>();
    private final List<String> malformed = new ArrayList<>();
    private final List<String> replaced = new ArrayList<>();

    private Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    static Settings read(Map<String, String> variables) {
        return new Environment(variables).settings();
    }

    private Settings settings() {
        String host = host();
        Integer port = port();
        String database = name(NAME);
        String user = name(USER);
        String password = required(PASS);
        String superuserPassword = required(POSTGRES_PASSWORD);
        Duration patience = Duration.ofSeconds(optional(PATIENCE, A_DAY, PATIENCE_SECONDS));
        int httpPort = optional(HTTP_PORT, LAST_PORT, DEFAULT_HTTP_PORT);

        DatabaseAccess superuser = access(host, port, database, SUPERUSER, superuserPassword);
        // without the role nobody could be granted what the migration makes
        Migrating migration = superuser == null || user == null ? null : new Migrating(superuser, user, patience);
        DatabaseAccess application = access(host, port, database, user, password);
        return new Settings(httpPort, migration, application, problems(migration, application));
    }

    private static @Nullable DatabaseAccess access(
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String database,
            @Nullable String user,
            @Nullable String password) {
        return host == null || port == null || database == null || user == null || password == null
                ? null
                : new DatabaseAccess(host, port, database, user, password);
    }

    private List<String> problems(@Nullable Migrating migration, @Nullable DatabaseAccess application) {
        List<String> problems = new ArrayList<>();
        String consequence = consequence(migration, application);
        if (!missing.isEmpty()) {
            problems.add(listed(missing) + (missing.size() == 1 ? " is" : " are") + " not set: " + consequence);
        }
        for (String sentence : malformed) {
            problems.add(sentence + ": " + consequence);
        }
        problems.addAll(replaced);
        return problems;
    }

    private static String consequence(@Nullable Migrating migration, @Nullable DatabaseAccess application) {
        if (migration != null) {
            return "the database is migrated but not used";
        }
        return application == null
                ? "the database is neither migrated nor used"
                : "the database is used but not migrated";
    }

    private static String listed(List<String> names) {
        int last = names.size() - 1;
        return last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    private @Nullable String host() {
        String host = required(HOST);
        if (host != null
                && !HOST_NAME.matcher(host).matches()
                && !IPV6_ADDRESS.matcher(host).matches()) {
            malformed.add(HOST + " must be one host name or address, without port, path or blanks");
            return null;
        }
        return host;
    }

    private @Nullable Integer port() {
        String text = required(PORT);
        Integer port = text == null ? null : number(text, 1, LAST_PORT);
        if (text != null && port == null) {
            malformed.add(PORT + " must be a whole number from 1 to " + LAST_PORT);
        }
        return port;
    }

    private @Nullable String name(String variable) {
        String name = required(variable);
        // the server would cut it, and what is left may be somebody else's name
        if (name != null && name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            malformed.add(variable + " must not be longer than the " + LONGEST_NAME + " bytes of a PostgreSQL name");
            return null;
        }
        return name;
    }

    private int optional(String variable, int to, int otherwise) {
        String text = value(variable);
        if (text == null) {
            return otherwise;
        }
        Integer number = number(text, 0, to);
        if (number == null) {
            replaced.add(variable + " must be a whole number from 0 to " + to + ": " + otherwise + " is used");
            return otherwise;
        }
        return number;
    }

    private static @Nullable Integer number(String text, int from, int to) {
        try {
            int number = Integer.parseInt(text.strip());
            return number >= from && number <= to ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private @Nullable String required(String variable) {
        String value = value(variable);
        if (value == null) {
            missing.add(variable);
        }
        return value;
    }

    /** As in KEOPS, an empty variable is one that is not set. */
    private @Nullable String value(String variable) {
        String value = variables.get(variable);
        return value == null || value.isEmpty() ? null : value;
    }
}
