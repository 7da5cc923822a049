-- Drop target text column
--
-- Revision ID: 552fb76000a5
-- Revises: c2116e8b1149
-- Create Date: 2019-09-18 13:08:08.570891

ALTER TABLE keopsdb.sentences DROP COLUMN target_text;

-- downgrade
ALTER TABLE keopsdb.sentences ADD COLUMN target_text varchar(5000);
