-- +goose Up

-- From where an act was done, and what it changed: the register says so beside who, what
-- and when.

-- Every entry that one transaction writes, and every change that it makes, are one act. It
-- has its number when that is first asked for, until the end of the transaction.
CREATE SEQUENCE acts AS bigint;
-- +goose StatementBegin
CREATE FUNCTION current_act() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    act text := current_setting('portal.act', true);
BEGIN
    IF coalesce(act, '') = '' THEN
        act := set_config('portal.act', nextval('acts')::text, true);
    END IF;
    RETURN act::bigint;
END $$;

-- Whether an entry is the first of its act, which tells also what no entry of it names.
CREATE FUNCTION begins_act() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    act text := current_act()::text;
BEGIN
    IF current_setting('portal.told', true) = act THEN
        RETURN false;
    END IF;
    PERFORM set_config('portal.told', act, true);
    RETURN true;
END $$;
-- +goose StatementEnd

-- Entries from before have none of these.
ALTER TABLE audit
    ADD COLUMN from_address inet, -- of whoever asked; NULL for what nobody asked for
    ADD COLUMN act          bigint,
    ADD COLUMN begins       boolean; -- the act
ALTER TABLE audit
    ALTER COLUMN act SET DEFAULT current_act(),
    ALTER COLUMN begins SET DEFAULT begins_act();

-- How an entry was written down to be sealed: 1 without address and changes, 2 with them.
ALTER TABLE audit_links
    ADD COLUMN form smallint NOT NULL DEFAULT 1,
    ADD CONSTRAINT link_form_is_known CHECK (form IN (1, 2));

-- What an act changed of what is kept: states, days and amounts, never who somebody is nor
-- what they wrote.
CREATE TABLE audit_changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act      bigint NOT NULL,
    thing    text NOT NULL, -- the table
    thing_id uuid NOT NULL,
    field    text NOT NULL, -- the column; of a case that is examined, the check
    before   text,
    after    text,
    CONSTRAINT change_changes_something CHECK (before IS DISTINCT FROM after)
);
CREATE INDEX audit_changes_of_an_act ON audit_changes (act, thing_id);
CREATE TRIGGER changes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Called for a row that changed, which has an id or a key, with the columns that are noted.
-- +goose StatementBegin
CREATE FUNCTION note_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
BEGIN
    INSERT INTO audit_changes (act, thing, thing_id, field, before, after)
    SELECT current_act(), TG_TABLE_NAME, coalesce(now_is->>'id', now_is->>'key')::uuid, field, was->>field, now_is->>field
    FROM unnest(TG_ARGV) field WHERE was->>field IS DISTINCT FROM now_is->>field;
    RETURN NULL;
END $$;

-- What an officer finds takes the place of what was found before on the same check.
CREATE FUNCTION note_finding() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was text := (SELECT verdict FROM indemnity_findings WHERE application_id = NEW.application_id AND check_name = NEW.check_name AND id < NEW.id ORDER BY id DESC LIMIT 1);
BEGIN
    IF was IS DISTINCT FROM NEW.verdict THEN
        INSERT INTO audit_changes (act, thing, thing_id, field, before, after)
        VALUES (current_act(), TG_TABLE_NAME, NEW.application_id, NEW.check_name, was, NEW.verdict);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_are_noted AFTER INSERT ON indemnity_findings FOR EACH ROW EXECUTE FUNCTION note_finding();

CREATE TRIGGER changes_are_noted AFTER UPDATE ON applications FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.isee_status IS DISTINCT FROM NEW.isee_status OR OLD.cure_by IS DISTINCT FROM NEW.cure_by OR OLD.officer_id IS DISTINCT FROM NEW.officer_id)
    EXECUTE FUNCTION note_changes('state', 'isee_status', 'cure_by', 'officer_id');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON vouchers FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.awarded_cents IS DISTINCT FROM NEW.awarded_cents OR OLD.last_day IS DISTINCT FROM NEW.last_day)
    EXECUTE FUNCTION note_changes('state', 'awarded_cents', 'last_day');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON bookings FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.day IS DISTINCT FROM NEW.day OR OLD.amount_cents IS DISTINCT FROM NEW.amount_cents OR OLD.claimed_cents IS DISTINCT FROM NEW.claimed_cents)
    EXECUTE FUNCTION note_changes('state', 'day', 'amount_cents', 'claimed_cents');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON invoices FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.amount_cents IS DISTINCT FROM NEW.amount_cents)
    EXECUTE FUNCTION note_changes('state', 'amount_cents');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_runs FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_orders FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_accounts FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON disputes FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON refusals FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON reexaminations FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON voucher_cases FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON closures FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON ranking_runs FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON deliveries FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON edition_versions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_applications FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.officer_id IS DISTINCT FROM NEW.officer_id)
    EXECUTE FUNCTION note_changes('state', 'officer_id');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_requests FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.reached_on IS DISTINCT FROM NEW.reached_on OR OLD.due_on IS DISTINCT FROM NEW.due_on)
    EXECUTE FUNCTION note_changes('state', 'reached_on', 'due_on');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_decisions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_reexaminations FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_controls FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_recoveries FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON control_samples FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON successions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON case_accounts FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_rankings FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON call_versions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON text_versions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON wording_proposals FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON parameter_versions FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON grant_proposals FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER changes_are_noted AFTER UPDATE ON erasures FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION note_changes('state');
