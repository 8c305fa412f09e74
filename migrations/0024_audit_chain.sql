-- +goose Up

-- Who watches: duties of oversight, and the chain that shows whether the register is
-- as it was written.

-- Who audits changes nothing and who administers sees no case: two people, and
-- neither duty goes with the hat of an office that works.
ALTER TABLE role_grants
    DROP CONSTRAINT granted_duty_is_known,
    ADD CONSTRAINT granted_duty_is_known CHECK (duty IN ('', 'prepare', 'approve', 'publish', 'pay', 'audit', 'administer')),
    ADD CONSTRAINT oversight_has_its_own_duties CHECK ((role = 'oversight') = (duty IN ('audit', 'administer'))),
    ADD CONSTRAINT nobody_audits_what_they_administer
        EXCLUDE USING gist (person_id WITH =, duty WITH <>, during WITH &&) WHERE (role = 'oversight');

-- The chain of the register: each entry is sealed with the digest of the one before.
-- A job seals, once a minute, what was written since: whoever writes waits for nobody.
-- The order is that of the sealing; an entry that was committed late comes later.
CREATE TABLE audit_links (
    position bigint PRIMARY KEY,     -- from 1, without gaps
    entry_id bigint NOT NULL,        -- of audit; no reference: one that is gone must be missed, not forbidden
    digest   bytea NOT NULL,         -- SHA-256 of the digest before and the entry: see audit.Line
    CONSTRAINT entry_is_sealed_once UNIQUE (entry_id),
    CONSTRAINT chain_begins_at_one CHECK (position > 0),
    CONSTRAINT link_is_a_digest CHECK (octet_length(digest) = 32)
);
CREATE TRIGGER links_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Each time something was sealed. Entries up to highest that are sealed long after were
-- put among the others.
CREATE TABLE audit_seals (
    position  bigint PRIMARY KEY REFERENCES audit_links, -- the last link
    highest   bigint NOT NULL,                           -- highest entry sealed until then
    sealed_at timestamptz NOT NULL
);
CREATE INDEX seals_by_time ON audit_seals (sealed_at);
CREATE TRIGGER seals_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The head of the chain on each day, signed and published: whoever keeps it elsewhere
-- sees when what came before was written anew.
CREATE TABLE audit_anchors (
    day       date PRIMARY KEY,
    position  bigint NOT NULL REFERENCES audit_links,
    line      text NOT NULL,         -- day, position and digest, as they were signed
    signature bytea NOT NULL,        -- Ed25519
    key       bytea NOT NULL,        -- the public one
    made_at   timestamptz NOT NULL,
    CONSTRAINT anchor_is_signed CHECK (octet_length(signature) = 64 AND octet_length(key) = 32 AND line <> '')
);
CREATE TRIGGER anchors_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchors
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The rows of a ranking of the contribution, 16 bytes of a digest for each, in the
-- order of their applications: which of them is not as it was made.
CREATE TABLE ranking_seals (
    run_id    uuid PRIMARY KEY REFERENCES ranking_runs,
    rows      bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CONSTRAINT seal_has_whole_rows CHECK (octet_length(rows) % 16 = 0)
);
CREATE TRIGGER ranking_seals_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON ranking_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A verification of register and rankings: by the calendar, or asked for by an auditor.
CREATE TABLE audit_checks (
    id       uuid PRIMARY KEY,
    asked_by uuid REFERENCES persons, -- NULL: the calendar
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    entries  bigint,                  -- sealed
    unsealed bigint,
    rankings integer,
    head     bytea,
    faults   jsonb,                   -- what does not hold: audit.Fault
    CONSTRAINT check_ends_whole CHECK (num_nonnulls(ended_at, entries, unsealed, rankings, head, faults) IN (0, 6))
);
CREATE UNIQUE INDEX one_check_at_a_time ON audit_checks ((true)) WHERE ended_at IS NULL;
CREATE INDEX checks_by_time ON audit_checks (asked_at);
-- +goose StatementBegin
CREATE FUNCTION keep_audit_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.id, NEW.asked_by, NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.asked_by, OLD.asked_at) THEN
        RAISE EXCEPTION 'a verification stays as it came out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'check_stays_as_it_came_out';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER checks_stay_as_they_came_out BEFORE UPDATE ON audit_checks
    FOR EACH ROW EXECUTE FUNCTION keep_audit_check();
CREATE TRIGGER checks_are_kept BEFORE DELETE OR TRUNCATE ON audit_checks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an auditor searches the register by, besides whose data it is.
CREATE INDEX audit_by_person ON audit (person_id, id);
CREATE INDEX audit_by_time ON audit USING brin (at);
