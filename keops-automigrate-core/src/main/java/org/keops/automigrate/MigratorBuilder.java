package org.keops.automigrate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.execution.Sending;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.probe.FirstSight;
import org.keops.automigrate.postgres.version.VersionTableName;
import org.keops.automigrate.source.ScriptSource;

/**
 * Collects options and builds a {@link Migrator}. Mutable, for one thread. No option takes null: each throws a
 * {@link NullPointerException}.
 */
public final class MigratorBuilder {
    private static final String VERSION_TABLE = "alembic_version";
    private static final Duration DEADLINE = Duration.ofMinutes(30);
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(30);
    private static final Duration WAIT = Duration.ofMinutes(1);

    private final List<ScriptSource> sources = new ArrayList<>();
    private boolean readsOnlyFiles = true;
    private final List<Migration> migrations = new ArrayList<>();
    /** KEOPS's where it is null, as what follows is of no use where it is. */
    private @Nullable PermissionOptions permissions;

    private @Nullable String ownerRole;
    private @Nullable WhenUnversioned whenUnversioned;
    private @Nullable WhenAhead whenAhead;
    private @Nullable WhenChanged whenChanged;
    private boolean transactionPerRevision;
    private boolean oneStatementAtATime;
    private boolean showFailedStatement;
    private @Nullable Consumer<Progress> onProgress;
    private @Nullable String versionTableSchema;
    private String versionTable = VERSION_TABLE;
    private Duration deadline = DEADLINE;
    private Duration connectWithin = CONNECT_WITHIN;
    private @Nullable Duration waitForDatabase;
    private Duration waitForLock = WAIT;
    private Duration waitForTables = WAIT;

    MigratorBuilder() {}

    /**
     * Adds a place where revision scripts are; by default it is {@code classpath:alembic/versions}.
     *
     * @param location {@code classpath:some/folder}, a directory, or a {@code .zip} archive
     * @return this builder
     * @throws java.nio.file.InvalidPathException if it can not be the name of a file on this system
     */
    public MigratorBuilder scripts(String location) {
        sources.add(ScriptSource.of(location));
        return this;
    }

    /**
     * Adds a place of your own where revision scripts are.
     *
     * @param source the place
     * @return this builder
     */
    public MigratorBuilder scripts(ScriptSource source) {
        sources.add(Objects.requireNonNull(source, "source"));
        readsOnlyFiles = false;
        return this;
    }

    /**
     * Adds revisions that are written in Java, beside the scripts.
     *
     * @param revisions the revisions, in any order; used by every run of the migrator
     * @return this builder
     */
    public MigratorBuilder migrations(Migration... revisions) {
        for (Migration revision : revisions) {
            migrations.add(Objects.requireNonNull(revision, "revision"));
        }
        return this;
    }

    /**
     * The role that the application connects as; by default {@code keopsdb}. With {@link #schema}, the short form of
     * {@code permissions(PermissionPolicy.keops(role, schema))}.
     *
     * <p>It gets what KEOPS gives its own: the right to connect, everything on the tables and sequences of the schema. And
     * as in KEOPS {@code PUBLIC} loses the right to connect to the database: other roles need a grant of their own.
     *
     * @param name any name, quoted where it has to be
     * @return this builder
     */
    public MigratorBuilder applicationRole(String name) {
        permissions = permissions().withRole(Objects.requireNonNull(name, "name"));
        return this;
    }

    /**
     * The schema that holds the application's tables; by default {@code keopsdb}.
     *
     * @param name any name, quoted where it has to be
     * @return this builder
     */
    public MigratorBuilder schema(String name) {
        permissions = permissions().withSchema(Objects.requireNonNull(name, "name"));
        return this;
    }

    /**
     * Which roles are to be able to use what; by default KEOPS's policy for {@link #applicationRole} and {@link #schema}.
     *
     * @param policy the policy
     * @return this builder
     */
    public MigratorBuilder permissions(PermissionPolicy policy) {
        permissions = permissions().with(Objects.requireNonNull(policy, "policy"));
        return this;
    }

    /**
     * The role that owns the schema: the session acts as it ({@code SET ROLE}), so that what revisions make belongs to it,
     * whoever connects. By default objects belong to the role that connects. The role that connects has to be a member of
     * the owner role.
     *
     * @param name any name, quoted where it has to be
     * @return this builder
     */
    public MigratorBuilder ownerRole(String name) {
        ownerRole = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Neither looks at the permissions of the application's role nor repairs them.
     *
     * @return this builder
     */
    public MigratorBuilder leavePermissionsAlone() {
        permissions = permissions().leavingThemAlone();
        return this;
    }

    /**
     * What to do with a database in which no Alembic version is recorded; by default its schema is assumed current.
     *
     * @param policy the policy
     * @return this builder
     */
    public MigratorBuilder whenUnversioned(WhenUnversioned policy) {
        whenUnversioned = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * What to do with a database that a newer build has upgraded; by default it is left alone.
     *
     * @param policy the policy
     * @return this builder
     */
    public MigratorBuilder whenAhead(WhenAhead policy) {
        whenAhead = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Records a fingerprint of each script that is applied, and compares it at each boot, so that a script that was changed
     * afterwards is noticed. Comments, white space, line endings and the case of words do not count. By default nothing is
     * recorded or compared.
     *
     * <p>They are kept in the comment of the column {@code version_num}, which only the owner of the version table may
     * write. {@link Migrator#stamp} records those of all scripts that are applied then: that is how a change is accepted.
     *
     * @param policy what to do about a script that was changed
     * @return this builder
     */
    public MigratorBuilder fingerprints(WhenChanged policy) {
        whenChanged = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Commits each revision by itself, so that a failure keeps those before it. By default all pending revisions commit
     * together, so that a failure leaves the version with which the old build works.
     *
     * @return this builder
     */
    public MigratorBuilder transactionPerRevision() {
        transactionPerRevision = true;
        return this;
    }

    /**
     * Waits for the answer to each statement before the next one is sent. By default the statements of a transaction travel
     * together, with the same result and the same errors; for finding out whether a trouble lies there.
     *
     * @return this builder
     */
    public MigratorBuilder oneStatementAtATime() {
        oneStatementAtATime = true;
        return this;
    }

    /**
     * Puts the statement that failed into the report ({@code failure.particulars().statement()}), its literals hidden; never
     * one that may hold a password. By default only the line of the script is there.
     *
     * @return this builder
     */
    public MigratorBuilder showFailedStatement() {
        showFailedStatement = true;
        return this;
    }

    /**
     * Who is told how far a run has come: when the server comes to a statement, and each second while it is at one. Called
     * by the thread that runs and by one of our own, but never by both at once; the work waits until it returns, and what it
     * throws is dropped. A statement that takes longer than ten seconds is in the log in any case.
     *
     * @param listener the listener; by default there is none
     * @return this builder
     */
    public MigratorBuilder onProgress(Consumer<Progress> listener) {
        onProgress = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * The version table's name, Alembic's {@code version_table}; by default {@code alembic_version}.
     *
     * @param name the table's name
     * @return this builder
     */
    public MigratorBuilder versionTable(String name) {
        versionTable = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * The version table's schema, Alembic's {@code version_table_schema}; by default the table is looked for along the
     * search path and made in its first schema.
     *
     * @param name the schema's name; the schema itself is not made
     * @return this builder
     */
    public MigratorBuilder versionTableSchema(String name) {
        versionTableSchema = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * How long a run, or a verb, may take in all: waiting, connecting, locks, scripts and permissions; by default 30
     * minutes. A statement that still runs then is cancelled in the server and rolled back, and the report says so. A server
     * that does not answer even that is given some seconds more. Upgrades that move much data may need more time.
     *
     * @param budget the time, more than zero
     * @return this builder
     */
    public MigratorBuilder deadline(Duration budget) {
        deadline = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * How long one attempt to get a connection may take, and then each answer until there is work to do; by default 30
     * seconds. A data source with a longer timeout of its own, up to a minute, as HikariCP's {@code connectionTimeout},
     * gets that and a second more: only its verdict tells a wrong password from a server that is down.
     *
     * @param bound the bound, more than zero
     * @return this builder
     */
    public MigratorBuilder connectWithin(Duration bound) {
        connectWithin = Objects.requireNonNull(bound, "bound");
        return this;
    }

    /**
     * How long to keep trying while the database is offline or full; by default there is one attempt. Rejected credentials
     * are never tried again.
     *
     * @param budget the budget; zero for one attempt
     * @return this builder
     */
    public MigratorBuilder waitForDatabase(Duration budget) {
        waitForDatabase = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * How long to wait while another instance is migrating; by default one minute.
     *
     * @param patience the patience; zero asks once
     * @return this builder
     */
    public MigratorBuilder waitForLock(Duration patience) {
        waitForLock = Objects.requireNonNull(patience, "patience");
        return this;
    }

    /**
     * How long to try for the locks of tables that somebody else is using; by default one minute, from the first lock that
     * was not had. Each wait is 100 ms at most, so that nobody queues behind it for longer; then the whole transaction is
     * rolled back, and begun anew half a second later. A {@code lock_timeout} of the role, the database, the URL or the
     * script stands in place of that, and is not tried again.
     *
     * @param budget the budget; zero for one try
     * @return this builder
     */
    public MigratorBuilder waitForTables(Duration budget) {
        waitForTables = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * Reads the headers of all scripts and builds the migrator. No database is asked anything.
     *
     * @return the migrator
     * @throws UnsoundScriptsException if the scripts do not describe a sound history or the options contradict each other
     *     or the scripts; it lists every problem
     */
    public Migrator build() {
        return new Migrator(configuration(new ScriptCatalog(sources, migrations), checkedOptions(), false));
    }

    /** Checked, save for the scripts if they are to be read later. */
    private Configuration configuration(ScriptCatalog catalog, OptionProblems problems, boolean readLater) {
        if (!readLater || !problems.all().isEmpty()) {
            readScripts(catalog, problems);
        }
        if (!problems.all().isEmpty()) {
            Migrator.requireNone(problems.all());
        }
        return new Configuration(
                catalog,
                whenUnversioned,
                whenAhead,
                transactionPerRevision,
                new VersionTableName(versionTableSchema, versionTable),
                permissions(),
                ownerRole,
                new Patience(deadline, connectWithin, waitForDatabase, waitForLock, waitForTables),
                oneStatementAtATime || showFailedStatement
                        ? new Sending(oneStatementAtATime, showFailedStatement)
                        : null,
                whenChanged,
                onProgress,
                null);
    }

    /**
     * Builds the migrator and runs it. The scripts of the class path, of directories and archives are looked at while the
     * database is asked for its version: where they are unsound, a connection may have been used, and nothing was changed.
     *
     * @param dataSource where the connection comes from
     * @return what was found and done
     * @throws NullPointerException if {@code dataSource} is null
     * @throws UnsoundScriptsException as {@link #build()} does
     */
    public BootReport run(DataSource dataSource) {
        Objects.requireNonNull(dataSource, Migrator.NO_DATA_SOURCE);
        long start = System.nanoTime();
        boolean readLater = mayReadLater();
        boolean hurries =
                readLater && (isAsMostLeaveIt() || checkedOptions().all().isEmpty());
        Worker worker = new Worker(dataSource, connectWithin, hurries ? firstSight() : null);
        try {
            boolean begun = hurries && worker.hurry(deadline);
            ScriptCatalog catalog = new ScriptCatalog(sources, migrations);
            BootReport usual = begun ? QuickBoot.run(worker, catalog, start, deadline) : null;
            // a migrator has many more verbs than this one, and each boot would load them
            return usual != null
                    ? usual
                    : new Boot(configuration(catalog, checkedOptions(), readLater)).run(dataSource, worker, start);
        } finally {
            worker.dismiss();
        }
    }

    /** What the usual boot asks; null where there is more to see than the version and the permissions. */
    private @Nullable FirstSight firstSight() {
        if (ownerRole != null || whenChanged != null) {
            return null;
        }
        QuickAudit audit = permissions == null
                ? QuickAudit.ofKeops(PermissionOptions.KEOPS, PermissionOptions.KEOPS)
                : permissions.quickAudit();
        return new FirstSight(versionTableSchema, versionTable, audit);
    }

    /**
     * Builds the migrator and runs it in the background.
     *
     * @param dataSource where the connections come from
     * @return what goes on; close it when the application ends
     * @throws NullPointerException if {@code dataSource} is null
     * @throws UnsoundScriptsException as {@link #build()} does
     */
    public BackgroundRun runInBackground(DataSource dataSource) {
        return build().runInBackground(dataSource);
    }

    private void readScripts(ScriptCatalog catalog, OptionProblems problems) {
        try {
            catalog.read();
            if (whenUnversioned instanceof WhenUnversioned.Stamp stamp
                    && !catalog.isAtHeads(List.of(stamp.revision()))
                    && catalog.graph().find(stamp.revision()).isEmpty()) {
                problems.add(
                        "whenUnversioned", "no script has the revision " + stamp.revision() + " that is to be stamped");
            }
        } catch (RuntimeException e) {
            // asked here rather than caught by its name, for which every boot would load it
            if (!(e instanceof UnsoundScriptsException unsound)) {
                throw e;
            }
            problems.addAll(unsound.problems());
        }
    }

    /**
     * Whether the scripts may be read while the database is asked already, of which both are slow in a fresh process. Not
     * where that would run code of somebody else's, which may want a connection of the same pool, or where what is to be
     * stamped has to be looked up.
     */
    private boolean mayReadLater() {
        return readsOnlyFiles && migrations.isEmpty() && !stampsOne();
    }

    /** Asked in this order, because to ask for a class is to load it. */
    private boolean stampsOne() {
        return !(whenUnversioned instanceof WhenUnversioned.UpgradeFromBase)
                && whenUnversioned instanceof WhenUnversioned.Stamp;
    }

    private PermissionOptions permissions() {
        return permissions == null ? new PermissionOptions() : permissions;
    }

    /** Whether no option was set that could be wrong: then nothing is loaded that would say so. */
    private boolean isAsMostLeaveIt() {
        return permissions == null
                && ownerRole == null
                && versionTableSchema == null
                && versionTable.equals(VERSION_TABLE)
                && connectWithin.equals(CONNECT_WITHIN)
                && deadline.equals(DEADLINE)
                && waitForDatabase == null
                && waitForLock.equals(WAIT)
                && waitForTables.equals(WAIT);
    }

    private OptionProblems checkedOptions() {
        OptionProblems problems = new OptionProblems();
        permissions().check(problems);
        problems.checkName("ownerRole", ownerRole);
        problems.checkName("versionTable", versionTable);
        problems.checkName("versionTableSchema", versionTableSchema);
        if (connectWithin.isZero()) {
            problems.add("connectWithin", "must be more than zero");
        }
        if (deadline.isZero()) {
            problems.add("deadline", "must be more than zero");
        }
        problems.checkDuration("deadline", deadline);
        problems.checkDuration("connectWithin", connectWithin);
        if (waitForDatabase != null) {
            problems.checkDuration("waitForDatabase", waitForDatabase);
        }
        problems.checkDuration("waitForLock", waitForLock);
        problems.checkDuration("waitForTables", waitForTables);
        return problems;
    }
}
