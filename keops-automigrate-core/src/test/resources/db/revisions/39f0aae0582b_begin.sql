-- Begin
--
-- Revision ID: 39f0aae0582b
-- Revises:
-- Create Date: 2024-01-01 00:00:00.000000

CREATE TABLE orders.bill (id serial PRIMARY KEY);

-- downgrade
DROP TABLE orders.bill;
