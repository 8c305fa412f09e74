-- +goose Up

-- An application is judged by the call in force when it comes. Held until it is there,
-- the call keeps another version from being released meanwhile: whoever releases one sees
-- whether applications were made by the last.
-- +goose StatementBegin
CREATE FUNCTION check_call_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_force integer;
BEGIN
    SELECT version INTO in_force FROM calls WHERE id = NEW.call_id FOR SHARE;
    IF in_force IS DISTINCT FROM NEW.call_version THEN
        RAISE EXCEPTION 'an application is made by the call in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_is_made_by_the_call_in_force';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER applications_are_made_by_the_call_in_force BEFORE INSERT ON indemnity_applications
    FOR EACH ROW EXECUTE FUNCTION check_call_in_force();

-- What is sent in the portal has come in time: after that the portal takes nothing. (What
-- comes by PEC is received whenever it comes.)
ALTER TABLE indemnity_applications
    ADD CONSTRAINT application_is_sent_within_its_term CHECK (channel <> 'portal' OR
        (submitted_at AT TIME ZONE 'Europe/Rome')::date BETWEEN upper(event) - 1 AND term_ended_on),
    -- Stops of a cycle leave room between them; the program compares those day by day.
    ADD CONSTRAINT events_of_a_member_do_not_overlap EXCLUDE USING gist (member_id WITH =, event WITH &&)
        WHERE (state NOT IN ('withdrawn', 'inadmissible', 'not_eligible', 'forfeited') AND answers->>'cause' IS DISTINCT FROM 'cycles');
ALTER TABLE indemnity_requests
    ADD CONSTRAINT answer_is_sent_within_its_term CHECK ((answered_at AT TIME ZONE 'Europe/Rome')::date <= due_on);

-- The list of the office, and what Forget looks for. No release has had these tables.
CREATE INDEX indemnity_applications_by_day ON indemnity_applications (submitted_at DESC, id);
CREATE INDEX papers_that_were_never_sent ON indemnity_papers (added_at) WHERE sent_at IS NULL AND request_id IS NOT NULL;
