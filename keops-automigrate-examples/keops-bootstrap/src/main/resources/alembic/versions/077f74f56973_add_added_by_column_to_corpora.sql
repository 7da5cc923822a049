-- Add added_by column to corpora
--
-- Revision ID: 077f74f56973
-- Revises: eb6df6c4c8a5
-- Create Date: 2019-09-30 09:50:45.922693

ALTER TABLE keopsdb.corpora
    ADD COLUMN added_by integer,
    ADD CONSTRAINT corpora_added_by_fkey FOREIGN KEY (added_by) REFERENCES keopsdb.users (id);

-- downgrade
ALTER TABLE keopsdb.corpora
    DROP CONSTRAINT corpora_added_by_fkey,
    DROP COLUMN added_by;
