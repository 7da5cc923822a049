package org.keops.automigrate.script;

import org.jspecify.annotations.Nullable;

/**
 * What a statement that commits by itself does to the catalog, as far as its text tells: by it one can see, after an
 * interruption, whether the statement took effect. Names are as the script writes them, quotes and all. Immutable and
 * thread-safe.
 */
public sealed interface Effect {

    /**
     * Finds the effect of a statement.
     *
     * @param statement the statement
     * @return the effect; {@link Unknown} for what leaves nothing that can be looked for
     */
    static Effect of(Statement statement) {
        return new EffectParser(statement).effect();
    }

    /**
     * {@code CREATE INDEX}.
     *
     * @param name the index, or null where the server chooses the name
     * @param table its table
     * @param ifNotExists whether an index of that name is good enough
     */
    record IndexMade(@Nullable String name, String table, boolean ifNotExists) implements Effect {}

    /**
     * {@code DROP INDEX}.
     *
     * @param name the index
     */
    record IndexDropped(String name) implements Effect {}

    /**
     * {@code REINDEX … CONCURRENTLY}: repeatable, but an interruption leaves half an index.
     *
     * @param scope index, table, schema, database or system
     * @param name what of it, or null for the current database
     */
    record IndexesRebuilt(String scope, @Nullable String name) implements Effect {}

    /**
     * {@code ALTER TABLE … DETACH PARTITION … CONCURRENTLY}.
     *
     * @param parent the partitioned table
     * @param partition the partition
     */
    record PartitionDetached(String parent, String partition) implements Effect {}

    /**
     * {@code CREATE DATABASE}, {@code TABLESPACE} or {@code SUBSCRIPTION}.
     *
     * @param kind database, tablespace or subscription
     * @param name its name
     */
    record ObjectMade(String kind, String name) implements Effect {}

    /**
     * {@code DROP DATABASE}, {@code TABLESPACE} or {@code SUBSCRIPTION}.
     *
     * @param kind database, tablespace or subscription
     * @param name its name
     */
    record ObjectDropped(String kind, String name) implements Effect {}

    /**
     * {@code COMMIT PREPARED} or {@code ROLLBACK PREPARED}.
     *
     * @param transaction the identifier of the prepared transaction
     */
    record PreparedEnded(String transaction) implements Effect {}

    /** It does no harm a second time: {@code VACUUM}, {@code CLUSTER}, {@code REINDEX}, {@code ALTER SYSTEM}. */
    record Repeatable() implements Effect {}

    /** Nothing tells: {@code CALL} or {@code DO} with a {@code COMMIT} inside. */
    record Unknown() implements Effect {}
}
