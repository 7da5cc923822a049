package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.testing.TestDatabase;

/**
 * A catalog of every kind of object, made at random: owners, names that need quoting, partitions, identity, foreign tables,
 * domains, row-level security, default privileges, privileges that PUBLIC has lost, privileges that are there already. For
 * each object, it knows statements that only somebody with the privileges can execute. The same seed makes the same catalog.
 */
final class RandomCatalog {
    /** Names as people write them, and as people should not. */
    private static final List<String> ODD = List.of(
            "plain",
            "We\"ird",
            "with space",
            "Camel",
            "sémi;colon",
            "quo'te",
            "$1",
            "a.b",
            "select",
            "back\\slash",
            "表",
            "%s",
            "x".repeat(58));

    private final Random random;
    private final TestDatabase database;
    private final String role;
    private final List<String> owners;
    private final int version;
    private final List<Maker> kinds = new ArrayList<>();
    private final Map<String, Use> uses = new LinkedHashMap<>();
    private int number;

    RandomCatalog(long seed, TestDatabase database, String role, List<String> owners) {
        this.random = new Random(seed);
        this.database = database;
        this.role = SqlNames.identifier(role);
        this.owners = owners;
        this.version =
                Integer.parseInt(database.query("SHOW server_version_num").get(0)) / 10_000;
        kinds.addAll(List.of(
                this::table,
                this::table,
                this::partitioned,
                this::identity,
                this::foreignTable,
                this::view,
                this::materializedView,
                this::sequence,
                this::function,
                this::windowFunction,
                this::aggregate,
                this::orderedSetAggregate,
                this::procedures,
                this::type,
                this::baseType,
                this::rowType,
                this::secured));
    }

    /**
     * What the role is to execute.
     *
     * @param kind the kind of object
     * @param read a statement for whoever reads
     * @param write a statement for whoever writes, too
     */
    record Use(ObjectKind kind, String read, @Nullable String write) {}

    /** Adds to the statements what makes an object. */
    private interface Maker {
        void make(List<String> sql, String schema, String bare);
    }

    /** By the object's name as findings write it. */
    Map<String, Use> uses() {
        return uses;
    }

    /** Makes at least one object of each kind in each schema. */
    void fill(List<String> schemas, int objects) {
        List<String> sql = new ArrayList<>(List.of(
                "CREATE EXTENSION file_fdw",
                "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
                "SELECT lo_create(0)"));
        for (String schema : schemas) {
            String quoted = SqlNames.identifier(schema);
            sql.add("CREATE SCHEMA " + quoted + " AUTHORIZATION " + SqlNames.identifier(owners.get(0)));
            owners.forEach(
                    owner -> sql.add("GRANT USAGE, CREATE ON SCHEMA " + quoted + " TO " + SqlNames.identifier(owner)));
            sql.add("GRANT USAGE ON SCHEMA " + quoted + " TO perm_granter");
            maybe(sql, "GRANT USAGE ON SCHEMA " + quoted + " TO PUBLIC");
            for (int i = 0; i < objects; i++) {
                Maker kind = i < kinds.size() ? kinds.get(i) : oneOf(kinds);
                defaultPrivileges(sql, quoted);
                sql.add("SET ROLE " + SqlNames.identifier(oneOf(owners)));
                kind.make(sql, schema, oneOf(ODD) + (1000 + ++number));
                sql.add("RESET ROLE");
            }
        }
        database.execute(sql.toArray(new String[0]));
    }

    /** Those of the whole database and those of a schema, of one creator or the other. */
    private void defaultPrivileges(List<String> sql, String schema) {
        String owner = SqlNames.identifier(oneOf(owners));
        String change = "ALTER DEFAULT PRIVILEGES FOR ROLE " + owner;
        switch (random.nextInt(12)) {
            case 0 -> sql.add(change + " REVOKE ALL ON FUNCTIONS FROM PUBLIC");
            case 1 -> sql.add(change + " REVOKE ALL ON TYPES FROM PUBLIC");
            case 2 -> sql.add(change + " IN SCHEMA " + schema + " GRANT SELECT ON TABLES TO " + role);
            case 3 -> sql.add(change + " GRANT ALL ON SEQUENCES TO PUBLIC");
            case 4 -> sql.add(change + " GRANT INSERT ON TABLES TO perm_inheriting, perm_not_inheriting");
            default -> {}
        }
    }

    private void table(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE " + (random.nextBoolean() ? "" : "UNLOGGED ") + "TABLE " + name
                + " (gone int, id serial PRIMARY KEY, \"a b\" text, c int)");
        sql.add("ALTER TABLE " + name + " DROP COLUMN gone");
        maybe(sql, "GRANT SELECT (id, c), UPDATE (\"a b\") ON " + name + " TO " + role);
        maybe(sql, "GRANT SELECT, DELETE ON " + name + " TO " + role);
        maybe(sql, "GRANT INSERT ON " + name + " TO PUBLIC");
        maybe(sql, "GRANT ALL ON " + name + " TO perm_inheriting, perm_not_inheriting");
        if (random.nextBoolean()) {
            sql.add("GRANT SELECT ON " + name + " TO perm_granter WITH GRANT OPTION");
            sql.addAll(List.of("RESET ROLE", "SET ROLE perm_granter", "GRANT SELECT ON " + name + " TO " + role));
        }
        if (random.nextInt(4) == 0) {
            sql.add("RESET ROLE");
            sql.add("ALTER TABLE " + name + " OWNER TO " + role);
        }
        use(
                ObjectKind.TABLE,
                name,
                "SELECT * FROM " + name,
                "INSERT INTO " + name + " (\"a b\") SELECT max(\"a b\") FROM " + name + " HAVING true");
    }

    private void partitioned(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        String part = SqlNames.identifier(schema, bare + "p");
        String sub = SqlNames.identifier(schema, bare + "s");
        sql.add("CREATE TABLE " + name + " (id serial, at int DEFAULT 1) PARTITION BY RANGE (at)");
        sql.add("CREATE TABLE " + part + " PARTITION OF " + name
                + " FOR VALUES FROM (0) TO (9) PARTITION BY LIST (at)");
        sql.add("CREATE TABLE " + sub + " PARTITION OF " + part + " FOR VALUES IN (1)");
        for (String table : List.of(name, part, sub)) {
            use(ObjectKind.TABLE, table, "SELECT * FROM " + table, "DELETE FROM " + table);
        }
    }

    private void identity(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE TABLE " + name + " (id int GENERATED BY DEFAULT AS IDENTITY, b int)");
        use(ObjectKind.TABLE, name, "SELECT * FROM " + name, "UPDATE " + name + " SET b = 1");
    }

    private void foreignTable(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("RESET ROLE");
        sql.add("CREATE FOREIGN TABLE " + name + " (a text) SERVER files OPTIONS (filename '/dev/null')");
        sql.add("ALTER FOREIGN TABLE " + name + " OWNER TO " + SqlNames.identifier(oneOf(owners)));
        use(ObjectKind.TABLE, name, "SELECT * FROM " + name, null);
    }

    private void view(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        String table = SqlNames.identifier(schema, bare + "t");
        String option = switch (random.nextInt(3)) {
            case 0 -> version < 15 ? "" : " WITH (security_invoker)";
            case 1 -> " WITH (security_barrier)";
            default -> "";
        };
        sql.add("CREATE TABLE " + table + " (a int)");
        sql.add("CREATE VIEW " + name + option + " AS SELECT a FROM " + table);
        use(ObjectKind.TABLE, name, "SELECT * FROM " + name, "INSERT INTO " + name + " VALUES (1)");
    }

    private void materializedView(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE MATERIALIZED VIEW " + name + " AS SELECT 1 AS one");
        use(ObjectKind.MATERIALIZED_VIEW, name, "SELECT * FROM " + name, null);
    }

    private void sequence(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE SEQUENCE " + name);
        use(
                ObjectKind.SEQUENCE,
                name,
                "SELECT last_value FROM " + name,
                "SELECT nextval('" + name.replace("'", "''") + "')");
    }

    private void function(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE FUNCTION " + name + "(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1'");
        sql.add("CREATE FUNCTION " + name + "(VARIADIC int[]) RETURNS int LANGUAGE sql AS 'SELECT 1'");
        maybe(sql, "REVOKE ALL ON FUNCTION " + name + "(int, text), " + name + "(int[]) FROM PUBLIC");
        use(ObjectKind.ROUTINE, name, "SELECT " + name + "(1, ''), " + name + "(1, 2, 3)", null);
    }

    private void windowFunction(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("RESET ROLE");
        sql.add("CREATE FUNCTION " + name + "() RETURNS bigint WINDOW LANGUAGE internal AS 'window_row_number'");
        sql.add("REVOKE ALL ON FUNCTION " + name + "() FROM PUBLIC");
        sql.add("ALTER FUNCTION " + name + "() OWNER TO " + SqlNames.identifier(oneOf(owners)));
        use(ObjectKind.ROUTINE, name, "SELECT " + name + "() OVER ()", null);
    }

    private void aggregate(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE AGGREGATE " + name + " (int) (SFUNC = int4pl, STYPE = int)");
        sql.add("CREATE AGGREGATE " + name + " (*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0')");
        maybe(sql, "REVOKE ALL ON FUNCTION " + name + "(int), " + name + "() FROM PUBLIC");
        use(ObjectKind.ROUTINE, name, "SELECT " + name + "(1), " + name + "(*)", null);
    }

    /** Its arguments are not written as those of others. */
    private void orderedSetAggregate(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("RESET ROLE");
        sql.add("CREATE AGGREGATE " + name + " (float8 ORDER BY anyelement) (SFUNC = ordered_set_transition,"
                + " STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA)");
        sql.add("ALTER ROUTINE " + name + "(float8, anyelement) OWNER TO " + SqlNames.identifier(oneOf(owners)));
        maybe(sql, "REVOKE ALL ON ROUTINE " + name + "(float8, anyelement) FROM PUBLIC");
        use(
                ObjectKind.ROUTINE,
                name,
                "SELECT " + name + "(0.5) WITHIN GROUP (ORDER BY x) FROM generate_series(1, 3) x",
                null);
    }

    /** Two that are told apart by the modes of their arguments only. */
    private void procedures(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        String out = version < 14 ? "(a text)" : "(a int, OUT b int)";
        sql.add("CREATE PROCEDURE " + name + out + " LANGUAGE sql AS 'SELECT 1'");
        sql.add("CREATE PROCEDURE " + name + "(x int, y int) LANGUAGE sql AS 'SELECT 1'");
        maybe(sql, "REVOKE ALL ON PROCEDURE " + name + "(IN int, IN int), " + name + out + " FROM PUBLIC");
        use(ObjectKind.ROUTINE, name, "CALL " + name + "(x => 1, y => 2)", null);
    }

    private void type(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        int kind = random.nextInt(4);
        if (kind == 0) {
            // its functions belong to the superuser, whatever the default privileges of others are
            sql.add("RESET ROLE");
        }
        sql.add(
                switch (kind) {
                    case 0 -> "CREATE TYPE " + name + " AS RANGE (SUBTYPE = int)";
                    case 1 -> "CREATE TYPE " + name + " AS ENUM ('a', 'b')";
                    case 2 -> "CREATE TYPE " + name + " AS (a int)";
                    default -> "CREATE DOMAIN " + name + " AS int CHECK (VALUE > 0)";
                });
        maybe(sql, "REVOKE ALL ON TYPE " + name + " FROM PUBLIC");
        use(ObjectKind.TYPE, name, "CREATE TEMP TABLE t" + number + " (a " + name + ", b " + name + "[])", null);
    }

    /** A shell nobody can use, and nothing can be granted on it. */
    private void baseType(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        String in = SqlNames.identifier(schema, bare + "i");
        String out = SqlNames.identifier(schema, bare + "o");
        sql.add("RESET ROLE");
        sql.add("CREATE TYPE " + SqlNames.identifier(schema, bare + "s"));
        sql.add("CREATE TYPE " + name);
        sql.add("CREATE FUNCTION " + in + "(cstring) RETURNS " + name
                + " IMMUTABLE STRICT LANGUAGE internal AS 'int4in'");
        sql.add("CREATE FUNCTION " + out + "(" + name
                + ") RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'int4out'");
        sql.add("CREATE TYPE " + name + " (INPUT = " + in + ", OUTPUT = " + out + ", LIKE = int4)");
        maybe(sql, "REVOKE ALL ON TYPE " + name + " FROM PUBLIC");
        use(ObjectKind.TYPE, name, "CREATE TEMP TABLE t" + number + " (a " + name + ", b " + name + "[])", null);
    }

    private void rowType(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE TABLE " + name + " (a int)");
        sql.add("REVOKE ALL ON TYPE " + name + " FROM PUBLIC");
        use(ObjectKind.TYPE, name, "CREATE TEMP TABLE t" + number + " (a " + name + ")", null);
    }

    private void secured(List<String> sql, String schema, String bare) {
        String name = SqlNames.identifier(schema, bare);
        sql.add("CREATE TABLE " + name + " (id int, own text)");
        sql.add("ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY");
        maybe(sql, "ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY");
        switch (random.nextInt(5)) {
            case 0 -> sql.add("CREATE POLICY p ON " + name + " USING (true)");
            case 1 -> sql.add("CREATE POLICY p ON " + name + " FOR SELECT USING (true)");
            case 2 -> sql.add("CREATE POLICY p ON " + name + " TO perm_inheriting USING (true)");
            case 3 -> sql.add("CREATE POLICY p ON " + name + " AS RESTRICTIVE USING (true)");
            default -> {}
        }
        use(ObjectKind.TABLE, name, "SELECT * FROM " + name, "INSERT INTO " + name + " VALUES (1, '')");
    }

    private void use(ObjectKind kind, String name, String read, @Nullable String write) {
        uses.put(name, new Use(kind, read, write));
    }

    private void maybe(List<String> sql, String statement) {
        if (random.nextBoolean()) {
            sql.add(statement);
        }
    }

    private <T> T oneOf(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }
}
