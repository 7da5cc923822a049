-- Add PAR to enum
--
-- Revision ID: 5437d1b9ad47
-- Revises: 6086caf1cb18
-- Create Date: 2021-11-09 12:45:32.258286

ALTER TYPE keopsdb.evalmode ADD VALUE 'PAR';
