package org.keops.automigrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.keops.automigrate.drawing.Drawing;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Command;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.permissions.PermissionScript;
import org.keops.automigrate.python.PythonRevision;
import org.keops.automigrate.python.PythonVersions;

/** A configured migrator: immutable, thread-safe, owns no connection. Built by {@link AutoMigrator#configure()}. */
public final class Migrator {
    static final String NO_DATA_SOURCE = "dataSource is null: pass the DataSource of the role that migrates";

    private final Configuration configuration;
    /** Made once: a migrator that is kept makes none of its queries twice. */
    private final Boot boot;

    private final Inspection inspection;

    Migrator(Configuration configuration) {
        this.configuration = configuration;
        this.boot = new Boot(configuration);
        this.inspection = new Inspection(boot, configuration);
    }

    /** Here, because whoever names the exception loads it, as each boot loads the builder. */
    static void requireNone(List<Problem> problems) {
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
    }

    /**
     * Does what the boot calls for.
     *
     * <p>Uses one connection and gives it back as it came. Whatever the state of the database, this returns a report and
     * does not throw.
     *
     * @param dataSource where the connection comes from: the role that migrates, not the application's
     * @return what was found and done
     * @throws NullPointerException if {@code dataSource} is null
     */
    public BootReport run(DataSource dataSource) {
        return boot.run(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * Does what the boot calls for in the background, so that the application starts at once. While the database is offline
     * or full it is tried again: for the time of {@code waitForDatabase} if that is configured, otherwise until it is there
     * or somebody closes what is returned. Rejected credentials and whatever else does not pass by itself end it at once, with
     * a report. The deadline counts from the moment that the database is tried.
     *
     * @param dataSource where the connections come from: the role that migrates, not the application's
     * @return what goes on; close it when the application ends
     * @throws NullPointerException if {@code dataSource} is null
     */
    public BackgroundRun runInBackground(DataSource dataSource) {
        Objects.requireNonNull(dataSource, NO_DATA_SOURCE);
        return BackgroundRun.start(() -> new Boot(configuration).runWhenThere(dataSource));
    }

    /**
     * Says what {@link #run} would do. Reads only, takes no lock, and makes one attempt to connect.
     *
     * @param dataSource where the connection comes from
     * @return the decision and its steps
     * @throws NullPointerException if {@code dataSource} is null
     */
    public PlannedBoot plan(DataSource dataSource) {
        return inspection.plan(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * Proves that the roles of the policy can use everything that it names. Acts as each role, where the role that connects
     * may ({@code SET ROLE}), and lets the planner check each verb on each object; where it may not, asks the catalog.
     * Changes nothing: it is a read-only transaction that is rolled back.
     *
     * @param dataSource where the connection comes from
     * @return what can not be used
     * @throws NullPointerException if {@code dataSource} is null
     */
    public PermissionVerification verify(DataSource dataSource) {
        return inspection.verify(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * The statements of the policy as a script for a person, {@code fix-permissions.sql}: for a database whose permissions
     * are looked after by somebody else. No database is asked anything.
     *
     * @return SQL, to be run as the role that makes the objects or as a superuser
     */
    public String permissionScript() {
        return PermissionScript.of(
                configuration.permissions(),
                configuration.ownerRole(),
                configuration.versionTable().table());
    }

    /**
     * Reads every script to its end, without a database: one line in a unit test finds what a boot would find.
     *
     * @return this migrator
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    public Migrator check() {
        List<Problem> problems = configuration.scripts().checkBodies();
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        return this;
    }

    /**
     * Compares the scripts with the revision files of a Python Alembic project: one line in a unit test keeps the two the
     * same history. The files are read, not run.
     *
     * @param versions the project's {@code versions} directory, or the one around it
     * @return this migrator
     * @throws UnsoundScriptsException with every difference in ids, parents, branch labels and dependencies, if there is
     *     any, or with what is wrong with the Python files
     * @throws UncheckedIOException if the directory can not be read
     */
    public Migrator requireSameGraphAs(Path versions) {
        try {
            List<Revision> theirs = PythonVersions.read(versions).stream()
                    .map(PythonRevision::revision)
                    .toList();
            List<Problem> problems =
                    SameGraph.differences(configuration.scripts().graph(), RevisionGraph.of(theirs));
            if (!problems.isEmpty()) {
                throw new UnsoundScriptsException(problems);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Applies a target and all it needs: {@code alembic upgrade}. Never goes down.
     *
     * <p>Like every verb here it uses one connection, takes the same lock as {@link #run} and gives the same report. A
     * database without a version is one at base, and permissions are left alone, as by Alembic.
     *
     * @param dataSource where the connection comes from: the role that migrates, not the application's
     * @param target Alembic's: an id or the beginning of one, a branch label, {@code head}, {@code heads},
     *     {@code branch@head}, {@code +1}, {@code ae10+2}
     * @return what was found and done; a recorded revision that no script has is {@code Ahead}
     * @throws RevisionException if the target does not fit; nothing was changed
     */
    public BootReport upgrade(DataSource dataSource, String target) {
        return command(dataSource, new Command.Upgrade(target));
    }

    /**
     * Takes back whatever stands on a target: {@code alembic downgrade}. A script without a downgrade section takes nothing
     * back, like {@code pass} in Alembic.
     *
     * @param dataSource where the connection comes from
     * @param target the revision to keep, or {@code base}; also {@code -1}, {@code branch@-1}, {@code branch@base}
     * @return what was found and done, as of {@link #upgrade}
     * @throws RevisionException if the target does not fit; nothing was changed
     */
    public BootReport downgrade(DataSource dataSource, String target) {
        return command(dataSource, new Command.Downgrade(target));
    }

    /**
     * Records revisions and runs nothing: {@code alembic stamp}.
     *
     * @param dataSource where the connection comes from
     * @param targets what to record; each replaces the rows on its line. {@code base} takes rows away
     * @return what was found and done, as of {@link #upgrade}
     * @throws RevisionException if a target does not fit; nothing was changed
     */
    public BootReport stamp(DataSource dataSource, String... targets) {
        return command(dataSource, new Command.Stamp(List.of(targets), false));
    }

    /**
     * Takes all rows away unread, then records revisions: {@code alembic stamp --purge}, the way out of a recorded revision
     * that no script has.
     *
     * @param dataSource where the connection comes from
     * @param targets what to record
     * @return what was found and done, as of {@link #upgrade}
     * @throws RevisionException if a target does not fit; nothing was changed
     */
    public BootReport purgeAndStamp(DataSource dataSource, String... targets) {
        return command(dataSource, new Command.Stamp(List.of(targets), true));
    }

    /**
     * Grants what the application's role lacks, and does nothing else.
     *
     * @param dataSource where the connection comes from
     * @return what was found and done; what still lacks is a finding of its permission report
     */
    public BootReport repairPermissions(DataSource dataSource) {
        return command(dataSource, new Command.RepairPermissions());
    }

    /** Made when it is asked for: a boot asks for none. */
    private Listing listing() {
        return new Listing(configuration.scripts().graph());
    }

    private BootReport command(DataSource dataSource, Command command) {
        return new Boot(configuration.commanded(command)).run(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * Says where the database is: {@code alembic current}. Reads only, takes no lock, and makes one attempt to connect.
     *
     * @param dataSource where the connection comes from
     * @return the recorded revisions, or why they can not be read
     */
    public CurrentRevisions current(DataSource dataSource) {
        return listing().current(inspection.state(Objects.requireNonNull(dataSource, NO_DATA_SOURCE)));
    }

    /**
     * The revisions that no other revises: {@code alembic heads}.
     *
     * @return the heads, in the order of their files
     */
    public List<ListedRevision> heads() {
        return listing().heads();
    }

    /**
     * The revisions that several others revise: {@code alembic branches}.
     *
     * @return the branch points, in the order of their files
     */
    public List<ListedRevision> branches() {
        return listing().branches();
    }

    /**
     * The revisions of a range: {@code alembic history -r}.
     *
     * @param range {@code from:to}, {@code from:}, {@code :to} or {@code :}, both ends included
     * @return the revisions, newest first
     * @throws RevisionException if it is no range of the scripts
     */
    public List<ListedRevision> history(String range) {
        return listing().history(range, Set.of());
    }

    /**
     * The revisions of a range in which {@code current} stands for recorded revisions.
     *
     * @param range {@code from:to}, {@code from:}, {@code :to} or {@code :}, both ends included
     * @param rows the recorded revisions, for example of {@link #current}
     * @return the revisions, newest first
     * @throws RevisionException if it is no range of the scripts, or a row is unknown
     */
    public List<ListedRevision> history(String range, Set<RevisionId> rows) {
        return listing().history(range, rows);
    }

    /**
     * Draws a range of the history, with heads, branch labels and recorded revisions marked.
     *
     * @param format how
     * @param range as of {@link #history(String, Set)}
     * @param rows the recorded revisions, for example of {@link #current}; may be empty
     * @return the picture
     * @throws RevisionException if it is no range of the scripts, or the range needs a row that is unknown
     */
    public String draw(DrawingFormat format, String range, Set<RevisionId> rows) {
        return new Drawing(listing().history(range, rows), rows).write(format);
    }

    /**
     * What a target means by itself: {@code alembic show}.
     *
     * @param target a target that is not relative to recorded revisions
     * @return the revisions; none for {@code base}
     * @throws RevisionException if the target means nothing or not one thing
     */
    public List<ListedRevision> show(String target) {
        return listing().show(target);
    }

    /**
     * The script that would bring a database from one revision to another, for psql: Alembic's offline mode
     * ({@code alembic upgrade from:to --sql}, {@code downgrade} where nothing is to be applied). Asks no database anything.
     *
     * @param from what the database records; {@code base} for one without a version, whose version table is then made
     * @param to where to go, as of {@link #upgrade} and {@link #downgrade}
     * @return the script, version rows included
     * @throws RevisionException if a target does not fit
     * @throws UnsoundScriptsException if a script on the way can not be run
     */
    public String sql(String from, String to) {
        StringBuilder text = new StringBuilder();
        try {
            sql(from, to, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * Writes the script of {@link #sql(String, String)} piece by piece, for scripts of any size.
     *
     * @param from what the database records
     * @param to where to go
     * @param out where it goes
     * @throws IOException if it can not be written, or a script not be read
     * @throws RevisionException if a target does not fit; nothing was written
     * @throws UnsoundScriptsException if a script on the way can not be run; nothing was written
     */
    public void sql(String from, String to, Appendable out) throws IOException {
        new OfflineSql(configuration, out).write(from, to);
    }

    /**
     * Writes the archive for updating by hand: the scripts, an index of the history, {@code fix-permissions.sql} for the
     * configured role and schema, and one page of instructions. It is itself a place for {@code scripts(…)}; the same
     * scripts make the same bytes.
     *
     * @param archive the {@code .zip} file to write or to replace
     * @throws IOException if it can not be written, or a script not be read
     */
    public void bundle(Path archive) throws IOException {
        new Bundle(configuration, listing()).write(archive);
    }
}
