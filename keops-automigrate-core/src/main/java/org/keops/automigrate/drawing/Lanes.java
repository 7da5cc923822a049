package org.keops.automigrate.drawing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionId;

/**
 * Where revisions and the lines between them stand: one row for each revision, newest on top, and lanes for the lines that
 * lead down to what is not drawn yet. A lane that has ended is used again. For one drawing.
 */
final class Lanes {
    private final List<Row> rows = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    /** For each lane the revision that it leads to, or null if it is free. */
    private final List<@Nullable RevisionId> lanes = new ArrayList<>();
    /** For each lane the row in which it began. */
    private final List<Integer> began = new ArrayList<>();

    private int width;

    Lanes(List<ListedRevision> newestFirst) {
        Set<RevisionId> drawn = new HashSet<>();
        newestFirst.forEach(revision -> drawn.add(revision.id()));
        for (ListedRevision revision : newestFirst) {
            add(revision, drawn);
        }
    }

    List<Row> rows() {
        return rows;
    }

    List<Edge> edges() {
        return edges;
    }

    int width() {
        return width;
    }

    private void add(ListedRevision revision, Set<RevisionId> drawn) {
        int number = rows.size();
        List<Integer> arriving = new ArrayList<>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (revision.id().equals(lanes.get(lane))) {
                arriving.add(lane);
                edges.add(new Edge(began.get(lane), number, lane));
            }
        }
        int column = arriving.isEmpty() ? free(number) : arriving.get(0);
        List<Integer> open = open();
        arriving.forEach(lane -> lanes.set(lane, null));
        List<RevisionId> parents = revision.revision().downRevisions().stream()
                .filter(drawn::contains)
                .toList();
        List<Integer> leaving = new ArrayList<>();
        for (RevisionId parent : parents) {
            int lane = leaving.isEmpty() ? column : free(number);
            lanes.set(lane, parent);
            began.set(lane, number);
            leaving.add(lane);
        }
        rows.add(new Row(revision, column, arriving, open, leaving, open()));
        width = Math.max(width, lanes.size());
    }

    private int free(int row) {
        int lane = lanes.indexOf(null);
        if (lane < 0) {
            lane = lanes.size();
            lanes.add(null);
            began.add(row);
        }
        return lane;
    }

    private List<Integer> open() {
        List<Integer> open = new ArrayList<>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (lanes.get(lane) != null) {
                open.add(lane);
            }
        }
        return open;
    }

    /** The row of each revision. */
    Map<RevisionId, Integer> numbers() {
        Map<RevisionId, Integer> numbers = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            numbers.put(rows.get(i).revision().id(), i);
        }
        return numbers;
    }

    /**
     * A revision.
     *
     * @param revision the revision
     * @param column the lane it stands in
     * @param arriving the lanes that end here, the first of them in its column
     * @param above the lanes that are open above
     * @param leaving the lanes to what it revises, the first of them in its column
     * @param below the lanes that are open below
     */
    record Row(
            ListedRevision revision,
            int column,
            List<Integer> arriving,
            List<Integer> above,
            List<Integer> leaving,
            List<Integer> below) {}

    /**
     * A line from a revision down to one that it revises.
     *
     * @param from the row of the newer one
     * @param to the row of the older one
     * @param lane the lane it runs in
     */
    record Edge(int from, int to, int lane) {}
}
