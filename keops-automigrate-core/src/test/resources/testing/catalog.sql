-- What migrations can change, as lines of text: the catalog of all schemas but PostgreSQL's own, then of each table the
-- number of its rows with an MD5 over them. One statement, one column; the same lines on every PostgreSQL from 13 to 18 (so
-- no NOT NULL constraint is named, no MAINTAIN privilege shown, and nothing said about owner and privileges of schema public).
--
-- Run it as a superuser, in UTF8, with a search_path that leads to public at most: then names are printed in full.
-- A moment after 2019 counts as "later", whichever it is: a script may write the current time.
-- Of functions the source is not shown; what else of them is shown replaces the marker among them: see Catalog.

WITH
privilege (name, letter) AS (VALUES
    ('INSERT', 'a'), ('SELECT', 'r'), ('UPDATE', 'w'), ('DELETE', 'd'), ('TRUNCATE', 'D'), ('REFERENCES', 'x'), ('TRIGGER', 't'),
    ('EXECUTE', 'X'), ('USAGE', 'U'), ('CREATE', 'C'), ('CONNECT', 'c'), ('TEMPORARY', 'T')),

namespace AS (
    SELECT oid, nspname AS name, nspowner AS owner, nspacl AS acl
      FROM pg_catalog.pg_namespace
     WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'),

relation AS (
    SELECT c.*, format('%I.%I', n.name, c.relname) AS name
      FROM pg_catalog.pg_class AS c
      JOIN namespace AS n ON n.oid = c.relnamespace),

attribute AS (
    SELECT a.*, r.name AS relation
      FROM pg_catalog.pg_attribute AS a
      JOIN relation AS r ON r.oid = a.attrelid
     WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND a.attnum > 0
       AND NOT a.attisdropped),

-- A line is its text, then owner and privileges if it has an owner, then what its query gives if it has one.
item (part, key, text, owner, acl, query) AS (

    SELECT 1, name, 'version', NULL::oid, NULL::aclitem[],
           format('SELECT string_agg(version_num, '' '' ORDER BY version_num COLLATE "C") AS x FROM %s', name)
      FROM relation
     WHERE relname = 'alembic_version' AND relkind IN ('r', 'p')

    UNION ALL
    SELECT 2, '', 'database', datdba, datacl, NULL
      FROM pg_catalog.pg_database
     WHERE datname = current_database()

    UNION ALL
    SELECT 3, name, format('schema %I', name), owner, acl, NULL
      FROM namespace
     WHERE name <> 'public'

    UNION ALL
    SELECT 4, t.typname, concat_ws(' ', format('type %I.%I', n.name, t.typname), 'kind ' || t.typtype::text,
                                   (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
                                      FROM pg_catalog.pg_enum AS e
                                     WHERE e.enumtypid = t.oid)),
           t.typowner, t.typacl, NULL
      FROM pg_catalog.pg_type AS t
      JOIN namespace AS n ON n.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
     WHERE t.typcategory <> 'A' AND (c.relkind IS NULL OR c.relkind = 'c')

    UNION ALL
    SELECT 5, name, concat_ws(' ', (ARRAY['table', 'table partitioned', 'view', 'view materialized', 'table foreign'])
                                       [strpos('rpvmf', relkind::text)], name,
                              'persistence ' || nullif(relpersistence::text, 'p'),
                              'replica identity ' || nullif(relreplident::text, 'd'),
                              reloptions::text,
                              CASE WHEN relrowsecurity THEN 'row security' END,
                              CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END),
           relowner, relacl, NULL
      FROM relation
     WHERE relkind IN ('r', 'p', 'v', 'm', 'f')

    UNION ALL
    SELECT 6, a.relation || lpad(a.attnum::text, 5),
           concat_ws(' ', 'column', a.attnum, format('%s.%I', a.relation, a.attname), format_type(a.atttypid, a.atttypmod),
                     CASE WHEN a.attnotnull THEN 'not null' END,
                     'default ' || pg_get_expr(d.adbin, d.adrelid),
                     'collation ' || nullif(a.attcollation, t.typcollation)::regcollation,
                     'identity ' || nullif(a.attidentity::text, ''),
                     'generated ' || nullif(a.attgenerated::text, ''),
                     'acl ' || a.attacl::text),
           NULL, NULL, NULL
      FROM attribute AS a
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum

    UNION ALL
    SELECT 7, r.name || c.conname, format('constraint %s %I %s', r.name, c.conname, pg_get_constraintdef(c.oid)), NULL, NULL, NULL
      FROM pg_catalog.pg_constraint AS c
      JOIN relation AS r ON r.oid = c.conrelid
     WHERE c.contype <> 'n'

    UNION ALL
    SELECT 8, r.name, pg_get_indexdef(r.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END, NULL, NULL, NULL
      FROM pg_catalog.pg_index AS i
      JOIN relation AS r ON r.oid = i.indexrelid

    UNION ALL
    SELECT 9, r.name, concat_ws(' ', 'sequence', r.name, format_type(s.seqtypid, NULL),
                                format('%s..%s start %s by %s cache %s', s.seqmin, s.seqmax, s.seqstart, s.seqincrement,
                                       s.seqcache),
                                CASE WHEN s.seqcycle THEN 'cycle' END,
                                'of ' || (SELECT format('%s.%I', a.relation, a.attname)
                                            FROM pg_catalog.pg_depend AS d
                                            JOIN attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                                           WHERE d.classid = 'pg_catalog.pg_class'::regclass
                                             AND d.objid = r.oid
                                             AND d.deptype IN ('a', 'i'))),
           r.relowner, r.relacl,
           format('SELECT ''last '' || last_value || '' called '' || is_called AS x FROM %s', r.name)
      FROM pg_catalog.pg_sequence AS s
      JOIN relation AS r ON r.oid = s.seqrelid

    UNION ALL
    SELECT 10, r.name || t.tgname, pg_get_triggerdef(t.oid), NULL, NULL, NULL
      FROM pg_catalog.pg_trigger AS t
      JOIN relation AS r ON r.oid = t.tgrelid
     WHERE NOT t.tgisinternal

    UNION ALL
    SELECT 11, p.proname,
           concat_ws(' ', format('function %I.%I(%s)', n.name, p.proname, pg_get_function_arguments(p.oid)),
                     'kind ' || p.prokind::text, 'returns ' || pg_get_function_result(p.oid), 'language ' || l.lanname,
                     'volatile ' || p.provolatile::text, 'parallel ' || p.proparallel::text, 'cost ' || p.procost,
                     CASE WHEN p.proisstrict THEN 'strict' END, CASE WHEN p.prosecdef THEN 'security definer' END,
                     p.proconfig::text),
           p.proowner, p.proacl,
           :of_functions
      FROM pg_catalog.pg_proc AS p
      JOIN namespace AS n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang

    UNION ALL
    SELECT 12, d.dictname, format('text search dictionary %I.%I template %s options %s', n.name, d.dictname,
                                  (SELECT format('%s.%s', tmplnamespace::regnamespace, tmplname)
                                     FROM pg_catalog.pg_ts_template WHERE oid = d.dicttemplate),
                                  coalesce(d.dictinitoption, 'none')),
           d.dictowner, NULL, NULL
      FROM pg_catalog.pg_ts_dict AS d
      JOIN namespace AS n ON n.oid = d.dictnamespace

    UNION ALL
    SELECT 13, c.cfgname, format('text search configuration %I.%I', n.name, c.cfgname), c.cfgowner, NULL, NULL
      FROM pg_catalog.pg_ts_config AS c
      JOIN namespace AS n ON n.oid = c.cfgnamespace

    UNION ALL
    SELECT 14, d.defaclobjtype::text, format('default privileges in %s on %s',
                                             coalesce((SELECT quote_ident(n.name) FROM namespace AS n
                                                        WHERE n.oid = d.defaclnamespace), 'all schemas'),
                                             (ARRAY['tables', 'sequences', 'functions', 'types', 'schemas', 'large objects'])
                                                 [strpos('rSfTnL', d.defaclobjtype::text)]),
           d.defaclrole, d.defaclacl, NULL
      FROM pg_catalog.pg_default_acl AS d

    UNION ALL
    SELECT 15, r.name, 'rows ' || r.name, NULL, NULL,
           format($$
               SELECT count(*) || ' ' || md5(coalesce(string_agg(line, ' ' ORDER BY line COLLATE "C"), '')) AS x
                 FROM (SELECT concat_ws(' ', %s) AS line FROM %s) AS _
               $$,
               (SELECT string_agg(format(CASE WHEN a.atttypid = 'timestamp'::regtype THEN $$
                                             quote_nullable(CASE WHEN %1$I < timestamp '2020-01-01'
                                                                 THEN to_char(%1$I, 'YYYY-MM-DD HH24:MI:SS.US')
                                                                 WHEN %1$I IS NOT NULL THEN 'later' END)
                                         $$ ELSE 'quote_nullable(%1$I::text)' END, a.attname), ', ' ORDER BY a.attnum)
                  FROM attribute AS a
                 WHERE a.attrelid = r.oid),
               r.name)
      FROM relation AS r
     WHERE r.relkind IN ('r', 'p', 'm'))

SELECT concat_ws(' ', text,
                 'owner ' || owner::regrole || ' acl ' || CASE WHEN acl IS NULL THEN 'default' ELSE (
                     SELECT coalesce(string_agg(grantee, ' ' ORDER BY grantee COLLATE "C"), 'none')
                       FROM (SELECT format('%s=%s/%s', nullif(a.grantee, 0)::regrole,
                                           string_agg(p.letter || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ''
                                                      ORDER BY p.letter COLLATE "C"),
                                           a.grantor::regrole) AS grantee
                               FROM aclexplode(acl) AS a
                               JOIN privilege AS p ON p.name = a.privilege_type
                              GROUP BY a.grantee, a.grantor) AS _) END,
                 -- The way to run a query whose text is only known now: its result as XML, and of that the one value x.
                 substring(query_to_xml(query, false, true, '')::text FROM '<x>(.*)</x>')) AS line
  FROM item
 ORDER BY part, key COLLATE "C", text COLLATE "C";
