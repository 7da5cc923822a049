-- Add feedback table
--
-- Revision ID: 84c03f89212d
-- Revises: 64d08233eefa
-- Create Date: 2019-09-19 08:38:49.937987

CREATE TABLE keopsdb.feedback (
    id serial,
    score integer NOT NULL,
    comments varchar(240),
    created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    task_id integer NOT NULL,
    user_id integer NOT NULL,
    CONSTRAINT feedback_pkey PRIMARY KEY (id),
    CONSTRAINT feedback_task_id_fkey FOREIGN KEY (task_id) REFERENCES keopsdb.tasks (id),
    CONSTRAINT feedback_user_id_fkey FOREIGN KEY (user_id) REFERENCES keopsdb.users (id)
);

-- downgrade
DROP TABLE keopsdb.feedback;
