package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.execution.Code;
import org.keops.automigrate.postgres.execution.RevisionBodies;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.OpenArchives;

/**
 * The scripts of a plan. Each is read twice, to its end before anything runs and then to be run; of small ones the first
 * reading is kept, up to a size for all together. An archive that they lie in is opened once, and is open until
 * {@link #close}. Used for one plan, by one thread after the other.
 */
final class ReadScripts implements RevisionBodies, AutoCloseable {
    private static final int MOST_CHARS = 1 << 20;

    private final Bodies scripts;
    private final Map<RevisionId, Kept> kept = new HashMap<>();
    private final OpenArchives archives = new OpenArchives();
    private int chars;

    ReadScripts(Bodies scripts) {
        this.scripts = scripts;
    }

    private record Kept(Section section, boolean standardConformingStrings, List<Piece> pieces) {}

    boolean isCode(Revision revision) {
        return scripts.isCode(revision);
    }

    /** Reads a section to its end. */
    ScriptCheck check(Revision revision, Section section, Dialect dialect) throws IOException {
        int before = chars;
        Keeping keeping = new Keeping();
        ScriptCheck check = ScriptCheck.of(revision, this, section, dialect, keeping);
        if (keeping.tooMuch) {
            chars = before;
        } else {
            kept.put(revision.id(), new Kept(section, dialect.standardConformingStrings(), keeping.pieces));
        }
        return check;
    }

    /** A class, because the first lambda of a process takes longer than to read hundreds of scripts. */
    private final class Keeping implements Consumer<Piece> {
        private final List<Piece> pieces = new ArrayList<>();
        private boolean tooMuch;

        @Override
        public void accept(Piece piece) {
            chars += piece.statement().text().length();
            tooMuch |= piece instanceof Piece.CopyFromStdin || chars > MOST_CHARS;
            if (tooMuch) {
                pieces.clear();
            } else {
                pieces.add(piece);
            }
        }
    }

    /** Reads both sections of scripts, and keeps nothing of them. */
    void checkAll(List<Revision> revisions, List<Problem> problems) {
        for (Revision revision : revisions) {
            for (Section section : isCode(revision) ? new Section[0] : Section.values()) {
                try {
                    problems.addAll(ScriptCheck.of(revision, this, section, Dialect.STRICTEST)
                            .problems());
                } catch (IOException e) {
                    problems.add(
                            new Problem(revision.script(), "can not be read: " + Redaction.ofUserInfo(e.getMessage())));
                }
            }
        }
    }

    @Override
    public @Nullable List<Piece> known(Revision revision, Section section, boolean standardConformingStrings) {
        Kept known = kept.get(revision.id());
        return known != null && known.section == section && known.standardConformingStrings == standardConformingStrings
                ? known.pieces
                : null;
    }

    @Override
    public InputStream open(Revision revision) throws IOException {
        return scripts.open(revision, archives);
    }

    @Override
    public @Nullable Code code(Revision revision, Section section) {
        return scripts.code(revision, section);
    }

    /** May be called again. */
    @Override
    public void close() {
        archives.close();
    }
}
