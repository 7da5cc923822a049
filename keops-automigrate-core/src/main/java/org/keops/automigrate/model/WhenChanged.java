package org.keops.automigrate.model;

/** What to do when a script says something else than it said when it was applied. */
public enum WhenChanged {
    /** Log a WARN with the file and the revision, and go on. */
    WARN,
    /** Touch nothing, and let {@link BootReport#orElseThrow()} throw. */
    REFUSE
}
