package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What migrations can change, as lines of text, to compare two databases; see {@code catalog.sql}. Stateless. */
public final class Catalog {
    private static final String SQL = read();

    private Catalog() {}

    /**
     * Takes a snapshot.
     *
     * @param database of which
     * @return catalog, privileges and row digests
     */
    public static List<String> of(TestDatabase database) {
        return of(database, "NULL");
    }

    /**
     * Takes a snapshot that shows what functions answer, too.
     *
     * @param database of which
     * @param ofFunctions an expression over pg_proc p and pg_namespace n: a query whose answer is shown, or null
     * @return catalog, privileges and row digests
     */
    public static List<String> of(TestDatabase database, String ofFunctions) {
        return database.query(SQL.replace(":of_functions", ofFunctions));
    }

    private static String read() {
        try (InputStream stream = Catalog.class.getResourceAsStream("/testing/catalog.sql")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
