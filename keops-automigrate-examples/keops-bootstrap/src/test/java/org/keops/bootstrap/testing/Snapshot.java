package org.keops.bootstrap.testing;

import java.util.List;
import org.keops.automigrate.testing.TestDatabase;

/** Everything a KEOPS revision can change, as lines of text; see {@code snapshot.sql}. Stateless. */
public final class Snapshot {
    private static final String NEW_TABLE = "^(table keopsdb\\..* owner postgres acl )default$";
    private static final String GRANTED = "$1keopsdb=Dadrtwx/postgres postgres=Dadrtwx/postgres";

    private Snapshot() {}

    /**
     * Takes a snapshot.
     *
     * @param database of which
     * @return catalog, privileges and row digests
     */
    public static List<String> of(TestDatabase database) {
        return database.query(Resources.text("snapshot.sql"));
    }

    /**
     * What KEOPS's own Alembic made.
     *
     * @param revision of the legacy database, upgraded to this revision
     * @return the recorded snapshot
     */
    public static List<String> golden(String revision) {
        return Resources.text("golden/" + revision + ".txt").lines().toList();
    }

    /**
     * What KEOPS's seven statements make of a snapshot: the tables that a revision brought are open to the application.
     *
     * @param lines a snapshot taken after Alembic and before the statements
     * @return the snapshot after them
     */
    public static List<String> granted(List<String> lines) {
        return lines.stream().map(line -> line.replaceFirst(NEW_TABLE, GRANTED)).toList();
    }

    /**
     * Counts KEOPS's tables.
     *
     * @param lines a snapshot
     * @return how many it tells of
     */
    public static long tables(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("table keopsdb.")).count();
    }

    /**
     * Adds up the rows of KEOPS's tables.
     *
     * @param lines a snapshot
     * @return how many it tells of
     */
    public static int rows(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("rows keopsdb."))
                .mapToInt(line -> Integer.parseInt(line.split(" ", 4)[2]))
                .sum();
    }
}
