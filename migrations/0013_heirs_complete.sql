-- +goose Up

-- Heirs sign what they apply for, each for themselves: in what came by PEC, or in the
-- portal once they have linked themselves. What was signed stays.
ALTER TABLE heirs
    ADD COLUMN signed_at timestamptz,              -- when the message that brought it was accepted, or when they signed in the portal
    ADD COLUMN signed_by text NOT NULL DEFAULT '', -- the way by which
    ADD COLUMN declared jsonb NOT NULL DEFAULT '[]', -- what they declared with it, in the words that they read
    ADD CONSTRAINT heir_signs_by_a_known_way CHECK (signed_by IN ('', 'portal', 'pec') AND (signed_at IS NULL) = (signed_by = '')),
    ADD CONSTRAINT heir_signs_in_the_portal_once_linked CHECK (signed_by <> 'portal' OR person_id IS NOT NULL),
    ADD CONSTRAINT heir_declares_what_they_sign CHECK (signed_at IS NOT NULL OR declared = '[]');
-- +goose StatementBegin
CREATE FUNCTION keep_heir_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL AND (NEW.signed_at, NEW.signed_by, NEW.declared) IS DISTINCT FROM (OLD.signed_at, OLD.signed_by, OLD.declared) THEN
        RAISE EXCEPTION 'what an heir has signed stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'heir_signature_stays';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER heir_signatures_stay BEFORE UPDATE ON heirs
    FOR EACH ROW EXECUTE FUNCTION keep_heir_signature();

-- What was typed wrong of a message (PEC) is said again, with the reason why; what stood
-- there first stays beside it. The last one counts.
CREATE TABLE pec_corrections (
    message_id   uuid NOT NULL REFERENCES pec_messages,
    number       integer NOT NULL,        -- from 1
    sender       text NOT NULL,
    accepted_at  timestamptz NOT NULL,
    delivered_at timestamptz NOT NULL,
    why          text NOT NULL,
    recorded_by  uuid NOT NULL REFERENCES persons,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (message_id, number),
    CONSTRAINT pec_corrections_start_at_one CHECK (number > 0),
    CONSTRAINT pec_correction_says_why CHECK (why <> ''),
    CONSTRAINT corrected_pec_is_delivered_after_it_is_accepted CHECK (delivered_at >= accepted_at),
    CONSTRAINT corrected_pec_is_recorded_after_it_is_delivered CHECK (recorded_at >= delivered_at)
);
CREATE TRIGGER pec_corrections_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON pec_corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Each heir answers for their own papers: a request may be to one of them.
ALTER TABLE indemnity_requests ADD COLUMN heir_id uuid REFERENCES heirs; -- NULL: to who applied, whoever of them
-- +goose StatementBegin
CREATE FUNCTION check_request_heir() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.heir_id IS DISTINCT FROM OLD.heir_id THEN
        RAISE EXCEPTION 'a request stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_to_its_heir';
    END IF;
    IF EXISTS (SELECT FROM heirs WHERE id = NEW.heir_id AND application_id <> NEW.application_id) THEN
        RAISE EXCEPTION 'a request is to an heir of its case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_is_to_an_heir_of_its_case';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER requests_are_to_heirs_of_their_case BEFORE INSERT OR UPDATE ON indemnity_requests
    FOR EACH ROW EXECUTE FUNCTION check_request_heir();
