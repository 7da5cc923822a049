package org.keops.automigrate.script;

/** How a string in single quotes is to be read; the states {@code xq}, {@code xe}, {@code xb/xh} and {@code xus} of scan.l. */
enum Quote {
    PLAIN,
    /** {@code E''}, and plain strings while {@code standard_conforming_strings} is off: a backslash takes the next character along. */
    ESCAPES,
    /** {@code B''} and {@code X''}: two quotes are the end of one string and the start of another. */
    BITS,
    UNICODE
}
