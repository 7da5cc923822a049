-- Add total
--
-- Revision ID: 9e93ad2ab9f9
-- Revises: 39f0aae0582b
-- Create Date: 2024-01-02 00:00:00.000000

ALTER TABLE orders.bill ADD COLUMN total numeric;

-- downgrade
ALTER TABLE orders.bill DROP COLUMN total;
