-- +goose Up

-- Who may do what within an office, and who may act for whom.

-- A role in an office comes with the duties of it: who prepares an act, who
-- approves it, who publishes it and who pays are different people.
ALTER TABLE role_grants
    ADD COLUMN duty text NOT NULL DEFAULT '',
    ADD CONSTRAINT granted_duty_is_known CHECK (duty IN ('', 'prepare', 'approve', 'publish', 'pay')),
    DROP CONSTRAINT role_is_granted_once_at_a_time,
    ADD CONSTRAINT role_is_granted_once_at_a_time
        EXCLUDE USING gist (person_id WITH =, role WITH =, duty WITH =, during WITH &&);

ALTER TABLE mandates
    ADD COLUMN scope      text NOT NULL DEFAULT 'all',
    ADD COLUMN channel    text NOT NULL DEFAULT 'counter',
    ADD COLUMN made_by    uuid REFERENCES persons,
    ADD COLUMN made_at    timestamptz,
    ADD COLUMN grounds    text NOT NULL DEFAULT '',
    ADD COLUMN revoked_by uuid REFERENCES persons,
    ADD CONSTRAINT mandate_scope_is_known CHECK (scope IN ('all', 'voucher', 'indemnity')),
    ADD CONSTRAINT mandate_channel_is_known CHECK (channel IN ('online', 'declared', 'counter')),
    ADD CONSTRAINT mandate_is_revoked_by_somebody CHECK (revoked_by IS NULL OR revoked_on IS NOT NULL),
    ADD CONSTRAINT person_has_one_delegate_at_a_time EXCLUDE USING gist (
        represented_id WITH =,
        daterange(from_day, LEAST(until_day + 1, revoked_on)) WITH &&) WHERE (kind = 'delegate');

-- A mandate says for ever who could act for whom: it is ended, not changed.
-- +goose StatementBegin
CREATE FUNCTION keep_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.kind, NEW.holder_id, NEW.represented_id, NEW.from_day, NEW.scope, NEW.channel, NEW.made_by)
        IS DISTINCT FROM (OLD.kind, OLD.holder_id, OLD.represented_id, OLD.from_day, OLD.scope, OLD.channel, OLD.made_by)
        OR (OLD.revoked_on IS NOT NULL AND NEW.revoked_on IS DISTINCT FROM OLD.revoked_on) THEN
        RAISE EXCEPTION 'a mandate is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mandates_are_ended_not_changed BEFORE UPDATE ON mandates
    FOR EACH ROW EXECUTE FUNCTION keep_mandate();
CREATE TRIGGER mandates_are_kept BEFORE DELETE OR TRUNCATE ON mandates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
