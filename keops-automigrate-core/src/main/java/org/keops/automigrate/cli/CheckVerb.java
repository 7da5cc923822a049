package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionVerification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code check}. */
@Command(
        name = "check",
        description = "Read every script to its end; with --heads also ask whether a database is current, with a role,"
                + " schema or policy whether the application can use it.")
final class CheckVerb extends DatabaseVerb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private PermissionOptions permissions;

    @Option(names = "--heads", description = "Whether the database is at the heads.")
    private boolean heads;

    private final List<String> lines = new ArrayList<>();
    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    CheckVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        return permissions.given() ? reaching(permissions.configure(scripts.configure())) : super.configure();
    }

    @Override
    public Integer call() {
        Migrator migrator = migrator().check();
        int code = ExitCode.OK;
        String line = "the scripts are sound";
        if (heads || permissions.given()) {
            CurrentRevisions current = migrator.current(dataSource());
            Outcome obstacle = obstacle(current);
            if (obstacle != null) {
                return answer(obstacle);
            }
            line += heads ? atHeads(current) : "";
            code = heads && !current.atHeads() ? ExitCode.NO : ExitCode.OK;
        }
        lines.add(line);
        fields.put("exitCode", code);
        fields.put("message", line);
        if (permissions.given()) {
            PermissionVerification verification = migrator.verify(dataSource());
            code = verification.isProven() ? code : ExitCode.PERMISSIONS_INCOMPLETE;
            lines.add(verification.toString());
            fields.putAll(Fields.of(verification, code));
        }
        print(lines, fields);
        return code;
    }

    private static String atHeads(CurrentRevisions current) {
        String rows = current.rows().isEmpty() ? "no version" : String.join(", ", Fields.ids(current.rows()));
        return current.atHeads()
                ? ", the database is at the heads: " + rows
                : ", the database is not at the heads: it records " + rows;
    }
}
