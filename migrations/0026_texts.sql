-- +goose Up

-- The standard texts (modelli di testo) that officers begin from: the program brings a
-- first version of each, and people bring the next. One proposes, another approves; every
-- version stays.
CREATE TABLE text_versions (
    id          uuid PRIMARY KEY,              -- in the register
    key         text NOT NULL,                 -- of the text: see indemnity.StandardTexts
    number      integer NOT NULL,              -- from 1: the program's own is 0
    text        text NOT NULL,                 -- of a request or a letter; of an item, what is wrong
    send        text NOT NULL DEFAULT '',      -- of an item, what to send
    state       text NOT NULL DEFAULT 'proposed',
    proposed_by uuid NOT NULL REFERENCES persons,
    proposed_at timestamptz NOT NULL,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    why         text NOT NULL DEFAULT '',      -- it was sent back
    CONSTRAINT text_version_is_numbered_once UNIQUE (key, number),
    CONSTRAINT text_versions_count_from_one CHECK (number > 0),
    CONSTRAINT text_says_something CHECK (text <> ''),
    CONSTRAINT text_state_is_known CHECK (state IN ('proposed', 'approved', 'sent_back')),
    CONSTRAINT text_has_a_second_person CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT nobody_approves_a_text_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT text_sent_back_says_why CHECK ((state = 'sent_back') = (why <> ''))
);
CREATE UNIQUE INDEX text_has_one_open_proposal ON text_versions (key) WHERE state = 'proposed';
-- +goose StatementBegin
CREATE FUNCTION keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' OR (to_jsonb(NEW) - '{state,decided_by,decided_at,why}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,why}'::text[]) THEN
        RAISE EXCEPTION 'a version of a text stays as it was proposed and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'text_stays_as_proposed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER texts_stay_as_proposed BEFORE UPDATE ON text_versions
    FOR EACH ROW EXECUTE FUNCTION keep_text();
CREATE TRIGGER texts_are_kept BEFORE DELETE OR TRUNCATE ON text_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Views of the list of cases that an officer keeps by name: at most twenty, since that
-- is how many slots there are.
CREATE TABLE work_views (
    id       uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES persons,
    slot     integer NOT NULL,
    name     text NOT NULL,
    filters  text NOT NULL,                  -- as the address of the list writes them
    first    boolean NOT NULL DEFAULT false, -- what the list opens with
    saved_at timestamptz NOT NULL,
    CONSTRAINT officer_keeps_twenty_views CHECK (slot BETWEEN 1 AND 20),
    CONSTRAINT view_has_a_slot_of_its_own UNIQUE (owner_id, slot),
    CONSTRAINT view_has_a_name CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 60),
    CONSTRAINT view_restricts_the_list CHECK (length(filters) BETWEEN 1 AND 500)
);
CREATE UNIQUE INDEX view_is_named_once ON work_views (owner_id, lower(name));
CREATE UNIQUE INDEX officer_has_one_first_view ON work_views (owner_id) WHERE first;
