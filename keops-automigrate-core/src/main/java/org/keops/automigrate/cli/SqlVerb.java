package org.keops.automigrate.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sql}. */
@Command(
        name = "sql",
        description = "Write the script for psql that would bring a database from one revision to another.")
final class SqlVerb extends Verb {
    @Parameters(
            paramLabel = "FROM:TO",
            arity = "1..2",
            description = "FROM:TO, or FROM TO, or TO alone, which starts from base.")
    private List<String> ends = new ArrayList<>();

    SqlVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        String from = "base";
        String to = ends.get(ends.size() - 1);
        if (ends.size() == 2) {
            from = ends.get(0);
        } else if (to.indexOf(':') >= 0) {
            from = to.substring(0, to.indexOf(':'));
            to = to.substring(to.indexOf(':') + 1);
        }
        if (from.isEmpty() || to.isEmpty()) {
            throw new UsageException("'" + ends.get(0) + "' leaves one end open; write FROM:TO");
        }
        if (json) {
            StringWriter script = new StringWriter();
            migrator().sql(from, to, script);
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", ExitCode.OK);
            fields.put("sql", script.toString());
            print(List.of(), fields);
        } else {
            migrator().sql(from, to, terminal.out());
            terminal.out().flush();
        }
        return ExitCode.OK;
    }
}
