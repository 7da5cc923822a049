package org.keops.bootstrap.testing;

import java.util.List;
import org.keops.automigrate.testing.Catalog;
import org.keops.automigrate.testing.TestDatabase;

/**
 * Everything a KEOPS revision can change, as lines of text; see {@link Catalog}. Of function lower_if_text the results are
 * shown, not the source. Stateless.
 */
public final class Snapshot {
    private static final String NEW_TABLE = "^(table keopsdb\\..* owner postgres acl )default$";
    private static final String LOWERED = """
            CASE WHEN p.proname = 'lower_if_text' THEN format($$
                SELECT concat_ws(' ', %1$s('Ab'::varchar), %1$s('Ab'::varchar(9)), coalesce(%1$s(NULL::varchar), 'null'),
                %1$s(''::varchar), %1$s('Ab'::text), %1$s('Ab'::name), %1$s('Ab'::char(2)),
                %1$s(ARRAY['Ab']::varchar[]),
                %1$s(1), %1$s(1.50), %1$s(true), %1$s('P'::keopsdb.label)) AS x
                $$, format('%I.%I', n.name, p.proname)) END
            """;
    private static final String GRANTED = "$1keopsdb=Dadrtwx/postgres postgres=Dadrtwx/postgres";

    private Snapshot() {}

    /**
     * Takes a snapshot.
     *
     * @param database of which
     * @return catalog, privileges and row digests
     */
    public static List<String> of(TestDatabase database) {
        return Catalog.of(database, LOWERED);
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
