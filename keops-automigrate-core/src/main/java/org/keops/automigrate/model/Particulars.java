package org.keops.automigrate.model;

import org.jspecify.annotations.Nullable;

/**
 * What else is known of an error, in the server's own words but without values of rows and literals. Immutable and
 * thread-safe.
 *
 * @param detail the server's DETAIL, or null
 * @param hint the server's HINT, or null
 * @param context the server's CONTEXT (WHERE): what it was about, innermost first, a line each, or null
 * @param line the line of the script with the place in it, or null if it must not be shown
 * @param statement the statement that failed, with its literals hidden; null unless it was asked for and may be shown
 */
public record Particulars(
        @Nullable String detail,
        @Nullable String hint,
        @Nullable String context,
        @Nullable SourceLine line,
        @Nullable String statement) {

    /** Nothing else is known. */
    public static final Particulars NONE = new Particulars(null, null, null, null, null);
}
