package org.keops.automigrate.graph;

import java.util.BitSet;
import java.util.Collection;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;

/**
 * The revisions of a range, newest first (alembic/command.py, {@code history}; revision.py, {@code iterate_revisions}).
 * Immutable and thread-safe.
 */
final class History {
    private final Topology topology;
    private final Names names;
    private final Resolution resolution;
    private final Upgrade upgrade;

    History(Topology topology, Names names, Resolution resolution, Upgrade upgrade) {
        this.topology = topology;
        this.names = names;
        this.resolution = resolution;
        this.upgrade = upgrade;
    }

    int[] newestFirst(String text, Collection<RevisionId> rows) {
        String range = text.strip();
        int colon = range.indexOf(':');
        if (colon < 0 || range.indexOf(':', colon + 1) >= 0) {
            throw new RevisionException(
                    Kind.HISTORY_RANGE_SYNTAX,
                    "'" + range + "' is not a history range; write 'from:to', 'from:' or ':to'");
        }
        String from = colon == 0 ? "base" : range.substring(0, colon);
        String to = colon == range.length() - 1 ? "heads" : range.substring(colon + 1);
        BitSet upper = upper(from, to, rows);
        upgrade.refuseOverlap(upper);
        BitSet lower = lower(from, rows);
        BitSet between = between(lower, upper, range);
        upgrade.refuseOverlap(lower);
        return StepOrder.newestFirst(topology, between, topology.tips(between, topology.normalized));
    }

    private BitSet lower(String from, Collection<RevisionId> rows) {
        return from.equals("current") ? topology.rows(rows) : resolution.resolve(Target.parse(from));
    }

    private BitSet upper(String from, String to, Collection<RevisionId> rows) {
        BitSet upper = to.equals("current") ? topology.rows(rows) : reached(Target.parse(to), from, rows);
        String branch = from.equals("current") ? null : Target.parse(from).branch();
        if (branch != null && names.isLabel(branch)) {
            resolution.keepLabelled(upper, branch);
        } else if (branch != null) {
            upper.and(names.lineage(branch));
        }
        return upper;
    }

    private BitSet reached(Target target, String from, Collection<RevisionId> rows) {
        if (!target.relative()) {
            return names.resolve(target);
        }
        boolean counted = target.name().isEmpty();
        if (counted && target.steps() <= 0) {
            throw new RevisionException(
                    Kind.RELATIVE_TOO_FAR, "'" + target.text() + "' does not lead up from the start of the range");
        }
        int reached =
                upgrade.walk(target, counted ? lower(from, rows) : new BitSet()).at();
        if (reached == Walk.BASE) {
            throw new RevisionException(
                    Kind.WALKED_TOO_FAR, "'" + target.text() + "' leads to base or below it, where no range can end");
        }
        return topology.only(reached);
    }

    private BitSet between(BitSet lower, BitSet upper, String range) {
        BitSet between = topology.ancestors(upper);
        BitSet astray = (BitSet) lower.clone();
        astray.andNot(between);
        if (!astray.isEmpty()) {
            throw new RevisionException(
                    Kind.NOT_A_RANGE,
                    topology.ids(astray),
                    "'" + range + "' is not a range: " + Topology.quoted(topology.ids(astray))
                            + " is not an ancestor of its end");
        }
        if (!lower.isEmpty()) {
            between.and(topology.closure(topology.children, lower));
        }
        return between;
    }
}
