-- +goose Up

-- CNOP's list comes in deliveries: a file, what it would change, row by row, sent by
-- a second person of CNOP and applied by INPS. Membership is dated and never wiped.

CREATE TABLE deliveries (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number      integer NOT NULL,
    extent      text NOT NULL,
    list_day    date NOT NULL,             -- the day the list speaks of
    file_digest bytea NOT NULL,
    state       text NOT NULL,
    added       integer NOT NULL DEFAULT 0,
    changed     integer NOT NULL DEFAULT 0,
    removed     integer NOT NULL DEFAULT 0,
    unchanged   integer NOT NULL DEFAULT 0,
    rejected    integer NOT NULL DEFAULT 0,
    touched     integer NOT NULL DEFAULT 0, -- sessions booked with who would be removed
    standing    integer NOT NULL DEFAULT 0, -- professionals enrolled when it was compared
    revision    integer NOT NULL DEFAULT 0, -- moves when it is compared anew and comes out different
    based_on    uuid REFERENCES deliveries, -- the list it was compared with
    prepared_by uuid REFERENCES persons,    -- NULL: an operator at the command line
    prepared_at timestamptz NOT NULL,
    sent_by     uuid REFERENCES persons,
    sent_at     timestamptz,
    applied_by  uuid REFERENCES persons,
    applied_at  timestamptz,
    next_due_on date,
    CONSTRAINT delivery_is_numbered_once UNIQUE (number),
    CONSTRAINT delivery_extent_is_known CHECK (extent IN ('full', 'changes')),
    CONSTRAINT delivery_state_is_known CHECK (state IN ('draft', 'sent', 'applied', 'dropped')),
    CONSTRAINT sent_delivery_has_a_sender CHECK (state NOT IN ('sent', 'applied') OR sent_at IS NOT NULL),
    CONSTRAINT nobody_sends_a_list_they_prepared CHECK (sent_by IS NULL OR prepared_by IS NULL OR sent_by <> prepared_by),
    CONSTRAINT nobody_applies_a_list_they_sent CHECK (
        applied_by IS NULL OR ((sent_by IS NULL OR applied_by <> sent_by) AND (prepared_by IS NULL OR applied_by <> prepared_by))),
    CONSTRAINT applied_delivery_has_its_time CHECK ((state = 'applied') = (applied_at IS NOT NULL AND next_due_on IS NOT NULL))
);
CREATE UNIQUE INDEX one_delivery_at_a_time ON deliveries ((true)) WHERE state IN ('draft', 'sent');
INSERT INTO deliveries (id, number, extent, list_day, file_digest, state, prepared_at, sent_at, applied_at, next_due_on)
SELECT id, row_number() OVER (ORDER BY applied_at), 'full', delivered_on, '', 'applied', applied_at, applied_at, applied_at, next_due_on
FROM participant_lists;
DROP TABLE participant_lists;

CREATE TABLE delivery_rows (
    delivery_id uuid NOT NULL REFERENCES deliveries,
    line        integer NOT NULL,      -- of the file; below 0 for who is missing from it
    change      text NOT NULL,
    fiscal_code text NOT NULL,
    person_id   uuid,                  -- who it is, where the portal knows them
    reasons     text NOT NULL DEFAULT '', -- codes of why it was rejected, separated by blanks
    before      jsonb,
    after       jsonb,
    bookings    integer NOT NULL DEFAULT 0, -- still to come, of who would be removed
    PRIMARY KEY (delivery_id, line),
    CONSTRAINT row_change_is_known CHECK (change IN ('added', 'changed', 'removed', 'unchanged', 'rejected')),
    CONSTRAINT rejected_row_says_why CHECK ((change = 'rejected') = (reasons <> ''))
);
CREATE INDEX delivery_rows_by_change ON delivery_rows (delivery_id, change, line);

ALTER TABLE enrolments
    ADD COLUMN id         bigint GENERATED ALWAYS AS IDENTITY, -- the order in which they came, also within a day
    ADD COLUMN entered_by uuid REFERENCES deliveries,
    ADD COLUMN left_by    uuid REFERENCES deliveries,
    ADD COLUMN left_why   text NOT NULL DEFAULT '',            -- of a suspension
    ADD COLUMN entered_why text NOT NULL DEFAULT '';           -- of the end of one
CREATE INDEX enrolments_of_a_professional ON enrolments (professional_id, id);
CREATE TRIGGER enrolments_are_kept BEFORE DELETE OR TRUNCATE ON enrolments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE professionals
    ADD COLUMN annotated_on date,                  -- as a psychotherapist, in the register of the Order
    ADD COLUMN email        text NOT NULL DEFAULT ''; -- of the list: what people give the portal is in persons

-- What INPS asks CNOP about somebody on the list.
CREATE TABLE list_reports (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id   uuid NOT NULL REFERENCES persons,
    text        text NOT NULL,
    asked_by    uuid NOT NULL REFERENCES persons,
    asked_at    timestamptz NOT NULL,
    answer      text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES persons,
    answered_at timestamptz,
    CONSTRAINT report_says_something CHECK (text <> ''),
    CONSTRAINT answer_has_an_author CHECK ((answer <> '') = (answered_by IS NOT NULL) AND (answer <> '') = (answered_at IS NOT NULL))
);
