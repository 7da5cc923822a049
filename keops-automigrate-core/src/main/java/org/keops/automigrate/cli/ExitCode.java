package org.keops.automigrate.cli;

import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;

/** What the process says when it ends; {@code docs/command-line.md} lists the codes. Stateless. */
final class ExitCode {
    /** As wished, also where nothing had to be done. */
    static final int OK = 0;
    /** A question was answered with no: {@code check --heads} on a database that is not at the heads. */
    static final int NO = 1;

    static final int OFFLINE = 10;
    static final int CREDENTIALS_REJECTED = 11;
    static final int AHEAD = 12;
    static final int LOCK_NOT_OBTAINED = 13;
    static final int INACCESSIBLE = 14;
    static final int INTERRUPTED = 15;
    static final int SCRIPT_FAILED = 20;
    static final int SCRIPTS_UNSOUND = 21;
    static final int PERMISSIONS_INCOMPLETE = 22;
    static final int USAGE = 64;
    /** A mistake of ours, as in {@code sysexits.h}. */
    static final int INTERNAL = 70;
    /** The answer could not be written, as in {@code sysexits.h}. */
    static final int NOT_WRITTEN = 74;

    private ExitCode() {}

    static int of(BootReport report) {
        int code = of(report.outcome());
        return code == OK && !report.permissions().findings().isEmpty() ? PERMISSIONS_INCOMPLETE : code;
    }

    static int of(Outcome outcome) {
        if (outcome instanceof Outcome.Offline) {
            return OFFLINE;
        }
        if (outcome instanceof Outcome.CredentialsRejected) {
            return CREDENTIALS_REJECTED;
        }
        if (outcome instanceof Outcome.Ahead) {
            return AHEAD;
        }
        if (outcome instanceof Outcome.LockNotObtained) {
            return LOCK_NOT_OBTAINED;
        }
        if (outcome instanceof Outcome.Interrupted) {
            return INTERRUPTED;
        }
        if (outcome instanceof Outcome.Failed failed) {
            return failed.problems().isEmpty() ? SCRIPT_FAILED : SCRIPTS_UNSOUND;
        }
        return outcome.acceptable() ? OK : INACCESSIBLE;
    }
}
