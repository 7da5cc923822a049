package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.Vectors.Part;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/** What we answer to a recorded case: an error, or steps with their rows, or a list of revisions. */
record Outcome(@Nullable RevisionException error, List<Step> steps, Set<String> rows, List<String> revisions) {

    @Nullable
    Kind kind() {
        return error == null ? null : error.kind();
    }

    static Outcome of(RevisionGraph graph, Part recorded) {
        if (recorded.flag("sql")) {
            return offline(graph, recorded);
        }
        List<RevisionId> start = Scripts.ids(new ArrayList<>(new java.util.LinkedHashSet<>(recorded.strings("start"))));
        String target = target(recorded);
        return switch (recorded.text("command")) {
            case "upgrade" -> stepping(start, () -> graph.upgrade(start, target));
            case "downgrade" -> stepping(start, () -> graph.downgrade(start, target));
            case "stamp" ->
                stepping(
                        start,
                        () -> List.of(
                                recorded.flag("purge")
                                        ? graph.stampPurged(recorded.strings("target"))
                                        : graph.stamp(start, recorded.strings("target"))));
            case "history" ->
                reading(() -> graph.history(target.isEmpty() ? ":" : target, start).stream()
                        .map(Revision::id)
                        .toList());
            case "resolve" -> reading(() -> graph.resolve(target));
            case "current" -> reading(() -> graph.current(start));
            case "heads" ->
                reading(() -> recorded.flag("resolve_dependencies") ? graph.effectiveHeads() : graph.heads());
            default -> throw new IllegalArgumentException(recorded.text("command"));
        };
    }

    private static Outcome offline(RevisionGraph graph, Part recorded) {
        List<RevisionId> start;
        try {
            start = List.copyOf(graph.resolve(from(recorded)));
        } catch (RevisionException e) {
            return new Outcome(e, List.of(), Set.of(), List.of());
        }
        if (recorded.text("command").equals("stamp")) {
            List<String> targets = recorded.strings("target").stream()
                    .map(range -> range.substring(range.indexOf(':') + 1))
                    .toList();
            return stepping(start, () -> List.of(graph.stamp(start, targets)));
        }
        boolean up = recorded.text("command").equals("upgrade");
        return stepping(
                start, () -> up ? graph.upgrade(start, target(recorded)) : graph.downgrade(start, target(recorded)));
    }

    /** Where an offline command begins. */
    static String from(Part recorded) {
        List<String> several = recorded.strings("target");
        String range = several.isEmpty() ? recorded.text("target") : several.get(0);
        return range.indexOf(':') < 0 ? "base" : range.split(":", 2)[0];
    }

    /** The target of a command, without the beginning of an offline one. */
    static String target(Part recorded) {
        String target = recorded.text("target");
        return recorded.flag("sql") ? target.substring(target.indexOf(':') + 1) : target;
    }

    /** Whether both are the same steps or the same kind of refusal. */
    boolean sameAs(Outcome other) {
        return kind() == other.kind() && steps.equals(other.steps) && rows.equals(other.rows);
    }

    static Outcome stepping(List<RevisionId> start, Supplier<List<Step>> command) {
        try {
            List<Step> steps = command.get();
            return new Outcome(null, steps, Scripts.rowsAfter(start, steps), List.of());
        } catch (RevisionException e) {
            return new Outcome(e, List.of(), new TreeSet<>(Scripts.strings(start)), List.of());
        }
    }

    private static Outcome reading(Supplier<Collection<RevisionId>> command) {
        try {
            return new Outcome(null, List.of(), Set.of(), Scripts.strings(command.get()));
        } catch (RevisionException e) {
            return new Outcome(e, List.of(), Set.of(), List.of());
        }
    }

    @Override
    public String toString() {
        if (error != null) {
            return error.kind() + ": " + error.getMessage();
        }
        return steps.isEmpty() && !revisions.isEmpty()
                ? revisions.toString()
                : steps.stream().map(Scripts::changes).toList() + " leave " + rows;
    }
}
