package org.keops.automigrate.cli;

import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionVerification;
import picocli.CommandLine.Command;

/** {@code verify}. */
@Command(
        name = "verify",
        description = "Act as the application's role and prove that it can use everything; changes nothing.")
final class VerifyVerb extends PermissionVerb {
    VerifyVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() {
        Migrator migrator = migrator();
        PermissionVerification verification = migrator.verify(dataSource());
        if (verification.objects() == 0) {
            Outcome obstacle = obstacle(migrator.current(dataSource()).state());
            if (obstacle != null) {
                return answer(obstacle);
            }
        }
        int code = verification.isProven() ? ExitCode.OK : ExitCode.PERMISSIONS_INCOMPLETE;
        print(verification.toString(), Fields.of(verification, code));
        return code;
    }
}
