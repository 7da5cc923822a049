package org.keops.automigrate.model;

/** What to do when the database records a revision that this build does not know. */
public enum WhenAhead {
    /** A newer build was here; touch nothing and let the application run. The default. */
    LEAVE_ALONE,
    /** Touch nothing, and let {@link BootReport#orElseThrow()} throw. */
    REFUSE
}
