package org.keops.automigrate.python;

/**
 * A piece of Python.
 *
 * @param kind what it is
 * @param text a name or operator as written, a string as Python would have it
 * @param line the line it begins in, from 1
 * @param atMargin whether nothing stands before it in its line, not even a blank, and no bracket is open
 */
record PythonToken(Kind kind, String text, int line, boolean atMargin) {

    enum Kind {
        /** A name, a keyword or a number. */
        WORD,
        /** A string literal that says what it means. */
        STRING,
        /** A string literal that is computed, or is not text: {@code f'…{x}'}, {@code b'…'}. */
        ODD_STRING,
        OPERATOR,
        /** The end of a logical line; not inside brackets. */
        END_OF_LINE
    }

    boolean is(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }
}
