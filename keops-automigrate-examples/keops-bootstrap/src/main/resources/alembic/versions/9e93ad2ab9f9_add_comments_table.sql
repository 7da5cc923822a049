-- Add Comments table
--
-- Revision ID: 9e93ad2ab9f9
-- Revises: 39f0aae0582b
-- Create Date: 2019-09-18 12:10:43.947624

CREATE TABLE keopsdb.comments (
    pair integer NOT NULL,
    name varchar(140) NOT NULL,
    value varchar(255),
    CONSTRAINT comments_pkey PRIMARY KEY (pair, name),
    CONSTRAINT comments_pair_fkey FOREIGN KEY (pair) REFERENCES keopsdb.sentences_tasks (id)
);

-- The explicit cast cuts what is longer; a plain assignment would fail.
INSERT INTO keopsdb.comments (pair, name, value)
SELECT id, 'X_LegacyComments', comments::varchar(255)
  FROM keopsdb.sentences_tasks
 WHERE comments <> '';

-- downgrade
UPDATE keopsdb.sentences_tasks AS st
   SET comments = c.value
  FROM keopsdb.comments AS c
 WHERE c.pair = st.id
   AND c.name = 'X_LegacyComments';

DROP TABLE keopsdb.comments;
