package org.keops.automigrate.cli;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A script as it is made: named and headed as Alembic does it (alembic/script/base.py, {@code _rev_path};
 * {@code script.py.mako}).
 *
 * @param id the revision's id
 * @param message what it does
 * @param revises the revisions that it revises
 * @param labels names for the branch that starts here
 * @param dependsOn what has to be applied before
 */
record NewScript(String id, String message, List<String> revises, List<String> labels, List<String> dependsOn) {
    private static final Pattern WORDS = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final int LONGEST_SLUG = 40;

    static String now() {
        return LocalDateTime.now(ZoneId.systemDefault()).format(DATE);
    }

    String fileName() {
        return id + "_" + slug(message) + ".sql";
    }

    /** The words of the message; a long one is cut before the word that passes 40 characters. */
    static String slug(String message) {
        String words = WORDS.matcher(message).results().map(MatchResult::group).collect(Collectors.joining("_"));
        String slug = words.toLowerCase(Locale.ROOT);
        if (slug.codePointCount(0, slug.length()) <= LONGEST_SLUG) {
            return slug;
        }
        String cut = slug.substring(0, slug.offsetByCodePoints(0, LONGEST_SLUG));
        int last = cut.lastIndexOf('_');
        return (last < 0 ? cut : cut.substring(0, last)) + "_";
    }

    String header(String date) {
        StringBuilder text = new StringBuilder();
        message.strip()
                .lines()
                .forEach(line -> text.append(("-- " + line).stripTrailing()).append('\n'));
        text.append("--\n-- Revision ID: ").append(id);
        text.append("\n-- Revises:").append(list(revises));
        text.append("\n-- Create Date: ").append(date).append('\n');
        if (!labels.isEmpty()) {
            text.append("-- Branch Labels:").append(list(labels)).append('\n');
        }
        if (!dependsOn.isEmpty()) {
            text.append("-- Depends On:").append(list(dependsOn)).append('\n');
        }
        return text.toString();
    }

    String content(String date) {
        return header(date) + "\n-- upgrade\n\n-- downgrade\n";
    }

    private static String list(List<String> names) {
        return names.isEmpty() ? "" : " " + String.join(", ", names);
    }
}
