-- +goose Up

-- How the offices are staffed and the portal is run: who gets a role and by whose
-- word, when the portal stops, whether its neighbours answer.

-- What an administrator wants somebody to be. It gives nothing until another one,
-- who is not that person either, confirms it.
CREATE TABLE grant_proposals (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES persons,
    role        text NOT NULL,
    duty        text NOT NULL,
    from_day    date NOT NULL,
    until_day   date,
    grounds     text NOT NULL,
    proposed_by uuid NOT NULL REFERENCES persons,
    proposed_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'proposed',
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    why         text NOT NULL DEFAULT '',
    CONSTRAINT proposed_post_exists CHECK ((role, duty) IN (
        ('cnop', 'prepare'), ('cnop', 'approve'),
        ('inps', 'prepare'), ('inps', 'approve'), ('inps', 'publish'), ('inps', 'pay'),
        ('welfare', 'prepare'), ('welfare', 'approve'), ('welfare', 'publish'), ('welfare', 'pay'),
        ('oversight', 'audit'), ('oversight', 'administer'))),
    CONSTRAINT proposed_grant_ends_after_it_starts CHECK (until_day IS NULL OR until_day >= from_day),
    CONSTRAINT proposed_grant_says_why CHECK (grounds <> ''),
    CONSTRAINT grant_proposal_state_is_known CHECK (state IN ('proposed', 'confirmed', 'refused', 'withdrawn')),
    CONSTRAINT decided_grant_has_a_second_person CHECK (
        (state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT nobody_proposes_a_grant_to_themselves CHECK (proposed_by <> person_id),
    CONSTRAINT nobody_decides_their_own_grant CHECK (decided_by <> person_id),
    CONSTRAINT nobody_confirms_a_grant_they_proposed CHECK (state NOT IN ('confirmed', 'refused') OR decided_by <> proposed_by),
    CONSTRAINT only_its_proposer_withdraws_a_grant CHECK (state <> 'withdrawn' OR decided_by = proposed_by),
    CONSTRAINT refused_grant_says_why CHECK ((state = 'refused') = (why <> ''))
);
CREATE UNIQUE INDEX post_is_proposed_once ON grant_proposals (person_id, role, duty) WHERE state = 'proposed';
CREATE INDEX grant_proposals_of_a_person ON grant_proposals (person_id, proposed_at DESC);

-- +goose StatementBegin
CREATE FUNCTION keep_grant_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' OR
        (NEW.person_id, NEW.role, NEW.duty, NEW.from_day, NEW.until_day, NEW.grounds, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.person_id, OLD.role, OLD.duty, OLD.from_day, OLD.until_day, OLD.grounds, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a proposal is decided once, as it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_proposal_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER grant_proposals_are_decided_once BEFORE UPDATE ON grant_proposals
    FOR EACH ROW EXECUTE FUNCTION keep_grant_proposal();
CREATE TRIGGER grant_proposals_are_kept BEFORE DELETE OR TRUNCATE ON grant_proposals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE role_grants
    ADD COLUMN proposal_id uuid REFERENCES grant_proposals,
    ADD COLUMN ended_by    uuid REFERENCES persons,
    ADD COLUMN ended_at    timestamptz,
    ADD COLUMN ended_why   text NOT NULL DEFAULT '',
    ADD CONSTRAINT proposal_gives_one_grant UNIQUE (proposal_id),
    ADD CONSTRAINT grant_taken_away_says_by_whom_and_why CHECK (
        (ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_why = ''));

-- A role in an office comes from a proposal that two administrators made and
-- confirmed, and goes with no other that it excludes: who prepares an act, who
-- approves it, who publishes it and who pays are different people, and who oversees
-- works in no office. Only the first administrators come without, by who installs the
-- portal: SET portal.installation = 'yes'.
-- +goose StatementBegin
CREATE FUNCTION check_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role NOT IN ('cnop', 'inps', 'welfare', 'oversight') THEN
        RETURN NEW;
    END IF;
    IF NEW.proposal_id IS NULL AND current_setting('portal.installation', true) IS NOT DISTINCT FROM 'yes' THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM grant_proposals p
        WHERE p.id = NEW.proposal_id AND p.state = 'confirmed' AND (p.person_id, p.role, p.duty) = (NEW.person_id, NEW.role, NEW.duty)
            AND lower(NEW.during) >= p.from_day AND upper(NEW.during) IS NOT DISTINCT FROM p.until_day + 1) THEN
        RAISE EXCEPTION 'a role in an office is given by two administrators'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_people_give_a_role';
    END IF;
    IF EXISTS (
        SELECT FROM role_grants g
        WHERE g.person_id = NEW.person_id AND g.during && NEW.during AND g.role IN ('cnop', 'inps', 'welfare', 'oversight')
            AND (g.role = NEW.role AND g.duty <> NEW.duty OR (g.role = 'oversight') <> (NEW.role = 'oversight'))) THEN
        RAISE EXCEPTION 'a role that excludes another of the same person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_holds_roles_that_exclude_each_other';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER grants_are_given_by_two BEFORE INSERT ON role_grants
    FOR EACH ROW EXECUTE FUNCTION check_grant();

-- A grant says for ever who could do what: it is ended sooner, by somebody and for a
-- reason, and nothing else about it changes.
-- +goose StatementBegin
CREATE FUNCTION keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NOT NEW.during <@ OLD.during
        OR (NOT isempty(NEW.during) AND lower(NEW.during) IS DISTINCT FROM lower(OLD.during))
        OR (NEW.person_id, NEW.role, NEW.duty, NEW.proposal_id) IS DISTINCT FROM (OLD.person_id, OLD.role, OLD.duty, OLD.proposal_id) THEN
        RAISE EXCEPTION 'a grant is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER grants_are_ended_not_changed BEFORE UPDATE ON role_grants
    FOR EACH ROW EXECUTE FUNCTION keep_grant();
CREATE TRIGGER grants_are_kept BEFORE DELETE OR TRUNCATE ON role_grants
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When somebody was last in the portal.
CREATE INDEX audit_of_logins ON audit (person_id, at) WHERE action IN ('login.started', 'login.profile_chosen');

-- When the portal will not answer, as everybody reads it. One that changes is
-- withdrawn and planned anew.
CREATE TABLE planned_stops (
    id           uuid PRIMARY KEY,
    says         text NOT NULL,
    during       tstzrange NOT NULL,
    planned_by   uuid NOT NULL REFERENCES persons,
    planned_at   timestamptz NOT NULL,
    withdrawn_by uuid REFERENCES persons,
    withdrawn_at timestamptz,
    CONSTRAINT stop_says_what_stops CHECK (says <> ''),
    CONSTRAINT stop_has_a_beginning_and_an_end CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    CONSTRAINT stop_is_withdrawn_by_somebody CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
    CONSTRAINT stops_do_not_overlap EXCLUDE USING gist (during WITH &&) WHERE (withdrawn_at IS NULL)
);

-- +goose StatementBegin
CREATE FUNCTION keep_stop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL OR
        (NEW.says, NEW.during, NEW.planned_by, NEW.planned_at) IS DISTINCT FROM (OLD.says, OLD.during, OLD.planned_by, OLD.planned_at) THEN
        RAISE EXCEPTION 'a planned stop is withdrawn, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stop_is_withdrawn_not_changed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER stops_are_withdrawn_not_changed BEFORE UPDATE ON planned_stops
    FOR EACH ROW EXECUTE FUNCTION keep_stop();
CREATE TRIGGER stops_are_kept BEFORE DELETE OR TRUNCATE ON planned_stops
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When each system outside the portal last answered, and last did not: the kind of
-- failure, never what the other said.
CREATE TABLE neighbours (
    name        text PRIMARY KEY,
    answered_at timestamptz,
    failed_at   timestamptz,
    failure     text NOT NULL DEFAULT '',
    CONSTRAINT neighbour_failure_is_known CHECK (failure IN ('', 'slow', 'silent', 'wrong')),
    CONSTRAINT failed_neighbour_says_how CHECK ((failed_at IS NULL) = (failure = ''))
);
