package org.keops.automigrate.postgres;

import java.util.Collection;

/** Takes out of messages what must not stand in a log: connection URLs and the literals of a statement. Stateless. */
final class Redaction {
    private static final String URL = "jdbc:";
    private static final String HIDDEN = "…";

    private Redaction() {}

    /** A JDBC URL may hold a password, and pools quote it when they can not use it. */
    static String ofUrls(String text) {
        StringBuilder clean = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf(URL); at >= 0; at = text.indexOf(URL, from)) {
            clean.append(text, from, at + URL.length()).append(HIDDEN);
            from = endOfWord(text, at);
        }
        return clean.append(text.substring(from)).toString();
    }

    /**
     * PostgreSQL quotes the offending value in many messages; where it is one of the statement's own literals it may be
     * a secret.
     *
     * @param text a message of the server
     * @param literals the contents of the statement's string literals
     * @return the message, each of the literals that it quotes replaced by an ellipsis
     */
    static String ofLiterals(String text, Collection<String> literals) {
        String clean = text;
        for (String literal : literals) {
            if (!literal.isEmpty()) {
                clean = clean.replace("\"" + literal + "\"", "\"" + HIDDEN + "\"")
                        .replace("'" + literal + "'", "'" + HIDDEN + "'");
            }
        }
        return clean;
    }

    private static int endOfWord(String text, int from) {
        int at = from;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
