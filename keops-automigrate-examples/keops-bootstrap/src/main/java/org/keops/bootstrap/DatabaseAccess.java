package org.keops.bootstrap;

import org.postgresql.ds.PGSimpleDataSource;

/**
 * A way into the database: where it is, and as whom.
 *
 * <p>Immutable. Its {@code toString} does not show the password.
 *
 * @param host a name or an address
 * @param port the port
 * @param database the database
 * @param user the role
 * @param password the role's password, with any characters
 */
record DatabaseAccess(String host, int port, String database, String user, String password) {
    private static final int CONNECT_SECONDS = 5;

    /** Each part is a property of its own: in a URL, a password with {@code @}, {@code %} or {@code /} becomes another one. */
    PGSimpleDataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {host.contains(":") ? "[" + host + "]" : host});
        dataSource.setPortNumbers(new int[] {port});
        dataSource.setDatabaseName(database);
        dataSource.setUser(user);
        dataSource.setPassword(password);
        dataSource.setConnectTimeout(CONNECT_SECONDS);
        dataSource.setLoginTimeout(CONNECT_SECONDS);
        dataSource.setApplicationName("keops");
        return dataSource;
    }

    @Override
    public String toString() {
        return user + " in database " + database + " at " + host + " port " + port;
    }
}
