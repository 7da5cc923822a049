package org.keops.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Rows of samples by contestant, written as Markdown. Mutable, for one thread. */
final class Table {
    private final List<String> contestants;
    private final Map<String, Map<String, Samples>> rows = new LinkedHashMap<>();

    Table(List<String> contestants) {
        this.contestants = contestants;
    }

    void add(String row, String contestant, double value) {
        rows.computeIfAbsent(row, name -> new LinkedHashMap<>())
                .computeIfAbsent(contestant, name -> new Samples())
                .add(value);
    }

    /** Each row, and below it how many times as much as ours each needs. */
    String markdown(String unit) {
        StringBuilder text = new StringBuilder("| " + unit + " |");
        contestants.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("---|".repeat(contestants.size())).append('\n');
        rows.forEach((name, cells) -> {
            line(text, name, contestant -> show(cells, contestant));
            Samples ours = cells.get(Contestants.OURS);
            if (ours != null && !ours.isEmpty() && ours.median() > 0) {
                line(text, "… as a multiple of ours", contestant -> multiple(cells, contestant, ours.median()));
            }
        });
        return text.toString();
    }

    private static String show(Map<String, Samples> cells, String contestant) {
        Samples samples = cells.get(contestant);
        return samples == null ? "–" : samples.show();
    }

    private static String multiple(Map<String, Samples> cells, String contestant, double ours) {
        Samples samples = cells.get(contestant);
        return samples == null || samples.isEmpty() ? "–" : Samples.number(samples.median() / ours) + " ×";
    }

    private void line(StringBuilder text, String name, Function<String, String> cell) {
        text.append("| ").append(name).append(" |");
        contestants.forEach(
                contestant -> text.append(' ').append(cell.apply(contestant)).append(" |"));
        text.append('\n');
    }
}
