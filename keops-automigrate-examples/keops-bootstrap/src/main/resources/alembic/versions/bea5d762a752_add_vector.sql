-- Add vector
--
-- Revision ID: bea5d762a752
-- Revises: 552fb76000a5
-- Create Date: 2019-09-18 13:09:06.926723

ALTER TABLE keopsdb.sentences ADD COLUMN source_text_vector tsvector;

CREATE TEXT SEARCH DICTIONARY public.simple_dict (TEMPLATE = pg_catalog.simple);

UPDATE keopsdb.sentences
   SET source_text_vector = to_tsvector('pg_catalog.simple', source_text);

-- downgrade
ALTER TABLE keopsdb.sentences DROP COLUMN source_text_vector;

DROP TEXT SEARCH DICTIONARY IF EXISTS public.simple_dict;
