package org.keops.automigrate.model;

/** Thrown by {@link BootReport#orElseThrow()} and {@link TenantsReport#orElseThrow()}: the schema is not known to be what this build needs. */
public final class AutoMigrationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient BootReport report;

    private AutoMigrationException(String message, BootReport report) {
        super(message);
        this.report = report;
    }

    /** Not by its own type: who throws it would load it with every report, also with those that are acceptable. */
    static RuntimeException of(BootReport report) {
        return new AutoMigrationException(report.toString(), report);
    }

    /** With the name: of a thousand reports, one line alone does not tell whose it is. */
    static RuntimeException of(String tenant, BootReport report) {
        return new AutoMigrationException("tenant " + tenant + ": " + report, report);
    }

    /**
     * What happened.
     *
     * @return the report that was not acceptable
     */
    public BootReport report() {
        return report;
    }
}
