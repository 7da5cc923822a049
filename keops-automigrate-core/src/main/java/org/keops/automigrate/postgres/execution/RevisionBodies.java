package org.keops.automigrate.postgres.execution;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Revision;
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
}
