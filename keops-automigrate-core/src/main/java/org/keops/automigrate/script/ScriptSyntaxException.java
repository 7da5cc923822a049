package org.keops.automigrate.script;

import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;

/** A script cannot be read any further; the problem points at where the trouble began. */
public final class ScriptSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ScriptSyntaxException(Location where, String what) {
        this(new Problem(where, what));
    }

    ScriptSyntaxException(Problem problem) {
        super(problem.toString());
        this.problem = problem;
    }

    /**
     * What is wrong and where.
     *
     * @return the problem; never holds text of a literal
     */
    public Problem problem() {
        return problem;
    }
}
