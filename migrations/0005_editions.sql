-- +goose Up

-- An edition is a series of versions of its rules. One is drafted, proposed and
-- released, by two people; what is released stays as it is for ever.

CREATE TABLE edition_versions (
    edition_id  text NOT NULL REFERENCES editions,
    number      integer NOT NULL,
    key         uuid NOT NULL DEFAULT gen_random_uuid(), -- its name in the register
    rules       jsonb NOT NULL,
    state       text NOT NULL,
    shipped     boolean NOT NULL DEFAULT false, -- came with the program: the law as published
    revision    bigint NOT NULL DEFAULT 0,      -- moves with each change of a draft
    from_edition text,                          -- what it was copied from
    from_number integer,
    authors     uuid[] NOT NULL DEFAULT '{}',   -- who drafted and changed it
    drafted_by  uuid REFERENCES persons,
    drafted_at  timestamptz NOT NULL,
    proposed_by uuid REFERENCES persons,
    proposed_at timestamptz,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    note        text NOT NULL DEFAULT '',       -- why it was sent back
    PRIMARY KEY (edition_id, number),
    FOREIGN KEY (from_edition, from_number) REFERENCES edition_versions (edition_id, number),
    CONSTRAINT version_has_one_key UNIQUE (key),
    CONSTRAINT version_state_is_known CHECK (state IN ('draft', 'proposed', 'released', 'dropped')),
    CONSTRAINT version_numbers_start_at_one CHECK (number > 0),
    CONSTRAINT drafted_version_has_an_author CHECK (shipped OR drafted_by IS NOT NULL),
    CONSTRAINT proposed_version_has_a_proposer CHECK (
        shipped OR state NOT IN ('proposed', 'released') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL)),
    CONSTRAINT released_version_has_a_second_person CHECK (
        shipped OR state <> 'released' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_releases_what_they_drafted CHECK (
        state <> 'released' OR decided_by IS NULL
        OR (decided_by <> drafted_by AND decided_by <> proposed_by AND decided_by <> ALL (authors)))
);
CREATE UNIQUE INDEX edition_has_one_open_version ON edition_versions (edition_id) WHERE state IN ('draft', 'proposed');

INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at)
SELECT id, 1, rules, 'released', true, now() FROM editions;

-- version is the released one in force; an edition that was never released has none.
ALTER TABLE editions ADD COLUMN version integer;
UPDATE editions SET version = 1;
ALTER TABLE editions
    DROP COLUMN rules,
    ADD CONSTRAINT edition_is_named_for_addresses CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,30}$'),
    ADD CONSTRAINT version_in_force_exists FOREIGN KEY (id, version) REFERENCES edition_versions (edition_id, number)
        DEFERRABLE INITIALLY DEFERRED;

-- +goose StatementBegin
CREATE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('released', 'dropped') THEN
        RAISE EXCEPTION 'a released version never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'released_version_never_changes';
    END IF;
    IF OLD.state = 'proposed' AND NEW.rules IS DISTINCT FROM OLD.rules THEN
        RAISE EXCEPTION 'what is proposed is what is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_version_does_not_change';
    END IF;
    IF NEW.edition_id <> OLD.edition_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key
        OR (NEW.from_edition, NEW.from_number) IS DISTINCT FROM (OLD.from_edition, OLD.from_number)
        OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NOT OLD.authors <@ NEW.authors THEN
        RAISE EXCEPTION 'a version keeps its name and its authors'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_keeps_name_and_author';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION put_version_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'released' THEN
        UPDATE editions SET version = NEW.number WHERE id = NEW.edition_id AND coalesce(version, 0) < NEW.number;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER versions_are_kept_once_released BEFORE UPDATE ON edition_versions
    FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER released_version_comes_into_force AFTER INSERT OR UPDATE ON edition_versions
    FOR EACH ROW EXECUTE FUNCTION put_version_in_force();
CREATE TRIGGER versions_are_kept BEFORE DELETE OR TRUNCATE ON edition_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What Regions and Provinces have sent to INPS for an edition. An entry in error
-- is reversed by another one.
CREATE TABLE funding_transfers (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id   text NOT NULL REFERENCES editions,
    territory    text NOT NULL,
    amount_cents bigint NOT NULL,
    received_on  date NOT NULL,
    act          text NOT NULL,
    reverses     uuid REFERENCES funding_transfers,
    recorded_by  uuid NOT NULL REFERENCES persons,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT transfer_moves_something CHECK (amount_cents <> 0),
    CONSTRAINT only_a_reversal_takes_back CHECK ((amount_cents < 0) = (reverses IS NOT NULL)),
    CONSTRAINT transfer_is_reversed_once UNIQUE (reverses),
    CONSTRAINT transfer_names_its_act CHECK (act <> '')
);
CREATE INDEX transfers_of_an_edition ON funding_transfers (edition_id, territory);
CREATE TRIGGER transfers_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON funding_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
