package org.keops.automigrate.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.RevisionsIndex;
import picocli.CommandLine.Command;

/** {@code index}. */
@Command(
        name = "index",
        description =
                "Write revisions.index beside the scripts, with which a boot that finds nothing to do opens none of"
                        + " them; a build does so after it has copied them.")
final class IndexVerb extends Verb {

    IndexVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() {
        Path directory = scripts.directory("an index");
        Path file;
        try {
            file = RevisionsIndex.write(directory);
        } catch (IOException e) {
            throw new UsageException("an index of " + directory + " can not be written: " + e.getMessage());
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("file", file.toString());
        print("Generating " + file, fields);
        return ExitCode.OK;
    }
}
