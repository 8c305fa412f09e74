-- +goose Up

-- The second half of a voucher's life: how it ends and may come back, the invoices of
-- its sessions, and what its holder says of them.

ALTER TABLE vouchers
    ADD COLUMN round      integer NOT NULL DEFAULT 1, -- of the publication that granted it
    ADD COLUMN invoice_by date,                       -- last day to hand in the data of invoices
    ADD COLUMN reopened   integer NOT NULL DEFAULT 0, -- how often it came back after its end
    DROP CONSTRAINT voucher_state_is_known,
    ADD CONSTRAINT voucher_state_is_known CHECK (state IN ('active', 'expired', 'withdrawn', 'lapsed', 'ended'));
UPDATE vouchers SET invoice_by = confirm_by + 30;
UPDATE vouchers v SET round = r.round FROM applications a JOIN ranking_runs r ON r.id = a.run_id WHERE a.id = v.application_id;
ALTER TABLE vouchers
    ALTER COLUMN invoice_by SET NOT NULL,
    ADD CONSTRAINT invoices_are_due_after_confirmations CHECK (invoice_by >= confirm_by),
    ADD CONSTRAINT rounds_of_vouchers_start_at_one CHECK (round > 0);
CREATE INDEX vouchers_by_first_session ON vouchers (first_session_by) WHERE state = 'active';
CREATE INDEX vouchers_by_invoice_term ON vouchers (invoice_by);

-- The accounts between which postings move: see voucher.Events.
ALTER TABLE postings
    DROP CONSTRAINT posting_follows_its_event,
    ADD CONSTRAINT posting_follows_its_event CHECK (
        (event, debit, credit) IN (
            ('grant',     'fund',   'free'),
            ('complete',  'fund',   'free'),   -- the rest of a partial award
            ('book',      'free',   'booked'),
            ('raise',     'free',   'booked'), -- a booking costs more than before
            ('lower',     'booked', 'free'),   -- or less
            ('cancel',    'booked', 'free'),
            ('hold',      'booked', 'used'),
            ('retract',   'used',   'free'),
            ('correct',   'used',   'free'),   -- the office put the price of a confirmed session right
            ('reduce',    'used',   'free'),   -- the invoice is lower than the price
            ('restore',   'free',   'used'),   -- and was put right
            ('expire',    'free',   'fund'),
            ('withdraw',  'free',   'fund'),
            ('lapse',     'free',   'fund'),   -- no session in the first days
            ('end',       'free',   'fund'),   -- closed by the office
            ('reinstate', 'fund',   'free'))), -- and given back by it
    DROP CONSTRAINT posting_of_a_session_names_it,
    ADD CONSTRAINT posting_of_a_session_names_it CHECK (
        (event IN ('grant', 'complete', 'expire', 'withdraw', 'lapse', 'end', 'reinstate')) OR booking_id IS NOT NULL),
    DROP CONSTRAINT booking_is_posted_once_an_event;
CREATE UNIQUE INDEX booking_is_posted_once_an_event ON postings (booking_id, event) WHERE event IN ('book', 'cancel', 'hold', 'retract');

-- A voucher that came back may expire again.
DROP INDEX booking_changes_state_once;
CREATE UNIQUE INDEX booking_changes_state_once ON audit (subject_id, action)
    WHERE action IN ('booking.booked', 'booking.held', 'booking.cancelled');

-- What a session's live invoice claims of its price; NULL while it has none.
ALTER TABLE bookings
    ADD COLUMN claimed_cents   bigint,
    ADD COLUMN acknowledged_at timestamptz,                     -- its holder says that it took place
    ADD COLUMN acknowledged_by uuid REFERENCES persons,
    ADD COLUMN cancel_ground   text NOT NULL DEFAULT '',        -- why the office cancelled it
    ADD COLUMN reinstates      uuid UNIQUE REFERENCES bookings, -- one that the office had cancelled
    ADD CONSTRAINT only_a_held_session_is_invoiced CHECK (
        claimed_cents IS NULL OR (state = 'held' AND claimed_cents BETWEEN 1 AND amount_cents)),
    ADD CONSTRAINT acknowledgement_has_author_and_time CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    ADD CONSTRAINT only_a_held_session_is_acknowledged CHECK (acknowledged_at IS NULL OR state <> 'booked'),
    ADD CONSTRAINT booking_has_its_people UNIQUE (id, professional_id, beneficiary_id);
CREATE INDEX bookings_without_invoice ON bookings (professional_id, day) WHERE state = 'held' AND claimed_cents IS NULL;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_booking_history() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd

-- A voucher that has ended comes back only as the next of its lives: because its
-- award was completed, or by a decision of two (see voucher_cases).
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_voucher_terms() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd

-- A session that its professional moved, and what it was before.
CREATE TABLE booking_moves (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id   uuid NOT NULL REFERENCES bookings,
    at           timestamptz NOT NULL,
    was_day      date NOT NULL,
    was_slot     tstzrange,
    was_cents    bigint NOT NULL,
    was_place    text NOT NULL,
    day          date NOT NULL,
    slot         tstzrange,
    amount_cents bigint NOT NULL,
    place        text NOT NULL,
    CONSTRAINT move_changes_something CHECK ((was_day, was_slot, was_cents, was_place) IS DISTINCT FROM (day, slot, amount_cents, place))
);
CREATE INDEX moves_of_a_session ON booking_moves (booking_id, id);
CREATE TRIGGER booking_moves_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON booking_moves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The sessions as the office looks through them.
CREATE INDEX bookings_by_day ON bookings (day, id);
CREATE INDEX bookings_not_confirmed ON bookings (day) INCLUDE (professional_id, voucher_id) WHERE state = 'booked';
CREATE INDEX bookings_confirmed_early ON bookings (day, id) WHERE held_at < upper(slot) AND state = 'held';

-- The data of an invoice that a professional wrote to a beneficiary: of one session or
-- of several.
CREATE TABLE invoices (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    professional_id uuid NOT NULL REFERENCES professionals,
    beneficiary_id  uuid NOT NULL REFERENCES persons,
    number          text NOT NULL,
    issued_on       date NOT NULL,
    amount_cents    bigint NOT NULL,           -- of the whole document
    state           text NOT NULL,
    findings        text NOT NULL DEFAULT '',  -- codes of what made the portal stop at it, separated by blanks
    reason          text NOT NULL DEFAULT '',  -- what is to be corrected, in an officer's words
    field           text NOT NULL DEFAULT '',  -- and where: number, day, amount
    correct_by      date,
    received_at     timestamptz NOT NULL,      -- its first data
    changed_at      timestamptz NOT NULL,      -- its last
    decided_by      uuid REFERENCES persons,   -- who in the office looked at it
    decided_at      timestamptz,
    version         bigint NOT NULL DEFAULT 0,
    CONSTRAINT invoice_has_its_people UNIQUE (id, professional_id, beneficiary_id),
    CONSTRAINT invoice_state_is_known CHECK (state IN ('in_review', 'accepted', 'to_correct', 'withdrawn')),
    CONSTRAINT invoice_has_a_number CHECK (number = btrim(number) AND length(number) BETWEEN 1 AND 40),
    CONSTRAINT invoice_is_worth_something CHECK (amount_cents > 0),
    CONSTRAINT invoice_to_correct_says_what CHECK ((state = 'to_correct') = (reason <> '') AND (state = 'to_correct') = (correct_by IS NOT NULL)),
    CONSTRAINT invoice_was_looked_at_by_somebody CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT nobody_looks_at_their_own_invoice CHECK (decided_by <> professional_id)
);
CREATE UNIQUE INDEX invoice_number_is_used_once_a_year
    ON invoices (professional_id, extract(year FROM issued_on), upper(regexp_replace(number, '\s', '', 'g'))) WHERE state <> 'withdrawn';
CREATE INDEX invoices_of_a_professional ON invoices (professional_id, received_at DESC);
CREATE INDEX invoices_by_state ON invoices (state, received_at, id);
CREATE TRIGGER invoices_are_kept BEFORE DELETE OR TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE invoice_sessions (
    invoice_id      uuid NOT NULL,
    booking_id      uuid NOT NULL,
    professional_id uuid NOT NULL,
    beneficiary_id  uuid NOT NULL,
    claimed_cents   bigint NOT NULL,
    live            boolean NOT NULL DEFAULT true, -- until the invoice is withdrawn, or the session falls out of it
    PRIMARY KEY (invoice_id, booking_id),
    CONSTRAINT session_is_claimed_by_its_own_professional FOREIGN KEY (invoice_id, professional_id, beneficiary_id)
        REFERENCES invoices (id, professional_id, beneficiary_id),
    CONSTRAINT invoice_is_for_sessions_of_its_people FOREIGN KEY (booking_id, professional_id, beneficiary_id)
        REFERENCES bookings (id, professional_id, beneficiary_id),
    CONSTRAINT claim_asks_for_something CHECK (claimed_cents > 0)
);
CREATE UNIQUE INDEX session_is_invoiced_once ON invoice_sessions (booking_id) WHERE live;
CREATE INDEX invoices_of_a_session ON invoice_sessions (booking_id);

-- What the data of an invoice said before each change.
CREATE TABLE invoice_changes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    invoice_id   uuid NOT NULL REFERENCES invoices,
    changed_by   uuid NOT NULL REFERENCES persons,
    changed_at   timestamptz NOT NULL,
    number       text NOT NULL,
    issued_on    date NOT NULL,
    amount_cents bigint NOT NULL
);
CREATE INDEX changes_of_an_invoice ON invoice_changes (invoice_id, id);
CREATE TRIGGER invoice_changes_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a holder says is wrong with a session (segnalazione). One that holds keeps the
-- money back until two officers have decided.
CREATE TABLE disputes (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    protocol      text NOT NULL,
    booking_id    uuid NOT NULL REFERENCES bookings,
    made_by       uuid NOT NULL REFERENCES persons,
    mandate_id    uuid REFERENCES mandates,
    made_at       timestamptz NOT NULL,
    kind          text NOT NULL,
    text          text NOT NULL DEFAULT '',
    holds         boolean NOT NULL,
    answer_by     date NOT NULL,
    state         text NOT NULL,
    proposal      text NOT NULL DEFAULT '',
    grounds       text NOT NULL DEFAULT '',     -- for the office
    answer        text NOT NULL DEFAULT '',     -- for the holder
    taken_by      uuid REFERENCES persons,    -- the officer who works on it
    proposed_by   uuid REFERENCES persons,
    proposed_at   timestamptz,
    right_cents   bigint,                     -- what the session costs, where its price is found to be wrong
    decided_by    uuid REFERENCES persons,
    decided_at    timestamptz,
    recover_cents bigint NOT NULL DEFAULT 0,  -- that had been paid, and is to come back
    version       bigint NOT NULL DEFAULT 0,
    CONSTRAINT dispute_has_one_protocol UNIQUE (protocol),
    CONSTRAINT dispute_kind_is_known CHECK (kind IN ('not_held', 'amount', 'charged', 'other')),
    CONSTRAINT dispute_state_is_known CHECK (state IN ('open', 'proposed', 'upheld', 'dismissed', 'withdrawn')),
    CONSTRAINT dispute_proposal_is_known CHECK (proposal IN ('', 'uphold', 'dismiss')),
    CONSTRAINT proposed_dispute_has_a_proposer CHECK (
        state IN ('open', 'withdrawn') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposal <> '' AND grounds <> '' AND answer <> '')),
    CONSTRAINT decided_dispute_has_a_second_person CHECK (
        state NOT IN ('upheld', 'dismissed') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_decides_a_dispute_they_proposed CHECK (state NOT IN ('upheld', 'dismissed') OR decided_by <> proposed_by),
    CONSTRAINT nobody_judges_their_own_dispute CHECK (taken_by <> made_by AND proposed_by <> made_by AND decided_by <> made_by),
    CONSTRAINT right_price_goes_with_its_proposal CHECK (
        (right_cents IS NOT NULL) = (kind = 'amount' AND proposal = 'uphold') AND right_cents > 0),
    CONSTRAINT only_an_upheld_dispute_recovers CHECK (recover_cents >= 0 AND (recover_cents = 0 OR state = 'upheld'))
);
CREATE UNIQUE INDEX session_is_disputed_once_at_a_time ON disputes (booking_id) WHERE state IN ('open', 'proposed');
CREATE INDEX disputes_of_a_session ON disputes (booking_id);
CREATE INDEX disputes_by_term ON disputes (answer_by) WHERE state IN ('open', 'proposed');
CREATE INDEX disputes_decided ON disputes (decided_at) WHERE state IN ('upheld', 'dismissed');
CREATE INDEX disputes_to_recover ON disputes (decided_at) WHERE recover_cents > 0;
-- +goose StatementBegin
CREATE FUNCTION keep_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER disputes_stay_as_made BEFORE UPDATE ON disputes
    FOR EACH ROW EXECUTE FUNCTION keep_dispute();
CREATE TRIGGER disputes_are_kept BEFORE DELETE OR TRUNCATE ON disputes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The end of things by the office, as lists: vouchers without a session in their first
-- days (lapse), sessions not confirmed or not invoiced in time (annulment). Frozen when
-- an officer confirms the list, carried out when a second one approves it.
CREATE TABLE closures (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number      integer NOT NULL,
    kind        text NOT NULL,
    edition_id  text NOT NULL REFERENCES editions,
    territory   text NOT NULL DEFAULT '',     -- '': every one
    as_of       date NOT NULL,                -- terms that were over before this day
    state       text NOT NULL,
    prepared_by uuid NOT NULL REFERENCES persons,
    prepared_at timestamptz NOT NULL,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    note        text NOT NULL DEFAULT '',
    done_at     timestamptz,
    version     bigint NOT NULL DEFAULT 0,
    CONSTRAINT closure_is_numbered_once UNIQUE (number),
    CONSTRAINT closure_kind_is_known CHECK (kind IN ('lapse', 'annulment')),
    CONSTRAINT closure_state_is_known CHECK (state IN ('proposed', 'approved', 'returned', 'done')),
    CONSTRAINT returned_closure_says_why CHECK (state <> 'returned' OR note <> ''),
    CONSTRAINT approved_closure_has_a_second_person CHECK (state = 'proposed' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_approves_a_closure_they_confirmed CHECK (decided_by <> prepared_by),
    CONSTRAINT done_closure_has_its_time CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_closure_of_a_kind_at_a_time ON closures (edition_id, kind) WHERE state IN ('proposed', 'approved');
CREATE TRIGGER closures_are_kept BEFORE DELETE OR TRUNCATE ON closures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE closure_rows (
    closure_id   uuid NOT NULL REFERENCES closures,
    subject_id   uuid NOT NULL,                 -- the voucher of a lapse, the booking of an annulment
    voucher_id   uuid NOT NULL REFERENCES vouchers,
    ground       text NOT NULL,
    term         date NOT NULL,                 -- that was over
    amount_cents bigint NOT NULL,               -- that goes back to the territory
    professional_id uuid REFERENCES professionals, -- of a booking
    spared_why   text NOT NULL DEFAULT '',      -- an officer took it off the list
    outcome      text NOT NULL DEFAULT '',      -- once it was carried out
    done_at      timestamptz,
    PRIMARY KEY (closure_id, subject_id),
    CONSTRAINT closure_ground_is_known CHECK (ground IN ('no_first_session', 'not_confirmed', 'not_invoiced', 'not_corrected')),
    CONSTRAINT closure_outcome_is_known CHECK (outcome IN ('', 'closed', 'saved', 'spared')),
    CONSTRAINT closed_row_has_its_time CHECK ((outcome <> '') = (done_at IS NOT NULL)),
    CONSTRAINT spared_row_is_not_closed CHECK (spared_why = '' OR outcome <> 'closed')
);

CREATE INDEX closure_rows_to_do ON closure_rows (closure_id, voucher_id) WHERE outcome = '';
CREATE INDEX closure_rows_of_a_professional ON closure_rows (professional_id, closure_id);
-- +goose StatementBegin
CREATE FUNCTION keep_closure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('proposed', 'approved'), ('proposed', 'returned'), ('approved', 'done'))
        OR (NEW.number, NEW.kind, NEW.edition_id, NEW.territory, NEW.as_of, NEW.prepared_by) IS DISTINCT FROM (OLD.number, OLD.kind, OLD.edition_id, OLD.territory, OLD.as_of, OLD.prepared_by)
        OR (OLD.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by) THEN
        RAISE EXCEPTION 'a closure goes forward, and keeps what it is of and who did what'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_goes_forward';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION keep_closure_row() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER closures_go_forward BEFORE UPDATE ON closures
    FOR EACH ROW EXECUTE FUNCTION keep_closure();
CREATE TRIGGER closures_are_frozen BEFORE INSERT OR UPDATE ON closure_rows
    FOR EACH ROW EXECUTE FUNCTION keep_closure_row();
CREATE TRIGGER closure_rows_are_kept BEFORE DELETE OR TRUNCATE ON closure_rows
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who was reminded of a term, so many days before it: once.
CREATE TABLE reminders (
    subject_id uuid NOT NULL, -- a voucher, a professional, a mandate
    kind       text NOT NULL,
    term       date NOT NULL,
    days       integer NOT NULL,
    sent_at    timestamptz NOT NULL,
    CONSTRAINT reminder_is_sent_once PRIMARY KEY (subject_id, kind, term, days),
    CONSTRAINT reminder_kind_is_known CHECK (kind IN ('first_session', 'expiry', 'to_confirm', 'to_invoice', 'majority'))
);

-- What two officers do to one voucher or one session: end a voucher (death, fraud), give
-- back one that lapsed or ended, or a session that the office annulled.
CREATE TABLE voucher_cases (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    voucher_id  uuid NOT NULL REFERENCES vouchers,
    booking_id  uuid REFERENCES bookings,       -- of a session given back
    kind        text NOT NULL,
    ground      text NOT NULL,
    text        text NOT NULL,
    since       date,                           -- of the event behind it: a death
    life        integer,                        -- vouchers.reopened, once it is given back
    state       text NOT NULL,
    proposed_by uuid NOT NULL REFERENCES persons,
    proposed_at timestamptz NOT NULL,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    note        text NOT NULL DEFAULT '',
    version     bigint NOT NULL DEFAULT 0,
    CONSTRAINT case_kind_is_known CHECK (kind IN ('end', 'reinstate', 'reinstate_session')),
    CONSTRAINT case_state_is_known CHECK (state IN ('proposed', 'approved', 'refused')),
    CONSTRAINT case_says_why CHECK (ground <> '' AND text <> ''),
    CONSTRAINT refused_case_says_why CHECK (state <> 'refused' OR note <> ''),
    CONSTRAINT case_names_its_session CHECK ((kind = 'reinstate_session') = (booking_id IS NOT NULL)),
    CONSTRAINT decided_case_has_a_second_person CHECK (state = 'proposed' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_decides_a_case_they_proposed CHECK (decided_by <> proposed_by)
);
-- +goose StatementBegin
CREATE FUNCTION keep_voucher_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed'
        OR (NEW.voucher_id, NEW.booking_id, NEW.kind, NEW.ground, NEW.text, NEW.since, NEW.proposed_by) IS DISTINCT FROM
            (OLD.voucher_id, OLD.booking_id, OLD.kind, OLD.ground, OLD.text, OLD.since, OLD.proposed_by) THEN
        RAISE EXCEPTION 'a case stays as it was proposed, and as it was decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decided_case_stays';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER voucher_cases_stay BEFORE UPDATE ON voucher_cases
    FOR EACH ROW EXECUTE FUNCTION keep_voucher_case();
CREATE UNIQUE INDEX one_case_of_a_voucher_at_a_time ON voucher_cases (voucher_id) WHERE state = 'proposed';
CREATE TRIGGER voucher_cases_are_kept BEFORE DELETE OR TRUNCATE ON voucher_cases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Private calendars: an address that only its owner knows, kept as its hash.
CREATE TABLE calendar_feeds (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id   uuid NOT NULL REFERENCES persons,
    role        text NOT NULL,
    token_hash  bytea NOT NULL,
    made_at     timestamptz NOT NULL,
    revoked_at  timestamptz,
    read_on     date,                -- last day on which a program asked for it
    CONSTRAINT feed_token_opens_one_calendar UNIQUE (token_hash),
    CONSTRAINT feed_role_is_known CHECK (role IN ('citizen', 'psychologist'))
);
CREATE UNIQUE INDEX one_calendar_of_a_person_and_role ON calendar_feeds (person_id, role) WHERE revoked_at IS NULL;
