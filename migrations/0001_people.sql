-- +goose Up

-- Who the portal knows, what they may be, and for whom they may act.

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- plain is how names and places are searched: no accents, no capitals.
-- +goose StatementBegin
CREATE FUNCTION plain(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN public.unaccent('public.unaccent', lower($1));
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;
-- +goose StatementEnd

CREATE TABLE persons (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    fiscal_code text NOT NULL,
    given_name  text NOT NULL,
    family_name text NOT NULL,
    born_on     date,
    email       text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_has_one_record UNIQUE (fiscal_code),
    CONSTRAINT fiscal_code_has_sixteen_characters CHECK (fiscal_code ~ '^[A-Z0-9]{16}$'),
    CONSTRAINT person_has_a_name CHECK (given_name <> '' AND family_name <> '')
);

CREATE TABLE role_grants (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id  uuid NOT NULL REFERENCES persons,
    role       text NOT NULL,
    during     daterange NOT NULL,
    CONSTRAINT granted_role_is_known CHECK (role IN ('member', 'heir', 'cnop', 'inps', 'welfare', 'oversight')),
    CONSTRAINT role_is_granted_once_at_a_time EXCLUDE USING gist (person_id WITH =, role WITH =, during WITH &&)
);

CREATE TABLE mandates (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind           text NOT NULL,
    holder_id      uuid NOT NULL REFERENCES persons,
    represented_id uuid NOT NULL REFERENCES persons,
    from_day       date NOT NULL,
    until_day      date,
    revoked_on     date,
    CONSTRAINT mandate_kind_is_known CHECK (kind IN ('parent', 'guardian', 'administrator', 'delegate')),
    CONSTRAINT mandate_is_for_somebody_else CHECK (holder_id <> represented_id),
    CONSTRAINT mandate_ends_after_it_starts CHECK (until_day IS NULL OR until_day >= from_day),
    CONSTRAINT mandate_is_revoked_after_it_starts CHECK (revoked_on IS NULL OR revoked_on >= from_day)
);
CREATE INDEX mandates_by_holder ON mandates (holder_id);
CREATE INDEX mandates_by_represented ON mandates (represented_id);

-- What CNOP delivered: the day the list speaks of, and when it was applied.
CREATE TABLE participant_lists (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    delivered_on date NOT NULL,
    applied_at   timestamptz NOT NULL,
    next_due_on  date NOT NULL
);

CREATE TABLE professionals (
    person_id       uuid PRIMARY KEY REFERENCES persons,
    register_number text NOT NULL,
    register_region text NOT NULL,
    address         text NOT NULL,
    city            text NOT NULL,
    postal_code     text NOT NULL,
    province        text NOT NULL,
    region          text NOT NULL,
    phone           text NOT NULL,
    languages       text[] NOT NULL DEFAULT '{it}',
    online          boolean NOT NULL DEFAULT false,
    searched_name   text NOT NULL,
    CONSTRAINT postal_code_has_five_digits CHECK (postal_code ~ '^[0-9]{5}$'),
    CONSTRAINT province_has_two_letters CHECK (province ~ '^[A-Z]{2}$')
);
CREATE INDEX professionals_by_name ON professionals USING gin (plain(searched_name) gin_trgm_ops);
CREATE INDEX professionals_by_city ON professionals USING gin (plain(city) gin_trgm_ops);
CREATE INDEX professionals_by_province ON professionals (province);
CREATE INDEX professionals_by_region ON professionals (region);

-- An enrolment is a stretch of time in which a professional takes part. It is
-- ended, never deleted: sessions already booked outlive it.
CREATE TABLE enrolments (
    professional_id uuid NOT NULL REFERENCES professionals,
    during          daterange NOT NULL,
    CONSTRAINT professional_is_enrolled_once_at_a_time
        EXCLUDE USING gist (professional_id WITH =, during WITH &&)
);

-- Who did, or looked at, what. Written in the transaction it speaks of.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    person_id  uuid REFERENCES persons,
    role       text NOT NULL,
    for_id     uuid REFERENCES persons,
    mandate_id uuid REFERENCES mandates,
    action     text NOT NULL,
    subject_id uuid,
    about_id   uuid REFERENCES persons,
    request_id text NOT NULL DEFAULT '',
    CONSTRAINT audit_role_is_known CHECK (role IN
        ('citizen', 'psychologist', 'member', 'heir', 'cnop', 'inps', 'welfare', 'oversight', 'system')),
    CONSTRAINT only_the_calendar_acts_without_a_person CHECK ((role = 'system') = (person_id IS NULL))
);
CREATE INDEX audit_about ON audit (about_id, id);
CREATE INDEX audit_of_a_subject ON audit (subject_id, id);
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A form that changes something acts once: the key it was shown with, what it
-- said, and what came of it, in the transaction of the effect.
CREATE TABLE submissions (
    person_id uuid NOT NULL REFERENCES persons,
    action    text NOT NULL,
    key       uuid NOT NULL,
    digest    bytea NOT NULL,
    outcome   text NOT NULL,
    at        timestamptz NOT NULL,
    CONSTRAINT form_acts_once PRIMARY KEY (person_id, action, key)
);
CREATE INDEX submissions_by_age ON submissions (at);

-- Login sessions (scs). The token is stored hashed. One that has ended stays, so
-- that a request still under way cannot save it again, until it would have expired.
CREATE TABLE sessions (
    token  text PRIMARY KEY,
    data   bytea NOT NULL,
    expiry timestamptz NOT NULL,
    ended  boolean NOT NULL DEFAULT false
);
CREATE INDEX sessions_by_expiry ON sessions (expiry);
