package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.script.Header;
import org.keops.automigrate.script.HeaderParser;
import org.keops.automigrate.source.OpenArchives;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;

/**
 * A graph and the files that it was made of. Immutable.
 *
 * @param graph what the headers, or the index, describe
 * @param files a script for each revision that has one
 * @param rows what the index says of them; empty without one
 */
record Scripts(RevisionGraph graph, Map<RevisionId, ScriptFile> files, Map<RevisionId, ScriptIndex.Row> rows) {

    /**
     * Reads the headers of all scripts, and adds the revisions that are classes.
     *
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    static Scripts scan(List<ScriptSource> sources, InJava inJava) {
        List<Problem> problems = new ArrayList<>();
        List<Revision> revisions = new ArrayList<>();
        Map<RevisionId, ScriptFile> files = new HashMap<>();
        try (OpenArchives archives = new OpenArchives()) {
            for (ScriptSource source : sources) {
                for (ScriptFile file : list(source, problems)) {
                    Revision revision = readHeader(file, archives, problems);
                    if (revision != null && !isKnown(file, files.get(revision.id()))) {
                        revisions.add(revision);
                        files.put(revision.id(), file);
                    }
                }
            }
        }
        revisions.addAll(inJava.revisions());
        problems.addAll(inJava.problems());
        if (!problems.isEmpty()) {
            // the graph of what is left would only add complaints about what is missing
            throw new UnsoundScriptsException(problems);
        }
        return new Scripts(RevisionGraph.of(revisions), files, Map.of());
    }

    /**
     * Believes an index instead, and checks each script against it when it is read.
     *
     * @throws IOException if the index can not be read or does not fit itself
     * @throws UnsoundScriptsException if it describes no history
     */
    static Scripts of(ScriptIndex index) throws IOException {
        List<Revision> revisions = new ArrayList<>();
        Map<RevisionId, ScriptFile> files = new HashMap<>();
        Map<RevisionId, ScriptIndex.Row> rows = new HashMap<>();
        for (ScriptIndex.Row row : index.rows()) {
            revisions.add(row.revision());
            rows.put(row.revision().id(), row);
            files.put(row.revision().id(), index.script(row));
        }
        RevisionGraph graph = RevisionGraph.of(revisions);
        if (!graph.isAtHeads(index.heads())) {
            throw new IOException(index.place() + " contradicts itself");
        }
        return new Scripts(graph, files, rows);
    }

    /** What the index says of a script; empty without one. */
    String fingerprint(RevisionId id) {
        ScriptIndex.Row row = rows.get(id);
        return row == null ? "" : row.fingerprint();
    }

    static String fileName(String place) {
        return place.substring(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
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
            problems.add(new Problem(
                    Location.of(source.describe()), "can not be listed: " + Redaction.ofUserInfo(e.getMessage())));
            return List.of();
        }
    }

    private static @Nullable Revision readHeader(ScriptFile file, OpenArchives archives, List<Problem> problems) {
        try (InputStream content = archives.open(file)) {
            Header header = HeaderParser.parse(content, file.place());
            if (header instanceof Header.Described described) {
                return described.revision();
            }
            problems.addAll(((Header.Faulty) header).problems());
        } catch (IOException e) {
            problems.add(
                    new Problem(Location.of(file.place()), "can not be read: " + Redaction.ofUserInfo(e.getMessage())));
        }
        return null;
    }
}
