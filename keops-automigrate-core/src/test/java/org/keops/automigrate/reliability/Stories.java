package org.keops.automigrate.reliability;

import static org.keops.automigrate.model.WhenUnversioned.upgradeFromBase;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The stories, each on a template database of its own. */
final class Stories implements AutoCloseable {
    /** What scripts append to: a script that takes effect twice, or out of turn, is seen in it. */
    static final String JOURNAL = "CREATE TABLE journal (what text, place bigint)";

    /** What no rollback takes back: how often a script was tried, also in vain. */
    static final String TRIES = "CREATE SEQUENCE tries";

    private static final String ROLE = "reliability_app";

    private final PostgresServer server;
    private final Path directory;
    private final Set<String> wanted;
    private final List<Story> stories = new ArrayList<>();

    private Stories(PostgresServer server, Path directory, Set<String> wanted) {
        this.wanted = wanted;
        this.server = server;
        this.directory = directory;
        server.role(ROLE, "app");
    }

    /**
     * Prepares them.
     *
     * @param server where
     * @param directory for the scripts
     * @param wanted which of them; all if none is named
     */
    static Stories on(PostgresServer server, Path directory, String... wanted) {
        Stories all = new Stories(server, directory, Set.of(wanted));
        String shop = all.shop("shop").directory().toString();
        String newer = all.shop("newer")
                .add("r5", "r4", "CREATE TABLE shop.refund (sale int);\n" + mark("r5"))
                .directory()
                .toString();
        String copy = all.copy();
        all.add("stamp", shop, null, builder(shop), Migrator::run);
        all.add("upgrade from nothing", shop, null, builder(shop).whenUnversioned(upgradeFromBase()), Migrator::run);
        all.add("upgrade in one transaction", shop, "r1", builder(shop), Migrator::run);
        all.add("upgrade by a newer build", newer, "r1", builder(newer), Migrator::run);
        all.add(
                "upgrade in a transaction each",
                shop,
                null,
                builder(shop).whenUnversioned(upgradeFromBase()).transactionPerRevision(),
                Migrator::run);
        all.add("upgrade and permissions", shop, "r1", open(shop), Migrator::run);
        all.add("permissions alone", shop, "r4", open(shop), Migrator::run);
        all.add("downgrade", shop, "r4", builder(shop), (migrator, where) -> migrator.downgrade(where, "r1"));
        String data = all.data();
        all.add("data alone", data, "r1", builder(data), Migrator::run);
        all.add("copy", copy, "r1", builder(copy), Migrator::run);
        String index = all.index();
        all.add("index concurrently", index, "r1", builder(index), Migrator::run);
        String outside = all.outside();
        all.add("outside a transaction", outside, "r1", builder(outside), Migrator::run);
        return all;
    }

    /** The names that {@code -Dcut.stories} gives, or else these. */
    static String[] asked(String... otherwise) {
        String asked = System.getProperty("cut.stories", "");
        return asked.isEmpty() ? otherwise : asked.split(",", -1);
    }

    List<Story> all() {
        return stories;
    }

    Story named(String name) {
        return stories.stream()
                .filter(story -> story.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A statement that a script says once. */
    static String mark(String what) {
        return "INSERT INTO journal SELECT '" + what + "', count(*) + 1 FROM journal;\n";
    }

    private Scripts shop(String name) {
        return folder(name)
                .add("r1", "", mark("r1") + "CREATE TABLE shop.item (id int PRIMARY KEY, name text);\n")
                .add(
                        "r2",
                        "r1",
                        "INSERT INTO shop.item SELECT i, 'item ' || i FROM generate_series(1, 5) i;\n" + mark("r2")
                                + "-- downgrade\n" + mark("not r2") + "DELETE FROM shop.item;\n")
                .add(
                        "r3",
                        "r2",
                        mark("r3") + "ALTER TABLE shop.item ADD COLUMN price numeric NOT NULL DEFAULT 1;\n"
                                + "CREATE INDEX ON shop.item (price);\n"
                                + "-- downgrade\nALTER TABLE shop.item DROP COLUMN price;\n" + mark("not r3"))
                .add(
                        "r4",
                        "r3",
                        "CREATE TABLE shop.sale (item int REFERENCES shop.item);\n"
                                + "CREATE VIEW shop.sold AS SELECT i.name FROM shop.item i JOIN shop.sale s ON s.item = i.id;\n"
                                + mark("r4")
                                + "-- downgrade\nDROP VIEW shop.sold; DROP TABLE shop.sale;\n" + mark("not r4"));
    }

    private String index() {
        return folder("index")
                .add("r1", "", mark("r1") + "CREATE TABLE shop.item AS SELECT i FROM generate_series(1, 100) i;\n")
                .add("r2", "r1", "-- Transactional: no", """
                        CREATE INDEX CONCURRENTLY one ON shop.item (i);
                        CREATE UNIQUE INDEX CONCURRENTLY two ON shop.item (i);
                        """)
                .add("r3", "r2", mark("r3"))
                .directory()
                .toString();
    }

    /** What refuses a transaction, but for making an index, and what is between. */
    private String outside() {
        return folder("outside")
                .add("r1", "", mark("r1") + """
                        CREATE TABLE shop.item AS SELECT i FROM generate_series(1, 100) i;
                        CREATE INDEX one ON shop.item (i);
                        CREATE INDEX two ON shop.item (i);
                        CREATE TABLE shop.year (y int) PARTITION BY RANGE (y);
                        CREATE TABLE shop.y18 PARTITION OF shop.year FOR VALUES FROM (2018) TO (2019);
                        """)
                .add(
                        "r2",
                        "r1",
                        "-- Transactional: no",
                        mark("r2") + "REINDEX INDEX CONCURRENTLY shop.one;\n" + mark("r2 between")
                                + "DROP INDEX CONCURRENTLY shop.two;\nVACUUM shop.item;\n" + detachment()
                                + mark("r2 to its end"))
                .add("r3", "r2", mark("r3"))
                .directory()
                .toString();
    }

    /** A server before 14 does not do it concurrently. */
    private String detachment() {
        int version = Integer.parseInt(TestDatabase.query(server.superuser("postgres"), "SHOW server_version_num")
                .get(0));
        return "ALTER TABLE shop.year DETACH PARTITION shop.y18" + (version < 140000 ? ";\n" : " CONCURRENTLY;\n");
    }

    /** Nothing of it would fail if it ran twice. */
    private String data() {
        return folder("data")
                .add("r1", "", mark("r1"))
                .add("r2", "r1", mark("r2") + "SELECT nextval('tries');\n")
                .add("r3", "r2", mark("r3"))
                .directory()
                .toString();
    }

    private String copy() {
        StringBuilder rows = new StringBuilder("COPY shop.item (id, name) FROM stdin;\n");
        for (int i = 1; i <= 3_000; i++) {
            rows.append(i)
                    .append('\t')
                    .append("an item with a name of some length ".repeat(2))
                    .append('\n');
        }
        return folder("copy")
                .add("r1", "", "CREATE TABLE shop.item (id int, name text);\n")
                .add("r2", "r1", mark("r2") + rows + "\\.\n" + mark("r2 to its end"))
                .add("r3", "r2", "CREATE INDEX ON shop.item (id);\n" + mark("r3"))
                .directory()
                .toString();
    }

    private void add(String name, String scripts, String from, MigratorBuilder builder, Story.Telling telling) {
        if (!wanted.isEmpty() && !wanted.contains(name)) {
            return;
        }
        TestDatabase template = server.database();
        template.execute(JOURNAL, TRIES, "CREATE SCHEMA shop");
        if (from != null) {
            Convergence.requireDone(name, builder(scripts).build().upgrade(template.superuser(), from));
        }
        Convergence.awaitNobody(template);
        stories.add(new Story(name, Path.of(scripts), template, builder, telling));
    }

    private static MigratorBuilder builder(String scripts) {
        return AutoMigrator.configure().scripts(scripts).leavePermissionsAlone();
    }

    private static MigratorBuilder open(String scripts) {
        return AutoMigrator.configure().scripts(scripts).applicationRole(ROLE).schema("shop");
    }

    private Scripts folder(String name) {
        try {
            return new Scripts(Files.createDirectory(directory.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stories.forEach(Story::close);
    }
}
