-- +goose Up

-- What those who watch over the portal do with what others read: auditors, who see a
-- covered datum for a reason; administrators, who write the portal’s texts.

-- That an auditor had a covered datum of a case shown, and why. What it said is not kept.
CREATE TABLE disclosures (
    entry_id       bigint PRIMARY KEY REFERENCES audit,
    person_id      uuid NOT NULL REFERENCES persons,
    application_id uuid REFERENCES applications,
    case_id        uuid REFERENCES indemnity_applications,
    datum          text NOT NULL, -- its name in the file: "iban.1", "paper." and its id
    ground         text NOT NULL,
    reason         text NOT NULL,
    at             timestamptz NOT NULL,
    CONSTRAINT disclosure_is_of_one_case CHECK (num_nonnulls(application_id, case_id) = 1),
    CONSTRAINT disclosure_names_a_datum CHECK (datum ~ '^[a-z_]+\.[0-9a-f-]{1,36}$'),
    CONSTRAINT disclosure_ground_is_known CHECK (ground IN ('complaint', 'sample', 'act', 'authority', 'security')),
    CONSTRAINT disclosure_says_why CHECK (char_length(btrim(reason)) BETWEEN 10 AND 500)
);
CREATE INDEX disclosures_by_person ON disclosures (person_id, at);
CREATE TRIGGER disclosures_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Texts of the portal that are proposed together: one, or those of a file. Another
-- administrator publishes them; what comes with the program is never changed, and is said
-- again where that was published.
CREATE TABLE wording_proposals (
    id          uuid PRIMARY KEY,
    number      bigint,               -- of its publication, from 1 without gaps
    from_file   boolean NOT NULL,
    changes     integer NOT NULL,     -- how many texts
    proposed_by uuid NOT NULL REFERENCES persons,
    proposed_at timestamptz NOT NULL,
    state       text NOT NULL,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    why         text NOT NULL DEFAULT '',
    CONSTRAINT wording_state_is_known CHECK (state IN ('draft', 'proposed', 'published', 'refused', 'withdrawn')),
    CONSTRAINT wording_changes_something CHECK (changes > 0),
    CONSTRAINT wording_draft_is_of_a_file CHECK (state <> 'draft' OR from_file),
    CONSTRAINT published_wording_has_a_number CHECK ((state = 'published') = (number IS NOT NULL) AND coalesce(number, 1) > 0),
    CONSTRAINT wording_is_published_once UNIQUE (number),
    CONSTRAINT decided_wording_has_a_second_person CHECK ((state IN ('draft', 'proposed')) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT nobody_publishes_a_wording_they_proposed CHECK (state NOT IN ('published', 'refused') OR decided_by <> proposed_by),
    CONSTRAINT only_its_proposer_withdraws_a_wording CHECK (state <> 'withdrawn' OR decided_by = proposed_by),
    CONSTRAINT refused_wording_says_why CHECK ((state = 'refused') = (why <> ''))
);
CREATE INDEX wordings_by_time ON wording_proposals (proposed_at DESC);

CREATE TABLE wording_changes (
    proposal_id uuid NOT NULL REFERENCES wording_proposals,
    key         text NOT NULL,
    lang        text NOT NULL,
    forms       jsonb,                -- {"one": …, "other": …}; NULL: as it comes with the program
    before      bigint NOT NULL,      -- publication in force when it was proposed, 0 for none
    PRIMARY KEY (proposal_id, key, lang),
    CONSTRAINT wording_language_is_known CHECK (lang IN ('it', 'de', 'sl')),
    CONSTRAINT wording_has_a_key CHECK (key ~ '^[a-z0-9_.]{1,120}$'),
    CONSTRAINT wording_says_something CHECK (forms IS NULL OR coalesce(forms->>'other', '') <> '' AND length(forms::text) <= 20000)
);
CREATE INDEX wording_changes_by_key ON wording_changes (key, lang);

-- What was proposed stays as it was, and is decided on once; numbers go up by one.
-- +goose StatementBegin
CREATE FUNCTION keep_wording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state NOT IN ('draft', 'proposed') THEN
        RAISE EXCEPTION 'texts are proposed first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_is_proposed_first';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.state NOT IN ('draft', 'proposed') OR OLD.state = 'draft' AND NEW.state NOT IN ('proposed', 'withdrawn') OR OLD.state = 'proposed' AND NEW.state IN ('draft', 'proposed')
        OR (NEW.id, NEW.from_file, NEW.changes, NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.id, OLD.from_file, OLD.changes, OLD.proposed_by, OLD.proposed_at)) THEN
        RAISE EXCEPTION 'texts are decided on once, as they were proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_is_decided_once';
    END IF;
    IF NEW.number > 1 + coalesce((SELECT max(number) FROM wording_proposals WHERE id <> NEW.id), 0) THEN
        RAISE EXCEPTION 'publications of texts are numbered one after the other'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_numbers_go_up_by_one';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER wordings_stay_as_decided BEFORE INSERT OR UPDATE ON wording_proposals
    FOR EACH ROW EXECUTE FUNCTION keep_wording();
CREATE TRIGGER wordings_are_kept BEFORE DELETE OR TRUNCATE ON wording_proposals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Changes come with their proposal, all at once: none is added to what somebody proposed.
-- +goose StatementBegin
CREATE FUNCTION keep_wording_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM wording_proposals p JOIN (SELECT DISTINCT proposal_id FROM added) a ON a.proposal_id = p.id
        WHERE p.changes <> (SELECT count(*) FROM wording_changes c WHERE c.proposal_id = p.id)) THEN
        RAISE EXCEPTION 'texts are proposed all at once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_comes_with_its_proposal';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER wording_changes_come_together AFTER INSERT ON wording_changes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION keep_wording_changes();
CREATE TRIGGER wording_changes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON wording_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
