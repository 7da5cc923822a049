-- Add root role
--
-- Revision ID: ce8a8c9313da
-- Revises: 077f74f56973
-- Create Date: 2019-09-30 10:05:37.242302

-- The type is made anew: a value that was only added could not be used before COMMIT, and the next revision does.
ALTER TABLE keopsdb.users ALTER COLUMN role DROP DEFAULT;
ALTER TABLE keopsdb.users ALTER COLUMN role TYPE varchar(255);

DROP TYPE IF EXISTS keopsdb.role;
CREATE TYPE keopsdb.role AS ENUM ('ADMIN', 'PM', 'USER', 'root');

ALTER TABLE keopsdb.users ALTER COLUMN role TYPE keopsdb.role USING role::keopsdb.role;
ALTER TABLE keopsdb.users ALTER COLUMN role SET DEFAULT 'USER';

-- downgrade
-- A value can not be taken out of an enum, so the type is made anew here too.
ALTER TABLE keopsdb.users ALTER COLUMN role DROP DEFAULT;
ALTER TABLE keopsdb.users ALTER COLUMN role TYPE varchar(255);

DROP TYPE IF EXISTS keopsdb.role;
CREATE TYPE keopsdb.role AS ENUM ('ADMIN', 'PM', 'USER');

ALTER TABLE keopsdb.users ALTER COLUMN role TYPE keopsdb.role USING role::keopsdb.role;
ALTER TABLE keopsdb.users ALTER COLUMN role SET DEFAULT 'USER';
