package org.keops.automigrate.drawing;

import java.util.List;

/** Draws for a terminal with a font that has lines. Stateless. */
final class TextDrawing {
    private static final char RECORDED = '●';
    private static final char OTHER = '○';

    private TextDrawing() {}

    static String of(Drawing drawing) {
        StringBuilder text = new StringBuilder();
        List<Lanes.Row> rows = new Lanes(drawing.revisions()).rows();
        for (Lanes.Row row : rows) {
            if (row.arriving().size() > 1) {
                text.append(connection(row.column(), row.arriving(), row.above(), '╯'))
                        .append('\n');
            }
            boolean current = drawing.isCurrent(row.revision());
            text.append(line(row, current ? RECORDED : OTHER));
            text.append("  ").append(row.revision().id()).append(Drawing.marks(row.revision(), current));
            List<String> needs = row.revision().revision().dependsOn();
            text.append(needs.isEmpty() ? "" : " (depends on " + String.join(", ", needs) + ")");
            String message = row.revision().revision().message();
            text.append(message.isEmpty() ? "" : ", " + message).append('\n');
            if (row.leaving().size() > 1) {
                text.append(connection(row.column(), row.leaving(), row.below(), '╮'))
                        .append('\n');
            } else if (row.leaving().isEmpty() && !row.equals(rows.get(rows.size() - 1))) {
                text.append(gap(row.below())).append('\n');
            }
        }
        return text.toString();
    }

    private static String line(Lanes.Row row, char node) {
        int last = row.column();
        for (int lane : row.above()) {
            last = row.arriving().contains(lane) ? last : Math.max(last, lane);
        }
        StringBuilder line = new StringBuilder(" ".repeat(2 * last + 1));
        for (int lane : row.above()) {
            if (!row.arriving().contains(lane)) {
                line.setCharAt(2 * lane, '│');
            }
        }
        line.setCharAt(2 * row.column(), node);
        return line.toString();
    }

    /** Below a base, so that it does not seem to stand on what comes next. */
    private static String gap(List<Integer> open) {
        StringBuilder line = new StringBuilder();
        for (int lane : open) {
            line.append(" ".repeat(2 * lane - line.length())).append('│');
        }
        return line.toString();
    }

    /** The lanes that meet in a column: a line across from each, turning up or down at its end. */
    private static String connection(int column, List<Integer> meeting, List<Integer> open, char corner) {
        int last = column;
        for (int lane : open) {
            last = Math.max(last, lane);
        }
        StringBuilder line = new StringBuilder(" ".repeat(2 * last + 1));
        for (int lane : open) {
            line.setCharAt(2 * lane, '│');
        }
        boolean right = false;
        boolean left = false;
        for (int lane : meeting) {
            int from = Math.min(lane, column);
            int to = Math.max(lane, column);
            for (int i = 2 * from + 1; i < 2 * to; i++) {
                line.setCharAt(i, line.charAt(i) == '│' ? '┼' : line.charAt(i) == ' ' ? '─' : line.charAt(i));
            }
            right |= lane > column;
            left |= lane < column;
        }
        for (int lane : meeting) {
            if (lane != column) {
                line.setCharAt(2 * lane, turn(line, 2 * lane, lane > column, corner));
            }
        }
        line.setCharAt(2 * column, right && left ? '┼' : right ? '├' : '┤');
        return line.toString();
    }

    /** A lane that others pass on their way further out is a T, not a corner. */
    private static char turn(StringBuilder line, int at, boolean rightOfColumn, char corner) {
        int outside = rightOfColumn ? at + 1 : at - 1;
        boolean passed = outside >= 0 && outside < line.length() && line.charAt(outside) == '─';
        if (corner == '╯') {
            return passed ? '┴' : rightOfColumn ? '╯' : '╰';
        }
        return passed ? '┬' : rightOfColumn ? '╮' : '╭';
    }
}
