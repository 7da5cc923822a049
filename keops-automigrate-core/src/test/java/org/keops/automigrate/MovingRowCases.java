package org.keops.automigrate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The histories that {@link MovingRowTest} compares, a chain of {@link #REVISIONS} each: what scripts do, or somebody has made before
 * them, that may see a version row, and how often the row has to move for it.
 */
final class MovingRowCases {
    static final int REVISIONS = 120;
    static final int MIDDLE = 60;

    /** Of the revisions from 1 on, but for the last, which counts. */
    static final int EACH = REVISIONS - 2;

    /** Over the revisions that wait for the answers to what was sent, and before the one that counts. */
    static final int LEAST = 3;

    static final String NOW = "INSERT INTO trace SELECT version_num FROM alembic_version;";

    /** No text has the name. */
    static final String HIDDEN =
            "EXECUTE 'INSERT INTO trace SELECT version_num FROM alembic_' || 'version ORDER BY 1';";

    private static final String FUNCTION =
            "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + HIDDEN + " RETURN NULL; END $$";
    private static final String TRIGGER = "CREATE TRIGGER look AFTER INSERT ON watched EXECUTE FUNCTION look()";
    static final String TABLE =
            "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)";

    static final int FAILS = -1;

    private MovingRowCases() {}

    /**
     * A history, and what is there before it.
     *
     * @param what its name
     * @param before what the owner of the database makes before; with a version table it is at the first revision
     * @param bodies what some of the scripts are, by their numbers
     * @param moves how often the row moves, not counting where each statement travels alone
     */
    record Case(String what, List<String> before, Map<Integer, String> bodies, int moves) {
        static Case of(String what, int moves, Object... bodies) {
            Map<Integer, String> all = new TreeMap<>();
            for (int i = 0; i < bodies.length; i += 2) {
                all.put((Integer) bodies[i], (String) bodies[i + 1]);
            }
            return new Case(what, List.of(), all, moves);
        }

        Case behind(String... made) {
            return new Case(what, List.of(made), bodies, moves);
        }

        boolean isVersioned() {
            return before.stream().anyMatch(made -> made.matches("(?s)CREATE (FOREIGN )?TABLE alembic_version.*"));
        }

        @Override
        public String toString() {
            return what;
        }
    }

    /** How often it moves if it does so over each revision from this one on. */
    static int from(int revision) {
        return LEAST - 1 + 1 + EACH - revision + 1;
    }

    static Stream<Case> whatTheScriptsDo() {
        int once = LEAST + 2; // before that script, and at once behind it
        int fromThere = from(MIDDLE);
        int fromThirty = from(30);
        return Stream.of(
                Case.of("nothing", LEAST),
                Case.of("SELECT", fromThere, MIDDLE, NOW),
                Case.of("other case", fromThere, MIDDLE, NOW.replace("alembic_", "public.ALEMBIC_")),
                Case.of("escapes", fromThere, MIDDLE, NOW.replace("alembic_version", "U&\"alembic\\005Fversion\"")),
                Case.of("DO", fromThere, MIDDLE, "DO $$ BEGIN " + HIDDEN + " END $$;"),
                Case.of("a setting", once, MIDDLE, "SET search_path = public;"),
                Case.of("no statement", once, MIDDLE, "-- nothing"),
                Case.of(
                        "a view",
                        fromThirty,
                        30,
                        "CREATE VIEW v AS SELECT version_num FROM alembic_version;",
                        MIDDLE,
                        "INSERT INTO trace SELECT version_num FROM v;"),
                Case.of(
                        "a trigger",
                        fromThirty,
                        30,
                        FUNCTION + ";\n" + TRIGGER + ";",
                        MIDDLE,
                        "INSERT INTO watched VALUES (1);"),
                Case.of(
                        "a rule",
                        fromThirty,
                        30,
                        "CREATE RULE r AS ON INSERT TO watched DO ALSO " + NOW,
                        MIDDLE,
                        "INSERT INTO watched VALUES (1);"),
                Case.of(
                        "a prepared statement",
                        fromThirty,
                        30,
                        "PREPARE p AS SELECT version_num FROM alembic_version;",
                        MIDDLE,
                        "CREATE TABLE taken AS EXECUTE p; INSERT INTO trace SELECT version_num FROM taken;"),
                Case.of(
                        "a statement prepared before",
                        EACH,
                        0,
                        "CREATE TABLE t0 (i int); PREPARE p AS SELECT version_num FROM alembic_version;",
                        MIDDLE,
                        "CREATE TABLE taken AS EXECUTE p; INSERT INTO trace SELECT version_num FROM taken;"),
                Case.of(
                        "a function that runs a text",
                        fromThere,
                        MIDDLE,
                        "INSERT INTO trace SELECT word FROM ts_stat('SELECT to_tsvector(''simple'', version_num)"
                                + " FROM alembic_' || 'version');"),
                Case.of(
                        "a default that runs a text",
                        fromThirty,
                        30,
                        """
                        CREATE TABLE d (i int, q tsquery DEFAULT ts_rewrite('x', 'SELECT ''x''::tsquery,
                        plainto_tsquery(''simple'', version_num) FROM alembic_' || 'version'));
                        """,
                        MIDDLE,
                        "INSERT INTO d VALUES (1); INSERT INTO trace SELECT q::text FROM d;"),
                Case.of(
                        "a view that runs a text",
                        fromThirty,
                        30,
                        "CREATE VIEW v AS SELECT query_to_xml('SELECT version_num FROM alembic_' || 'version', true, true, '') x;",
                        MIDDLE,
                        "INSERT INTO trace SELECT x::text FROM v;"),
                Case.of("a savepoint", FAILS, 30, "SAVEPOINT s;", MIDDLE, "ROLLBACK TO s;"),
                Case.of("read only", FAILS, MIDDLE, "SET TRANSACTION READ ONLY;"),
                Case.of(
                        "read only by the catalog",
                        FAILS,
                        MIDDLE,
                        "UPDATE pg_settings SET setting = 'on' WHERE name = 'transaction_read_only';"),
                Case.of(
                        "a privilege that comes back",
                        FAILS,
                        MIDDLE,
                        "REVOKE UPDATE ON ALL TABLES IN SCHEMA public FROM CURRENT_USER;",
                        80,
                        "GRANT UPDATE ON ALL TABLES IN SCHEMA public TO CURRENT_USER;"),
                Case.of(
                        "a role",
                        once,
                        MIDDLE,
                        "SET ROLE pg_monitor; RESET ROLE; SELECT set_config('role', 'pg_monitor', false);"),
                Case.of(
                        "a role behind a blind command",
                        fromThere,
                        MIDDLE,
                        "INSERT INTO trace SELECT set_config('role', 'none', false); SELECT 1;"),
                Case.of("a table that goes", FAILS, MIDDLE, "DROP SCHEMA public CASCADE;"),
                Case.of("a failure", FAILS, MIDDLE, "INSERT INTO nosuch VALUES (1);"),
                Case.of("a failure at the end", FAILS, REVISIONS - 1, "SELECT 1/0;"));
    }

    static Stream<Case> whatIsThere() {
        String first = "INSERT INTO alembic_version VALUES ('r000')";
        String room = TABLE.replace("(32)", "(10)");
        return Stream.of(
                Case.of("Alembic's table", LEAST).behind(TABLE, first),
                Case.of("Alembic's table without a key", LEAST).behind(TABLE.replaceAll(" CONSTRAINT.*KEY", ""), first),
                Case.of("a view", EACH, MIDDLE, "INSERT INTO trace SELECT version_num FROM v;")
                        .behind(TABLE, first, "CREATE VIEW v AS SELECT version_num FROM alembic_version"),
                Case.of("a trigger", EACH)
                        .behind(
                                TABLE,
                                first,
                                """
                                CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS
                                $$ BEGIN INSERT INTO trace VALUES (NEW.version_num); RETURN NULL; END $$
                                """,
                                "CREATE TRIGGER log AFTER UPDATE ON alembic_version FOR EACH ROW EXECUTE FUNCTION log()"),
                Case.of("a trigger of the server's", EACH)
                        .behind(
                                TABLE,
                                first,
                                "CREATE TRIGGER log BEFORE UPDATE ON alembic_version FOR EACH ROW"
                                        + " EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
                Case.of("a rule", EACH)
                        .behind(
                                TABLE,
                                first,
                                "CREATE RULE log AS ON UPDATE TO alembic_version DO ALSO"
                                        + " INSERT INTO trace VALUES (NEW.version_num)"),
                Case.of("a policy", FAILS)
                        .behind(
                                TABLE,
                                first,
                                "ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                                "CREATE POLICY p ON alembic_version USING (true) WITH CHECK (version_num <> 'r060')"),
                Case.of("a policy of another table", EACH, MIDDLE, "INSERT INTO watched VALUES (1);")
                        .behind(
                                TABLE,
                                first,
                                "ALTER TABLE watched ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                                "CREATE POLICY p ON watched WITH CHECK"
                                        + " (EXISTS (SELECT FROM alembic_version WHERE version_num = 'r059'))"),
                Case.of("a check", FAILS)
                        .behind(TABLE, first, "ALTER TABLE alembic_version ADD CHECK (version_num <> 'r060')"),
                Case.of("a foreign key", FAILS)
                        .behind(
                                TABLE,
                                first,
                                "CREATE TABLE recorded (v varchar(32) REFERENCES alembic_version)",
                                "INSERT INTO recorded VALUES ('r000')"),
                Case.of("a table above", EACH, MIDDLE, "INSERT INTO trace SELECT version_num FROM above;")
                        .behind(
                                "CREATE TABLE above (version_num varchar(32) NOT NULL)",
                                TABLE,
                                first,
                                "ALTER TABLE alembic_version INHERIT above"),
                Case.of("little room", FAILS).behind(room, first),
                Case.of("a domain", FAILS)
                        .behind(
                                "CREATE DOMAIN version AS varchar(32) CHECK (VALUE <> 'r060')",
                                TABLE.replace("varchar(32)", "version"),
                                first),
                Case.of("a typed table", EACH, MIDDLE, "ALTER TYPE kind ADD ATTRIBUTE more int CASCADE;")
                        .behind(
                                "CREATE TYPE kind AS (version_num varchar(32))",
                                "CREATE TABLE alembic_version OF kind (PRIMARY KEY (version_num))",
                                first),
                Case.of("a default that looks", EACH, MIDDLE, "INSERT INTO watched VALUES (1);")
                        .behind(
                                "CREATE FUNCTION look() RETURNS int LANGUAGE plpgsql AS $$ BEGIN " + HIDDEN
                                        + " RETURN 1; END $$",
                                "ALTER TABLE watched ADD COLUMN more int DEFAULT look()"),
                Case.of("a function that looks", EACH, MIDDLE, "INSERT INTO watched VALUES (1);")
                        .behind(FUNCTION, TRIGGER));
    }

    static Stream<Case> whatASuperuserMakes() {
        return Stream.of(
                Case.of(
                        "an event trigger",
                        from(30),
                        30,
                        """
                        CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN %s END $$;
                        CREATE EVENT TRIGGER look ON ddl_command_end EXECUTE FUNCTION look();
                        """.formatted(HIDDEN),
                        REVISIONS - 2,
                        "DROP EVENT TRIGGER look;"),
                Case.of("an event trigger that is there", EACH)
                        .behind(
                                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                                "INSERT INTO alembic_version VALUES ('r000')",
                                "CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN " + HIDDEN
                                        + " END $$",
                                "CREATE EVENT TRIGGER look ON ddl_command_end EXECUTE FUNCTION look()"),
                Case.of("a trigger function in C", EACH)
                        .behind("CREATE FUNCTION c() RETURNS trigger LANGUAGE c"
                                + " AS '$libdir/plpgsql', 'plpgsql_call_handler'"),
                Case.of("a trigger function in C beside another type of that name", EACH)
                        .behind(
                                "CREATE FUNCTION c() RETURNS trigger LANGUAGE c"
                                        + " AS '$libdir/plpgsql', 'plpgsql_call_handler'",
                                "CREATE TABLE public.trigger (i int)",
                                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog',"
                                        + " current_database()); END $$"),
                Case.of("another function in C", LEAST)
                        .behind("CREATE FUNCTION c() RETURNS int LANGUAGE c"
                                + " AS '$libdir/plpgsql', 'plpgsql_call_handler'"),
                Case.of("a foreign table", EACH, REVISIONS - 1, "INSERT INTO counted VALUES (" + EACH + ");")
                        .behind(
                                "CREATE EXTENSION postgres_fdw",
                                "CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw",
                                "DO $$ BEGIN EXECUTE format('ALTER SERVER here OPTIONS (ADD host %L, ADD port %L, ADD dbname %L)',"
                                        + " 'localhost', current_setting('port'), current_database()); END $$",
                                "CREATE USER MAPPING FOR CURRENT_USER SERVER here OPTIONS (user ':user', password ':password')",
                                "CREATE SCHEMA there",
                                "CREATE TABLE there.v (version_num varchar(32))",
                                "INSERT INTO there.v VALUES ('r000')",
                                "CREATE RULE log AS ON UPDATE TO there.v DO ALSO INSERT INTO trace VALUES (NEW.version_num)",
                                "CREATE FOREIGN TABLE alembic_version (version_num varchar(32)) SERVER here"
                                        + " OPTIONS (schema_name 'there', table_name 'v')"),
                Case.of("a publication", EACH)
                        .behind(
                                "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
                                "INSERT INTO alembic_version VALUES ('r000')",
                                "CREATE PUBLICATION p FOR TABLE alembic_version"));
    }
}
