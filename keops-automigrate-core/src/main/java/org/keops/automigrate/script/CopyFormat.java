package org.keops.automigrate.script;

/**
 * What a {@code COPY … FROM STDIN} says of how its data are written, as far as that bears on where a row ends.
 *
 * @param csv whether it is CSV
 * @param quote the character around values
 * @param escape the one before a quote that belongs to the value; -1 where that is another quote
 */
record CopyFormat(boolean csv, int quote, int escape) {

    static CopyFormat of(Statement copy) {
        boolean behind = false;
        boolean csv = false;
        int quote = '"';
        int escape = -1;
        String option = "";
        for (Lexemes.Lexeme lexeme : Lexemes.of(copy.text(), copy.standardConformingStrings())) {
            String text = lexeme.in(copy.text());
            boolean string = lexeme.token() == Token.STRING;
            if (text.equalsIgnoreCase("where")) {
                break;
            }
            if (behind && (text.equalsIgnoreCase("csv") || text.equalsIgnoreCase("'csv'"))) {
                csv = true;
            } else if (string && option.equalsIgnoreCase("quote")) {
                quote = meant(text);
            } else if (string && option.equalsIgnoreCase("escape")) {
                escape = meant(text);
            }
            behind |= text.equalsIgnoreCase("stdin") || text.equalsIgnoreCase("stdout");
            option = text.equalsIgnoreCase("as") ? option : text;
        }
        return new CopyFormat(csv, quote, escape == quote ? -1 : escape);
    }

    /** The only character of a literal, which may be doubled, or stand behind a backslash. */
    private static int meant(String literal) {
        return literal.length() < 3 ? -1 : literal.charAt(literal.length() - 2);
    }
}
