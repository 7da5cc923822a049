package org.keops.automigrate.model;

import java.util.List;

/**
 * What was done for the permissions of the application's role. Immutable and thread-safe.
 *
 * @param repaired the statements that were executed, as SQL that a person may read; names, never secrets
 * @param findings what lacks and could not be repaired, a sentence each: the object, and what to do
 */
public record PermissionReport(List<String> repaired, List<String> findings) {
    /** Nothing lacked, or nothing was looked at. */
    public static final PermissionReport NOTHING = new PermissionReport(List.of(), List.of());

    /**
     * Copies its parts.
     *
     * @param repaired the component of this name
     * @param findings the component of this name
     */
    public PermissionReport {
        repaired = List.copyOf(repaired);
        findings = List.copyOf(findings);
    }
}
