package org.keops.automigrate;

import java.util.Objects;
import javax.sql.DataSource;

/**
 * One of many databases that are migrated by one call, or one of many schemas of a database.
 *
 * <p>Databases may share a migrator. A schema needs one of its own, with that schema for
 * {@link MigratorBuilder#versionTableSchema}, and a data source of its own, with that schema first on its search path
 * ({@code currentSchema} in the URL of pgjdbc), where scripts that name no schema then work.
 *
 * @param name what it is called in the report
 * @param migrator what to do there
 * @param dataSource where its connection comes from: the role that migrates
 */
public record Tenant(String name, Migrator migrator, DataSource dataSource) {

    /**
     * Checks that all parts are there.
     *
     * @param name the component of this name
     * @param migrator the component of this name
     * @param dataSource the component of this name
     */
    public Tenant {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(migrator, "migrator");
        Objects.requireNonNull(dataSource, "dataSource");
    }

    /** The name: what a data source writes of itself may hold a password. */
    @Override
    public String toString() {
        return name;
    }
}
