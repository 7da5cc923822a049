package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
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
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.ScriptBodies;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;

/**
 * The scripts of a migrator: the graph that they describe, and a way to each body. Where an index vouches for the scripts,
 * they are looked at only when a boot has something to do. Thread-safe.
 */
final class ScriptCatalog implements ScriptBodies {
    private final List<ScriptSource> sources;
    private final @Nullable ScriptIndex index;
    private volatile @Nullable Scripts scripts;

    private ScriptCatalog(List<ScriptSource> sources, @Nullable ScriptIndex index, @Nullable Scripts scripts) {
        this.sources = sources;
        this.index = index;
        this.scripts = scripts;
    }

    /**
     * Reads the front of the index, or the headers of all scripts.
     *
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    static ScriptCatalog load(List<ScriptSource> sources) {
        ScriptIndex index = sources.size() == 1 ? index(sources.get(0)) : null;
        if (index == null || index.isCurrent()) {
            return new ScriptCatalog(List.copyOf(sources), index, index == null ? Scripts.scan(sources) : null);
        }
        Scripts scanned = Scripts.scan(sources);
        if (!saysTheSame(index, scanned.graph())) {
            BootLog.indexNotUsed(index.place() + " is not of the scripts that are there; write it anew");
        }
        return new ScriptCatalog(List.copyOf(sources), null, scanned);
    }

    private static @Nullable ScriptIndex index(ScriptSource source) {
        try {
            return source.index();
        } catch (IOException e) {
            BootLog.indexNotUsed(String.valueOf(e.getMessage()));
            return null;
        }
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
        return Scripts.scan(sources);
    }

    @Override
    public InputStream open(Revision revision) throws IOException {
        ScriptFile file = scripts().files().get(revision.id());
        if (file == null) {
            throw new IOException("no script of revision " + revision.id());
        }
        return file.open();
    }

    /**
     * Reads both sections of every script, and compares the index.
     *
     * @return everything that is wrong with them
     * @throws UnsoundScriptsException if they do not describe a history
     */
    List<Problem> checkBodies() {
        Scripts scanned = Scripts.scan(sources);
        List<Problem> problems = new ArrayList<>();
        for (Revision revision : scanned.graph().revisions()) {
            for (Section section : Section.values()) {
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
        if (sources.size() != 1) {
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
