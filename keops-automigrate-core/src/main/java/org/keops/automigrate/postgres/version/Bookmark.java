package org.keops.automigrate.postgres.version;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.script.Section;

/**
 * How far a revision that runs outside a transaction has come; kept in the comment of the version table while it runs.
 * Immutable.
 *
 * @param section which way
 * @param revision the revision
 * @param statement the first statement that is not known to have taken effect, counted from 0
 * @param state what is known of that statement
 * @param script the fingerprint of the whole section
 * @param done the fingerprint of the statements before, where the script may be edited from here on; otherwise empty
 * @param rows the version rows meanwhile, as text
 * @param before the objects that were there when the statement started
 * @param comment the table's own comment, to be put back, or null
 */
public record Bookmark(
        Section section,
        RevisionId revision,
        int statement,
        State state,
        String script,
        String done,
        String rows,
        List<String> before,
        @Nullable String comment) {

    private static final String KEPT = "The table's own comment:\n";
    private static final Pattern FORM = Pattern.compile(
            "keops-automigrate: statement (\\d+) (next|started|failed) of (upgrade|downgrade) ([^\n]+)\n"
                    + ".*\nscript: (\\w+)\ndone: (\\w*)\nrows:([^\n]*)\nbefore:([^\n]*)(?:\n" + KEPT + "(.*))?",
            Pattern.DOTALL);

    /** What is known of the statement at which a revision stands. */
    public enum State {
        /** It has not taken effect. */
        NEXT,
        /** It was started: only the catalog tells. */
        STARTED,
        /** It failed and left nothing, so that it and what follows may be mended in the script. */
        FAILED
    }

    /** Copies its parts. */
    public Bookmark {
        before = List.copyOf(before);
    }

    /** Whether it is about the revision of a step, in the step's direction. */
    public boolean isOf(Step step) {
        if (step instanceof Step.Upgrade upgrade) {
            return section == Section.UPGRADE
                    && revision.equals(upgrade.revision().id());
        }
        return step instanceof Step.Downgrade downgrade
                && section == Section.DOWNGRADE
                && revision.equals(downgrade.revision().id());
    }

    /** Reads a comment; null if it is somebody else's. */
    static @Nullable Bookmark parse(@Nullable String comment) {
        Matcher matcher = FORM.matcher(comment == null ? "" : comment);
        if (!matcher.matches()) {
            return null;
        }
        return new Bookmark(
                Section.valueOf(matcher.group(3).toUpperCase(Locale.ROOT)),
                new RevisionId(matcher.group(4)),
                Integer.parseInt(matcher.group(1)) - 1,
                State.valueOf(matcher.group(2).toUpperCase(Locale.ROOT)),
                matcher.group(5),
                matcher.group(6),
                matcher.group(7).strip(),
                words(matcher.group(8)),
                matcher.group(9));
    }

    /** The comment to write. Its first line is for the eyes of a person, and for {@link #marking}. */
    String text() {
        return "keops-automigrate: " + position(statement, state) + " of " + this
                + "\nIt runs outside a transaction, and the next boot goes on here. Leave this comment as it is."
                + "\nscript: " + script
                + "\ndone: " + done
                + "\nrows: " + rows
                + "\nbefore: " + String.join(" ", before)
                + (comment == null ? "" : "\n" + KEPT + comment);
    }

    /** The statement with which an operator says what only a person can know. */
    public String marking(VersionTable table, boolean tookEffect) {
        String name = SqlNames.literal(table.sql());
        return "DO $keops$ BEGIN EXECUTE pg_catalog.format('COMMENT ON TABLE %s IS %L', " + name
                + ", pg_catalog.regexp_replace((SELECT d.description FROM pg_catalog.pg_description d"
                + " WHERE d.objoid OPERATOR(pg_catalog.=) CAST(CAST(" + name
                + " AS pg_catalog.regclass) AS pg_catalog.oid) AND d.objsubid OPERATOR(pg_catalog.=) 0"
                + " AND d.classoid OPERATOR(pg_catalog.=) CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass)"
                + " AS pg_catalog.oid)), '" + position(statement, state) + "', '"
                + position(tookEffect ? statement + 1 : statement, State.NEXT) + "')); END $keops$";
    }

    /** {@code upgrade 84c03f89212d}. */
    @Override
    public String toString() {
        return section.name().toLowerCase(Locale.ROOT) + " " + revision;
    }

    private static String position(int statement, State state) {
        // not formatted: a locale may have digits of its own
        return "statement " + (statement + 1) + " " + state.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
