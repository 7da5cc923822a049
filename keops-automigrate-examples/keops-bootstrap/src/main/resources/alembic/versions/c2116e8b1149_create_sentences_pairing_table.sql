-- Create sentences_pairing table
--
-- Revision ID: c2116e8b1149
-- Revises: f5ba8fc1c5da
-- Create Date: 2019-09-18 12:47:08.215289

ALTER TABLE keopsdb.sentences ADD COLUMN is_source boolean;

CREATE TABLE keopsdb.sentences_pairing (
    id_1 integer NOT NULL,
    id_2 integer NOT NULL,
    CONSTRAINT sentences_pairing_pkey PRIMARY KEY (id_1, id_2),
    CONSTRAINT sentences_pairing_id_1_fkey FOREIGN KEY (id_1) REFERENCES keopsdb.sentences (id),
    CONSTRAINT sentences_pairing_id_2_fkey FOREIGN KEY (id_2) REFERENCES keopsdb.sentences (id)
);

-- Every target text becomes a sentence of its own. No ORDER BY: ids are handed out in table order.
INSERT INTO keopsdb.sentences (corpus_id, source_text, target_text)
SELECT corpus_id, target_text, ''
  FROM keopsdb.sentences;

-- Texts are matched, not rows: within a corpus duplicates pair crosswise, a sentence that is its own
-- translation pairs with itself, and an empty sentence pairs with every row that has no target text,
-- the new ones included. Databases in use have these pairs.
INSERT INTO keopsdb.sentences_pairing (id_1, id_2)
SELECT source.id, target.id
  FROM keopsdb.sentences AS source
  JOIN keopsdb.sentences AS target
    ON target.corpus_id = source.corpus_id
   AND target.source_text = source.target_text;

UPDATE keopsdb.sentences
   SET is_source = true
 WHERE id IN (SELECT id_1 FROM keopsdb.sentences_pairing);

-- downgrade
-- All partners of a sentence have the same text, so it does not matter which of them wins.
UPDATE keopsdb.sentences AS source
   SET target_text = target.source_text
  FROM keopsdb.sentences_pairing AS sp
  JOIN keopsdb.sentences AS target ON target.id = sp.id_2
 WHERE sp.id_1 = source.id;

DROP TABLE keopsdb.sentences_pairing;

-- What has no target text was made by the upgrade. A sentence that a task uses stays in any case.
DELETE FROM keopsdb.sentences AS s
 WHERE coalesce(s.target_text, '') = ''
   AND NOT EXISTS (SELECT FROM keopsdb.sentences_tasks AS st WHERE st.sentence_id = s.id);

ALTER TABLE keopsdb.sentences DROP COLUMN is_source;
