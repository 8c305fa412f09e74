-- The whole schema, read back from the catalogue by make schema. For readers:
-- what makes it are the numbered steps beside this file.

CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;

CREATE OR REPLACE FUNCTION public.begins_act()
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
DECLARE
    act text := current_act()::text;
BEGIN
    IF current_setting('portal.told', true) = act THEN
        RETURN false;
    END IF;
    PERFORM set_config('portal.told', act, true);
    RETURN true;
END $function$;

CREATE OR REPLACE FUNCTION public.case_concerns(file_id uuid, who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (SELECT FROM indemnity_applications WHERE id = file_id AND who IN (member_id, sender_id))
        OR EXISTS (SELECT FROM heirs WHERE application_id = file_id AND person_id = who);
$function$;

CREATE OR REPLACE FUNCTION public.case_was_examined_by(file_id uuid, who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    SELECT EXISTS (SELECT FROM indemnity_findings f WHERE f.application_id = file_id AND f.made_by = who
        AND NOT EXISTS (SELECT FROM indemnity_findings later WHERE later.application_id = file_id AND later.check_name = f.check_name AND later.id > f.id));
$function$;

CREATE OR REPLACE FUNCTION public.check_asker()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF case_concerns(NEW.application_id, NEW.asked_by) THEN
        RAISE EXCEPTION 'nobody asks on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_asks_on_their_own_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_call_in_force()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    in_force integer;
BEGIN
    SELECT version INTO in_force FROM calls WHERE id = NEW.call_id FOR SHARE;
    IF in_force IS DISTINCT FROM NEW.call_version THEN
        RAISE EXCEPTION 'an application is made by the call in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_is_made_by_the_call_in_force';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_case_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - '{state,decided_by,decided_at,reason}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,reason}'::text[])
        OR (OLD.state IN ('rejected', 'replaced') AND NEW IS DISTINCT FROM OLD)) THEN
        RAISE EXCEPTION 'an account is replaced, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_account_is_replaced_not_changed';
    END IF;
    IF EXISTS (SELECT FROM heirs WHERE id = NEW.heir_id AND application_id <> NEW.application_id) THEN
        RAISE EXCEPTION 'an account is of an heir of its application'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_account_is_of_an_heir_of_its_case';
    END IF;
    IF NEW.state = 'verified' AND EXISTS (
        SELECT FROM indemnity_applications a JOIN persons p ON p.id = NEW.decided_by
        WHERE a.id = NEW.application_id AND (p.id IN (a.member_id, a.sender_id)
            OR EXISTS (SELECT FROM heirs h WHERE h.application_id = a.id AND h.fiscal_code = p.fiscal_code))) THEN
        RAISE EXCEPTION 'nobody verifies an account of their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_verifies_an_account_of_their_own_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_case_line(l payment_lines)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
DECLARE
    file indemnity_applications%ROWTYPE;
    pays payment_orders%ROWTYPE;
    due  bigint;
BEGIN
    -- Locked, so that its place is not being corrected meanwhile.
    SELECT * INTO file FROM indemnity_applications WHERE id = l.application_id FOR NO KEY UPDATE;
    SELECT e.payable_cents INTO due FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
        WHERE e.ranking_id = l.ranking_id AND e.application_id = l.application_id AND r.state = 'published' AND NOT e.revoked;
    IF file.state <> 'funded' OR file.ranking_id IS DISTINCT FROM l.ranking_id OR due IS NULL THEN
        RAISE EXCEPTION 'only funded applications are paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_funded_applications_are_paid';
    END IF;
    IF EXISTS (SELECT FROM indemnity_decisions WHERE application_id = l.application_id AND state = 'proposed') THEN
        RAISE EXCEPTION 'nothing is paid while a decision waits'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_paid_while_a_decision_waits';
    END IF;
    IF l.amount_cents + (SELECT coalesce(sum(amount_cents), 0) FROM payment_lines
        WHERE application_id = l.application_id AND id <> l.id AND order_state IN ('frozen', 'sent', 'paid')) > due THEN
        RAISE EXCEPTION 'an application is paid no more than its place is worth'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_is_paid_no_more_than_its_place';
    END IF;
    SELECT * INTO pays FROM payment_orders WHERE id = l.order_id;
    IF NOT EXISTS (SELECT FROM payment_runs r WHERE r.id = pays.run_id AND r.programme = 'indemnity' AND r.call_id = file.call_id) THEN
        RAISE EXCEPTION 'a run pays the applications of its call'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_pays_the_applications_of_its_call';
    END IF;
    IF (l.heir_id IS NULL) <> (file.died_on IS NULL) OR NOT (CASE WHEN l.heir_id IS NULL THEN pays.payee_id = file.member_id
        ELSE EXISTS (SELECT FROM heirs h JOIN persons p ON p.fiscal_code = h.fiscal_code
            WHERE h.id = l.heir_id AND h.application_id = l.application_id AND h.removed_at IS NULL AND p.id = pays.payee_id) END) THEN
        RAISE EXCEPTION 'the member is paid, or the heirs of who has died'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'member_is_paid_or_their_heirs';
    END IF;
    IF NOT EXISTS (SELECT FROM case_accounts c WHERE c.id = pays.case_account_id AND c.application_id = l.application_id
        AND c.heir_id IS NOT DISTINCT FROM l.heir_id AND c.state = 'verified' AND (c.iban, c.holder) = (pays.iban, pays.holder)) THEN
        RAISE EXCEPTION 'a payee is paid on their own verified account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payee_is_paid_on_their_own_account';
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.check_case_message()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- Who closes the thread meanwhile waits, or is waited for.
    PERFORM FROM indemnity_threads WHERE id = NEW.thread_id AND closed_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is written in a closed thread'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_thread_takes_no_message';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_case_reexamination()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    file  indemnity_applications%ROWTYPE;
    moves text[] := '{state,read_by,read_at,withdrawn_at,proposal,reopens,grounds,proposed_by,proposed_at,decided_by,decided_at,answer_protocol,answer_code,reopened_by,set_aside_cents,carried_out_by,version}';
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves)
        OR (OLD.read_at IS NOT NULL AND (NEW.read_by, NEW.read_at) IS DISTINCT FROM (OLD.read_by, OLD.read_at))
        OR (OLD.state IN ('granted', 'denied', 'withdrawn') AND (to_jsonb(NEW) - '{carried_out_by,version}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{carried_out_by,version}'::text[]))
        OR NEW.set_aside_cents > OLD.set_aside_cents) THEN
        RAISE EXCEPTION 'a re-examination stays as it was asked and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_reexamination_stays_as_asked';
    END IF;
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id;
    IF EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.decision_id AND (application_id <> NEW.application_id OR state <> 'approved'))
        OR (NEW.ranking_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
            WHERE e.ranking_id = NEW.ranking_id AND e.application_id = NEW.application_id AND r.state IN ('published', 'superseded'))) THEN
        RAISE EXCEPTION 'a re-examination is of what was said of its case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_reexamination_is_of_its_case';
    END IF;
    IF NEW.proposed_by IN (file.member_id, file.sender_id, NEW.asked_by) OR NEW.decided_by IN (file.member_id, file.sender_id, NEW.asked_by) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id IN (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'nobody re-examines their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_their_own_case';
    END IF;
    IF EXISTS (SELECT FROM indemnity_decisions d WHERE d.id = NEW.decision_id AND (NEW.proposed_by IN (d.proposed_by, d.decided_by) OR NEW.decided_by IN (d.proposed_by, d.decided_by)))
        OR EXISTS (SELECT FROM indemnity_rankings r WHERE r.id = NEW.ranking_id
            AND (NEW.proposed_by IN (r.simulated_by, r.proposed_by, r.decided_by) OR NEW.decided_by IN (r.simulated_by, r.proposed_by, r.decided_by))) THEN
        RAISE EXCEPTION 'nobody re-examines what they proposed or approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_what_they_judged';
    END IF;
    IF NEW.reopened_by IS NOT NULL AND NOT EXISTS (SELECT FROM indemnity_decisions d
        WHERE d.id = NEW.reopened_by AND d.application_id = NEW.application_id AND d.to_state = 'in_review' AND d.state = 'approved'
            AND (d.proposed_by, d.decided_by) = (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'who decides a re-examination takes the case up again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reexamination_takes_its_case_up_again';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_commitment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM FROM calls WHERE id = NEW.call_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM control_commitments c WHERE c.call_id = NEW.call_id
        AND NOT EXISTS (SELECT FROM control_samples s WHERE s.commitment_id = c.id AND s.state = 'drawn')) THEN
        RAISE EXCEPTION 'one value at a time: nobody chooses among several'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'call_has_one_commitment_at_a_time';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_control()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id;
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'open'
        OR (to_jsonb(NEW) - '{state,found,codes,ended_by,ended_at}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,found,codes,ended_by,ended_at}'::text[])) THEN
        RAISE EXCEPTION 'a check stays as it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'control_stays_as_made';
    END IF;
    IF NEW.sample_id IS NOT NULL AND NOT EXISTS (SELECT FROM control_samples WHERE id = NEW.sample_id AND state = 'drawn' AND NEW.place BETWEEN 1 AND size) THEN
        RAISE EXCEPTION 'a sample has as many places as were confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_has_so_many_places';
    END IF;
    IF NEW.ended_by IN (file.member_id, file.sender_id) OR NEW.source = 'report' AND NEW.opened_by IN (file.member_id, file.sender_id)
        OR EXISTS (SELECT FROM heirs WHERE application_id = NEW.application_id
            AND (person_id = NEW.ended_by OR NEW.source = 'report' AND person_id = NEW.opened_by)) THEN
        RAISE EXCEPTION 'nobody checks their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_checks_their_own_case';
    END IF;
    IF TG_OP = 'INSERT' AND file.state NOT IN ('funded', 'revoked') AND NEW.source = 'report' THEN
        RAISE EXCEPTION 'a case that nobody pays is examined, not checked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_is_paid_is_checked';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF NEW.proposed_by IN (file.member_id, file.sender_id) OR NEW.decided_by IN (file.member_id, file.sender_id) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id IN (NEW.proposed_by, NEW.decided_by)) THEN
        RAISE EXCEPTION 'nobody decides on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_on_their_own_case';
    END IF;
    IF NEW.undoes IS DISTINCT FROM (SELECT id FROM indemnity_decisions d WHERE application_id = NEW.application_id AND state = 'approved' AND id <> NEW.id
        AND NOT EXISTS (SELECT FROM indemnity_decisions u WHERE u.undoes = d.id AND u.state = 'approved' AND u.id <> NEW.id)) THEN
        RAISE EXCEPTION 'a decision undoes the one in force on the same case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_undoes_the_one_in_force';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_draw()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    sample control_samples%ROWTYPE;
    due    text;
BEGIN
    SELECT * INTO sample FROM control_samples WHERE id = NEW.id;
    SELECT encode(sha256(convert_to(encode(sha256(convert_to(r.manifest, 'UTF8')), 'hex') || ':' || c.value, 'UTF8')), 'hex') INTO due
        FROM indemnity_rankings r, control_commitments c WHERE r.id = sample.ranking_id AND c.id = sample.commitment_id;
    IF sample.seed <> due AND sample.state = 'drawn'
        OR (SELECT array_agg(application_id ORDER BY place) FROM indemnity_controls WHERE sample_id = sample.id) IS DISTINCT FROM (
            SELECT array_agg(application_id ORDER BY ticket, public_code) FROM (
                SELECT application_id, public_code, encode(sha256(convert_to(due || ':' || public_code, 'UTF8')), 'hex') COLLATE "C" AS ticket
                FROM indemnity_ranking_entries WHERE ranking_id = sample.ranking_id AND funding IN ('funded', 'partially_funded')
                ORDER BY ticket, public_code LIMIT CASE sample.state WHEN 'drawn' THEN sample.size ELSE 0 END) drawn) THEN
        RAISE EXCEPTION 'chance draws a sample, and nobody else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_is_what_its_seed_draws';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.check_finding()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    file indemnity_applications%ROWTYPE;
BEGIN
    SELECT * INTO file FROM indemnity_applications WHERE id = NEW.application_id FOR NO KEY UPDATE;
    IF file.state NOT IN ('submitted', 'in_review') OR EXISTS (
        SELECT FROM indemnity_decisions WHERE application_id = NEW.application_id AND state = 'proposed') THEN
        RAISE EXCEPTION 'nothing is found on a case that is decided, or about to be'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'findings_are_on_cases_in_review';
    END IF;
    IF NEW.made_by IN (file.member_id, file.sender_id) OR EXISTS (
        SELECT FROM heirs WHERE application_id = NEW.application_id AND person_id = NEW.made_by) THEN
        RAISE EXCEPTION 'nobody examines their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_examines_their_own_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_grant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.check_heir()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM indemnity_applications WHERE id = NEW.application_id AND died_on IS NULL) THEN
        RAISE EXCEPTION 'nobody inherits from the living'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'heirs_are_of_a_deceased';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_indemnity_answer()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    asked indemnity_requests%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM indemnity_requests WHERE id = NEW.request_id FOR NO KEY UPDATE;
    IF asked.state NOT IN ('open', 'answered') OR (NEW.sent_at AT TIME ZONE 'Europe/Rome')::date > asked.due_on THEN
        RAISE EXCEPTION 'an answer is sent to a request whose term runs'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answers_are_sent_while_the_term_runs';
    END IF;
    IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM indemnity_answers WHERE request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'answers are counted one by one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answers_are_counted_one_by_one';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_indemnity_place()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state IN ('funded', 'unfunded') AND NOT EXISTS (
        SELECT FROM indemnity_ranking_entries e JOIN indemnity_rankings r ON r.id = e.ranking_id
        WHERE e.ranking_id = NEW.ranking_id AND e.application_id = NEW.id AND r.state = 'published'
            AND (NEW.state = 'unfunded') = (e.funding = 'not_funded') AND e.funding <> '') THEN
        RAISE EXCEPTION 'a publication says who is paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.check_indemnity_ruling()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM indemnity_rankings WHERE id = NEW.ranking_id AND simulated_by = NEW.ruled_by)
        OR EXISTS (SELECT FROM indemnity_applications a LEFT JOIN heirs h ON h.application_id = a.id
            WHERE a.protocol = ANY (NEW.protocols) AND NEW.ruled_by IN (a.member_id, a.sender_id, h.person_id)) THEN
        RAISE EXCEPTION 'nobody rules on their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_rules_on_their_own';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_judgement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    asked indemnity_requests%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM indemnity_requests WHERE id = NEW.request_id FOR NO KEY UPDATE;
    IF case_concerns(asked.application_id, NEW.made_by) THEN
        RAISE EXCEPTION 'nobody judges what came of their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_judges_answers_on_their_own_case';
    END IF;
    IF NEW.number <> (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.request_id)
        OR NOT EXISTS (SELECT FROM indemnity_applications WHERE id = asked.application_id AND state IN ('submitted', 'in_review'))
        OR EXISTS (SELECT FROM indemnity_decisions WHERE application_id = asked.application_id AND state = 'proposed') THEN
        RAISE EXCEPTION 'the last answer is judged, while the case is in review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_answer_is_judged_in_review';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_outcome()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    decided text;
BEGIN
    SELECT to_state INTO decided FROM indemnity_decisions d WHERE application_id = NEW.id AND state = 'approved'
        AND NOT EXISTS (SELECT FROM indemnity_decisions u WHERE u.undoes = d.id AND u.state = 'approved');
    IF NEW.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'revoked') AND decided IS DISTINCT FROM NEW.state
        OR OLD.state IN ('suitable', 'inadmissible', 'not_eligible', 'forfeited', 'funded', 'unfunded', 'revoked') AND NEW.state IN ('submitted', 'in_review') AND decided IS DISTINCT FROM 'in_review'
        OR OLD.state = 'revoked' AND NEW.state IN ('funded', 'unfunded') AND decided IS DISTINCT FROM 'funded' THEN
        RAISE EXCEPTION 'two people decide how a case ends'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.check_paper()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM attachments WHERE id = NEW.attachment_id AND subject_id <> NEW.case_id)
        OR EXISTS (SELECT FROM indemnity_requests WHERE id = NEW.request_id AND application_id <> NEW.case_id)
        OR EXISTS (SELECT FROM indemnity_papers WHERE id = NEW.replaces AND case_id <> NEW.case_id)
        OR (TG_OP = 'UPDATE' AND NEW.case_id <> OLD.case_id) THEN
        RAISE EXCEPTION 'a paper, its file, what it answers and what it replaces are of one case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_of_one_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_payment_line()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.application_id IS NOT NULL THEN
        PERFORM check_case_line(NEW);
        RETURN NEW;
    END IF;
    -- Locked, so that the invoice is not being corrected meanwhile.
    PERFORM FROM invoice_sessions s JOIN invoices i ON i.id = s.invoice_id
        WHERE s.booking_id = NEW.booking_id AND s.invoice_id = NEW.invoice_id AND s.live AND s.claimed_cents = NEW.amount_cents AND i.state = 'accepted'
        FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only what an accepted invoice claims is paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_accepted_invoices_are_paid';
    END IF;
    IF EXISTS (SELECT FROM disputes d WHERE d.booking_id = NEW.booking_id AND (d.holds AND d.state IN ('open', 'proposed') OR d.recover_cents > 0)) THEN
        RAISE EXCEPTION 'a disputed session is not paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disputed_session_is_not_paid';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_receipt()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    owed indemnity_recoveries%ROWTYPE;
BEGIN
    SELECT * INTO owed FROM indemnity_recoveries WHERE id = NEW.recovery_id FOR NO KEY UPDATE;
    IF owed.state <> 'open' OR NEW.amount_cents + (SELECT coalesce(sum(amount_cents), 0) FROM recovery_receipts WHERE recovery_id = NEW.recovery_id) > owed.amount_cents THEN
        RAISE EXCEPTION 'no more comes back than is owed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_more_comes_back_than_is_owed';
    END IF;
    IF NEW.recorded_by = owed.payee_id THEN
        RAISE EXCEPTION 'nobody records what they paid themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_records_their_own_receipt';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_request_heir()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.heir_id IS DISTINCT FROM OLD.heir_id THEN
        RAISE EXCEPTION 'a request stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_to_its_heir';
    END IF;
    IF EXISTS (SELECT FROM heirs WHERE id = NEW.heir_id AND application_id <> NEW.application_id) THEN
        RAISE EXCEPTION 'a request is to an heir of its case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_is_to_an_heir_of_its_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_request_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    word text;
BEGIN
    SELECT j.verdict INTO word FROM indemnity_judgements j
        WHERE j.request_id = NEW.id AND j.number = (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.id) ORDER BY j.id DESC LIMIT 1;
    IF NEW.state IN ('accepted', 'insufficient') AND word IS DISTINCT FROM NEW.state
        OR OLD.state = 'answered' AND NEW.state = 'open' AND word IS DISTINCT FROM 'insufficient' THEN
        RAISE EXCEPTION 'an officer judges an answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.check_revocation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.to_state = 'revoked' AND NOT EXISTS (SELECT FROM indemnity_controls c JOIN indemnity_applications a ON a.id = c.application_id
        WHERE c.id = NEW.control_id AND c.application_id = NEW.application_id AND c.state = 'irregular' AND c.codes @> NEW.codes AND a.state = 'funded') THEN
        RAISE EXCEPTION 'what a check found takes an indemnity back, and nothing else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revocation_is_of_what_was_found';
    END IF;
    IF NEW.to_state = 'revoked' AND EXISTS (SELECT FROM payment_lines WHERE application_id = NEW.application_id AND order_state = 'sent') THEN
        RAISE EXCEPTION 'the bank was told to pay, and answers first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'revocation_waits_for_the_bank';
    END IF;
    IF NEW.to_state = 'funded' AND NOT EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.undoes AND to_state = 'revoked') THEN
        RAISE EXCEPTION 'only what was taken back is given again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_a_revocation_is_undone_to_funded';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_sample()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM indemnity_rankings r JOIN control_commitments c ON c.call_id = r.call_id
        WHERE r.id = NEW.ranking_id AND r.state IN ('published', 'superseded') AND c.id = NEW.commitment_id AND c.made_at < r.published_at) THEN
        RAISE EXCEPTION 'the value was committed to before the publication'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'seed_was_committed_before_the_publication';
    END IF;
    IF NEW.population <> (SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = NEW.ranking_id AND funding IN ('funded', 'partially_funded')) THEN
        RAISE EXCEPTION 'a sample is drawn of all whom the publication pays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_is_of_all_who_are_paid';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_set_off()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF case_concerns(NEW.application_id, NEW.told_by) THEN
        RAISE EXCEPTION 'nobody tells of a set-off on their own case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_tells_of_a_set_off_on_their_own_case';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.check_shares()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    part  numeric := 0; -- part / whole is the sum, exact
    whole numeric := 1;
    heir  record;
BEGIN
    -- One after the other, so that two officers see each other's heirs.
    PERFORM FROM indemnity_applications WHERE id = NEW.application_id FOR NO KEY UPDATE;
    FOR heir IN SELECT share_part, share_whole FROM heirs WHERE application_id = NEW.application_id AND removed_at IS NULL LOOP
        part := part * heir.share_whole + heir.share_part * whole;
        whole := whole * heir.share_whole;
    END LOOP;
    IF part > whole THEN
        RAISE EXCEPTION 'shares of heirs are more than the whole'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.check_succession()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.applicant_kind = 'member' AND NEW.died_on IS NOT NULL AND NOT EXISTS (
        SELECT FROM successions WHERE application_id = NEW.id AND state = 'confirmed' AND died_on = NEW.died_on) THEN
        RAISE EXCEPTION 'two people confirm that a member has died'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_people_confirm_a_death';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.close_attachment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (SELECT (sum(length(sealed)), max(number) + 1) IS DISTINCT FROM (NEW.sealed_bytes, count(*))
        FROM attachment_chunks WHERE attachment_id = NEW.id) THEN
        RAISE EXCEPTION 'a paper is kept whole'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_is_whole';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.count_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.things <> (SELECT count(*) FROM erasure_things t WHERE t.erasure_id = NEW.id) THEN
        RAISE EXCEPTION 'an erasure is of the things that were counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_of_what_was_counted';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.count_erasure_things()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM erasures e WHERE e.id IN (SELECT erasure_id FROM made) AND e.things <> (SELECT count(*) FROM erasure_things t WHERE t.erasure_id = e.id)) THEN
        RAISE EXCEPTION 'an erasure is of the things that were counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_of_what_was_counted';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.current_act()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
DECLARE
    act text := current_setting('portal.act', true);
BEGIN
    IF coalesce(act, '') = '' THEN
        act := set_config('portal.act', nextval('acts')::text, true);
    END IF;
    RETURN act::bigint;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.person_id, NEW.iban, NEW.holder, NEW.submitted_at) IS DISTINCT FROM (OLD.person_id, OLD.iban, OLD.holder, OLD.submitted_at)
        OR (OLD.state IN ('rejected', 'replaced') AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'an account is replaced, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_replaced_not_changed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_application()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.protocol, NEW.edition_id, NEW.beneficiary_id, NEW.applicant_id, NEW.submitted_at, NEW.channel, NEW.declarations)
        IS DISTINCT FROM (OLD.protocol, OLD.edition_id, OLD.beneficiary_id, OLD.applicant_id, OLD.submitted_at, OLD.channel, OLD.declarations) THEN
        RAISE EXCEPTION 'an application stays as it was received'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_stays_as_received';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_attachment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.id, NEW.size_bytes, NEW.digest, NEW.sealed_bytes, NEW.media_type) IS DISTINCT FROM (OLD.id, OLD.size_bytes, OLD.digest, OLD.sealed_bytes, OLD.media_type) THEN
        RAISE EXCEPTION 'a paper stays as it was handed in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_keeps_its_content';
    END IF;
    IF NEW.erased_at IS DISTINCT FROM OLD.erased_at AND (OLD.erased_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM erasure_things t JOIN erasures e ON e.id = t.erasure_id WHERE t.thing_id = NEW.id AND e.state = 'approved')) THEN
        RAISE EXCEPTION 'a paper is erased by the word of two people'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_erased_by_two';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_attachment_chunks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (
        SELECT FROM attachments WHERE id = coalesce(NEW.attachment_id, OLD.attachment_id) AND (TG_OP <> 'DELETE' OR erased_at IS NULL)) THEN
        RAISE EXCEPTION 'a paper stays as it was handed in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_keeps_its_content';
    END IF;
    RETURN coalesce(NEW, OLD);
END $function$;

CREATE OR REPLACE FUNCTION public.keep_audit_check()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.ended_at IS NOT NULL OR (NEW.id, NEW.asked_by, NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.asked_by, OLD.asked_at) THEN
        RAISE EXCEPTION 'a verification stays as it came out'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'check_stays_as_it_came_out';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_booking_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state = 'cancelled' OR (OLD.state = 'held' AND NEW.state = 'booked') THEN
        RAISE EXCEPTION 'a booking does not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_does_not_come_back';
    END IF;
    IF (NEW.voucher_id, NEW.beneficiary_id, NEW.professional_id, NEW.booked_at, NEW.reinstates)
        IS DISTINCT FROM (OLD.voucher_id, OLD.beneficiary_id, OLD.professional_id, OLD.booked_at, OLD.reinstates)
        OR (NEW.amount_cents <> OLD.amount_cents AND (OLD.state <> 'booked' OR NEW.state <> 'booked')
            AND NOT (OLD.state = 'held' AND NEW.state = 'held' AND NEW.amount_cents < OLD.amount_cents)) THEN
        RAISE EXCEPTION 'a booking keeps its people, and once it is settled costs no more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_keeps_people_and_price';
    END IF;
    IF (OLD.state <> 'booked' OR NEW.state <> 'booked')
        AND (NEW.day, NEW.slot, NEW.place) IS DISTINCT FROM (OLD.day, OLD.slot, OLD.place) THEN
        RAISE EXCEPTION 'a booking moves only while it is booked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_moves_only_while_booked';
    END IF;
    IF NEW.held_at IS DISTINCT FROM OLD.held_at AND (OLD.state <> 'booked' OR NEW.state <> 'held') THEN
        RAISE EXCEPTION 'a booking is confirmed when it becomes held'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_is_confirmed_when_held';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_call_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state IN ('released', 'dropped') THEN
        RAISE EXCEPTION 'a released call never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'released_call_never_changes';
    END IF;
    IF OLD.state = 'proposed' AND (NEW.rules IS DISTINCT FROM OLD.rules
        OR (NEW.state IN ('proposed', 'released') AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)) THEN
        RAISE EXCEPTION 'what is proposed is what is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_call_does_not_change';
    END IF;
    IF NEW.call_id <> OLD.call_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key OR NEW.shipped <> OLD.shipped
        OR (NEW.from_call, NEW.from_number) IS DISTINCT FROM (OLD.from_call, OLD.from_number)
        OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NOT OLD.authors <@ NEW.authors THEN
        RAISE EXCEPTION 'a version keeps its name and its authors'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'call_version_keeps_name_and_author';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_closure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('proposed', 'approved'), ('proposed', 'returned'), ('approved', 'done'))
        OR (NEW.number, NEW.kind, NEW.edition_id, NEW.territory, NEW.as_of, NEW.prepared_by) IS DISTINCT FROM (OLD.number, OLD.kind, OLD.edition_id, OLD.territory, OLD.as_of, OLD.prepared_by)
        OR (OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by) THEN
        RAISE EXCEPTION 'a closure goes forward, and keeps what it is of and who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_goes_forward';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_closure_row()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE at text := (SELECT state FROM closures WHERE id = NEW.closure_id);
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF at <> 'proposed' THEN
            RAISE EXCEPTION 'a closure is frozen once it is decided'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_is_frozen';
        END IF;
    ELSIF (NEW.closure_id, NEW.subject_id, NEW.voucher_id, NEW.ground, NEW.term, NEW.amount_cents) IS DISTINCT FROM
            (OLD.closure_id, OLD.subject_id, OLD.voucher_id, OLD.ground, OLD.term, OLD.amount_cents)
        OR (NEW.spared_why <> OLD.spared_why AND at <> 'proposed')
        OR (NEW.outcome <> OLD.outcome AND (OLD.outcome <> '' OR at <> 'approved')) THEN
        RAISE EXCEPTION 'a closure is frozen once it is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_is_frozen';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (to_jsonb(NEW) - '{state,decided_by,decided_at,why,protocol,check_code,read_at}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,why,protocol,check_code,read_at}'::text[])
        OR (OLD.state <> 'proposed' AND (to_jsonb(NEW) - 'read_at') IS DISTINCT FROM (to_jsonb(OLD) - 'read_at'))
        OR (OLD.read_at IS NOT NULL AND NEW.read_at IS DISTINCT FROM OLD.read_at) THEN
        RAISE EXCEPTION 'a decision stays as it was proposed and made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_stays_as_made';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_dispute()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.protocol, NEW.booking_id, NEW.made_by, NEW.mandate_id, NEW.made_at, NEW.kind, NEW.text, NEW.holds, NEW.answer_by)
        IS DISTINCT FROM (OLD.protocol, OLD.booking_id, OLD.made_by, OLD.mandate_id, OLD.made_at, OLD.kind, OLD.text, OLD.holds, OLD.answer_by) THEN
        RAISE EXCEPTION 'a dispute stays as it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_stays_as_made';
    END IF;
    IF OLD.state IN ('upheld', 'dismissed', 'withdrawn')
        AND (NEW.state, NEW.proposal, NEW.grounds, NEW.answer, NEW.right_cents, NEW.proposed_by, NEW.decided_by, NEW.decided_at)
        IS DISTINCT FROM (OLD.state, OLD.proposal, OLD.grounds, OLD.answer, OLD.right_cents, OLD.proposed_by, OLD.decided_by, OLD.decided_at) THEN
        RAISE EXCEPTION 'a dispute is decided once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_is_decided_once';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NOT EXISTS (SELECT FROM retention_rules r WHERE r.class = NEW.class AND r.way = 'decided') THEN
            RAISE EXCEPTION 'an erasure is proposed, of a class that two people decide on'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_proposed_first';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('proposed', 'approved'), ('proposed', 'refused'), ('proposed', 'withdrawn'), ('approved', 'done'), ('approved', 'stopped'))
        OR to_jsonb(NEW) - ARRAY['state', 'decided_by', 'decided_at', 'why', 'ended_at', 'found'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'decided_by', 'decided_at', 'why', 'ended_at', 'found']
        OR OLD.state = 'approved' AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at) THEN
        RAISE EXCEPTION 'an erasure is decided on and done once, as it was proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_done_as_proposed';
    END IF;
    IF NEW.state = 'done' AND EXISTS (SELECT FROM erasure_things t WHERE t.erasure_id = NEW.id AND t.erased_at IS NULL) THEN
        RAISE EXCEPTION 'an erasure is done when all of it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_done_whole';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_erasure_thing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR (NEW.erasure_id, NEW.thing_id) IS DISTINCT FROM (OLD.erasure_id, OLD.thing_id)
        OR NOT EXISTS (SELECT FROM erasures e WHERE e.id = NEW.erasure_id AND e.state = 'approved') THEN
        RAISE EXCEPTION 'only what two people approved is erased, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_was_approved_is_erased';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_grant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NOT NEW.during <@ OLD.during
        OR (NOT isempty(NEW.during) AND lower(NEW.during) IS DISTINCT FROM lower(OLD.during))
        OR (NEW.person_id, NEW.role, NEW.duty, NEW.proposal_id) IS DISTINCT FROM (OLD.person_id, OLD.role, OLD.duty, OLD.proposal_id) THEN
        RAISE EXCEPTION 'a grant is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_grant_proposal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR
        (NEW.person_id, NEW.role, NEW.duty, NEW.from_day, NEW.until_day, NEW.grounds, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.person_id, OLD.role, OLD.duty, OLD.from_day, OLD.until_day, OLD.grounds, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a proposal is decided once, as it was made'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_proposal_is_decided_once';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_heir_signature()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.signed_at IS NOT NULL AND (NEW.signed_at, NEW.signed_by, NEW.declared) IS DISTINCT FROM (OLD.signed_at, OLD.signed_by, OLD.declared) THEN
        RAISE EXCEPTION 'what an heir has signed stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'heir_signature_stays';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_hold()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - ARRAY['ended_by', 'ended_at', 'ended_why'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['ended_by', 'ended_at', 'ended_why'] THEN
        RAISE EXCEPTION 'a hold is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_application()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.id, NEW.protocol, NEW.call_id, NEW.call_version, NEW.member_id, NEW.applicant_kind, NEW.channel, NEW.sender_id, NEW.received_by,
        NEW.submitted_at, NEW.term_ended_on, NEW.event, NEW.answers, NEW.declarations, NEW.registers, NEW.digest, NEW.check_code)
        IS DISTINCT FROM (OLD.id, OLD.protocol, OLD.call_id, OLD.call_version, OLD.member_id, OLD.applicant_kind, OLD.channel, OLD.sender_id,
        OLD.received_by, OLD.submitted_at, OLD.term_ended_on, OLD.event, OLD.answers, OLD.declarations, OLD.registers, OLD.digest, OLD.check_code) THEN
        RAISE EXCEPTION 'an application stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indemnity_application_stays_as_sent';
    END IF;
    IF OLD.state = 'withdrawn' AND (NEW.state, NEW.withdrawn_at) IS DISTINCT FROM (OLD.state, OLD.withdrawn_at) THEN
        RAISE EXCEPTION 'what was withdrawn stays withdrawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawn_stays_withdrawn';
    END IF;
    IF OLD.died_on IS NOT NULL AND NEW.died_on IS DISTINCT FROM OLD.died_on THEN
        RAISE EXCEPTION 'a day of death is recorded once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_of_death_is_recorded_once';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_entries()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM dropped JOIN indemnity_rankings r ON r.id = dropped.ranking_id WHERE r.state <> 'dropped') THEN
        RAISE EXCEPTION 'the rows of a ranking are kept' USING ERRCODE = 'check_violation', CONSTRAINT = 'indemnity_entries_are_kept';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_exclusion()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (to_jsonb(NEW) - '{lifted_by,lifted_at}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{lifted_by,lifted_at}'::text[]) OR OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'an exclusion stays as it was written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exclusion_stays_as_written';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    moves text[] := '{state,attempts,refusal,ended_at}';
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves) OR OLD.ended_at IS NOT NULL) THEN
        RAISE EXCEPTION 'an order keeps what was asked for, and how it ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_keeps_what_was_asked';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.based_on IS NOT NULL AND NOT EXISTS (SELECT FROM indemnity_rankings b
        WHERE b.id = NEW.based_on AND b.call_id = NEW.call_id AND b.kind = 'ranking' AND (b.rules = NEW.rules) IS NOT TRUE) THEN
        RAISE EXCEPTION 'a scenario tries other rules on a ranking of its call'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_tries_a_ranking_of_its_call';
    END IF;
    IF (CASE TG_OP WHEN 'INSERT' THEN 'new' ELSE OLD.state END, NEW.state) NOT IN (
        ('new', 'making'), ('making', 'making'), ('making', 'checking'), ('making', 'failed'), ('checking', 'checking'), ('checking', 'made'), ('checking', 'failed')) THEN
        RAISE EXCEPTION 'an order goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_goes_forward';
    END IF;
    IF NEW.state IN ('checking', 'made') AND NOT EXISTS (SELECT FROM indemnity_rankings r
        WHERE r.id = NEW.id AND r.call_id = NEW.call_id AND r.number = NEW.number AND r.simulated_by = NEW.ordered_by AND r.reason = NEW.reason
            AND r.corrects IS NOT DISTINCT FROM NEW.corrects AND r.based_on IS NOT DISTINCT FROM NEW.based_on AND (NEW.rules IS NULL OR r.rules = NEW.rules)) THEN
        RAISE EXCEPTION 'what was made is what was asked for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_order_makes_its_ranking';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_ranking()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    moves text[] := '{state,checked_at,disagreements,proposed_by,proposed_at,decided_by,decided_at,note,publication,published_by,published_at,manifest,signature}';
BEGIN
    IF (to_jsonb(NEW) - moves) IS DISTINCT FROM (to_jsonb(OLD) - moves)
        OR (OLD.state <> 'simulated' AND (NEW.checked_at, NEW.disagreements) IS DISTINCT FROM (OLD.checked_at, OLD.disagreements)) THEN
        RAISE EXCEPTION 'a ranking keeps what it was made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_keeps_what_it_was_made_of';
    END IF;
    IF (OLD.proposed_by IS NOT NULL AND (NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.proposed_by, OLD.proposed_at))
        OR (OLD.decided_by IS NOT NULL AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at))
        OR (OLD.published_by IS NOT NULL AND (NEW.published_by, NEW.published_at, NEW.publication, NEW.manifest, NEW.signature)
            IS DISTINCT FROM (OLD.published_by, OLD.published_at, OLD.publication, OLD.manifest, OLD.signature)) THEN
        RAISE EXCEPTION 'a ranking keeps who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_keeps_who_did_what';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('simulated', 'proposed'), ('simulated', 'dropped'), ('proposed', 'approved'), ('proposed', 'returned'),
        ('approved', 'published'), ('approved', 'returned'), ('published', 'superseded')) THEN
        RAISE EXCEPTION 'a ranking goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_goes_forward';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_indemnity_request()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.id, NEW.application_id, NEW.kind, NEW.text, NEW.items, NEW.asked_by, NEW.asked_at, NEW.days)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.kind, OLD.text, OLD.items, OLD.asked_by, OLD.asked_at, OLD.days)
        OR (OLD.reached_on IS NOT NULL AND (NEW.reached_on, NEW.reached_by, NEW.due_on) IS DISTINCT FROM (OLD.reached_on, OLD.reached_by, OLD.due_on)) THEN
        RAISE EXCEPTION 'a request stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_as_sent';
    END IF;
    IF OLD.answered_at IS NOT NULL AND (NEW.answer, NEW.answered_at, NEW.answered_by, NEW.answer_protocol)
        IS DISTINCT FROM (OLD.answer, OLD.answered_at, OLD.answered_by, OLD.answer_protocol)
        AND NOT EXISTS (SELECT FROM indemnity_answers a WHERE a.request_id = NEW.id AND a.protocol = NEW.answer_protocol
            AND (a.says, a.sent_at, a.sent_by) = (NEW.answer, NEW.answered_at, NEW.answered_by)
            AND a.number = (SELECT max(number) FROM indemnity_answers WHERE request_id = NEW.id)) THEN
        RAISE EXCEPTION 'an answer stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_stays_as_sent';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_invoiced_session()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.live, NEW.claimed_cents) IS DISTINCT FROM (OLD.live, OLD.claimed_cents) AND EXISTS (
        SELECT FROM payment_lines l WHERE l.booking_id = OLD.booking_id AND l.order_state IN ('frozen', 'sent', 'paid')) THEN
        RAISE EXCEPTION 'what is in a payment keeps its invoice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_keeps_its_invoice';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_mandate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.kind, NEW.holder_id, NEW.represented_id, NEW.from_day, NEW.scope, NEW.channel, NEW.made_by)
        IS DISTINCT FROM (OLD.kind, OLD.holder_id, OLD.represented_id, OLD.from_day, OLD.scope, OLD.channel, OLD.made_by)
        OR (OLD.revoked_on IS NOT NULL AND NEW.revoked_on IS DISTINCT FROM OLD.revoked_on) THEN
        RAISE EXCEPTION 'a mandate is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_off_examined_outcome()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF case_was_examined_by(NEW.application_id, CASE NEW.state WHEN 'proposed' THEN NEW.proposed_by ELSE NEW.decided_by END) THEN
        RAISE EXCEPTION 'nobody re-examines what they examined'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_reexamines_what_they_judged';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_off_examined_payment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.keep_off_own_findings()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF case_was_examined_by(NEW.application_id, NEW.decided_by) OR EXISTS (SELECT FROM indemnity_controls WHERE id = NEW.control_id AND ended_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'nobody approves what they found'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_approves_what_they_found';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_off_own_payment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM payment_orders o WHERE o.run_id = NEW.id AND o.state <> 'released'
        AND o.payee_id = CASE NEW.state WHEN 'proposed' THEN NEW.proposed_by WHEN 'approved' THEN NEW.decided_by WHEN 'sent' THEN NEW.sent_by END) THEN
        RAISE EXCEPTION 'nobody has a hand in a run that pays them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_pays_themselves';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_order()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('frozen', 'sent'), ('frozen', 'released'), ('sent', 'paid'), ('sent', 'returned'), ('paid', 'returned')) THEN
        RAISE EXCEPTION 'a payment order goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_goes_forward';
    END IF;
    IF (NEW.run_id, NEW.end_to_end, NEW.payee_id, NEW.iban, NEW.holder, NEW.amount_cents)
        IS DISTINCT FROM (OLD.run_id, OLD.end_to_end, OLD.payee_id, OLD.iban, OLD.holder, OLD.amount_cents) THEN
        RAISE EXCEPTION 'a payment order keeps whom it pays, where and how much'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_keeps_what_it_pays';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_paid_place()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (SELECT coalesce(sum(l.amount_cents), 0) FROM payment_lines l WHERE l.application_id = NEW.id AND l.order_state IN ('frozen', 'sent', 'paid'))
        > coalesce((SELECT e.payable_cents FROM indemnity_ranking_entries e
            WHERE NEW.state = 'funded' AND e.ranking_id = NEW.ranking_id AND e.application_id = NEW.id), 0) THEN
        RAISE EXCEPTION 'an application in a payment keeps its money'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_in_a_payment_keeps_its_money';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_paid_transfers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- One after the other: a second reversal counts the first.
    PERFORM pg_advisory_xact_lock(hashtextextended('funds ' || NEW.edition_id || ' ' || NEW.territory, 0));
    IF (SELECT coalesce(sum(t.amount_cents), 0) FROM funding_transfers t WHERE t.edition_id = NEW.edition_id AND t.territory = NEW.territory)
        < (SELECT coalesce(sum(l.amount_cents), 0) FROM payment_lines l
            WHERE l.edition_id = NEW.edition_id AND l.territory = NEW.territory AND l.order_state IN ('frozen', 'sent', 'paid')) THEN
        RAISE EXCEPTION 'money that pays something is not taken back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_in_a_payment_stays';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_paper()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.sent_at IS NOT NULL THEN
        RAISE EXCEPTION 'a paper that was sent stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_paper_stays';
    END IF;
    RETURN coalesce(NEW, OLD);
END $function$;

CREATE OR REPLACE FUNCTION public.keep_parameters()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'proposed' OR to_jsonb(NEW) - ARRAY['state', 'decided_by', 'decided_at', 'why']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['state', 'decided_by', 'decided_at', 'why']) THEN
        RAISE EXCEPTION 'parameters are decided on once, as they were proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parameters_are_decided_on_once';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state <> 'proposed' THEN
        RAISE EXCEPTION 'parameters are proposed first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parameters_are_proposed_first';
    END IF;
    IF NEW.state IN ('proposed', 'confirmed')
        AND EXISTS (SELECT FROM parameter_versions v WHERE v.id <> NEW.id AND v.state = 'confirmed' AND v.from_day >= NEW.from_day) THEN
        RAISE EXCEPTION 'parameters begin after all that were confirmed before'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'parameters_go_forward';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_payment_line()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.order_id, NEW.booking_id, NEW.invoice_id, NEW.edition_id, NEW.territory, NEW.amount_cents, NEW.repairs,
        NEW.application_id, NEW.heir_id, NEW.ranking_id, NEW.gross_cents, NEW.withholding_cents, NEW.set_off_cents)
        IS DISTINCT FROM (OLD.order_id, OLD.booking_id, OLD.invoice_id, OLD.edition_id, OLD.territory, OLD.amount_cents, OLD.repairs,
        OLD.application_id, OLD.heir_id, OLD.ranking_id, OLD.gross_cents, OLD.withholding_cents, OLD.set_off_cents) THEN
        RAISE EXCEPTION 'a payment line stays as it was frozen'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_line_stays_as_frozen';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_payment_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('preparing', 'prepared'), ('preparing', 'dropped'), ('prepared', 'proposed'), ('prepared', 'dropped'),
        ('proposed', 'approved'), ('proposed', 'returned'), ('approved', 'sent'), ('approved', 'returned'),
        ('sent', 'settled')) THEN
        RAISE EXCEPTION 'a payment run goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_run_goes_forward';
    END IF;
    IF (NEW.programme, NEW.number, NEW.month, NEW.territory, NEW.prepared_by) IS DISTINCT FROM (OLD.programme, OLD.number, OLD.month, OLD.territory, OLD.prepared_by)
        OR (OLD.digest IS NOT NULL AND (NEW.digest, NEW.orders, NEW.amount_cents) IS DISTINCT FROM (OLD.digest, OLD.orders, OLD.amount_cents)
            AND OLD.state NOT IN ('prepared', 'proposed'))
        OR (OLD.file_digest IS NOT NULL AND (NEW.file_digest, NEW.sent_by, NEW.sent_at, NEW.execute_on, NEW.debtor_name, NEW.debtor_iban, NEW.sent_orders, NEW.sent_cents)
            IS DISTINCT FROM (OLD.file_digest, OLD.sent_by, OLD.sent_at, OLD.execute_on, OLD.debtor_name, OLD.debtor_iban, OLD.sent_orders, OLD.sent_cents))
        OR (OLD.proposed_by IS NOT NULL AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)
        OR (OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by) THEN
        RAISE EXCEPTION 'a payment run keeps what was approved, and who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_run_keeps_what_was_approved';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_ranking()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM dropped JOIN ranking_runs r ON r.id = dropped.run_id WHERE r.state <> 'dropped') THEN
        RAISE EXCEPTION 'a ranking is kept' USING ERRCODE = 'check_violation', CONSTRAINT = 'ranking_is_kept';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_recovery()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - '{state,closed_at,reason,proposed_by,proposed_at,decided_by,version}'::text[])
            IS DISTINCT FROM (to_jsonb(OLD) - '{state,closed_at,reason,proposed_by,proposed_at,decided_by,version}'::text[])
        OR OLD.state <> 'open' AND NOT (NEW.state = 'annulled' AND OLD.state IN ('paid', 'written_off'))) THEN
        RAISE EXCEPTION 'a recovery stays as it was opened and closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_stays_as_opened';
    END IF;
    IF NEW.state = 'paid' AND NEW.amount_cents <> (SELECT coalesce(sum(amount_cents), 0) FROM recovery_receipts WHERE recovery_id = NEW.id) THEN
        RAISE EXCEPTION 'a recovery is paid when all of it came back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_is_paid_in_full';
    END IF;
    IF NEW.payee_id IN (NEW.proposed_by, NEW.decided_by) THEN
        RAISE EXCEPTION 'nobody writes off what they owe'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_writes_off_their_own';
    END IF;
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM indemnity_decisions WHERE id = NEW.decision_id AND application_id = NEW.application_id AND to_state = 'revoked' AND state = 'approved') THEN
        RAISE EXCEPTION 'what was revoked is recovered'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recovery_is_of_a_revocation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_reexamination()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state IN ('granted', 'denied', 'withdrawn') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'a decided re-examination stays decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_reexamination_stays';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_refusal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.keep_revoked_unpaid()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM payment_lines l JOIN indemnity_applications a ON a.id = l.application_id WHERE l.order_id = NEW.id AND a.state = 'revoked') THEN
        RAISE EXCEPTION 'nothing that was revoked is paid'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_that_was_revoked_is_paid';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.edition_id, NEW.edition_version, NEW.number, NEW.round, NEW.reallocates, NEW.corrects, NEW.reason, NEW.simulated_by, NEW.taken_at,
        NEW.candidates, NEW.inputs_digest, NEW.rules_digest, NEW.result_digest)
        IS DISTINCT FROM (OLD.edition_id, OLD.edition_version, OLD.number, OLD.round, OLD.reallocates, OLD.corrects, OLD.reason, OLD.simulated_by, OLD.taken_at,
        OLD.candidates, OLD.inputs_digest, OLD.rules_digest, OLD.result_digest) THEN
        RAISE EXCEPTION 'a run keeps what it was made of'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_keeps_what_it_was_made_of';
    END IF;
    IF (OLD.proposed_by IS NOT NULL AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)
        OR (OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by)
        OR (OLD.ordered_by IS NOT NULL AND (NEW.ordered_by, NEW.publish_at, NEW.publication)
            IS DISTINCT FROM (OLD.ordered_by, OLD.publish_at, CASE WHEN NEW.state <> 'returned' THEN OLD.publication END)) THEN
        RAISE EXCEPTION 'a run keeps who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_keeps_who_did_what';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('simulated', 'proposed'), ('simulated', 'dropped'), ('proposed', 'approved'), ('proposed', 'returned'),
        ('approved', 'publishing'), ('approved', 'returned'), ('publishing', 'returned'), ('publishing', 'published'), ('published', 'superseded'))
        OR NEW.state = 'returned' AND EXISTS (SELECT FROM ranking_territories t WHERE t.run_id = OLD.id AND t.issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a run goes forward'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'run_goes_forward';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_sample()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR (to_jsonb(NEW) - '{state,seed,decided_by,decided_at,why}'::text[]) IS DISTINCT FROM (to_jsonb(OLD) - '{state,seed,decided_by,decided_at,why}'::text[]) THEN
        RAISE EXCEPTION 'a sample stays as it was proposed and drawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sample_stays_as_drawn';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_set_aside()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM FROM calls WHERE id = NEW.call_id FOR NO KEY UPDATE; -- so that nobody asks meanwhile
    IF NEW.set_aside_cents <> set_aside_of_call(NEW.call_id) THEN
        RAISE EXCEPTION 'a publication keeps what is set aside'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publication_keeps_what_is_set_aside';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_stop()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL OR
        (NEW.says, NEW.during, NEW.planned_by, NEW.planned_at) IS DISTINCT FROM (OLD.says, OLD.during, OLD.planned_by, OLD.planned_at) THEN
        RAISE EXCEPTION 'a planned stop is withdrawn, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stop_is_withdrawn_not_changed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_succession()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR (NEW.id, NEW.application_id, NEW.died_on, NEW.heirs, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.died_on, OLD.heirs, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a succession stays as it was registered and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'succession_stays_as_registered';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_text()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR (to_jsonb(NEW) - '{state,decided_by,decided_at,why}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{state,decided_by,decided_at,why}'::text[]) THEN
        RAISE EXCEPTION 'a version of a text stays as it was proposed and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'text_stays_as_proposed';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_thread()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.closed_at IS NOT NULL OR (NEW.id, NEW.application_id, NEW.topic, NEW.opened_by, NEW.opened_at)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.topic, OLD.opened_by, OLD.opened_at) THEN
        RAISE EXCEPTION 'a thread stays as it was opened, and closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'thread_stays_as_opened';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state IN ('released', 'dropped') THEN
        RAISE EXCEPTION 'a released version never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'released_version_never_changes';
    END IF;
    IF OLD.state = 'proposed' AND (NEW.rules IS DISTINCT FROM OLD.rules
        OR (NEW.state IN ('proposed', 'released') AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)) THEN
        RAISE EXCEPTION 'what is proposed is what is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_version_does_not_change';
    END IF;
    IF NEW.edition_id <> OLD.edition_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key OR NEW.shipped <> OLD.shipped
        OR (NEW.from_edition, NEW.from_number) IS DISTINCT FROM (OLD.from_edition, OLD.from_number)
        OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NOT OLD.authors <@ NEW.authors THEN
        RAISE EXCEPTION 'a version keeps its name and its authors'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_keeps_name_and_author';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_voucher_case()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state <> 'proposed'
        OR (NEW.voucher_id, NEW.booking_id, NEW.kind, NEW.ground, NEW.text, NEW.since, NEW.proposed_by) IS DISTINCT FROM
            (OLD.voucher_id, OLD.booking_id, OLD.kind, OLD.ground, OLD.text, OLD.since, OLD.proposed_by) THEN
        RAISE EXCEPTION 'a case stays as it was proposed, and as it was decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_case_stays';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_voucher_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.reopened NOT IN (OLD.reopened, OLD.reopened + 1)
        OR (OLD.state <> 'active' AND NEW.state <> OLD.state AND (NEW.state <> 'active' OR NEW.reopened = OLD.reopened))
        OR (NEW.reopened > OLD.reopened AND NEW.awarded_cents = OLD.awarded_cents AND NOT EXISTS (
            SELECT FROM voucher_cases c WHERE c.voucher_id = OLD.id AND c.kind = 'reinstate' AND c.state = 'approved' AND c.life = NEW.reopened)) THEN
        RAISE EXCEPTION 'a voucher that has ended comes back by an act'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'expired_voucher_stays_expired';
    END IF;
    IF NEW.beneficiary_id <> OLD.beneficiary_id OR NEW.application_id <> OLD.application_id
        OR NEW.awarded_cents < OLD.awarded_cents THEN
        RAISE EXCEPTION 'a voucher keeps its holder and its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_holder_and_amount';
    END IF;
    IF (NEW.code_index <> OLD.code_index OR NEW.code_sealed <> OLD.code_sealed)
        AND (NEW.code_number <> OLD.code_number + 1 OR OLD.state <> 'active') THEN
        RAISE EXCEPTION 'a voucher keeps its code until it gets the next'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_its_code';
    END IF;
    IF NEW.accepted_on <> OLD.accepted_on OR NEW.last_day < OLD.last_day OR NEW.confirm_by < OLD.confirm_by OR NEW.invoice_by < OLD.invoice_by
        OR coalesce(NEW.first_session_by, 'infinity') < coalesce(OLD.first_session_by, 'infinity') THEN
        RAISE EXCEPTION 'the terms of a voucher only move later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_terms_only_move_later';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_wording()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.keep_wording_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM wording_proposals p JOIN (SELECT DISTINCT proposal_id FROM added) a ON a.proposal_id = p.id
        WHERE p.changes <> (SELECT count(*) FROM wording_changes c WHERE c.proposal_id = p.id)) THEN
        RAISE EXCEPTION 'texts are proposed all at once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_comes_with_its_proposal';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.mark_paid_session()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE invoice_sessions s SET in_payment = NOT s.in_payment
        WHERE s.booking_id = NEW.booking_id AND s.invoice_id = NEW.invoice_id AND s.in_payment <> EXISTS (
            SELECT FROM payment_lines l WHERE l.booking_id = NEW.booking_id AND l.order_state IN ('frozen', 'sent', 'paid'));
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.note_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    was jsonb := to_jsonb(OLD);
    now_is jsonb := to_jsonb(NEW);
BEGIN
    INSERT INTO audit_changes (act, thing, thing_id, field, before, after)
    SELECT current_act(), TG_TABLE_NAME, coalesce(now_is->>'id', now_is->>'key')::uuid, field, was->>field, now_is->>field
    FROM unnest(TG_ARGV) field WHERE was->>field IS DISTINCT FROM now_is->>field;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.note_finding()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    was text := (SELECT verdict FROM indemnity_findings WHERE application_id = NEW.application_id AND check_name = NEW.check_name AND id < NEW.id ORDER BY id DESC LIMIT 1);
BEGIN
    IF was IS DISTINCT FROM NEW.verdict THEN
        INSERT INTO audit_changes (act, thing, thing_id, field, before, after)
        VALUES (current_act(), TG_TABLE_NAME, NEW.application_id, NEW.check_name, was, NEW.verdict);
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.plain(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN unaccent('unaccent'::regdictionary, lower($1));

CREATE OR REPLACE FUNCTION public.put_call_in_force()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state = 'released' THEN
        UPDATE calls SET version = NEW.number WHERE id = NEW.call_id AND coalesce(version, 0) < NEW.number;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.put_version_in_force()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.state = 'released' THEN
        UPDATE editions SET version = NEW.number WHERE id = NEW.edition_id AND coalesce(version, 0) < NEW.number;
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $function$;

CREATE OR REPLACE FUNCTION public.set_aside_of_call(of_call text)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
    SELECT coalesce(sum(x.set_aside_cents), 0)::bigint FROM indemnity_reexaminations x JOIN indemnity_applications a ON a.id = x.application_id
    WHERE a.call_id = of_call AND (x.state IN ('asked', 'proposed')
        OR x.state = 'granted' AND x.carried_out_by IS NULL AND a.state IN ('submitted', 'in_review'))
$function$;

CREATE SEQUENCE acts START 1;

CREATE SEQUENCE indemnity_protocols START 1;

CREATE SEQUENCE protocol_numbers START 200001;

CREATE TABLE application_drafts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    edition_id text NOT NULL,
    applicant_id uuid NOT NULL,
    fiscal_code text NOT NULL,
    answers jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    sent_as uuid,
    CONSTRAINT application_drafts_pkey PRIMARY KEY (id),
    CONSTRAINT draft_is_one_for_each_beneficiary UNIQUE (edition_id, applicant_id, fiscal_code),
    CONSTRAINT application_drafts_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES persons(id),
    CONSTRAINT application_drafts_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT application_drafts_sent_as_fkey FOREIGN KEY (sent_as) REFERENCES applications(id)
);
CREATE INDEX drafts_of_an_applicant ON application_drafts USING btree (applicant_id);

CREATE TABLE applications (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    protocol text NOT NULL,
    edition_id text NOT NULL,
    beneficiary_id uuid NOT NULL,
    applicant_id uuid NOT NULL,
    territory text NOT NULL,
    province text NOT NULL,
    isee_cents bigint,
    submitted_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    decided_on date,
    rank integer,
    entitled_cents bigint DEFAULT 0 NOT NULL,
    channel text DEFAULT 'online'::text NOT NULL,
    mandate_id uuid,
    received_by uuid,
    import_id uuid,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    isee_status text DEFAULT 'missing'::text NOT NULL,
    isee_kind text DEFAULT ''::text NOT NULL,
    isee_protocol text DEFAULT ''::text NOT NULL,
    isee_issued_on date,
    isee_valid_until date,
    isee_defects text DEFAULT ''::text NOT NULL,
    isee_asked_at timestamp with time zone,
    cure_by date,
    isee_reminded_on date,
    declarations jsonb DEFAULT '[]'::jsonb NOT NULL,
    officer_id uuid,
    worked_by uuid,
    worked_since timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    run_id uuid,
    CONSTRAINT applications_pkey PRIMARY KEY (id),
    CONSTRAINT beneficiary_applies_once_an_edition UNIQUE (edition_id, beneficiary_id),
    CONSTRAINT protocol_is_given_once UNIQUE (protocol),
    CONSTRAINT applications_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES persons(id),
    CONSTRAINT applications_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT applications_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT applications_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id),
    CONSTRAINT applications_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT applications_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES persons(id),
    CONSTRAINT applications_received_by_fkey FOREIGN KEY (received_by) REFERENCES persons(id),
    CONSTRAINT applications_run_id_fkey FOREIGN KEY (run_id) REFERENCES ranking_runs(id),
    CONSTRAINT applications_worked_by_fkey FOREIGN KEY (worked_by) REFERENCES persons(id),
    CONSTRAINT application_awaiting_isee_has_a_term CHECK (state <> 'awaiting_isee'::text OR cure_by IS NOT NULL),
    CONSTRAINT application_channel_is_known CHECK (channel = ANY (ARRAY['online'::text, 'counter'::text, 'import'::text])),
    CONSTRAINT application_state_is_known CHECK (state = ANY (ARRAY['submitted'::text, 'in_review'::text, 'awaiting_isee'::text, 'not_processable'::text, 'awarded'::text, 'partially_awarded'::text, 'unfunded'::text, 'refused'::text, 'lapsed'::text, 'withdrawn'::text])),
    CONSTRAINT counter_application_names_the_officer CHECK ((channel = 'counter'::text) = (received_by IS NOT NULL)),
    CONSTRAINT imported_application_names_the_import CHECK (channel = 'import'::text OR import_id IS NULL),
    CONSTRAINT isee_is_not_negative CHECK (isee_cents >= 0),
    CONSTRAINT isee_kind_is_known CHECK (isee_kind = ANY (ARRAY[''::text, 'ordinary'::text, 'current'::text])),
    CONSTRAINT isee_status_is_known CHECK (isee_status = ANY (ARRAY['valid'::text, 'defective'::text, 'missing'::text])),
    CONSTRAINT refused_application_says_why CHECK ((state = ANY (ARRAY['refused'::text, 'not_processable'::text])) = (reason <> ''::text)),
    CONSTRAINT valid_isee_has_a_value CHECK (isee_status <> 'valid'::text OR isee_cents IS NOT NULL)
);
CREATE INDEX applications_at_the_counter ON applications USING btree (edition_id, submitted_at, id) WHERE channel = 'counter'::text;
CREATE INDEX applications_at_work ON applications USING btree (edition_id, territory, state, isee_status, submitted_at, id);
CREATE INDEX applications_awaiting_isee ON applications USING btree (cure_by) WHERE state = 'awaiting_isee'::text;
CREATE INDEX applications_by_beneficiary ON applications USING btree (beneficiary_id);
CREATE INDEX applications_of_an_applicant ON applications USING btree (applicant_id);
CREATE INDEX applications_of_an_officer ON applications USING btree (officer_id) WHERE officer_id IS NOT NULL;
CREATE TRIGGER applications_are_kept BEFORE DELETE OR TRUNCATE ON applications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER applications_stay_as_received BEFORE UPDATE ON applications FOR EACH ROW EXECUTE FUNCTION keep_application();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON applications FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.isee_status IS DISTINCT FROM new.isee_status OR old.cure_by IS DISTINCT FROM new.cure_by OR old.officer_id IS DISTINCT FROM new.officer_id) EXECUTE FUNCTION note_changes('state', 'isee_status', 'cure_by', 'officer_id');

CREATE TABLE attachment_chunks (
    attachment_id uuid NOT NULL,
    number integer NOT NULL,
    sealed bytea STORAGE EXTERNAL NOT NULL,
    CONSTRAINT attachment_chunks_pkey PRIMARY KEY (attachment_id, number),
    CONSTRAINT attachment_chunks_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES attachments(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT chunk_is_small CHECK (length(sealed) >= 1 AND length(sealed) <= 262144)
);
CREATE TRIGGER attachment_chunks_stay_as_sealed BEFORE INSERT OR DELETE OR UPDATE ON attachment_chunks FOR EACH ROW EXECUTE FUNCTION keep_attachment_chunks();

CREATE TABLE attachments (
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    digest bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    pages integer,
    sealed_bytes bigint NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT attachments_pkey PRIMARY KEY (id),
    CONSTRAINT attachments_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES persons(id),
    CONSTRAINT attachment_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT attachment_has_a_name CHECK (name <> ''::text),
    CONSTRAINT attachment_has_bytes CHECK (size_bytes > 0),
    CONSTRAINT attachment_has_pages CHECK (pages > 0),
    CONSTRAINT attachment_type_is_known CHECK (media_type = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text]))
);
CREATE INDEX attachments_of_a_subject ON attachments USING btree (subject_id);
CREATE TRIGGER attachments_are_whole AFTER INSERT ON attachments FOR EACH ROW EXECUTE FUNCTION close_attachment();
CREATE TRIGGER attachments_stay_as_handed_in BEFORE UPDATE ON attachments FOR EACH ROW EXECUTE FUNCTION keep_attachment();

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id uuid,
    role text NOT NULL,
    for_id uuid,
    mandate_id uuid,
    action text NOT NULL,
    subject_id uuid,
    about_id uuid,
    request_id text DEFAULT ''::text NOT NULL,
    from_address inet,
    act bigint DEFAULT current_act(),
    begins boolean DEFAULT begins_act(),
    CONSTRAINT audit_pkey PRIMARY KEY (id),
    CONSTRAINT audit_about_id_fkey FOREIGN KEY (about_id) REFERENCES persons(id),
    CONSTRAINT audit_for_id_fkey FOREIGN KEY (for_id) REFERENCES persons(id),
    CONSTRAINT audit_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT audit_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT audit_role_is_known CHECK (role = ANY (ARRAY['citizen'::text, 'psychologist'::text, 'member'::text, 'heir'::text, 'cnop'::text, 'inps'::text, 'welfare'::text, 'oversight'::text, 'system'::text])),
    CONSTRAINT only_the_calendar_acts_without_a_person CHECK ((role = 'system'::text) = (person_id IS NULL))
);
CREATE INDEX audit_about ON audit USING btree (about_id, id);
CREATE INDEX audit_by_person ON audit USING btree (person_id, id);
CREATE INDEX audit_by_time ON audit USING brin (at);
CREATE INDEX audit_of_a_subject ON audit USING btree (subject_id, id);
CREATE INDEX audit_of_logins ON audit USING btree (person_id, at) WHERE action = ANY (ARRAY['login.started'::text, 'login.profile_chosen'::text]);
CREATE UNIQUE INDEX booking_changes_state_once ON audit USING btree (subject_id, action) WHERE action = ANY (ARRAY['booking.booked'::text, 'booking.held'::text, 'booking.cancelled'::text]);
CREATE TRIGGER audit_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_anchors (
    day date NOT NULL,
    "position" bigint NOT NULL,
    line text NOT NULL,
    signature bytea NOT NULL,
    key bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT audit_anchors_pkey PRIMARY KEY (day),
    CONSTRAINT audit_anchors_position_fkey FOREIGN KEY ("position") REFERENCES audit_links("position"),
    CONSTRAINT anchor_is_signed CHECK (octet_length(signature) = 64 AND octet_length(key) = 32 AND line <> ''::text)
);
CREATE TRIGGER anchors_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_changes (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    act bigint NOT NULL,
    thing text NOT NULL,
    thing_id uuid NOT NULL,
    field text NOT NULL,
    before text,
    after text,
    CONSTRAINT audit_changes_pkey PRIMARY KEY (id),
    CONSTRAINT change_changes_something CHECK (before IS DISTINCT FROM after)
);
CREATE INDEX audit_changes_of_an_act ON audit_changes USING btree (act, thing_id);
CREATE TRIGGER changes_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_checks (
    id uuid NOT NULL,
    asked_by uuid,
    asked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    entries bigint,
    unsealed bigint,
    rankings integer,
    head bytea,
    faults jsonb,
    CONSTRAINT audit_checks_pkey PRIMARY KEY (id),
    CONSTRAINT audit_checks_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    CONSTRAINT check_ends_whole CHECK (num_nonnulls(ended_at, entries, unsealed, rankings, head, faults) = ANY (ARRAY[0, 6]))
);
CREATE INDEX checks_by_time ON audit_checks USING btree (asked_at);
CREATE UNIQUE INDEX one_check_at_a_time ON audit_checks USING btree ((true)) WHERE ended_at IS NULL;
CREATE TRIGGER checks_are_kept BEFORE DELETE OR TRUNCATE ON audit_checks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checks_stay_as_they_came_out BEFORE UPDATE ON audit_checks FOR EACH ROW EXECUTE FUNCTION keep_audit_check();

CREATE TABLE audit_links (
    "position" bigint NOT NULL,
    entry_id bigint NOT NULL,
    digest bytea NOT NULL,
    form smallint DEFAULT 1 NOT NULL,
    CONSTRAINT audit_links_pkey PRIMARY KEY ("position"),
    CONSTRAINT entry_is_sealed_once UNIQUE (entry_id),
    CONSTRAINT chain_begins_at_one CHECK ("position" > 0),
    CONSTRAINT link_form_is_known CHECK (form = ANY (ARRAY[1, 2])),
    CONSTRAINT link_is_a_digest CHECK (octet_length(digest) = 32)
);
CREATE TRIGGER links_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_links FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_seals (
    "position" bigint NOT NULL,
    highest bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT audit_seals_pkey PRIMARY KEY ("position"),
    CONSTRAINT audit_seals_position_fkey FOREIGN KEY ("position") REFERENCES audit_links("position")
);
CREATE INDEX seals_by_time ON audit_seals USING btree (sealed_at);
CREATE TRIGGER seals_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE booking_moves (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    booking_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    was_day date NOT NULL,
    was_slot tstzrange,
    was_cents bigint NOT NULL,
    was_place text NOT NULL,
    day date NOT NULL,
    slot tstzrange,
    amount_cents bigint NOT NULL,
    place text NOT NULL,
    CONSTRAINT booking_moves_pkey PRIMARY KEY (id),
    CONSTRAINT booking_moves_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT move_changes_something CHECK (was_day IS DISTINCT FROM day OR was_slot IS DISTINCT FROM slot OR was_cents IS DISTINCT FROM amount_cents OR was_place IS DISTINCT FROM place)
);
CREATE INDEX moves_of_a_session ON booking_moves USING btree (booking_id, id);
CREATE TRIGGER booking_moves_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON booking_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bookings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    voucher_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    professional_id uuid NOT NULL,
    day date NOT NULL,
    slot tstzrange,
    amount_cents bigint NOT NULL,
    place text NOT NULL,
    state text NOT NULL,
    booked_at timestamp with time zone NOT NULL,
    held_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    cancelled_by uuid,
    cancel_reason text,
    claimed_cents bigint,
    acknowledged_at timestamp with time zone,
    acknowledged_by uuid,
    cancel_ground text DEFAULT ''::text NOT NULL,
    reinstates uuid,
    CONSTRAINT bookings_pkey PRIMARY KEY (id),
    CONSTRAINT booking_has_its_people UNIQUE (id, professional_id, beneficiary_id),
    CONSTRAINT bookings_reinstates_key UNIQUE (reinstates),
    CONSTRAINT beneficiary_is_with_one_professional_at_a_time EXCLUDE USING gist (beneficiary_id WITH =, slot WITH &&) WHERE (state <> 'cancelled'::text),
    CONSTRAINT professional_is_with_one_person_at_a_time EXCLUDE USING gist (professional_id WITH =, slot WITH &&) WHERE (state <> 'cancelled'::text),
    CONSTRAINT booking_is_for_the_holder FOREIGN KEY (voucher_id, beneficiary_id) REFERENCES vouchers(id, beneficiary_id),
    CONSTRAINT bookings_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES persons(id),
    CONSTRAINT bookings_cancelled_by_fkey FOREIGN KEY (cancelled_by) REFERENCES persons(id),
    CONSTRAINT bookings_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id),
    CONSTRAINT bookings_reinstates_fkey FOREIGN KEY (reinstates) REFERENCES bookings(id),
    CONSTRAINT acknowledgement_has_author_and_time CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CONSTRAINT booked_booking_is_not_held_yet CHECK (state <> 'booked'::text OR held_at IS NULL),
    CONSTRAINT booking_costs_something CHECK (amount_cents > 0),
    CONSTRAINT booking_state_is_known CHECK (state = ANY (ARRAY['booked'::text, 'held'::text, 'cancelled'::text])),
    CONSTRAINT cancel_reason_is_known CHECK (cancel_reason = ANY (ARRAY['beneficiary'::text, 'professional'::text, 'office'::text])),
    CONSTRAINT cancelled_booking_has_author_and_time CHECK ((state = 'cancelled'::text) = (cancelled_at IS NOT NULL) AND (state = 'cancelled'::text) = (cancel_reason IS NOT NULL) AND (cancelled_by IS NOT NULL) = COALESCE(cancel_reason = ANY (ARRAY['beneficiary'::text, 'professional'::text]), false)),
    CONSTRAINT held_booking_has_its_time CHECK (state <> 'held'::text OR held_at IS NOT NULL),
    CONSTRAINT only_a_held_session_is_acknowledged CHECK (acknowledged_at IS NULL OR state <> 'booked'::text),
    CONSTRAINT only_a_held_session_is_invoiced CHECK (claimed_cents IS NULL OR state = 'held'::text AND claimed_cents >= 1 AND claimed_cents <= amount_cents),
    CONSTRAINT slot_falls_on_the_day CHECK (slot IS NULL OR (lower(slot) AT TIME ZONE 'Europe/Rome'::text)::date = day)
);
CREATE INDEX bookings_by_day ON bookings USING btree (day, id);
CREATE INDEX bookings_confirmed_early ON bookings USING btree (day, id) WHERE held_at < upper(slot) AND state = 'held'::text;
CREATE INDEX bookings_not_confirmed ON bookings USING btree (day) INCLUDE (professional_id, voucher_id) WHERE state = 'booked'::text;
CREATE INDEX bookings_of_a_professional ON bookings USING btree (professional_id, state, day);
CREATE INDEX bookings_of_a_voucher ON bookings USING btree (voucher_id, day);
CREATE INDEX bookings_without_invoice ON bookings USING btree (professional_id, day) WHERE state = 'held'::text AND claimed_cents IS NULL;
CREATE UNIQUE INDEX one_booking_a_day_with_one_professional ON bookings USING btree (voucher_id, professional_id, day) WHERE state <> 'cancelled'::text;
CREATE TRIGGER bookings_are_kept BEFORE DELETE OR TRUNCATE ON bookings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bookings_keep_history BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION keep_booking_history();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON bookings FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.day IS DISTINCT FROM new.day OR old.amount_cents IS DISTINCT FROM new.amount_cents OR old.claimed_cents IS DISTINCT FROM new.claimed_cents) EXECUTE FUNCTION note_changes('state', 'day', 'amount_cents', 'claimed_cents');

CREATE TABLE calendar_feeds (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    read_on date,
    CONSTRAINT calendar_feeds_pkey PRIMARY KEY (id),
    CONSTRAINT feed_token_opens_one_calendar UNIQUE (token_hash),
    CONSTRAINT calendar_feeds_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT feed_role_is_known CHECK (role = ANY (ARRAY['citizen'::text, 'psychologist'::text, 'member'::text]))
);
CREATE UNIQUE INDEX one_calendar_of_a_person_and_role ON calendar_feeds USING btree (person_id, role) WHERE revoked_at IS NULL;

CREATE TABLE call_versions (
    call_id text NOT NULL,
    number integer NOT NULL,
    key uuid DEFAULT gen_random_uuid() NOT NULL,
    rules jsonb NOT NULL,
    state text NOT NULL,
    shipped boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    from_call text,
    from_number integer,
    authors uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    drafted_by uuid,
    drafted_at timestamp with time zone NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT call_versions_pkey PRIMARY KEY (call_id, number),
    CONSTRAINT call_version_has_one_key UNIQUE (key),
    CONSTRAINT call_versions_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id),
    CONSTRAINT call_versions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT call_versions_drafted_by_fkey FOREIGN KEY (drafted_by) REFERENCES persons(id),
    CONSTRAINT call_versions_from_call_from_number_fkey FOREIGN KEY (from_call, from_number) REFERENCES call_versions(call_id, number) MATCH FULL,
    CONSTRAINT call_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT call_version_numbers_start_at_one CHECK (number > 0),
    CONSTRAINT call_version_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'proposed'::text, 'released'::text, 'dropped'::text])),
    CONSTRAINT drafted_call_has_an_author CHECK (shipped OR drafted_by IS NOT NULL),
    CONSTRAINT nobody_releases_the_call_they_drafted CHECK (state <> 'released'::text OR decided_by IS NULL OR decided_by <> drafted_by AND decided_by <> proposed_by AND (decided_by <> ALL (authors))),
    CONSTRAINT proposed_call_has_a_proposer CHECK (shipped OR (state <> ALL (ARRAY['proposed'::text, 'released'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT released_call_has_a_second_person CHECK (shipped OR state <> 'released'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL)
);
CREATE UNIQUE INDEX call_has_one_open_version ON call_versions USING btree (call_id) WHERE state = ANY (ARRAY['draft'::text, 'proposed'::text]);
CREATE TRIGGER call_versions_are_kept BEFORE DELETE OR TRUNCATE ON call_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER call_versions_are_kept_once_released BEFORE UPDATE ON call_versions FOR EACH ROW EXECUTE FUNCTION keep_call_version();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON call_versions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER released_call_comes_into_force AFTER INSERT OR UPDATE ON call_versions FOR EACH ROW EXECUTE FUNCTION put_call_in_force();

CREATE TABLE calls (
    id text NOT NULL,
    version integer,
    CONSTRAINT calls_pkey PRIMARY KEY (id),
    CONSTRAINT call_version_in_force_exists FOREIGN KEY (id, version) REFERENCES call_versions(call_id, number) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT call_is_named_by_its_month CHECK (id ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text)
);

CREATE TABLE case_accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    application_id uuid NOT NULL,
    heir_id uuid,
    iban text NOT NULL,
    holder text NOT NULL,
    state text NOT NULL,
    given_by uuid,
    given_at timestamp with time zone NOT NULL,
    usable_from timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT case_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT case_accounts_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT case_accounts_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT case_accounts_given_by_fkey FOREIGN KEY (given_by) REFERENCES persons(id),
    CONSTRAINT case_accounts_heir_id_fkey FOREIGN KEY (heir_id) REFERENCES heirs(id),
    CONSTRAINT case_account_has_a_holder CHECK (btrim(holder) <> ''::text),
    CONSTRAINT case_account_state_is_known CHECK (state = ANY (ARRAY['to_verify'::text, 'verified'::text, 'rejected'::text, 'replaced'::text])),
    CONSTRAINT case_iban_looks_like_one CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'::text),
    CONSTRAINT nobody_verifies_an_account_they_gave CHECK (decided_by <> given_by),
    CONSTRAINT rejected_case_account_says_why CHECK ((state = 'rejected'::text) = (reason <> ''::text)),
    CONSTRAINT verified_case_account_was_looked_at CHECK (state <> 'verified'::text OR num_nulls(decided_by, decided_at) = 0)
);
CREATE INDEX accounts_of_a_case ON case_accounts USING btree (application_id, given_at);
CREATE INDEX case_accounts_to_verify ON case_accounts USING btree (given_at) WHERE state = 'to_verify'::text;
CREATE UNIQUE INDEX one_account_of_a_payee_at_a_time ON case_accounts USING btree (application_id, COALESCE(heir_id, application_id)) WHERE state = ANY (ARRAY['to_verify'::text, 'verified'::text]);
CREATE TRIGGER case_accounts_are_kept BEFORE DELETE OR TRUNCATE ON case_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_accounts_are_replaced_not_changed BEFORE INSERT OR UPDATE ON case_accounts FOR EACH ROW EXECUTE FUNCTION check_case_account();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON case_accounts FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');

CREATE TABLE closure_rows (
    closure_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    voucher_id uuid NOT NULL,
    ground text NOT NULL,
    term date NOT NULL,
    amount_cents bigint NOT NULL,
    professional_id uuid,
    spared_why text DEFAULT ''::text NOT NULL,
    outcome text DEFAULT ''::text NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT closure_rows_pkey PRIMARY KEY (closure_id, subject_id),
    CONSTRAINT closure_rows_closure_id_fkey FOREIGN KEY (closure_id) REFERENCES closures(id),
    CONSTRAINT closure_rows_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id),
    CONSTRAINT closure_rows_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT closed_row_has_its_time CHECK ((outcome <> ''::text) = (done_at IS NOT NULL)),
    CONSTRAINT closure_ground_is_known CHECK (ground = ANY (ARRAY['no_first_session'::text, 'not_confirmed'::text, 'not_invoiced'::text, 'not_corrected'::text])),
    CONSTRAINT closure_outcome_is_known CHECK (outcome = ANY (ARRAY[''::text, 'closed'::text, 'saved'::text, 'spared'::text])),
    CONSTRAINT spared_row_is_not_closed CHECK (spared_why = ''::text OR outcome <> 'closed'::text)
);
CREATE INDEX closure_rows_of_a_professional ON closure_rows USING btree (professional_id, closure_id);
CREATE INDEX closure_rows_to_do ON closure_rows USING btree (closure_id, voucher_id) WHERE outcome = ''::text;
CREATE TRIGGER closure_rows_are_kept BEFORE DELETE OR TRUNCATE ON closure_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closures_are_frozen BEFORE INSERT OR UPDATE ON closure_rows FOR EACH ROW EXECUTE FUNCTION keep_closure_row();

CREATE TABLE closures (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    edition_id text NOT NULL,
    territory text DEFAULT ''::text NOT NULL,
    as_of date NOT NULL,
    state text NOT NULL,
    prepared_by uuid NOT NULL,
    prepared_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    done_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT closures_pkey PRIMARY KEY (id),
    CONSTRAINT closure_is_numbered_once UNIQUE (number),
    CONSTRAINT closures_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT closures_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT closures_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES persons(id),
    CONSTRAINT approved_closure_has_a_second_person CHECK (state = 'proposed'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT closure_kind_is_known CHECK (kind = ANY (ARRAY['lapse'::text, 'annulment'::text])),
    CONSTRAINT closure_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'returned'::text, 'done'::text])),
    CONSTRAINT done_closure_has_its_time CHECK ((state = 'done'::text) = (done_at IS NOT NULL)),
    CONSTRAINT nobody_approves_a_closure_they_confirmed CHECK (decided_by <> prepared_by),
    CONSTRAINT returned_closure_says_why CHECK (state <> 'returned'::text OR note <> ''::text)
);
CREATE UNIQUE INDEX one_closure_of_a_kind_at_a_time ON closures USING btree (edition_id, kind) WHERE state = ANY (ARRAY['proposed'::text, 'approved'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON closures FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER closures_are_kept BEFORE DELETE OR TRUNCATE ON closures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closures_go_forward BEFORE UPDATE ON closures FOR EACH ROW EXECUTE FUNCTION keep_closure();

CREATE TABLE code_attempts (
    professional_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    failures integer NOT NULL,
    CONSTRAINT code_attempts_pkey PRIMARY KEY (professional_id),
    CONSTRAINT code_attempts_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES persons(id),
    CONSTRAINT failures_are_counted CHECK (failures >= 0)
);

CREATE TABLE control_commitments (
    id uuid NOT NULL,
    call_id text NOT NULL,
    value text NOT NULL,
    digest text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT control_commitments_pkey PRIMARY KEY (id),
    CONSTRAINT control_commitments_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id),
    CONSTRAINT control_commitments_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT commitment_is_the_digest_of_its_value CHECK (digest = encode(sha256(convert_to(value, 'UTF8'::name)), 'hex'::text)),
    CONSTRAINT committed_value_is_drawn_by_chance CHECK (value ~ '^[0-9a-f]{64}$'::text)
);
CREATE INDEX commitments_of_a_call ON control_commitments USING btree (call_id, made_at);
CREATE TRIGGER call_has_one_commitment_at_a_time BEFORE INSERT ON control_commitments FOR EACH ROW EXECUTE FUNCTION check_commitment();
CREATE TRIGGER commitments_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON control_commitments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE control_samples (
    id uuid NOT NULL,
    ranking_id uuid NOT NULL,
    commitment_id uuid NOT NULL,
    share integer,
    count integer,
    reason text NOT NULL,
    population integer NOT NULL,
    size integer NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    seed text DEFAULT ''::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT control_samples_pkey PRIMARY KEY (id),
    CONSTRAINT control_samples_commitment_id_fkey FOREIGN KEY (commitment_id) REFERENCES control_commitments(id),
    CONSTRAINT control_samples_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT control_samples_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT control_samples_ranking_id_fkey FOREIGN KEY (ranking_id) REFERENCES indemnity_rankings(id),
    CONSTRAINT drawn_sample_has_a_seed CHECK ((state = 'drawn'::text) = (seed <> ''::text)),
    CONSTRAINT nobody_confirms_a_sample_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT sample_has_a_second_person CHECK (num_nulls(decided_by, decided_at) =
CASE state
    WHEN 'proposed'::text THEN 2
    ELSE 0
END),
    CONSTRAINT sample_is_a_share_or_a_count CHECK (num_nonnulls(share, count) = 1 AND COALESCE(share >= 1 AND share <= 10000, count > 0)),
    CONSTRAINT sample_is_of_its_population CHECK (size >= 1 AND size <= population),
    CONSTRAINT sample_says_why CHECK (btrim(reason) <> ''::text),
    CONSTRAINT sample_sent_back_says_why CHECK ((state = 'sent_back'::text) = (why <> ''::text)),
    CONSTRAINT sample_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'drawn'::text, 'sent_back'::text]))
);
CREATE UNIQUE INDEX commitment_is_revealed_once ON control_samples USING btree (commitment_id) WHERE state <> 'sent_back'::text;
CREATE UNIQUE INDEX publication_has_one_sample ON control_samples USING btree (ranking_id) WHERE state <> 'sent_back'::text;
CREATE TRIGGER changes_are_noted AFTER UPDATE ON control_samples FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE CONSTRAINT TRIGGER sample_is_what_its_seed_draws AFTER INSERT OR UPDATE ON control_samples DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_draw();
CREATE TRIGGER samples_are_kept BEFORE DELETE OR TRUNCATE ON control_samples FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER samples_are_of_a_publication BEFORE INSERT ON control_samples FOR EACH ROW EXECUTE FUNCTION check_sample();
CREATE TRIGGER samples_stay_as_drawn BEFORE UPDATE ON control_samples FOR EACH ROW EXECUTE FUNCTION keep_sample();

CREATE TABLE deliveries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    number integer NOT NULL,
    extent text NOT NULL,
    list_day date NOT NULL,
    file_digest bytea NOT NULL,
    state text NOT NULL,
    added integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    removed integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    touched integer DEFAULT 0 NOT NULL,
    standing integer DEFAULT 0 NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    based_on uuid,
    prepared_by uuid,
    prepared_at timestamp with time zone NOT NULL,
    sent_by uuid,
    sent_at timestamp with time zone,
    applied_by uuid,
    applied_at timestamp with time zone,
    next_due_on date,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_is_numbered_once UNIQUE (number),
    CONSTRAINT deliveries_applied_by_fkey FOREIGN KEY (applied_by) REFERENCES persons(id),
    CONSTRAINT deliveries_based_on_fkey FOREIGN KEY (based_on) REFERENCES deliveries(id),
    CONSTRAINT deliveries_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES persons(id),
    CONSTRAINT deliveries_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES persons(id),
    CONSTRAINT applied_delivery_has_its_time CHECK ((state = 'applied'::text) = (applied_at IS NOT NULL AND next_due_on IS NOT NULL)),
    CONSTRAINT delivery_extent_is_known CHECK (extent = ANY (ARRAY['full'::text, 'changes'::text])),
    CONSTRAINT delivery_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'sent'::text, 'applied'::text, 'dropped'::text])),
    CONSTRAINT nobody_applies_a_list_they_sent CHECK (applied_by IS NULL OR (sent_by IS NULL OR applied_by <> sent_by) AND (prepared_by IS NULL OR applied_by <> prepared_by)),
    CONSTRAINT nobody_sends_a_list_they_prepared CHECK (sent_by IS NULL OR prepared_by IS NULL OR sent_by <> prepared_by),
    CONSTRAINT sent_delivery_has_a_sender CHECK ((state <> ALL (ARRAY['sent'::text, 'applied'::text])) OR sent_at IS NOT NULL)
);
CREATE UNIQUE INDEX one_delivery_at_a_time ON deliveries USING btree ((true)) WHERE state = ANY (ARRAY['draft'::text, 'sent'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON deliveries FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');

CREATE TABLE delivery_rows (
    delivery_id uuid NOT NULL,
    line integer NOT NULL,
    change text NOT NULL,
    fiscal_code text NOT NULL,
    person_id uuid,
    reasons text DEFAULT ''::text NOT NULL,
    before jsonb,
    after jsonb,
    bookings integer DEFAULT 0 NOT NULL,
    CONSTRAINT delivery_rows_pkey PRIMARY KEY (delivery_id, line),
    CONSTRAINT delivery_rows_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries(id),
    CONSTRAINT rejected_row_says_why CHECK ((change = 'rejected'::text) = (reasons <> ''::text)),
    CONSTRAINT row_change_is_known CHECK (change = ANY (ARRAY['added'::text, 'changed'::text, 'removed'::text, 'unchanged'::text, 'rejected'::text]))
);
CREATE INDEX delivery_rows_by_change ON delivery_rows USING btree (delivery_id, change, line);

CREATE TABLE disclosures (
    entry_id bigint NOT NULL,
    person_id uuid NOT NULL,
    application_id uuid,
    case_id uuid,
    datum text NOT NULL,
    ground text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT disclosures_pkey PRIMARY KEY (entry_id),
    CONSTRAINT disclosures_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT disclosures_case_id_fkey FOREIGN KEY (case_id) REFERENCES indemnity_applications(id),
    CONSTRAINT disclosures_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES audit(id),
    CONSTRAINT disclosures_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT colleague_opens_the_health_papers_of_a_case CHECK ((ground = 'colleague'::text) = (datum = 'health'::text) AND (datum <> 'health'::text OR case_id IS NOT NULL)),
    CONSTRAINT disclosure_ground_is_known CHECK (ground = ANY (ARRAY['complaint'::text, 'sample'::text, 'act'::text, 'authority'::text, 'security'::text, 'colleague'::text])),
    CONSTRAINT disclosure_is_of_one_case CHECK (num_nonnulls(application_id, case_id) = 1),
    CONSTRAINT disclosure_names_a_datum CHECK (datum ~ '^[a-z_]+\.[0-9a-f-]{1,36}$'::text OR datum = 'health'::text),
    CONSTRAINT disclosure_says_why CHECK (char_length(btrim(reason)) >= 10 AND char_length(btrim(reason)) <= 500)
);
CREATE INDEX disclosures_by_person ON disclosures USING btree (person_id, at);
CREATE TRIGGER disclosures_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON disclosures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE disputes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    protocol text NOT NULL,
    booking_id uuid NOT NULL,
    made_by uuid NOT NULL,
    mandate_id uuid,
    made_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    holds boolean NOT NULL,
    answer_by date NOT NULL,
    state text NOT NULL,
    proposal text DEFAULT ''::text NOT NULL,
    grounds text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    taken_by uuid,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    right_cents bigint,
    decided_by uuid,
    decided_at timestamp with time zone,
    recover_cents bigint DEFAULT 0 NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT disputes_pkey PRIMARY KEY (id),
    CONSTRAINT dispute_has_one_protocol UNIQUE (protocol),
    CONSTRAINT disputes_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT disputes_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT disputes_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT disputes_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT disputes_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT disputes_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES persons(id),
    CONSTRAINT decided_dispute_has_a_second_person CHECK ((state <> ALL (ARRAY['upheld'::text, 'dismissed'::text])) OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT dispute_kind_is_known CHECK (kind = ANY (ARRAY['not_held'::text, 'amount'::text, 'charged'::text, 'other'::text])),
    CONSTRAINT dispute_proposal_is_known CHECK (proposal = ANY (ARRAY[''::text, 'uphold'::text, 'dismiss'::text])),
    CONSTRAINT dispute_state_is_known CHECK (state = ANY (ARRAY['open'::text, 'proposed'::text, 'upheld'::text, 'dismissed'::text, 'withdrawn'::text])),
    CONSTRAINT nobody_decides_a_dispute_they_proposed CHECK ((state <> ALL (ARRAY['upheld'::text, 'dismissed'::text])) OR decided_by <> proposed_by),
    CONSTRAINT nobody_judges_their_own_dispute CHECK (taken_by <> made_by AND proposed_by <> made_by AND decided_by <> made_by),
    CONSTRAINT only_an_upheld_dispute_recovers CHECK (recover_cents >= 0 AND (recover_cents = 0 OR state = 'upheld'::text)),
    CONSTRAINT proposed_dispute_has_a_proposer CHECK ((state = ANY (ARRAY['open'::text, 'withdrawn'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposal <> ''::text AND grounds <> ''::text AND answer <> ''::text),
    CONSTRAINT right_price_goes_with_its_proposal CHECK ((right_cents IS NOT NULL) = (kind = 'amount'::text AND proposal = 'uphold'::text) AND right_cents > 0)
);
CREATE INDEX disputes_by_term ON disputes USING btree (answer_by) WHERE state = ANY (ARRAY['open'::text, 'proposed'::text]);
CREATE INDEX disputes_decided ON disputes USING btree (decided_at) WHERE state = ANY (ARRAY['upheld'::text, 'dismissed'::text]);
CREATE INDEX disputes_of_a_session ON disputes USING btree (booking_id);
CREATE INDEX disputes_to_recover ON disputes USING btree (decided_at) WHERE recover_cents > 0;
CREATE UNIQUE INDEX session_is_disputed_once_at_a_time ON disputes USING btree (booking_id) WHERE state = ANY (ARRAY['open'::text, 'proposed'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON disputes FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER disputes_are_kept BEFORE DELETE OR TRUNCATE ON disputes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disputes_stay_as_made BEFORE UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION keep_dispute();

CREATE TABLE edition_versions (
    edition_id text NOT NULL,
    number integer NOT NULL,
    key uuid DEFAULT gen_random_uuid() NOT NULL,
    rules jsonb NOT NULL,
    state text NOT NULL,
    shipped boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    from_edition text,
    from_number integer,
    authors uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    drafted_by uuid,
    drafted_at timestamp with time zone NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT edition_versions_pkey PRIMARY KEY (edition_id, number),
    CONSTRAINT version_has_one_key UNIQUE (key),
    CONSTRAINT edition_versions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT edition_versions_drafted_by_fkey FOREIGN KEY (drafted_by) REFERENCES persons(id),
    CONSTRAINT edition_versions_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT edition_versions_from_edition_from_number_fkey FOREIGN KEY (from_edition, from_number) REFERENCES edition_versions(edition_id, number) MATCH FULL,
    CONSTRAINT edition_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT drafted_version_has_an_author CHECK (shipped OR drafted_by IS NOT NULL),
    CONSTRAINT nobody_releases_what_they_drafted CHECK (state <> 'released'::text OR decided_by IS NULL OR decided_by <> drafted_by AND decided_by <> proposed_by AND (decided_by <> ALL (authors))),
    CONSTRAINT proposed_version_has_a_proposer CHECK (shipped OR (state <> ALL (ARRAY['proposed'::text, 'released'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT released_version_has_a_second_person CHECK (shipped OR state <> 'released'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT version_numbers_start_at_one CHECK (number > 0),
    CONSTRAINT version_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'proposed'::text, 'released'::text, 'dropped'::text]))
);
CREATE UNIQUE INDEX edition_has_one_open_version ON edition_versions USING btree (edition_id) WHERE state = ANY (ARRAY['draft'::text, 'proposed'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON edition_versions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER released_version_comes_into_force AFTER INSERT OR UPDATE ON edition_versions FOR EACH ROW EXECUTE FUNCTION put_version_in_force();
CREATE TRIGGER versions_are_kept BEFORE DELETE OR TRUNCATE ON edition_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER versions_are_kept_once_released BEFORE UPDATE ON edition_versions FOR EACH ROW EXECUTE FUNCTION keep_version();

CREATE TABLE editions (
    id text NOT NULL,
    application_year integer NOT NULL,
    fund_year integer NOT NULL,
    version integer,
    CONSTRAINT editions_pkey PRIMARY KEY (id),
    CONSTRAINT version_in_force_exists FOREIGN KEY (id, version) REFERENCES edition_versions(edition_id, number) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT edition_is_named_for_addresses CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,30}$'::text)
);

CREATE TABLE enrolments (
    professional_id uuid NOT NULL,
    during daterange NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    entered_by uuid,
    left_by uuid,
    left_why text DEFAULT ''::text NOT NULL,
    entered_why text DEFAULT ''::text NOT NULL,
    CONSTRAINT professional_is_enrolled_once_at_a_time EXCLUDE USING gist (professional_id WITH =, during WITH &&),
    CONSTRAINT enrolments_entered_by_fkey FOREIGN KEY (entered_by) REFERENCES deliveries(id),
    CONSTRAINT enrolments_left_by_fkey FOREIGN KEY (left_by) REFERENCES deliveries(id),
    CONSTRAINT enrolments_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id)
);
CREATE INDEX enrolments_of_a_professional ON enrolments USING btree (professional_id, id);
CREATE TRIGGER enrolments_are_kept BEFORE DELETE OR TRUNCATE ON enrolments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE erasure_things (
    erasure_id uuid NOT NULL,
    thing_id uuid NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT erasure_things_pkey PRIMARY KEY (erasure_id, thing_id),
    CONSTRAINT erasure_things_erasure_id_fkey FOREIGN KEY (erasure_id) REFERENCES erasures(id)
);
CREATE INDEX erased_things ON erasure_things USING btree (thing_id);
CREATE TRIGGER erasure_things_are_counted AFTER INSERT ON erasure_things REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION count_erasure_things();
CREATE TRIGGER erasure_things_are_erased_once BEFORE UPDATE ON erasure_things FOR EACH ROW EXECUTE FUNCTION keep_erasure_thing();
CREATE TRIGGER erasure_things_are_kept BEFORE DELETE OR TRUNCATE ON erasure_things FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE erasures (
    id uuid NOT NULL,
    class text NOT NULL,
    cut_on date NOT NULL,
    things integer NOT NULL,
    grounds text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    ended_at timestamp with time zone,
    found integer,
    CONSTRAINT erasures_pkey PRIMARY KEY (id),
    CONSTRAINT erasures_class_fkey FOREIGN KEY (class) REFERENCES retention_rules(class),
    CONSTRAINT erasures_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT erasures_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT decided_erasure_has_a_second_person CHECK ((state = 'proposed'::text) = (decided_by IS NULL) AND (state = 'proposed'::text) = (decided_at IS NULL)),
    CONSTRAINT ended_erasure_has_its_time CHECK ((state = ANY (ARRAY['done'::text, 'stopped'::text])) = (ended_at IS NOT NULL)),
    CONSTRAINT erasure_cuts_no_later_than_it_is_proposed CHECK (cut_on <= (proposed_at AT TIME ZONE 'Europe/Rome'::text)::date),
    CONSTRAINT erasure_says_why CHECK (grounds <> ''::text),
    CONSTRAINT erasure_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'refused'::text, 'withdrawn'::text, 'done'::text, 'stopped'::text])),
    CONSTRAINT nobody_decides_on_an_erasure_they_proposed CHECK (state = 'withdrawn'::text OR decided_by <> proposed_by),
    CONSTRAINT only_its_proposer_withdraws_an_erasure CHECK (state <> 'withdrawn'::text OR decided_by = proposed_by),
    CONSTRAINT refused_erasure_says_why CHECK ((state = 'refused'::text) = (why <> ''::text)),
    CONSTRAINT something_is_erased CHECK (things > 0),
    CONSTRAINT stopped_erasure_says_what_it_found CHECK ((state = 'stopped'::text) = (found IS NOT NULL))
);
CREATE UNIQUE INDEX class_is_erased_one_at_a_time ON erasures USING btree (class) WHERE state = ANY (ARRAY['proposed'::text, 'approved'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON erasures FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE CONSTRAINT TRIGGER erasure_is_of_what_was_counted AFTER INSERT ON erasures DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_erasure();
CREATE TRIGGER erasures_are_kept BEFORE DELETE OR TRUNCATE ON erasures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_stay_as_proposed BEFORE INSERT OR UPDATE ON erasures FOR EACH ROW EXECUTE FUNCTION keep_erasure();

CREATE TABLE exports (
    id uuid NOT NULL,
    taken_by uuid NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    format text NOT NULL,
    filters text NOT NULL,
    rows bigint NOT NULL,
    CONSTRAINT exports_pkey PRIMARY KEY (id),
    CONSTRAINT exports_taken_by_fkey FOREIGN KEY (taken_by) REFERENCES persons(id),
    CONSTRAINT export_counts_its_rows CHECK (rows >= 0)
);
CREATE TRIGGER exports_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON exports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE funding_transfers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    edition_id text NOT NULL,
    territory text NOT NULL,
    amount_cents bigint NOT NULL,
    received_on date NOT NULL,
    act text NOT NULL,
    reverses uuid,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    tranche text DEFAULT ''::text NOT NULL,
    CONSTRAINT funding_transfers_pkey PRIMARY KEY (id),
    CONSTRAINT transfer_is_reversed_once UNIQUE (reverses),
    CONSTRAINT funding_transfers_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT funding_transfers_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT funding_transfers_reverses_fkey FOREIGN KEY (reverses) REFERENCES funding_transfers(id),
    CONSTRAINT only_a_reversal_takes_back CHECK ((amount_cents < 0) = (reverses IS NOT NULL)),
    CONSTRAINT transfer_moves_something CHECK (amount_cents <> 0),
    CONSTRAINT transfer_names_its_act CHECK (act <> ''::text)
);
CREATE INDEX transfers_of_an_edition ON funding_transfers USING btree (edition_id, territory);
CREATE TRIGGER transfers_in_a_payment_stay AFTER INSERT ON funding_transfers FOR EACH ROW WHEN (new.amount_cents < 0) EXECUTE FUNCTION keep_paid_transfers();
CREATE TRIGGER transfers_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON funding_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE grant_proposals (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    duty text NOT NULL,
    from_day date NOT NULL,
    until_day date,
    grounds text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT grant_proposals_pkey PRIMARY KEY (id),
    CONSTRAINT grant_proposals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT grant_proposals_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT grant_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT decided_grant_has_a_second_person CHECK ((state = 'proposed'::text) = (decided_by IS NULL) AND (state = 'proposed'::text) = (decided_at IS NULL)),
    CONSTRAINT grant_proposal_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'refused'::text, 'withdrawn'::text])),
    CONSTRAINT nobody_confirms_a_grant_they_proposed CHECK ((state <> ALL (ARRAY['confirmed'::text, 'refused'::text])) OR decided_by <> proposed_by),
    CONSTRAINT nobody_decides_their_own_grant CHECK (decided_by <> person_id),
    CONSTRAINT nobody_proposes_a_grant_to_themselves CHECK (proposed_by <> person_id),
    CONSTRAINT only_its_proposer_withdraws_a_grant CHECK (state <> 'withdrawn'::text OR decided_by = proposed_by),
    CONSTRAINT proposed_grant_ends_after_it_starts CHECK (until_day IS NULL OR until_day >= from_day),
    CONSTRAINT proposed_grant_says_why CHECK (grounds <> ''::text),
    CONSTRAINT proposed_post_exists CHECK (role = 'cnop'::text AND duty = 'prepare'::text OR role = 'cnop'::text AND duty = 'approve'::text OR role = 'inps'::text AND duty = 'prepare'::text OR role = 'inps'::text AND duty = 'approve'::text OR role = 'inps'::text AND duty = 'publish'::text OR role = 'inps'::text AND duty = 'pay'::text OR role = 'welfare'::text AND duty = 'prepare'::text OR role = 'welfare'::text AND duty = 'approve'::text OR role = 'welfare'::text AND duty = 'publish'::text OR role = 'welfare'::text AND duty = 'pay'::text OR role = 'oversight'::text AND duty = 'audit'::text OR role = 'oversight'::text AND duty = 'administer'::text),
    CONSTRAINT refused_grant_says_why CHECK ((state = 'refused'::text) = (why <> ''::text))
);
CREATE INDEX grant_proposals_of_a_person ON grant_proposals USING btree (person_id, proposed_at DESC);
CREATE UNIQUE INDEX post_is_proposed_once ON grant_proposals USING btree (person_id, role, duty) WHERE state = 'proposed'::text;
CREATE TRIGGER changes_are_noted AFTER UPDATE ON grant_proposals FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER grant_proposals_are_decided_once BEFORE UPDATE ON grant_proposals FOR EACH ROW EXECUTE FUNCTION keep_grant_proposal();
CREATE TRIGGER grant_proposals_are_kept BEFORE DELETE OR TRUNCATE ON grant_proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE heirs (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    person_id uuid,
    fiscal_code text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    kinship text NOT NULL,
    share_part integer NOT NULL,
    share_whole integer NOT NULL,
    iban text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    code_hash bytea,
    tries integer DEFAULT 0 NOT NULL,
    linked_at timestamp with time zone,
    added_by uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    signed_at timestamp with time zone,
    signed_by text DEFAULT ''::text NOT NULL,
    declared jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT heirs_pkey PRIMARY KEY (id),
    CONSTRAINT heirs_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    CONSTRAINT heirs_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT heirs_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT code_links_once CHECK (linked_at IS NULL OR code_hash IS NULL),
    CONSTRAINT code_links_within_five_tries CHECK (tries >= 0 AND tries <= 5),
    CONSTRAINT heir_declares_what_they_sign CHECK (signed_at IS NOT NULL OR declared = '[]'::jsonb),
    CONSTRAINT heir_fiscal_code_has_sixteen_characters CHECK (fiscal_code ~ '^[A-Z0-9]{16}$'::text),
    CONSTRAINT heir_has_a_name CHECK (given_name <> ''::text AND family_name <> ''::text),
    CONSTRAINT heir_iban_looks_like_one CHECK (iban = ''::text OR iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'::text),
    CONSTRAINT heir_signs_by_a_known_way CHECK ((signed_by = ANY (ARRAY[''::text, 'portal'::text, 'pec'::text])) AND (signed_at IS NULL) = (signed_by = ''::text)),
    CONSTRAINT heir_signs_in_the_portal_once_linked CHECK (signed_by <> 'portal'::text OR person_id IS NOT NULL),
    CONSTRAINT linked_heir_is_somebody CHECK ((linked_at IS NULL) = (person_id IS NULL)),
    CONSTRAINT share_is_a_part_of_the_whole CHECK (share_part > 0 AND share_whole > 0 AND share_part <= share_whole)
);
CREATE UNIQUE INDEX heir_stands_once_in_a_case ON heirs USING btree (application_id, fiscal_code) WHERE removed_at IS NULL;
CREATE INDEX heirs_by_person ON heirs USING btree (person_id) WHERE person_id IS NOT NULL;
CREATE TRIGGER heir_signatures_stay BEFORE UPDATE ON heirs FOR EACH ROW EXECUTE FUNCTION keep_heir_signature();
CREATE TRIGGER heirs_are_kept BEFORE DELETE OR TRUNCATE ON heirs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heirs_have_a_deceased BEFORE INSERT ON heirs FOR EACH ROW EXECUTE FUNCTION check_heir();
CREATE CONSTRAINT TRIGGER shares_make_at_most_the_whole AFTER INSERT OR UPDATE OF application_id, share_part, share_whole, removed_at ON heirs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_shares();

CREATE TABLE import_faults (
    import_id uuid NOT NULL,
    line integer NOT NULL,
    field text NOT NULL,
    what text NOT NULL,
    CONSTRAINT import_faults_pkey PRIMARY KEY (import_id, line, field, what),
    CONSTRAINT import_faults_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id)
);

CREATE UNLOGGED TABLE import_rows (
    import_id uuid NOT NULL,
    line integer NOT NULL,
    application_id uuid NOT NULL,
    person_id uuid NOT NULL,
    known boolean DEFAULT false NOT NULL,
    protocol text NOT NULL,
    fiscal_code text COLLATE "C" NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    born_on date,
    email text NOT NULL,
    phone text NOT NULL,
    territory text NOT NULL,
    province text NOT NULL,
    isee_cents bigint,
    isee_status text NOT NULL,
    entitled_cents bigint NOT NULL,
    submitted_at timestamp with time zone
);
CREATE INDEX import_rows_of_an_import ON import_rows USING btree (import_id, line);

CREATE TABLE imports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    edition_id text NOT NULL,
    file_digest bytea NOT NULL,
    state text NOT NULL,
    declared integer,
    rows_read integer DEFAULT 0 NOT NULL,
    rows_wrong integer DEFAULT 0 NOT NULL,
    rows_applied integer DEFAULT 0 NOT NULL,
    made_by uuid,
    made_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT imports_pkey PRIMARY KEY (id),
    CONSTRAINT imports_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT imports_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT declared_rows_were_read CHECK ((state <> ALL (ARRAY['applying'::text, 'applied'::text])) OR declared IS NULL OR declared = rows_read),
    CONSTRAINT import_state_is_known CHECK (state = ANY (ARRAY['reading'::text, 'checked'::text, 'applying'::text, 'applied'::text, 'refused'::text, 'dropped'::text])),
    CONSTRAINT wrong_rows_are_never_applied CHECK (rows_applied = 0 OR rows_wrong = 0 AND rows_applied <= rows_read)
);
CREATE UNIQUE INDEX file_is_imported_once ON imports USING btree (edition_id, file_digest) WHERE state = ANY (ARRAY['applying'::text, 'applied'::text]);

CREATE TABLE indemnity_answers (
    request_id uuid NOT NULL,
    number integer NOT NULL,
    says jsonb NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    sent_by uuid NOT NULL,
    protocol text NOT NULL,
    CONSTRAINT indemnity_answers_pkey PRIMARY KEY (request_id, number),
    CONSTRAINT sent_answer_protocol_is_used_once UNIQUE (protocol),
    CONSTRAINT indemnity_answers_request_id_fkey FOREIGN KEY (request_id) REFERENCES indemnity_requests(id),
    CONSTRAINT indemnity_answers_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES persons(id)
);
CREATE TRIGGER answers_are_sent_while_the_term_runs BEFORE INSERT ON indemnity_answers FOR EACH ROW EXECUTE FUNCTION check_indemnity_answer();
CREATE TRIGGER answers_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_answers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_applications (
    id uuid NOT NULL,
    protocol text NOT NULL,
    call_id text NOT NULL,
    call_version integer NOT NULL,
    member_id uuid NOT NULL,
    applicant_kind text NOT NULL,
    channel text NOT NULL,
    sender_id uuid,
    received_by uuid,
    submitted_at timestamp with time zone NOT NULL,
    term_ended_on date NOT NULL,
    event daterange NOT NULL,
    answers jsonb NOT NULL,
    declarations jsonb NOT NULL,
    registers jsonb NOT NULL,
    digest bytea NOT NULL,
    check_code text NOT NULL,
    died_on date,
    state text DEFAULT 'submitted'::text NOT NULL,
    withdrawn_at timestamp with time zone,
    officer_id uuid,
    version bigint DEFAULT 0 NOT NULL,
    worked_by uuid,
    worked_since timestamp with time zone,
    ranking_id uuid,
    CONSTRAINT indemnity_applications_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_protocol_is_used_once UNIQUE (protocol),
    CONSTRAINT events_of_a_member_do_not_overlap EXCLUDE USING gist (member_id WITH =, event WITH &&) WHERE ((state <> ALL (ARRAY['withdrawn'::text, 'inadmissible'::text, 'not_eligible'::text, 'forfeited'::text])) AND (answers ->> 'cause'::text) IS DISTINCT FROM 'cycles'::text),
    CONSTRAINT indemnity_applications_call_id_call_version_fkey FOREIGN KEY (call_id, call_version) REFERENCES call_versions(call_id, number),
    CONSTRAINT indemnity_applications_member_id_fkey FOREIGN KEY (member_id) REFERENCES persons(id),
    CONSTRAINT indemnity_applications_officer_id_fkey FOREIGN KEY (officer_id) REFERENCES persons(id),
    CONSTRAINT indemnity_applications_ranking_id_fkey FOREIGN KEY (ranking_id) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_applications_received_by_fkey FOREIGN KEY (received_by) REFERENCES persons(id),
    CONSTRAINT indemnity_applications_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES persons(id),
    CONSTRAINT indemnity_applications_worked_by_fkey FOREIGN KEY (worked_by) REFERENCES persons(id),
    CONSTRAINT application_is_sent_within_its_term CHECK (channel <> 'portal'::text OR (submitted_at AT TIME ZONE 'Europe/Rome'::text)::date >= (upper(event) - 1) AND (submitted_at AT TIME ZONE 'Europe/Rome'::text)::date <= term_ended_on),
    CONSTRAINT event_has_a_first_and_a_last_day CHECK (NOT isempty(event) AND NOT lower_inf(event) AND NOT upper_inf(event)),
    CONSTRAINT heirs_apply_for_a_deceased CHECK (applicant_kind = 'member'::text OR died_on IS NOT NULL),
    CONSTRAINT indemnity_applicant_kind_is_known CHECK (applicant_kind = ANY (ARRAY['member'::text, 'heirs'::text])),
    CONSTRAINT indemnity_channel_is_known CHECK (channel = ANY (ARRAY['portal'::text, 'pec'::text, 'other'::text])),
    CONSTRAINT indemnity_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT indemnity_state_is_known CHECK (state = ANY (ARRAY['submitted'::text, 'in_review'::text, 'inadmissible'::text, 'not_eligible'::text, 'forfeited'::text, 'suitable'::text, 'funded'::text, 'unfunded'::text, 'revoked'::text, 'withdrawn'::text])),
    CONSTRAINT somebody_sent_or_registered_it CHECK ((channel = 'portal'::text) = (sender_id IS NOT NULL) AND (channel = 'portal'::text) = (received_by IS NULL)),
    CONSTRAINT withdrawn_application_has_a_time CHECK ((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL)),
    CONSTRAINT work_on_a_case_has_a_beginning CHECK ((worked_by IS NULL) = (worked_since IS NULL))
);
CREATE UNIQUE INDEX event_is_applied_for_once ON indemnity_applications USING btree (member_id, event) WHERE state <> ALL (ARRAY['withdrawn'::text, 'inadmissible'::text, 'not_eligible'::text, 'forfeited'::text]);
CREATE INDEX indemnity_applications_at_work ON indemnity_applications USING btree (call_id, state, submitted_at, id);
CREATE INDEX indemnity_applications_by_day ON indemnity_applications USING btree (submitted_at, id);
CREATE INDEX indemnity_applications_by_number ON indemnity_applications USING btree (((registers -> 'member'::text) ->> 'number'::text));
CREATE INDEX indemnity_applications_in_a_state ON indemnity_applications USING btree (state, submitted_at, id);
CREATE INDEX indemnity_applications_of_a_call ON indemnity_applications USING btree (call_id, submitted_at, id);
CREATE INDEX indemnity_applications_of_a_member ON indemnity_applications USING btree (member_id, submitted_at);
CREATE INDEX indemnity_applications_of_an_officer ON indemnity_applications USING btree (officer_id, submitted_at, id);
CREATE INDEX indemnity_applications_of_cycles ON indemnity_applications USING btree (submitted_at, id) WHERE (answers ->> 'cause'::text) = 'cycles'::text;
CREATE INDEX indemnity_applications_of_heirs ON indemnity_applications USING btree (submitted_at, id) WHERE applicant_kind = 'heirs'::text;
CREATE INDEX indemnity_applications_under_way ON indemnity_applications USING btree (officer_id, submitted_at, id) WHERE state = ANY (ARRAY['submitted'::text, 'in_review'::text]);
CREATE CONSTRAINT TRIGGER a_publication_says_who_is_paid AFTER UPDATE OF state, ranking_id ON indemnity_applications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_indemnity_place();
CREATE TRIGGER applications_are_made_by_the_call_in_force BEFORE INSERT ON indemnity_applications FOR EACH ROW EXECUTE FUNCTION check_call_in_force();
CREATE TRIGGER applications_in_a_payment_keep_their_money AFTER UPDATE OF state, ranking_id ON indemnity_applications FOR EACH ROW WHEN ((new.state = ANY (ARRAY['funded'::text, 'unfunded'::text, 'inadmissible'::text, 'not_eligible'::text, 'forfeited'::text, 'withdrawn'::text])) AND (new.state IS DISTINCT FROM old.state OR new.ranking_id IS DISTINCT FROM old.ranking_id)) EXECUTE FUNCTION keep_paid_place();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_applications FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.officer_id IS DISTINCT FROM new.officer_id) EXECUTE FUNCTION note_changes('state', 'officer_id');
CREATE TRIGGER deaths_are_confirmed_by_two AFTER INSERT OR UPDATE OF died_on ON indemnity_applications FOR EACH ROW EXECUTE FUNCTION check_succession();
CREATE TRIGGER indemnity_applications_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_applications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER indemnity_applications_stay_as_sent BEFORE UPDATE ON indemnity_applications FOR EACH ROW EXECUTE FUNCTION keep_indemnity_application();
CREATE CONSTRAINT TRIGGER two_people_decide_how_a_case_ends AFTER UPDATE OF state ON indemnity_applications DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_outcome();

CREATE TABLE indemnity_controls (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    source text NOT NULL,
    sample_id uuid,
    place integer,
    reason text DEFAULT ''::text NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    found text DEFAULT ''::text NOT NULL,
    codes text[] DEFAULT '{}'::text[] NOT NULL,
    ended_by uuid,
    ended_at timestamp with time zone,
    CONSTRAINT indemnity_controls_pkey PRIMARY KEY (id),
    CONSTRAINT case_is_drawn_once UNIQUE (sample_id, application_id),
    CONSTRAINT place_is_drawn_once UNIQUE (sample_id, place),
    CONSTRAINT indemnity_controls_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_controls_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    CONSTRAINT indemnity_controls_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES persons(id),
    CONSTRAINT indemnity_controls_sample_id_fkey FOREIGN KEY (sample_id) REFERENCES control_samples(id),
    CONSTRAINT control_source_is_known CHECK (source = ANY (ARRAY['sample'::text, 'report'::text])),
    CONSTRAINT control_state_is_known CHECK (state = ANY (ARRAY['open'::text, 'confirmed'::text, 'irregular'::text])),
    CONSTRAINT drawn_control_has_a_place CHECK ((source = 'sample'::text) = (sample_id IS NOT NULL) AND (sample_id IS NULL) = (place IS NULL)),
    CONSTRAINT ended_control_says_what_was_found CHECK ((state = 'open'::text) = (found = ''::text) AND num_nulls(ended_by, ended_at) =
CASE state
    WHEN 'open'::text THEN 2
    ELSE 0
END),
    CONSTRAINT irregularity_has_grounds CHECK ((state = 'irregular'::text) = (codes <> '{}'::text[])),
    CONSTRAINT reported_control_says_why CHECK ((source = 'report'::text) = (btrim(reason) <> ''::text))
);
CREATE UNIQUE INDEX case_is_reported_once_at_a_time ON indemnity_controls USING btree (application_id) WHERE source = 'report'::text AND state = 'open'::text;
CREATE INDEX controls_by_state ON indemnity_controls USING btree (state, opened_at);
CREATE INDEX controls_of_a_case ON indemnity_controls USING btree (application_id, opened_at);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_controls FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER controls_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_controls FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER controls_stay_as_made BEFORE INSERT OR UPDATE ON indemnity_controls FOR EACH ROW EXECUTE FUNCTION check_control();

CREATE TABLE indemnity_decisions (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    to_state text NOT NULL,
    codes text[] DEFAULT '{}'::text[] NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    call_version integer NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    protocol text,
    check_code text DEFAULT ''::text NOT NULL,
    undoes uuid,
    read_at timestamp with time zone,
    control_id uuid,
    CONSTRAINT indemnity_decisions_pkey PRIMARY KEY (id),
    CONSTRAINT decision_protocol_is_used_once UNIQUE (protocol),
    CONSTRAINT indemnity_decisions_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_decisions_control_id_fkey FOREIGN KEY (control_id) REFERENCES indemnity_controls(id),
    CONSTRAINT indemnity_decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT indemnity_decisions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT indemnity_decisions_undoes_fkey FOREIGN KEY (undoes) REFERENCES indemnity_decisions(id),
    CONSTRAINT case_taken_up_again_says_why CHECK ((to_state <> ALL (ARRAY['in_review'::text, 'funded'::text])) OR undoes IS NOT NULL AND text <> ''::text),
    CONSTRAINT decision_has_a_second_person CHECK (num_nulls(decided_by, decided_at) =
CASE state
    WHEN 'proposed'::text THEN 2
    ELSE 0
END),
    CONSTRAINT decision_leads_to_a_known_state CHECK (to_state = ANY (ARRAY['suitable'::text, 'inadmissible'::text, 'not_eligible'::text, 'forfeited'::text, 'in_review'::text, 'revoked'::text, 'funded'::text])),
    CONSTRAINT decision_sent_back_says_why CHECK ((state = 'sent_back'::text) = (why <> ''::text)),
    CONSTRAINT decision_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'sent_back'::text])),
    CONSTRAINT decision_that_was_made_has_a_letter CHECK ((state = 'approved'::text) = (protocol IS NOT NULL) AND (state = 'approved'::text) = (check_code <> ''::text)),
    CONSTRAINT nobody_approves_a_decision_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT only_a_decision_that_was_made_is_read CHECK (read_at IS NULL OR state = 'approved'::text),
    CONSTRAINT revocation_rests_on_a_check CHECK ((to_state = 'revoked'::text) = (control_id IS NOT NULL)),
    CONSTRAINT unfavourable_decision_has_grounds CHECK ((to_state = ANY (ARRAY['suitable'::text, 'in_review'::text, 'funded'::text])) = (codes = '{}'::text[]))
);
CREATE UNIQUE INDEX case_has_one_open_decision ON indemnity_decisions USING btree (application_id) WHERE state = 'proposed'::text;
CREATE UNIQUE INDEX decision_is_undone_once ON indemnity_decisions USING btree (undoes) WHERE state = 'approved'::text;
CREATE INDEX decisions_of_an_application ON indemnity_decisions USING btree (application_id, proposed_at);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_decisions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER decisions_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_concern_others BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions FOR EACH ROW EXECUTE FUNCTION check_decision();
CREATE TRIGGER decisions_rest_on_what_others_found BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions FOR EACH ROW EXECUTE FUNCTION keep_off_own_findings();
CREATE TRIGGER decisions_stay_as_made BEFORE UPDATE ON indemnity_decisions FOR EACH ROW EXECUTE FUNCTION keep_decision();
CREATE TRIGGER revocations_are_of_what_was_found BEFORE INSERT OR UPDATE OF decided_by ON indemnity_decisions FOR EACH ROW EXECUTE FUNCTION check_revocation();

CREATE TABLE indemnity_drafts (
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    answers jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    reminded_on date,
    CONSTRAINT indemnity_drafts_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_drafts_member_id_fkey FOREIGN KEY (member_id) REFERENCES persons(id),
    CONSTRAINT sent_indemnity_draft_is_empty CHECK (sent_at IS NULL OR answers = '{}'::jsonb)
);
CREATE INDEX indemnity_drafts_of_a_member ON indemnity_drafts USING btree (member_id);

CREATE TABLE indemnity_exclusions (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    reason text NOT NULL,
    excluded_by uuid NOT NULL,
    excluded_at timestamp with time zone NOT NULL,
    lifted_by uuid,
    lifted_at timestamp with time zone,
    CONSTRAINT indemnity_exclusions_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_exclusions_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_exclusions_excluded_by_fkey FOREIGN KEY (excluded_by) REFERENCES persons(id),
    CONSTRAINT indemnity_exclusions_lifted_by_fkey FOREIGN KEY (lifted_by) REFERENCES persons(id),
    CONSTRAINT exclusion_is_lifted_by_somebody CHECK ((lifted_by IS NULL) = (lifted_at IS NULL)),
    CONSTRAINT exclusion_says_why CHECK (reason <> ''::text)
);
CREATE UNIQUE INDEX case_is_excluded_once_at_a_time ON indemnity_exclusions USING btree (application_id) WHERE lifted_at IS NULL;
CREATE TRIGGER exclusions_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_exclusions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exclusions_stay_as_written BEFORE UPDATE ON indemnity_exclusions FOR EACH ROW EXECUTE FUNCTION keep_indemnity_exclusion();

CREATE TABLE indemnity_findings (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    application_id uuid NOT NULL,
    check_name text NOT NULL,
    verdict text NOT NULL,
    found jsonb DEFAULT '{}'::jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    case_version bigint NOT NULL,
    CONSTRAINT indemnity_findings_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_findings_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_findings_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT finding_has_a_verdict CHECK (verdict = ANY (ARRAY['met'::text, 'not_met'::text, 'not_applicable'::text])),
    CONSTRAINT finding_is_on_a_known_check CHECK (check_name = ANY (ARRAY['identity'::text, 'member'::text, 'enrolment'::text, 'term'::text, 'window'::text, 'proof'::text, 'coverage'::text, 'length'::text, 'regularity'::text, 'declarations'::text, 'isee'::text, 'exclusive'::text, 'cover'::text, 'maternity'::text, 'cap'::text, 'income'::text, 'iban'::text, 'heirship'::text, 'heirs_term'::text])),
    CONSTRAINT unmet_check_says_why CHECK (verdict <> 'not_met'::text OR note <> ''::text)
);
CREATE INDEX findings_of_an_application ON indemnity_findings USING btree (application_id, id);
CREATE TRIGGER findings_are_noted AFTER INSERT ON indemnity_findings FOR EACH ROW EXECUTE FUNCTION note_finding();
CREATE TRIGGER findings_are_on_cases_in_review BEFORE INSERT ON indemnity_findings FOR EACH ROW EXECUTE FUNCTION check_finding();
CREATE TRIGGER findings_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_findings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_judgements (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    request_id uuid NOT NULL,
    number integer NOT NULL,
    verdict text NOT NULL,
    why text DEFAULT ''::text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT indemnity_judgements_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_judgements_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT judgement_is_on_an_answer FOREIGN KEY (request_id, number) REFERENCES indemnity_answers(request_id, number),
    CONSTRAINT insufficient_answer_says_why CHECK ((verdict = 'insufficient'::text) = (why <> ''::text)),
    CONSTRAINT judgement_is_known CHECK (verdict = ANY (ARRAY['accepted'::text, 'insufficient'::text]))
);
CREATE INDEX judgements_of_an_answer ON indemnity_judgements USING btree (request_id, number, id);
CREATE TRIGGER judgements_concern_others BEFORE INSERT ON indemnity_judgements FOR EACH ROW EXECUTE FUNCTION check_judgement();
CREATE TRIGGER judgements_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_judgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_message_reads (
    message_id uuid NOT NULL,
    reader_id uuid NOT NULL,
    by_office boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT indemnity_message_reads_pkey PRIMARY KEY (message_id, reader_id),
    CONSTRAINT indemnity_message_reads_message_id_fkey FOREIGN KEY (message_id) REFERENCES indemnity_messages(id),
    CONSTRAINT indemnity_message_reads_reader_id_fkey FOREIGN KEY (reader_id) REFERENCES persons(id)
);
CREATE TRIGGER case_message_reads_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_message_reads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_messages (
    id uuid NOT NULL,
    thread_id uuid NOT NULL,
    by_office boolean NOT NULL,
    author_id uuid NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    CONSTRAINT indemnity_messages_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES persons(id),
    CONSTRAINT indemnity_messages_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES indemnity_threads(id),
    CONSTRAINT case_message_is_not_too_long CHECK (length(text) <= 4000),
    CONSTRAINT case_message_says_something CHECK (text ~ '[^[:space:]]'::text)
);
CREATE INDEX messages_of_a_thread ON indemnity_messages USING btree (thread_id, at);
CREATE TRIGGER case_messages_are_written_in_open_threads BEFORE INSERT ON indemnity_messages FOR EACH ROW EXECUTE FUNCTION check_case_message();
CREATE TRIGGER case_messages_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_papers (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL,
    issued_on date,
    covers daterange,
    expires_on date,
    request_id uuid,
    replaces uuid,
    attachment_id uuid,
    added_by uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT indemnity_papers_pkey PRIMARY KEY (id),
    CONSTRAINT attachment_is_one_paper UNIQUE (attachment_id),
    CONSTRAINT indemnity_papers_added_by_fkey FOREIGN KEY (added_by) REFERENCES persons(id),
    CONSTRAINT indemnity_papers_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES attachments(id),
    CONSTRAINT indemnity_papers_replaces_fkey FOREIGN KEY (replaces) REFERENCES indemnity_papers(id),
    CONSTRAINT indemnity_papers_request_id_fkey FOREIGN KEY (request_id) REFERENCES indemnity_requests(id),
    CONSTRAINT paper_covers_known_days CHECK (covers IS NULL OR NOT (isempty(covers) OR lower_inf(covers) OR upper_inf(covers))),
    CONSTRAINT paper_kind_is_known CHECK (kind = ANY (ARRAY['initial_prognosis'::text, 'extension_prognosis'::text, 'hospital_stay'::text, 'cycle_final'::text, 'asl_interdiction'::text, 'heirs_final'::text, 'identity'::text, 'identity_front'::text, 'identity_back'::text, 'isee'::text, 'other_cover'::text, 'death_certificate'::text, 'heirship'::text, 'pec_message'::text, 'receipt_of_payment'::text, 'other'::text])),
    CONSTRAINT sent_paper_has_a_file CHECK (sent_at IS NULL OR attachment_id IS NOT NULL)
);
CREATE INDEX papers_of_a_case ON indemnity_papers USING btree (case_id, added_at);
CREATE INDEX papers_that_replace ON indemnity_papers USING btree (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX papers_that_were_never_sent ON indemnity_papers USING btree (added_at) WHERE sent_at IS NULL AND request_id IS NOT NULL;
CREATE TRIGGER papers_are_kept BEFORE TRUNCATE ON indemnity_papers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER papers_are_of_one_case BEFORE INSERT OR UPDATE ON indemnity_papers FOR EACH ROW EXECUTE FUNCTION check_paper();
CREATE TRIGGER sent_papers_stay BEFORE DELETE OR UPDATE ON indemnity_papers FOR EACH ROW EXECUTE FUNCTION keep_paper();

CREATE TABLE indemnity_public_lists (
    ranking_id uuid NOT NULL,
    text text NOT NULL,
    CONSTRAINT indemnity_public_lists_pkey PRIMARY KEY (ranking_id),
    CONSTRAINT indemnity_public_lists_ranking_id_fkey FOREIGN KEY (ranking_id) REFERENCES indemnity_rankings(id),
    CONSTRAINT public_list_says_something CHECK (text <> ''::text)
);
CREATE TRIGGER public_lists_never_change BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_public_lists FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_ranking_entries (
    ranking_id uuid NOT NULL,
    application_id uuid NOT NULL,
    case_version bigint NOT NULL,
    protocol text NOT NULL,
    public_code text DEFAULT upper("left"(replace(gen_random_uuid()::text, '-'::text, ''::text), 12)) NOT NULL,
    facts jsonb NOT NULL,
    result json NOT NULL,
    steps json NOT NULL,
    row_digest bytea NOT NULL,
    outcome text NOT NULL,
    duration integer NOT NULL,
    days integer NOT NULL,
    daily_cents bigint NOT NULL,
    gross_cents bigint NOT NULL,
    rate integer NOT NULL,
    withholding_cents bigint NOT NULL,
    net_cents bigint NOT NULL,
    debt_cents bigint NOT NULL,
    debt_left_cents bigint NOT NULL,
    points_isee integer NOT NULL,
    points_duration integer NOT NULL,
    points_exclusive integer NOT NULL,
    rank integer,
    ex_aequo integer NOT NULL,
    decided text NOT NULL,
    funding text NOT NULL,
    funded_cents bigint NOT NULL,
    funded_net_cents bigint NOT NULL,
    set_off_cents bigint NOT NULL,
    payable_cents bigint NOT NULL,
    recovery_cents bigint NOT NULL,
    revoked boolean NOT NULL,
    CONSTRAINT case_is_ranked_once_a_ranking PRIMARY KEY (ranking_id, application_id),
    CONSTRAINT nobody_is_paid_more_than_their_due CHECK (funded_cents >= 0 AND funded_cents <= gross_cents AND payable_cents >= 0 AND (payable_cents + set_off_cents) = funded_net_cents),
    CONSTRAINT only_what_is_ranked_has_a_place CHECK ((outcome = 'ranked'::text) = (rank IS NOT NULL) AND (rank IS NULL) = (funding = ''::text)),
    CONSTRAINT place_funding_is_known CHECK (funding = ANY (ARRAY[''::text, 'funded'::text, 'partially_funded'::text, 'not_funded'::text]))
);
CREATE INDEX indemnity_entries_of_a_case ON indemnity_ranking_entries USING btree (application_id);
CREATE UNIQUE INDEX indemnity_place_is_taken_once ON indemnity_ranking_entries USING btree (ranking_id, rank) WHERE rank IS NOT NULL;
CREATE UNIQUE INDEX public_code_is_of_one_place ON indemnity_ranking_entries USING btree (ranking_id, public_code);
CREATE TRIGGER indemnity_entries_are_kept AFTER DELETE ON indemnity_ranking_entries REFERENCING OLD TABLE AS dropped FOR EACH STATEMENT EXECUTE FUNCTION keep_indemnity_entries();
CREATE TRIGGER indemnity_entries_never_change BEFORE UPDATE OR TRUNCATE ON indemnity_ranking_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_ranking_orders (
    id uuid NOT NULL,
    call_id text NOT NULL,
    number integer NOT NULL,
    corrects uuid,
    based_on uuid,
    reason text DEFAULT ''::text NOT NULL,
    rules jsonb,
    ordered_by uuid NOT NULL,
    ordered_at timestamp with time zone NOT NULL,
    state text DEFAULT 'making'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    refusal text DEFAULT ''::text NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT indemnity_ranking_orders_pkey PRIMARY KEY (id),
    CONSTRAINT ranking_order_is_numbered_once UNIQUE (call_id, number),
    CONSTRAINT indemnity_ranking_orders_based_on_fkey FOREIGN KEY (based_on) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_ranking_orders_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id),
    CONSTRAINT indemnity_ranking_orders_corrects_fkey FOREIGN KEY (corrects) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_ranking_orders_ordered_by_fkey FOREIGN KEY (ordered_by) REFERENCES persons(id),
    CONSTRAINT failed_ranking_order_says_why CHECK ((state = 'failed'::text) = (refusal <> ''::text)),
    CONSTRAINT ranking_order_corrects_or_tries CHECK (corrects IS NULL OR based_on IS NULL),
    CONSTRAINT ranking_order_ends_at_an_instant CHECK ((state = ANY (ARRAY['made'::text, 'failed'::text])) = (ended_at IS NOT NULL)),
    CONSTRAINT ranking_order_says_what_for CHECK ((corrects IS NULL AND based_on IS NULL) = (reason = ''::text)),
    CONSTRAINT ranking_order_state_is_known CHECK (state = ANY (ARRAY['making'::text, 'checking'::text, 'made'::text, 'failed'::text])),
    CONSTRAINT ranking_order_tries_other_rules CHECK ((based_on IS NULL) = (rules IS NULL))
);
CREATE UNIQUE INDEX call_has_one_ranking_order_at_a_time ON indemnity_ranking_orders USING btree (call_id) WHERE state = ANY (ARRAY['making'::text, 'checking'::text]);
CREATE TRIGGER ranking_orders_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_ranking_orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ranking_orders_go_forward BEFORE INSERT OR UPDATE ON indemnity_ranking_orders FOR EACH ROW EXECUTE FUNCTION keep_indemnity_order();

CREATE TABLE indemnity_rankings (
    id uuid NOT NULL,
    call_id text NOT NULL,
    call_version integer NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    based_on uuid,
    corrects uuid,
    reason text DEFAULT ''::text NOT NULL,
    rules jsonb NOT NULL,
    evaluated_on date NOT NULL,
    ruled text[] DEFAULT '{}'::text[] NOT NULL,
    ties jsonb DEFAULT '[]'::jsonb NOT NULL,
    exclusions jsonb DEFAULT '[]'::jsonb NOT NULL,
    state text NOT NULL,
    applications integer NOT NULL,
    ranked integer NOT NULL,
    funded integer NOT NULL,
    not_funded integer NOT NULL,
    requested_cents bigint NOT NULL,
    funded_cents bigint NOT NULL,
    residual_cents bigint,
    last_rank integer NOT NULL,
    last_points integer NOT NULL,
    inputs_digest bytea NOT NULL,
    rules_digest bytea NOT NULL,
    result_digest bytea NOT NULL,
    rows_digest bytea NOT NULL,
    simulated_by uuid NOT NULL,
    simulated_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    disagreements integer,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    publication integer,
    published_by uuid,
    published_at timestamp with time zone,
    manifest text DEFAULT ''::text NOT NULL,
    signature bytea,
    set_aside_cents bigint DEFAULT 0 NOT NULL,
    CONSTRAINT indemnity_rankings_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_publication_is_numbered_once UNIQUE (call_id, publication),
    CONSTRAINT indemnity_ranking_is_numbered_once UNIQUE (call_id, number),
    CONSTRAINT indemnity_rankings_based_on_fkey FOREIGN KEY (based_on) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_rankings_call_id_call_version_fkey FOREIGN KEY (call_id, call_version) REFERENCES call_versions(call_id, number),
    CONSTRAINT indemnity_rankings_corrects_fkey FOREIGN KEY (corrects) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_rankings_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT indemnity_rankings_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT indemnity_rankings_published_by_fkey FOREIGN KEY (published_by) REFERENCES persons(id),
    CONSTRAINT indemnity_rankings_simulated_by_fkey FOREIGN KEY (simulated_by) REFERENCES persons(id),
    CONSTRAINT approved_ranking_has_a_second_person CHECK ((state <> ALL (ARRAY['approved'::text, 'published'::text, 'superseded'::text, 'returned'::text])) OR num_nulls(decided_by, decided_at) = 0),
    CONSTRAINT indemnity_correction_says_why CHECK (corrects IS NULL OR reason <> ''::text),
    CONSTRAINT indemnity_ranking_counts_everybody CHECK ((funded + not_funded) = ranked AND ranked <= applications AND applications > 0),
    CONSTRAINT indemnity_ranking_kind_is_known CHECK (kind = ANY (ARRAY['ranking'::text, 'scenario'::text])),
    CONSTRAINT indemnity_ranking_state_is_known CHECK (state = ANY (ARRAY['simulated'::text, 'proposed'::text, 'returned'::text, 'approved'::text, 'published'::text, 'superseded'::text, 'dropped'::text])),
    CONSTRAINT nobody_approves_a_ranking_they_made CHECK (decided_by IS NULL OR decided_by <> proposed_by AND decided_by <> simulated_by),
    CONSTRAINT nobody_publishes_a_ranking_they_made_or_approved CHECK (published_by IS NULL OR published_by <> proposed_by AND published_by <> decided_by AND published_by <> simulated_by),
    CONSTRAINT only_a_whole_ranking_is_proposed CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR ranked = applications AND ties = '[]'::jsonb),
    CONSTRAINT only_what_both_rankers_agree_on_is_proposed CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR checked_at IS NOT NULL AND disagreements = 0),
    CONSTRAINT proposed_ranking_has_a_proposer CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR num_nulls(proposed_by, proposed_at) = 0),
    CONSTRAINT published_ranking_is_signed CHECK (
CASE
    WHEN state = ANY (ARRAY['published'::text, 'superseded'::text]) THEN num_nulls(published_by, published_at, publication, signature) = 0 AND manifest <> ''::text
    ELSE num_nonnulls(published_by, published_at, publication, signature) = 0 AND manifest = ''::text
END),
    CONSTRAINT ranking_sets_aside_no_less_than_nothing CHECK (set_aside_cents >= 0),
    CONSTRAINT returned_ranking_says_why CHECK (state <> 'returned'::text OR note <> ''::text),
    CONSTRAINT scenario_is_based_on_a_ranking CHECK ((kind = 'scenario'::text) = (based_on IS NOT NULL) AND (kind = 'ranking'::text OR corrects IS NULL AND reason <> ''::text)),
    CONSTRAINT scenario_is_never_proposed CHECK (kind = 'ranking'::text OR (state = ANY (ARRAY['simulated'::text, 'dropped'::text])))
);
CREATE UNIQUE INDEX call_has_one_ranking_in_force ON indemnity_rankings USING btree (call_id) WHERE state = 'published'::text;
CREATE UNIQUE INDEX one_ranking_of_a_call_at_a_time ON indemnity_rankings USING btree (call_id) WHERE state = ANY (ARRAY['proposed'::text, 'approved'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_rankings FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER indemnity_rankings_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_rankings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER indemnity_rankings_go_forward BEFORE UPDATE ON indemnity_rankings FOR EACH ROW EXECUTE FUNCTION keep_indemnity_ranking();
CREATE TRIGGER publications_keep_what_is_set_aside BEFORE UPDATE OF state ON indemnity_rankings FOR EACH ROW WHEN (new.state = 'published'::text AND old.state <> 'published'::text) EXECUTE FUNCTION keep_set_aside();

CREATE TABLE indemnity_recoveries (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    payee_id uuid NOT NULL,
    heir_id uuid,
    amount_cents bigint NOT NULL,
    due_on date NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    closed_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT indemnity_recoveries_pkey PRIMARY KEY (id),
    CONSTRAINT recovery_is_opened_once UNIQUE NULLS NOT DISTINCT (decision_id, payee_id, heir_id),
    CONSTRAINT indemnity_recoveries_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_recoveries_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT indemnity_recoveries_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES indemnity_decisions(id),
    CONSTRAINT indemnity_recoveries_heir_id_fkey FOREIGN KEY (heir_id) REFERENCES heirs(id),
    CONSTRAINT indemnity_recoveries_payee_id_fkey FOREIGN KEY (payee_id) REFERENCES persons(id),
    CONSTRAINT indemnity_recoveries_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT closed_recovery_has_its_time CHECK ((state = 'open'::text) = (closed_at IS NULL)),
    CONSTRAINT nobody_approves_a_write_off_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT recovery_state_is_known CHECK (state = ANY (ARRAY['open'::text, 'paid'::text, 'written_off'::text, 'annulled'::text])),
    CONSTRAINT something_is_recovered CHECK (amount_cents > 0),
    CONSTRAINT write_off_has_a_second_person CHECK ((state = 'written_off'::text) = (decided_by IS NOT NULL) AND (decided_by IS NULL OR proposed_by IS NOT NULL)),
    CONSTRAINT write_off_says_why CHECK ((num_nonnulls(proposed_by, proposed_at) = ANY (ARRAY[0, 2])) AND (proposed_by IS NULL) = (reason = ''::text))
);
CREATE INDEX recoveries_by_term ON indemnity_recoveries USING btree (due_on) WHERE state = 'open'::text;
CREATE INDEX recoveries_of_a_case ON indemnity_recoveries USING btree (application_id);
CREATE INDEX recoveries_of_a_payee ON indemnity_recoveries USING btree (payee_id);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_recoveries FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER recoveries_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_recoveries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recoveries_stay_as_opened BEFORE INSERT OR UPDATE ON indemnity_recoveries FOR EACH ROW EXECUTE FUNCTION keep_recovery();

CREATE TABLE indemnity_reexamination_drafts (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    writer_id uuid NOT NULL,
    motive text NOT NULL,
    text text NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    CONSTRAINT indemnity_reexamination_drafts_pkey PRIMARY KEY (id),
    CONSTRAINT case_reexamination_is_drafted_once UNIQUE (application_id, writer_id),
    CONSTRAINT indemnity_reexamination_drafts_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_reexamination_drafts_writer_id_fkey FOREIGN KEY (writer_id) REFERENCES persons(id)
);

CREATE TABLE indemnity_reexaminations (
    id uuid NOT NULL,
    protocol text NOT NULL,
    check_code text NOT NULL,
    application_id uuid NOT NULL,
    decision_id uuid,
    ranking_id uuid,
    asked_by uuid NOT NULL,
    mandate_id uuid,
    asked_at timestamp with time zone NOT NULL,
    motive text NOT NULL,
    text text NOT NULL,
    decide_by date NOT NULL,
    state text DEFAULT 'asked'::text NOT NULL,
    read_by uuid,
    read_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    proposal text DEFAULT ''::text NOT NULL,
    reopens boolean DEFAULT false NOT NULL,
    grounds text DEFAULT ''::text NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    answer_protocol text,
    answer_code text DEFAULT ''::text NOT NULL,
    reopened_by uuid,
    set_aside_cents bigint DEFAULT 0 NOT NULL,
    carried_out_by uuid,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT indemnity_reexaminations_pkey PRIMARY KEY (id),
    CONSTRAINT case_reexamination_has_one_answer UNIQUE (answer_protocol),
    CONSTRAINT case_reexamination_has_one_protocol UNIQUE (protocol),
    CONSTRAINT indemnity_reexaminations_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_reexaminations_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    CONSTRAINT indemnity_reexaminations_carried_out_by_fkey FOREIGN KEY (carried_out_by) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_reexaminations_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT indemnity_reexaminations_decision_id_fkey FOREIGN KEY (decision_id) REFERENCES indemnity_decisions(id),
    CONSTRAINT indemnity_reexaminations_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT indemnity_reexaminations_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT indemnity_reexaminations_ranking_id_fkey FOREIGN KEY (ranking_id) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_reexaminations_read_by_fkey FOREIGN KEY (read_by) REFERENCES persons(id),
    CONSTRAINT indemnity_reexaminations_reopened_by_fkey FOREIGN KEY (reopened_by) REFERENCES indemnity_decisions(id),
    CONSTRAINT case_reexamination_ends_as_proposed CHECK (
CASE state
    WHEN 'granted'::text THEN proposal = 'grant'::text
    WHEN 'denied'::text THEN proposal = 'deny'::text
    ELSE true
END),
    CONSTRAINT case_reexamination_is_of_one_outcome CHECK (num_nonnulls(decision_id, ranking_id) = 1),
    CONSTRAINT case_reexamination_proposal_is_known CHECK (proposal = ANY (ARRAY[''::text, 'grant'::text, 'deny'::text])),
    CONSTRAINT case_reexamination_says_why CHECK (btrim(motive) <> ''::text AND btrim(text) <> ''::text AND check_code <> ''::text),
    CONSTRAINT case_reexamination_state_is_known CHECK (state = ANY (ARRAY['asked'::text, 'proposed'::text, 'granted'::text, 'denied'::text, 'withdrawn'::text])),
    CONSTRAINT decided_case_reexamination_has_a_letter CHECK ((state = ANY (ARRAY['granted'::text, 'denied'::text])) = (answer_protocol IS NOT NULL) AND (answer_protocol IS NULL) = (answer_code = ''::text)),
    CONSTRAINT decided_case_reexamination_has_a_second_person CHECK ((state = ANY (ARRAY['granted'::text, 'denied'::text])) = (decided_by IS NOT NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT first_look_has_its_officer CHECK ((read_by IS NULL) = (read_at IS NULL)),
    CONSTRAINT granted_case_is_taken_up_again CHECK (state <> 'granted'::text OR reopens = (reopened_by IS NOT NULL)),
    CONSTRAINT granted_outcome_is_examined_again CHECK (
CASE
    WHEN proposal = 'grant'::text THEN reopens OR decision_id IS NULL
    ELSE NOT reopens
END),
    CONSTRAINT nobody_decides_a_case_reexamination_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT only_what_is_granted_is_carried_out CHECK (state = 'granted'::text OR num_nonnulls(reopened_by, carried_out_by) = 0),
    CONSTRAINT proposed_case_reexamination_has_a_proposer CHECK ((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) OR num_nulls(proposed_by, proposed_at) = 0 AND proposal <> ''::text AND grounds <> ''::text),
    CONSTRAINT what_is_denied_keeps_no_money CHECK (set_aside_cents >= 0 AND ((state <> ALL (ARRAY['denied'::text, 'withdrawn'::text])) OR set_aside_cents = 0)),
    CONSTRAINT withdrawn_case_reexamination_has_its_time CHECK ((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL))
);
CREATE UNIQUE INDEX case_is_reexamined_once_at_a_time ON indemnity_reexaminations USING btree (application_id) WHERE state = ANY (ARRAY['asked'::text, 'proposed'::text]);
CREATE INDEX case_reexaminations_by_term ON indemnity_reexaminations USING btree (decide_by) WHERE state = ANY (ARRAY['asked'::text, 'proposed'::text]);
CREATE INDEX reexaminations_of_a_case ON indemnity_reexaminations USING btree (application_id, asked_at);
CREATE TRIGGER case_reexaminations_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_reexaminations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_reexaminations_stay_as_asked BEFORE INSERT OR UPDATE ON indemnity_reexaminations FOR EACH ROW EXECUTE FUNCTION check_case_reexamination();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_reexaminations FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER examined_outcomes_are_reexamined_by_others BEFORE UPDATE OF state ON indemnity_reexaminations FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state AND (new.state = ANY (ARRAY['proposed'::text, 'granted'::text, 'denied'::text]))) EXECUTE FUNCTION keep_off_examined_outcome();

CREATE TABLE indemnity_requests (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    items jsonb DEFAULT '[]'::jsonb NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    reached_on date,
    reached_by text DEFAULT ''::text NOT NULL,
    days integer NOT NULL,
    due_on date,
    read_at timestamp with time zone,
    answer jsonb DEFAULT '{}'::jsonb NOT NULL,
    answer_version bigint DEFAULT 0 NOT NULL,
    answered_at timestamp with time zone,
    answered_by uuid,
    answer_protocol text,
    reminded_on date,
    state text DEFAULT 'open'::text NOT NULL,
    heir_id uuid,
    answer_again jsonb,
    CONSTRAINT indemnity_requests_pkey PRIMARY KEY (id),
    CONSTRAINT answer_protocol_is_used_once UNIQUE (answer_protocol),
    CONSTRAINT indemnity_requests_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    CONSTRAINT indemnity_requests_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_requests_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    CONSTRAINT indemnity_requests_heir_id_fkey FOREIGN KEY (heir_id) REFERENCES heirs(id),
    CONSTRAINT answer_has_author_time_and_protocol CHECK ((num_nulls(answered_by, answered_at, answer_protocol) = ANY (ARRAY[0, 3])) AND (state <> 'answered'::text OR answered_at IS NOT NULL)),
    CONSTRAINT answer_is_sent_within_its_term CHECK ((answered_at AT TIME ZONE 'Europe/Rome'::text)::date <= due_on),
    CONSTRAINT only_a_term_that_ran_lapses CHECK (state <> 'lapsed'::text OR due_on IS NOT NULL),
    CONSTRAINT reached_request_has_a_term CHECK ((reached_on IS NULL) = (due_on IS NULL)),
    CONSTRAINT request_kind_is_known CHECK (kind = ANY (ARRAY['supplement'::text, 'regularisation'::text])),
    CONSTRAINT request_reaches_with_a_way CHECK ((reached_by = ANY (ARRAY[''::text, 'portal'::text, 'pec'::text, 'hand'::text])) AND (reached_on IS NULL) = (reached_by = ''::text)),
    CONSTRAINT request_says_something CHECK (text <> ''::text),
    CONSTRAINT request_state_is_known CHECK (state = ANY (ARRAY['open'::text, 'answered'::text, 'accepted'::text, 'insufficient'::text, 'lapsed'::text, 'cancelled'::text])),
    CONSTRAINT term_ends_after_the_request CHECK (days > 0 AND (due_on IS NULL OR due_on >= (reached_on + days)))
);
CREATE INDEX requests_of_an_application ON indemnity_requests USING btree (application_id, asked_at);
CREATE INDEX requests_that_run ON indemnity_requests USING btree (due_on) WHERE state = 'open'::text;
CREATE INDEX requests_under_way ON indemnity_requests USING btree (application_id, asked_at) INCLUDE (due_on, kind, state) WHERE state = ANY (ARRAY['open'::text, 'answered'::text]);
CREATE CONSTRAINT TRIGGER an_officer_judges_an_answer AFTER UPDATE OF state ON indemnity_requests DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_request_state();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON indemnity_requests FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.reached_on IS DISTINCT FROM new.reached_on OR old.due_on IS DISTINCT FROM new.due_on) EXECUTE FUNCTION note_changes('state', 'reached_on', 'due_on');
CREATE TRIGGER nobody_asks_on_their_own_case BEFORE INSERT ON indemnity_requests FOR EACH ROW EXECUTE FUNCTION check_asker();
CREATE TRIGGER requests_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_requests FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER requests_are_to_heirs_of_their_case BEFORE INSERT OR UPDATE ON indemnity_requests FOR EACH ROW EXECUTE FUNCTION check_request_heir();
CREATE TRIGGER requests_stay_as_sent BEFORE UPDATE ON indemnity_requests FOR EACH ROW EXECUTE FUNCTION keep_indemnity_request();

CREATE TABLE indemnity_rulings (
    id uuid NOT NULL,
    call_id text NOT NULL,
    ranking_id uuid NOT NULL,
    protocols text[] NOT NULL,
    text text NOT NULL,
    ruled_by uuid NOT NULL,
    ruled_at timestamp with time zone NOT NULL,
    CONSTRAINT indemnity_rulings_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_rulings_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id),
    CONSTRAINT indemnity_rulings_ranking_id_fkey FOREIGN KEY (ranking_id) REFERENCES indemnity_rankings(id),
    CONSTRAINT indemnity_rulings_ruled_by_fkey FOREIGN KEY (ruled_by) REFERENCES persons(id),
    CONSTRAINT ruling_orders_more_than_one CHECK (cardinality(protocols) > 1),
    CONSTRAINT ruling_says_why CHECK (text <> ''::text)
);
CREATE TRIGGER rulings_are_of_others BEFORE INSERT ON indemnity_rulings FOR EACH ROW EXECUTE FUNCTION check_indemnity_ruling();
CREATE TRIGGER rulings_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_rulings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_set_offs (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    application_id uuid NOT NULL,
    debt bigint NOT NULL,
    net bigint NOT NULL,
    told_by uuid NOT NULL,
    told_at timestamp with time zone NOT NULL,
    CONSTRAINT indemnity_set_offs_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_set_offs_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_set_offs_told_by_fkey FOREIGN KEY (told_by) REFERENCES persons(id),
    CONSTRAINT debt_that_is_set_off_fits CHECK (debt > 0 AND debt <= net)
);
CREATE INDEX set_offs_of_an_application ON indemnity_set_offs USING btree (application_id, id);
CREATE TRIGGER nobody_tells_of_a_set_off_on_their_own_case BEFORE INSERT ON indemnity_set_offs FOR EACH ROW EXECUTE FUNCTION check_set_off();
CREATE TRIGGER set_offs_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON indemnity_set_offs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE indemnity_threads (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    topic text NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_by uuid,
    closed_at timestamp with time zone,
    CONSTRAINT indemnity_threads_pkey PRIMARY KEY (id),
    CONSTRAINT indemnity_threads_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT indemnity_threads_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES persons(id),
    CONSTRAINT indemnity_threads_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES persons(id),
    CONSTRAINT closed_thread_says_who_and_when CHECK (num_nulls(closed_by, closed_at) = ANY (ARRAY[0, 2])),
    CONSTRAINT thread_has_a_topic CHECK (topic ~ '^[a-z_]{1,40}$'::text)
);
CREATE INDEX threads_of_an_application ON indemnity_threads USING btree (application_id, opened_at);
CREATE UNIQUE INDEX topic_of_a_case_is_open_once ON indemnity_threads USING btree (application_id, topic) WHERE closed_at IS NULL;
CREATE TRIGGER threads_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_threads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER threads_stay_as_opened BEFORE UPDATE ON indemnity_threads FOR EACH ROW EXECUTE FUNCTION keep_thread();

CREATE TABLE invoice_changes (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    invoice_id uuid NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    number text NOT NULL,
    issued_on date NOT NULL,
    amount_cents bigint NOT NULL,
    CONSTRAINT invoice_changes_pkey PRIMARY KEY (id),
    CONSTRAINT invoice_changes_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES persons(id),
    CONSTRAINT invoice_changes_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(id)
);
CREATE INDEX changes_of_an_invoice ON invoice_changes USING btree (invoice_id, id);
CREATE TRIGGER invoice_changes_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON invoice_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE invoice_sessions (
    invoice_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    professional_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    claimed_cents bigint NOT NULL,
    live boolean DEFAULT true NOT NULL,
    in_payment boolean DEFAULT false NOT NULL,
    CONSTRAINT invoice_sessions_pkey PRIMARY KEY (invoice_id, booking_id),
    CONSTRAINT invoice_is_for_sessions_of_its_people FOREIGN KEY (booking_id, professional_id, beneficiary_id) REFERENCES bookings(id, professional_id, beneficiary_id),
    CONSTRAINT session_is_claimed_by_its_own_professional FOREIGN KEY (invoice_id, professional_id, beneficiary_id) REFERENCES invoices(id, professional_id, beneficiary_id),
    CONSTRAINT claim_asks_for_something CHECK (claimed_cents > 0)
);
CREATE INDEX invoices_of_a_session ON invoice_sessions USING btree (booking_id);
CREATE UNIQUE INDEX session_is_invoiced_once ON invoice_sessions USING btree (booking_id) WHERE live;
CREATE INDEX sessions_to_pay ON invoice_sessions USING btree (booking_id, invoice_id) INCLUDE (claimed_cents) WHERE live AND NOT in_payment;
CREATE TRIGGER invoiced_sessions_are_kept BEFORE DELETE OR TRUNCATE ON invoice_sessions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoiced_sessions_keep_what_is_paid BEFORE UPDATE ON invoice_sessions FOR EACH ROW EXECUTE FUNCTION keep_invoiced_session();

CREATE TABLE invoices (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    professional_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    number text NOT NULL,
    issued_on date NOT NULL,
    amount_cents bigint NOT NULL,
    state text NOT NULL,
    findings text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    field text DEFAULT ''::text NOT NULL,
    correct_by date,
    received_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT invoices_pkey PRIMARY KEY (id),
    CONSTRAINT invoice_has_its_people UNIQUE (id, professional_id, beneficiary_id),
    CONSTRAINT invoices_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT invoices_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT invoices_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id),
    CONSTRAINT invoice_has_a_number CHECK (number = btrim(number) AND length(number) >= 1 AND length(number) <= 40),
    CONSTRAINT invoice_is_worth_something CHECK (amount_cents > 0),
    CONSTRAINT invoice_state_is_known CHECK (state = ANY (ARRAY['in_review'::text, 'accepted'::text, 'to_correct'::text, 'withdrawn'::text])),
    CONSTRAINT invoice_to_correct_says_what CHECK ((state = 'to_correct'::text) = (reason <> ''::text) AND (state = 'to_correct'::text) = (correct_by IS NOT NULL)),
    CONSTRAINT invoice_was_looked_at_by_somebody CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT nobody_looks_at_their_own_invoice CHECK (decided_by <> professional_id)
);
CREATE UNIQUE INDEX invoice_number_is_used_once_a_year ON invoices USING btree (professional_id, EXTRACT(year FROM issued_on), upper(regexp_replace(number, '\s'::text, ''::text, 'g'::text))) WHERE state <> 'withdrawn'::text;
CREATE INDEX invoices_by_state ON invoices USING btree (state, received_at, id);
CREATE INDEX invoices_of_a_professional ON invoices USING btree (professional_id, received_at DESC);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON invoices FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.amount_cents IS DISTINCT FROM new.amount_cents) EXECUTE FUNCTION note_changes('state', 'amount_cents');
CREATE TRIGGER invoices_are_kept BEFORE DELETE OR TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE legal_holds (
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    person_id uuid NOT NULL,
    protocol text NOT NULL,
    reason text NOT NULL,
    placed_by uuid NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    ended_by uuid,
    ended_at timestamp with time zone,
    ended_why text DEFAULT ''::text NOT NULL,
    CONSTRAINT legal_holds_pkey PRIMARY KEY (id),
    CONSTRAINT legal_holds_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    CONSTRAINT legal_holds_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT legal_holds_placed_by_fkey FOREIGN KEY (placed_by) REFERENCES persons(id),
    CONSTRAINT ended_hold_says_by_whom_and_why CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_why = ''::text)),
    CONSTRAINT hold_says_why CHECK (reason <> ''::text),
    CONSTRAINT nobody_ends_a_hold_they_placed CHECK (ended_by <> placed_by)
);
CREATE UNIQUE INDEX case_is_held_once ON legal_holds USING btree (subject_id) WHERE ended_at IS NULL;
CREATE TRIGGER holds_are_ended_not_changed BEFORE UPDATE ON legal_holds FOR EACH ROW EXECUTE FUNCTION keep_hold();
CREATE TRIGGER holds_are_kept BEFORE DELETE OR TRUNCATE ON legal_holds FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE list_reports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    text text NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    answered_by uuid,
    answered_at timestamp with time zone,
    CONSTRAINT list_reports_pkey PRIMARY KEY (id),
    CONSTRAINT list_reports_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES persons(id),
    CONSTRAINT list_reports_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    CONSTRAINT list_reports_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT answer_has_an_author CHECK ((answer <> ''::text) = (answered_by IS NOT NULL) AND (answer <> ''::text) = (answered_at IS NOT NULL)),
    CONSTRAINT report_says_something CHECK (text <> ''::text)
);

CREATE TABLE mandates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    holder_id uuid NOT NULL,
    represented_id uuid NOT NULL,
    from_day date NOT NULL,
    until_day date,
    revoked_on date,
    scope text DEFAULT 'all'::text NOT NULL,
    channel text DEFAULT 'counter'::text NOT NULL,
    made_by uuid,
    made_at timestamp with time zone,
    grounds text DEFAULT ''::text NOT NULL,
    revoked_by uuid,
    CONSTRAINT mandates_pkey PRIMARY KEY (id),
    CONSTRAINT person_has_one_delegate_at_a_time EXCLUDE USING gist (represented_id WITH =, daterange(from_day, LEAST(until_day + 1, revoked_on)) WITH &&) WHERE (kind = 'delegate'::text),
    CONSTRAINT mandates_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES persons(id),
    CONSTRAINT mandates_made_by_fkey FOREIGN KEY (made_by) REFERENCES persons(id),
    CONSTRAINT mandates_represented_id_fkey FOREIGN KEY (represented_id) REFERENCES persons(id),
    CONSTRAINT mandates_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES persons(id),
    CONSTRAINT mandate_channel_is_known CHECK (channel = ANY (ARRAY['online'::text, 'declared'::text, 'counter'::text])),
    CONSTRAINT mandate_ends_after_it_starts CHECK (until_day IS NULL OR until_day >= from_day),
    CONSTRAINT mandate_is_for_somebody_else CHECK (holder_id <> represented_id),
    CONSTRAINT mandate_is_revoked_after_it_starts CHECK (revoked_on IS NULL OR revoked_on >= from_day),
    CONSTRAINT mandate_is_revoked_by_somebody CHECK (revoked_by IS NULL OR revoked_on IS NOT NULL),
    CONSTRAINT mandate_kind_is_known CHECK (kind = ANY (ARRAY['parent'::text, 'guardian'::text, 'administrator'::text, 'delegate'::text])),
    CONSTRAINT mandate_scope_is_known CHECK (scope = ANY (ARRAY['all'::text, 'voucher'::text, 'indemnity'::text]))
);
CREATE INDEX mandates_by_holder ON mandates USING btree (holder_id);
CREATE INDEX mandates_by_represented ON mandates USING btree (represented_id);
CREATE TRIGGER mandates_are_ended_not_changed BEFORE UPDATE ON mandates FOR EACH ROW EXECUTE FUNCTION keep_mandate();
CREATE TRIGGER mandates_are_kept BEFORE DELETE OR TRUNCATE ON mandates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE messages (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    recipient_id uuid NOT NULL,
    entry_id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    link text DEFAULT ''::text NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    mailed_at timestamp with time zone,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT message_is_sent_once UNIQUE (entry_id, recipient_id, kind),
    CONSTRAINT messages_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES audit(id),
    CONSTRAINT messages_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES persons(id)
);
CREATE INDEX messages_of_a_person ON messages USING btree (recipient_id, sent_at DESC);
CREATE INDEX messages_unread ON messages USING btree (recipient_id) WHERE read_at IS NULL;

CREATE TABLE neighbours (
    name text NOT NULL,
    answered_at timestamp with time zone,
    failed_at timestamp with time zone,
    failure text DEFAULT ''::text NOT NULL,
    CONSTRAINT neighbours_pkey PRIMARY KEY (name),
    CONSTRAINT failed_neighbour_says_how CHECK ((failed_at IS NULL) = (failure = ''::text)),
    CONSTRAINT neighbour_failure_is_known CHECK (failure = ANY (ARRAY[''::text, 'slow'::text, 'silent'::text, 'wrong'::text]))
);

CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    subject_id uuid NOT NULL,
    author_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    CONSTRAINT notes_pkey PRIMARY KEY (id),
    CONSTRAINT notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES persons(id),
    CONSTRAINT note_says_something CHECK (text <> ''::text)
);
CREATE INDEX notes_of_a_subject ON notes USING btree (subject_id, id);
CREATE TRIGGER notes_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE parameter_versions (
    id uuid NOT NULL,
    from_day date NOT NULL,
    idle_minutes integer NOT NULL,
    login_hours integer NOT NULL,
    file_mb integer NOT NULL,
    files integer NOT NULL,
    together_mb integer NOT NULL,
    name text NOT NULL,
    tagline text NOT NULL,
    inps jsonb NOT NULL,
    enpap jsonb NOT NULL,
    rest_days jsonb NOT NULL,
    grounds text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT parameter_versions_pkey PRIMARY KEY (id),
    CONSTRAINT parameter_versions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT parameter_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT both_bodies_can_be_called CHECK (COALESCE(inps ->> 'phone'::text, ''::text) <> ''::text AND COALESCE(enpap ->> 'phone'::text, ''::text) <> ''::text AND COALESCE(inps ->> 'hours'::text, ''::text) <> ''::text AND COALESCE(enpap ->> 'hours'::text, ''::text) <> ''::text),
    CONSTRAINT decided_parameters_have_a_second_person CHECK ((state = 'proposed'::text) = (decided_by IS NULL) AND (state = 'proposed'::text) = (decided_at IS NULL)),
    CONSTRAINT file_limit_is_safe CHECK (file_mb >= 1 AND file_mb <= 10),
    CONSTRAINT files_together_are_safe CHECK (together_mb >= file_mb AND together_mb <= 100),
    CONSTRAINT idle_time_is_safe CHECK (idle_minutes >= 5 AND idle_minutes <= 60),
    CONSTRAINT login_time_is_safe CHECK (login_hours >= 1 AND login_hours <= 12),
    CONSTRAINT nobody_decides_on_parameters_they_proposed CHECK ((state <> ALL (ARRAY['confirmed'::text, 'refused'::text])) OR decided_by <> proposed_by),
    CONSTRAINT number_of_files_is_safe CHECK (files >= 5 AND files <= 50),
    CONSTRAINT only_their_proposer_withdraws_parameters CHECK (state <> 'withdrawn'::text OR decided_by = proposed_by),
    CONSTRAINT parameters_begin_after_they_are_confirmed CHECK (state <> 'confirmed'::text OR from_day > (decided_at AT TIME ZONE 'Europe/Rome'::text)::date),
    CONSTRAINT parameters_begin_after_they_are_proposed CHECK (from_day > (proposed_at AT TIME ZONE 'Europe/Rome'::text)::date),
    CONSTRAINT parameters_say_why CHECK (grounds <> ''::text),
    CONSTRAINT parameters_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'refused'::text, 'withdrawn'::text])),
    CONSTRAINT portal_has_a_name CHECK (length(name) >= 3 AND length(name) <= 60 AND length(tagline) <= 80),
    CONSTRAINT refused_parameters_say_why CHECK ((state = 'refused'::text) = (why <> ''::text)),
    CONSTRAINT rest_days_are_a_list CHECK (jsonb_typeof(rest_days) = 'array'::text AND jsonb_array_length(rest_days) <= 40)
);
CREATE UNIQUE INDEX parameters_are_proposed_one_at_a_time ON parameter_versions USING btree ((true)) WHERE state = 'proposed'::text;
CREATE TRIGGER changes_are_noted AFTER UPDATE ON parameter_versions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER parameters_are_kept BEFORE DELETE OR TRUNCATE ON parameter_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER parameters_stay_as_decided BEFORE INSERT OR UPDATE ON parameter_versions FOR EACH ROW EXECUTE FUNCTION keep_parameters();

CREATE TABLE payment_accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    iban text NOT NULL,
    holder text NOT NULL,
    state text NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    usable_from timestamp with time zone NOT NULL,
    expected_by date NOT NULL,
    started_at timestamp with time zone,
    bank_answer text DEFAULT ''::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT payment_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT payment_accounts_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT payment_accounts_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT account_has_a_holder CHECK (btrim(holder) <> ''::text),
    CONSTRAINT account_state_is_known CHECK (state = ANY (ARRAY['to_verify'::text, 'verifying'::text, 'verified'::text, 'rejected'::text, 'replaced'::text])),
    CONSTRAINT iban_looks_like_one CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'::text),
    CONSTRAINT nobody_verifies_their_own_account CHECK (decided_by <> person_id),
    CONSTRAINT rejected_account_says_why CHECK ((state = 'rejected'::text) = (reason <> ''::text)),
    CONSTRAINT verified_account_was_looked_at CHECK (state <> 'verified'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL)
);
CREATE INDEX accounts_by_iban ON payment_accounts USING btree (iban);
CREATE INDEX accounts_decided ON payment_accounts USING btree (state, decided_at DESC) WHERE state = ANY (ARRAY['verified'::text, 'rejected'::text]);
CREATE INDEX accounts_of_a_person ON payment_accounts USING btree (person_id, submitted_at);
CREATE INDEX accounts_to_verify ON payment_accounts USING btree (submitted_at) WHERE state = ANY (ARRAY['to_verify'::text, 'verifying'::text]);
CREATE UNIQUE INDEX one_account_of_a_person_at_a_time ON payment_accounts USING btree (person_id) WHERE state = ANY (ARRAY['to_verify'::text, 'verifying'::text, 'verified'::text]);
CREATE TRIGGER accounts_are_kept BEFORE DELETE OR TRUNCATE ON payment_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounts_are_replaced_not_changed BEFORE UPDATE ON payment_accounts FOR EACH ROW EXECUTE FUNCTION keep_account();
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_accounts FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');

CREATE TABLE payment_lines (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    order_id uuid NOT NULL,
    order_state text DEFAULT 'frozen'::text NOT NULL,
    booking_id uuid,
    invoice_id uuid,
    edition_id text,
    territory text,
    amount_cents bigint NOT NULL,
    repairs bigint,
    application_id uuid,
    heir_id uuid,
    ranking_id uuid,
    gross_cents bigint,
    withholding_cents bigint,
    set_off_cents bigint,
    CONSTRAINT payment_lines_pkey PRIMARY KEY (id),
    CONSTRAINT line_is_repaired_once_an_order UNIQUE (order_id, repairs),
    CONSTRAINT line_follows_its_order FOREIGN KEY (order_id, order_state) REFERENCES payment_orders(id, state) ON UPDATE CASCADE,
    CONSTRAINT line_has_a_place FOREIGN KEY (ranking_id, application_id) REFERENCES indemnity_ranking_entries(ranking_id, application_id),
    CONSTRAINT payment_lines_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT payment_lines_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT payment_lines_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT payment_lines_heir_id_fkey FOREIGN KEY (heir_id) REFERENCES heirs(id),
    CONSTRAINT payment_lines_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(id),
    CONSTRAINT payment_lines_repairs_fkey FOREIGN KEY (repairs) REFERENCES payment_lines(id),
    CONSTRAINT line_is_of_a_session_or_of_an_application CHECK (
CASE
    WHEN application_id IS NULL THEN num_nulls(booking_id, invoice_id, edition_id, territory) = 0 AND num_nonnulls(heir_id, ranking_id, gross_cents, withholding_cents, set_off_cents) = 0
    ELSE num_nonnulls(booking_id, invoice_id, edition_id, territory) = 0 AND num_nulls(ranking_id, gross_cents, withholding_cents, set_off_cents) = 0
END),
    CONSTRAINT line_is_what_is_left_of_the_gross CHECK ((gross_cents - withholding_cents - set_off_cents) = amount_cents),
    CONSTRAINT line_pays_something CHECK (amount_cents > 0)
);
CREATE INDEX lines_of_a_case ON payment_lines USING btree (application_id) WHERE application_id IS NOT NULL;
CREATE INDEX lines_of_a_session ON payment_lines USING btree (booking_id);
CREATE INDEX lines_of_a_territory ON payment_lines USING btree (edition_id, territory, order_state) INCLUDE (amount_cents);
CREATE INDEX lines_of_an_order ON payment_lines USING btree (order_id);
CREATE INDEX lines_sent_back ON payment_lines USING btree (application_id) WHERE application_id IS NOT NULL AND order_state = 'returned'::text;
CREATE UNIQUE INDEX payee_is_in_one_live_payment_of_a_place ON payment_lines USING btree (application_id, COALESCE(heir_id, application_id), ranking_id) WHERE application_id IS NOT NULL AND (order_state = ANY (ARRAY['frozen'::text, 'sent'::text, 'paid'::text]));
CREATE UNIQUE INDEX session_is_in_one_live_payment ON payment_lines USING btree (booking_id) WHERE order_state = ANY (ARRAY['frozen'::text, 'sent'::text, 'paid'::text]);
CREATE TRIGGER lines_are_kept BEFORE DELETE OR TRUNCATE ON payment_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lines_mark_their_session AFTER UPDATE OF order_state ON payment_lines FOR EACH ROW WHEN ((new.order_state = ANY (ARRAY['frozen'::text, 'sent'::text, 'paid'::text])) <> (old.order_state = ANY (ARRAY['frozen'::text, 'sent'::text, 'paid'::text]))) EXECUTE FUNCTION mark_paid_session();
CREATE TRIGGER lines_pay_what_is_due BEFORE INSERT ON payment_lines FOR EACH ROW EXECUTE FUNCTION check_payment_line();
CREATE TRIGGER lines_stay_as_frozen BEFORE UPDATE ON payment_lines FOR EACH ROW EXECUTE FUNCTION keep_payment_line();
CREATE TRIGGER new_lines_mark_their_session AFTER INSERT ON payment_lines FOR EACH ROW EXECUTE FUNCTION mark_paid_session();

CREATE TABLE payment_orders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id uuid NOT NULL,
    number integer NOT NULL,
    end_to_end text NOT NULL,
    payee_id uuid NOT NULL,
    account_id uuid,
    iban text NOT NULL,
    holder text NOT NULL,
    amount_cents bigint NOT NULL,
    state text DEFAULT 'frozen'::text NOT NULL,
    released_why text DEFAULT ''::text NOT NULL,
    released_hold text DEFAULT ''::text NOT NULL,
    released_note text DEFAULT ''::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    value_day date,
    reason text DEFAULT ''::text NOT NULL,
    outcome_at timestamp with time zone,
    case_account_id uuid,
    certificate text,
    check_code text DEFAULT ''::text NOT NULL,
    CONSTRAINT payment_orders_pkey PRIMARY KEY (id),
    CONSTRAINT end_to_end_id_is_used_once UNIQUE (end_to_end),
    CONSTRAINT order_has_its_state UNIQUE (id, state),
    CONSTRAINT order_is_numbered_once_a_run UNIQUE (run_id, number),
    CONSTRAINT payment_certificate_is_used_once UNIQUE (certificate),
    CONSTRAINT payment_orders_account_id_fkey FOREIGN KEY (account_id) REFERENCES payment_accounts(id),
    CONSTRAINT payment_orders_case_account_id_fkey FOREIGN KEY (case_account_id) REFERENCES case_accounts(id),
    CONSTRAINT payment_orders_payee_id_fkey FOREIGN KEY (payee_id) REFERENCES persons(id),
    CONSTRAINT payment_orders_run_id_fkey FOREIGN KEY (run_id) REFERENCES payment_runs(id),
    CONSTRAINT answered_order_has_its_time CHECK ((state = ANY (ARRAY['paid'::text, 'returned'::text])) = (outcome_at IS NOT NULL)),
    CONSTRAINT end_to_end_id_fits_the_bank CHECK (end_to_end ~ '^[A-Za-z0-9/?:().,+ -]{1,35}$'::text),
    CONSTRAINT order_is_left_out_for_a_reason CHECK ((released_why <> 'blocked'::text OR released_hold <> ''::text) AND (released_why <> 'taken_out'::text OR released_hold <> ''::text OR btrim(released_note) <> ''::text)),
    CONSTRAINT order_is_paid_on_one_account CHECK (num_nonnulls(account_id, case_account_id) = 1),
    CONSTRAINT order_pays_something CHECK (amount_cents > 0),
    CONSTRAINT order_state_is_known CHECK (state = ANY (ARRAY['frozen'::text, 'sent'::text, 'paid'::text, 'returned'::text, 'released'::text])),
    CONSTRAINT paid_order_has_its_day CHECK (state <> 'paid'::text OR value_day IS NOT NULL),
    CONSTRAINT payment_of_a_case_is_certified CHECK ((certificate IS NULL) = (check_code = ''::text) AND (certificate IS NOT NULL OR case_account_id IS NULL OR state <> 'paid'::text)),
    CONSTRAINT released_order_says_why CHECK ((state = 'released'::text) = (released_why <> ''::text)),
    CONSTRAINT returned_order_says_why CHECK ((state = 'returned'::text) = (reason <> ''::text))
);
CREATE INDEX orders_of_a_payee ON payment_orders USING btree (payee_id);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_orders FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER nothing_that_was_revoked_is_paid BEFORE UPDATE OF state ON payment_orders FOR EACH ROW WHEN (new.state = 'sent'::text AND old.state = 'frozen'::text) EXECUTE FUNCTION keep_revoked_unpaid();
CREATE TRIGGER orders_are_kept BEFORE DELETE OR TRUNCATE ON payment_orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER orders_go_forward BEFORE UPDATE ON payment_orders FOR EACH ROW EXECUTE FUNCTION keep_order();

CREATE TABLE payment_outcomes (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id uuid NOT NULL,
    format text NOT NULL,
    file_digest bytea NOT NULL,
    paid integer NOT NULL,
    returned integer NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT payment_outcomes_pkey PRIMARY KEY (id),
    CONSTRAINT outcome_file_is_recorded_once UNIQUE (run_id, file_digest),
    CONSTRAINT payment_outcomes_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT payment_outcomes_run_id_fkey FOREIGN KEY (run_id) REFERENCES payment_runs(id),
    CONSTRAINT outcome_format_is_known CHECK (format = ANY (ARRAY['pain.002'::text, 'csv'::text]))
);
CREATE TRIGGER outcomes_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON payment_outcomes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE payment_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    programme text NOT NULL,
    number integer NOT NULL,
    month date NOT NULL,
    territory text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    prepared_by uuid NOT NULL,
    prepared_at timestamp with time zone NOT NULL,
    due integer DEFAULT 0 NOT NULL,
    frozen integer DEFAULT 0 NOT NULL,
    frozen_at timestamp with time zone,
    orders integer DEFAULT 0 NOT NULL,
    amount_cents bigint DEFAULT 0 NOT NULL,
    digest bytea,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    execute_on date,
    debtor_name text DEFAULT ''::text NOT NULL,
    debtor_iban text DEFAULT ''::text NOT NULL,
    sent_by uuid,
    sent_at timestamp with time zone,
    sent_orders integer,
    sent_cents bigint,
    file_digest bytea,
    settled_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    call_id text,
    CONSTRAINT payment_runs_pkey PRIMARY KEY (id),
    CONSTRAINT payment_run_is_numbered_once UNIQUE (programme, number),
    CONSTRAINT payment_runs_call_id_fkey FOREIGN KEY (call_id) REFERENCES calls(id),
    CONSTRAINT payment_runs_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT payment_runs_prepared_by_fkey FOREIGN KEY (prepared_by) REFERENCES persons(id),
    CONSTRAINT payment_runs_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT payment_runs_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES persons(id),
    CONSTRAINT approved_payment_run_has_a_second_person CHECK ((state <> ALL (ARRAY['approved'::text, 'sent'::text, 'settled'::text, 'returned'::text])) OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT frozen_payment_run_has_a_digest CHECK ((state = ANY (ARRAY['preparing'::text, 'dropped'::text])) OR digest IS NOT NULL AND frozen_at IS NOT NULL),
    CONSTRAINT no_more_is_sent_than_was_approved CHECK (sent_orders >= 1 AND sent_orders <= orders AND sent_cents >= 1 AND sent_cents <= amount_cents),
    CONSTRAINT nobody_approves_a_payment_they_proposed CHECK (decided_by IS NULL OR decided_by <> proposed_by AND decided_by <> prepared_by),
    CONSTRAINT nobody_sends_a_payment_they_proposed_or_approved CHECK (sent_by IS NULL OR sent_by <> proposed_by AND sent_by <> prepared_by AND sent_by <> decided_by),
    CONSTRAINT payment_month_is_a_first_day CHECK (EXTRACT(day FROM month) = 1::numeric),
    CONSTRAINT payment_programme_is_known CHECK (programme = ANY (ARRAY['voucher'::text, 'indemnity'::text])),
    CONSTRAINT payment_run_is_of_its_programme CHECK (
CASE programme
    WHEN 'indemnity'::text THEN call_id IS NOT NULL AND territory = ''::text AND month = ((call_id || '-01'::text)::date)
    ELSE call_id IS NULL
END),
    CONSTRAINT payment_run_state_is_known CHECK (state = ANY (ARRAY['preparing'::text, 'prepared'::text, 'proposed'::text, 'approved'::text, 'sent'::text, 'settled'::text, 'returned'::text, 'dropped'::text])),
    CONSTRAINT proposed_payment_run_has_a_proposer CHECK ((state = ANY (ARRAY['preparing'::text, 'prepared'::text, 'dropped'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT returned_payment_run_says_why CHECK (state <> 'returned'::text OR note <> ''::text),
    CONSTRAINT sent_payment_run_has_a_sender CHECK ((state <> ALL (ARRAY['sent'::text, 'settled'::text])) OR sent_by IS NOT NULL AND sent_at IS NOT NULL AND sent_orders IS NOT NULL AND sent_cents IS NOT NULL AND file_digest IS NOT NULL AND execute_on IS NOT NULL AND debtor_iban <> ''::text),
    CONSTRAINT settled_payment_run_has_its_time CHECK ((state = 'settled'::text) = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_payment_run_in_preparation ON payment_runs USING btree (programme) WHERE state = ANY (ARRAY['preparing'::text, 'prepared'::text, 'proposed'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON payment_runs FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER nobody_pays_themselves BEFORE UPDATE OF state ON payment_runs FOR EACH ROW WHEN (new.state <> old.state) EXECUTE FUNCTION keep_off_own_payment();
CREATE TRIGGER nobody_pays_what_they_examined_or_ranked BEFORE UPDATE OF state ON payment_runs FOR EACH ROW WHEN (new.state = 'sent'::text AND old.state <> 'sent'::text AND new.programme = 'indemnity'::text) EXECUTE FUNCTION keep_off_examined_payment();
CREATE TRIGGER payment_runs_are_kept BEFORE DELETE OR TRUNCATE ON payment_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_runs_go_forward BEFORE UPDATE ON payment_runs FOR EACH ROW EXECUTE FUNCTION keep_payment_run();

CREATE TABLE pec_corrections (
    message_id uuid NOT NULL,
    number integer NOT NULL,
    sender text NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone NOT NULL,
    why text NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pec_corrections_pkey PRIMARY KEY (message_id, number),
    CONSTRAINT pec_corrections_message_id_fkey FOREIGN KEY (message_id) REFERENCES pec_messages(id),
    CONSTRAINT pec_corrections_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT corrected_pec_is_delivered_after_it_is_accepted CHECK (delivered_at >= accepted_at),
    CONSTRAINT corrected_pec_is_recorded_after_it_is_delivered CHECK (recorded_at >= delivered_at),
    CONSTRAINT pec_correction_says_why CHECK (why <> ''::text),
    CONSTRAINT pec_corrections_start_at_one CHECK (number > 0)
);
CREATE TRIGGER pec_corrections_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON pec_corrections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE pec_messages (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    sender text NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT pec_messages_pkey PRIMARY KEY (id),
    CONSTRAINT pec_messages_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT pec_messages_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT pec_is_delivered_after_it_is_accepted CHECK (delivered_at >= accepted_at),
    CONSTRAINT pec_is_recorded_after_it_is_delivered CHECK (recorded_at >= delivered_at)
);
CREATE INDEX pec_messages_of_an_application ON pec_messages USING btree (application_id);
CREATE TRIGGER pec_messages_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON pec_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE persons (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    fiscal_code text COLLATE "C" NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    born_on date,
    email text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    phone text DEFAULT ''::text NOT NULL,
    CONSTRAINT persons_pkey PRIMARY KEY (id),
    CONSTRAINT person_has_one_record UNIQUE (fiscal_code),
    CONSTRAINT fiscal_code_has_sixteen_characters CHECK (fiscal_code ~ '^[A-Z0-9]{16}$'::text),
    CONSTRAINT person_has_a_name CHECK (given_name <> ''::text AND family_name <> ''::text)
);
CREATE INDEX persons_by_family_name ON persons USING btree (lower(family_name) text_pattern_ops);

CREATE TABLE planned_stops (
    id uuid NOT NULL,
    says text NOT NULL,
    during tstzrange NOT NULL,
    planned_by uuid NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    withdrawn_by uuid,
    withdrawn_at timestamp with time zone,
    CONSTRAINT planned_stops_pkey PRIMARY KEY (id),
    CONSTRAINT stops_do_not_overlap EXCLUDE USING gist (during WITH &&) WHERE (withdrawn_at IS NULL),
    CONSTRAINT planned_stops_planned_by_fkey FOREIGN KEY (planned_by) REFERENCES persons(id),
    CONSTRAINT planned_stops_withdrawn_by_fkey FOREIGN KEY (withdrawn_by) REFERENCES persons(id),
    CONSTRAINT stop_has_a_beginning_and_an_end CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    CONSTRAINT stop_is_withdrawn_by_somebody CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
    CONSTRAINT stop_says_what_stops CHECK (says <> ''::text)
);
CREATE TRIGGER stops_are_kept BEFORE DELETE OR TRUNCATE ON planned_stops FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stops_are_withdrawn_not_changed BEFORE UPDATE ON planned_stops FOR EACH ROW EXECUTE FUNCTION keep_stop();

CREATE TABLE postings (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    voucher_id uuid NOT NULL,
    booking_id uuid,
    event text NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    amount_cents bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT postings_pkey PRIMARY KEY (id),
    CONSTRAINT postings_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT postings_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT posting_follows_its_event CHECK (event = 'grant'::text AND debit = 'fund'::text AND credit = 'free'::text OR event = 'complete'::text AND debit = 'fund'::text AND credit = 'free'::text OR event = 'book'::text AND debit = 'free'::text AND credit = 'booked'::text OR event = 'raise'::text AND debit = 'free'::text AND credit = 'booked'::text OR event = 'lower'::text AND debit = 'booked'::text AND credit = 'free'::text OR event = 'cancel'::text AND debit = 'booked'::text AND credit = 'free'::text OR event = 'hold'::text AND debit = 'booked'::text AND credit = 'used'::text OR event = 'retract'::text AND debit = 'used'::text AND credit = 'free'::text OR event = 'correct'::text AND debit = 'used'::text AND credit = 'free'::text OR event = 'reduce'::text AND debit = 'used'::text AND credit = 'free'::text OR event = 'restore'::text AND debit = 'free'::text AND credit = 'used'::text OR event = 'expire'::text AND debit = 'free'::text AND credit = 'fund'::text OR event = 'withdraw'::text AND debit = 'free'::text AND credit = 'fund'::text OR event = 'lapse'::text AND debit = 'free'::text AND credit = 'fund'::text OR event = 'end'::text AND debit = 'free'::text AND credit = 'fund'::text OR event = 'reinstate'::text AND debit = 'fund'::text AND credit = 'free'::text),
    CONSTRAINT posting_moves_something CHECK (amount_cents > 0),
    CONSTRAINT posting_of_a_session_names_it CHECK ((event = ANY (ARRAY['grant'::text, 'complete'::text, 'expire'::text, 'withdraw'::text, 'lapse'::text, 'end'::text, 'reinstate'::text])) OR booking_id IS NOT NULL)
);
CREATE UNIQUE INDEX booking_is_posted_once_an_event ON postings USING btree (booking_id, event) WHERE event = ANY (ARRAY['book'::text, 'cancel'::text, 'hold'::text, 'retract'::text]);
CREATE INDEX postings_of_a_voucher ON postings USING btree (voucher_id, id);
CREATE INDEX postings_to_the_fund ON postings USING btree (voucher_id, event) INCLUDE (amount_cents, booking_id) WHERE event = ANY (ARRAY['expire'::text, 'withdraw'::text, 'lapse'::text, 'end'::text, 'reinstate'::text]);
CREATE UNIQUE INDEX voucher_is_granted_once ON postings USING btree (voucher_id) WHERE event = 'grant'::text;
CREATE TRIGGER postings_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE professionals (
    person_id uuid NOT NULL,
    register_number text NOT NULL,
    register_region text NOT NULL,
    address text NOT NULL,
    city text NOT NULL,
    postal_code text NOT NULL,
    province text NOT NULL,
    region text NOT NULL,
    phone text NOT NULL,
    languages text[] DEFAULT '{it}'::text[] NOT NULL,
    online boolean DEFAULT false NOT NULL,
    searched_name text NOT NULL,
    annotated_on date,
    email text DEFAULT ''::text NOT NULL,
    own_phone text,
    own_languages text[],
    own_online boolean,
    visible boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    shown_phone text GENERATED ALWAYS AS (COALESCE(own_phone, phone)) STORED,
    shown_languages text[] GENERATED ALWAYS AS (COALESCE(own_languages, languages)) STORED,
    shown_online boolean GENERATED ALWAYS AS (COALESCE(own_online, online)) STORED,
    CONSTRAINT professionals_pkey PRIMARY KEY (person_id),
    CONSTRAINT professionals_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT postal_code_has_five_digits CHECK (postal_code ~ '^[0-9]{5}$'::text),
    CONSTRAINT professional_can_be_reached CHECK (own_phone <> ''::text),
    CONSTRAINT professional_speaks_something CHECK (own_languages <> '{}'::text[]),
    CONSTRAINT province_has_two_letters CHECK (province ~ '^[A-Z]{2}$'::text)
);
CREATE INDEX professionals_by_city ON professionals USING gin (plain(city) gin_trgm_ops);
CREATE INDEX professionals_by_name ON professionals USING gin (plain(searched_name) gin_trgm_ops);
CREATE INDEX professionals_by_province ON professionals USING btree (province);
CREATE INDEX professionals_by_region ON professionals USING btree (region);

CREATE TABLE ranking_entries (
    run_id uuid NOT NULL,
    application_id uuid NOT NULL,
    territory text NOT NULL,
    isee_cents bigint,
    isee_status text NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    kept_cents bigint DEFAULT 0 NOT NULL,
    ground text NOT NULL,
    rank integer,
    decided text NOT NULL,
    entitled_cents bigint NOT NULL,
    awarded_cents bigint NOT NULL,
    residual_cents bigint NOT NULL,
    completes boolean DEFAULT false NOT NULL,
    CONSTRAINT application_is_ranked_once_a_run PRIMARY KEY (run_id, application_id),
    CONSTRAINT nobody_gets_more_than_their_due CHECK (awarded_cents >= 0 AND awarded_cents <= GREATEST(entitled_cents, kept_cents)),
    CONSTRAINT only_a_kept_award_is_completed CHECK (NOT completes OR kept_cents > 0),
    CONSTRAINT place_or_ground CHECK ((rank IS NULL) = (ground <> ''::text))
);
CREATE UNIQUE INDEX place_is_taken_once ON ranking_entries USING btree (run_id, territory, rank) WHERE rank IS NOT NULL;
CREATE TRIGGER entries_never_change BEFORE UPDATE OR TRUNCATE ON ranking_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ranking_is_kept AFTER DELETE ON ranking_entries REFERENCING OLD TABLE AS dropped FOR EACH STATEMENT EXECUTE FUNCTION keep_ranking();

CREATE TABLE ranking_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    edition_id text NOT NULL,
    edition_version integer NOT NULL,
    number integer NOT NULL,
    round integer NOT NULL,
    corrects uuid,
    reason text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    simulated_by uuid NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    candidates integer NOT NULL,
    inputs_digest bytea NOT NULL,
    rules_digest bytea NOT NULL,
    result_digest bytea NOT NULL,
    checked_at timestamp with time zone,
    disagreements integer,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    ordered_by uuid,
    ordered_at timestamp with time zone,
    publish_at timestamp with time zone,
    publication integer,
    published_at timestamp with time zone,
    reallocates boolean DEFAULT false NOT NULL,
    CONSTRAINT ranking_runs_pkey PRIMARY KEY (id),
    CONSTRAINT publication_is_numbered_once UNIQUE (edition_id, publication),
    CONSTRAINT run_is_numbered_once UNIQUE (edition_id, number),
    CONSTRAINT ranking_runs_corrects_fkey FOREIGN KEY (corrects) REFERENCES ranking_runs(id),
    CONSTRAINT ranking_runs_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT ranking_runs_edition_id_edition_version_fkey FOREIGN KEY (edition_id, edition_version) REFERENCES edition_versions(edition_id, number),
    CONSTRAINT ranking_runs_ordered_by_fkey FOREIGN KEY (ordered_by) REFERENCES persons(id),
    CONSTRAINT ranking_runs_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT ranking_runs_simulated_by_fkey FOREIGN KEY (simulated_by) REFERENCES persons(id),
    CONSTRAINT approved_run_has_a_second_person CHECK ((state <> ALL (ARRAY['approved'::text, 'publishing'::text, 'published'::text, 'superseded'::text, 'returned'::text])) OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT correction_says_why CHECK ((corrects IS NOT NULL AND NOT reallocates) = (reason <> ''::text)),
    CONSTRAINT nobody_approves_what_they_proposed CHECK (decided_by IS NULL OR decided_by <> proposed_by AND decided_by <> simulated_by),
    CONSTRAINT nobody_publishes_what_they_proposed_or_approved CHECK (ordered_by IS NULL OR ordered_by <> proposed_by AND ordered_by <> decided_by AND ordered_by <> simulated_by),
    CONSTRAINT only_a_later_round_reallocates CHECK (NOT reallocates OR round > 1 AND corrects IS NOT NULL),
    CONSTRAINT only_what_two_rankers_agree_on_is_proposed CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR checked_at IS NOT NULL AND disagreements = 0),
    CONSTRAINT proposed_run_has_a_proposer CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT published_run_has_a_publisher CHECK ((state <> ALL (ARRAY['publishing'::text, 'published'::text, 'superseded'::text])) OR ordered_by IS NOT NULL AND ordered_at IS NOT NULL AND publish_at IS NOT NULL AND publication IS NOT NULL),
    CONSTRAINT published_run_has_its_time CHECK ((state = ANY (ARRAY['published'::text, 'superseded'::text])) = (published_at IS NOT NULL)),
    CONSTRAINT returned_run_says_why CHECK (state <> 'returned'::text OR note <> ''::text),
    CONSTRAINT rounds_start_at_one CHECK (round > 0),
    CONSTRAINT run_state_is_known CHECK (state = ANY (ARRAY['simulated'::text, 'proposed'::text, 'returned'::text, 'approved'::text, 'publishing'::text, 'published'::text, 'superseded'::text, 'dropped'::text]))
);
CREATE UNIQUE INDEX one_ranking_of_an_edition_at_a_time ON ranking_runs USING btree (edition_id) WHERE state = ANY (ARRAY['proposed'::text, 'approved'::text, 'publishing'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON ranking_runs FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER runs_are_kept BEFORE DELETE OR TRUNCATE ON ranking_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER runs_go_forward BEFORE UPDATE ON ranking_runs FOR EACH ROW EXECUTE FUNCTION keep_run();

CREATE TABLE ranking_seals (
    run_id uuid NOT NULL,
    rows bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT ranking_seals_pkey PRIMARY KEY (run_id),
    CONSTRAINT ranking_seals_run_id_fkey FOREIGN KEY (run_id) REFERENCES ranking_runs(id),
    CONSTRAINT seal_has_whole_rows CHECK ((octet_length(rows) % 16) = 0)
);
CREATE TRIGGER ranking_seals_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON ranking_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE ranking_territories (
    run_id uuid NOT NULL,
    territory text NOT NULL,
    closed boolean DEFAULT false NOT NULL,
    budget_cents bigint NOT NULL,
    candidates integer NOT NULL,
    eligible integer NOT NULL,
    awarded integer NOT NULL,
    partial integer NOT NULL,
    kept integer DEFAULT 0 NOT NULL,
    unfunded integer NOT NULL,
    refused integer NOT NULL,
    not_processable integer NOT NULL,
    awarded_cents bigint NOT NULL,
    residual_cents bigint NOT NULL,
    last_funded_rank integer DEFAULT 0 NOT NULL,
    last_funded_isee bigint DEFAULT 0 NOT NULL,
    issued_at timestamp with time zone,
    set_aside_cents bigint DEFAULT 0 NOT NULL,
    kept_cents bigint DEFAULT 0 NOT NULL,
    pool_cents bigint,
    CONSTRAINT ranking_territories_pkey PRIMARY KEY (run_id, territory),
    CONSTRAINT ranking_territories_run_id_fkey FOREIGN KEY (run_id) REFERENCES ranking_runs(id),
    CONSTRAINT kept_awards_are_of_the_budget CHECK (kept_cents >= 0 AND kept_cents <= budget_cents),
    CONSTRAINT territory_counts_everybody CHECK ((awarded + partial + unfunded) = eligible AND (eligible + refused + not_processable) = candidates),
    CONSTRAINT territory_has_one_partial_award CHECK (partial <= (1 + kept)),
    CONSTRAINT territory_spends_its_budget CHECK ((awarded_cents + residual_cents) = budget_cents AND residual_cents >= 0)
);

CREATE TABLE ratings (
    month date NOT NULL,
    page text NOT NULL,
    score integer NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    count bigint DEFAULT 1 NOT NULL,
    CONSTRAINT ratings_pkey PRIMARY KEY (month, page, score, reason),
    CONSTRAINT rated_page_has_a_name CHECK (page ~ '^[a-z_]{1,40}$'::text),
    CONSTRAINT rating_is_one_to_five CHECK (score >= 1 AND score <= 5),
    CONSTRAINT rating_reason_is_a_word CHECK (reason ~ '^[a-z_]{0,40}$'::text),
    CONSTRAINT ratings_are_counted_by_month CHECK (EXTRACT(day FROM month) = 1::numeric),
    CONSTRAINT ratings_count_up CHECK (count > 0)
);

CREATE TABLE recovery_receipts (
    id uuid NOT NULL,
    recovery_id uuid NOT NULL,
    amount_cents bigint NOT NULL,
    received_on date NOT NULL,
    reference text NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT recovery_receipts_pkey PRIMARY KEY (id),
    CONSTRAINT recovery_receipts_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES persons(id),
    CONSTRAINT recovery_receipts_recovery_id_fkey FOREIGN KEY (recovery_id) REFERENCES indemnity_recoveries(id),
    CONSTRAINT receipt_has_a_reference CHECK (btrim(reference) <> ''::text),
    CONSTRAINT something_was_received CHECK (amount_cents > 0)
);
CREATE INDEX receipts_of_a_recovery ON recovery_receipts USING btree (recovery_id);
CREATE TRIGGER receipts_are_of_what_is_owed BEFORE INSERT ON recovery_receipts FOR EACH ROW EXECUTE FUNCTION check_receipt();
CREATE TRIGGER receipts_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON recovery_receipts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE reexamination_drafts (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    writer_id uuid NOT NULL,
    motive text NOT NULL,
    text text NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    CONSTRAINT reexamination_drafts_pkey PRIMARY KEY (id),
    CONSTRAINT reexamination_is_drafted_once UNIQUE (application_id, writer_id),
    CONSTRAINT reexamination_drafts_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT reexamination_drafts_writer_id_fkey FOREIGN KEY (writer_id) REFERENCES persons(id)
);

CREATE TABLE reexaminations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    protocol text NOT NULL,
    application_id uuid NOT NULL,
    run_id uuid,
    asked_by uuid NOT NULL,
    mandate_id uuid,
    asked_at timestamp with time zone NOT NULL,
    motive text NOT NULL,
    text text NOT NULL,
    decide_by date NOT NULL,
    state text NOT NULL,
    proposal text DEFAULT ''::text NOT NULL,
    correction jsonb,
    grounds text DEFAULT ''::text NOT NULL,
    proposed_by uuid,
    proposed_at timestamp with time zone,
    decided_by uuid,
    decided_at timestamp with time zone,
    set_aside_cents bigint DEFAULT 0 NOT NULL,
    carried_out_by uuid,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT reexaminations_pkey PRIMARY KEY (id),
    CONSTRAINT reexamination_has_one_protocol UNIQUE (protocol),
    CONSTRAINT reexaminations_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT reexaminations_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES persons(id),
    CONSTRAINT reexaminations_carried_out_by_fkey FOREIGN KEY (carried_out_by) REFERENCES ranking_runs(id),
    CONSTRAINT reexaminations_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT reexaminations_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT reexaminations_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT reexaminations_run_id_fkey FOREIGN KEY (run_id) REFERENCES ranking_runs(id),
    CONSTRAINT decided_reexamination_has_a_second_person CHECK ((state <> ALL (ARRAY['granted'::text, 'denied'::text])) OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT nobody_decides_a_reexamination_they_proposed CHECK ((state <> ALL (ARRAY['granted'::text, 'denied'::text])) OR decided_by <> proposed_by),
    CONSTRAINT nothing_negative_is_set_aside CHECK (set_aside_cents >= 0),
    CONSTRAINT proposed_reexamination_has_a_proposer CHECK ((state = ANY (ARRAY['asked'::text, 'withdrawn'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposal <> ''::text AND grounds <> ''::text),
    CONSTRAINT reexamination_proposal_is_known CHECK (proposal = ANY (ARRAY[''::text, 'grant'::text, 'deny'::text])),
    CONSTRAINT reexamination_state_is_known CHECK (state = ANY (ARRAY['asked'::text, 'proposed'::text, 'granted'::text, 'denied'::text, 'withdrawn'::text]))
);
CREATE UNIQUE INDEX application_is_reexamined_once_at_a_time ON reexaminations USING btree (application_id) WHERE state = ANY (ARRAY['asked'::text, 'proposed'::text]);
CREATE INDEX reexaminations_by_term ON reexaminations USING btree (decide_by) WHERE state = ANY (ARRAY['asked'::text, 'proposed'::text]);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON reexaminations FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER reexaminations_are_kept BEFORE DELETE OR TRUNCATE ON reexaminations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reexaminations_stay_decided BEFORE UPDATE ON reexaminations FOR EACH ROW EXECUTE FUNCTION keep_reexamination();

CREATE TABLE refusals (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    application_id uuid NOT NULL,
    reason text NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    reopened_by uuid,
    reopened_at timestamp with time zone,
    CONSTRAINT refusals_pkey PRIMARY KEY (id),
    CONSTRAINT refusals_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT refusals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT refusals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT refusals_reopened_by_fkey FOREIGN KEY (reopened_by) REFERENCES persons(id),
    CONSTRAINT decided_refusal_has_a_second_person CHECK ((state <> 'proposed'::text) = (decided_by IS NOT NULL) AND (state <> 'proposed'::text) = (decided_at IS NOT NULL)),
    CONSTRAINT nobody_decides_a_refusal_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT nobody_reopens_a_refusal_they_made CHECK (reopened_by <> proposed_by AND reopened_by <> decided_by),
    CONSTRAINT refusal_says_why CHECK (reason <> ''::text),
    CONSTRAINT refusal_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'returned'::text])),
    CONSTRAINT reopened_refusal_was_approved CHECK ((reopened_by IS NULL) = (reopened_at IS NULL) AND (reopened_by IS NULL OR state = 'approved'::text)),
    CONSTRAINT returned_refusal_says_why CHECK ((state = 'returned'::text) = (note <> ''::text))
);
CREATE UNIQUE INDEX application_has_one_open_refusal ON refusals USING btree (application_id) WHERE state = 'proposed'::text;
CREATE INDEX refusals_of_an_application ON refusals USING btree (application_id);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON refusals FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER refusals_are_decided_once BEFORE UPDATE ON refusals FOR EACH ROW EXECUTE FUNCTION keep_refusal();
CREATE TRIGGER refusals_are_kept BEFORE DELETE OR TRUNCATE ON refusals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE reminders (
    subject_id uuid NOT NULL,
    kind text NOT NULL,
    term date NOT NULL,
    days integer NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    CONSTRAINT reminder_is_sent_once PRIMARY KEY (subject_id, kind, term, days),
    CONSTRAINT reminder_kind_is_known CHECK (kind = ANY (ARRAY['first_session'::text, 'expiry'::text, 'to_confirm'::text, 'to_invoice'::text, 'majority'::text]))
);

CREATE TABLE residuals (
    day date NOT NULL,
    edition_id text NOT NULL,
    territory text NOT NULL,
    budget_cents bigint NOT NULL,
    transferred_cents bigint NOT NULL,
    promised_cents bigint NOT NULL,
    used_cents bigint NOT NULL,
    paid_cents bigint NOT NULL,
    set_aside_cents bigint NOT NULL,
    available_cents bigint NOT NULL,
    CONSTRAINT residuals_pkey PRIMARY KEY (day, edition_id, territory),
    CONSTRAINT residuals_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT nothing_negative_is_available CHECK (available_cents >= 0)
);

CREATE TABLE retention_rules (
    class text NOT NULL,
    place integer NOT NULL,
    way text NOT NULL,
    kept_for interval,
    source text NOT NULL,
    CONSTRAINT retention_rules_pkey PRIMARY KEY (class),
    CONSTRAINT decided_retention_has_a_period CHECK (way <> 'decided'::text OR kept_for >= '1 year'::interval),
    CONSTRAINT retention_cites_its_source CHECK (source <> ''::text),
    CONSTRAINT retention_way_is_known CHECK (way = ANY (ARRAY['automatic'::text, 'decided'::text, 'kept'::text]))
);
CREATE TRIGGER retention_rules_are_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON retention_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE role_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    during daterange NOT NULL,
    duty text DEFAULT ''::text NOT NULL,
    proposal_id uuid,
    ended_by uuid,
    ended_at timestamp with time zone,
    ended_why text DEFAULT ''::text NOT NULL,
    CONSTRAINT role_grants_pkey PRIMARY KEY (id),
    CONSTRAINT proposal_gives_one_grant UNIQUE (proposal_id),
    CONSTRAINT nobody_audits_what_they_administer EXCLUDE USING gist (person_id WITH =, duty WITH <>, during WITH &&) WHERE (role = 'oversight'::text),
    CONSTRAINT role_is_granted_once_at_a_time EXCLUDE USING gist (person_id WITH =, role WITH =, duty WITH =, during WITH &&),
    CONSTRAINT role_grants_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES persons(id),
    CONSTRAINT role_grants_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT role_grants_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES grant_proposals(id),
    CONSTRAINT grant_taken_away_says_by_whom_and_why CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_why = ''::text)),
    CONSTRAINT granted_duty_is_known CHECK (duty = ANY (ARRAY[''::text, 'prepare'::text, 'approve'::text, 'publish'::text, 'pay'::text, 'audit'::text, 'administer'::text])),
    CONSTRAINT granted_role_is_known CHECK (role = ANY (ARRAY['member'::text, 'heir'::text, 'cnop'::text, 'inps'::text, 'welfare'::text, 'oversight'::text])),
    CONSTRAINT oversight_has_its_own_duties CHECK ((role = 'oversight'::text) = (duty = ANY (ARRAY['audit'::text, 'administer'::text])))
);
CREATE TRIGGER grants_are_ended_not_changed BEFORE UPDATE ON role_grants FOR EACH ROW EXECUTE FUNCTION keep_grant();
CREATE TRIGGER grants_are_given_by_two BEFORE INSERT ON role_grants FOR EACH ROW EXECUTE FUNCTION check_grant();
CREATE TRIGGER grants_are_kept BEFORE DELETE OR TRUNCATE ON role_grants FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sessions (
    token text NOT NULL,
    data bytea NOT NULL,
    expiry timestamp with time zone NOT NULL,
    ended boolean DEFAULT false NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token)
);
CREATE INDEX sessions_by_expiry ON sessions USING btree (expiry);

CREATE TABLE submissions (
    person_id uuid NOT NULL,
    action text NOT NULL,
    key uuid NOT NULL,
    digest bytea NOT NULL,
    outcome text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT form_acts_once PRIMARY KEY (person_id, action, key),
    CONSTRAINT submissions_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id)
);
CREATE INDEX submissions_by_age ON submissions USING btree (at);

CREATE TABLE successions (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    died_on date NOT NULL,
    heirs jsonb NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT successions_pkey PRIMARY KEY (id),
    CONSTRAINT successions_application_id_fkey FOREIGN KEY (application_id) REFERENCES indemnity_applications(id),
    CONSTRAINT successions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT successions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT decided_succession_has_a_second_person CHECK (num_nulls(decided_by, decided_at) =
CASE state
    WHEN 'proposed'::text THEN 2
    ELSE 0
END),
    CONSTRAINT nobody_confirms_their_own_succession CHECK (decided_by <> proposed_by),
    CONSTRAINT succession_sent_back_says_why CHECK ((state = 'sent_back'::text) = (why <> ''::text)),
    CONSTRAINT succession_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'sent_back'::text]))
);
CREATE UNIQUE INDEX case_has_one_open_succession ON successions USING btree (application_id) WHERE state = 'proposed'::text;
CREATE INDEX successions_of_an_application ON successions USING btree (application_id);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON successions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER successions_are_kept BEFORE DELETE OR TRUNCATE ON successions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER successions_stay_as_registered BEFORE UPDATE ON successions FOR EACH ROW EXECUTE FUNCTION keep_succession();

CREATE TABLE text_versions (
    id uuid NOT NULL,
    key text NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    send text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT text_versions_pkey PRIMARY KEY (id),
    CONSTRAINT text_version_is_numbered_once UNIQUE (key, number),
    CONSTRAINT text_versions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT text_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT nobody_approves_a_text_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT text_has_a_second_person CHECK (num_nulls(decided_by, decided_at) =
CASE state
    WHEN 'proposed'::text THEN 2
    ELSE 0
END),
    CONSTRAINT text_says_something CHECK (text <> ''::text),
    CONSTRAINT text_sent_back_says_why CHECK ((state = 'sent_back'::text) = (why <> ''::text)),
    CONSTRAINT text_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'sent_back'::text])),
    CONSTRAINT text_versions_count_from_one CHECK (number > 0)
);
CREATE UNIQUE INDEX text_has_one_open_proposal ON text_versions USING btree (key) WHERE state = 'proposed'::text;
CREATE TRIGGER changes_are_noted AFTER UPDATE ON text_versions FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER texts_are_kept BEFORE DELETE OR TRUNCATE ON text_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER texts_stay_as_proposed BEFORE UPDATE ON text_versions FOR EACH ROW EXECUTE FUNCTION keep_text();

CREATE TABLE voucher_cases (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    voucher_id uuid NOT NULL,
    booking_id uuid,
    kind text NOT NULL,
    ground text NOT NULL,
    text text NOT NULL,
    since date,
    life integer,
    state text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT voucher_cases_pkey PRIMARY KEY (id),
    CONSTRAINT voucher_cases_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT voucher_cases_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT voucher_cases_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT voucher_cases_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT case_kind_is_known CHECK (kind = ANY (ARRAY['end'::text, 'reinstate'::text, 'reinstate_session'::text])),
    CONSTRAINT case_names_its_session CHECK ((kind = 'reinstate_session'::text) = (booking_id IS NOT NULL)),
    CONSTRAINT case_says_why CHECK (ground <> ''::text AND text <> ''::text),
    CONSTRAINT case_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'refused'::text])),
    CONSTRAINT decided_case_has_a_second_person CHECK (state = 'proposed'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT nobody_decides_a_case_they_proposed CHECK (decided_by <> proposed_by),
    CONSTRAINT refused_case_says_why CHECK (state <> 'refused'::text OR note <> ''::text)
);
CREATE UNIQUE INDEX one_case_of_a_voucher_at_a_time ON voucher_cases USING btree (voucher_id) WHERE state = 'proposed'::text;
CREATE TRIGGER changes_are_noted AFTER UPDATE ON voucher_cases FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER voucher_cases_are_kept BEFORE DELETE OR TRUNCATE ON voucher_cases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER voucher_cases_stay BEFORE UPDATE ON voucher_cases FOR EACH ROW EXECUTE FUNCTION keep_voucher_case();

CREATE TABLE vouchers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    application_id uuid NOT NULL,
    beneficiary_id uuid NOT NULL,
    territory text NOT NULL,
    awarded_cents bigint NOT NULL,
    booked_cents bigint DEFAULT 0 NOT NULL,
    used_cents bigint DEFAULT 0 NOT NULL,
    returned_cents bigint DEFAULT 0 NOT NULL,
    accepted_on date NOT NULL,
    last_day date NOT NULL,
    confirm_by date NOT NULL,
    first_session_by date,
    state text DEFAULT 'active'::text NOT NULL,
    code_index bytea NOT NULL,
    code_sealed bytea NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    code_number integer DEFAULT 1 NOT NULL,
    blocked_at timestamp with time zone,
    block_reason text DEFAULT ''::text NOT NULL,
    round integer DEFAULT 1 NOT NULL,
    invoice_by date NOT NULL,
    reopened integer DEFAULT 0 NOT NULL,
    CONSTRAINT vouchers_pkey PRIMARY KEY (id),
    CONSTRAINT application_has_one_voucher UNIQUE (application_id),
    CONSTRAINT code_opens_one_voucher UNIQUE (code_index),
    CONSTRAINT voucher_has_one_holder UNIQUE (id, beneficiary_id),
    CONSTRAINT vouchers_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT vouchers_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT blocked_voucher_says_why CHECK ((blocked_at IS NULL) = (block_reason = ''::text)),
    CONSTRAINT expired_voucher_has_nothing_free CHECK (state = 'active'::text OR (booked_cents + used_cents + returned_cents) = awarded_cents),
    CONSTRAINT invoices_are_due_after_confirmations CHECK (invoice_by >= confirm_by),
    CONSTRAINT rounds_of_vouchers_start_at_one CHECK (round > 0),
    CONSTRAINT voucher_ends_after_it_starts CHECK (last_day >= accepted_on AND confirm_by >= last_day AND first_session_by >= accepted_on),
    CONSTRAINT voucher_is_worth_something CHECK (awarded_cents > 0),
    CONSTRAINT voucher_never_overdrawn CHECK (booked_cents >= 0 AND used_cents >= 0 AND returned_cents >= 0 AND (booked_cents + used_cents + returned_cents) <= awarded_cents),
    CONSTRAINT voucher_state_is_known CHECK (state = ANY (ARRAY['active'::text, 'expired'::text, 'withdrawn'::text, 'lapsed'::text, 'ended'::text]))
);
CREATE INDEX vouchers_by_beneficiary ON vouchers USING btree (beneficiary_id);
CREATE INDEX vouchers_by_first_session ON vouchers USING btree (first_session_by) WHERE state = 'active'::text;
CREATE INDEX vouchers_by_invoice_term ON vouchers USING btree (invoice_by);
CREATE INDEX vouchers_due ON vouchers USING btree (last_day) WHERE state = 'active'::text;
CREATE INDEX vouchers_of_a_territory ON vouchers USING btree (territory);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON vouchers FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state OR old.awarded_cents IS DISTINCT FROM new.awarded_cents OR old.last_day IS DISTINCT FROM new.last_day) EXECUTE FUNCTION note_changes('state', 'awarded_cents', 'last_day');
CREATE TRIGGER vouchers_keep_terms BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION keep_voucher_terms();

CREATE TABLE wording_changes (
    proposal_id uuid NOT NULL,
    key text NOT NULL,
    lang text NOT NULL,
    forms jsonb,
    before bigint NOT NULL,
    CONSTRAINT wording_changes_pkey PRIMARY KEY (proposal_id, key, lang),
    CONSTRAINT wording_changes_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES wording_proposals(id),
    CONSTRAINT wording_has_a_key CHECK (key ~ '^[a-z0-9_.]{1,120}$'::text),
    CONSTRAINT wording_language_is_known CHECK (lang = ANY (ARRAY['it'::text, 'de'::text, 'sl'::text])),
    CONSTRAINT wording_says_something CHECK (forms IS NULL OR COALESCE(forms ->> 'other'::text, ''::text) <> ''::text AND length(forms::text) <= 20000)
);
CREATE INDEX wording_changes_by_key ON wording_changes USING btree (key, lang);
CREATE TRIGGER wording_changes_come_together AFTER INSERT ON wording_changes REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_wording_changes();
CREATE TRIGGER wording_changes_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON wording_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE wording_proposals (
    id uuid NOT NULL,
    number bigint,
    from_file boolean NOT NULL,
    changes integer NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    decided_by uuid,
    decided_at timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    CONSTRAINT wording_proposals_pkey PRIMARY KEY (id),
    CONSTRAINT wording_is_published_once UNIQUE (number),
    CONSTRAINT wording_proposals_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES persons(id),
    CONSTRAINT wording_proposals_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT decided_wording_has_a_second_person CHECK ((state = ANY (ARRAY['draft'::text, 'proposed'::text])) = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT nobody_publishes_a_wording_they_proposed CHECK ((state <> ALL (ARRAY['published'::text, 'refused'::text])) OR decided_by <> proposed_by),
    CONSTRAINT only_its_proposer_withdraws_a_wording CHECK (state <> 'withdrawn'::text OR decided_by = proposed_by),
    CONSTRAINT published_wording_has_a_number CHECK ((state = 'published'::text) = (number IS NOT NULL) AND COALESCE(number, 1::bigint) > 0),
    CONSTRAINT refused_wording_says_why CHECK ((state = 'refused'::text) = (why <> ''::text)),
    CONSTRAINT wording_changes_something CHECK (changes > 0),
    CONSTRAINT wording_draft_is_of_a_file CHECK (state <> 'draft'::text OR from_file),
    CONSTRAINT wording_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'proposed'::text, 'published'::text, 'refused'::text, 'withdrawn'::text]))
);
CREATE INDEX wordings_by_time ON wording_proposals USING btree (proposed_at DESC);
CREATE TRIGGER changes_are_noted AFTER UPDATE ON wording_proposals FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION note_changes('state');
CREATE TRIGGER wordings_are_kept BEFORE DELETE OR TRUNCATE ON wording_proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER wordings_stay_as_decided BEFORE INSERT OR UPDATE ON wording_proposals FOR EACH ROW EXECUTE FUNCTION keep_wording();

CREATE TABLE work_views (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    slot integer NOT NULL,
    name text NOT NULL,
    filters text NOT NULL,
    first boolean DEFAULT false NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    CONSTRAINT work_views_pkey PRIMARY KEY (id),
    CONSTRAINT view_has_a_slot_of_its_own UNIQUE (owner_id, slot),
    CONSTRAINT work_views_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES persons(id),
    CONSTRAINT officer_keeps_twenty_views CHECK (slot >= 1 AND slot <= 20),
    CONSTRAINT view_has_a_name CHECK (name = btrim(name) AND length(name) >= 1 AND length(name) <= 60),
    CONSTRAINT view_restricts_the_list CHECK (length(filters) >= 1 AND length(filters) <= 500)
);
CREATE UNIQUE INDEX officer_has_one_first_view ON work_views USING btree (owner_id) WHERE first;
CREATE UNIQUE INDEX view_is_named_once ON work_views USING btree (owner_id, lower(name));
