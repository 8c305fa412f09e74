-- +goose Up

-- Requests to look again at how an application for the indemnity ended, or at its place in
-- a published ranking (istanza di riesame): one officer proposes, another decides, and
-- neither of them made what they look at.
CREATE TABLE indemnity_reexaminations (
    id              uuid PRIMARY KEY,
    protocol        text NOT NULL,
    check_code      text NOT NULL,                            -- on its receipt, to tell a true one
    application_id  uuid NOT NULL REFERENCES indemnity_applications,
    decision_id     uuid REFERENCES indemnity_decisions,      -- what it is about: how the case ended,
    ranking_id      uuid REFERENCES indemnity_rankings,       -- or its place in this publication
    asked_by        uuid NOT NULL REFERENCES persons,
    mandate_id      uuid REFERENCES mandates,
    asked_at        timestamptz NOT NULL,
    motive          text NOT NULL,
    text            text NOT NULL,
    decide_by       date NOT NULL,
    state           text NOT NULL DEFAULT 'asked',
    read_by         uuid REFERENCES persons,                  -- of the office, who opened it first
    read_at         timestamptz,
    withdrawn_at    timestamptz,
    proposal        text NOT NULL DEFAULT '',
    reopens         boolean NOT NULL DEFAULT false,           -- granted, the case is examined again
    grounds         text NOT NULL DEFAULT '',
    proposed_by     uuid REFERENCES persons,
    proposed_at     timestamptz,
    decided_by      uuid REFERENCES persons,
    decided_at      timestamptz,
    answer_protocol text,                                     -- of the letter
    answer_code     text NOT NULL DEFAULT '',                 -- on it
    reopened_by     uuid REFERENCES indemnity_decisions,      -- that takes the case up again
    set_aside_cents bigint NOT NULL DEFAULT 0,                -- of what is left of the call, until it is carried out
    carried_out_by  uuid REFERENCES indemnity_rankings,       -- the publication that saw it
    version         bigint NOT NULL DEFAULT 0,
    CONSTRAINT case_reexamination_has_one_protocol UNIQUE (protocol),
    CONSTRAINT case_reexamination_has_one_answer UNIQUE (answer_protocol),
    CONSTRAINT case_reexamination_is_of_one_outcome CHECK (num_nonnulls(decision_id, ranking_id) = 1),
    CONSTRAINT case_reexamination_says_why CHECK (btrim(motive) <> '' AND btrim(text) <> '' AND check_code <> ''),
    CONSTRAINT case_reexamination_state_is_known CHECK (state IN ('asked', 'proposed', 'granted', 'denied', 'withdrawn')),
    CONSTRAINT case_reexamination_proposal_is_known CHECK (proposal IN ('', 'grant', 'deny')),
    CONSTRAINT first_look_has_its_officer CHECK ((read_by IS NULL) = (read_at IS NULL)),
    CONSTRAINT withdrawn_case_reexamination_has_its_time CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT proposed_case_reexamination_has_a_proposer CHECK (
        state IN ('asked', 'withdrawn') OR (num_nulls(proposed_by, proposed_at) = 0 AND proposal <> '' AND grounds <> '')),
    CONSTRAINT decided_case_reexamination_has_a_second_person CHECK (
        (state IN ('granted', 'denied')) = (decided_by IS NOT NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT nobody_decides_a_case_reexamination_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT case_reexamination_ends_as_proposed CHECK (CASE state WHEN 'granted' THEN proposal = 'grant' WHEN 'denied' THEN proposal = 'deny' ELSE true END),
    CONSTRAINT decided_case_reexamination_has_a_letter CHECK (
        (state IN ('granted', 'denied')) = (answer_protocol IS NOT NULL) AND (answer_protocol IS NULL) = (answer_code = '')),
    CONSTRAINT granted_outcome_is_examined_again CHECK (CASE WHEN proposal = 'grant' THEN reopens OR decision_id IS NULL ELSE NOT reopens END),
    CONSTRAINT only_what_is_granted_is_carried_out CHECK (state = 'granted' OR num_nonnulls(reopened_by, carried_out_by) = 0),
    CONSTRAINT granted_case_is_taken_up_again CHECK (state <> 'granted' OR reopens = (reopened_by IS NOT NULL)),
    CONSTRAINT what_is_denied_keeps_no_money CHECK (set_aside_cents >= 0 AND (state NOT IN ('denied', 'withdrawn') OR set_aside_cents = 0))
);
CREATE UNIQUE INDEX case_is_reexamined_once_at_a_time ON indemnity_reexaminations (application_id) WHERE state IN ('asked', 'proposed');
CREATE INDEX case_reexaminations_by_term ON indemnity_reexaminations (decide_by) WHERE state IN ('asked', 'proposed');
CREATE INDEX reexaminations_of_a_case ON indemnity_reexaminations (application_id, asked_at);
-- +goose StatementBegin
CREATE FUNCTION check_case_reexamination() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    file  indemnity_applications%ROWTYPE;
    moves text[] := '{state,read_by,read_at,withdrawn_at,proposal,reopens,grounds,proposed_by,proposed_at,decided_by,decided_at,answer_protocol,answer_code,reopened_by,set_aside_cents,carried_out_by,version}';
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves)
        OR (OLD.read_at IS NOT NULL AND (NEW.read_by, NEW.read_at) IS DISTINCT FROM (OLD.read_by, OLD.read_at))
        OR (OLD.state IN ('granted', 'denied', 'withdrawn') AND (to_jsonb(NEW) - '{carried_out_by,version}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{carried_out_by,version}'::text[]))
        OR NEW.set_aside_cents > OLD.set_aside_cents) THEN
        RAISE EXCEPTION 'a re-examination stays as it was asked and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_reexamination_stays_as_asked';
    END IF;
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id;
    IF EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.decision_id AND (application_id <> NEW.application_id OR state <> 'approved'))
        OR (NEW.ranking_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
            WHERE e.ranking_id = NEW.ranking_id AND e.application_id = NEW.application_id AND r.state IN ('published', 'superseded'))) THEN
        RAISE EXCEPTION 'a re-examination is of what was said of its case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_reexamination_is_of_its_case';
    END IF;
    IF NEW.proposed_by IN (file.member_id, file.sender_id, NEW.asked_by) OR NEW.decided_by IN (file.member_id, file.sender_id, NEW.asked_by) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id IN (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'nobody re-examines their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_their_own_case';
    END IF;
    IF EXISTS (SELECT FROM indemnity_decisions d WHERE d.id = NEW.decision_id AND (NEW.proposed_by IN (d.proposed_by, d.decided_by) OR NEW.decided_by IN (d.proposed_by, d.decided_by)))
        OR EXISTS (SELECT FROM indemnity_rankings r WHERE r.id = NEW.ranking_id
            AND (NEW.proposed_by IN (r.simulated_by, r.proposed_by, r.decided_by) OR NEW.decided_by IN (r.simulated_by, r.proposed_by, r.decided_by))) THEN
        RAISE EXCEPTION 'nobody re-examines what they proposed or approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_what_they_judged';
    END IF;
    IF NEW.reopened_by IS NOT NULL AND NOT EXISTS (SELECT FROM indemnity_decisions d
        WHERE d.id = NEW.reopened_by AND d.application_id = NEW.application_id AND d.to_state = 'in_review' AND d.state = 'approved'
            AND (d.proposed_by, d.decided_by) = (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'who decides a re-examination takes the case up again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reexamination_takes_its_case_up_again';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER case_reexaminations_stay_as_asked BEFORE INSERT OR UPDATE ON indemnity_reexaminations
    FOR EACH ROW EXECUTE FUNCTION check_case_reexamination();
CREATE TRIGGER case_reexaminations_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_reexaminations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A request that is being written: one for each application and writer. Its id will be
-- that of the request, so that papers handed in meanwhile belong to it.
CREATE TABLE indemnity_reexamination_drafts (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    writer_id      uuid NOT NULL REFERENCES persons,
    motive         text NOT NULL,
    text           text NOT NULL,
    saved_at       timestamptz NOT NULL,
    CONSTRAINT case_reexamination_is_drafted_once UNIQUE (application_id, writer_id)
);

-- What open requests may come to is money that a ranking cannot give to others: of those
-- that are not decided, and of those granted whose case is examined again.
CREATE FUNCTION set_aside_of_call(of_call text) RETURNS bigint STABLE LANGUAGE sql AS $$
    SELECT coalesce(sum(x.set_aside_cents), 0)::bigint FROM indemnity_reexaminations x JOIN indemnity_applications a ON a.id = x.application_id
    WHERE a.call_id = of_call AND (x.state IN ('asked', 'proposed')
        OR x.state = 'granted' AND x.carried_out_by IS NULL AND a.state IN ('submitted', 'in_review'))
$$;
ALTER TABLE indemnity_rankings
    ADD COLUMN set_aside_cents bigint NOT NULL DEFAULT 0, -- that the places of the ranking could not have
    ADD CONSTRAINT ranking_sets_aside_no_less_than_nothing CHECK (set_aside_cents >= 0);
-- +goose StatementBegin
CREATE FUNCTION keep_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM calls WHERE id = NEW.call_id FOR NO KEY UPDATE; -- so that nobody asks meanwhile
    IF NEW.set_aside_cents <> set_aside_of_call(NEW.call_id) THEN
        RAISE EXCEPTION 'a publication keeps what is set aside'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_keeps_what_is_set_aside';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER publications_keep_what_is_set_aside BEFORE UPDATE OF state ON indemnity_rankings
    FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state <> 'published') EXECUTE FUNCTION keep_set_aside();

-- A case that has its place is examined again where a re-examination grants it: what is in
-- a payment meanwhile stays so, and no other end of the examination takes it away.
DROP TRIGGER applications_in_a_payment_keep_their_money ON indemnity_applications;
CREATE TRIGGER applications_in_a_payment_keep_their_money AFTER UPDATE OF state, ranking_id ON indemnity_applications
    FOR EACH ROW WHEN (NEW.state IN ('funded', 'unfunded', 'inadmissible', 'not_eligible', 'forfeited', 'withdrawn')
        AND (NEW.state, NEW.ranking_id) IS DISTINCT FROM (OLD.state, OLD.ranking_id))
    EXECUTE FUNCTION keep_paid_place();
