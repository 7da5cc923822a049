-- Adjust null values
--
-- Revision ID: ee294d2ae5e3
-- Revises: 7aef4d0260ec
-- Create Date: 2019-09-18 13:28:48.448320

ALTER TABLE keopsdb.corpora ALTER COLUMN source_lang DROP NOT NULL;

ALTER TABLE keopsdb.tasks ALTER COLUMN target_lang SET NOT NULL;

-- downgrade
ALTER TABLE keopsdb.tasks ALTER COLUMN target_lang DROP NOT NULL;

ALTER TABLE keopsdb.corpora ALTER COLUMN source_lang SET NOT NULL;
