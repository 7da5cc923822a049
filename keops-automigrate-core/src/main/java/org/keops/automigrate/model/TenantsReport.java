package org.keops.automigrate.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of many boots at once. Immutable and thread-safe.
 *
 * @param reports a report for each tenant by its name, in the order in which they were given
 * @param duration how long all of it took
 */
public record TenantsReport(Map<String, BootReport> reports, Duration duration) {
    private static final int NAMES_IN_A_LINE = 5;

    /**
     * Copies the reports.
     *
     * @param reports the component of this name
     * @param duration the component of this name
     */
    public TenantsReport {
        reports = Collections.unmodifiableMap(new LinkedHashMap<>(reports));
    }

    /**
     * The tenants whose schema is not what this build needs.
     *
     * @return their names; empty if all is well
     */
    public List<String> failed() {
        List<String> failed = new ArrayList<>();
        reports.forEach((name, report) -> {
            if (!report.outcome().acceptable()) {
                failed.add(name);
            }
        });
        return Collections.unmodifiableList(failed);
    }

    /**
     * For who wants an exception.
     *
     * @return this report, if there is nothing wrong with any of the tenants
     * @throws AutoMigrationException the first failure, if there is one, with the tenant's name; what the others are is in
     *     their reports
     */
    public TenantsReport orElseThrow() {
        reports.forEach((name, report) -> {
            if (!report.outcome().acceptable()) {
                throw AutoMigrationException.of(name, report);
            }
        });
        return this;
    }

    /** One line: how many, and which of them failed. */
    @Override
    public String toString() {
        List<String> failed = failed();
        StringBuilder line = new StringBuilder()
                .append(reports.size())
                .append(" tenants, ")
                .append(failed.size())
                .append(" failed");
        for (int i = 0; i < Math.min(failed.size(), NAMES_IN_A_LINE); i++) {
            line.append(i == 0 ? ": " : ", ").append(failed.get(i));
        }
        line.append(failed.size() > NAMES_IN_A_LINE ? ", …" : "");
        return line.append("; ").append(duration.toMillis()).append(" ms").toString();
    }
}
