package org.keops.automigrate.postgres.probe;

import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.RepeatedQuestion;
import org.postgresql.core.BaseConnection;

/**
 * A {@link FirstSight} of a process that has had one before, planned once for who asks again on one connection. See
 * {@code docs/decisions/0031-a-question-asked-again-has-a-name.md}. Stateless but for what was asked last.
 */
final class RepeatedSight {
    private static final RepeatedQuestion LAST = new RepeatedQuestion(FirstSight.COLUMNS);

    private RepeatedSight() {}

    static Question ask(BaseConnection driver, FirstSight sight, int major) {
        int known = driver.getBackendPID();
        // behind a pooler another process answers, in which somebody else may have given the name to a statement of
        // their own
        return LAST.ask(
                driver,
                sight.sql(major),
                () -> sight.text(major, backendUnlessShadowed(sight)),
                answer -> !answer.rows().isEmpty() && FirstSight.backend(answer) == known);
    }

    /** A plan is not made anew for a table that has come to stand in front of the one that it reads. */
    private static String backendUnlessShadowed(FirstSight sight) {
        return "CASE WHEN CAST(pg_catalog.to_regclass(" + SqlNames.literal(sight.versions())
                + ") AS pg_catalog.oid) OPERATOR(pg_catalog.=) v.tableoid THEN " + FirstSight.BACKEND_ID
                + " ELSE 0 END";
    }
}
