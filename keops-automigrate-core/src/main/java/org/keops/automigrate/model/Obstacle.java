package org.keops.automigrate.model;

/** Why a database that can be reached can not be used. */
public enum Obstacle {
    /** The database does not exist. */
    DATABASE_MISSING(false),
    /** The role may not connect to the database. */
    CONNECT_DENIED(false),
    /** The database does not accept connections, or an interrupted DROP DATABASE left it invalid. */
    DATABASE_CLOSED(false),
    /** All connection slots are taken, in the server, for the role, or in a pooler. */
    TOO_MANY_CONNECTIONS(true),
    /** A standby: it can be read only. */
    STANDBY(false),
    /** The session is read-only by a setting of the role, the database or the URL. */
    READ_ONLY(false),
    /** What answered does not speak PostgreSQL's protocol. */
    NOT_POSTGRESQL(false),
    /** An engine that speaks the protocol but does not keep what an upgrade rests on. */
    ENGINE(false),
    /** Encryption could not be agreed upon: certificate, host name, or no TLS at all. */
    TLS(false),
    /** The {@code DataSource} itself can not work: closed, no URL, no driver, a bad property. */
    DATA_SOURCE(false),
    /** The application's own pool has no connection to give. */
    POOL_EXHAUSTED(true),
    /** The server refused the session for a reason of its own: a setting, a library, a login trigger. */
    SESSION_REFUSED(false),
    /** The version table is there but may not be read, or stands where the search path does not look. */
    VERSION_TABLE_HIDDEN(false),
    /** The version table is not one of Alembic's. */
    VERSION_TABLE_ODD(false),
    /** The recorded revisions contradict each other: one is an ancestor of another. */
    VERSION_ROWS_OVERLAP(false),
    /** A script was changed after it was applied, and the policy refuses that. */
    SCRIPT_CHANGED(false),
    /** There is no schema in which a version table could be made. */
    NO_SCHEMA(false),
    /** The role that migrates may not act as the configured owner role, or that role does not exist. */
    OWNER_ROLE(false),
    /** A pooler stands between that can not carry what has to be done. */
    POOLER(false);

    private final boolean passing;

    Obstacle(boolean passing) {
        this.passing = passing;
    }

    /**
     * Whether it may go away by itself, so that waiting makes sense.
     *
     * @return true if trying again may help
     */
    public boolean mayPass() {
        return passing;
    }
}
