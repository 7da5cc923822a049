-- Delete comments
--
-- Revision ID: 4674a545b1b0
-- Revises: ee294d2ae5e3
-- Create Date: 2019-09-18 13:29:34.952726

ALTER TABLE keopsdb.sentences_tasks DROP COLUMN comments;

-- downgrade
-- Filled again by the downgrade of 9e93ad2ab9f9.
ALTER TABLE keopsdb.sentences_tasks ADD COLUMN comments varchar(1000);
