-- Add tasks information
--
-- Revision ID: 1ec316af4a8f
-- Revises: 241a1d4de4e1
-- Create Date: 2019-09-18 13:13:52.917726

CREATE TYPE keopsdb.evalmode AS ENUM ('VAL', 'ADE', 'FLU', 'RAN');

ALTER TABLE keopsdb.tasks
    ADD COLUMN score numeric,
    ADD COLUMN evalmode keopsdb.evalmode;

-- downgrade
ALTER TABLE keopsdb.tasks
    DROP COLUMN score,
    DROP COLUMN evalmode;

DROP TYPE IF EXISTS keopsdb.evalmode;
