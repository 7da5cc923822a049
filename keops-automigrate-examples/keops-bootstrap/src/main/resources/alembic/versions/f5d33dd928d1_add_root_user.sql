-- Add root user
--
-- Revision ID: f5d33dd928d1
-- Revises: ce8a8c9313da
-- Create Date: 2019-09-30 14:32:36.585448

-- The password is "root", to be changed. Where another account has the email root already, nothing is inserted.
INSERT INTO keopsdb.users (id, name, email, role, password)
VALUES (-1, 'root', 'root', 'root', '$2y$10$rUSV39GMx2fy9XTFT.CdVOlKuNpGxDKazJyzqRS8n3D0Z9mKgBdRi')
ON CONFLICT DO NOTHING;

-- downgrade
DELETE FROM keopsdb.users WHERE role = 'root';
