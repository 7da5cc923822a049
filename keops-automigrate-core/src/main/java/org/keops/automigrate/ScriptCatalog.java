package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionRules;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.Code;
import org.keops.automigrate.postgres.RevisionBodies;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Header;
import org.keops.automigrate.script.HeaderParser;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;

/** The scripts of a migrator: the graph that their headers describe, and a way to each body. Immutable. */
final class ScriptCatalog implements RevisionBodies {
    private static final String IN_JAVA =
            "is written in Java, so there is no script of it; upgrade with the program that has it";

    private final RevisionGraph graph;
    private final Map<RevisionId, ScriptFile> files;
    private final Map<RevisionId, Migration> migrations;

    private ScriptCatalog(
            RevisionGraph graph, Map<RevisionId, ScriptFile> files, Map<RevisionId, Migration> migrations) {
        this.graph = graph;
        this.files = files;
        this.migrations = migrations;
    }

    /**
     * Reads the headers of all scripts.
     *
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    static ScriptCatalog load(List<ScriptSource> sources, List<Migration> migrations) {
        List<Problem> problems = new ArrayList<>();
        List<Revision> revisions = new ArrayList<>();
        Map<RevisionId, ScriptFile> files = new HashMap<>();
        for (ScriptSource source : sources) {
            for (ScriptFile file : list(source, problems)) {
                Revision revision = readHeader(file, problems);
                if (revision != null && !isKnown(file, files.get(revision.id()))) {
                    revisions.add(revision);
                    files.put(revision.id(), file);
                }
            }
        }
        Map<RevisionId, Migration> code = new HashMap<>();
        for (Migration migration : migrations) {
            Revision revision = describe(migration, problems);
            if (revision != null) {
                revisions.add(revision);
                code.put(revision.id(), migration);
            }
        }
        if (!problems.isEmpty()) {
            // the graph of what is left would only add complaints about what is missing
            throw new UnsoundScriptsException(problems);
        }
        return new ScriptCatalog(RevisionGraph.of(revisions), files, code);
    }

    RevisionGraph graph() {
        return graph;
    }

    @Override
    public InputStream open(Revision revision) throws IOException {
        ScriptFile file = files.get(revision.id());
        if (file == null && migrations.containsKey(revision.id())) {
            throw new IOException(IN_JAVA);
        }
        if (file == null) {
            throw new IOException("no script of revision " + revision.id());
        }
        return file.open();
    }

    @Override
    public @Nullable Code code(Revision revision, Section section) {
        Migration migration = migrations.get(revision.id());
        if (migration == null) {
            return null;
        }
        return section == Section.UPGRADE ? migration::upgrade : migration::downgrade;
    }

    /** Whether a revision is written in Java: there is no script to read. */
    boolean isCode(Revision revision) {
        return migrations.containsKey(revision.id());
    }

    /**
     * What keeps a history from being written down as SQL.
     *
     * @throws UnsoundScriptsException if one of the revisions is written in Java
     */
    void requireScripts(Collection<Revision> revisions) {
        List<Problem> problems = revisions.stream()
                .filter(this::isCode)
                .map(revision -> new Problem(revision.script(), IN_JAVA))
                .toList();
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
    }

    /**
     * Reads both sections of every script.
     *
     * @return everything that is wrong with them
     */
    List<Problem> checkBodies() {
        List<Problem> problems = new ArrayList<>();
        for (Revision revision : graph.revisions()) {
            for (Section section : isCode(revision) ? new Section[0] : Section.values()) {
                try {
                    problems.addAll(ScriptCheck.of(revision, this, section, Dialect.STRICTEST)
                            .problems());
                } catch (IOException e) {
                    problems.add(new Problem(revision.script(), "can not be read: " + e.getMessage()));
                }
            }
        }
        // what is wrong before the sections part is seen twice
        return List.copyOf(new LinkedHashSet<>(problems));
    }

    /** The same script found in two places is fine; two scripts of one id are not, and the graph says so. */
    private static boolean isKnown(ScriptFile file, @Nullable ScriptFile known) {
        if (known == null) {
            return false;
        }
        try (InputStream one = file.open();
                InputStream other = known.open()) {
            return Arrays.equals(one.readAllBytes(), other.readAllBytes());
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable Revision describe(Migration migration, List<Problem> problems) {
        Location where = Location.of(migration.getClass().getName());
        Optional<String> wrongId = RevisionRules.problemWithId(migration.revision());
        if (wrongId.isPresent()) {
            problems.add(new Problem(where, wrongId.get()));
            return null;
        }
        try {
            return new Revision(
                    new RevisionId(migration.revision()),
                    migration.revises().stream().map(RevisionId::new).toList(),
                    List.of(),
                    List.of(),
                    migration.message(),
                    TransactionMode.REQUIRED,
                    where);
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(where, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private static List<ScriptFile> list(ScriptSource source, List<Problem> problems) {
        try {
            List<ScriptFile> files = source.list();
            if (files.isEmpty()) {
                problems.add(new Problem(
                        Location.of(source.describe()),
                        "no revision scripts here; they are files that end in .sql, or configure another place"));
            }
            return files;
        } catch (IOException e) {
            problems.add(new Problem(Location.of(source.describe()), "can not be listed: " + e.getMessage()));
            return List.of();
        }
    }

    private static @Nullable Revision readHeader(ScriptFile file, List<Problem> problems) {
        try (InputStream content = file.open()) {
            Header header = HeaderParser.parse(content, file.place());
            if (header instanceof Header.Described described) {
                return described.revision();
            }
            problems.addAll(((Header.Faulty) header).problems());
        } catch (IOException e) {
            problems.add(new Problem(Location.of(file.place()), "can not be read: " + e.getMessage()));
        }
        return null;
    }
}
