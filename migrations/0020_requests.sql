-- +goose Up

-- Answers to a request, each as it was sent: within the term there may be several, and
-- the last counts (R40).
CREATE TABLE indemnity_answers (
    request_id uuid NOT NULL REFERENCES indemnity_requests,
    number     integer NOT NULL, -- from 1
    says       jsonb NOT NULL,
    sent_at    timestamptz NOT NULL,
    sent_by    uuid NOT NULL REFERENCES persons,
    protocol   text NOT NULL,
    PRIMARY KEY (request_id, number),
    CONSTRAINT sent_answer_protocol_is_used_once UNIQUE (protocol)
);
INSERT INTO indemnity_answers (request_id, number, says, sent_at, sent_by, protocol)
    SELECT id, 1, answer, answered_at, answered_by, answer_protocol FROM indemnity_requests WHERE answered_at IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION check_indemnity_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked indemnity_requests%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM indemnity_requests WHERE id = NEW.request_id FOR NO KEY UPDATE;
    IF asked.state NOT IN ('open', 'answered') OR (NEW.sent_at AT TIME ZONE 'Europe/Rome')::date > asked.due_on THEN
        RAISE EXCEPTION 'an answer is sent to a request whose term runs'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answers_are_sent_while_the_term_runs';
    END IF;
    IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM indemnity_answers WHERE request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'answers are counted one by one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answers_are_counted_one_by_one';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER answers_are_sent_while_the_term_runs BEFORE INSERT ON indemnity_answers
    FOR EACH ROW EXECUTE FUNCTION check_indemnity_answer();
CREATE TRIGGER answers_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an officer makes of an answer: the last word on each counts, and all stay.
CREATE TABLE indemnity_judgements (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id uuid NOT NULL,
    number     integer NOT NULL,
    verdict    text NOT NULL,
    why        text NOT NULL DEFAULT '',
    made_by    uuid NOT NULL REFERENCES persons,
    made_at    timestamptz NOT NULL,
    CONSTRAINT judgement_is_on_an_answer FOREIGN KEY (request_id, number) REFERENCES indemnity_answers,
    CONSTRAINT judgement_is_known CHECK (verdict IN ('accepted', 'insufficient')),
    CONSTRAINT insufficient_answer_says_why CHECK ((verdict = 'insufficient') = (why <> ''))
);
CREATE INDEX judgements_of_an_answer ON indemnity_judgements (request_id, number, id);
CREATE TRIGGER judgements_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_judgements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- That who applied was told that a debt is taken out of the indemnity, with the figures
-- as they stood (R15).
CREATE TABLE indemnity_set_offs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    debt           bigint NOT NULL, -- cents
    net            bigint NOT NULL, -- of the indemnity, as it is reckoned
    told_by        uuid NOT NULL REFERENCES persons,
    told_at        timestamptz NOT NULL,
    CONSTRAINT debt_that_is_set_off_fits CHECK (debt > 0 AND debt <= net)
);
CREATE INDEX set_offs_of_an_application ON indemnity_set_offs (application_id, id);
CREATE TRIGGER set_offs_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_set_offs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Nobody asks on their own case, nor judges what came of it.
-- +goose StatementBegin
CREATE FUNCTION case_concerns(file_id uuid, who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM indemnity_applications WHERE id = file_id AND who IN (member_id, sender_id))
        OR EXISTS (SELECT FROM heirs WHERE application_id = file_id AND person_id = who);
$$;
CREATE FUNCTION check_asker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF case_concerns(NEW.application_id, NEW.asked_by) THEN
        RAISE EXCEPTION 'nobody asks on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_asks_on_their_own_case';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_judgement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked indemnity_requests%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM indemnity_requests WHERE id = NEW.request_id FOR NO KEY UPDATE;
    IF case_concerns(asked.application_id, NEW.made_by) THEN
        RAISE EXCEPTION 'nobody judges what came of their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_judges_answers_on_their_own_case';
    END IF;
    IF NEW.number <> (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.request_id)
        OR NOT EXISTS (SELECT FROM indemnity_applications WHERE id = asked.application_id AND state IN ('submitted', 'in_review'))
        OR EXISTS (SELECT FROM indemnity_decisions WHERE application_id = asked.application_id AND state = 'proposed') THEN
        RAISE EXCEPTION 'the last answer is judged, while the case is in review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_answer_is_judged_in_review';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_set_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF case_concerns(NEW.application_id, NEW.told_by) THEN
        RAISE EXCEPTION 'nobody tells of a set-off on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_tells_of_a_set_off_on_their_own_case';
    END IF;
    RETURN NEW;
END $$;
-- A request stands where the last word on its last answer puts it. One that was
-- insufficient while its term ran can be answered again: it is open.
CREATE FUNCTION check_request_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    word text;
BEGIN
    SELECT j.verdict INTO word FROM indemnity_judgements j
        WHERE j.request_id = NEW.id AND j.number = (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.id) ORDER BY j.id DESC LIMIT 1;
    IF NEW.state IN ('accepted', 'insufficient') AND word IS DISTINCT FROM NEW.state
        OR OLD.state = 'answered' AND NEW.state = 'open' AND word IS DISTINCT FROM 'insufficient' THEN
        RAISE EXCEPTION 'an officer judges an answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- Once answered, what a request says of its answer is the last that was sent: the next
-- one is written beside it.
CREATE OR REPLACE FUNCTION keep_indemnity_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.application_id, NEW.kind, NEW.text, NEW.items, NEW.asked_by, NEW.asked_at, NEW.days)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.kind, OLD.text, OLD.items, OLD.asked_by, OLD.asked_at, OLD.days)
        OR (OLD.reached_on IS NOT NULL AND (NEW.reached_on, NEW.reached_by, NEW.due_on) IS DISTINCT FROM (OLD.reached_on, OLD.reached_by, OLD.due_on)) THEN
        RAISE EXCEPTION 'a request stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_as_sent';
    END IF;
    IF OLD.answered_at IS NOT NULL AND (NEW.answer, NEW.answered_at, NEW.answered_by, NEW.answer_protocol)
        IS DISTINCT FROM (OLD.answer, OLD.answered_at, OLD.answered_by, OLD.answer_protocol)
        AND NOT EXISTS (SELECT FROM indemnity_answers a WHERE a.request_id = NEW.id AND a.protocol = NEW.answer_protocol
            AND (a.says, a.sent_at, a.sent_by) = (NEW.answer, NEW.answered_at, NEW.answered_by)
            AND a.number = (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.id)) THEN
        RAISE EXCEPTION 'an answer stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_stays_as_sent';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE indemnity_requests ADD COLUMN answer_again jsonb; -- what is written of a further answer
CREATE TRIGGER nobody_asks_on_their_own_case BEFORE INSERT ON indemnity_requests
    FOR EACH ROW EXECUTE FUNCTION check_asker();
CREATE TRIGGER judgements_concern_others BEFORE INSERT ON indemnity_judgements
    FOR EACH ROW EXECUTE FUNCTION check_judgement();
CREATE TRIGGER nobody_tells_of_a_set_off_on_their_own_case BEFORE INSERT ON indemnity_set_offs
    FOR EACH ROW EXECUTE FUNCTION check_set_off();
CREATE CONSTRAINT TRIGGER an_officer_judges_an_answer AFTER UPDATE OF state ON indemnity_requests
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_request_state();
