-- Move languages to Tasks
--
-- Revision ID: f5ba8fc1c5da
-- Revises: 9e93ad2ab9f9
-- Create Date: 2019-09-18 12:32:38.650353

ALTER TABLE keopsdb.projects
    DROP CONSTRAINT projects_source_lang_fkey,
    DROP CONSTRAINT projects_target_lang_fkey;

ALTER TABLE keopsdb.tasks
    ADD COLUMN source_lang varchar(5),
    ADD COLUMN target_lang varchar(5);

UPDATE keopsdb.tasks AS t
   SET source_lang = source.langcode,
       target_lang = target.langcode
  FROM keopsdb.projects AS p
  JOIN keopsdb.langs AS source ON source.id = p.source_lang
  JOIN keopsdb.langs AS target ON target.id = p.target_lang
 WHERE p.id = t.project_id;

ALTER TABLE keopsdb.tasks
    ADD CONSTRAINT tasks_source_lang_fkey FOREIGN KEY (source_lang) REFERENCES keopsdb.langs (langcode),
    ADD CONSTRAINT tasks_target_lang_fkey FOREIGN KEY (target_lang) REFERENCES keopsdb.langs (langcode);

ALTER TABLE keopsdb.projects
    DROP COLUMN target_lang,
    DROP COLUMN source_lang;

-- downgrade
-- A project without tasks gets no languages back, so the columns can not be NOT NULL again.
ALTER TABLE keopsdb.projects
    ADD COLUMN source_lang integer,
    ADD COLUMN target_lang integer;

UPDATE keopsdb.projects AS p
   SET source_lang = source.id,
       target_lang = target.id
  FROM keopsdb.tasks AS t
  JOIN keopsdb.langs AS source ON source.langcode = t.source_lang
  JOIN keopsdb.langs AS target ON target.langcode = t.target_lang
 WHERE t.project_id = p.id;

ALTER TABLE keopsdb.tasks
    DROP CONSTRAINT tasks_target_lang_fkey,
    DROP CONSTRAINT tasks_source_lang_fkey,
    DROP COLUMN target_lang,
    DROP COLUMN source_lang;

ALTER TABLE keopsdb.projects
    ADD CONSTRAINT projects_target_lang_fkey FOREIGN KEY (target_lang) REFERENCES keopsdb.langs (id),
    ADD CONSTRAINT projects_source_lang_fkey FOREIGN KEY (source_lang) REFERENCES keopsdb.langs (id);
