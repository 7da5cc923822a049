package org.keops.automigrate.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionVerification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code verify}. */
@Command(
        name = "verify",
        description = "Act as the application's role and prove that it can use everything; changes nothing.")
final class VerifyVerb extends DatabaseVerb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private PermissionOptions permissions;

    VerifyVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() {
        Migrator migrator =
                connection.patience(permissions.configure(scripts.configure())).build();
        PermissionVerification verification = migrator.verify(dataSource());
        if (verification.objects() == 0) {
            Outcome obstacle = obstacle(migrator.current(dataSource()).state());
            if (obstacle != null) {
                return answer(obstacle);
            }
        }
        int code = verification.isProven() ? ExitCode.OK : ExitCode.PERMISSIONS_INCOMPLETE;
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", code);
        fields.put("objects", verification.objects());
        fields.put("unusable", verification.unusable());
        fields.put("findings", verification.findings());
        print(verification.toString(), fields);
        return code;
    }
}
