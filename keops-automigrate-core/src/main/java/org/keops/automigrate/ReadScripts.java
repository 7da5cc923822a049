package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.errand.Mailbox;
import org.keops.automigrate.postgres.execution.Code;
import org.keops.automigrate.postgres.execution.RevisionBodies;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.OpenArchives;
import org.keops.automigrate.source.ScriptIndex;

/**
 * The scripts of a plan. Each is read twice, to its end before it runs and then to be run; of small ones the first
 * reading is kept, up to a size for all together. An archive that they lie in is opened once, and is open until
 * {@link #close}.
 *
 * <p>Used for one plan, by one thread after the other; or, where an index vouches for all of them, by one that reads on and
 * one that runs what was read.
 */
final class ReadScripts implements RevisionBodies, AutoCloseable {
    private static final int MOST_CHARS = 1 << 20;

    private final Bodies scripts;
    /** Guarded by this, and so is whether that is all. */
    private final Map<RevisionId, Kept> kept = new HashMap<>();

    private final OpenArchives archives = new OpenArchives();

    /** What the scripts were vouched for as; null where all were looked into before any runs. */
    private @Nullable Dialect vouchedAs;

    /** What is read of them while those before run; not changed once somebody may run them. */
    private final Map<RevisionId, Mailbox<Kept>> coming = new HashMap<>();

    private boolean allRead;

    /** Of the thread that reads. */
    private int chars;

    ReadScripts(Bodies scripts) {
        this.scripts = scripts;
    }

    /** What was found in a script, and its pieces unless they are too much to be kept. */
    private record Kept(
            ScriptCheck check,
            Section section,
            boolean standardConformingStrings,
            @Nullable List<Piece> pieces) {}

    /** Whether scripts of this size can all be kept. */
    static boolean keeps(long bytes) {
        return bytes <= MOST_CHARS;
    }

    /** From now on whoever runs them waits for who reads them, until {@link #readingEnds}: none runs that was not read to its end. */
    void readingBegins(Dialect dialect, List<Step> steps) {
        vouchedAs = dialect;
        for (Step step : steps) {
            if (step instanceof Step.Upgrade upgrade) {
                coming.put(upgrade.revision().id(), new Mailbox<>());
            }
        }
    }

    /** Nothing of the plan is left to be read before it runs. */
    synchronized void allRead() {
        allRead = true;
    }

    synchronized boolean isAllRead() {
        return allRead;
    }

    /** What was not read by now is read by whoever runs it. */
    void readingEnds() {
        for (Mailbox<Kept> script : coming.values()) {
            script.shut();
        }
    }

    boolean isCode(Revision revision) {
        return scripts.isCode(revision);
    }

    /** Reads a section to its end. */
    ScriptCheck check(Revision revision, Section section, Dialect dialect) throws IOException {
        return kept(revision, section, dialect).check;
    }

    private Kept kept(Revision revision, Section section, Dialect dialect) throws IOException {
        int before = chars;
        Keeping keeping = new Keeping();
        ScriptCheck check = ScriptCheck.of(revision, this, section, dialect, keeping);
        if (keeping.tooMuch) {
            chars = before;
        }
        Kept found =
                new Kept(check, section, dialect.standardConformingStrings(), keeping.tooMuch ? null : keeping.pieces);
        keep(revision.id(), found);
        Mailbox<Kept> awaited = coming.get(revision.id());
        if (awaited != null) {
            awaited.put(found);
        }
        return found;
    }

    private synchronized void keep(RevisionId id, Kept found) {
        kept.put(id, found);
    }

    private synchronized @Nullable Kept kept(RevisionId id) {
        return kept.get(id);
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
                    problems.add(unreadable(revision, e));
                }
            }
        }
    }

    /** What is to be said of a script that can not be read. */
    static Problem unreadable(Revision revision, Exception thrown) {
        return new Problem(revision.script(), "can not be read: " + Redaction.ofUserInfo(thrown.getMessage()));
    }

    @Override
    public void requireSound(Revision revision, Section section) throws StepFailedException {
        if (vouchedAs == null) {
            return;
        }
        Mailbox<Kept> awaited = coming.get(revision.id());
        if (awaited != null) {
            awaited.take();
        }
        Kept known = kept(revision.id());
        requireSound(revision, (known == null ? readNow(revision, section, vouchedAs) : known).check);
    }

    private Kept readNow(Revision revision, Section section, Dialect dialect) throws StepFailedException {
        try {
            return kept(revision, section, dialect);
        } catch (IOException | UncheckedIOException e) {
            throw StepFailedException.of(List.of(unreadable(revision, e)));
        }
    }

    @Override
    public @Nullable List<Piece> known(Revision revision, Section section, boolean standardConformingStrings) {
        Kept known = kept(revision.id());
        return known != null && known.section == section && known.standardConformingStrings == standardConformingStrings
                ? known.pieces
                : null;
    }

    /** An index that says so was written by a look that saw less. */
    private static void requireSound(Revision revision, ScriptCheck check) throws StepFailedException {
        if (!check.problems().isEmpty()) {
            throw StepFailedException.of(check.problems());
        }
        if (check.refusesTransaction()) {
            throw StepFailedException.of(
                    revision.script(),
                    "has to run outside a transaction, which " + ScriptIndex.NAME
                            + " beside it does not say; write the index anew");
        }
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
