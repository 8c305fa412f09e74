-- The whole schema, read back from the catalogue by make schema. For readers:
-- what makes it are the numbered steps beside this file.

CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;

CREATE OR REPLACE FUNCTION public.keep_booking_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.keep_voucher_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.plain(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN unaccent('unaccent'::regdictionary, lower($1));

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $function$;

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
    CONSTRAINT applications_pkey PRIMARY KEY (id),
    CONSTRAINT beneficiary_applies_once_an_edition UNIQUE (edition_id, beneficiary_id),
    CONSTRAINT protocol_is_given_once UNIQUE (protocol),
    CONSTRAINT applications_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES persons(id),
    CONSTRAINT applications_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT applications_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id),
    CONSTRAINT application_state_is_known CHECK (state = ANY (ARRAY['submitted'::text, 'in_review'::text, 'awaiting_isee'::text, 'not_processable'::text, 'awarded'::text, 'partially_awarded'::text, 'unfunded'::text, 'refused'::text, 'lapsed'::text, 'withdrawn'::text])),
    CONSTRAINT isee_is_not_negative CHECK (isee_cents >= 0),
    CONSTRAINT refused_application_says_why CHECK ((state = ANY (ARRAY['refused'::text, 'not_processable'::text])) = (reason <> ''::text))
);
CREATE INDEX applications_by_beneficiary ON applications USING btree (beneficiary_id);

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
    CONSTRAINT audit_pkey PRIMARY KEY (id),
    CONSTRAINT audit_about_id_fkey FOREIGN KEY (about_id) REFERENCES persons(id),
    CONSTRAINT audit_for_id_fkey FOREIGN KEY (for_id) REFERENCES persons(id),
    CONSTRAINT audit_mandate_id_fkey FOREIGN KEY (mandate_id) REFERENCES mandates(id),
    CONSTRAINT audit_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT audit_role_is_known CHECK (role = ANY (ARRAY['citizen'::text, 'psychologist'::text, 'member'::text, 'heir'::text, 'cnop'::text, 'inps'::text, 'welfare'::text, 'oversight'::text, 'system'::text])),
    CONSTRAINT only_the_calendar_acts_without_a_person CHECK ((role = 'system'::text) = (person_id IS NULL))
);
CREATE INDEX audit_about ON audit USING btree (about_id, id);
CREATE INDEX audit_of_a_subject ON audit USING btree (subject_id, id);
CREATE UNIQUE INDEX booking_changes_state_once ON audit USING btree (subject_id, action) WHERE action = ANY (ARRAY['booking.booked'::text, 'booking.held'::text, 'booking.cancelled'::text, 'voucher.expired'::text]);
CREATE TRIGGER audit_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
    CONSTRAINT bookings_pkey PRIMARY KEY (id),
    CONSTRAINT beneficiary_is_with_one_professional_at_a_time EXCLUDE USING gist (beneficiary_id WITH =, slot WITH &&) WHERE (state <> 'cancelled'::text),
    CONSTRAINT professional_is_with_one_person_at_a_time EXCLUDE USING gist (professional_id WITH =, slot WITH &&) WHERE (state <> 'cancelled'::text),
    CONSTRAINT booking_is_for_the_holder FOREIGN KEY (voucher_id, beneficiary_id) REFERENCES vouchers(id, beneficiary_id),
    CONSTRAINT bookings_cancelled_by_fkey FOREIGN KEY (cancelled_by) REFERENCES persons(id),
    CONSTRAINT bookings_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id),
    CONSTRAINT booked_booking_is_not_held_yet CHECK (state <> 'booked'::text OR held_at IS NULL),
    CONSTRAINT booking_costs_something CHECK (amount_cents > 0),
    CONSTRAINT booking_state_is_known CHECK (state = ANY (ARRAY['booked'::text, 'held'::text, 'cancelled'::text])),
    CONSTRAINT cancel_reason_is_known CHECK (cancel_reason = ANY (ARRAY['beneficiary'::text, 'professional'::text, 'office'::text])),
    CONSTRAINT cancelled_booking_has_author_and_time CHECK ((state = 'cancelled'::text) = (cancelled_at IS NOT NULL) AND (state = 'cancelled'::text) = (cancel_reason IS NOT NULL) AND (cancelled_by IS NOT NULL) = COALESCE(cancel_reason = ANY (ARRAY['beneficiary'::text, 'professional'::text]), false)),
    CONSTRAINT held_booking_has_its_time CHECK (state <> 'held'::text OR held_at IS NOT NULL),
    CONSTRAINT slot_falls_on_the_day CHECK (slot IS NULL OR (lower(slot) AT TIME ZONE 'Europe/Rome'::text)::date = day)
);
CREATE INDEX bookings_of_a_professional ON bookings USING btree (professional_id, state, day);
CREATE INDEX bookings_of_a_voucher ON bookings USING btree (voucher_id, day);
CREATE UNIQUE INDEX one_booking_a_day_with_one_professional ON bookings USING btree (voucher_id, professional_id, day) WHERE state <> 'cancelled'::text;
CREATE TRIGGER bookings_are_kept BEFORE DELETE OR TRUNCATE ON bookings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bookings_keep_history BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION keep_booking_history();

CREATE TABLE code_attempts (
    professional_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    failures integer NOT NULL,
    CONSTRAINT code_attempts_pkey PRIMARY KEY (professional_id),
    CONSTRAINT code_attempts_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES persons(id),
    CONSTRAINT failures_are_counted CHECK (failures >= 0)
);

CREATE TABLE editions (
    id text NOT NULL,
    application_year integer NOT NULL,
    fund_year integer NOT NULL,
    rules jsonb NOT NULL,
    CONSTRAINT editions_pkey PRIMARY KEY (id)
);

CREATE TABLE enrolments (
    professional_id uuid NOT NULL,
    during daterange NOT NULL,
    CONSTRAINT professional_is_enrolled_once_at_a_time EXCLUDE USING gist (professional_id WITH =, during WITH &&),
    CONSTRAINT enrolments_professional_id_fkey FOREIGN KEY (professional_id) REFERENCES professionals(person_id)
);

CREATE TABLE mandates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    holder_id uuid NOT NULL,
    represented_id uuid NOT NULL,
    from_day date NOT NULL,
    until_day date,
    revoked_on date,
    CONSTRAINT mandates_pkey PRIMARY KEY (id),
    CONSTRAINT mandates_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES persons(id),
    CONSTRAINT mandates_represented_id_fkey FOREIGN KEY (represented_id) REFERENCES persons(id),
    CONSTRAINT mandate_ends_after_it_starts CHECK (until_day IS NULL OR until_day >= from_day),
    CONSTRAINT mandate_is_for_somebody_else CHECK (holder_id <> represented_id),
    CONSTRAINT mandate_is_revoked_after_it_starts CHECK (revoked_on IS NULL OR revoked_on >= from_day),
    CONSTRAINT mandate_kind_is_known CHECK (kind = ANY (ARRAY['parent'::text, 'guardian'::text, 'administrator'::text, 'delegate'::text]))
);
CREATE INDEX mandates_by_holder ON mandates USING btree (holder_id);
CREATE INDEX mandates_by_represented ON mandates USING btree (represented_id);

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

CREATE TABLE participant_lists (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    delivered_on date NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    next_due_on date NOT NULL,
    CONSTRAINT participant_lists_pkey PRIMARY KEY (id)
);

CREATE TABLE persons (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    fiscal_code text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    born_on date,
    email text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT persons_pkey PRIMARY KEY (id),
    CONSTRAINT person_has_one_record UNIQUE (fiscal_code),
    CONSTRAINT fiscal_code_has_sixteen_characters CHECK (fiscal_code ~ '^[A-Z0-9]{16}$'::text),
    CONSTRAINT person_has_a_name CHECK (given_name <> ''::text AND family_name <> ''::text)
);

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
    CONSTRAINT booking_is_posted_once_an_event UNIQUE (booking_id, event),
    CONSTRAINT postings_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings(id),
    CONSTRAINT postings_voucher_id_fkey FOREIGN KEY (voucher_id) REFERENCES vouchers(id),
    CONSTRAINT posting_follows_its_event CHECK (event = 'grant'::text AND debit = 'fund'::text AND credit = 'free'::text OR event = 'book'::text AND debit = 'free'::text AND credit = 'booked'::text OR event = 'cancel'::text AND debit = 'booked'::text AND credit = 'free'::text OR event = 'hold'::text AND debit = 'booked'::text AND credit = 'used'::text OR event = 'retract'::text AND debit = 'used'::text AND credit = 'free'::text OR event = 'expire'::text AND debit = 'free'::text AND credit = 'fund'::text),
    CONSTRAINT posting_moves_something CHECK (amount_cents > 0),
    CONSTRAINT posting_of_a_session_names_it CHECK ((event = ANY (ARRAY['grant'::text, 'expire'::text])) OR booking_id IS NOT NULL)
);
CREATE INDEX postings_of_a_voucher ON postings USING btree (voucher_id, id);
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
    CONSTRAINT professionals_pkey PRIMARY KEY (person_id),
    CONSTRAINT professionals_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT postal_code_has_five_digits CHECK (postal_code ~ '^[0-9]{5}$'::text),
    CONSTRAINT province_has_two_letters CHECK (province ~ '^[A-Z]{2}$'::text)
);
CREATE INDEX professionals_by_city ON professionals USING gin (plain(city) gin_trgm_ops);
CREATE INDEX professionals_by_name ON professionals USING gin (plain(searched_name) gin_trgm_ops);
CREATE INDEX professionals_by_province ON professionals USING btree (province);
CREATE INDEX professionals_by_region ON professionals USING btree (region);

CREATE TABLE publications (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    edition_id text NOT NULL,
    round integer NOT NULL,
    territory text NOT NULL,
    accepted_on date NOT NULL,
    last_funded_rank integer NOT NULL,
    last_funded_isee bigint NOT NULL,
    CONSTRAINT publications_pkey PRIMARY KEY (id),
    CONSTRAINT territory_is_published_once_a_round UNIQUE (edition_id, round, territory),
    CONSTRAINT publications_edition_id_fkey FOREIGN KEY (edition_id) REFERENCES editions(id)
);

CREATE TABLE role_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    during daterange NOT NULL,
    CONSTRAINT role_grants_pkey PRIMARY KEY (id),
    CONSTRAINT role_is_granted_once_at_a_time EXCLUDE USING gist (person_id WITH =, role WITH =, during WITH &&),
    CONSTRAINT role_grants_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT granted_role_is_known CHECK (role = ANY (ARRAY['member'::text, 'heir'::text, 'cnop'::text, 'inps'::text, 'welfare'::text, 'oversight'::text]))
);

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
    CONSTRAINT vouchers_pkey PRIMARY KEY (id),
    CONSTRAINT application_has_one_voucher UNIQUE (application_id),
    CONSTRAINT code_opens_one_voucher UNIQUE (code_index),
    CONSTRAINT voucher_has_one_holder UNIQUE (id, beneficiary_id),
    CONSTRAINT vouchers_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT vouchers_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT expired_voucher_has_nothing_free CHECK (state = 'active'::text OR (booked_cents + used_cents + returned_cents) = awarded_cents),
    CONSTRAINT voucher_ends_after_it_starts CHECK (last_day >= accepted_on AND confirm_by >= last_day AND first_session_by >= accepted_on),
    CONSTRAINT voucher_is_worth_something CHECK (awarded_cents > 0),
    CONSTRAINT voucher_never_overdrawn CHECK (booked_cents >= 0 AND used_cents >= 0 AND returned_cents >= 0 AND (booked_cents + used_cents + returned_cents) <= awarded_cents),
    CONSTRAINT voucher_state_is_known CHECK (state = ANY (ARRAY['active'::text, 'expired'::text]))
);
CREATE INDEX vouchers_by_beneficiary ON vouchers USING btree (beneficiary_id);
CREATE INDEX vouchers_due ON vouchers USING btree (last_day) WHERE state = 'active'::text;
CREATE TRIGGER vouchers_keep_terms BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION keep_voucher_terms();
