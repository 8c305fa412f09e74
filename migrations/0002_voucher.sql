-- +goose Up

-- The contributo sessioni di psicoterapia: editions, applications, vouchers,
-- the bookings that spend them and the postings that say why.

CREATE TABLE editions (
    id               text PRIMARY KEY,
    application_year integer NOT NULL,
    fund_year        integer NOT NULL,
    rules            jsonb NOT NULL
);

-- One publication of a ranking in one territory: acceptance day of its vouchers
-- and where the money ended.
CREATE TABLE publications (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    edition_id       text NOT NULL REFERENCES editions,
    round            integer NOT NULL,
    territory        text NOT NULL,
    accepted_on      date NOT NULL,
    last_funded_rank integer NOT NULL,
    last_funded_isee bigint NOT NULL,
    CONSTRAINT territory_is_published_once_a_round UNIQUE (edition_id, round, territory)
);

CREATE TABLE applications (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    protocol       text NOT NULL,
    edition_id     text NOT NULL REFERENCES editions,
    beneficiary_id uuid NOT NULL REFERENCES persons,
    applicant_id   uuid NOT NULL REFERENCES persons,
    territory      text NOT NULL,
    province       text NOT NULL,
    isee_cents     bigint,
    submitted_at   timestamptz NOT NULL,
    state          text NOT NULL,
    reason         text NOT NULL DEFAULT '',
    decided_on     date,
    rank           integer,
    entitled_cents bigint NOT NULL DEFAULT 0,
    CONSTRAINT protocol_is_given_once UNIQUE (protocol),
    CONSTRAINT beneficiary_applies_once_an_edition UNIQUE (edition_id, beneficiary_id),
    CONSTRAINT application_state_is_known CHECK (state IN ('submitted', 'in_review', 'awaiting_isee',
        'not_processable', 'awarded', 'partially_awarded', 'unfunded', 'refused', 'lapsed', 'withdrawn')),
    CONSTRAINT isee_is_not_negative CHECK (isee_cents >= 0),
    CONSTRAINT refused_application_says_why CHECK ((state IN ('refused', 'not_processable')) = (reason <> ''))
);
CREATE INDEX applications_by_beneficiary ON applications (beneficiary_id);

CREATE TABLE vouchers (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id   uuid NOT NULL REFERENCES applications,
    beneficiary_id   uuid NOT NULL REFERENCES persons,
    territory        text NOT NULL,
    awarded_cents    bigint NOT NULL,
    booked_cents     bigint NOT NULL DEFAULT 0,
    used_cents       bigint NOT NULL DEFAULT 0,
    returned_cents   bigint NOT NULL DEFAULT 0,
    accepted_on      date NOT NULL,
    last_day         date NOT NULL,
    confirm_by       date NOT NULL,
    first_session_by date,
    state            text NOT NULL DEFAULT 'active',
    code_index       bytea NOT NULL,
    code_sealed      bytea NOT NULL,
    version          bigint NOT NULL DEFAULT 0,
    CONSTRAINT application_has_one_voucher UNIQUE (application_id),
    CONSTRAINT code_opens_one_voucher UNIQUE (code_index),
    CONSTRAINT voucher_has_one_holder UNIQUE (id, beneficiary_id),
    CONSTRAINT voucher_state_is_known CHECK (state IN ('active', 'expired')),
    CONSTRAINT voucher_is_worth_something CHECK (awarded_cents > 0),
    CONSTRAINT voucher_never_overdrawn CHECK (
        booked_cents >= 0 AND used_cents >= 0 AND returned_cents >= 0
        AND booked_cents + used_cents + returned_cents <= awarded_cents),
    CONSTRAINT expired_voucher_has_nothing_free CHECK (
        state = 'active' OR booked_cents + used_cents + returned_cents = awarded_cents),
    CONSTRAINT voucher_ends_after_it_starts CHECK (
        last_day >= accepted_on AND confirm_by >= last_day AND first_session_by >= accepted_on)
);
CREATE INDEX vouchers_by_beneficiary ON vouchers (beneficiary_id);
CREATE INDEX vouchers_due ON vouchers (last_day) WHERE state = 'active';

-- A voucher keeps what it is. Its terms may be put off, never brought forward.
-- +goose StatementBegin
CREATE FUNCTION keep_voucher_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'active' AND NEW.state = 'active' THEN
        RAISE EXCEPTION 'an expired voucher stays expired'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'expired_voucher_stays_expired';
    END IF;
    IF NEW.beneficiary_id <> OLD.beneficiary_id OR NEW.application_id <> OLD.application_id
        OR NEW.awarded_cents < OLD.awarded_cents THEN
        RAISE EXCEPTION 'a voucher keeps its holder and its amount'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_holder_and_amount';
    END IF;
    IF NEW.code_index <> OLD.code_index OR NEW.code_sealed <> OLD.code_sealed THEN
        RAISE EXCEPTION 'a voucher keeps its code'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_keeps_its_code';
    END IF;
    IF NEW.accepted_on <> OLD.accepted_on OR NEW.last_day < OLD.last_day OR NEW.confirm_by < OLD.confirm_by
        OR coalesce(NEW.first_session_by, 'infinity') < coalesce(OLD.first_session_by, 'infinity') THEN
        RAISE EXCEPTION 'the terms of a voucher only move later'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_terms_only_move_later';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER vouchers_keep_terms BEFORE UPDATE ON vouchers
    FOR EACH ROW EXECUTE FUNCTION keep_voucher_terms();

CREATE TABLE bookings (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    voucher_id      uuid NOT NULL,
    beneficiary_id  uuid NOT NULL,
    professional_id uuid NOT NULL REFERENCES professionals,
    day             date NOT NULL,
    slot            tstzrange,
    amount_cents    bigint NOT NULL,
    place           text NOT NULL,
    state           text NOT NULL,
    booked_at       timestamptz NOT NULL,
    held_at         timestamptz,
    cancelled_at    timestamptz,
    cancelled_by    uuid REFERENCES persons,
    cancel_reason   text,
    CONSTRAINT booking_is_for_the_holder FOREIGN KEY (voucher_id, beneficiary_id) REFERENCES vouchers (id, beneficiary_id),
    CONSTRAINT booking_state_is_known CHECK (state IN ('booked', 'held', 'cancelled')),
    CONSTRAINT booking_costs_something CHECK (amount_cents > 0),
    CONSTRAINT held_booking_has_its_time CHECK (state <> 'held' OR held_at IS NOT NULL),
    CONSTRAINT booked_booking_is_not_held_yet CHECK (state <> 'booked' OR held_at IS NULL),
    CONSTRAINT cancelled_booking_has_author_and_time CHECK (
        (state = 'cancelled') = (cancelled_at IS NOT NULL)
        AND (state = 'cancelled') = (cancel_reason IS NOT NULL)
        AND (cancelled_by IS NOT NULL) = coalesce(cancel_reason IN ('beneficiary', 'professional'), false)),
    CONSTRAINT cancel_reason_is_known CHECK (cancel_reason IN ('beneficiary', 'professional', 'office')),
    CONSTRAINT slot_falls_on_the_day CHECK (
        slot IS NULL OR (lower(slot) AT TIME ZONE 'Europe/Rome')::date = day),
    CONSTRAINT professional_is_with_one_person_at_a_time
        EXCLUDE USING gist (professional_id WITH =, slot WITH &&) WHERE (state <> 'cancelled'),
    CONSTRAINT beneficiary_is_with_one_professional_at_a_time
        EXCLUDE USING gist (beneficiary_id WITH =, slot WITH &&) WHERE (state <> 'cancelled')
);
CREATE UNIQUE INDEX one_booking_a_day_with_one_professional
    ON bookings (voucher_id, professional_id, day) WHERE state <> 'cancelled';
CREATE INDEX bookings_of_a_voucher ON bookings (voucher_id, day);
CREATE INDEX bookings_of_a_professional ON bookings (professional_id, state, day);

-- A booking keeps what it was. Until it is settled its session may be moved.
-- +goose StatementBegin
CREATE FUNCTION keep_booking_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'cancelled' OR (OLD.state = 'held' AND NEW.state = 'booked') THEN
        RAISE EXCEPTION 'a booking does not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_does_not_come_back';
    END IF;
    IF (NEW.voucher_id, NEW.beneficiary_id, NEW.professional_id, NEW.amount_cents, NEW.booked_at)
        IS DISTINCT FROM (OLD.voucher_id, OLD.beneficiary_id, OLD.professional_id, OLD.amount_cents, OLD.booked_at) THEN
        RAISE EXCEPTION 'a booking keeps its people and its price'
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
CREATE TRIGGER bookings_keep_history BEFORE UPDATE ON bookings
    FOR EACH ROW EXECUTE FUNCTION keep_booking_history();
CREATE TRIGGER bookings_are_kept BEFORE DELETE OR TRUNCATE ON bookings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The ledger: each event moves an amount from one account of the voucher to
-- another. fund is what is not (or no more) the holder's.
CREATE TABLE postings (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    voucher_id   uuid NOT NULL REFERENCES vouchers,
    booking_id   uuid REFERENCES bookings,
    event        text NOT NULL,
    debit        text NOT NULL,
    credit       text NOT NULL,
    amount_cents bigint NOT NULL,
    at           timestamptz NOT NULL,
    CONSTRAINT posting_moves_something CHECK (amount_cents > 0),
    CONSTRAINT posting_follows_its_event CHECK (
        (event, debit, credit) IN (
            ('grant',   'fund',   'free'),
            ('book',    'free',   'booked'),
            ('cancel',  'booked', 'free'),
            ('hold',    'booked', 'used'),
            ('retract', 'used',   'free'),
            ('expire',  'free',   'fund'))),
    CONSTRAINT posting_of_a_session_names_it CHECK (
        (event IN ('grant', 'expire')) OR booking_id IS NOT NULL),
    CONSTRAINT booking_is_posted_once_an_event UNIQUE (booking_id, event)
);
CREATE INDEX postings_of_a_voucher ON postings (voucher_id, id);
CREATE UNIQUE INDEX voucher_is_granted_once ON postings (voucher_id) WHERE event = 'grant';
CREATE TRIGGER postings_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE UNIQUE INDEX booking_changes_state_once ON audit (subject_id, action)
    WHERE action IN ('booking.booked', 'booking.held', 'booking.cancelled', 'voucher.expired');

-- Wrong codes typed by a professional in the current window. The attempt is
-- counted before the code is looked up, so that a storm cannot slip past.
CREATE TABLE code_attempts (
    professional_id uuid PRIMARY KEY REFERENCES persons,
    since           timestamptz NOT NULL,
    failures        integer NOT NULL,
    CONSTRAINT failures_are_counted CHECK (failures >= 0)
);
