package org.keops.automigrate.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.cli.AlembicOutput.Body;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.python.PythonRevision;

/** The text of a script that does what a Python file does. Stateless. */
final class ImportedScript {

    private ImportedScript() {}

    /** A body that is missing becomes a TODO. */
    static String of(PythonRevision one, @Nullable Body up, @Nullable Body down) {
        Revision revision = one.revision();
        NewScript script = new NewScript(
                revision.id().value(),
                revision.message().isEmpty() ? "empty message" : revision.message(),
                Fields.ids(revision.downRevisions()),
                revision.branchLabels(),
                revision.dependsOn());
        boolean outside = (up != null && up.outside()) || (down != null && down.outside());
        return script.header(one.createDate().isEmpty() ? NewScript.now() : one.createDate())
                + (outside ? "-- Transactional: no\n" : "")
                + "\n-- upgrade\n" + section(revision, up) + "\n-- downgrade\n" + section(revision, down);
    }

    /** {@code TODO} is no statement of SQL: neither a check nor a server takes it for done. */
    private static String section(Revision revision, @Nullable Body body) {
        if (body == null) {
            String file = String.valueOf(Path.of(revision.script().file()).getFileName());
            return "TODO 'write what " + file.replace("'", "''") + " does here';\n";
        }
        return body.sql().isEmpty() ? "" : body.sql() + "\n";
    }
}
