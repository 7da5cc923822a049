package org.keops.automigrate.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;

/** The comments that head the scripts, as Alembic shows a revision's docstring. For one answer. */
final class Documents {
    private final Map<String, ScriptFile> files = new HashMap<>();

    Documents(List<ScriptSource> sources) throws IOException {
        for (ScriptSource source : sources) {
            source.list().forEach(file -> files.put(file.place(), file));
        }
    }

    /** The lines of a revision's head, without the signs of the comment. */
    List<String> of(ListedRevision listed) throws IOException {
        ScriptFile file = files.get(listed.revision().script().file());
        if (file == null) {
            return List.of(listed.revision().message());
        }
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(file.open(), StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            boolean keys = false;
            for (String line = comment(reader); line != null; line = comment(reader)) {
                keys |= line.regionMatches(true, 0, "Revision ID", 0, "Revision ID".length());
                if (line.isEmpty() && keys) {
                    break;
                }
                if (!line.isEmpty() || !lines.isEmpty()) {
                    lines.add(line);
                }
            }
            return lines;
        }
    }

    /** The text of the next comment, empty for an empty line; null where the head is over. */
    private static @Nullable String comment(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        String text = line == null ? "" : line.strip().replaceFirst("^\uFEFF", "");
        if (line == null || !(text.isEmpty() || text.startsWith("--")) || text.matches("--\\s*(?i:up|down)grade")) {
            return null;
        }
        return text.isEmpty() ? "" : text.substring(2).strip();
    }
}
