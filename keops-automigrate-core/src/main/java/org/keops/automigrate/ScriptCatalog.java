package org.keops.automigrate;

import java.io.IOException;
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
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;

/**
 * The scripts of a migrator: the graph that they describe, and a way to what they say. Where an index vouches for the
 * scripts, they are looked at only when a boot has something to do. Thread-safe.
 */
final class ScriptCatalog {
    /** By default; made only when it is looked at, which in the usual boot is while the connection is fetched. */
    private static final String SCRIPTS = "classpath:alembic/versions";

    private final List<ScriptSource> sources;
    private final List<Migration> migrations;
    /** Once it is read, one of these three is there, or the index and then the scripts. */
    private @Nullable ScriptIndex index;

    private @Nullable Scripts scripts;
    /** Made only for who reads more than headers. */
    private @Nullable Bodies bodies;

    private @Nullable RuntimeException unsound;

    /**
     * Of scripts that are read when they are first asked for, or by {@link #read}.
     *
     * @param sources where they are; none for the usual place
     * @param migrations revisions that are written in Java
     */
    ScriptCatalog(List<ScriptSource> sources, List<Migration> migrations) {
        this.sources = List.copyOf(sources);
        this.migrations = List.copyOf(migrations);
    }

    private List<ScriptSource> sources() {
        return sources.isEmpty() ? List.of(ScriptSource.of(SCRIPTS)) : sources;
    }

    /**
     * Reads the front of the index, or the headers of all scripts, unless that was done before. An index knows nothing of
     * revisions that are written in Java: where there are any, the headers are read.
     *
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    synchronized void read() {
        if (unsound != null) {
            throw unsound;
        }
        if (index != null || scripts != null) {
            return;
        }
        ScriptIndex found = null;
        String unusable = null;
        try {
            List<ScriptSource> places = sources();
            found = places.size() == 1 && migrations.isEmpty() ? places.get(0).index() : null;
        } catch (IOException e) {
            unusable = String.valueOf(e.getMessage());
        }
        if (found != null && found.isCurrent()) {
            index = found;
            return;
        }
        Scripts scanned = scanned();
        scripts = scanned;
        if (unusable != null) { // said only now: where the place itself is broken, the scan has said so
            BootLog.indexNotUsed(unusable);
        }
        if (found != null && !saysTheSame(found, scanned.graph())) {
            BootLog.indexNotUsed(found.place() + " is not of the scripts that are there; write it anew");
        }
    }

    /** What is wrong with them is remembered: whoever reads meanwhile is not to read them again for the same answer. */
    private Scripts scanned() {
        try {
            return scan();
        } catch (RuntimeException e) {
            // asked here rather than caught by its name, for which every boot would load it
            unsound = e instanceof UnsoundScriptsException ? e : null;
            throw e;
        }
    }

    private Scripts scan() {
        return Scripts.scan(sources(), InJava.of(migrations));
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
    synchronized boolean isAtHeads(Collection<RevisionId> rows) {
        read();
        if (index != null && scripts == null) {
            return rows.size() == index.heads().size() && index.heads().containsAll(rows);
        }
        return graph().isAtHeads(rows);
    }

    RevisionGraph graph() {
        return scripts().graph();
    }

    /** A way to what each revision says. */
    synchronized Bodies bodies() {
        if (bodies == null) {
            bodies = new Bodies(scripts(), InJava.of(migrations));
        }
        return bodies;
    }

    private synchronized Scripts scripts() {
        read();
        if (scripts == null) {
            scripts = index == null ? scan() : indexed(index);
        }
        return scripts;
    }

    private Scripts indexed(ScriptIndex believed) {
        try {
            return Scripts.of(believed);
        } catch (IOException e) {
            return scanInstead(e);
        } catch (RuntimeException e) {
            if (!(e instanceof UnsoundScriptsException)) {
                throw e;
            }
            return scanInstead(e);
        }
    }

    private Scripts scanInstead(Exception why) {
        BootLog.indexNotUsed(String.valueOf(why.getMessage()));
        return scanned();
    }

    /**
     * Reads both sections of every script, and compares the index.
     *
     * @return everything that is wrong with them
     * @throws UnsoundScriptsException if they do not describe a history
     */
    List<Problem> checkBodies() {
        Scripts scanned = Scripts.scan(sources(), InJava.of(migrations));
        List<Problem> problems = new ArrayList<>();
        try (ReadScripts reading = new ReadScripts(bodies())) {
            reading.checkAll(scanned.graph().revisions(), problems);
        }
        checkIndex(scanned, problems);
        // what is wrong before the sections part is seen twice
        return List.copyOf(new LinkedHashSet<>(problems));
    }

    private void checkIndex(Scripts scanned, List<Problem> problems) {
        List<ScriptSource> places = sources();
        if (places.size() != 1 || !migrations.isEmpty()) {
            return;
        }
        String place = places.get(0).describe();
        try {
            ScriptIndex found = places.get(0).index();
            if (found != null && !Arrays.equals(found.bytes(), RevisionsIndex.of(scanned))) {
                problems.add(
                        new Problem(Location.of(found.place()), "is not of the scripts that are there; write it anew"));
            }
        } catch (IOException e) {
            problems.add(new Problem(Location.of(place), "the index can not be used: " + e.getMessage()));
        }
    }
}
