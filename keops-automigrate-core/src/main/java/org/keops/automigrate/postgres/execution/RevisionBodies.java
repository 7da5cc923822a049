package org.keops.automigrate.postgres.execution;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptBodies;
import org.keops.automigrate.script.Section;

/** What revisions do: a script, or code. */
public interface RevisionBodies extends ScriptBodies {

    /**
     * The code of a revision.
     *
     * @param revision the revision
     * @param section which way
     * @return the code, or null for a revision that is a script
     */
    @Nullable
    Code code(Revision revision, Section section);

    /**
     * Requires that a section may run, as far as its text tells, where that is not known yet: whoever is reading it is
     * waited for, and what nobody has read is read.
     *
     * @param revision the revision
     * @param section which way
     * @throws StepFailedException if something is wrong with it
     */
    default void requireSound(Revision revision, Section section) throws StepFailedException {}

    /**
     * What a section consists of, where that is kept.
     *
     * @param revision the revision
     * @param section which way
     * @param standardConformingStrings the session's setting of that name before the script runs
     * @return the pieces, none of them with data, or null if the script has to be read
     */
    default @Nullable List<Piece> known(Revision revision, Section section, boolean standardConformingStrings) {
        return null;
    }
}
