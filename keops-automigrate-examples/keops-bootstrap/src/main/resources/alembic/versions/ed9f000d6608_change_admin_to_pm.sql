-- Change admin to PM
--
-- Revision ID: ed9f000d6608
-- Revises: f5d33dd928d1
-- Create Date: 2019-10-01 10:40:31.123618

UPDATE keopsdb.users SET role = 'PM' WHERE role = 'ADMIN';

-- downgrade
-- Who was PM before is no longer known.
UPDATE keopsdb.users SET role = 'ADMIN' WHERE role = 'PM';
