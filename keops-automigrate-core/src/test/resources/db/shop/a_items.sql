-- Sell items
--
-- Revision ID: a
-- Revises:
-- Create Date: 2024-01-01 00:00:00.000000

CREATE SCHEMA IF NOT EXISTS shop;
CREATE TABLE shop.item (id serial PRIMARY KEY, name text);

-- downgrade
DROP TABLE shop.item;
