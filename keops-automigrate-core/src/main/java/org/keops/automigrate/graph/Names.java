package org.keops.automigrate.graph;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;

/**
 * Finds the revisions that a name means: alembic/script/revision.py, {@code get_revisions} and {@code _revision_for_ident}.
 * Immutable and thread-safe.
 */
final class Names {
    private static final int SHORTEST_NAME_WITH_PREFIX = 4;
    private static final int SHOWN = 3;
    private static final Set<String> WORDS = Set.of("head", "heads", "base");

    private final Topology topology;

    Names(Topology topology) {
        this.topology = topology;
    }

    /** What an absolute target means; nothing for {@code base}. */
    BitSet resolve(Target target) {
        String branch = target.branch();
        BitSet lineage = branch == null ? null : lineage(branch);
        return switch (target.name()) {
            case "base" -> new BitSet();
            case "heads" -> lineage == null ? effectiveHeads() : on(lineage, heads());
            case "head" -> head(target, lineage == null ? heads() : on(lineage, heads()));
            default -> topology.only(identifier(target.name(), branch, lineage));
        };
    }

    /** The one revision that an absolute target means, or {@link Walk#BASE}. */
    int resolveOne(Target target) {
        BitSet found = resolve(target);
        if (found.cardinality() > 1) {
            throw severalHeads(target, found);
        }
        return found.isEmpty() ? Walk.BASE : found.nextSetBit(0);
    }

    /** Like {@link #resolveOne} of a relative target's name, without its number and its branch. */
    int resolveName(Target target) {
        return resolveOne(new Target(target.text(), null, target.name(), false, 0));
    }

    /** Like {@link #resolveOne} of a relative target's branch and name, without its number. */
    int resolveNameOnBranch(Target target) {
        return resolveOne(new Target(target.text(), target.branch(), target.name(), false, 0));
    }

    /** Ancestors and descendants, by {@code down_revision} only, of what the part before an {@code @} means. */
    BitSet lineage(String branch) {
        return topology.lineage(branch(branch));
    }

    /** The revision that the part before an {@code @} means: a label, an id or a prefix; never a word that is a target. */
    BitSet branch(String branch) {
        if (WORDS.contains(branch)) {
            throw new RevisionException(
                    Kind.CANT_LOCATE,
                    "can't locate a branch '" + branch + "': '" + branch
                            + "' is not a branch; before the '@' stands a branch label or an id");
        }
        return topology.only(identifier(branch, null, null));
    }

    boolean isLabel(String name) {
        Integer named = topology.names.get(name);
        return named != null && topology.revisions[named].branchLabels().contains(name);
    }

    BitSet heads() {
        return topology.without(topology.children);
    }

    BitSet effectiveHeads() {
        return topology.without(topology.dependants);
    }

    private BitSet head(Target target, BitSet heads) {
        if (heads.cardinality() > 1) {
            throw severalHeads(target, heads);
        }
        return heads;
    }

    private int identifier(String name, @Nullable String branch, @Nullable BitSet lineage) {
        Integer exact = topology.names.get(name);
        int found = exact != null ? exact : byPrefix(name, branch, lineage);
        if (lineage != null && !lineage.get(found)) {
            throw new RevisionException(
                    Kind.CANT_LOCATE,
                    List.of(topology.id(found)),
                    "can't locate '" + name + "' on branch '" + branch + "': revision '" + topology.id(found)
                            + "' is not a member of it; leave the branch out or name one of its revisions");
        }
        return found;
    }

    /** Alembic has no shortest prefix, but names of three characters or less must be written out. */
    private int byPrefix(String prefix, @Nullable String branch, @Nullable BitSet lineage) {
        TreeSet<String> found = new TreeSet<>();
        for (var entry : topology.names.entrySet()) {
            String name = entry.getKey();
            if (name.startsWith(prefix)
                    && name.codePointCount(0, name.length()) >= SHORTEST_NAME_WITH_PREFIX
                    && (lineage == null || lineage.get(entry.getValue()))) {
                found.add(name);
            }
        }
        if (found.size() == 1) {
            Integer only = topology.names.get(found.first());
            if (only != null) {
                return only;
            }
        }
        throw found.isEmpty() ? unknown(prefix, branch) : ambiguous(prefix, found);
    }

    private RevisionException unknown(String name, @Nullable String branch) {
        return new RevisionException(
                Kind.CANT_LOCATE,
                "can't locate '" + name + "'" + (branch == null ? "" : " on branch '" + branch + "'") + ": none of the "
                        + topology.size() + " scripts has an id or a branch label that is or begins so"
                        + (branch == null ? "" : " and belongs to the branch"));
    }

    private static RevisionException ambiguous(String prefix, Set<String> names) {
        StringBuilder text = new StringBuilder("can't locate '" + prefix + "': several names begin so (");
        int shown = 0;
        for (String name : names) {
            if (shown++ == SHOWN) {
                text.append(", ...");
                break;
            }
            text.append(shown == 1 ? "'" : ", '").append(name).append('\'');
        }
        return new RevisionException(
                Kind.CANT_LOCATE, text.append("); write more of it").toString());
    }

    private RevisionException severalHeads(Target target, BitSet heads) {
        List<RevisionId> ids = topology.ids(heads);
        return new RevisionException(
                Kind.MULTIPLE_HEADS,
                ids,
                "'" + target.text() + "' means one head, but there are several: " + Topology.quoted(ids)
                        + "; name one of them, or use 'heads' for all, or join them by a merge revision (`merge` creates it)");
    }

    private static BitSet on(BitSet lineage, BitSet heads) {
        BitSet both = (BitSet) heads.clone();
        both.and(lineage);
        return both;
    }
}
