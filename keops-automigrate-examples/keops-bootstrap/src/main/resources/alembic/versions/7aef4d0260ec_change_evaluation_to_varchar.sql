-- Change evaluation to varchar
--
-- Revision ID: 7aef4d0260ec
-- Revises: c0f84decbdac
-- Create Date: 2019-09-18 13:18:20.173002

-- The default stays 'P'::keopsdb.label, so the type stays in use.
ALTER TABLE keopsdb.sentences_tasks
    ALTER COLUMN evaluation TYPE varchar(140) USING evaluation::text;

-- downgrade
-- Evaluations in other modes than validation have no label to go back to.
DELETE FROM keopsdb.sentences_tasks
 WHERE evaluation <> ALL (enum_range(NULL::keopsdb.label)::text[]);

ALTER TABLE keopsdb.sentences_tasks
    ALTER COLUMN evaluation TYPE keopsdb.label USING evaluation::keopsdb.label;
