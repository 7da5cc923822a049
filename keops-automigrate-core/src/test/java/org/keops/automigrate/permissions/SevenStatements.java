package org.keops.automigrate.permissions;

import org.keops.automigrate.model.SqlNames;

/** What KEOPS runs at every boot, written out, for any role and schema. */
final class SevenStatements {
    private SevenStatements() {}

    static String[] on(String database, String role, String schema) {
        String to = SqlNames.identifier(role);
        String in = SqlNames.identifier(schema);
        return new String[] {
            "REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC",
            "GRANT CONNECT ON DATABASE " + database + " TO " + to,
            "ALTER DEFAULT PRIVILEGES FOR USER " + to + " IN SCHEMA " + in
                    + " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + to,
            "GRANT USAGE ON SCHEMA " + in + " TO " + to,
            "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO " + to,
            "GRANT ALL PRIVILEGES ON ALL SEQUENCES IN SCHEMA " + in + " TO " + to,
            "GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA " + in + " TO " + to
        };
    }
}
