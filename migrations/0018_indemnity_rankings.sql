-- +goose Up

-- Rankings of a call for the indemnity: made of frozen inputs, ranked twice, and taken to
-- their publication by different people. A scenario asks what would be.
CREATE TABLE indemnity_rankings (
    id              uuid PRIMARY KEY,
    call_id         text NOT NULL,
    call_version    integer NOT NULL,
    number          integer NOT NULL,           -- within the call
    kind            text NOT NULL,
    based_on        uuid REFERENCES indemnity_rankings, -- of a scenario: whose inputs it has
    corrects        uuid REFERENCES indemnity_rankings,
    reason          text NOT NULL DEFAULT '',   -- of a correction, or what a scenario is to show
    rules           jsonb NOT NULL,             -- that it was made by
    evaluated_on    date NOT NULL,
    ruled           text[] NOT NULL DEFAULT '{}', -- protocols: the order of those whom every criterion leaves equal
    ties            jsonb NOT NULL DEFAULT '[]',  -- where the money ends among equals, and nobody has ruled
    exclusions      jsonb NOT NULL DEFAULT '[]',  -- cases that were not waited for, as they stood
    state           text NOT NULL,
    applications    integer NOT NULL,
    ranked          integer NOT NULL,
    funded          integer NOT NULL,
    not_funded      integer NOT NULL,
    requested_cents bigint NOT NULL,
    funded_cents    bigint NOT NULL,
    residual_cents  bigint,                     -- NULL: the budget is unlimited
    last_rank       integer NOT NULL,           -- last place with money, 0 for none
    last_points     integer NOT NULL,
    inputs_digest   bytea NOT NULL,
    rules_digest    bytea NOT NULL,
    result_digest   bytea NOT NULL,
    rows_digest     bytea NOT NULL,
    simulated_by    uuid NOT NULL REFERENCES persons,
    simulated_at    timestamptz NOT NULL,
    checked_at      timestamptz,                -- by the second ranker
    disagreements   integer,
    proposed_by     uuid REFERENCES persons,
    proposed_at     timestamptz,
    decided_by      uuid REFERENCES persons,
    decided_at      timestamptz,
    note            text NOT NULL DEFAULT '',   -- why it was sent back
    publication     integer,                    -- number within the call, from 1
    published_by    uuid REFERENCES persons,
    published_at    timestamptz,
    manifest        text NOT NULL DEFAULT '',   -- what was signed
    signature       bytea,
    FOREIGN KEY (call_id, call_version) REFERENCES call_versions (call_id, number),
    CONSTRAINT indemnity_ranking_is_numbered_once UNIQUE (call_id, number),
    CONSTRAINT indemnity_publication_is_numbered_once UNIQUE (call_id, publication),
    CONSTRAINT indemnity_ranking_kind_is_known CHECK (kind IN ('ranking', 'scenario')),
    CONSTRAINT indemnity_ranking_state_is_known CHECK (state IN ('simulated', 'proposed', 'returned', 'approved', 'published', 'superseded', 'dropped')),
    CONSTRAINT scenario_is_never_proposed CHECK (kind = 'ranking' OR state IN ('simulated', 'dropped')),
    CONSTRAINT scenario_is_based_on_a_ranking CHECK ((kind = 'scenario') = (based_on IS NOT NULL) AND (kind = 'ranking' OR (corrects IS NULL AND reason <> ''))),
    CONSTRAINT indemnity_correction_says_why CHECK (corrects IS NULL OR reason <> ''),
    CONSTRAINT indemnity_ranking_counts_everybody CHECK (funded + not_funded = ranked AND ranked <= applications AND applications > 0),
    CONSTRAINT only_what_both_rankers_agree_on_is_proposed CHECK (
        state IN ('simulated', 'dropped') OR (checked_at IS NOT NULL AND disagreements = 0)),
    CONSTRAINT only_a_whole_ranking_is_proposed CHECK (state IN ('simulated', 'dropped') OR (ranked = applications AND ties = '[]')),
    CONSTRAINT proposed_ranking_has_a_proposer CHECK (
        state IN ('simulated', 'dropped') OR num_nulls(proposed_by, proposed_at) = 0),
    CONSTRAINT approved_ranking_has_a_second_person CHECK (
        state NOT IN ('approved', 'published', 'superseded', 'returned') OR num_nulls(decided_by, decided_at) = 0),
    CONSTRAINT nobody_approves_a_ranking_they_made CHECK (decided_by IS NULL OR (decided_by <> proposed_by AND decided_by <> simulated_by)),
    CONSTRAINT published_ranking_is_signed CHECK (CASE WHEN state IN ('published', 'superseded')
        THEN num_nulls(published_by, published_at, publication, signature) = 0 AND manifest <> ''
        ELSE num_nonnulls(published_by, published_at, publication, signature) = 0 AND manifest = '' END),
    CONSTRAINT nobody_publishes_a_ranking_they_made_or_approved CHECK (
        published_by IS NULL OR (published_by <> proposed_by AND published_by <> decided_by AND published_by <> simulated_by)),
    CONSTRAINT returned_ranking_says_why CHECK (state <> 'returned' OR note <> '')
);
CREATE UNIQUE INDEX one_ranking_of_a_call_at_a_time ON indemnity_rankings (call_id) WHERE state IN ('proposed', 'approved');
CREATE UNIQUE INDEX call_has_one_ranking_in_force ON indemnity_rankings (call_id) WHERE state = 'published';

-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_ranking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves text[] := '{state,checked_at,disagreements,proposed_by,proposed_at,decided_by,decided_at,note,publication,published_by,published_at,manifest,signature}';
BEGIN
    IF (to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves)
        OR (OLD.state <> 'simulated' AND (NEW.checked_at, NEW.disagreements) IS DISTINCT FROM (OLD.checked_at, OLD.disagreements)) THEN
        RAISE EXCEPTION 'a ranking keeps what it was made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_keeps_what_it_was_made_of';
    END IF;
    IF (OLD.proposed_by IS NOT NULL AND (NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.proposed_by, OLD.proposed_at))
        OR (OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at))
        OR (OLD.published_by IS NOT NULL AND (NEW.published_by, NEW.published_at, NEW.publication, NEW.manifest, NEW.signature)
            IS DISTINCT FROM (OLD.published_by, OLD.published_at, OLD.publication, OLD.manifest, OLD.signature)) THEN
        RAISE EXCEPTION 'a ranking keeps who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_keeps_who_did_what';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('simulated', 'proposed'), ('simulated', 'dropped'), ('proposed', 'approved'), ('proposed', 'returned'),
        ('approved', 'published'), ('approved', 'returned'), ('published', 'superseded')) THEN
        RAISE EXCEPTION 'a ranking goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_goes_forward';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER indemnity_rankings_go_forward BEFORE UPDATE ON indemnity_rankings
    FOR EACH ROW EXECUTE FUNCTION keep_indemnity_ranking();
CREATE TRIGGER indemnity_rankings_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_rankings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The frozen inputs of a ranking with what it made of each, and why: once and for ever.
CREATE TABLE indemnity_ranking_entries (
    ranking_id        uuid NOT NULL,
    application_id    uuid NOT NULL,
    case_version      bigint NOT NULL,   -- of the application, as it was frozen
    protocol          text NOT NULL,
    public_code       text NOT NULL DEFAULT upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), -- under which its place is published: chance, it tells nobody who it is
    facts             jsonb NOT NULL,    -- an application of the contract of the batch, without a name
    result            json NOT NULL,     -- a result of it, to the byte
    steps             json NOT NULL,     -- the lines behind its numbers: see indemnity.Step
    row_digest        bytea NOT NULL,    -- SHA-256 of facts and result
    outcome           text NOT NULL,
    duration          integer NOT NULL,
    days              integer NOT NULL,
    daily_cents       bigint NOT NULL,
    gross_cents       bigint NOT NULL,
    rate              integer NOT NULL,  -- of the withholding, in hundredths of a percent
    withholding_cents bigint NOT NULL,
    net_cents         bigint NOT NULL,
    debt_cents        bigint NOT NULL,
    debt_left_cents   bigint NOT NULL,   -- of it, for the indemnity to cover
    points_isee       integer NOT NULL,
    points_duration   integer NOT NULL,
    points_exclusive  integer NOT NULL,
    rank              integer,
    ex_aequo          integer NOT NULL,
    decided           text NOT NULL,
    funding           text NOT NULL,
    funded_cents      bigint NOT NULL,   -- gross
    funded_net_cents  bigint NOT NULL,
    set_off_cents     bigint NOT NULL,
    payable_cents     bigint NOT NULL,
    recovery_cents    bigint NOT NULL,
    revoked           boolean NOT NULL,
    CONSTRAINT case_is_ranked_once_a_ranking PRIMARY KEY (ranking_id, application_id),
    CONSTRAINT only_what_is_ranked_has_a_place CHECK ((outcome = 'ranked') = (rank IS NOT NULL) AND (rank IS NULL) = (funding = '')),
    CONSTRAINT place_funding_is_known CHECK (funding IN ('', 'funded', 'partially_funded', 'not_funded')),
    CONSTRAINT nobody_is_paid_more_than_their_due CHECK (funded_cents BETWEEN 0 AND gross_cents AND payable_cents >= 0 AND payable_cents + set_off_cents = funded_net_cents)
);
CREATE UNIQUE INDEX indemnity_place_is_taken_once ON indemnity_ranking_entries (ranking_id, rank) WHERE rank IS NOT NULL;
CREATE UNIQUE INDEX public_code_is_of_one_place ON indemnity_ranking_entries (ranking_id, public_code);
CREATE INDEX indemnity_entries_of_a_case ON indemnity_ranking_entries (application_id);
-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dropped JOIN indemnity_rankings r ON r.id = dropped.ranking_id WHERE r.state <> 'dropped') THEN
        RAISE EXCEPTION 'the rows of a ranking are kept' USING ERRCODE = 'check_violation', CONSTRAINT = 'indemnity_entries_are_kept';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER indemnity_entries_never_change BEFORE UPDATE OR TRUNCATE ON indemnity_ranking_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER indemnity_entries_are_kept AFTER DELETE ON indemnity_ranking_entries
    REFERENCING OLD TABLE AS dropped FOR EACH STATEMENT EXECUTE FUNCTION keep_indemnity_entries();

-- A case that rankings do not wait for: somebody says so, and why, until it is lifted.
CREATE TABLE indemnity_exclusions (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    reason         text NOT NULL,
    excluded_by    uuid NOT NULL REFERENCES persons,
    excluded_at    timestamptz NOT NULL,
    lifted_by      uuid REFERENCES persons,
    lifted_at      timestamptz,
    CONSTRAINT exclusion_says_why CHECK (reason <> ''),
    CONSTRAINT exclusion_is_lifted_by_somebody CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE UNIQUE INDEX case_is_excluded_once_at_a_time ON indemnity_exclusions (application_id) WHERE lifted_at IS NULL;
-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_exclusion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - '{lifted_by,lifted_at}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{lifted_by,lifted_at}'::text[]) OR OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'an exclusion stays as it was written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exclusion_stays_as_written';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER exclusions_stay_as_written BEFORE UPDATE ON indemnity_exclusions
    FOR EACH ROW EXECUTE FUNCTION keep_indemnity_exclusion();
CREATE TRIGGER exclusions_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_exclusions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The order of applications that every criterion leaves equal, where the money ends among
-- them: the head of the service decides it.
CREATE TABLE indemnity_rulings (
    id         uuid PRIMARY KEY,
    call_id    text NOT NULL REFERENCES calls,
    ranking_id uuid NOT NULL REFERENCES indemnity_rankings, -- in which the tie was seen
    protocols  text[] NOT NULL,
    text       text NOT NULL,
    ruled_by   uuid NOT NULL REFERENCES persons,
    ruled_at   timestamptz NOT NULL,
    CONSTRAINT ruling_says_why CHECK (text <> ''),
    CONSTRAINT ruling_orders_more_than_one CHECK (cardinality(protocols) > 1)
);
-- +goose StatementBegin
CREATE FUNCTION check_indemnity_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM indemnity_rankings WHERE id = NEW.ranking_id AND simulated_by = NEW.ruled_by)
        OR EXISTS (SELECT FROM indemnity_applications a LEFT JOIN heirs h ON h.application_id = a.id
            WHERE a.protocol = ANY (NEW.protocols) AND NEW.ruled_by IN (a.member_id, a.sender_id, h.person_id)) THEN
        RAISE EXCEPTION 'nobody rules on their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_rules_on_their_own';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER rulings_are_of_others BEFORE INSERT ON indemnity_rulings
    FOR EACH ROW EXECUTE FUNCTION check_indemnity_ruling();
CREATE TRIGGER rulings_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_rulings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ranking_id is the publication in which an application has its place.
ALTER TABLE indemnity_applications ADD COLUMN ranking_id uuid REFERENCES indemnity_rankings;
-- +goose StatementBegin
CREATE FUNCTION check_indemnity_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('funded', 'unfunded') AND NOT EXISTS (
        SELECT FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
        WHERE e.ranking_id = NEW.ranking_id AND e.application_id = NEW.id AND r.state = 'published'
            AND (NEW.state = 'unfunded') = (e.funding = 'not_funded') AND e.funding <> '') THEN
        RAISE EXCEPTION 'a publication says who is paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER a_publication_says_who_is_paid AFTER UPDATE OF state, ranking_id ON indemnity_applications
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_indemnity_place();
