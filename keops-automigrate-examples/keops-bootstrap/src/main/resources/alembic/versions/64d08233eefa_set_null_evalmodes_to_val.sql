-- Set null evalmodes to VAL
--
-- Revision ID: 64d08233eefa
-- Revises: 4674a545b1b0
-- Create Date: 2019-09-18 15:26:09.639667

UPDATE keopsdb.tasks SET evalmode = 'VAL' WHERE evalmode IS NULL;
