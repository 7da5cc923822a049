package org.keops.automigrate.script;

/** What the {@link Lexer} tells apart: as much of PostgreSQL's tokens as finding and naming statements needs. */
enum Token {
    END,
    /** A keyword or an identifier without quotes. */
    WORD,
    QUOTED_IDENTIFIER,
    /** A string of any kind, dollar quotes among them. */
    STRING,
    /** A number or a parameter such as {@code $1}. */
    NUMBER,
    /** One character of an operator or of punctuation. */
    SYMBOL,
    OPEN,
    CLOSE,
    SEMICOLON,
    /** Outside of quotes only psql knows what to do with it. */
    BACKSLASH,
    /** The comment {@code -- upgrade} alone on a line. */
    UPGRADE_LINE,
    /** The comment {@code -- downgrade} alone on a line. */
    DOWNGRADE_LINE
}
