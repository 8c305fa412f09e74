-- +goose Up

-- What the portal as a whole runs by: how long a login lasts, how large a paper may be,
-- on which days the offices rest beside the holidays, whom to call, what the portal is
-- called. A version is proposed by one administrator, confirmed by another, and in force
-- from a day to come until the next one is; without any, what comes with the program is.
CREATE TABLE parameter_versions (
    id            uuid PRIMARY KEY,
    from_day      date NOT NULL,
    idle_minutes  integer NOT NULL,
    login_hours   integer NOT NULL,
    file_mb       integer NOT NULL,
    files         integer NOT NULL,
    together_mb   integer NOT NULL,
    name          text NOT NULL,
    tagline       text NOT NULL,
    inps          jsonb NOT NULL,             -- contacts
    enpap         jsonb NOT NULL,
    rest_days     jsonb NOT NULL,             -- [{"day": "2026-12-24", "name": "…"}]
    grounds       text NOT NULL,
    proposed_by   uuid NOT NULL REFERENCES persons,
    proposed_at   timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'proposed',
    decided_by    uuid REFERENCES persons,
    decided_at    timestamptz,
    why           text NOT NULL DEFAULT '',
    CONSTRAINT idle_time_is_safe CHECK (idle_minutes BETWEEN 5 AND 60),
    CONSTRAINT login_time_is_safe CHECK (login_hours BETWEEN 1 AND 12),
    CONSTRAINT file_limit_is_safe CHECK (file_mb BETWEEN 1 AND 10),
    CONSTRAINT number_of_files_is_safe CHECK (files BETWEEN 5 AND 50),
    CONSTRAINT files_together_are_safe CHECK (together_mb BETWEEN file_mb AND 100),
    CONSTRAINT portal_has_a_name CHECK (length(name) BETWEEN 3 AND 60 AND length(tagline) <= 80),
    CONSTRAINT both_bodies_can_be_called CHECK (
        coalesce(inps->>'phone', '') <> '' AND coalesce(enpap->>'phone', '') <> '' AND coalesce(inps->>'hours', '') <> '' AND coalesce(enpap->>'hours', '') <> ''),
    CONSTRAINT rest_days_are_a_list CHECK (jsonb_typeof(rest_days) = 'array' AND jsonb_array_length(rest_days) <= 40),
    CONSTRAINT parameters_say_why CHECK (grounds <> ''),
    CONSTRAINT parameters_state_is_known CHECK (state IN ('proposed', 'confirmed', 'refused', 'withdrawn')),
    CONSTRAINT parameters_begin_after_they_are_proposed CHECK (from_day > (proposed_at AT TIME ZONE 'Europe/Rome')::date),
    CONSTRAINT parameters_begin_after_they_are_confirmed CHECK (state <> 'confirmed' OR from_day > (decided_at AT TIME ZONE 'Europe/Rome')::date),
    CONSTRAINT decided_parameters_have_a_second_person CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT nobody_decides_on_parameters_they_proposed CHECK (state NOT IN ('confirmed', 'refused') OR decided_by <> proposed_by),
    CONSTRAINT only_their_proposer_withdraws_parameters CHECK (state <> 'withdrawn' OR decided_by = proposed_by),
    CONSTRAINT refused_parameters_say_why CHECK ((state = 'refused') = (why <> ''))
);
CREATE UNIQUE INDEX parameters_are_proposed_one_at_a_time ON parameter_versions ((true)) WHERE state = 'proposed';

-- What was in force stays as it was: a version begins after every other, and once it is
-- decided on nothing of it changes.
-- +goose StatementBegin
CREATE FUNCTION keep_parameters() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER parameters_stay_as_decided BEFORE INSERT OR UPDATE ON parameter_versions
    FOR EACH ROW EXECUTE FUNCTION keep_parameters();
CREATE TRIGGER parameters_are_kept BEFORE DELETE OR TRUNCATE ON parameter_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How long each class of data is kept (GDPR, art. 5(1)(e)). What is automatic a job
-- forgets by itself; what is decided goes by the word of two administrators; what is kept
-- the portal never deletes. The periods are those that the bodies propose, with whoever
-- protects their data.
CREATE TABLE retention_rules (
    class    text PRIMARY KEY,
    place    integer NOT NULL,
    way      text NOT NULL,
    kept_for interval,
    source   text NOT NULL,
    CONSTRAINT retention_way_is_known CHECK (way IN ('automatic', 'decided', 'kept')),
    CONSTRAINT decided_retention_has_a_period CHECK (way <> 'decided' OR kept_for >= interval '1 year'),
    CONSTRAINT retention_cites_its_source CHECK (source <> '')
);
INSERT INTO retention_rules (class, place, way, kept_for, source) VALUES
    ('case_papers_paid', 1, 'decided', '5 years', 'Reg. UE 2016/679, art. 5 c. 1 lett. e; proposta dei titolari'),
    ('case_papers_unpaid', 2, 'decided', '3 years', 'Reg. UE 2016/679, art. 5 c. 1 lett. e; proposta dei titolari'),
    ('case_papers_inadmissible', 3, 'decided', '2 years', 'Reg. UE 2016/679, art. 5 c. 1 lett. e; proposta dei titolari'),
    ('review_papers', 4, 'decided', '5 years', 'Reg. UE 2016/679, art. 5 c. 1 lett. e; proposta dei titolari'),
    ('messages', 5, 'decided', '10 years', 'c.c. art. 2946; proposta dei titolari'),
    ('drafts', 6, 'automatic', '180 days', 'Reg. UE 2016/679, art. 5 c. 1 lett. c ed e'),
    ('unsent_papers', 7, 'automatic', '180 days', 'Reg. UE 2016/679, art. 5 c. 1 lett. c ed e'),
    ('review_drafts', 8, 'automatic', '60 days', 'Reg. UE 2016/679, art. 5 c. 1 lett. c ed e'),
    ('forms', 9, 'automatic', '30 days', 'Reg. UE 2016/679, art. 5 c. 1 lett. c ed e'),
    ('logins', 10, 'automatic', NULL, 'Reg. UE 2016/679, art. 5 c. 1 lett. c ed e'),
    ('decisions', 11, 'kept', NULL, 'DPR 445/2000, artt. 53 e 67; c.c. art. 2946'),
    ('money', 12, 'kept', '10 years', 'c.c. art. 2220'),
    ('register', 13, 'kept', '24 months', 'Garante, provv. 4 giugno 2015 e 27 novembre 2008');
CREATE TRIGGER retention_rules_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What must be kept beyond its time: a case that is before a judge, or asked about.
CREATE TABLE legal_holds (
    id         uuid PRIMARY KEY,
    subject_id uuid NOT NULL,                  -- the application, of either programme
    person_id  uuid NOT NULL REFERENCES persons, -- whose it is
    protocol   text NOT NULL,
    reason     text NOT NULL,
    placed_by  uuid NOT NULL REFERENCES persons,
    placed_at  timestamptz NOT NULL,
    ended_by   uuid REFERENCES persons,
    ended_at   timestamptz,
    ended_why  text NOT NULL DEFAULT '',
    CONSTRAINT hold_says_why CHECK (reason <> ''),
    CONSTRAINT ended_hold_says_by_whom_and_why CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_why = '')),
    CONSTRAINT nobody_ends_a_hold_they_placed CHECK (ended_by <> placed_by)
);
CREATE UNIQUE INDEX case_is_held_once ON legal_holds (subject_id) WHERE ended_at IS NULL;

-- What is to be deleted: exactly these things, counted when they were proposed.
CREATE TABLE erasures (
    id          uuid PRIMARY KEY,
    class       text NOT NULL REFERENCES retention_rules,
    cut_on      date NOT NULL,                 -- what was due on this day
    things      integer NOT NULL,
    grounds     text NOT NULL,
    proposed_by uuid NOT NULL REFERENCES persons,
    proposed_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'proposed',
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    why         text NOT NULL DEFAULT '',
    ended_at    timestamptz,
    found       integer,                       -- due, of those left, when it stopped
    CONSTRAINT something_is_erased CHECK (things > 0),
    CONSTRAINT erasure_says_why CHECK (grounds <> ''),
    CONSTRAINT erasure_state_is_known CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn', 'done', 'stopped')),
    CONSTRAINT erasure_cuts_no_later_than_it_is_proposed CHECK (cut_on <= (proposed_at AT TIME ZONE 'Europe/Rome')::date),
    CONSTRAINT decided_erasure_has_a_second_person CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)),
    CONSTRAINT nobody_decides_on_an_erasure_they_proposed CHECK (state = 'withdrawn' OR decided_by <> proposed_by),
    CONSTRAINT only_its_proposer_withdraws_an_erasure CHECK (state <> 'withdrawn' OR decided_by = proposed_by),
    CONSTRAINT refused_erasure_says_why CHECK ((state = 'refused') = (why <> '')),
    CONSTRAINT ended_erasure_has_its_time CHECK ((state IN ('done', 'stopped')) = (ended_at IS NOT NULL)),
    CONSTRAINT stopped_erasure_says_what_it_found CHECK ((state = 'stopped') = (found IS NOT NULL))
);
CREATE UNIQUE INDEX class_is_erased_one_at_a_time ON erasures (class) WHERE state IN ('proposed', 'approved');

CREATE TABLE erasure_things (
    erasure_id uuid NOT NULL REFERENCES erasures,
    thing_id   uuid NOT NULL,
    erased_at  timestamptz,
    PRIMARY KEY (erasure_id, thing_id)
);
CREATE INDEX erased_things ON erasure_things (thing_id);

-- +goose StatementBegin
CREATE FUNCTION keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - ARRAY['ended_by', 'ended_at', 'ended_why'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['ended_by', 'ended_at', 'ended_why'] THEN
        RAISE EXCEPTION 'a hold is ended, not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_is_ended_not_changed';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION keep_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE FUNCTION keep_erasure_thing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR (NEW.erasure_id, NEW.thing_id) IS DISTINCT FROM (OLD.erasure_id, OLD.thing_id)
        OR NOT EXISTS (SELECT FROM erasures e WHERE e.id = NEW.erasure_id AND e.state = 'approved') THEN
        RAISE EXCEPTION 'only what two people approved is erased, once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_what_was_approved_is_erased';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION count_erasure_things() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM erasures e WHERE e.id IN (SELECT erasure_id FROM made) AND e.things <> (SELECT count(*) FROM erasure_things t WHERE t.erasure_id = e.id)) THEN
        RAISE EXCEPTION 'an erasure is of the things that were counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_of_what_was_counted';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION count_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.things <> (SELECT count(*) FROM erasure_things t WHERE t.erasure_id = NEW.id) THEN
        RAISE EXCEPTION 'an erasure is of the things that were counted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_is_of_what_was_counted';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holds_are_ended_not_changed BEFORE UPDATE ON legal_holds
    FOR EACH ROW EXECUTE FUNCTION keep_hold();
CREATE TRIGGER holds_are_kept BEFORE DELETE OR TRUNCATE ON legal_holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_stay_as_proposed BEFORE INSERT OR UPDATE ON erasures
    FOR EACH ROW EXECUTE FUNCTION keep_erasure();
CREATE TRIGGER erasures_are_kept BEFORE DELETE OR TRUNCATE ON erasures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasure_things_are_erased_once BEFORE UPDATE ON erasure_things
    FOR EACH ROW EXECUTE FUNCTION keep_erasure_thing();
CREATE TRIGGER erasure_things_are_kept BEFORE DELETE OR TRUNCATE ON erasure_things
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER erasure_is_of_what_was_counted AFTER INSERT ON erasures DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION count_erasure();
CREATE TRIGGER erasure_things_are_counted AFTER INSERT ON erasure_things
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION count_erasure_things();

-- A paper whose time is over loses its file: the chunks go, and with the first of them the
-- key that opens it. The row keeps the digest, and the day.
ALTER TABLE attachments ADD COLUMN erased_at timestamptz;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE OR REPLACE FUNCTION keep_attachment_chunks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (
        SELECT FROM attachments WHERE id = coalesce(NEW.attachment_id, OLD.attachment_id) AND (TG_OP <> 'DELETE' OR erased_at IS NULL)) THEN
        RAISE EXCEPTION 'a paper stays as it was handed in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_keeps_its_content';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
