-- +goose Up

-- The way of the money: where it is paid to, what was paid with which run, and what
-- each territory has left to give again.

ALTER TABLE funding_transfers ADD COLUMN tranche text NOT NULL DEFAULT ''; -- of the edition that it pays, where its act says so

-- Where somebody wants to be paid. One that is replaced or refused is kept.
CREATE TABLE payment_accounts (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id    uuid NOT NULL REFERENCES persons,
    iban         text NOT NULL,
    holder       text NOT NULL,               -- as the bank knows it: a person, or a company of professionals
    state        text NOT NULL,
    submitted_at timestamptz NOT NULL,
    usable_from  timestamptz NOT NULL,        -- nothing is paid to it before
    expected_by  date NOT NULL,               -- the answer of the office
    started_at   timestamptz,                 -- of its check
    bank_answer  text NOT NULL DEFAULT '',    -- code of what the bank said
    decided_by   uuid REFERENCES persons,
    decided_at   timestamptz,
    reason       text NOT NULL DEFAULT '',    -- code of why it was refused
    version      bigint NOT NULL DEFAULT 0,
    CONSTRAINT iban_looks_like_one CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    CONSTRAINT account_has_a_holder CHECK (btrim(holder) <> ''),
    CONSTRAINT account_state_is_known CHECK (state IN ('to_verify', 'verifying', 'verified', 'rejected', 'replaced')),
    CONSTRAINT rejected_account_says_why CHECK ((state = 'rejected') = (reason <> '')),
    CONSTRAINT verified_account_was_looked_at CHECK (state <> 'verified' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_verifies_their_own_account CHECK (decided_by <> person_id)
);
CREATE UNIQUE INDEX one_account_of_a_person_at_a_time ON payment_accounts (person_id) WHERE state IN ('to_verify', 'verifying', 'verified');
CREATE INDEX accounts_of_a_person ON payment_accounts (person_id, submitted_at);
CREATE INDEX accounts_to_verify ON payment_accounts (submitted_at) WHERE state IN ('to_verify', 'verifying');
CREATE INDEX accounts_decided ON payment_accounts (state, decided_at DESC) WHERE state IN ('verified', 'rejected');
CREATE INDEX accounts_by_iban ON payment_accounts (iban); -- the same one of several people is looked at
-- +goose StatementBegin
CREATE FUNCTION keep_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.person_id, NEW.iban, NEW.holder, NEW.submitted_at) IS DISTINCT FROM (OLD.person_id, OLD.iban, OLD.holder, OLD.submitted_at)
        OR (OLD.state IN ('rejected', 'replaced') AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'an account is replaced, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_replaced_not_changed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER accounts_are_replaced_not_changed BEFORE UPDATE ON payment_accounts
    FOR EACH ROW EXECUTE FUNCTION keep_account();
CREATE TRIGGER accounts_are_kept BEFORE DELETE OR TRUNCATE ON payment_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What professionals say of themselves goes before what CNOP's list says, which stays
-- as it was delivered.
ALTER TABLE professionals
    ADD COLUMN own_phone       text,
    ADD COLUMN own_languages   text[],
    ADD COLUMN own_online      boolean,
    ADD COLUMN visible         boolean NOT NULL DEFAULT true, -- to who looks for a professional
    ADD COLUMN version         bigint NOT NULL DEFAULT 0,     -- of what they say
    ADD COLUMN shown_phone     text GENERATED ALWAYS AS (coalesce(own_phone, phone)) STORED,
    ADD COLUMN shown_languages text[] GENERATED ALWAYS AS (coalesce(own_languages, languages)) STORED,
    ADD COLUMN shown_online    boolean GENERATED ALWAYS AS (coalesce(own_online, online)) STORED,
    ADD CONSTRAINT professional_can_be_reached CHECK (own_phone <> ''),
    ADD CONSTRAINT professional_speaks_something CHECK (own_languages <> '{}');

-- A run pays what was due when it was prepared (lotto): prepared, proposed, approved and
-- sent by different people. Its orders are the credits of its file, its lines say what
-- each of them is for.
CREATE TABLE payment_runs (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    programme    text NOT NULL,
    number       integer NOT NULL,
    month        date NOT NULL,                  -- its first day
    territory    text NOT NULL DEFAULT '',       -- '': every one
    state        text NOT NULL,
    prepared_by  uuid NOT NULL REFERENCES persons,
    prepared_at  timestamptz NOT NULL,
    due          integer NOT NULL DEFAULT 0,     -- lines to freeze, for the progress
    frozen       integer NOT NULL DEFAULT 0,     -- lines frozen
    frozen_at    timestamptz,
    orders       integer NOT NULL DEFAULT 0,     -- as frozen, and as approved
    amount_cents bigint NOT NULL DEFAULT 0,
    digest       bytea,                          -- of the orders and lines
    proposed_by  uuid REFERENCES persons,
    proposed_at  timestamptz,
    decided_by   uuid REFERENCES persons,
    decided_at   timestamptz,
    note         text NOT NULL DEFAULT '',
    execute_on   date,
    debtor_name  text NOT NULL DEFAULT '',       -- who pays, as the file says it
    debtor_iban  text NOT NULL DEFAULT '',
    sent_by      uuid REFERENCES persons,
    sent_at      timestamptz,
    sent_orders  integer,                        -- all that was not blocked by then
    sent_cents   bigint,
    file_digest  bytea,                          -- of the file that was sent
    settled_at   timestamptz,
    version      bigint NOT NULL DEFAULT 0,
    CONSTRAINT payment_run_is_numbered_once UNIQUE (programme, number),
    CONSTRAINT payment_programme_is_known CHECK (programme IN ('voucher', 'indemnity')),
    CONSTRAINT payment_run_state_is_known CHECK (state IN ('preparing', 'prepared', 'proposed', 'approved', 'sent', 'settled', 'returned', 'dropped')),
    CONSTRAINT payment_month_is_a_first_day CHECK (extract(day FROM month) = 1),
    CONSTRAINT frozen_payment_run_has_a_digest CHECK (state IN ('preparing', 'dropped') OR (digest IS NOT NULL AND frozen_at IS NOT NULL)),
    CONSTRAINT proposed_payment_run_has_a_proposer CHECK (
        state IN ('preparing', 'prepared', 'dropped') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL)),
    CONSTRAINT approved_payment_run_has_a_second_person CHECK (
        state NOT IN ('approved', 'sent', 'settled', 'returned') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_approves_a_payment_they_proposed CHECK (decided_by IS NULL OR (decided_by <> proposed_by AND decided_by <> prepared_by)),
    CONSTRAINT sent_payment_run_has_a_sender CHECK (
        state NOT IN ('sent', 'settled') OR (sent_by IS NOT NULL AND sent_at IS NOT NULL AND sent_orders IS NOT NULL AND sent_cents IS NOT NULL
            AND file_digest IS NOT NULL AND execute_on IS NOT NULL AND debtor_iban <> '')),
    CONSTRAINT no_more_is_sent_than_was_approved CHECK (sent_orders BETWEEN 1 AND orders AND sent_cents BETWEEN 1 AND amount_cents),
    CONSTRAINT nobody_sends_a_payment_they_proposed_or_approved CHECK (
        sent_by IS NULL OR (sent_by <> proposed_by AND sent_by <> prepared_by AND sent_by <> decided_by)),
    CONSTRAINT returned_payment_run_says_why CHECK (state <> 'returned' OR note <> ''),
    CONSTRAINT settled_payment_run_has_its_time CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_payment_run_in_preparation ON payment_runs (programme) WHERE state IN ('preparing', 'prepared', 'proposed');
-- +goose StatementBegin
CREATE FUNCTION keep_payment_run() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER payment_runs_go_forward BEFORE UPDATE ON payment_runs
    FOR EACH ROW EXECUTE FUNCTION keep_payment_run();
CREATE TRIGGER payment_runs_are_kept BEFORE DELETE OR TRUNCATE ON payment_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE payment_orders (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    run_id       uuid NOT NULL REFERENCES payment_runs,
    number       integer NOT NULL,          -- within the run
    end_to_end   text NOT NULL,             -- by which the bank's answer finds it
    payee_id     uuid NOT NULL REFERENCES persons,
    account_id   uuid NOT NULL REFERENCES payment_accounts,
    iban         text NOT NULL,             -- as they were when it was frozen
    holder       text NOT NULL,
    amount_cents bigint NOT NULL,
    state        text NOT NULL DEFAULT 'frozen',
    released_why text NOT NULL DEFAULT '',  -- left the run before it was sent
    released_hold text NOT NULL DEFAULT '', -- what stood in its way
    released_note text NOT NULL DEFAULT '', -- of who took it out
    reference    text NOT NULL DEFAULT '',  -- of the bank (CRO, TRN)
    value_day    date,
    reason       text NOT NULL DEFAULT '',  -- code of why it came back
    outcome_at   timestamptz,
    CONSTRAINT order_is_numbered_once_a_run UNIQUE (run_id, number),
    CONSTRAINT end_to_end_id_is_used_once UNIQUE (end_to_end),
    CONSTRAINT end_to_end_id_fits_the_bank CHECK (end_to_end ~ '^[A-Za-z0-9/?:().,+ -]{1,35}$'),
    CONSTRAINT order_has_its_state UNIQUE (id, state),
    CONSTRAINT order_pays_something CHECK (amount_cents > 0),
    CONSTRAINT order_state_is_known CHECK (state IN ('frozen', 'sent', 'paid', 'returned', 'released')),
    CONSTRAINT released_order_says_why CHECK ((state = 'released') = (released_why <> '')),
    CONSTRAINT order_is_left_out_for_a_reason CHECK (
        (released_why <> 'blocked' OR released_hold <> '') AND (released_why <> 'taken_out' OR released_hold <> '' OR btrim(released_note) <> '')),
    CONSTRAINT returned_order_says_why CHECK ((state = 'returned') = (reason <> '')),
    CONSTRAINT answered_order_has_its_time CHECK ((state IN ('paid', 'returned')) = (outcome_at IS NOT NULL)),
    CONSTRAINT paid_order_has_its_day CHECK (state <> 'paid' OR value_day IS NOT NULL)
);
CREATE INDEX orders_of_a_payee ON payment_orders (payee_id);
-- +goose StatementBegin
CREATE FUNCTION keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER orders_go_forward BEFORE UPDATE ON payment_orders
    FOR EACH ROW EXECUTE FUNCTION keep_order();
CREATE TRIGGER orders_are_kept BEFORE DELETE OR TRUNCATE ON payment_orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Officers are paid too: not by what they propose, approve or send.
-- +goose StatementBegin
CREATE FUNCTION keep_off_own_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM payment_orders o WHERE o.run_id = NEW.id AND o.state <> 'released'
        AND o.payee_id = CASE NEW.state WHEN 'proposed' THEN NEW.proposed_by WHEN 'approved' THEN NEW.decided_by WHEN 'sent' THEN NEW.sent_by END) THEN
        RAISE EXCEPTION 'nobody has a hand in a run that pays them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_pays_themselves';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER nobody_pays_themselves BEFORE UPDATE OF state ON payment_runs
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION keep_off_own_payment();

-- order_state follows the order, so that a session can be held against a second
-- payment by an index.
CREATE TABLE payment_lines (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     uuid NOT NULL,
    order_state  text NOT NULL DEFAULT 'frozen',
    booking_id   uuid NOT NULL REFERENCES bookings,
    invoice_id   uuid NOT NULL REFERENCES invoices,
    edition_id   text NOT NULL REFERENCES editions,
    territory    text NOT NULL,              -- whose money it is
    amount_cents bigint NOT NULL,
    repairs      bigint REFERENCES payment_lines, -- that came back
    CONSTRAINT line_follows_its_order FOREIGN KEY (order_id, order_state) REFERENCES payment_orders (id, state) ON UPDATE CASCADE,
    CONSTRAINT line_pays_something CHECK (amount_cents > 0),
    CONSTRAINT line_is_repaired_once_an_order UNIQUE (order_id, repairs)
);
CREATE UNIQUE INDEX session_is_in_one_live_payment ON payment_lines (booking_id) WHERE order_state IN ('frozen', 'sent', 'paid');
CREATE INDEX lines_of_an_order ON payment_lines (order_id);
CREATE INDEX lines_of_a_session ON payment_lines (booking_id);
CREATE INDEX lines_of_a_territory ON payment_lines (edition_id, territory, order_state) INCLUDE (amount_cents);
-- +goose StatementBegin
CREATE FUNCTION check_payment_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
-- +goose StatementEnd
CREATE TRIGGER lines_pay_what_is_due BEFORE INSERT ON payment_lines
    FOR EACH ROW EXECUTE FUNCTION check_payment_line();
-- +goose StatementBegin
CREATE FUNCTION keep_payment_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.order_id, NEW.booking_id, NEW.invoice_id, NEW.edition_id, NEW.territory, NEW.amount_cents, NEW.repairs)
        IS DISTINCT FROM (OLD.order_id, OLD.booking_id, OLD.invoice_id, OLD.edition_id, OLD.territory, OLD.amount_cents, OLD.repairs) THEN
        RAISE EXCEPTION 'a payment line stays as it was frozen'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_line_stays_as_frozen';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lines_stay_as_frozen BEFORE UPDATE ON payment_lines
    FOR EACH ROW EXECUTE FUNCTION keep_payment_line();
CREATE TRIGGER lines_are_kept BEFORE DELETE OR TRUNCATE ON payment_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- in_payment says that a live payment has the session, so that what is due is found
-- without what was paid in all the years.
ALTER TABLE invoice_sessions ADD COLUMN in_payment boolean NOT NULL DEFAULT false;
CREATE INDEX sessions_to_pay ON invoice_sessions (booking_id, invoice_id) INCLUDE (claimed_cents) WHERE live AND NOT in_payment;
-- +goose StatementBegin
CREATE FUNCTION mark_paid_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoice_sessions s SET in_payment = NOT s.in_payment
        WHERE s.booking_id = NEW.booking_id AND s.invoice_id = NEW.invoice_id AND s.in_payment <> EXISTS (
            SELECT FROM payment_lines l WHERE l.booking_id = NEW.booking_id AND l.order_state IN ('frozen', 'sent', 'paid'));
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER new_lines_mark_their_session AFTER INSERT ON payment_lines
    FOR EACH ROW EXECUTE FUNCTION mark_paid_session();
CREATE TRIGGER lines_mark_their_session AFTER UPDATE OF order_state ON payment_lines
    FOR EACH ROW WHEN ((NEW.order_state IN ('frozen', 'sent', 'paid')) <> (OLD.order_state IN ('frozen', 'sent', 'paid')))
    EXECUTE FUNCTION mark_paid_session();

-- What was sent for a territory and is in a payment is not taken back: who records the
-- reversal waits for a run that is being prepared, and sees what it holds.
-- +goose StatementBegin
CREATE FUNCTION keep_paid_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER transfers_in_a_payment_stay AFTER INSERT ON funding_transfers
    FOR EACH ROW WHEN (NEW.amount_cents < 0) EXECUTE FUNCTION keep_paid_transfers();

-- What is in a payment is not invoiced anew.
-- +goose StatementBegin
CREATE FUNCTION keep_invoiced_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.live, NEW.claimed_cents) IS DISTINCT FROM (OLD.live, OLD.claimed_cents) AND EXISTS (
        SELECT FROM payment_lines l WHERE l.booking_id = OLD.booking_id AND l.order_state IN ('frozen', 'sent', 'paid')) THEN
        RAISE EXCEPTION 'what is in a payment keeps its invoice'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_keeps_its_invoice';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER invoiced_sessions_keep_what_is_paid BEFORE UPDATE ON invoice_sessions
    FOR EACH ROW EXECUTE FUNCTION keep_invoiced_session();
CREATE TRIGGER invoiced_sessions_are_kept BEFORE DELETE OR TRUNCATE ON invoice_sessions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The files in which the bank answered: one is recorded once, whole or not at all.
CREATE TABLE payment_outcomes (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    run_id      uuid NOT NULL REFERENCES payment_runs,
    format      text NOT NULL,
    file_digest bytea NOT NULL,
    paid        integer NOT NULL,
    returned    integer NOT NULL,
    recorded_by uuid NOT NULL REFERENCES persons,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT outcome_file_is_recorded_once UNIQUE (run_id, file_digest),
    CONSTRAINT outcome_format_is_known CHECK (format IN ('pain.002', 'csv'))
);
CREATE TRIGGER outcomes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What each territory of an edition had left at the end of a day.
CREATE TABLE residuals (
    day               date NOT NULL,
    edition_id        text NOT NULL REFERENCES editions,
    territory         text NOT NULL,
    budget_cents      bigint NOT NULL,
    transferred_cents bigint NOT NULL,
    promised_cents    bigint NOT NULL, -- to vouchers, less what came back from them
    used_cents        bigint NOT NULL, -- of sessions confirmed
    paid_cents        bigint NOT NULL,
    set_aside_cents   bigint NOT NULL,
    available_cents   bigint NOT NULL, -- to give again
    PRIMARY KEY (day, edition_id, territory),
    CONSTRAINT nothing_negative_is_available CHECK (available_cents >= 0)
);

-- A run of a ranking may give again what came back (scorrimento): as the next round,
-- on the places of the publication in force.
ALTER TABLE ranking_runs
    ADD COLUMN reallocates boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT only_a_later_round_reallocates CHECK (NOT reallocates OR (round > 1 AND corrects IS NOT NULL)),
    DROP CONSTRAINT correction_says_why,
    ADD CONSTRAINT correction_says_why CHECK ((corrects IS NOT NULL AND NOT reallocates) = (reason <> ''));
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_run() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd

-- What a reallocation, and what corrects one, counts on in place of the money of the
-- edition: all that was awarded before, and what there is to give again.
ALTER TABLE ranking_territories
    ADD COLUMN kept_cents bigint NOT NULL DEFAULT 0, -- of budget_cents: awarded by earlier publications
    ADD COLUMN pool_cents bigint,
    ADD CONSTRAINT kept_awards_are_of_the_budget CHECK (kept_cents BETWEEN 0 AND budget_cents);
-- A part of a kept award was used, so that what is missing of it comes first.
ALTER TABLE ranking_entries
    ADD COLUMN completes boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT only_a_kept_award_is_completed CHECK (NOT completes OR kept_cents > 0);

-- What came back from vouchers, by what brought it.
CREATE INDEX postings_to_the_fund ON postings (voucher_id, event) INCLUDE (amount_cents, booking_id)
    WHERE event IN ('expire', 'withdraw', 'lapse', 'end', 'reinstate');
