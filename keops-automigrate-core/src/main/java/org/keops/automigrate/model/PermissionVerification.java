package org.keops.automigrate.model;

import java.util.List;

/**
 * Whether the roles of the policy can use everything that it names. Immutable and thread-safe; its {@code toString} is for
 * a person.
 *
 * @param objects how many objects were tried: the database, schemas, tables, views, sequences, routines, types
 * @param unusable the objects that a role can not use, a sentence each: the object, and why not
 * @param findings what else is worth knowing, a sentence each: what lacks and who may grant it, what could not be tried
 */
public record PermissionVerification(int objects, List<String> unusable, List<String> findings) {

    /**
     * Copies its parts.
     *
     * @param objects the component of this name
     * @param unusable the component of this name
     * @param findings the component of this name
     */
    public PermissionVerification {
        unusable = List.copyOf(unusable);
        findings = List.copyOf(findings);
    }

    /**
     * Whether the proof was made: everything was tried, and everything can be used.
     *
     * @return false also if the database could not be asked
     */
    public boolean isProven() {
        return objects > 0 && unusable.isEmpty();
    }

    /** A line for each object that can not be used and for each finding; the last one is the sum. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        unusable.forEach(line -> text.append("unusable: ").append(line).append('\n'));
        findings.forEach(line -> text.append("note: ").append(line).append('\n'));
        return text.append(unusable.size())
                .append(" of ")
                .append(objects)
                .append(objects == 1 ? " object unusable" : " objects unusable")
                .toString();
    }
}
