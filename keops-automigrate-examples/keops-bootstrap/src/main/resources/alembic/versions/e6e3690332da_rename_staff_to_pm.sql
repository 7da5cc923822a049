-- Rename STAFF to PM
--
-- Revision ID: e6e3690332da
-- Revises: 84c03f89212d
-- Create Date: 2019-09-23 10:08:43.919246

ALTER TYPE keopsdb.role RENAME VALUE 'STAFF' TO 'PM';

-- downgrade
ALTER TYPE keopsdb.role RENAME VALUE 'PM' TO 'STAFF';
