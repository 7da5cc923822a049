package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.execution.Code;
import org.keops.automigrate.postgres.execution.RevisionBodies;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Fingerprint;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;

/**
 * The scripts of a migrator: the graph that they describe, and a way to each body. Where an index vouches for the scripts,
 * they are looked at only when a boot has something to do. Thread-safe.
 */
final class ScriptCatalog implements RevisionBodies {
    private static final String IN_JAVA =
            "is written in Java, so there is no script of it; upgrade with the program that has it";

    private final List<ScriptSource> sources;
    private final InJava inJava;
    private final @Nullable ScriptIndex index;
    private volatile @Nullable Scripts scripts;

    private ScriptCatalog(
            List<ScriptSource> sources, InJava inJava, @Nullable ScriptIndex index, @Nullable Scripts scripts) {
        this.sources = sources;
        this.inJava = inJava;
        this.index = index;
        this.scripts = scripts;
    }

    /**
     * Reads the front of the index, or the headers of all scripts. An index knows nothing of revisions that are written in
     * Java: where there are any, the headers are read.
     *
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    static ScriptCatalog load(List<ScriptSource> sources, List<Migration> migrations) {
        InJava inJava = InJava.of(migrations);
        ScriptIndex index = null;
        String unusable = null;
        try {
            index = sources.size() == 1 && migrations.isEmpty() ? sources.get(0).index() : null;
        } catch (IOException e) {
            unusable = String.valueOf(e.getMessage());
        }
        if (index != null && index.isCurrent()) {
            return new ScriptCatalog(List.copyOf(sources), inJava, index, null);
        }
        Scripts scanned = Scripts.scan(sources, inJava);
        if (unusable != null) { // said only now: where the place itself is broken, the scan has said so
            BootLog.indexNotUsed(unusable);
        }
        if (index != null && !saysTheSame(index, scanned.graph())) {
            BootLog.indexNotUsed(index.place() + " is not of the scripts that are there; write it anew");
        }
        return new ScriptCatalog(List.copyOf(sources), inJava, null, scanned);
    }

    private static boolean saysTheSame(ScriptIndex index, RevisionGraph graph) {
        try {
            List<Revision> said = new ArrayList<>();
            for (ScriptIndex.Row row : index.rows()) {
                said.add(row.revision());
            }
            return said.equals(graph.revisions());
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether nothing is left to upgrade, for which an index suffices. */
    boolean isAtHeads(Collection<RevisionId> rows) {
        if (index != null && scripts == null) {
            return rows.size() == index.heads().size() && index.heads().containsAll(rows);
        }
        return graph().isAtHeads(rows);
    }

    RevisionGraph graph() {
        return scripts().graph();
    }

    private Scripts scripts() {
        Scripts known = scripts;
        return known == null ? look() : known;
    }

    private synchronized Scripts look() {
        Scripts known = scripts;
        if (known == null) {
            known = indexed();
            scripts = known;
        }
        return known;
    }

    private Scripts indexed() {
        if (index != null) {
            try {
                return Scripts.of(index);
            } catch (IOException | UnsoundScriptsException e) {
                BootLog.indexNotUsed(String.valueOf(e.getMessage()));
            }
        }
        return Scripts.scan(sources, inJava);
    }

    @Override
    public InputStream open(Revision revision) throws IOException {
        ScriptFile file = scripts().files().get(revision.id());
        if (file == null && isCode(revision)) {
            throw new IOException(IN_JAVA);
        }
        if (file == null) {
            throw new IOException("no script of revision " + revision.id());
        }
        return file.open();
    }

    @Override
    public @Nullable Code code(Revision revision, Section section) {
        Migration migration = inJava.code().get(revision.id());
        if (migration == null) {
            return null;
        }
        return section == Section.UPGRADE ? migration::upgrade : migration::downgrade;
    }

    /**
     * What the upgrade of a revision says: out of the index, or read of the script.
     *
     * @return its fingerprint, or null if there is no script, or one that can not be understood
     * @throws IOException if it can not be read
     */
    @Nullable
    Fingerprint fingerprint(Revision revision) throws IOException {
        if (isCode(revision)) {
            return null;
        }
        Fingerprint known = Fingerprint.parse(scripts().fingerprints().getOrDefault(revision.id(), ""));
        if (known.algorithm().equals(Fingerprint.ALGORITHM)) {
            return known;
        }
        try {
            return Fingerprint.of(open(revision), revision.script().file(), Section.UPGRADE, true);
        } catch (ScriptSyntaxException e) {
            return null;
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Whether a revision is written in Java: there is no script to read. */
    boolean isCode(Revision revision) {
        return inJava.code().containsKey(revision.id());
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
     * Reads both sections of every script, and compares the index.
     *
     * @return everything that is wrong with them
     * @throws UnsoundScriptsException if they do not describe a history
     */
    List<Problem> checkBodies() {
        Scripts scanned = Scripts.scan(sources, inJava);
        List<Problem> problems = new ArrayList<>();
        for (Revision revision : scanned.graph().revisions()) {
            for (Section section : isCode(revision) ? new Section[0] : Section.values()) {
                try {
                    problems.addAll(ScriptCheck.of(revision, this, section, Dialect.STRICTEST)
                            .problems());
                } catch (IOException e) {
                    problems.add(new Problem(revision.script(), "can not be read: " + e.getMessage()));
                }
            }
        }
        checkIndex(scanned, problems);
        // what is wrong before the sections part is seen twice
        return List.copyOf(new LinkedHashSet<>(problems));
    }

    private void checkIndex(Scripts scanned, List<Problem> problems) {
        if (sources.size() != 1 || !inJava.code().isEmpty()) {
            return;
        }
        String place = sources.get(0).describe();
        try {
            ScriptIndex found = sources.get(0).index();
            if (found != null && !Arrays.equals(found.bytes(), RevisionsIndex.of(scanned))) {
                problems.add(
                        new Problem(Location.of(found.place()), "is not of the scripts that are there; write it anew"));
            }
        } catch (IOException e) {
            problems.add(new Problem(Location.of(place), "the index can not be used: " + e.getMessage()));
        }
    }
}
