-- Add sentence information
--
-- Revision ID: 241a1d4de4e1
-- Revises: bea5d762a752
-- Create Date: 2019-09-18 13:12:22.611325

ALTER TABLE keopsdb.sentences
    ADD COLUMN system varchar(140),
    ADD COLUMN type varchar(140);

-- downgrade
ALTER TABLE keopsdb.sentences
    DROP COLUMN type,
    DROP COLUMN system;
