package org.keops.automigrate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.script.Header;
import org.keops.automigrate.script.HeaderParser;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import picocli.CommandLine.Option;

/** Where the scripts are, and how the version table is called. Filled by picocli. */
final class ScriptOptions {
    private static final String DEFAULT = "alembic/versions";

    @Option(
            names = "--scripts",
            paramLabel = "PLACE",
            description = "A directory, a .zip archive or classpath:…; may be given several times."
                    + " By default alembic/versions, here.")
    private List<String> places = new ArrayList<>();

    @Option(names = "--version-table", paramLabel = "NAME", description = "By default alembic_version.")
    private @Nullable String versionTable;

    @Option(
            names = "--version-table-schema",
            paramLabel = "NAME",
            description = "By default the table is looked for along the search path.")
    private @Nullable String versionTableSchema;

    MigratorBuilder configure() {
        MigratorBuilder builder = AutoMigrator.configure();
        sources().forEach(builder::scripts);
        if (versionTable != null) {
            builder.versionTable(versionTable);
        }
        if (versionTableSchema != null) {
            builder.versionTableSchema(versionTableSchema);
        }
        return builder;
    }

    List<ScriptSource> sources() {
        return places().stream().map(ScriptOptions::source).toList();
    }

    /**
     * The ids that the heads of the scripts say, also where these are no history.
     *
     * @throws UnsoundScriptsException if there are heads that can not be read
     */
    Set<RevisionId> headers() throws IOException {
        Set<RevisionId> ids = new HashSet<>();
        List<Problem> problems = new ArrayList<>();
        for (ScriptSource source : sources()) {
            for (ScriptFile file : source.list()) {
                try (InputStream content = file.open()) {
                    Header header = HeaderParser.parse(content, file.place());
                    if (header instanceof Header.Described described) {
                        ids.add(described.revision().id());
                    } else if (header instanceof Header.Faulty faulty) {
                        problems.addAll(faulty.problems());
                    }
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        return ids;
    }

    /** The one directory in which a new script can be written; it may still have to be made. */
    Path directory() {
        return directory("a new script");
    }

    /** The one directory for something that is to be written. */
    Path directory(String what) {
        if (places().size() > 1) {
            throw new UsageException(what + " needs one place, but --scripts is given " + places.size() + " times");
        }
        String place = places().get(0);
        Path path = place.startsWith(ScriptSource.CLASSPATH) ? null : Path.of(place);
        if (path == null || (Files.exists(path) ? !Files.isDirectory(path) : place.endsWith(".zip"))) {
            throw new UsageException(what + " needs a directory, which '" + place + "' is not; see --scripts");
        }
        return path;
    }

    /** Takes this place unless the user has named one. */
    void orElse(Path place) {
        if (places.isEmpty()) {
            places.add(place.toString());
        }
    }

    private List<String> places() {
        return places.isEmpty() ? List.of(DEFAULT) : places;
    }

    private static ScriptSource source(String place) {
        try {
            return ScriptSource.of(place);
        } catch (java.nio.file.InvalidPathException e) {
            throw new UsageException("--scripts '" + place + "' is no path: " + e.getReason());
        }
    }
}
