package org.keops.automigrate.model;

/** Thrown by {@link BootReport#orElseThrow()}: the schema is not known to be what this build needs. */
public final class AutoMigrationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient BootReport report;

    private AutoMigrationException(BootReport report) {
        super(report.toString());
        this.report = report;
    }

    /** Not by its own type: who throws it would load it with every report, also with those that are acceptable. */
    static RuntimeException of(BootReport report) {
        return new AutoMigrationException(report);
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
