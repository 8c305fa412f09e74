-- +goose Up

-- Checks after the ranking (DPR 445/2000, art. 71): on a sample that anybody can draw
-- again, and on what somebody reports. What they find takes the indemnity back (art. 75).

-- A value that nobody can know or choose is committed to before a call is published: its
-- digest is shown, and the value itself once a sample was drawn by it.
CREATE TABLE control_commitments (
    id      uuid PRIMARY KEY,
    call_id text NOT NULL REFERENCES calls,
    value   text NOT NULL,
    digest  text NOT NULL,
    made_by uuid NOT NULL REFERENCES persons,
    made_at timestamptz NOT NULL,
    CONSTRAINT committed_value_is_drawn_by_chance CHECK (value ~ '^[0-9a-f]{64}$'),
    CONSTRAINT commitment_is_the_digest_of_its_value CHECK (digest = encode(sha256(convert_to(value, 'UTF8')), 'hex'))
);
CREATE INDEX commitments_of_a_call ON control_commitments (call_id, made_at);
CREATE TRIGGER commitments_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON control_commitments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A sample of those whom a publication pays: one officer proposes how large it is, and
-- with the confirmation of another it is drawn.
CREATE TABLE control_samples (
    id            uuid PRIMARY KEY,
    ranking_id    uuid NOT NULL REFERENCES indemnity_rankings,
    commitment_id uuid NOT NULL REFERENCES control_commitments,
    share         integer,                     -- in hundredths of a percent
    count         integer,                     -- of cases, where no share is asked for
    reason        text NOT NULL,
    population    integer NOT NULL,            -- places with money
    size          integer NOT NULL,            -- to draw
    state         text NOT NULL DEFAULT 'proposed',
    seed          text NOT NULL DEFAULT '',
    proposed_by   uuid NOT NULL REFERENCES persons,
    proposed_at   timestamptz NOT NULL,
    decided_by    uuid REFERENCES persons,
    decided_at    timestamptz,
    why           text NOT NULL DEFAULT '',    -- it was sent back
    CONSTRAINT sample_is_a_share_or_a_count CHECK (num_nonnulls(share, count) = 1 AND coalesce(share BETWEEN 1 AND 10000, count > 0)),
    CONSTRAINT sample_says_why CHECK (btrim(reason) <> ''),
    CONSTRAINT sample_is_of_its_population CHECK (size BETWEEN 1 AND population),
    CONSTRAINT sample_state_is_known CHECK (state IN ('proposed', 'drawn', 'sent_back')),
    CONSTRAINT sample_has_a_second_person CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT nobody_confirms_a_sample_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT sample_sent_back_says_why CHECK ((state = 'sent_back') = (why <> '')),
    CONSTRAINT drawn_sample_has_a_seed CHECK ((state = 'drawn') = (seed <> ''))
);
CREATE UNIQUE INDEX publication_has_one_sample ON control_samples (ranking_id) WHERE state <> 'sent_back';
CREATE UNIQUE INDEX commitment_is_revealed_once ON control_samples (commitment_id) WHERE state <> 'sent_back';

-- A check on a case, drawn or reported, and what came of it.
CREATE TABLE indemnity_controls (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    source         text NOT NULL,
    sample_id      uuid REFERENCES control_samples,
    place          integer,                    -- in the order of the draw
    reason         text NOT NULL DEFAULT '',   -- of one that was reported
    opened_by      uuid NOT NULL REFERENCES persons,
    opened_at      timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'open',
    found          text NOT NULL DEFAULT '',
    codes          text[] NOT NULL DEFAULT '{}', -- grounds for which the indemnity is taken back
    ended_by       uuid REFERENCES persons,
    ended_at       timestamptz,
    CONSTRAINT control_source_is_known CHECK (source IN ('sample', 'report')),
    CONSTRAINT drawn_control_has_a_place CHECK ((source = 'sample') = (sample_id IS NOT NULL) AND (sample_id IS NULL) = (place IS NULL)),
    CONSTRAINT reported_control_says_why CHECK ((source = 'report') = (btrim(reason) <> '')),
    CONSTRAINT control_state_is_known CHECK (state IN ('open', 'confirmed', 'irregular')),
    CONSTRAINT ended_control_says_what_was_found CHECK ((state = 'open') = (found = '') AND num_nulls(ended_by, ended_at) = CASE state WHEN 'open' THEN 2 ELSE 0 END),
    CONSTRAINT irregularity_has_grounds CHECK ((state = 'irregular') = (codes <> '{}')),
    CONSTRAINT case_is_drawn_once UNIQUE (sample_id, application_id),
    CONSTRAINT place_is_drawn_once UNIQUE (sample_id, place)
);
CREATE INDEX controls_of_a_case ON indemnity_controls (application_id, opened_at);
CREATE INDEX controls_by_state ON indemnity_controls (state, opened_at);
CREATE UNIQUE INDEX case_is_reported_once_at_a_time ON indemnity_controls (application_id) WHERE source = 'report' AND state = 'open';

-- +goose StatementBegin
CREATE FUNCTION check_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM calls WHERE id = NEW.call_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM control_commitments c WHERE c.call_id = NEW.call_id
        AND NOT EXISTS (SELECT FROM control_samples s WHERE s.commitment_id = c.id AND s.state = 'drawn')) THEN
        RAISE EXCEPTION 'one value at a time: nobody chooses among several'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'call_has_one_commitment_at_a_time';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM indemnity_rankings r JOIN control_commitments c ON c.call_id = r.call_id
        WHERE r.id = NEW.ranking_id AND r.state IN ('published', 'superseded') AND c.id = NEW.commitment_id AND c.made_at < r.published_at) THEN
        RAISE EXCEPTION 'the value was committed to before the publication'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'seed_was_committed_before_the_publication';
    END IF;
    IF NEW.population <> (SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = NEW.ranking_id AND funding IN ('funded', 'partially_funded')) THEN
        RAISE EXCEPTION 'a sample is drawn of all whom the publication pays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_is_of_all_who_are_paid';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' OR (to_jsonb(NEW) - '{state,seed,decided_by,decided_at,why}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,seed,decided_by,decided_at,why}'::text[]) THEN
        RAISE EXCEPTION 'a sample stays as it was proposed and drawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_stays_as_drawn';
    END IF;
    RETURN NEW;
END $$;
-- Who is drawn anybody can reckon, and so does the database.
CREATE FUNCTION check_draw() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sample control_samples%ROWTYPE;
    due    text;
BEGIN
    SELECT * INTO sample FROM control_samples WHERE id = NEW.id;
    SELECT encode(sha256(convert_to(encode(sha256(convert_to(r.manifest, 'UTF8')), 'hex') || ':' || c.value, 'UTF8')), 'hex') INTO due
        FROM indemnity_rankings r, control_commitments c WHERE r.id = sample.ranking_id AND c.id = sample.commitment_id;
    IF sample.seed <> due AND sample.state = 'drawn'
        OR (SELECT array_agg(application_id ORDER BY place) FROM indemnity_controls WHERE sample_id = sample.id) IS DISTINCT FROM (
            SELECT array_agg(application_id ORDER BY ticket, public_code) FROM (
                SELECT application_id, public_code, encode(sha256(convert_to(due || ':' || public_code, 'UTF8')), 'hex') COLLATE "C" AS ticket
                FROM indemnity_ranking_entries WHERE ranking_id = sample.ranking_id AND funding IN ('funded', 'partially_funded')
                ORDER BY ticket, public_code LIMIT CASE sample.state WHEN 'drawn' THEN sample.size ELSE 0 END) drawn) THEN
        RAISE EXCEPTION 'chance draws a sample, and nobody else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_is_what_its_seed_draws';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION check_control() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id;
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'open'
        OR (to_jsonb(NEW) - '{state,found,codes,ended_by,ended_at}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,found,codes,ended_by,ended_at}'::text[])) THEN
        RAISE EXCEPTION 'a check stays as it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'control_stays_as_made';
    END IF;
    IF NEW.sample_id IS NOT NULL AND NOT EXISTS (SELECT FROM control_samples WHERE id = NEW.sample_id AND state = 'drawn' AND NEW.place BETWEEN 1 AND size) THEN
        RAISE EXCEPTION 'a sample has as many places as were confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_has_so_many_places';
    END IF;
    IF NEW.ended_by IN (file.member_id, file.sender_id) OR NEW.source = 'report' AND NEW.opened_by IN (file.member_id, file.sender_id)
        OR EXISTS (SELECT FROM heirs WHERE application_id = NEW.application_id
            AND (person_id = NEW.ended_by OR NEW.source = 'report' AND person_id = NEW.opened_by)) THEN
        RAISE EXCEPTION 'nobody checks their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_checks_their_own_case';
    END IF;
    IF TG_OP = 'INSERT' AND file.state NOT IN ('funded', 'revoked') AND NEW.source = 'report' THEN
        RAISE EXCEPTION 'a case that nobody pays is examined, not checked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_is_paid_is_checked';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER call_has_one_commitment_at_a_time BEFORE INSERT ON control_commitments
    FOR EACH ROW EXECUTE FUNCTION check_commitment();
CREATE TRIGGER samples_are_of_a_publication BEFORE INSERT ON control_samples
    FOR EACH ROW EXECUTE FUNCTION check_sample();
CREATE TRIGGER samples_stay_as_drawn BEFORE UPDATE ON control_samples
    FOR EACH ROW EXECUTE FUNCTION keep_sample();
CREATE TRIGGER samples_are_kept BEFORE DELETE OR TRUNCATE ON control_samples
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER sample_is_what_its_seed_draws AFTER INSERT OR UPDATE ON control_samples
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_draw();
CREATE TRIGGER controls_stay_as_made BEFORE INSERT OR UPDATE ON indemnity_controls
    FOR EACH ROW EXECUTE FUNCTION check_control();
CREATE TRIGGER controls_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_controls
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a check found takes the indemnity back, by the decision of two people; and only
-- another decision gives it again.
ALTER TABLE indemnity_decisions
    ADD COLUMN control_id uuid REFERENCES indemnity_controls,
    DROP CONSTRAINT decision_leads_to_a_known_state,
    ADD CONSTRAINT decision_leads_to_a_known_state CHECK (to_state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'in_review', 'revoked', 'funded')),
    DROP CONSTRAINT unfavourable_decision_has_grounds,
    ADD CONSTRAINT unfavourable_decision_has_grounds CHECK ((to_state IN ('suitable', 'in_review', 'funded')) = (codes = '{}')),
    DROP CONSTRAINT case_taken_up_again_says_why,
    ADD CONSTRAINT case_taken_up_again_says_why CHECK (to_state NOT IN ('in_review', 'funded') OR (undoes IS NOT NULL AND text <> '')),
    ADD CONSTRAINT revocation_rests_on_a_check CHECK ((to_state = 'revoked') = (control_id IS NOT NULL));
-- +goose StatementBegin
CREATE FUNCTION check_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.to_state = 'revoked' AND NOT EXISTS (SELECT FROM indemnity_controls c JOIN indemnity_applications a ON a.id = c.application_id
        WHERE c.id = NEW.control_id AND c.application_id = NEW.application_id AND c.state = 'irregular' AND c.codes @> NEW.codes AND a.state = 'funded') THEN
        RAISE EXCEPTION 'what a check found takes an indemnity back, and nothing else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revocation_is_of_what_was_found';
    END IF;
    IF NEW.to_state = 'revoked' AND EXISTS (SELECT FROM payment_lines WHERE application_id = NEW.application_id AND order_state = 'sent') THEN
        RAISE EXCEPTION 'the bank was told to pay, and answers first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revocation_waits_for_the_bank';
    END IF;
    IF NEW.to_state = 'funded' AND NOT EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.undoes AND to_state = 'revoked') THEN
        RAISE EXCEPTION 'only what was taken back is given again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_a_revocation_is_undone_to_funded';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION check_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text;
BEGIN
    SELECT to_state INTO decided FROM indemnity_decisions d WHERE application_id = NEW.id AND state = 'approved'
        AND NOT EXISTS (SELECT FROM indemnity_decisions u WHERE u.undoes = d.id AND u.state = 'approved');
    IF NEW.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'revoked') AND decided IS DISTINCT FROM NEW.state
        OR OLD.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'funded', 'unfunded', 'revoked') AND NEW.state IN ('submitted', 'in_review') AND decided IS DISTINCT FROM 'in_review'
        OR OLD.state = 'revoked' AND NEW.state IN ('funded', 'unfunded') AND decided IS DISTINCT FROM 'funded' THEN
        RAISE EXCEPTION 'two people decide how a case ends'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- What was revoked after its payment was prepared is not sent.
-- +goose StatementBegin
CREATE FUNCTION keep_revoked_unpaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payment_lines l JOIN indemnity_applications a ON a.id = l.application_id WHERE l.order_id = NEW.id AND a.state = 'revoked') THEN
        RAISE EXCEPTION 'nothing that was revoked is paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_that_was_revoked_is_paid';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER nothing_that_was_revoked_is_paid BEFORE UPDATE OF state ON payment_orders
    FOR EACH ROW WHEN (NEW.state = 'sent' AND OLD.state = 'frozen') EXECUTE FUNCTION keep_revoked_unpaid();
CREATE TRIGGER revocations_are_of_what_was_found BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions
    FOR EACH ROW EXECUTE FUNCTION check_revocation();

-- What was paid and is not due goes back (domain: R39, A31), by whoever got it.
CREATE TABLE indemnity_recoveries (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    decision_id    uuid NOT NULL REFERENCES indemnity_decisions, -- the revocation
    payee_id       uuid NOT NULL REFERENCES persons,
    heir_id        uuid REFERENCES heirs,
    amount_cents   bigint NOT NULL,
    due_on         date NOT NULL,
    opened_at      timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'open',
    closed_at      timestamptz,
    reason         text NOT NULL DEFAULT '',   -- to write it off
    proposed_by    uuid REFERENCES persons,
    proposed_at    timestamptz,
    decided_by     uuid REFERENCES persons,
    version        bigint NOT NULL DEFAULT 0,
    CONSTRAINT something_is_recovered CHECK (amount_cents > 0),
    CONSTRAINT recovery_state_is_known CHECK (state IN ('open', 'paid', 'written_off', 'annulled')),
    CONSTRAINT closed_recovery_has_its_time CHECK ((state = 'open') = (closed_at IS NULL)),
    CONSTRAINT write_off_says_why CHECK (num_nonnulls(proposed_by, proposed_at) IN (0, 2) AND (proposed_by IS NULL) = (reason = '')),
    CONSTRAINT write_off_has_a_second_person CHECK ((state = 'written_off') = (decided_by IS NOT NULL) AND (decided_by IS NULL OR proposed_by IS NOT NULL)),
    CONSTRAINT nobody_approves_a_write_off_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT recovery_is_opened_once UNIQUE NULLS NOT DISTINCT (decision_id, payee_id, heir_id)
);
CREATE INDEX recoveries_of_a_case ON indemnity_recoveries (application_id);
CREATE INDEX recoveries_of_a_payee ON indemnity_recoveries (payee_id);
CREATE INDEX recoveries_by_term ON indemnity_recoveries (due_on) WHERE state = 'open';
-- What came back of it.
CREATE TABLE recovery_receipts (
    id           uuid PRIMARY KEY,
    recovery_id  uuid NOT NULL REFERENCES indemnity_recoveries,
    amount_cents bigint NOT NULL,
    received_on  date NOT NULL,
    reference    text NOT NULL,                -- of the bank
    recorded_by  uuid NOT NULL REFERENCES persons,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT something_was_received CHECK (amount_cents > 0),
    CONSTRAINT receipt_has_a_reference CHECK (btrim(reference) <> '')
);
CREATE INDEX receipts_of_a_recovery ON recovery_receipts (recovery_id);
-- +goose StatementBegin
CREATE FUNCTION keep_recovery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - '{state,closed_at,reason,proposed_by,proposed_at,decided_by,version}'::text[])
            IS DISTINCT FROM (to_jsonb(OLD) - '{state,closed_at,reason,proposed_by,proposed_at,decided_by,version}'::text[])
        OR OLD.state <> 'open' AND NOT (NEW.state = 'annulled' AND OLD.state IN ('paid', 'written_off'))) THEN
        RAISE EXCEPTION 'a recovery stays as it was opened and closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_stays_as_opened';
    END IF;
    IF NEW.state = 'paid' AND NEW.amount_cents <> (SELECT coalesce(sum(amount_cents), 0) FROM recovery_receipts WHERE recovery_id = NEW.id) THEN
        RAISE EXCEPTION 'a recovery is paid when all of it came back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_is_paid_in_full';
    END IF;
    IF NEW.payee_id IN (NEW.proposed_by, NEW.decided_by) THEN
        RAISE EXCEPTION 'nobody writes off what they owe'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_writes_off_their_own';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.decision_id AND application_id = NEW.application_id AND to_state = 'revoked' AND state = 'approved') THEN
        RAISE EXCEPTION 'what was revoked is recovered'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_is_of_a_revocation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owed indemnity_recoveries%ROWTYPE;
BEGIN
    SELECT * INTO owed FROM indemnity_recoveries WHERE id = NEW.recovery_id FOR NO KEY UPDATE;
    IF owed.state <> 'open' OR NEW.amount_cents + (SELECT coalesce(sum(amount_cents), 0) FROM recovery_receipts WHERE recovery_id = NEW.recovery_id) > owed.amount_cents THEN
        RAISE EXCEPTION 'no more comes back than is owed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_more_comes_back_than_is_owed';
    END IF;
    IF NEW.recorded_by = owed.payee_id THEN
        RAISE EXCEPTION 'nobody records what they paid themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_records_their_own_receipt';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER recoveries_stay_as_opened BEFORE INSERT OR UPDATE ON indemnity_recoveries
    FOR EACH ROW EXECUTE FUNCTION keep_recovery();
CREATE TRIGGER recoveries_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_recoveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_are_of_what_is_owed BEFORE INSERT ON recovery_receipts
    FOR EACH ROW EXECUTE FUNCTION check_receipt();
CREATE TRIGGER receipts_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON recovery_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
