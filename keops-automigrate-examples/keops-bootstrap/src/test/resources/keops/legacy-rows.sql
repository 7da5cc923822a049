-- Rows for the database of legacy.sql: some users, projects, corpora, tasks, and a few hundred sentences and evaluations,
-- with everything in them that a revision treats in a way one would not expect. Always the same rows with the same ids.
--
-- Sentences have no capital letters but ASCII ones other than I, and no punctuation but ASCII, so that their text search
-- vectors are the same in every locale.

INSERT INTO keopsdb.users (name, email, role, password, active, creation_date)
SELECT CASE WHEN n <= 2 THEN 'Administrator ' WHEN n <= 6 THEN 'Manager ' ELSE 'Reviewer ' END || n,
       'user' || n || '@example.org',
       (CASE WHEN n <= 2 THEN 'ADMIN' WHEN n <= 6 THEN 'STAFF' ELSE 'USER' END)::keopsdb.role,
       '$2y$10$' || rpad(md5('user ' || n), 53, 'x'),
       n NOT IN (2, 6, 11, 17),
       timestamp '2019-07-02 08:15:00.25' + n * interval '31 hours 7 minutes'
  FROM generate_series(1, 20) AS n
 ORDER BY n;

INSERT INTO keopsdb.users (name, email, password, creation_date) VALUES
    (E'Quote \' and back\\slash', 'Mixed.Case@Example.ORG', 'no hash at all', '2019-08-01 00:00:00'),
    ('rêviewer ž 译', 'utf8@example.org', '', '2019-08-01 23:59:59.999999');

-- Leaves a gap in the ids.
DELETE FROM keopsdb.users WHERE email = 'user12@example.org';

INSERT INTO keopsdb.user_langs (user_id, lang_id)
SELECT u.id, l.id
  FROM keopsdb.users AS u
  JOIN keopsdb.langs AS l ON l.id IN (7, 1 + u.id % 29)
 WHERE u.role = 'USER'
 ORDER BY u.id, l.id;

INSERT INTO keopsdb.user_langs (user_id, lang_id) VALUES (1, NULL), (23, NULL);

INSERT INTO keopsdb.tokens (admin, token, email, date_sent, date_used)
SELECT 1 + n % 3,
       md5('token ' || n),
       CASE WHEN n % 2 = 0 THEN 'user' || n + 6 ELSE 'invited' || n END || '@example.org',
       timestamp '2019-07-01 10:00:00' + n * interval '5 hours',
       CASE WHEN n % 2 = 0 THEN timestamp '2019-07-02 12:00:00' + n * interval '5 hours 1 second' END
  FROM generate_series(1, 8) AS n
 ORDER BY n;

-- Revision f5ba8fc1c5da moves the languages to the tasks: those of projects 6 and 7, which have none, are lost.
INSERT INTO keopsdb.projects (owner, name, source_lang, target_lang, description, creation_date, active) VALUES
    (4, 'Regulations, Spanish',   7,  8, NULL,                    '2019-07-10 09:00:00', true),
    (4, 'Regulations, German',    7,  5, '',                      '2019-07-10 09:05:00', true),
    (5, 'Web pages, Finnish',     7, 10, 'Crawled in spring',     '2019-07-12 10:00:00', true),
    (5, 'Web pages, Bulgarian',   7,  1, repeat('long ', 100),    '2019-07-12 10:00:00', true),
    (6, 'Catalan into Catalan',   3,  3, 'One language twice',    '2019-08-02 16:20:00', false),
    (6, 'Never started',         12, 20, 'No task belongs to it', '2019-08-03 16:20:00', true),
    (1, 'Never started',         23, 22, NULL,                    '2019-08-03 16:20:00', false);

INSERT INTO keopsdb.corpora (name, source_lang, target_lang, lines, creation_date, active) VALUES
    ('regulations.en-es',  7,  8,   60, '2019-07-11 08:00:00', true),
    ('regulations.en-de',  7,  5,   60, '2019-07-11 08:00:01', true),
    ('web.en-fi',          7, 10,   60, '2019-07-13 08:00:00', true),
    ('web.en-bg',          7,  1,   60, '2019-07-13 08:00:00', true),
    ('awkward.ca-ca',      3,  3,   32, '2019-08-02 17:00:00', true),
    ('again.en-es',        7,  8,   12, '2019-08-02 17:00:00', true),
    ('reversed.es-en',     8,  7,   12, '2019-08-02 17:00:00', true),
    ('empty',             12, 20, NULL, '2019-08-04 11:11:11.111111', false);

INSERT INTO keopsdb.tasks (project_id, assigned_user, corpus_id, size, status, creation_date, assigned_date, completed_date)
SELECT 1 + n % 5,
       CASE WHEN n % 6 <> 0 THEN 8 + n % 4 END,
       CASE n WHEN 17 THEN 6 WHEN 18 THEN 7 ELSE 1 + n % 5 END,
       CASE WHEN n <> 16 THEN 20 END,
       (CASE WHEN n % 6 = 0 THEN 'PENDING' WHEN n % 3 = 1 THEN 'STARTED' ELSE 'DONE' END)::keopsdb.taskstatus,
       timestamp '2019-08-05 07:00:00' + n * interval '1 hour',
       CASE WHEN n % 6 <> 0 THEN timestamp '2019-08-06 07:00:00' + n * interval '1 hour' END,
       CASE WHEN n % 6 <> 0 AND n % 3 <> 1 THEN timestamp '2019-08-20 07:00:00' + n * interval '1 hour 13 seconds' END
  FROM generate_series(1, 18) AS n
 ORDER BY n;

-- Corpora 1 to 4: sixty translations each, no two alike.
INSERT INTO keopsdb.sentences (corpus_id, source_text, target_text)
SELECT c.id,
       format((ARRAY['Article %s of the regulation applies.',
                     'The committee met %s times last year.',
                     'Please read page %s before you sign.',
                     'Room %s has a view of the harbour.',
                     'See also https://example.org/docs/%s for details.'])[1 + n % 5], n),
       format((CASE c.id
               WHEN 1 THEN ARRAY['Se aplica el artículo %s del reglamento.',
                                 'El comité se reunió %s veces el año pasado.',
                                 'Lea la página %s antes de firmar.',
                                 'La habitación %s tiene vistas al puerto.',
                                 'Consulte https://example.org/docs/%s para más detalles.']
               WHEN 2 THEN ARRAY['Es gilt Artikel %s der Verordnung.',
                                 'Der Ausschuss tagte im letzten Jahr %s-mal.',
                                 'Bitte lesen Sie Seite %s, bevor Sie unterschreiben.',
                                 'Zimmer %s hat einen schönen Blick auf den großen Hafen.',
                                 'Siehe auch https://example.org/docs/%s, auf Deutsch.']
               WHEN 3 THEN ARRAY['Sovelletaan asetuksen %s artiklaa.',
                                 'Komitea kokoontui viime vuonna %s kertaa.',
                                 'Lue sivu %s ennen kuin allekirjoitat.',
                                 'Huoneesta %s on merinäköala.',
                                 'Katso myös https://example.org/docs/%s.']
               ELSE ARRAY['прилага се член %s от регламента.',
                          'миналата година комитетът заседава %s пъти.',
                          'прочетете страница %s, преди да подпишете.',
                          'стая %s гледа към пристанището.',
                          'вижте и https://example.org/docs/%s за подробности.']
               END)[1 + n % 5], n)
  FROM keopsdb.corpora AS c
 CROSS JOIN generate_series(1, 60) AS n
 WHERE c.id <= 4
 ORDER BY n, c.id;

-- Corpus 5: what the join of revision c2116e8b1149 makes of texts that are not unique.
INSERT INTO keopsdb.sentences (corpus_id, source_text, target_text) VALUES
    (5, 'same pair twice', 'mateixa parella'),
    (5, 'same pair twice', 'mateixa parella'),
    (5, 'one source', 'first target'),
    (5, 'one source', 'second target'),
    (5, 'first source', 'one target'),
    (5, 'second source', 'one target'),
    (5, 'source is target', 'source is target'),
    (5, 'source is target, twice', 'source is target, twice'),
    (5, 'source is target, twice', 'source is target, twice'),
    (5, 'chain 1', 'chain 2'),
    (5, 'chain 2', 'chain 3'),
    (5, 'chain 3', 'chain 1'),
    (5, 'there', 'back'),
    (5, 'back', 'there'),
    (5, 'no target', ''),
    (5, 'no target either', ''),
    (5, '', 'no source'),
    (5, '', ''),
    (5, ' ', 'a space'),
    (5, 'a space', ' '),
    (5, 'Case', 'case'),
    (5, 'case', 'CASE'),
    (5, 'space after', 'space after '),
    (5, 'accent', 'é'),
    (5, 'no accent', 'e'),
    (5, E'two\nlines\tand a tab', E'dues\r\nl\u00ednies'),
    (5, E'quotes '' " and back\\slash', '%s $1 :name ${name} -- ; /* */ $$'),
    (5, '<b>markup</b> &amp; user@example.org +34 600-000-000 1.5e-7', 'a/b/c.txt well-known x=1'),
    (5, rpad('', 5000, 'a long source '), rpad('', 5000, 'a long target ')),
    (5, rpad('', 5000, 'x'), rpad('', 2500, 'ñ')),
    (5, 'null', 'NULL'),
    (5, '0', 'f');

-- Corpora 6 and 7 have texts of corpus 1: pairs stay within a corpus. Those of corpus 6 lie in the table in falling order of
-- their ids, as rows do in a table that was in use for long: revision c2116e8b1149 numbers the twins in table order.
INSERT INTO keopsdb.sentences (id, corpus_id, source_text, target_text)
SELECT id, 6, source_text, target_text
  FROM (SELECT nextval('keopsdb.sentences_id_seq') AS id, source_text, target_text
          FROM keopsdb.sentences
         WHERE corpus_id = 1 AND id <= 48
         ORDER BY sentences.id) AS numbered
 ORDER BY id DESC;

INSERT INTO keopsdb.sentences (corpus_id, source_text, target_text)
SELECT 7, target_text, source_text FROM keopsdb.sentences WHERE corpus_id = 1 AND id <= 48 ORDER BY id;

-- A gap in the ids, and a sequence that is ahead of the highest one.
DELETE FROM keopsdb.sentences WHERE id IN (100, (SELECT max(id) FROM keopsdb.sentences));

INSERT INTO keopsdb.sentences_tasks (task_id, sentence_id, evaluation, creation_date, completed_date, comments)
SELECT t.id,
       s.id,
       (CASE WHEN t.status = 'PENDING' THEN 'P'
             ELSE (ARRAY['P', 'V', 'L', 'A', 'T', 'MT', 'E', 'F'])[1 + s.id % 8] END)::keopsdb.label,
       timestamp '2019-08-07 08:00:00' + s.id * interval '1 minute',
       CASE WHEN t.status <> 'PENDING' THEN timestamp '2019-08-08 08:00:00' + (s.id * t.id) * interval '1.5 seconds' END,
       CASE s.id % 13
            WHEN 1 THEN ''
            WHEN 2 THEN ' '
            WHEN 3 THEN 'Comment on sentence ' || s.id
            WHEN 4 THEN rpad('', 255, 'fits ')
            WHEN 5 THEN rpad('', 256, 'one too many ')
            WHEN 6 THEN rpad('', 1000, 'far too long ')
            WHEN 7 THEN rpad('', 253, 'x') || 'é😀ü'
            WHEN 8 THEN rpad('', 300, ' ')
            WHEN 9 THEN E'Two\nlines, a quote \' and a back\\slash'
       END
  FROM keopsdb.tasks AS t
  JOIN keopsdb.sentences AS s ON s.corpus_id = t.corpus_id
 WHERE t.corpus_id >= 5 OR s.id % 6 IN (0, t.id % 6)
 ORDER BY t.id, s.id;

-- With what the defaults give, but for the date.
INSERT INTO keopsdb.sentences_tasks (task_id, sentence_id, creation_date) VALUES (16, 1, '2019-09-01 00:00:00');
