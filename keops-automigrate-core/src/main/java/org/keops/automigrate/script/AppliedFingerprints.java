package org.keops.automigrate.script;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;

/**
 * The fingerprints of scripts that were applied, as they are kept in a comment: somebody's own text first, then a line for
 * a person, then a line for each revision. Immutable and thread-safe.
 *
 * @param byRevision the fingerprint of each revision that has one
 * @param comment what somebody else has written there, or null
 */
public record AppliedFingerprints(
        SortedMap<RevisionId, Fingerprint> byRevision,
        @Nullable String comment) {
    private static final String START =
            "keops-automigrate: fingerprints of the scripts that were applied. Leave these lines as they are.\n";

    /** None, and no comment of anybody's. */
    public static final AppliedFingerprints NONE = new AppliedFingerprints(new TreeMap<>(), null);

    /**
     * Copies its parts.
     *
     * @param byRevision the component of this name
     * @param comment the component of this name
     */
    public AppliedFingerprints {
        byRevision = Collections.unmodifiableSortedMap(new TreeMap<>(byRevision));
    }

    /**
     * Reads a comment. Lines that are not of this form are passed over.
     *
     * @param text the comment, or null where there is none
     * @return what it holds
     */
    public static AppliedFingerprints parse(@Nullable String text) {
        int at = text == null ? -1 : text.indexOf(START);
        if (text == null || at < 0) {
            return new AppliedFingerprints(new TreeMap<>(), text);
        }
        SortedMap<RevisionId, Fingerprint> found = new TreeMap<>();
        text.substring(at + START.length()).lines().forEach(line -> {
            int blank = line.indexOf(' ');
            if (blank > 0) {
                found.put(new RevisionId(line.substring(0, blank)), Fingerprint.parse(line.substring(blank + 1)));
            }
        });
        String ahead = text.substring(0, at);
        return new AppliedFingerprints(
                found, ahead.isEmpty() ? null : ahead.endsWith("\n") ? ahead.substring(0, at - 1) : ahead);
    }

    /**
     * The comment to write.
     *
     * @return its text, or null if there is to be none
     */
    public @Nullable String text() {
        if (byRevision.isEmpty()) {
            return comment;
        }
        StringBuilder text = new StringBuilder(comment == null ? "" : comment + "\n").append(START);
        byRevision.forEach((id, fingerprint) ->
                text.append(id).append(' ').append(fingerprint).append('\n'));
        return text.toString();
    }

    /**
     * The same with another fingerprint of one revision.
     *
     * @param id the revision
     * @param fingerprint its fingerprint, or null if it is to have none
     * @return a copy
     */
    public AppliedFingerprints with(RevisionId id, @Nullable Fingerprint fingerprint) {
        SortedMap<RevisionId, Fingerprint> changed = new TreeMap<>(byRevision);
        if (fingerprint == null) {
            changed.remove(id);
        } else {
            changed.put(id, fingerprint);
        }
        return new AppliedFingerprints(changed, comment);
    }

    /**
     * Others in place of all of them.
     *
     * @param others the fingerprint of each revision that is to have one
     * @return a copy, with the same comment of somebody else's
     */
    public AppliedFingerprints replacedBy(Map<RevisionId, Fingerprint> others) {
        return new AppliedFingerprints(new TreeMap<>(others), comment);
    }

    /**
     * Whether a script is known to say something else than when it was applied. Of a revision without a fingerprint, or with
     * one of another algorithm, nothing is known.
     *
     * @param id its revision
     * @param now what it says now, or null if it can not be understood any more
     * @return true if it was changed
     */
    public boolean changed(RevisionId id, @Nullable Fingerprint now) {
        return isComparable(id) && !Objects.equals(byRevision.get(id), now);
    }

    /**
     * Whether it makes sense to look what a script says now.
     *
     * @param id its revision
     * @return true if there is a fingerprint of the algorithm of today
     */
    public boolean isComparable(RevisionId id) {
        Fingerprint was = byRevision.get(id);
        return was != null && was.algorithm().equals(Fingerprint.ALGORITHM);
    }
}
