package org.keops.automigrate.postgres.probe;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.postgres.version.TableComment;
import org.keops.automigrate.postgres.version.VersionTable;

/**
 * What a look at the database showed.
 *
 * @param state what to decide upon
 * @param pooled whether a pooler stands between
 * @param findings what is wrong with the application's role or schema, a sentence each
 * @param table the version table or the place for it, or null if the look was too short to tell or there is no place
 * @param comment the comment of that table, where the look has asked for it; else null
 */
public record Seen(
        DatabaseState state,
        boolean pooled,
        List<String> findings,
        @Nullable VersionTable table,
        @Nullable TableComment comment) {

    /** Copies its parts. */
    public Seen {
        findings = List.copyOf(findings);
    }

    /**
     * Whether the look was long enough to decide upon. A database without a version has a place for the table, which only a
     * proper look finds.
     *
     * @return false if it takes a proper look to tell
     */
    public boolean isSure() {
        return table != null || !(state instanceof DatabaseState.Unversioned);
    }

    static Seen only(DatabaseState state) {
        return new Seen(state, false, List.of(), null, null);
    }
}
