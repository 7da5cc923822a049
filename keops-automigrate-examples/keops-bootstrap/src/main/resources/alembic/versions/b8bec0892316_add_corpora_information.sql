-- Add corpora information
--
-- Revision ID: b8bec0892316
-- Revises: 1ec316af4a8f
-- Create Date: 2019-09-18 13:16:25.803351

ALTER TABLE keopsdb.corpora ADD COLUMN evalmode keopsdb.evalmode NOT NULL DEFAULT 'VAL';

-- downgrade
ALTER TABLE keopsdb.corpora DROP COLUMN evalmode;
