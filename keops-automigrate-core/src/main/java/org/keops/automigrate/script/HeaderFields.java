package org.keops.automigrate.script;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionRules;
import org.keops.automigrate.model.TransactionMode;

/** The lines of one header as they are found, and what is to be said about them. Not thread-safe. */
final class HeaderFields {
    /** The value of a key: a part of a comment line. */
    private record Field(int line, String comment, int from) {
        String value() {
            return comment.substring(from).strip();
        }

        /** Empty, as Alembic writes it in its docstring, or as the variables of its scripts say it. */
        boolean isNone() {
            String value = value();
            return value.isEmpty() || value.equals("None");
        }
    }

    private record Suspect(HeaderKey meant, Problem problem) {}

    private final String file;
    private final EnumMap<HeaderKey, Field> fields = new EnumMap<>(HeaderKey.class);
    private final StringBuilder message = new StringBuilder();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Suspect> suspects = new ArrayList<>();
    private int line;
    private boolean readable = true;
    private String hint = "";

    HeaderFields(String file) {
        this.file = file;
    }

    void atLine(int number) {
        line = number;
    }

    void addToMessage(String text) {
        message.append(message.length() == 0 ? "" : " ").append(text);
    }

    boolean hasNoMessage() {
        return message.length() == 0;
    }

    void set(HeaderKey key, String comment, int from) {
        Field before = fields.get(key);
        if (before != null) {
            problems.add(new Problem(
                    place(comment, from), "the key '" + key.key() + ":' stands in line " + before.line + " already"));
            return;
        }
        fields.put(key, new Field(line, comment, from));
    }

    /** A key that is none, but may be a slip of the pen. */
    void suspect(String written, String comment) {
        HeaderKey meant = HeaderKey.resembling(written);
        if (meant != null) {
            String what = "there is no key '" + written + ":'; write '" + meant.key() + ":'";
            suspects.add(new Suspect(meant, new Problem(place(comment, comment.indexOf(written)), what)));
        }
    }

    /** The text is malformed from here on. */
    void unreadable(Problem problem) {
        readable = false;
        problems.add(problem);
    }

    /** The head ended before these bytes. */
    void endedBy(int first, int second) {
        if (first >= 0xFE && second >= 0xFE) {
            unreadable(new Problem(new Location(file, line, 1), "the text is UTF-16; save the script as UTF-8"));
        } else if (first == '/' && second == '*') {
            hint = "; the header has to be of -- comments, and it ended at the /* in line " + line;
        }
    }

    /** The revision, or all problems in the order of the lines. */
    Header header() {
        List<String> id = names(HeaderKey.REVISION_ID);
        List<String> parents = names(HeaderKey.REVISES);
        List<String> labels = names(HeaderKey.BRANCH_LABELS);
        List<String> dependencies = names(HeaderKey.DEPENDS_ON);
        TransactionMode mode = transactionMode();
        if (readable) {
            suspects();
            oneId(id);
            refuseSelf(HeaderKey.REVISES, id, parents);
            refuseSelf(HeaderKey.DEPENDS_ON, id, dependencies);
        }
        if (!problems.isEmpty()) {
            problems.sort(Comparator.comparing(Problem::where));
            return new Header.Faulty(problems);
        }
        return new Header.Described(new Revision(
                new RevisionId(id.get(0)),
                revisionIds(parents),
                dependencies,
                labels,
                message.toString(),
                mode,
                Location.of(file)));
    }

    private static List<RevisionId> revisionIds(List<String> names) {
        List<RevisionId> ids = new ArrayList<>(names.size());
        for (String name : names) {
            ids.add(new RevisionId(name));
        }
        return ids;
    }

    /** The value of a key, parted at its commas; what is wrong with a part is noted and the part left out. */
    private List<String> names(HeaderKey key) {
        Field field = fields.get(key);
        if (field == null || field.isNone()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        String comment = field.comment;
        for (int from = field.from; from <= comment.length(); ) {
            int comma = comment.indexOf(',', from);
            int end = comma < 0 ? comment.length() : comma;
            String name = comment.substring(from, end).strip();
            Optional<String> fault = fault(key, name, names);
            if (fault.isPresent()) {
                problems.add(new Problem(place(field, from), fault.get()));
            } else {
                names.add(name);
            }
            from = end + 1;
        }
        return names;
    }

    private static Optional<String> fault(HeaderKey key, String name, List<String> before) {
        if (name.isEmpty()) {
            return Optional.of("a name is missing beside the comma of '" + key.key() + ":'");
        }
        if (before.contains(name)) {
            return Optional.of("'" + name + "' stands in '" + key.key() + ":' twice");
        }
        boolean isId = key == HeaderKey.REVISION_ID || key == HeaderKey.REVISES;
        return isId ? RevisionRules.problemWithId(name) : RevisionRules.problemWithLabel(name);
    }

    private TransactionMode transactionMode() {
        Field field = fields.get(HeaderKey.TRANSACTIONAL);
        if (field == null) {
            return TransactionMode.AUTOMATIC;
        }
        String value = field.value();
        if (!value.equalsIgnoreCase("yes") && !value.equalsIgnoreCase("no")) {
            problems.add(new Problem(place(field, field.from), "'Transactional:' is either yes or no"));
        }
        return value.equalsIgnoreCase("no") ? TransactionMode.NONE : TransactionMode.REQUIRED;
    }

    /** A key that looks wrong is wrong only if the right one is not there as well; else it is prose. */
    private void suspects() {
        Set<HeaderKey> explained = EnumSet.noneOf(HeaderKey.class);
        for (Suspect suspect : suspects) {
            if (!fields.containsKey(suspect.meant)) {
                problems.add(suspect.problem);
                explained.add(suspect.meant);
            }
        }
        missing(HeaderKey.REVISION_ID, "a header needs one", explained);
        missing(HeaderKey.REVISES, "leave its value empty for a base", explained);
    }

    private void missing(HeaderKey key, String advice, Set<HeaderKey> explained) {
        if (!fields.containsKey(key) && !explained.contains(key)) {
            String what = "there is no line '-- " + key.key() + ": ...' at the head of the script; " + advice + hint;
            problems.add(new Problem(Location.of(file), what));
        }
    }

    private void oneId(List<String> ids) {
        Field field = fields.get(HeaderKey.REVISION_ID);
        if (field == null) {
            return;
        }
        if (field.isNone()) {
            problems.add(new Problem(place(field, field.from), "the revision has no id"));
        } else if (ids.size() > 1) {
            problems.add(new Problem(place(field, field.from), "a revision has one id"));
        }
    }

    /** Compares text: a record's own equals costs its first caller some 30 ms of method handles. */
    private void refuseSelf(HeaderKey key, List<String> id, List<String> names) {
        Field field = fields.get(key);
        if (field != null && id.size() == 1 && names.contains(id.get(0))) {
            String what = "the revision '" + id.get(0) + "' names itself in '" + key.key() + ":'";
            problems.add(new Problem(place(field, field.comment.indexOf(id.get(0), field.from)), what));
        }
    }

    private Location place(Field field, int from) {
        return place(field.line, field.comment, from);
    }

    private Location place(String comment, int from) {
        return place(line, comment, from);
    }

    /** The place of the first character at {@code from} or behind it that is no white space. */
    private Location place(int number, String comment, int from) {
        int at = from;
        while (at < comment.length() - 1 && Character.isWhitespace(comment.charAt(at))) {
            at++;
        }
        return new Location(file, number, 1 + comment.codePointCount(0, Math.min(at, comment.length())));
    }
}
