-- +goose Up

-- Runs pay the indemnity too: what each payee of an application is due by the publication
-- in which it has its place, on an account of that application. A run is of a call.

ALTER TABLE payment_runs
    ADD COLUMN call_id text REFERENCES calls, -- its month is that of the run
    ADD CONSTRAINT payment_run_is_of_its_programme CHECK (CASE programme
        WHEN 'indemnity' THEN call_id IS NOT NULL AND territory = '' AND month = (call_id || '-01')::date
        ELSE call_id IS NULL END);

-- Where a member, or each heir, is paid for an application: the account that it named, or
-- another given later. One that is replaced or refused is kept.
CREATE TABLE case_accounts (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    heir_id        uuid REFERENCES heirs,       -- NULL: the member's
    iban           text NOT NULL,
    holder         text NOT NULL,
    state          text NOT NULL,
    given_by       uuid REFERENCES persons,     -- NULL: named by the application
    given_at       timestamptz NOT NULL,
    usable_from    timestamptz NOT NULL,        -- nothing is paid to it before
    decided_by     uuid REFERENCES persons,
    decided_at     timestamptz,
    reason         text NOT NULL DEFAULT '',    -- code of why it was refused
    CONSTRAINT case_iban_looks_like_one CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    CONSTRAINT case_account_has_a_holder CHECK (btrim(holder) <> ''),
    CONSTRAINT case_account_state_is_known CHECK (state IN ('to_verify', 'verified', 'rejected', 'replaced')),
    CONSTRAINT rejected_case_account_says_why CHECK ((state = 'rejected') = (reason <> '')),
    CONSTRAINT verified_case_account_was_looked_at CHECK (state <> 'verified' OR num_nulls(decided_by, decided_at) = 0),
    CONSTRAINT nobody_verifies_an_account_they_gave CHECK (decided_by <> given_by)
);
CREATE UNIQUE INDEX one_account_of_a_payee_at_a_time ON case_accounts (application_id, coalesce(heir_id, application_id)) WHERE state IN ('to_verify', 'verified');
CREATE INDEX accounts_of_a_case ON case_accounts (application_id, given_at);
CREATE INDEX case_accounts_to_verify ON case_accounts (given_at) WHERE state = 'to_verify';
-- +goose StatementBegin
CREATE FUNCTION check_case_account() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER case_accounts_are_replaced_not_changed BEFORE INSERT OR UPDATE ON case_accounts
    FOR EACH ROW EXECUTE FUNCTION check_case_account();
CREATE TRIGGER case_accounts_are_kept BEFORE DELETE OR TRUNCATE ON case_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE payment_orders
    ALTER COLUMN account_id DROP NOT NULL,
    ADD COLUMN case_account_id uuid REFERENCES case_accounts,
    ADD COLUMN certificate text,                     -- number of the one that says what was paid
    ADD COLUMN check_code text NOT NULL DEFAULT '',  -- on it, to tell a true one
    ADD CONSTRAINT order_is_paid_on_one_account CHECK (num_nonnulls(account_id, case_account_id) = 1),
    ADD CONSTRAINT payment_certificate_is_used_once UNIQUE (certificate),
    ADD CONSTRAINT payment_of_a_case_is_certified CHECK ((certificate IS NULL) = (check_code = '')
        AND (certificate IS NOT NULL OR case_account_id IS NULL OR state <> 'paid'));

-- A line is of a session, or of an application: then with what it is made of. heir_id is
-- whose share it is, NULL for the member.
ALTER TABLE payment_lines
    ALTER COLUMN booking_id DROP NOT NULL,
    ALTER COLUMN invoice_id DROP NOT NULL,
    ALTER COLUMN edition_id DROP NOT NULL,
    ALTER COLUMN territory DROP NOT NULL,
    ADD COLUMN application_id uuid REFERENCES indemnity_applications,
    ADD COLUMN heir_id uuid REFERENCES heirs,
    ADD COLUMN ranking_id uuid,                 -- the publication that it is due by
    ADD COLUMN gross_cents bigint,
    ADD COLUMN withholding_cents bigint,
    ADD COLUMN set_off_cents bigint,
    ADD CONSTRAINT line_has_a_place FOREIGN KEY (ranking_id, application_id) REFERENCES indemnity_ranking_entries (ranking_id, application_id),
    ADD CONSTRAINT line_is_of_a_session_or_of_an_application CHECK (CASE
        WHEN application_id IS NULL THEN num_nulls(booking_id, invoice_id, edition_id, territory) = 0
            AND num_nonnulls(heir_id, ranking_id, gross_cents, withholding_cents, set_off_cents) = 0
        ELSE num_nonnulls(booking_id, invoice_id, edition_id, territory) = 0 AND num_nulls(ranking_id, gross_cents, withholding_cents, set_off_cents) = 0 END),
    ADD CONSTRAINT line_is_what_is_left_of_the_gross CHECK (gross_cents - withholding_cents - set_off_cents = amount_cents);
CREATE UNIQUE INDEX payee_is_in_one_live_payment_of_a_place ON payment_lines (application_id, coalesce(heir_id, application_id), ranking_id)
    WHERE application_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid');
CREATE INDEX lines_of_a_case ON payment_lines (application_id) WHERE application_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION check_case_line(l payment_lines) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;
CREATE OR REPLACE FUNCTION check_payment_line() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE OR REPLACE FUNCTION keep_payment_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.order_id, NEW.booking_id, NEW.invoice_id, NEW.edition_id, NEW.territory, NEW.amount_cents, NEW.repairs,
        NEW.application_id, NEW.heir_id, NEW.ranking_id, NEW.gross_cents, NEW.withholding_cents, NEW.set_off_cents)
        IS DISTINCT FROM (OLD.order_id, OLD.booking_id, OLD.invoice_id, OLD.edition_id, OLD.territory, OLD.amount_cents, OLD.repairs,
        OLD.application_id, OLD.heir_id, OLD.ranking_id, OLD.gross_cents, OLD.withholding_cents, OLD.set_off_cents) THEN
        RAISE EXCEPTION 'a payment line stays as it was frozen'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_line_stays_as_frozen';
    END IF;
    RETURN NEW;
END $$;

-- A correction of a ranking takes nothing from who is in a payment: that is recovered, by
-- a decision of its own.
CREATE FUNCTION keep_paid_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(l.amount_cents), 0) FROM payment_lines l WHERE l.application_id = NEW.id AND l.order_state IN ('frozen', 'sent', 'paid'))
        > coalesce((SELECT e.payable_cents FROM indemnity_ranking_entries e
            WHERE NEW.state = 'funded' AND e.ranking_id = NEW.ranking_id AND e.application_id = NEW.id), 0) THEN
        RAISE EXCEPTION 'an application in a payment keeps its money'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_in_a_payment_keeps_its_money';
    END IF;
    RETURN NULL;
END $$;

-- Who decided on a case, or had a hand in the ranking in which it has its place, does not
-- pay it.
CREATE FUNCTION keep_off_examined_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
        WHERE o.run_id = NEW.id AND o.state <> 'released' AND (
            EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = l.application_id AND d.state = 'approved' AND NEW.sent_by IN (d.proposed_by, d.decided_by))
            OR EXISTS (SELECT FROM indemnity_rankings r WHERE r.id = l.ranking_id AND NEW.sent_by IN (r.simulated_by, r.proposed_by, r.decided_by, r.published_by)))) THEN
        RAISE EXCEPTION 'nobody pays what they examined or ranked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_pays_what_they_examined_or_ranked';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER applications_in_a_payment_keep_their_money AFTER UPDATE OF state, ranking_id ON indemnity_applications
    FOR EACH ROW WHEN (NEW.state IN ('suitable', 'funded', 'unfunded') AND (NEW.state, NEW.ranking_id) IS DISTINCT FROM (OLD.state, OLD.ranking_id))
    EXECUTE FUNCTION keep_paid_place();
CREATE TRIGGER nobody_pays_what_they_examined_or_ranked BEFORE UPDATE OF state ON payment_runs
    FOR EACH ROW WHEN (NEW.state = 'sent' AND OLD.state <> 'sent' AND NEW.programme = 'indemnity') EXECUTE FUNCTION keep_off_examined_payment();
