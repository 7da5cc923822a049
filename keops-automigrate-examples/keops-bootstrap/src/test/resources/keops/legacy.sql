-- The schema of a KEOPS database from before its first migration (revision 39f0aae0582b), as its set-up of 2019 left it:
-- 9 tables, 29 languages, one administrator, the privileges of the web application's role, the version table.
--
-- Run it as postgres in an empty database of any name. The role keopsdb must exist.

CREATE SCHEMA keopsdb;

CREATE TYPE keopsdb.role AS ENUM ('ADMIN', 'STAFF', 'USER');
CREATE TYPE keopsdb.taskstatus AS ENUM ('PENDING', 'STARTED', 'DONE');
CREATE TYPE keopsdb.label AS ENUM ('P', 'V', 'L', 'A', 'T', 'MT', 'E', 'F');

CREATE TABLE keopsdb.users (
    id serial PRIMARY KEY,
    name varchar(200) NOT NULL,
    email varchar(200) NOT NULL UNIQUE,
    creation_date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    role keopsdb.role NOT NULL DEFAULT 'USER',
    password varchar(200) NOT NULL,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE keopsdb.tokens (
    id serial PRIMARY KEY,
    admin integer NOT NULL REFERENCES keopsdb.users,
    token varchar(200) NOT NULL UNIQUE,
    email varchar(200) NOT NULL UNIQUE,
    date_sent timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    date_used timestamp
);

CREATE TABLE keopsdb.langs (
    id serial PRIMARY KEY,
    langcode varchar(5) NOT NULL UNIQUE,
    langname varchar(50) NOT NULL UNIQUE
);

CREATE TABLE keopsdb.user_langs (
    id serial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES keopsdb.users,
    lang_id integer REFERENCES keopsdb.langs
);

CREATE TABLE keopsdb.projects (
    id serial PRIMARY KEY,
    owner integer NOT NULL REFERENCES keopsdb.users,
    name varchar(100) NOT NULL,
    source_lang integer NOT NULL REFERENCES keopsdb.langs,
    target_lang integer NOT NULL REFERENCES keopsdb.langs,
    description varchar(500),
    creation_date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE keopsdb.corpora (
    id serial PRIMARY KEY,
    name varchar(100) NOT NULL,
    source_lang integer NOT NULL REFERENCES keopsdb.langs,
    target_lang integer NOT NULL REFERENCES keopsdb.langs,
    lines integer,
    creation_date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE keopsdb.tasks (
    id serial PRIMARY KEY,
    project_id integer NOT NULL REFERENCES keopsdb.projects,
    assigned_user integer REFERENCES keopsdb.users,
    corpus_id integer NOT NULL REFERENCES keopsdb.corpora,
    size integer,
    status keopsdb.taskstatus NOT NULL DEFAULT 'PENDING',
    creation_date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    assigned_date timestamp,
    completed_date timestamp
);

CREATE TABLE keopsdb.sentences (
    id serial PRIMARY KEY,
    corpus_id integer NOT NULL REFERENCES keopsdb.corpora,
    source_text varchar(5000) NOT NULL,
    target_text varchar(5000) NOT NULL
);

CREATE TABLE keopsdb.sentences_tasks (
    id serial PRIMARY KEY,
    task_id integer NOT NULL REFERENCES keopsdb.tasks,
    sentence_id integer NOT NULL REFERENCES keopsdb.sentences,
    evaluation keopsdb.label NOT NULL DEFAULT 'P',
    creation_date timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    completed_date timestamp,
    comments varchar(1000)
);

INSERT INTO keopsdb.langs (langcode, langname) VALUES
    ('bg', 'Bulgarian'),
    ('cs', 'Czech'),
    ('ca', 'Catalan'),
    ('da', 'Danish'),
    ('de', 'German'),
    ('el', 'Greek'),
    ('en', 'English'),
    ('es', 'Spanish'),
    ('et', 'Estonian'),
    ('fi', 'Finnish'),
    ('fr', 'French'),
    ('ga', 'Irish'),
    ('gl', 'Galician'),
    ('hr', 'Croatian'),
    ('hu', 'Hungarian'),
    ('is', 'Icelandic'),
    ('it', 'Italian'),
    ('lt', 'Lithuanian'),
    ('lv', 'Latvian'),
    ('mt', 'Maltese'),
    ('nl', 'Dutch'),
    ('nn', 'Norwegian - nynorsk'),
    ('no', 'Norwegian - bokmal'),
    ('pl', 'Polish'),
    ('pt', 'Portuguese'),
    ('ro', 'Romanian'),
    ('sk', 'Slovak'),
    ('sl', 'Slovenian'),
    ('sv', 'Swedish');

-- The password is "admin". A fixed date, for the sake of the row digests.
INSERT INTO keopsdb.users (name, email, role, password, creation_date) VALUES
    ('admin', 'admin@admin.com', 'ADMIN', '$2y$10$Kq3vXw8LrT0mZeYpB1uHsO1qTZBQTVOCaQgGOk66gntDOwZg1ZtuS',
     '2019-07-01 09:30:00');

-- What the web application may do. The rule for tables is about tables that keopsdb itself makes, which it never does:
-- a table that a migration adds is closed to it, a sequence is not.
DO $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO keopsdb', current_database());
END
$$;
ALTER DEFAULT PRIVILEGES FOR ROLE keopsdb IN SCHEMA keopsdb GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO keopsdb;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO keopsdb;
GRANT USAGE ON SCHEMA keopsdb TO keopsdb;
GRANT ALL ON ALL SEQUENCES IN SCHEMA keopsdb TO keopsdb;
GRANT ALL ON ALL TABLES IN SCHEMA keopsdb TO keopsdb;

-- What "alembic stamp 39f0aae0582b" makes, where it makes it.
CREATE TABLE public.alembic_version (
    version_num varchar(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO public.alembic_version (version_num) VALUES ('39f0aae0582b');
