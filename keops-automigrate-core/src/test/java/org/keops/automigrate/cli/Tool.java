package org.keops.automigrate.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** The command line in this process, with an environment of its own. */
final class Tool {
    final Map<String, String> environment = new HashMap<>();
    private final List<String> always = new ArrayList<>();
    private @Nullable BottomLine bottom;

    /** The variables of PostgreSQL's own tools, for the superuser. */
    Tool of(TestDatabase database) {
        return of(database.superuser());
    }

    /** The variables of PostgreSQL's own tools, for whom a data source connects as. */
    Tool of(PGSimpleDataSource dataSource) {
        environment.put("PGHOST", dataSource.getServerNames()[0]);
        environment.put("PGPORT", String.valueOf(dataSource.getPortNumbers()[0]));
        environment.put("PGDATABASE", String.valueOf(dataSource.getDatabaseName()));
        environment.put("PGUSER", String.valueOf(dataSource.getUser()));
        environment.put("PGPASSWORD", String.valueOf(dataSource.getPassword()));
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
