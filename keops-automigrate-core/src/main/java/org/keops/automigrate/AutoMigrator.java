package org.keops.automigrate;

import java.util.List;
import javax.sql.DataSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.TenantsReport;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.session.LockKey;

/**
 * Brings a PostgreSQL schema up to date while its application boots.
 *
 * <pre>{@code
 * BootReport report = AutoMigrator.run(dataSource);
 * }</pre>
 *
 * <p>That is all that an application with scripts in {@code classpath:alembic/versions} and KEOPS's role and schema
 * needs; {@link #configure()} is for all others. Stateless.
 */
public final class AutoMigrator {

    /**
     * The key of the advisory lock that is held while one instance migrates, for others who want to wait in turn, in the
     * one-argument form of {@code pg_try_advisory_lock}.
     */
    public static final long LOCK_KEY = LockKey.VALUE;

    private AutoMigrator() {}

    /**
     * Does what the boot calls for, with KEOPS's defaults: scripts in {@code classpath:alembic/versions}, application role
     * and schema {@code keopsdb}, a database without a version is stamped.
     *
     * <p>The permissions that it repairs are KEOPS's: the application role connects by a right of its own, uses the schema and
     * all of its tables and sequences, and {@code PUBLIC} loses the right to connect to the database.
     *
     * <p>Uses one connection and gives it back as it came. Whatever the state of the database, this returns a report and
     * does not throw.
     *
     * @param dataSource where the connection comes from: the role that migrates, not the application's
     * @return what was found and done
     * @throws NullPointerException if {@code dataSource} is null
     * @throws UnsoundScriptsException if the scripts do not describe a sound history; it lists every problem
     */
    public static BootReport run(DataSource dataSource) {
        return configure().run(dataSource);
    }

    /**
     * Does what the boot calls for in many databases, or in many schemas of one, few of them at a time.
     *
     * <p>A tenant that fails does not stop the others. Schemas of one database wait for each other, because a database has
     * one migration lock; different databases do not. Each tenant at work takes one connection and a thread.
     *
     * @param tenants the databases, each under a name of its own
     * @param parallelism how many at a time
     * @return a report for each of them
     * @throws IllegalArgumentException if two tenants have one name, or {@code parallelism} is less than 1
     */
    public static TenantsReport runAll(List<Tenant> tenants, int parallelism) {
        return new Tenants(tenants).run(parallelism);
    }

    /**
     * Starts a configuration.
     *
     * @return a builder with KEOPS's defaults
     */
    public static MigratorBuilder configure() {
        return new MigratorBuilder();
    }
}
