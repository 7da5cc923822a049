package org.keops.automigrate.postgres.failure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.SourceLine;
import org.keops.automigrate.script.Fault;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** What the server says beside its message, as far as it may be shown: no values of rows, no literals. Stateless. */
public final class ServerReport {
    private static final String HIDDEN = "…";

    /** Errors whose DETAIL speaks of objects and never of rows. */
    private static final Set<String> OF_OBJECTS = Set.of("0A", "25", "2B", "3D", "3F", "40", "42", "53", "54", "55");

    private static final String CONSTRAINT_VIOLATION = "23";

    /** The one data exception that is about the statement: a setting, a label, a role. */
    private static final String INVALID_PARAMETER_VALUE = "22023";

    private static final Pattern VALUES = Pattern.compile("\\)=\\(.*\\)", Pattern.DOTALL);
    private static final Pattern PARENTHESES = Pattern.compile("\\(.*\\)", Pattern.DOTALL);
    private static final Pattern LITERAL = Pattern.compile("'[^']*'");

    private static final Pattern QUOTE = Pattern.compile("[\"«»„]");

    /** A value, a row or a statement follows: all that is of interest stands before. */
    private static final Pattern QUOTED_REST = Pattern.compile(":\\s*[\"«»„].*");

    private ServerReport() {}

    /** What is known of the place of an error or a notice; its message only where it may name an object. */
    public static Fault fault(SQLException failure) {
        ServerErrorMessage answer = answer(failure);
        if (answer == null) {
            return new Fault("", "", 0, null, 0, null);
        }
        String state = String.valueOf(failure.getSQLState());
        boolean ofData = state.startsWith("22") && !state.equals(INVALID_PARAMETER_VALUE);
        return new Fault(
                state,
                ofData ? "" : String.valueOf(answer.getMessage()),
                answer.getPosition(),
                answer.getInternalQuery(),
                answer.getInternalPosition(),
                answer.getWhere());
    }

    /** Whether a function says so, in words of its author. */
    public static boolean ofCode(SQLException said) {
        ServerErrorMessage answer = answer(said);
        return answer != null && String.valueOf(answer.getWhere()).contains("PL/");
    }

    public static Particulars of(
            SQLException failure, Collection<String> literals, @Nullable SourceLine line, @Nullable String statement) {
        ServerErrorMessage answer = answer(failure);
        return answer == null
                ? new Particulars(null, null, null, line, statement)
                : new Particulars(
                        detail(answer, literals),
                        without(answer.getHint(), literals),
                        context(answer.getWhere(), literals),
                        line,
                        statement);
    }

    private static @Nullable ServerErrorMessage answer(SQLException failure) {
        if (failure instanceof PSQLWarning warning) {
            return warning.getServerErrorMessage();
        }
        return failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
    }

    private static @Nullable String detail(ServerErrorMessage answer, Collection<String> literals) {
        String detail = answer.getDetail();
        String state = String.valueOf(answer.getSQLState());
        String errors = state.length() < 2 ? "" : state.substring(0, 2);
        if (detail == null || !(OF_OBJECTS.contains(errors) || errors.equals(CONSTRAINT_VIOLATION))) {
            return null;
        }
        String shown = errors.equals(CONSTRAINT_VIOLATION)
                ? VALUES.matcher(detail).find()
                        ? VALUES.matcher(detail).replaceAll(")=(" + HIDDEN + ")")
                        : PARENTHESES.matcher(detail).replaceAll("(" + HIDDEN + ")")
                : detail;
        return without(LITERAL.matcher(shown).replaceAll("'" + HIDDEN + "'"), literals);
    }

    /** Hints and details are prose: a literal may stand in them without quotes. */
    private static @Nullable String without(@Nullable String text, Collection<String> literals) {
        return text == null ? null : Redaction.ofSecrets(text, literals);
    }

    /** Names of functions, tables and columns with their lines; the statements and values between are left out. */
    private static @Nullable String context(@Nullable String where, Collection<String> literals) {
        if (where == null) {
            return null;
        }
        List<String> shown = new ArrayList<>();
        for (String line : where.lines().toList()) {
            if (line.startsWith("COPY ")
                    || (line.startsWith("PL/") && !QUOTE.matcher(line).find())) {
                shown.add(QUOTED_REST.matcher(line).replaceAll(""));
            }
        }
        return shown.isEmpty() ? null : without(String.join("\n", shown), literals);
    }
}
