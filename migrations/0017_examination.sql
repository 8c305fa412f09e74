-- +goose Up

-- How officers examine an application for the indemnity: who works on it, what they
-- find on each check, and the decision that two of them make.

ALTER TABLE indemnity_applications
    ADD COLUMN worked_by    uuid REFERENCES persons,
    ADD COLUMN worked_since timestamptz,
    ADD CONSTRAINT work_on_a_case_has_a_beginning CHECK ((worked_by IS NULL) = (worked_since IS NULL));

-- What was found on a check: the last row of each counts, and all stay.
CREATE TABLE indemnity_findings (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    check_name     text NOT NULL,
    verdict        text NOT NULL,
    found          jsonb NOT NULL DEFAULT '{}', -- in the place of what was declared: see indemnity.Found
    note           text NOT NULL DEFAULT '',
    made_by        uuid NOT NULL REFERENCES persons,
    made_at        timestamptz NOT NULL,
    case_version   bigint NOT NULL,             -- of the case, once it was written
    CONSTRAINT finding_is_on_a_known_check CHECK (check_name IN ('identity', 'member', 'enrolment', 'term', 'window', 'proof', 'coverage', 'length',
        'regularity', 'declarations', 'isee', 'exclusive', 'cover', 'maternity', 'cap', 'income', 'iban', 'heirship', 'heirs_term')),
    CONSTRAINT finding_has_a_verdict CHECK (verdict IN ('met', 'not_met', 'not_applicable')),
    CONSTRAINT unmet_check_says_why CHECK (verdict <> 'not_met' OR note <> '')
);
CREATE INDEX findings_of_an_application ON indemnity_findings (application_id, id);
-- +goose StatementBegin
CREATE FUNCTION check_finding() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF file.state NOT IN ('submitted', 'in_review') OR EXISTS (
        SELECT FROM indemnity_decisions WHERE application_id = NEW.application_id AND state = 'proposed') THEN
        RAISE EXCEPTION 'nothing is found on a case that is decided, or about to be'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'findings_are_on_cases_in_review';
    END IF;
    IF NEW.made_by IN (file.member_id, file.sender_id) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id = NEW.made_by) THEN
        RAISE EXCEPTION 'nobody examines their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_examines_their_own_case';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_are_on_cases_in_review BEFORE INSERT ON indemnity_findings
    FOR EACH ROW EXECUTE FUNCTION check_finding();
CREATE TRIGGER findings_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_findings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How an examination ends: one officer proposes, another approves. Only another decision
-- undoes one that was made.
CREATE TABLE indemnity_decisions (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    to_state       text NOT NULL,
    codes          text[] NOT NULL DEFAULT '{}', -- the grounds, by the call
    text           text NOT NULL DEFAULT '',     -- of the letter, beside the grounds
    call_version   integer NOT NULL,             -- by whose rules
    proposed_by    uuid NOT NULL REFERENCES persons,
    proposed_at    timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'proposed',
    decided_by     uuid REFERENCES persons,
    decided_at     timestamptz,
    why            text NOT NULL DEFAULT '',     -- it was sent back
    protocol       text,                         -- of the letter
    check_code     text NOT NULL DEFAULT '',     -- on it, to tell a true one
    undoes         uuid REFERENCES indemnity_decisions,
    read_at        timestamptz,                  -- by who applied, for the first time
    CONSTRAINT decision_leads_to_a_known_state CHECK (to_state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'in_review')),
    CONSTRAINT unfavourable_decision_has_grounds CHECK ((to_state IN ('suitable', 'in_review')) = (codes = '{}')),
    CONSTRAINT case_taken_up_again_says_why CHECK (to_state <> 'in_review' OR (undoes IS NOT NULL AND text <> '')),
    CONSTRAINT decision_state_is_known CHECK (state IN ('proposed', 'approved', 'sent_back')),
    CONSTRAINT decision_has_a_second_person CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT nobody_approves_a_decision_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT decision_sent_back_says_why CHECK ((state = 'sent_back') = (why <> '')),
    CONSTRAINT decision_that_was_made_has_a_letter CHECK (
        (state = 'approved') = (protocol IS NOT NULL) AND (state = 'approved') = (check_code <> '')),
    CONSTRAINT only_a_decision_that_was_made_is_read CHECK (read_at IS NULL OR state = 'approved'),
    CONSTRAINT decision_protocol_is_used_once UNIQUE (protocol)
);
CREATE INDEX decisions_of_an_application ON indemnity_decisions (application_id, proposed_at);
CREATE UNIQUE INDEX case_has_one_open_decision ON indemnity_decisions (application_id) WHERE state = 'proposed';
CREATE UNIQUE INDEX decision_is_undone_once ON indemnity_decisions (undoes) WHERE state = 'approved';

-- +goose StatementBegin
CREATE FUNCTION keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - '{state,decided_by,decided_at,why,protocol,check_code,read_at}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,why,protocol,check_code,read_at}'::text[])
        OR (OLD.state <> 'proposed' AND (to_jsonb(NEW) - 'read_at') IS DISTINCT FROM (to_jsonb(OLD) - 'read_at'))
        OR (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at) THEN
        RAISE EXCEPTION 'a decision stays as it was proposed and made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_stays_as_made';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF NEW.proposed_by IN (file.member_id, file.sender_id) OR NEW.decided_by IN (file.member_id, file.sender_id) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id IN (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'nobody decides on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_on_their_own_case';
    END IF;
    IF NEW.undoes IS DISTINCT FROM (SELECT id FROM indemnity_decisions d WHERE application_id = NEW.application_id AND state = 'approved' AND id <> NEW.id
        AND NOT EXISTS (SELECT FROM indemnity_decisions u WHERE u.undoes = d.id AND u.state = 'approved' AND u.id <> NEW.id)) THEN
        RAISE EXCEPTION 'a decision undoes the one in force on the same case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_undoes_the_one_in_force';
    END IF;
    RETURN NEW;
END $$;
-- Where an examination ends two people say: the application stands where the decision
-- puts it that was made and not undone.
CREATE FUNCTION check_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text;
BEGIN
    SELECT to_state INTO decided FROM indemnity_decisions d WHERE application_id = NEW.id AND state = 'approved'
        AND NOT EXISTS (SELECT FROM indemnity_decisions u WHERE u.undoes = d.id AND u.state = 'approved');
    IF NEW.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited') AND decided IS DISTINCT FROM NEW.state
        OR OLD.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited') AND NEW.state IN ('submitted', 'in_review') AND decided IS DISTINCT FROM 'in_review' THEN
        RAISE EXCEPTION 'two people decide how a case ends'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_stay_as_made BEFORE UPDATE ON indemnity_decisions
    FOR EACH ROW EXECUTE FUNCTION keep_decision();
CREATE TRIGGER decisions_concern_others BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions
    FOR EACH ROW EXECUTE FUNCTION check_decision();
CREATE TRIGGER decisions_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER two_people_decide_how_a_case_ends AFTER UPDATE OF state ON indemnity_applications
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_outcome();
