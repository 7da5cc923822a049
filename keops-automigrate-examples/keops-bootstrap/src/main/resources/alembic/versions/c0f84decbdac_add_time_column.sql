-- Add time column
--
-- Revision ID: c0f84decbdac
-- Revises: b8bec0892316
-- Create Date: 2019-09-18 13:17:42.593851

ALTER TABLE keopsdb.sentences_tasks ADD COLUMN time numeric;

-- downgrade
ALTER TABLE keopsdb.sentences_tasks DROP COLUMN time;
