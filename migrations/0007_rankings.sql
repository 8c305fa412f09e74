-- +goose Up

-- A run is one computation of a ranking over inputs that were frozen for it. It is
-- simulated, checked by a second ranker, proposed, approved and published, by
-- different people, and then never changes: a correction is another run.

CREATE TABLE ranking_runs (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id       text NOT NULL,
    edition_version  integer NOT NULL,
    number           integer NOT NULL,  -- of the simulation, within the edition
    round            integer NOT NULL,
    corrects         uuid REFERENCES ranking_runs,
    reason           text NOT NULL DEFAULT '', -- of a correction
    state            text NOT NULL,
    simulated_by     uuid NOT NULL REFERENCES persons,
    taken_at         timestamptz NOT NULL, -- when the inputs were frozen
    candidates       integer NOT NULL,
    inputs_digest    bytea NOT NULL,
    rules_digest     bytea NOT NULL,
    result_digest    bytea NOT NULL,
    checked_at       timestamptz,          -- by the second ranker
    disagreements    integer,
    proposed_by      uuid REFERENCES persons,
    proposed_at      timestamptz,
    decided_by       uuid REFERENCES persons,
    decided_at       timestamptz,
    note             text NOT NULL DEFAULT '', -- why it was sent back
    ordered_by       uuid REFERENCES persons,  -- who had it published
    ordered_at       timestamptz,
    publish_at       timestamptz,
    publication      integer,              -- number within the edition, from 1
    published_at     timestamptz,          -- when its last territory was
    FOREIGN KEY (edition_id, edition_version) REFERENCES edition_versions (edition_id, number),
    CONSTRAINT run_is_numbered_once UNIQUE (edition_id, number),
    CONSTRAINT publication_is_numbered_once UNIQUE (edition_id, publication),
    CONSTRAINT run_state_is_known CHECK (state IN ('simulated', 'proposed', 'returned', 'approved', 'publishing', 'published', 'superseded', 'dropped')),
    CONSTRAINT rounds_start_at_one CHECK (round > 0),
    CONSTRAINT correction_says_why CHECK ((corrects IS NOT NULL) = (reason <> '')),
    CONSTRAINT only_what_two_rankers_agree_on_is_proposed CHECK (
        state IN ('simulated', 'dropped') OR (checked_at IS NOT NULL AND disagreements = 0)),
    CONSTRAINT proposed_run_has_a_proposer CHECK (
        state IN ('simulated', 'dropped') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL)),
    CONSTRAINT approved_run_has_a_second_person CHECK (
        state NOT IN ('approved', 'publishing', 'published', 'superseded', 'returned') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_approves_what_they_proposed CHECK (decided_by IS NULL OR (decided_by <> proposed_by AND decided_by <> simulated_by)),
    CONSTRAINT published_run_has_a_publisher CHECK (
        state NOT IN ('publishing', 'published', 'superseded')
        OR (ordered_by IS NOT NULL AND ordered_at IS NOT NULL AND publish_at IS NOT NULL AND publication IS NOT NULL)),
    CONSTRAINT nobody_publishes_what_they_proposed_or_approved CHECK (
        ordered_by IS NULL OR (ordered_by <> proposed_by AND ordered_by <> decided_by AND ordered_by <> simulated_by)),
    CONSTRAINT returned_run_says_why CHECK (state <> 'returned' OR note <> ''),
    CONSTRAINT published_run_has_its_time CHECK ((state IN ('published', 'superseded')) = (published_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_ranking_of_an_edition_at_a_time ON ranking_runs (edition_id) WHERE state IN ('proposed', 'approved', 'publishing');

-- +goose StatementBegin
CREATE FUNCTION keep_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.edition_id, NEW.edition_version, NEW.number, NEW.round, NEW.corrects, NEW.reason, NEW.simulated_by, NEW.taken_at,
        NEW.candidates, NEW.inputs_digest, NEW.rules_digest, NEW.result_digest)
        IS DISTINCT FROM (OLD.edition_id, OLD.edition_version, OLD.number, OLD.round, OLD.corrects, OLD.reason, OLD.simulated_by, OLD.taken_at,
        OLD.candidates, OLD.inputs_digest, OLD.rules_digest, OLD.result_digest) THEN
        RAISE EXCEPTION 'a run keeps what it was made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_keeps_what_it_was_made_of';
    END IF;
    IF (OLD.proposed_by IS NOT NULL AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)
        OR (OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by)
        OR (OLD.ordered_by IS NOT NULL AND (NEW.ordered_by, NEW.publish_at, NEW.publication)
            IS DISTINCT FROM (OLD.ordered_by, OLD.publish_at, CASE WHEN NEW.state <> 'returned' THEN OLD.publication END)) THEN
        RAISE EXCEPTION 'a run keeps who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_keeps_who_did_what';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('simulated', 'proposed'), ('simulated', 'dropped'), ('proposed', 'approved'), ('proposed', 'returned'),
        ('approved', 'publishing'), ('approved', 'returned'), ('publishing', 'returned'), ('publishing', 'published'), ('published', 'superseded'))
        OR NEW.state = 'returned' AND EXISTS (SELECT FROM ranking_territories t WHERE t.run_id = OLD.id AND t.issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a run goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_goes_forward';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER runs_go_forward BEFORE UPDATE ON ranking_runs
    FOR EACH ROW EXECUTE FUNCTION keep_run();
CREATE TRIGGER runs_are_kept BEFORE DELETE OR TRUNCATE ON ranking_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a run makes of a territory: how far its money goes. issued_at says that its
-- part of a publication is done.
CREATE TABLE ranking_territories (
    run_id           uuid NOT NULL REFERENCES ranking_runs,
    territory        text NOT NULL,
    closed           boolean NOT NULL DEFAULT false,
    budget_cents     bigint NOT NULL,  -- to award, with what was kept from before
    candidates       integer NOT NULL,
    eligible         integer NOT NULL,
    awarded          integer NOT NULL, -- in full
    partial          integer NOT NULL,
    kept             integer NOT NULL DEFAULT 0, -- with what an earlier publication awarded
    unfunded         integer NOT NULL,
    refused          integer NOT NULL,
    not_processable  integer NOT NULL,
    awarded_cents    bigint NOT NULL,
    residual_cents   bigint NOT NULL,
    last_funded_rank integer NOT NULL DEFAULT 0,
    last_funded_isee bigint NOT NULL DEFAULT 0,
    issued_at        timestamptz,
    set_aside_cents  bigint NOT NULL DEFAULT 0, -- beside the budget: kept back for open re-examinations
    PRIMARY KEY (run_id, territory),
    CONSTRAINT territory_spends_its_budget CHECK (awarded_cents + residual_cents = budget_cents AND residual_cents >= 0),
    CONSTRAINT territory_counts_everybody CHECK (
        awarded + partial + unfunded = eligible AND eligible + refused + not_processable = candidates),
    CONSTRAINT territory_has_one_partial_award CHECK (partial <= 1 + kept)
);

-- The frozen inputs of a run with what it made of each, once and for ever.
CREATE TABLE ranking_entries (
    run_id         uuid NOT NULL,
    application_id uuid NOT NULL,
    territory      text NOT NULL,
    isee_cents     bigint,
    isee_status    text NOT NULL,
    submitted_at   timestamptz NOT NULL,
    kept_cents     bigint NOT NULL DEFAULT 0, -- awarded by an earlier publication
    ground         text NOT NULL,
    rank           integer,
    decided        text NOT NULL,
    entitled_cents bigint NOT NULL,
    awarded_cents  bigint NOT NULL,
    residual_cents bigint NOT NULL, -- of the territory, after it
    CONSTRAINT application_is_ranked_once_a_run PRIMARY KEY (run_id, application_id),
    CONSTRAINT place_or_ground CHECK ((rank IS NULL) = (ground <> '')),
    CONSTRAINT nobody_gets_more_than_their_due CHECK (awarded_cents BETWEEN 0 AND GREATEST(entitled_cents, kept_cents))
);
CREATE UNIQUE INDEX place_is_taken_once ON ranking_entries (run_id, territory, rank) WHERE rank IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION keep_ranking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM dropped JOIN ranking_runs r ON r.id = dropped.run_id WHERE r.state <> 'dropped') THEN
        RAISE EXCEPTION 'a ranking is kept' USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_is_kept';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_never_change BEFORE UPDATE OR TRUNCATE ON ranking_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ranking_is_kept AFTER DELETE ON ranking_entries
    REFERENCING OLD TABLE AS dropped FOR EACH STATEMENT EXECUTE FUNCTION keep_ranking();

-- run_id is the publication in which an application has its place.
ALTER TABLE applications ADD COLUMN run_id uuid REFERENCES ranking_runs;

-- Where the money of an edition ended is read from the runs now. Nothing but
-- demonstrations was ever published before.
DROP TABLE publications;

-- A citizen asks the office to look again (riesame): decided by two people, and,
-- when granted, carried out by a correction of the ranking.
CREATE TABLE reexaminations (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    protocol        text NOT NULL,
    application_id  uuid NOT NULL REFERENCES applications,
    run_id          uuid REFERENCES ranking_runs, -- the publication it is about
    asked_by        uuid NOT NULL REFERENCES persons,
    mandate_id      uuid REFERENCES mandates,
    asked_at        timestamptz NOT NULL,
    motive          text NOT NULL,
    text            text NOT NULL,
    decide_by       date NOT NULL,
    state           text NOT NULL,
    proposal        text NOT NULL DEFAULT '',
    correction      jsonb,                         -- what to put right: see voucher.Correction
    grounds         text NOT NULL DEFAULT '',
    proposed_by     uuid REFERENCES persons,
    proposed_at     timestamptz,
    decided_by      uuid REFERENCES persons,
    decided_at      timestamptz,
    set_aside_cents bigint NOT NULL DEFAULT 0,     -- of the residual of the territory, until it is decided and carried out
    carried_out_by  uuid REFERENCES ranking_runs,
    version         bigint NOT NULL DEFAULT 0,
    CONSTRAINT reexamination_has_one_protocol UNIQUE (protocol),
    CONSTRAINT reexamination_state_is_known CHECK (state IN ('asked', 'proposed', 'granted', 'denied', 'withdrawn')),
    CONSTRAINT reexamination_proposal_is_known CHECK (proposal IN ('', 'grant', 'deny')),
    CONSTRAINT proposed_reexamination_has_a_proposer CHECK (
        state IN ('asked', 'withdrawn') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposal <> '' AND grounds <> '')),
    CONSTRAINT decided_reexamination_has_a_second_person CHECK (
        state NOT IN ('granted', 'denied') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_decides_a_reexamination_they_proposed CHECK (
        state NOT IN ('granted', 'denied') OR decided_by <> proposed_by),
    CONSTRAINT nothing_negative_is_set_aside CHECK (set_aside_cents >= 0)
);
CREATE UNIQUE INDEX application_is_reexamined_once_at_a_time ON reexaminations (application_id) WHERE state IN ('asked', 'proposed');
CREATE INDEX reexaminations_by_term ON reexaminations (decide_by) WHERE state IN ('asked', 'proposed');
-- +goose StatementBegin
CREATE FUNCTION keep_reexamination() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('granted', 'denied', 'withdrawn') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a decided re-examination stays decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_reexamination_stays';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reexaminations_stay_decided BEFORE UPDATE ON reexaminations
    FOR EACH ROW EXECUTE FUNCTION keep_reexamination();
CREATE TRIGGER reexaminations_are_kept BEFORE DELETE OR TRUNCATE ON reexaminations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A request that is being written: one for each application and writer. Its id will
-- be that of the request, so that papers handed in meanwhile belong to it.
CREATE TABLE reexamination_drafts (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES applications,
    writer_id      uuid NOT NULL REFERENCES persons,
    motive         text NOT NULL,
    text           text NOT NULL,
    saved_at       timestamptz NOT NULL,
    CONSTRAINT reexamination_is_drafted_once UNIQUE (application_id, writer_id)
);

-- What a territory got back, for those who wait there.
CREATE INDEX vouchers_of_a_territory ON vouchers (territory);

-- A voucher may be blocked while somebody looks into it, get another code when the
-- first was seen by the wrong eyes, and be given up.
ALTER TABLE vouchers
    ADD COLUMN code_number  integer NOT NULL DEFAULT 1,
    ADD COLUMN blocked_at   timestamptz,
    ADD COLUMN block_reason text NOT NULL DEFAULT '',
    DROP CONSTRAINT voucher_state_is_known,
    ADD CONSTRAINT voucher_state_is_known CHECK (state IN ('active', 'expired', 'withdrawn')),
    ADD CONSTRAINT blocked_voucher_says_why CHECK ((blocked_at IS NULL) = (block_reason = ''));
ALTER TABLE postings
    DROP CONSTRAINT posting_follows_its_event,
    ADD CONSTRAINT posting_follows_its_event CHECK (
        (event, debit, credit) IN (
            ('grant',    'fund',   'free'),
            ('book',     'free',   'booked'),
            ('cancel',   'booked', 'free'),
            ('hold',     'booked', 'used'),
            ('retract',  'used',   'free'),
            ('expire',   'free',   'fund'),
            ('withdraw', 'free',   'fund'))),
    DROP CONSTRAINT posting_of_a_session_names_it,
    ADD CONSTRAINT posting_of_a_session_names_it CHECK (
        (event IN ('grant', 'expire', 'withdraw')) OR booking_id IS NOT NULL);
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_voucher_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'active' AND NEW.state = 'active' THEN
        RAISE EXCEPTION 'an expired voucher stays expired'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'expired_voucher_stays_expired';
    END IF;
    IF NEW.beneficiary_id <> OLD.beneficiary_id OR NEW.application_id <> OLD.application_id
        OR NEW.awarded_cents < OLD.awarded_cents THEN
        RAISE EXCEPTION 'a voucher keeps its holder and its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_holder_and_amount';
    END IF;
    IF (NEW.code_index <> OLD.code_index OR NEW.code_sealed <> OLD.code_sealed)
        AND (NEW.code_number <> OLD.code_number + 1 OR OLD.state <> 'active') THEN
        RAISE EXCEPTION 'a voucher keeps its code until it gets the next'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_its_code';
    END IF;
    IF NEW.accepted_on <> OLD.accepted_on OR NEW.last_day < OLD.last_day OR NEW.confirm_by < OLD.confirm_by
        OR coalesce(NEW.first_session_by, 'infinity') < coalesce(OLD.first_session_by, 'infinity') THEN
        RAISE EXCEPTION 'the terms of a voucher only move later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_terms_only_move_later';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
