package org.keops.automigrate.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.cli.AlembicOutput.Body;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.python.PythonRevision;
import org.keops.automigrate.python.PythonVersions;
import org.keops.automigrate.source.ScriptSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code import-alembic}. */
@Command(
        name = "import-alembic",
        description =
                "Write the SQL scripts that a Python project lacks, beside its files or in --scripts, and check that"
                        + " both are the same history.")
final class ImportVerb extends Verb {
    /** How {@code check} begins to speak of a TODO. */
    private static final String UNWRITTEN = "is still to be written";

    @Parameters(paramLabel = "DIR", description = "The project's versions directory, or the one around it.")
    @SuppressWarnings("NullAway.Init") // picocli demands it
    private Path python;

    @Option(names = "--check", description = "Write nothing, only compare.")
    private boolean checkOnly;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The project's alembic.ini; by default the nearest one above DIR.")
    private @Nullable Path config;

    @Option(names = "--no-alembic", description = "Do not ask the alembic command for the SQL; bodies are marked TODO.")
    private boolean noAlembic;

    ImportVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        List<PythonRevision> revisions = read();
        Path versions = python.resolve("versions");
        scripts.orElse(Files.isDirectory(versions) ? versions : python);
        List<PythonRevision> missing = missing(revisions);
        List<String> created = checkOnly ? List.of() : write(revisions, missing);
        Migrator migrator = sameAs(checkOnly ? missing : List.of());
        List<String> todo = todo(migrator);
        List<String> lines = new ArrayList<>();
        created.forEach(file -> lines.add("Generating " + file));
        List<String> live = new ArrayList<>();
        for (PythonRevision revision : revisions) {
            if (!revision.liveData().isEmpty()) {
                live.add(revision.revision().id().value());
                lines.add("needs live data, see what its SQL has to do: "
                        + revision.revision().id() + " ("
                        + revision.revision().script().file() + ": " + String.join(", ", revision.liveData()) + ")");
            }
        }
        todo.forEach(place -> lines.add("TODO " + place));
        lines.add("the same history: " + revisions.size() + " revisions, heads "
                + String.join(
                        ", ",
                        migrator.heads().stream().map(ListedRevision::shortLine).toList()));
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("revisions", revisions.size());
        fields.put("created", created);
        fields.put("todo", todo);
        fields.put("liveData", live);
        print(lines, fields);
        return ExitCode.OK;
    }

    /** A gap keeps the scripts from being a history at all: then it is the gap that is said. */
    private Migrator sameAs(List<PythonRevision> missing) {
        try {
            return migrator().requireSameGraphAs(python);
        } catch (UnsoundScriptsException e) {
            List<Problem> gaps = missing.stream().map(ImportVerb::isMissing).toList();
            throw gaps.isEmpty() || e.problems().containsAll(gaps) ? e : new UnsoundScriptsException(gaps);
        }
    }

    private static Problem isMissing(PythonRevision one) {
        Revision revision = one.revision();
        return new Problem(revision.script(), "no SQL script has the revision " + revision.id());
    }

    /** The places that somebody has still to write, of this import or of one before. */
    private static List<String> todo(Migrator migrator) {
        try {
            migrator.check();
            return List.of();
        } catch (UnsoundScriptsException e) {
            return e.problems().stream()
                    .filter(problem -> problem.what().startsWith(UNWRITTEN))
                    .map(problem ->
                            problem.where().file() + ":" + problem.where().line())
                    .toList();
        }
    }

    private List<PythonRevision> missing(List<PythonRevision> revisions) throws IOException {
        if (checkOnly && !isListed()) {
            return List.of(); // the migrator says what is wrong with the place
        }
        Set<RevisionId> there = checkOnly || Files.exists(scripts.directory()) ? scripts.headers() : Set.of();
        return revisions.stream()
                .filter(one -> !there.contains(one.revision().id()))
                .toList();
    }

    private boolean isListed() {
        try {
            for (ScriptSource source : scripts.sources()) {
                source.list();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private List<PythonRevision> read() {
        try {
            return PythonVersions.read(python);
        } catch (IOException e) {
            throw new UsageException(python + " can not be read: " + e.getMessage());
        }
    }

    private List<String> write(List<PythonRevision> revisions, List<PythonRevision> missing) throws IOException {
        if (missing.isEmpty()) {
            return List.of();
        }
        Path directory = scripts.directory();
        Map<RevisionId, Path> files = files(directory, revisions, missing);
        AlembicCommand alembic = alembic(revisions, missing);
        Files.createDirectories(directory);
        List<String> created = new ArrayList<>();
        for (PythonRevision one : missing) {
            RevisionId id = one.revision().id();
            Body up = alembic == null ? null : alembic.upgrade(id);
            Body down = alembic == null ? null : alembic.downgrade(id);
            Path file = Objects.requireNonNull(files.get(id));
            Files.writeString(file, ImportedScript.of(one, up, down), StandardOpenOption.CREATE_NEW);
            created.add(file.toString());
        }
        return created;
    }

    /** The command that was asked for the bodies, or null where that can not be. */
    private @Nullable AlembicCommand alembic(List<PythonRevision> revisions, List<PythonRevision> missing)
            throws IOException {
        Path ini = config == null ? nearest(python.toAbsolutePath()) : config;
        if (noAlembic || ini == null || !AlembicCommand.isThere()) {
            terminal.err().println("the alembic command was not asked for the bodies" + whyNotAsked(ini));
            return null;
        }
        AlembicCommand alembic = new AlembicCommand(ini);
        alembic.ask(missing.stream().map(PythonRevision::revision).toList(), heads(revisions));
        if (!alembic.complaint().isEmpty()) {
            terminal.err().println("alembic could not write all of it as SQL: " + alembic.complaint());
        }
        return alembic;
    }

    private String whyNotAsked(@Nullable Path ini) {
        if (noAlembic) {
            return "";
        }
        return ini == null ? ": there is no alembic.ini, see --config" : ": it is not on the PATH";
    }

    private static List<RevisionId> heads(List<PythonRevision> revisions) {
        List<RevisionId> heads = new ArrayList<>();
        revisions.forEach(one -> heads.add(one.revision().id()));
        revisions.forEach(one -> heads.removeAll(one.revision().downRevisions()));
        return heads;
    }

    private static @Nullable Path nearest(Path directory) {
        for (Path at = directory; at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("alembic.ini"))) {
                return at.resolve("alembic.ini");
            }
        }
        return null;
    }

    /** Where each is to be written. */
    private static Map<RevisionId, Path> files(
            Path directory, List<PythonRevision> project, List<PythonRevision> missing) {
        Map<RevisionId, String> names = ImportedNames.of(project);
        Map<RevisionId, Path> files = new LinkedHashMap<>();
        for (PythonRevision one : missing) {
            RevisionId id = one.revision().id();
            Path file = directory.resolve(Objects.requireNonNull(names.get(id)));
            if (Files.exists(file) || files.containsValue(file)) {
                throw new UsageException("the script of revision " + id + " would be " + file
                        + ", which is another revision's; rename one of the two");
            }
            files.put(id, file);
        }
        return files;
    }
}
