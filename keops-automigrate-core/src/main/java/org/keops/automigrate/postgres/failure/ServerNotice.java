package org.keops.automigrate.postgres.failure;

import org.keops.automigrate.model.Location;

/**
 * What the server said about a statement that did not fail. Immutable and thread-safe.
 *
 * @param where the place in the script
 * @param warning whether it is a WARNING; else it is a NOTICE or less
 * @param message the message, without literals of the statement
 */
public record ServerNotice(Location where, boolean warning, String message) {}
