-- Conditional lower function
--
-- Revision ID: 6086caf1cb18
-- Revises: ed9f000d6608
-- Create Date: 2020-10-01 09:15:49.268559

-- Despite its name it leaves values of type text alone.
CREATE OR REPLACE FUNCTION lower_if_text(e anyelement) RETURNS anyelement
    LANGUAGE plpgsql
AS $$
BEGIN
    IF pg_typeof(e) <> 'character varying'::regtype THEN
        RETURN e;
    END IF;
    RETURN lower(e);
END
$$;

-- downgrade
DROP FUNCTION IF EXISTS lower_if_text;
