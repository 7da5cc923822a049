-- Add password renew table
--
-- Revision ID: eb6df6c4c8a5
-- Revises: e6e3690332da
-- Create Date: 2019-09-23 14:05:52.831238

CREATE TABLE keopsdb.password_renew (
    token varchar NOT NULL,
    user_id integer NOT NULL,
    created_time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT password_renew_pkey PRIMARY KEY (token),
    CONSTRAINT password_renew_user_fkey FOREIGN KEY (user_id) REFERENCES keopsdb.users (id),
    CONSTRAINT password_renew_user_key UNIQUE (user_id)
);

-- downgrade
DROP TABLE keopsdb.password_renew;
