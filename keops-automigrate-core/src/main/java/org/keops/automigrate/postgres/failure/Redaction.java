package org.keops.automigrate.postgres.failure;

import java.util.Collection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes out of messages what must not stand in a log: connection URLs and the literals of a statement. Stateless. */
public final class Redaction {
    private static final String HIDDEN = "…";

    /** A shorter text says nothing of anybody, and stands in too many words. */
    private static final int SHORTEST = 4;

    /** From where on a text may hold a password: a URL of any kind, a property, credentials before a host. */
    private static final Pattern SECRET = Pattern.compile(
            "(jdbc:|\\b[a-z][a-z0-9+.-]*://|\\b(?:password|pwd)\\s*[=:]).*|\\S*:\\S*@.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/\\s]*@");

    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

    private Redaction() {}

    /** A JDBC URL may hold a password, blanks included, and pools quote it when they can not use it: so to the end. */
    public static String ofUrls(String text) {
        return SECRET.matcher(text).replaceFirst("$1" + HIDDEN);
    }

    /**
     * A place of scripts may be a URL with a user and a password, which the JDK repeats in its exceptions; the rest of it says
     * which script is meant. A path may have an at sign of its own.
     */
    public static String ofUserInfo(@Nullable String text) {
        return USER_INFO.matcher(String.valueOf(text)).replaceAll(HIDDEN + "@");
    }

    /**
     * PostgreSQL quotes the offending value in many messages; where it is one of the statement's own literals it may be
     * a secret.
     *
     * @param text a message of the server
     * @param literals the contents of the statement's string literals
     * @return the message, each of the literals that it quotes replaced by an ellipsis
     */
    public static String ofLiterals(String text, Collection<String> literals) {
        String clean = text;
        for (String literal : literals) {
            if (!literal.isEmpty()) {
                clean = clean.replace("\"" + literal + "\"", "\"" + HIDDEN + "\"")
                        .replace("'" + literal + "'", "'" + HIDDEN + "'");
            }
        }
        return clean;
    }

    /** Leaves out each of the texts wherever it stands, but for those that are too short to tell from words. */
    public static String ofSecrets(String text, Collection<String> secrets) {
        String clean = text;
        for (String secret : secrets) {
            clean = secret.length() < SHORTEST ? clean : clean.replace(secret, HIDDEN);
        }
        return ofLiterals(clean, secrets);
    }

    /** Leaves out whatever stands in double quotes. */
    static String ofQuoted(String text) {
        return QUOTED.matcher(text).replaceAll("\"" + HIDDEN + "\"");
    }
}
