package org.keops.automigrate.postgres.version;

import java.sql.SQLException;
import java.util.SortedSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.script.AppliedFingerprints;

/**
 * What is recorded of a run: the version rows, and in the comment of their table how far a revision has come that runs
 * outside a transaction. The comment belongs to a table that Alembic leaves out of its comparisons, it needs no object and
 * no grant, and it is as transactional as the rows. Used by one thread.
 */
public final class Ledger {
    private final Session session;
    private final Pipeline pipeline;
    private final @Nullable FingerprintRecord fingerprints;
    private final RowChanges changes;
    private VersionTable table;
    private SortedSet<RevisionId> rows;
    private boolean existed;
    private boolean cleared;
    private @Nullable Bookmark left;
    private @Nullable String comment;
    private @Nullable String owner;

    public Ledger(
            Session session,
            Pipeline pipeline,
            VersionTable table,
            SortedSet<RevisionId> rows,
            @Nullable BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting) {
        this.session = session;
        this.pipeline = pipeline;
        this.fingerprints = fingerprinting == null ? null : new FingerprintRecord(session, fingerprinting);
        this.changes = new RowChanges(pipeline, table);
        this.table = table;
        this.existed = table.exists();
        this.rows = rows;
    }

    /**
     * Reads what an earlier run has left, once, under the lock.
     *
     * @param known the comment of the table, where it was read under the lock; else null
     */
    public void open(@Nullable TableComment known) throws SQLException {
        if (table.exists()) {
            read(known == null ? ask() : known);
            if (fingerprints != null) {
                fingerprints.open(table);
            }
        }
    }

    private TableComment ask() throws SQLException {
        return Queries.query(session.connection(), TableComment.sql(table.sql()), TableComment::read);
    }

    private void read(TableComment found) {
        left = Bookmark.parse(found.text());
        comment = left == null ? found.text() : left.comment();
        owner = found.foreignOwner();
    }

    /** The rows that are committed. */
    public SortedSet<RevisionId> rows() {
        return rows;
    }

    public String rowsText() {
        return rows.stream().map(RevisionId::value).collect(Collectors.joining(" "));
    }

    public VersionTable table() {
        return table;
    }

    /** What an earlier run has left, or null. */
    @Nullable
    public Bookmark left() {
        return left;
    }

    /** The table's own comment. */
    @Nullable
    public String comment() {
        return comment;
    }

    /** Who would have to write the comment, where this role may not; null where it may. */
    @Nullable
    public String foreignOwner() {
        return owner;
    }

    /** Whether nothing is recorded yet, so that the table has to be prepared. */
    public boolean isBeginning() {
        return !table.exists() || rows.isEmpty();
    }

    /** The first row of an empty table is guarded by nothing that can be counted: so nobody else may write one now. */
    public void prepare() throws SQLException, StepFailedException {
        if (!table.exists()) {
            table.create(pipeline);
            table = new VersionTable(table.schema(), table.table(), true);
        } else if (rows.isEmpty()) {
            table.requireEmpty(pipeline);
        }
    }

    /** Before another try: somebody without our lock may have been faster. */
    public void requireUnmoved() throws SQLException {
        if (table.exists()) {
            table.requireRows(session.connection(), rows);
        }
    }

    /**
     * The version rows in a transaction that begins, or in another try of one.
     *
     * @param steps how many steps it is for
     */
    public TransactionRows rows(int steps) {
        return new TransactionRows(pipeline, table, changes, steps);
    }

    /** Records a step behind its script; the last of them are to be {@linkplain TransactionRows#settle settled}. */
    public void apply(Step step, StepRun run, TransactionRows now) throws SQLException, StepFailedException {
        now.apply(step, run);
        if (fingerprints != null) {
            fingerprints.apply(step);
        }
    }

    /** Writes what the steps have made of the fingerprints, within the transaction that is open. */
    public void writeFingerprints() throws SQLException {
        if (fingerprints != null) {
            fingerprints.write(table);
        }
    }

    /** Whether anything is kept in a comment whatever the plan is. */
    public boolean keepsFingerprints() {
        return fingerprints != null;
    }

    /** Writes how far a revision has come, within the transaction that is open. */
    public void write(Bookmark progress) throws SQLException, StepFailedException {
        if (!table.exists()) {
            prepare();
            pipeline.flush();
        }
        comment(progress.text());
        left = progress;
    }

    /** Puts back the table's own comment, within the transaction that is open. */
    public void clear() throws SQLException {
        if (left != null && owner == null) {
            comment(comment);
            cleared = true;
        }
    }

    /** The transaction is committed, with these rows. */
    public void committed(SortedSet<RevisionId> now) {
        rows = now;
        existed = table.exists();
        left = cleared ? null : left;
        cleared = false;
        if (fingerprints != null) {
            fingerprints.committed();
        }
    }

    /** The transaction is rolled back, and with it the table if it was made there. */
    public void rolledBack() {
        table = new VersionTable(table.schema(), table.table(), existed);
        cleared = false;
        if (fingerprints != null) {
            fingerprints.rolledBack();
        }
    }

    private void comment(@Nullable String text) throws SQLException {
        Queries.execute(
                session.connection(),
                "COMMENT ON TABLE " + table.sql() + " IS " + (text == null ? "NULL" : SqlNames.literal(text)));
    }
}
