-- +goose Up

-- Who looks at a case, and who judges what others found on it.

-- An officer who opens somebody’s health papers beside whoever has the case says why, as an
-- auditor does who has a datum shown: the reason opens all of the case, and is kept with
-- its entry.
ALTER TABLE disclosures
    DROP CONSTRAINT disclosure_names_a_datum,
    ADD CONSTRAINT disclosure_names_a_datum CHECK (datum ~ '^[a-z_]+\.[0-9a-f-]{1,36}$' OR datum = 'health'),
    DROP CONSTRAINT disclosure_ground_is_known,
    ADD CONSTRAINT disclosure_ground_is_known CHECK (ground IN ('complaint', 'sample', 'act', 'authority', 'security', 'colleague')),
    ADD CONSTRAINT colleague_opens_the_health_papers_of_a_case CHECK ((ground = 'colleague') = (datum = 'health') AND (datum <> 'health' OR case_id IS NOT NULL));

-- A case was examined by whoever wrote a finding on it that stands: no later one on the
-- same check has taken its place.
-- +goose StatementBegin
CREATE FUNCTION case_was_examined_by(file_id uuid, who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM indemnity_findings f WHERE f.application_id = file_id AND f.made_by = who
        AND NOT EXISTS (SELECT FROM indemnity_findings later WHERE later.application_id = file_id AND later.check_name = f.check_name AND later.id > f.id));
$$;
CREATE FUNCTION keep_off_own_findings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF case_was_examined_by(NEW.application_id, NEW.decided_by) OR EXISTS (SELECT FROM indemnity_controls WHERE id = NEW.control_id AND ended_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'nobody approves what they found'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_approves_what_they_found';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION keep_off_examined_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF case_was_examined_by(NEW.application_id, CASE NEW.state WHEN 'proposed' THEN NEW.proposed_by ELSE NEW.decided_by END) THEN
        RAISE EXCEPTION 'nobody re-examines what they examined'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_what_they_judged';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION keep_off_examined_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
        WHERE o.run_id = NEW.id AND o.state <> 'released' AND (
            case_was_examined_by(l.application_id, NEW.sent_by)
            OR EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = l.application_id AND d.state = 'approved' AND NEW.sent_by IN (d.proposed_by, d.decided_by))
            OR EXISTS (SELECT FROM indemnity_rankings r WHERE r.id = l.ranking_id AND NEW.sent_by IN (r.simulated_by, r.proposed_by, r.decided_by, r.published_by)))) THEN
        RAISE EXCEPTION 'nobody pays what they examined or ranked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_pays_what_they_examined_or_ranked';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decisions_rest_on_what_others_found BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions
    FOR EACH ROW EXECUTE FUNCTION keep_off_own_findings();
-- What was examined again after it was granted is other findings: only the act itself is judged.
CREATE TRIGGER examined_outcomes_are_reexamined_by_others BEFORE UPDATE OF state ON indemnity_reexaminations
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state AND NEW.state IN ('proposed', 'granted', 'denied')) EXECUTE FUNCTION keep_off_examined_outcome();
