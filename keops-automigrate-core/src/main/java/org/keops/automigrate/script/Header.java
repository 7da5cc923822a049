package org.keops.automigrate.script;

import java.util.List;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;

/** What the head of a script says. */
public sealed interface Header {

    /**
     * It describes a revision.
     *
     * @param revision the revision
     */
    record Described(Revision revision) implements Header {}

    /**
     * It does not.
     *
     * @param problems everything that is wrong with it, in the order of the lines
     */
    record Faulty(List<Problem> problems) implements Header {
        /** Copies the list. */
        public Faulty {
            problems = List.copyOf(problems);
        }
    }
}
