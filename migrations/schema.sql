-- The whole schema, read back from the catalogue by make schema. For readers:
-- what makes it are the numbered steps beside this file.

CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;

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

CREATE OR REPLACE FUNCTION public.keep_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (NEW.edition_id, NEW.edition_version, NEW.number, NEW.round, NEW.corrects, NEW.reason, NEW.simulated_by, NEW.taken_at,
        NEW.candidates, NEW.inputs_digest, NEW.rules_digest, NEW.result_digest)
        IS DISTINCT FROM (OLD.edition_id, OLD.edition_version, OLD.number, OLD.round, OLD.corrects, OLD.reason, OLD.simulated_by, OLD.taken_at,
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

CREATE OR REPLACE FUNCTION public.keep_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.state IN ('released', 'dropped') THEN
        RAISE EXCEPTION 'a released version never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'released_version_never_changes';
    END IF;
    IF OLD.state = 'proposed' AND NEW.rules IS DISTINCT FROM OLD.rules THEN
        RAISE EXCEPTION 'what is proposed is what is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_version_does_not_change';
    END IF;
    IF NEW.edition_id <> OLD.edition_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key
        OR (NEW.from_edition, NEW.from_number) IS DISTINCT FROM (OLD.from_edition, OLD.from_number)
        OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NOT OLD.authors <@ NEW.authors THEN
        RAISE EXCEPTION 'a version keeps its name and its authors'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_keeps_name_and_author';
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
    IF (NEW.code_index <> OLD.code_index OR NEW.code_sealed <> OLD.code_sealed)
        AND (NEW.code_number <> OLD.code_number + 1 OR OLD.state <> 'active') THEN
        RAISE EXCEPTION 'a voucher keeps its code until it gets the next'
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

CREATE TABLE attachments (
    id uuid NOT NULL,
    subject_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT attachments_pkey PRIMARY KEY (id),
    CONSTRAINT attachments_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES persons(id),
    CONSTRAINT attachment_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT attachment_has_bytes CHECK (size_bytes > 0),
    CONSTRAINT attachment_type_is_known CHECK (media_type = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text, 'image/png'::text]))
);
CREATE INDEX attachments_of_a_subject ON attachments USING btree (subject_id);

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
    CONSTRAINT edition_versions_from_edition_from_number_fkey FOREIGN KEY (from_edition, from_number) REFERENCES edition_versions(edition_id, number),
    CONSTRAINT edition_versions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES persons(id),
    CONSTRAINT drafted_version_has_an_author CHECK (shipped OR drafted_by IS NOT NULL),
    CONSTRAINT nobody_releases_what_they_drafted CHECK (state <> 'released'::text OR decided_by IS NULL OR decided_by <> drafted_by AND decided_by <> proposed_by AND (decided_by <> ALL (authors))),
    CONSTRAINT proposed_version_has_a_proposer CHECK (shipped OR (state <> ALL (ARRAY['proposed'::text, 'released'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT released_version_has_a_second_person CHECK (shipped OR state <> 'released'::text OR decided_by IS NOT NULL AND decided_at IS NOT NULL),
    CONSTRAINT version_numbers_start_at_one CHECK (number > 0),
    CONSTRAINT version_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'proposed'::text, 'released'::text, 'dropped'::text]))
);
CREATE UNIQUE INDEX edition_has_one_open_version ON edition_versions USING btree (edition_id) WHERE state = ANY (ARRAY['draft'::text, 'proposed'::text]);
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
CREATE TRIGGER transfers_only_grow BEFORE DELETE OR UPDATE OR TRUNCATE ON funding_transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
    CONSTRAINT posting_follows_its_event CHECK (event = 'grant'::text AND debit = 'fund'::text AND credit = 'free'::text OR event = 'book'::text AND debit = 'free'::text AND credit = 'booked'::text OR event = 'cancel'::text AND debit = 'booked'::text AND credit = 'free'::text OR event = 'hold'::text AND debit = 'booked'::text AND credit = 'used'::text OR event = 'retract'::text AND debit = 'used'::text AND credit = 'free'::text OR event = 'expire'::text AND debit = 'free'::text AND credit = 'fund'::text OR event = 'withdraw'::text AND debit = 'free'::text AND credit = 'fund'::text),
    CONSTRAINT posting_moves_something CHECK (amount_cents > 0),
    CONSTRAINT posting_of_a_session_names_it CHECK ((event = ANY (ARRAY['grant'::text, 'expire'::text, 'withdraw'::text])) OR booking_id IS NOT NULL)
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
    annotated_on date,
    email text DEFAULT ''::text NOT NULL,
    CONSTRAINT professionals_pkey PRIMARY KEY (person_id),
    CONSTRAINT professionals_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT postal_code_has_five_digits CHECK (postal_code ~ '^[0-9]{5}$'::text),
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
    CONSTRAINT application_is_ranked_once_a_run PRIMARY KEY (run_id, application_id),
    CONSTRAINT nobody_gets_more_than_their_due CHECK (awarded_cents >= 0 AND awarded_cents <= GREATEST(entitled_cents, kept_cents)),
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
    CONSTRAINT correction_says_why CHECK ((corrects IS NOT NULL) = (reason <> ''::text)),
    CONSTRAINT nobody_approves_what_they_proposed CHECK (decided_by IS NULL OR decided_by <> proposed_by AND decided_by <> simulated_by),
    CONSTRAINT nobody_publishes_what_they_proposed_or_approved CHECK (ordered_by IS NULL OR ordered_by <> proposed_by AND ordered_by <> decided_by AND ordered_by <> simulated_by),
    CONSTRAINT only_what_two_rankers_agree_on_is_proposed CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR checked_at IS NOT NULL AND disagreements = 0),
    CONSTRAINT proposed_run_has_a_proposer CHECK ((state = ANY (ARRAY['simulated'::text, 'dropped'::text])) OR proposed_by IS NOT NULL AND proposed_at IS NOT NULL),
    CONSTRAINT published_run_has_a_publisher CHECK ((state <> ALL (ARRAY['publishing'::text, 'published'::text, 'superseded'::text])) OR ordered_by IS NOT NULL AND ordered_at IS NOT NULL AND publish_at IS NOT NULL AND publication IS NOT NULL),
    CONSTRAINT published_run_has_its_time CHECK ((state = ANY (ARRAY['published'::text, 'superseded'::text])) = (published_at IS NOT NULL)),
    CONSTRAINT returned_run_says_why CHECK (state <> 'returned'::text OR note <> ''::text),
    CONSTRAINT rounds_start_at_one CHECK (round > 0),
    CONSTRAINT run_state_is_known CHECK (state = ANY (ARRAY['simulated'::text, 'proposed'::text, 'returned'::text, 'approved'::text, 'publishing'::text, 'published'::text, 'superseded'::text, 'dropped'::text]))
);
CREATE UNIQUE INDEX one_ranking_of_an_edition_at_a_time ON ranking_runs USING btree (edition_id) WHERE state = ANY (ARRAY['proposed'::text, 'approved'::text, 'publishing'::text]);
CREATE TRIGGER runs_are_kept BEFORE DELETE OR TRUNCATE ON ranking_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER runs_go_forward BEFORE UPDATE ON ranking_runs FOR EACH ROW EXECUTE FUNCTION keep_run();

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
    CONSTRAINT ranking_territories_pkey PRIMARY KEY (run_id, territory),
    CONSTRAINT ranking_territories_run_id_fkey FOREIGN KEY (run_id) REFERENCES ranking_runs(id),
    CONSTRAINT territory_counts_everybody CHECK ((awarded + partial + unfunded) = eligible AND (eligible + refused + not_processable) = candidates),
    CONSTRAINT territory_has_one_partial_award CHECK (partial <= (1 + kept)),
    CONSTRAINT territory_spends_its_budget CHECK ((awarded_cents + residual_cents) = budget_cents AND residual_cents >= 0)
);

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
CREATE TRIGGER refusals_are_decided_once BEFORE UPDATE ON refusals FOR EACH ROW EXECUTE FUNCTION keep_refusal();
CREATE TRIGGER refusals_are_kept BEFORE DELETE OR TRUNCATE ON refusals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE role_grants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    during daterange NOT NULL,
    duty text DEFAULT ''::text NOT NULL,
    CONSTRAINT role_grants_pkey PRIMARY KEY (id),
    CONSTRAINT role_is_granted_once_at_a_time EXCLUDE USING gist (person_id WITH =, role WITH =, duty WITH =, during WITH &&),
    CONSTRAINT role_grants_person_id_fkey FOREIGN KEY (person_id) REFERENCES persons(id),
    CONSTRAINT granted_duty_is_known CHECK (duty = ANY (ARRAY[''::text, 'prepare'::text, 'approve'::text, 'publish'::text, 'pay'::text])),
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
    code_number integer DEFAULT 1 NOT NULL,
    blocked_at timestamp with time zone,
    block_reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT vouchers_pkey PRIMARY KEY (id),
    CONSTRAINT application_has_one_voucher UNIQUE (application_id),
    CONSTRAINT code_opens_one_voucher UNIQUE (code_index),
    CONSTRAINT voucher_has_one_holder UNIQUE (id, beneficiary_id),
    CONSTRAINT vouchers_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT vouchers_beneficiary_id_fkey FOREIGN KEY (beneficiary_id) REFERENCES persons(id),
    CONSTRAINT blocked_voucher_says_why CHECK ((blocked_at IS NULL) = (block_reason = ''::text)),
    CONSTRAINT expired_voucher_has_nothing_free CHECK (state = 'active'::text OR (booked_cents + used_cents + returned_cents) = awarded_cents),
    CONSTRAINT voucher_ends_after_it_starts CHECK (last_day >= accepted_on AND confirm_by >= last_day AND first_session_by >= accepted_on),
    CONSTRAINT voucher_is_worth_something CHECK (awarded_cents > 0),
    CONSTRAINT voucher_never_overdrawn CHECK (booked_cents >= 0 AND used_cents >= 0 AND returned_cents >= 0 AND (booked_cents + used_cents + returned_cents) <= awarded_cents),
    CONSTRAINT voucher_state_is_known CHECK (state = ANY (ARRAY['active'::text, 'expired'::text, 'withdrawn'::text]))
);
CREATE INDEX vouchers_by_beneficiary ON vouchers USING btree (beneficiary_id);
CREATE INDEX vouchers_due ON vouchers USING btree (last_day) WHERE state = 'active'::text;
CREATE INDEX vouchers_of_a_territory ON vouchers USING btree (territory);
CREATE TRIGGER vouchers_keep_terms BEFORE UPDATE ON vouchers FOR EACH ROW EXECUTE FUNCTION keep_voucher_terms();
