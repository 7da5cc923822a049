package org.keops.automigrate.postgres.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.ScriptBodies;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.script.SectionFingerprint;

/**
 * The section that a step runs, read as often as it takes. Immutable.
 *
 * @param revision the revision
 * @param section which way
 * @param bodies opens its script
 * @param standardConformingStrings the session's setting of that name before the script runs
 */
record StepScript(Revision revision, Section section, ScriptBodies bodies, boolean standardConformingStrings) {

    static StepScript of(Step step, ScriptBodies bodies, boolean standardConformingStrings) {
        if (step instanceof Step.Upgrade upgrade) {
            return new StepScript(upgrade.revision(), Section.UPGRADE, bodies, standardConformingStrings);
        }
        if (step instanceof Step.Downgrade downgrade) {
            return new StepScript(downgrade.revision(), Section.DOWNGRADE, bodies, standardConformingStrings);
        }
        throw new IllegalArgumentException("not a step with a script: " + step);
    }

    ScriptReader open() throws IOException {
        return ScriptReader.open(bodies.open(revision), revision.script().file(), section, standardConformingStrings);
    }

    /** Of all its statements. */
    SectionFingerprint fingerprint() throws StepFailedException {
        return fingerprint(Integer.MAX_VALUE);
    }

    /** Of so many statements from its beginning. */
    SectionFingerprint fingerprint(int statements) throws StepFailedException {
        try {
            return SectionFingerprint.of(revision, bodies, section, standardConformingStrings, statements);
        } catch (ScriptSyntaxException | IOException | UncheckedIOException e) {
            throw failed(e);
        }
    }

    /** The failure of reading it. */
    StepFailedException failed(Exception e) {
        return e instanceof ScriptSyntaxException syntax
                ? StepFailedException.of(syntax)
                : StepFailedException.of(revision.script(), e);
    }
}
