package org.keops.automigrate.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.python.PythonRevision;

/**
 * How the SQL scripts of a Python project are called: as its files. They go into one directory, so that the id comes before
 * a name that the project uses in several. Stateless.
 */
final class ImportedNames {

    private ImportedNames() {}

    static Map<RevisionId, String> of(List<PythonRevision> project) {
        Map<String, Integer> uses = new HashMap<>();
        project.forEach(one -> uses.merge(folded(stem(one.revision())), 1, Integer::sum));
        Map<RevisionId, String> names = new LinkedHashMap<>();
        for (PythonRevision one : project) {
            RevisionId id = one.revision().id();
            String stem = stem(one.revision());
            boolean once = uses.getOrDefault(folded(stem), 0) == 1;
            names.put(id, (once ? stem : id.value().replaceAll("[/\\\\:]", "_") + "_" + stem) + ".sql");
        }
        return names;
    }

    /** Some file systems take upper and lower case for the same. */
    private static String folded(String stem) {
        return stem.toLowerCase(Locale.ROOT);
    }

    private static String stem(Revision revision) {
        String name = String.valueOf(Path.of(revision.script().file()).getFileName());
        return name.substring(0, name.length() - ".py".length());
    }
}
