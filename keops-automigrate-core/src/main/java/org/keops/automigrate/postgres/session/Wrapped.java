package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The driver's connection inside a pool's. A wrapper that does not say, or throws, counts as one that hides it. Stateless. */
public final class Wrapped {

    private Wrapped() {}

    /**
     * Unwraps a connection.
     *
     * @param connection the pool's
     * @param type what of the driver is wanted
     * @return it, or null where it is hidden
     */
    public static <T> @Nullable T in(Connection connection, Class<T> type) {
        try {
            return connection.isWrapperFor(type) ? connection.unwrap(type) : null;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return null;
        }
    }

    /**
     * Reads a server's major version.
     *
     * @param serverVersion what the server says of itself when a connection is made, or null if that is not known
     * @return for example 17; zero if it is not known
     */
    public static int majorVersion(@Nullable String serverVersion) {
        int digits = 0;
        while (serverVersion != null
                && digits < serverVersion.length()
                && Character.isDigit(serverVersion.charAt(digits))) {
            digits++;
        }
        return serverVersion == null || digits == 0 ? 0 : Integer.parseInt(serverVersion, 0, digits, 10);
    }
}
