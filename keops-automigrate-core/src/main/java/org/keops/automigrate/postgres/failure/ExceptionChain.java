package org.keops.automigrate.postgres.failure;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that an exception carries along: causes and, in JDBC, next exceptions. Stateless. */
final class ExceptionChain {

    private ExceptionChain() {}

    /**
     * Walks causes before next exceptions, each exception once: pools attach the same object in both ways.
     *
     * @param failure where to begin
     * @return the exceptions, the first being {@code failure}
     */
    static List<Throwable> of(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        collect(failure, chain, Collections.newSetFromMap(new IdentityHashMap<>()));
        return chain;
    }

    static <T extends Throwable> @Nullable T first(List<Throwable> chain, Class<T> type) {
        for (Throwable link : chain) {
            if (type.isInstance(link)) {
                return type.cast(link);
            }
        }
        return null;
    }

    /** Where the causes of the first exception end; next exceptions are not causes. */
    static Throwable deepestCause(List<Throwable> chain) {
        Throwable deepest = chain.get(0);
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable cause = deepest; cause != null && seen.add(cause); cause = cause.getCause()) {
            deepest = cause;
        }
        return deepest;
    }

    private static void collect(@Nullable Throwable failure, List<Throwable> chain, Set<Throwable> seen) {
        if (failure == null || !seen.add(failure)) {
            return;
        }
        chain.add(failure);
        collect(failure.getCause(), chain, seen);
        if (failure instanceof SQLException sql) {
            collect(sql.getNextException(), chain, seen);
        }
    }
}
