package org.keops.automigrate.drawing;

import java.util.List;
import java.util.Map;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionId;

/** Draws as SVG: the lanes as lines, the revisions as dots with their text beside; light or dark as the viewer likes. Stateless. */
final class SvgDrawing {
    private static final int ROW = 30;
    private static final int LANE = 22;
    private static final int MARGIN = 20;
    private static final double LETTER = 7.4;
    private static final List<String> COLOURS =
            List.of("#3b6fb6", "#b5543c", "#3f8f5b", "#8a5ca8", "#b08a1e", "#3a8f98", "#a84c7c", "#6b7280");

    private SvgDrawing() {}

    static String of(Drawing drawing) {
        Lanes lanes = new Lanes(drawing.revisions());
        int left = MARGIN + lanes.width() * LANE;
        int longest = 0;
        StringBuilder body = new StringBuilder();
        for (Lanes.Edge edge : lanes.edges()) {
            body.append(line(edge, lanes.rows()));
        }
        body.append(dependencies(drawing.dependencies(), lanes));
        for (int i = 0; i < lanes.rows().size(); i++) {
            Lanes.Row row = lanes.rows().get(i);
            boolean current = drawing.isCurrent(row.revision());
            body.append(dot(row, i, current)).append(text(row.revision(), left, i, current));
            longest = Math.max(longest, letters(row.revision(), current));
        }
        int width = (int) Math.ceil(left + longest * LETTER + MARGIN);
        int height = 2 * MARGIN + ROW * Math.max(0, lanes.rows().size() - 1);
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img">
                <title>History of the schema</title>
                <style>
                .line { fill: none; stroke-width: 2 }
                .needs { fill: none; stroke: #888; stroke-width: 1.5; stroke-dasharray: 4 3 }
                .dot { stroke-width: 2.5; fill: #fff }
                text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #222 }
                .mark { fill: #666 }
                .here { fill: #2c7a2f; font-weight: bold }
                @media (prefers-color-scheme: dark) { text { fill: #ddd } .mark { fill: #999 } .here { fill: #7fcf83 } .dot { fill: #111 } }
                </style>
                %3$s</svg>
                """.formatted(width, height, body);
    }

    private static String line(Lanes.Edge edge, List<Lanes.Row> rows) {
        int x1 = x(rows.get(edge.from()).column());
        int x2 = x(edge.lane());
        int x3 = x(rows.get(edge.to()).column());
        int y1 = y(edge.from());
        int y3 = y(edge.to());
        StringBuilder path = new StringBuilder("M" + x1 + "," + y1);
        boolean bendsTwice = x1 != x2 && x2 != x3;
        int down = x1 == x2 ? y1 : bendsTwice ? y1 + (y3 - y1) / 2 : y1 + ROW;
        down = Math.min(down, y3);
        if (x1 != x2) {
            path.append(curve(x1, y1, x2, down));
        }
        int up = x2 == x3 ? y3 : Math.max(down, y3 - ROW);
        path.append(" L").append(x2).append(',').append(up);
        if (x2 != x3) {
            path.append(curve(x2, up, x3, y3));
        }
        return "<path class=\"line\" stroke=\"" + colour(edge.lane()) + "\" d=\"" + path + "\"/>\n";
    }

    private static String curve(int x1, int y1, int x2, int y2) {
        int middle = (y1 + y2) / 2;
        return " C" + x1 + "," + middle + " " + x2 + "," + middle + " " + x2 + "," + y2;
    }

    private static String dependencies(Map<RevisionId, List<RevisionId>> dependencies, Lanes lanes) {
        Map<RevisionId, Integer> numbers = lanes.numbers();
        StringBuilder paths = new StringBuilder();
        for (int to = 0; to < lanes.rows().size(); to++) {
            Lanes.Row row = lanes.rows().get(to);
            for (RevisionId needed : dependencies.getOrDefault(row.revision().id(), List.of())) {
                int from = numbers.getOrDefault(needed, 0);
                paths.append(dependency(
                        x(row.column()), y(to), x(lanes.rows().get(from).column()), y(from)));
            }
        }
        return paths.toString();
    }

    /** A curve that keeps clear of the lanes, down to the older one. */
    private static String dependency(int x, int y, int olderX, int olderY) {
        int aside = Math.max(x, olderX) + LANE / 2;
        return "<path class=\"needs\" d=\"M" + x + "," + y + " C" + aside + "," + (y + ROW / 2) + " " + aside + ","
                + (olderY - ROW / 2) + " " + olderX + "," + olderY + "\"/>\n";
    }

    private static String dot(Lanes.Row row, int number, boolean current) {
        String colour = colour(row.column());
        String fill = current ? " style=\"fill:" + colour + "\"" : "";
        return "<circle class=\"dot\" stroke=\"" + colour + "\"" + fill + " cx=\"" + x(row.column()) + "\" cy=\""
                + y(number) + "\" r=\"" + (row.revision().head() ? 7 : 5) + "\"/>\n";
    }

    private static String text(ListedRevision revision, int left, int number, boolean current) {
        String message = revision.revision().message();
        String marks = Drawing.marks(revision, false);
        return "<text x=\"" + left + "\" y=\"" + (y(number) + 4) + "\">"
                + escaped(revision.id().value())
                + (marks.isEmpty() ? "" : "<tspan class=\"mark\">" + escaped(marks) + "</tspan>")
                + (current ? "<tspan class=\"here\"> (current)</tspan>" : "")
                + (message.isEmpty() ? "" : " " + escaped(message)) + "</text>\n";
    }

    private static int letters(ListedRevision revision, boolean current) {
        String all = revision.id() + Drawing.marks(revision, current) + " "
                + revision.revision().message();
        return all.codePointCount(0, all.length());
    }

    private static int x(int lane) {
        return MARGIN + lane * LANE;
    }

    private static int y(int row) {
        return MARGIN + row * ROW;
    }

    private static String colour(int lane) {
        return COLOURS.get(lane % COLOURS.size());
    }

    /** XML knows no control characters, not even escaped. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
            }
        });
        return escaped.toString();
    }
}
