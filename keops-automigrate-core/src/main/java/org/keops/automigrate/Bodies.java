package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.execution.Code;
import org.keops.automigrate.postgres.execution.RevisionBodies;
import org.keops.automigrate.script.Fingerprint;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.OpenArchives;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;

/**
 * A way to what each revision says: its script, or the class that stands for it. Immutable and thread-safe.
 *
 * @param scripts the scripts
 * @param inJava the revisions that are classes
 */
record Bodies(Scripts scripts, InJava inJava) implements RevisionBodies {
    private static final String IN_JAVA =
            "is written in Java, so there is no script of it; upgrade with the program that has it";

    @Override
    public InputStream open(Revision revision) throws IOException {
        ScriptFile file = file(revision);
        return checked(file, revision.id(), file.open());
    }

    /** Opens a script as one of many. */
    InputStream open(Revision revision, OpenArchives archives) throws IOException {
        ScriptFile file = file(revision);
        return checked(file, revision.id(), archives.open(file));
    }

    /** What was opened of a script; where an index speaks of it, to be read to its end only if it is that one. */
    private InputStream checked(ScriptFile file, RevisionId id, InputStream content) {
        ScriptIndex.Row row = scripts.rows().get(id);
        return row == null ? content : new CheckedScript(content, file.place(), row);
    }

    /** What an index says of a revision; null without one. */
    ScriptIndex.@Nullable Row row(Revision revision) {
        return scripts.rows().get(revision.id());
    }

    private ScriptFile file(Revision revision) throws IOException {
        ScriptFile file = scripts.files().get(revision.id());
        if (file == null && isCode(revision)) {
            throw new IOException(IN_JAVA);
        }
        if (file == null) {
            throw new IOException("no script of revision " + revision.id());
        }
        return file;
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
        Fingerprint known = Fingerprint.parse(scripts.fingerprint(revision.id()));
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
}
