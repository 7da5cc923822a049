package org.keops.automigrate.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a new script. What it would make of the history is checked before anything is written. */
abstract class NewScriptVerb extends Verb {
    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "What the revision does.")
    @Nullable
    String message;

    @Option(names = "--rev-id", paramLabel = "ID", description = "By default twelve hexadecimal digits by chance.")
    private @Nullable String id;

    @Option(names = "--branch-label", paramLabel = "NAME", description = "A name for the branch that starts here.")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--depends-on",
            paramLabel = "ID",
            description = "What has to be applied before, of another branch.")
    private List<String> dependsOn = new ArrayList<>();

    NewScriptVerb(Terminal terminal) {
        super(terminal);
    }

    /** The migrator of the scripts that are there, or null where there is none yet. */
    @Nullable
    Migrator present() throws IOException {
        return there().isEmpty() ? null : migrator();
    }

    private List<ScriptFile> there() throws IOException {
        Path directory = scripts.directory();
        return Files.isDirectory(directory)
                ? ScriptSource.of(directory.toString()).list()
                : List.of();
    }

    int write(List<String> revises, String text) throws IOException {
        String revision =
                id == null ? UUID.randomUUID().toString().replace("-", "").substring(20) : id;
        NewScript script = new NewScript(revision, text, revises, labels, dependsOn);
        Path file = scripts.directory().resolve(script.fileName());
        String content = script.content(NewScript.now());
        requireSound(file, content, revision);
        Files.createDirectories(scripts.directory());
        Files.writeString(file, content, StandardOpenOption.CREATE_NEW);
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("revision", revision);
        fields.put("downRevisions", revises);
        fields.put("file", file.toString());
        print("Generating " + file, fields);
        return ExitCode.OK;
    }

    /** The header is read back with all others: a bad id, a label in use or a message that reads as a key shows here. */
    private void requireSound(Path file, String content, String revision) throws IOException {
        List<ScriptFile> all = new ArrayList<>(there());
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        all.add(new ScriptFile(file.toString(), () -> new ByteArrayInputStream(bytes)));
        MigratorBuilder builder = AutoMigrator.configure().scripts(new ScriptSource() {
            @Override
            public List<ScriptFile> list() {
                return all;
            }

            @Override
            public String describe() {
                return scripts.directory().toString();
            }
        });
        try {
            builder.build().show(revision);
        } catch (UnsoundScriptsException | RevisionException e) {
            throw new UsageException("nothing is written, the history would not be sound: " + reasons(e, file));
        }
    }

    /** What is wrong, without the place: that file is not there. */
    private static String reasons(RuntimeException e, Path file) {
        return e instanceof UnsoundScriptsException unsound
                ? unsound.problems().stream()
                        .map(one -> one.where().file().equals(file.toString()) ? one.what() : one.toString())
                        .collect(Collectors.joining("\n"))
                : String.valueOf(e.getMessage());
    }

    /** {@code revision}. */
    @Command(name = "revision", description = "Write a new script that revises the head.")
    static final class NewRevision extends NewScriptVerb {
        @Option(
                names = "--head",
                paramLabel = "TARGET",
                description = "What it revises, where there are several heads.")
        private @Nullable String head;

        @Option(names = "--splice", description = "Let --head be a revision that others revise already.")
        private boolean splice;

        NewRevision(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
            Migrator migrator = present();
            return write(revises(migrator), message == null ? "empty message" : message);
        }

        private List<String> revises(@Nullable Migrator migrator) {
            if (migrator == null || "base".equals(head)) {
                return List.of();
            }
            List<ListedRevision> found = head == null ? migrator.heads() : migrator.show(head);
            if (found.size() > 1) {
                throw new UsageException("there are several heads: " + String.join(", ", ids(found))
                        + "; say --head which of them is revised, or join them by `merge`");
            }
            ListedRevision one = found.get(0);
            if (!one.head() && !splice) {
                throw new UsageException("'" + one.id() + "' is not a head, "
                        + one.revisedBy().get(0) + " revises it already; --splice makes a new branch from here");
            }
            return ids(found);
        }
    }

    /** {@code merge}. */
    @Command(name = "merge", description = "Write a script that joins several heads.")
    static final class Merge extends NewScriptVerb {
        @Parameters(paramLabel = "TARGET", arity = "0..*", description = "The revisions to join; by default all heads.")
        private List<String> targets = new ArrayList<>();

        Merge(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
            Migrator migrator = migrator();
            Set<RevisionId> joined = new TreeSet<>();
            for (String target : targets.isEmpty() ? List.of("heads") : targets) {
                List<ListedRevision> found = target.equals("heads") ? migrator.heads() : migrator.show(target);
                found.forEach(one -> joined.add(one.id()));
            }
            List<String> revises = Fields.ids(joined);
            if (revises.size() < 2) {
                throw new UsageException("nothing to merge: " + (revises.isEmpty() ? "no revision" : revises.get(0))
                        + " is all that is meant; a merge joins two or more");
            }
            return write(revises, message == null ? "merge " + String.join(" and ", revises) : message);
        }
    }

    private static List<String> ids(List<ListedRevision> revisions) {
        return revisions.stream().map(one -> one.id().value()).toList();
    }
}
