package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The page that is written: what this run has measured takes the place of the sections of the same title, the others stay,
 * each with the date and the command that it was printed by. For one thread.
 */
final class Page {
    private static final String SECTION = "\n## ";

    private Page() {}

    static void write(Path file, String measured) throws IOException {
        String before = Files.exists(file) ? Files.readString(file) : "";
        Files.writeString(file, merged(before, measured));
    }

    private static String merged(String before, String measured) {
        Map<String, String> sections = sections(before);
        sections.putAll(sections(measured));
        StringBuilder page = new StringBuilder(front(measured));
        sections.forEach((title, text) -> page.append(SECTION).append(title).append(text));
        return page.toString();
    }

    private static String front(String page) {
        int end = page.indexOf(SECTION);
        return end < 0 ? page : page.substring(0, end);
    }

    private static Map<String, String> sections(String page) {
        Map<String, String> sections = new LinkedHashMap<>();
        for (int from = page.indexOf(SECTION); from >= 0; ) {
            int begin = from + SECTION.length();
            int next = page.indexOf(SECTION, begin);
            int title = page.indexOf('\n', begin);
            sections.put(page.substring(begin, title), page.substring(title, next < 0 ? page.length() : next));
            from = next;
        }
        return sections;
    }
}
