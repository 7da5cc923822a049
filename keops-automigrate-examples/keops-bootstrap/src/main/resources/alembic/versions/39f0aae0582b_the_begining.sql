-- The begining
--
-- Revision ID: 39f0aae0582b
-- Revises:
-- Create Date: 2019-09-18 11:59:17.838428

-- Nothing to run. A legacy database is stamped with this revision by hand; all later ones build on its schema.
