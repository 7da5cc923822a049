package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The driver's connection inside a pool's. A wrapper that does not say, or throws, counts as one that hides it. Stateless. */
final class Wrapped {

    private Wrapped() {}

    static <T> @Nullable T in(Connection connection, Class<T> type) {
        try {
            return connection.isWrapperFor(type) ? connection.unwrap(type) : null;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return null;
        }
    }
}
