-- +goose Up

-- How applications come in: one at a time, online or at the counter, or many in a
-- file; what the outside registers said; who works on them.

CREATE SEQUENCE protocol_numbers START 200001;

-- An import is a file of applications: checked as a whole, then applied as a whole
-- or not at all. Its rows wait in the staging table until then.
CREATE TABLE imports (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id   text NOT NULL REFERENCES editions,
    file_digest  bytea NOT NULL,
    state        text NOT NULL,
    declared     integer,                        -- rows the sender says there are
    rows_read    integer NOT NULL DEFAULT 0,
    rows_wrong   integer NOT NULL DEFAULT 0,
    rows_applied integer NOT NULL DEFAULT 0,
    made_by      uuid REFERENCES persons,        -- NULL: an operator at the command line
    made_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT import_state_is_known CHECK (state IN ('reading', 'checked', 'applying', 'applied', 'refused', 'dropped')),
    CONSTRAINT wrong_rows_are_never_applied CHECK (rows_applied = 0 OR (rows_wrong = 0 AND rows_applied <= rows_read)),
    CONSTRAINT declared_rows_were_read CHECK (state NOT IN ('applying', 'applied') OR declared IS NULL OR declared = rows_read)
);
CREATE UNIQUE INDEX file_is_imported_once ON imports (edition_id, file_digest) WHERE state IN ('applying', 'applied');

CREATE TABLE import_faults (
    import_id uuid NOT NULL REFERENCES imports,
    line      integer NOT NULL,
    field     text NOT NULL,
    what      text NOT NULL,
    PRIMARY KEY (import_id, line, field, what)
);

CREATE UNLOGGED TABLE import_rows (
    import_id      uuid NOT NULL,
    line           integer NOT NULL,
    application_id uuid NOT NULL,
    person_id      uuid NOT NULL,
    known          boolean NOT NULL DEFAULT false, -- the person was there before
    protocol       text NOT NULL,
    fiscal_code    text COLLATE "C" NOT NULL,
    given_name     text NOT NULL,
    family_name    text NOT NULL,
    born_on        date,
    email          text NOT NULL,
    phone          text NOT NULL,
    territory      text NOT NULL,
    province       text NOT NULL,
    isee_cents     bigint,
    isee_status    text NOT NULL,
    entitled_cents bigint NOT NULL,
    submitted_at   timestamptz
);
CREATE INDEX import_rows_of_an_import ON import_rows (import_id, line);

-- A fiscal code is letters and digits: it is in order by its bytes, in any language.
ALTER TABLE persons ADD COLUMN phone text NOT NULL DEFAULT '', ALTER COLUMN fiscal_code TYPE text COLLATE "C";
CREATE INDEX persons_by_family_name ON persons (lower(family_name) text_pattern_ops);

ALTER TABLE applications
    ADD COLUMN channel          text NOT NULL DEFAULT 'online',
    ADD COLUMN mandate_id       uuid REFERENCES mandates,
    ADD COLUMN received_by      uuid REFERENCES persons, -- the officer, at the counter
    ADD COLUMN import_id        uuid REFERENCES imports,
    ADD COLUMN email            text NOT NULL DEFAULT '',
    ADD COLUMN phone            text NOT NULL DEFAULT '',
    ADD COLUMN isee_status      text NOT NULL DEFAULT 'missing',
    ADD COLUMN isee_kind        text NOT NULL DEFAULT '',
    ADD COLUMN isee_protocol    text NOT NULL DEFAULT '',
    ADD COLUMN isee_issued_on   date,
    ADD COLUMN isee_valid_until date,
    ADD COLUMN isee_defects     text NOT NULL DEFAULT '', -- codes, separated by blanks
    ADD COLUMN isee_asked_at    timestamptz,
    ADD COLUMN cure_by          date,
    ADD COLUMN isee_reminded_on date, -- when its holder was last told to correct it
    ADD COLUMN declarations     jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN officer_id       uuid REFERENCES persons, -- assigned to
    ADD COLUMN worked_by        uuid REFERENCES persons, -- who has it open, to warn the other
    ADD COLUMN worked_since     timestamptz,
    ADD COLUMN version          bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT application_channel_is_known CHECK (channel IN ('online', 'counter', 'import')),
    ADD CONSTRAINT counter_application_names_the_officer CHECK ((channel = 'counter') = (received_by IS NOT NULL)),
    ADD CONSTRAINT imported_application_names_the_import CHECK (channel = 'import' OR import_id IS NULL),
    ADD CONSTRAINT isee_status_is_known CHECK (isee_status IN ('valid', 'defective', 'missing')),
    ADD CONSTRAINT isee_kind_is_known CHECK (isee_kind IN ('', 'ordinary', 'current')),
    ADD CONSTRAINT valid_isee_has_a_value CHECK (isee_status <> 'valid' OR isee_cents IS NOT NULL);
UPDATE applications SET isee_status = 'valid' WHERE isee_cents IS NOT NULL;
UPDATE applications SET cure_by = (submitted_at AT TIME ZONE 'Europe/Rome')::date + 30 WHERE state = 'awaiting_isee';
ALTER TABLE applications
    ADD CONSTRAINT application_awaiting_isee_has_a_term CHECK (state <> 'awaiting_isee' OR cure_by IS NOT NULL);
-- The worklist: whatever the filters, a page of it is read from the ends of a few
-- stretches of this index.
CREATE INDEX applications_at_work ON applications (edition_id, territory, state, isee_status, submitted_at, id);
CREATE INDEX applications_at_the_counter ON applications (edition_id, submitted_at, id) WHERE channel = 'counter';
CREATE INDEX applications_of_an_officer ON applications (officer_id) WHERE officer_id IS NOT NULL;
CREATE INDEX applications_of_an_applicant ON applications (applicant_id);
CREATE INDEX applications_awaiting_isee ON applications (cure_by) WHERE state = 'awaiting_isee';

-- Who applied, for whom, in which edition, where and when is what was received:
-- none of it changes.
-- +goose StatementBegin
CREATE FUNCTION keep_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.protocol, NEW.edition_id, NEW.beneficiary_id, NEW.applicant_id, NEW.submitted_at, NEW.channel, NEW.declarations)
        IS DISTINCT FROM (OLD.protocol, OLD.edition_id, OLD.beneficiary_id, OLD.applicant_id, OLD.submitted_at, OLD.channel, OLD.declarations) THEN
        RAISE EXCEPTION 'an application stays as it was received'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_stays_as_received';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER applications_stay_as_received BEFORE UPDATE ON applications
    FOR EACH ROW EXECUTE FUNCTION keep_application();
CREATE TRIGGER applications_are_kept BEFORE DELETE OR TRUNCATE ON applications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An application that is being written: one for each edition, writer and
-- beneficiary, whom the portal may not know yet. Sent, it says what it became, and
-- holds no answers any more.
CREATE TABLE application_drafts (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id   text NOT NULL REFERENCES editions,
    applicant_id uuid NOT NULL REFERENCES persons,
    fiscal_code  text NOT NULL,
    answers      jsonb NOT NULL DEFAULT '{}',
    version      bigint NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL,
    saved_at     timestamptz NOT NULL,
    sent_as      uuid REFERENCES applications,
    CONSTRAINT draft_is_one_for_each_beneficiary UNIQUE (edition_id, applicant_id, fiscal_code)
);
CREATE INDEX drafts_of_an_applicant ON application_drafts (applicant_id);

-- A refusal by hand is a negative outcome: one officer proposes it, another decides.
CREATE TABLE refusals (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id uuid NOT NULL REFERENCES applications,
    reason         text NOT NULL,
    state          text NOT NULL DEFAULT 'proposed',
    proposed_by    uuid NOT NULL REFERENCES persons,
    proposed_at    timestamptz NOT NULL,
    decided_by     uuid REFERENCES persons,
    decided_at     timestamptz,
    note           text NOT NULL DEFAULT '', -- why it was sent back
    reopened_by    uuid REFERENCES persons,
    reopened_at    timestamptz,
    CONSTRAINT refusal_state_is_known CHECK (state IN ('proposed', 'approved', 'returned')),
    CONSTRAINT refusal_says_why CHECK (reason <> ''),
    CONSTRAINT decided_refusal_has_a_second_person CHECK (
        (state <> 'proposed') = (decided_by IS NOT NULL) AND (state <> 'proposed') = (decided_at IS NOT NULL)),
    CONSTRAINT nobody_decides_a_refusal_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT nobody_reopens_a_refusal_they_made CHECK (reopened_by <> proposed_by AND reopened_by <> decided_by),
    CONSTRAINT reopened_refusal_was_approved CHECK (
        (reopened_by IS NULL) = (reopened_at IS NULL) AND (reopened_by IS NULL OR state = 'approved')),
    CONSTRAINT returned_refusal_says_why CHECK ((state = 'returned') = (note <> ''))
);
CREATE UNIQUE INDEX application_has_one_open_refusal ON refusals (application_id) WHERE state = 'proposed';
CREATE INDEX refusals_of_an_application ON refusals (application_id);
-- +goose StatementBegin
CREATE FUNCTION keep_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'approved' AND OLD.reopened_by IS NULL
        AND to_jsonb(NEW) - '{reopened_by,reopened_at}'::text[] = to_jsonb(OLD) - '{reopened_by,reopened_at}'::text[] THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'proposed' OR (NEW.application_id, NEW.reason, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.application_id, OLD.reason, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a refusal is decided once, as it was proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refusal_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER refusals_are_decided_once BEFORE UPDATE ON refusals
    FOR EACH ROW EXECUTE FUNCTION keep_refusal();
CREATE TRIGGER refusals_are_kept BEFORE DELETE OR TRUNCATE ON refusals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A list that was taken away as a file: what was asked for, in codes, and how much
-- of it there was.
CREATE TABLE exports (
    id       uuid PRIMARY KEY,
    taken_by uuid NOT NULL REFERENCES persons,
    taken_at timestamptz NOT NULL,
    format   text NOT NULL,
    filters  text NOT NULL,
    rows     bigint NOT NULL,
    CONSTRAINT export_counts_its_rows CHECK (rows >= 0)
);
CREATE TRIGGER exports_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON exports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What officers wrote down about a thing, for each other.
CREATE TABLE notes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_id uuid NOT NULL,
    author_id  uuid NOT NULL REFERENCES persons,
    at         timestamptz NOT NULL,
    text       text NOT NULL,
    CONSTRAINT note_says_something CHECK (text <> '')
);
CREATE INDEX notes_of_a_subject ON notes (subject_id, id);
CREATE TRIGGER notes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON notes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Papers that people hand in: sniffed and measured before they come here, and kept
-- as ciphertext.
CREATE TABLE attachments (
    id         uuid PRIMARY KEY,
    subject_id uuid NOT NULL,
    owner_id   uuid NOT NULL REFERENCES persons,
    name       text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    digest     bytea NOT NULL,
    sealed     bytea NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT attachment_type_is_known CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    CONSTRAINT attachment_has_bytes CHECK (size_bytes > 0),
    CONSTRAINT attachment_digest_is_sha256 CHECK (length(digest) = 32)
);
CREATE INDEX attachments_of_a_subject ON attachments (subject_id);
