package org.keops.automigrate.postgres.grants;

import org.keops.automigrate.postgres.session.CatalogSql;

/** A question of the audit. Immutable; no record, whose first comparison in a process is dear. */
final class AuditPart {
    private final String columns;
    private final String from;

    /**
     * A question.
     *
     * @param columns what describes a row of the answer: kind, role, schema, owner, wanted privileges that are held, wanted
     *     privileges that may be granted, names
     * @param from a FROM clause that yields a row for what lacks
     */
    AuditPart(String columns, String from) {
        this.columns = columns;
        this.from = from;
    }

    String columns() {
        return CatalogSql.pinned(columns);
    }

    String from() {
        return CatalogSql.pinned(from);
    }
}
