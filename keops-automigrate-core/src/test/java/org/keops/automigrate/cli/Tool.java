package org.keops.automigrate.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** The command line in this process, with an environment of its own. */
final class Tool {
    final Map<String, String> environment = new HashMap<>();
    private final List<String> always = new ArrayList<>();
    private @Nullable BottomLine bottom;

    /** The variables of PostgreSQL's own tools, for the superuser. */
    Tool of(TestDatabase database) {
        PostgresServer server = database.server();
        environment.put("PGHOST", server.host());
        environment.put("PGPORT", String.valueOf(server.port()));
        environment.put("PGDATABASE", database.name());
        environment.put("PGUSER", server.superuser());
        environment.put("PGPASSWORD", server.password());
        return this;
    }

    /** As on a terminal. */
    Tool on(BottomLine line) {
        bottom = line;
        return this;
    }

    Tool always(String... arguments) {
        always.addAll(List.of(arguments));
        return this;
    }

    Answer run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Terminal terminal =
                new Terminal(new PrintWriter(out), new PrintWriter(err), Map.copyOf(environment), null, bottom);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(always);
        int code = Main.run(terminal, all.toArray(String[]::new));
        return new Answer(code, out.toString(), err.toString());
    }

    record Answer(int code, String out, String err) {}
}
