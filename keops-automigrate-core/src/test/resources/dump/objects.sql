-- Every kind of object that a dump may hold (large objects apart), with names and data that are hard to read back.
CREATE SCHEMA "Odd ""Schema; -- ";
COMMENT ON SCHEMA "Odd ""Schema; -- " IS $$it's a \. comment; with "quotes", /* and
-- downgrades of lines$$;
SET search_path = "Odd ""Schema; -- ", public;

CREATE DOMAIN positive AS int DEFAULT 1 CONSTRAINT "is; positive" CHECK (VALUE > 0);
CREATE DOMAIN label AS text COLLATE "C" NOT NULL CHECK (VALUE ~ '^[^;\\]*$');
CREATE TYPE mood AS ENUM ('so;so', 'it''s fine', E'back\\slash', 'ünïcode 𝒜');
CREATE TYPE pair AS (a int, "b; c" text);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE TYPE shell;
CREATE SEQUENCE odd_numbers AS smallint START 7 INCREMENT -2 MINVALUE -9 MAXVALUE 9 CYCLE;

CREATE TABLE hostile (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY,
    "say ""hi""; " text DEFAULT 'a;b''c\d' || E'\n',
    doubled text GENERATED ALWAYS AS ("say ""hi""; " || ';') STORED,
    bytes bytea,
    numbers int[][],
    texts text[],
    spans int4range,
    spread span,
    feeling mood DEFAULT 'it''s fine',
    both_parts pair,
    amount positive,
    document jsonb,
    page xml,
    money numeric(20, 5) DEFAULT -1,
    moment timestamptz DEFAULT '2019-09-18 08:38:49.937987+00',
    address inet,
    bits bit varying(9) DEFAULT B'0101',
    search tsvector
);
COMMENT ON COLUMN hostile."say ""hi""; " IS E'tab\tand \\. and\r\nline';
INSERT INTO hostile ("say ""hi""; ", bytes, numbers, texts, spans, spread, both_parts, amount, document, address, search)
VALUES
    (E'tab\there', '\x00ff5c2e0a', '{{1,2},{3,4}}', ARRAY['a,b', 'c"d', E'e\\f', NULL, ''], '[1,5)', '[0.5,2]', (1, 'x;y'), 3, '{"a": "\\ ;"}', '::1', 'a b'),
    (E'\\.', NULL, NULL, '{}', 'empty', NULL, NULL, NULL, 'null', '10.0.0.0/8', NULL),
    ('\N', '', '{}', ARRAY['\.'], '(,)', '(,0)', (NULL, NULL), 1, '[]', NULL, ''),
    ('', '\x27', NULL, NULL, NULL, NULL, (2, ''), NULL, '"\u00e9"', NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (E'one\r\ntwo\rthree\nfour\v\f\b', '\x5c5c', NULL, ARRAY[E'\n\\.\n'], NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('''; DROP TABLE hostile; --', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('$$ $a$ $1 ${x} :name ? ?? {fn x} /* "', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (E'\n-- downgrade\nCOPY t FROM STDIN;\n\\connect x\n', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('ünïcode 𝒜 漢字 ' || chr(1) || chr(127) || chr(65279), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (repeat('a large text; ''', 20000), decode(repeat('00ff0a5c', 20000), 'hex'), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE nothing ();
CREATE UNLOGGED TABLE passing (LIKE hostile INCLUDING DEFAULTS);
CREATE TABLE child (extra int CHECK (extra <> 0) NO INHERIT) INHERITS (hostile);
CREATE TABLE referring (
    id serial PRIMARY KEY,
    refers bigint REFERENCES hostile ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    at int4range,
    EXCLUDE USING gist (at WITH &&)
);
ALTER TABLE referring ADD CONSTRAINT unproven CHECK (id > 0) NOT VALID;

CREATE TABLE parted (day date NOT NULL, part text, n int) PARTITION BY RANGE (day);
CREATE TABLE parted_2019 PARTITION OF parted FOR VALUES FROM ('2019-01-01') TO ('2020-01-01') PARTITION BY LIST (part);
CREATE TABLE "parted; a" PARTITION OF parted_2019 FOR VALUES IN ('a;', 'it''s');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
CREATE INDEX ON parted (n);
INSERT INTO parted VALUES ('2019-09-18', 'a;', 1), ('2019-09-19', 'it''s', 2), ('2021-01-01', NULL, 3);

CREATE UNIQUE INDEX "index; --" ON hostile (lower("say ""hi""; ") DESC NULLS LAST) INCLUDE (amount) WHERE amount > 0;
CREATE STATISTICS related (dependencies, ndistinct) ON amount, money FROM hostile;
ALTER INDEX "index; --" SET (fillfactor = 70);
ALTER TABLE hostile REPLICA IDENTITY FULL;
ALTER TABLE hostile ALTER COLUMN bytes SET STORAGE EXTERNAL;
CLUSTER referring USING referring_pkey;

CREATE FUNCTION body_in_quotes(a text DEFAULT ';''', VARIADIC b int[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql
    SET search_path = 'a;b', "c""d" AS $_$
BEGIN
    -- downgrade
    RETURN $$;$$ || $1 || '/*' || E'\\';
END; $_$;
CREATE FUNCTION begins_end() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    NEW."say ""hi""; " := CASE WHEN NEW.amount > 1 THEN ''more'' ELSE NEW."say ""hi""; " END;
    RETURN NEW;
END';
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE PROCEDURE proceeds(INOUT a int) LANGUAGE sql AS $a$ SELECT $1 + 1; $a$;
CREATE FUNCTION added(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 - $2';
CREATE OPERATOR @-@ (LEFTARG = int, RIGHTARG = int, FUNCTION = added);
CREATE AGGREGATE total(int) (SFUNC = added, STYPE = int, INITCOND = '-1');
CREATE FUNCTION pair_text(pair) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT ($1).a::text || ';' $$;
CREATE CAST (pair AS text) WITH FUNCTION pair_text(pair) AS ASSIGNMENT;
CREATE COLLATION odd (PROVIDER = libc, LOCALE = 'C');
CREATE CONVERSION odd_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY odd_words (TEMPLATE = simple, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION odd_search (COPY = simple);
DO $atomic$
BEGIN
    IF current_setting('server_version_num')::int >= 140000 THEN -- the syntax is of 14
        EXECUTE $$
            CREATE FUNCTION atomic(x int) RETURNS SETOF int LANGUAGE sql
            BEGIN ATOMIC
                SELECT CASE WHEN x > 1 THEN CASE x WHEN 2 THEN 20 ELSE 0 END ELSE 1 END;
                SELECT 1 AS "end" UNION ALL SELECT (CASE WHEN true THEN 2 END);
            END;
            CREATE PROCEDURE atomic_too() BEGIN ATOMIC DELETE FROM nothing; INSERT INTO parted VALUES ('2019-01-01', ';'); END
        $$;
    END IF;
END
$atomic$;

CREATE VIEW seen WITH (security_barrier) AS SELECT id, ';''--' AS "x; y" FROM hostile WHERE amount > 0 WITH CHECK OPTION;
CREATE MATERIALIZED VIEW stored AS SELECT n, CASE WHEN n > 1 THEN 'a;' ELSE E'\\' END AS c FROM parted WITH DATA;
CREATE UNIQUE INDEX ON stored (n);
CREATE RULE two_things AS ON INSERT TO seen DO INSTEAD (INSERT INTO nothing DEFAULT VALUES; NOTIFY "odd; channel");
CREATE RULE aside AS ON UPDATE TO parted WHERE old.n > 5 DO ALSO (DELETE FROM nothing; SELECT ';');
CREATE TRIGGER "before; it" BEFORE INSERT OR UPDATE OF amount ON hostile FOR EACH ROW
    WHEN (NEW.amount IS DISTINCT FROM 7) EXECUTE FUNCTION begins_end('a;', E'\\');
ALTER TABLE hostile DISABLE TRIGGER "before; it";
CREATE EVENT TRIGGER noticing ON ddl_command_end WHEN tag IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION noticed();
CREATE POLICY "only; mine" ON hostile AS RESTRICTIVE FOR UPDATE USING ("say ""hi""; " = 'a;') WITH CHECK (amount > 0);
ALTER TABLE hostile ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION everything FOR TABLE hostile, parted WITH (publish = 'insert, update');
CREATE FOREIGN DATA WRAPPER odd_wrapper OPTIONS (a ';''', b E'\\');
CREATE SERVER odd_server FOREIGN DATA WRAPPER odd_wrapper OPTIONS (c 'd;');
CREATE FOREIGN TABLE far_away (a int OPTIONS (e 'f;')) SERVER odd_server;
CREATE USER MAPPING FOR PUBLIC SERVER odd_server OPTIONS (g 'h''');

GRANT SELECT (id), UPDATE ON hostile TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA "Odd ""Schema; -- " GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
REVOKE ALL ON FUNCTION body_in_quotes FROM PUBLIC;
SELECT setval('odd_numbers', 5, false);
RESET search_path;
