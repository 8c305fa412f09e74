-- +goose Up

-- The indemnity for illness or injury (ENPAP): monthly calls and their rules, what
-- members and heirs send, with which papers, and what the office asks of them.

-- A call (bando) is a series of versions of its rules, as an edition is: see 0005.
CREATE TABLE calls (
    id      text PRIMARY KEY,
    version integer, -- the released one in force; NULL while the call was never released
    CONSTRAINT call_is_named_by_its_month CHECK (id ~ '^[0-9]{4}-(0[1-9]|1[0-2])$')
);

CREATE TABLE call_versions (
    call_id     text NOT NULL REFERENCES calls,
    number      integer NOT NULL,
    key         uuid NOT NULL DEFAULT gen_random_uuid(), -- its name in the register
    rules       jsonb NOT NULL,
    state       text NOT NULL,
    shipped     boolean NOT NULL DEFAULT false, -- came with the program: the call as published
    revision    bigint NOT NULL DEFAULT 0,
    from_call   text,
    from_number integer,
    authors     uuid[] NOT NULL DEFAULT '{}',
    drafted_by  uuid REFERENCES persons,
    drafted_at  timestamptz NOT NULL,
    proposed_by uuid REFERENCES persons,
    proposed_at timestamptz,
    decided_by  uuid REFERENCES persons,
    decided_at  timestamptz,
    note        text NOT NULL DEFAULT '', -- why it was sent back
    PRIMARY KEY (call_id, number),
    FOREIGN KEY (from_call, from_number) REFERENCES call_versions (call_id, number) MATCH FULL,
    CONSTRAINT call_version_has_one_key UNIQUE (key),
    CONSTRAINT call_version_state_is_known CHECK (state IN ('draft', 'proposed', 'released', 'dropped')),
    CONSTRAINT call_version_numbers_start_at_one CHECK (number > 0),
    CONSTRAINT drafted_call_has_an_author CHECK (shipped OR drafted_by IS NOT NULL),
    CONSTRAINT proposed_call_has_a_proposer CHECK (
        shipped OR state NOT IN ('proposed', 'released') OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL)),
    CONSTRAINT released_call_has_a_second_person CHECK (
        shipped OR state <> 'released' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT nobody_releases_the_call_they_drafted CHECK (
        state <> 'released' OR decided_by IS NULL
        OR (decided_by <> drafted_by AND decided_by <> proposed_by AND decided_by <> ALL (authors)))
);
CREATE UNIQUE INDEX call_has_one_open_version ON call_versions (call_id) WHERE state IN ('draft', 'proposed');
ALTER TABLE calls ADD CONSTRAINT call_version_in_force_exists FOREIGN KEY (id, version)
    REFERENCES call_versions (call_id, number) DEFERRABLE INITIALLY DEFERRED;

-- +goose StatementBegin
CREATE FUNCTION keep_call_version() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE FUNCTION put_call_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'released' THEN
        UPDATE calls SET version = NEW.number WHERE id = NEW.call_id AND coalesce(version, 0) < NEW.number;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER call_versions_are_kept_once_released BEFORE UPDATE ON call_versions
    FOR EACH ROW EXECUTE FUNCTION keep_call_version();
CREATE TRIGGER released_call_comes_into_force AFTER INSERT OR UPDATE ON call_versions
    FOR EACH ROW EXECUTE FUNCTION put_call_in_force();
CREATE TRIGGER call_versions_are_kept BEFORE DELETE OR TRUNCATE ON call_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An application that is being written, from the first day of illness on if its
-- writer likes. Sent, it holds no answers any more: the application has its id.
CREATE TABLE indemnity_drafts (
    id          uuid PRIMARY KEY,
    member_id   uuid NOT NULL REFERENCES persons,
    answers     jsonb NOT NULL DEFAULT '{}',
    version     bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL,
    saved_at    timestamptz NOT NULL,
    sent_at     timestamptz,
    reminded_on date, -- when its writer was last told of the term
    CONSTRAINT sent_indemnity_draft_is_empty CHECK (sent_at IS NULL OR answers = '{}')
);
CREATE INDEX indemnity_drafts_of_a_member ON indemnity_drafts (member_id);

CREATE SEQUENCE indemnity_protocols;

-- What was sent, as it was sent, with what the registers said then; and what has
-- become of it. member_id is whose event it is: of heirs, the deceased.
CREATE TABLE indemnity_applications (
    id             uuid PRIMARY KEY,
    protocol       text NOT NULL,
    call_id        text NOT NULL,
    call_version   integer NOT NULL,
    member_id      uuid NOT NULL REFERENCES persons,
    applicant_kind text NOT NULL,
    channel        text NOT NULL,
    sender_id      uuid REFERENCES persons,  -- who sent it in the portal
    received_by    uuid REFERENCES persons,  -- the officer who registered what came by PEC
    submitted_at   timestamptz NOT NULL,
    term_ended_on  date NOT NULL,            -- last day of the term, as it stood then
    event          daterange NOT NULL,       -- declared, both days in it
    answers        jsonb NOT NULL,
    declarations   jsonb NOT NULL,
    registers      jsonb NOT NULL,           -- what the member register and the contribution position said
    digest         bytea NOT NULL,           -- SHA-256 of what was sent, papers' digests included
    check_code     text NOT NULL,            -- on the receipt, to tell a true one
    died_on        date,
    state          text NOT NULL DEFAULT 'submitted',
    withdrawn_at   timestamptz,
    officer_id     uuid REFERENCES persons,
    version        bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (call_id, call_version) REFERENCES call_versions (call_id, number),
    CONSTRAINT indemnity_protocol_is_used_once UNIQUE (protocol),
    CONSTRAINT indemnity_applicant_kind_is_known CHECK (applicant_kind IN ('member', 'heirs')),
    CONSTRAINT indemnity_channel_is_known CHECK (channel IN ('portal', 'pec', 'other')),
    CONSTRAINT indemnity_state_is_known CHECK (state IN ('submitted', 'in_review', 'inadmissible', 'not_eligible', 'forfeited',
        'suitable', 'funded', 'unfunded', 'revoked', 'withdrawn')),
    CONSTRAINT somebody_sent_or_registered_it CHECK ((channel = 'portal') = (sender_id IS NOT NULL) AND (channel = 'portal') = (received_by IS NULL)),
    CONSTRAINT withdrawn_application_has_a_time CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT heirs_apply_for_a_deceased CHECK (applicant_kind = 'member' OR died_on IS NOT NULL),
    CONSTRAINT event_has_a_first_and_a_last_day CHECK (NOT isempty(event) AND NOT lower_inf(event) AND NOT upper_inf(event)),
    CONSTRAINT indemnity_digest_is_sha256 CHECK (length(digest) = 32)
);
-- A first attempt that was refused or withdrawn does not stand in the way of a second.
CREATE UNIQUE INDEX event_is_applied_for_once ON indemnity_applications (member_id, event)
    WHERE state NOT IN ('withdrawn', 'inadmissible', 'not_eligible', 'forfeited');
CREATE INDEX indemnity_applications_of_a_member ON indemnity_applications (member_id, submitted_at);
CREATE INDEX indemnity_applications_at_work ON indemnity_applications (call_id, state, submitted_at, id);
CREATE INDEX indemnity_applications_of_an_officer ON indemnity_applications (officer_id) WHERE officer_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_application() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE TRIGGER indemnity_applications_stay_as_sent BEFORE UPDATE ON indemnity_applications
    FOR EACH ROW EXECUTE FUNCTION keep_indemnity_application();
CREATE TRIGGER indemnity_applications_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_applications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the office asks for: papers (integrazione) or contributions (regolarizzazione).
-- The term runs from the day on which it reached the member.
CREATE TABLE indemnity_requests (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    kind           text NOT NULL,
    text           text NOT NULL,
    items          jsonb NOT NULL DEFAULT '[]',  -- each thing asked for: what is wrong, what to send
    asked_by       uuid NOT NULL REFERENCES persons,
    asked_at       timestamptz NOT NULL,
    reached_on     date,
    reached_by     text NOT NULL DEFAULT '',
    days           integer NOT NULL,             -- of the term, as the call had it
    due_on         date,
    read_at        timestamptz,
    answer         jsonb NOT NULL DEFAULT '{}',  -- what was written so far, then as it was sent
    answer_version bigint NOT NULL DEFAULT 0,
    answered_at    timestamptz,
    answered_by    uuid REFERENCES persons,
    answer_protocol text,
    reminded_on    date,
    state          text NOT NULL DEFAULT 'open',
    CONSTRAINT request_kind_is_known CHECK (kind IN ('supplement', 'regularisation')),
    CONSTRAINT request_says_something CHECK (text <> ''),
    CONSTRAINT request_state_is_known CHECK (state IN ('open', 'answered', 'accepted', 'insufficient', 'lapsed', 'cancelled')),
    CONSTRAINT request_reaches_with_a_way CHECK (reached_by IN ('', 'portal', 'pec', 'hand') AND (reached_on IS NULL) = (reached_by = '')),
    CONSTRAINT reached_request_has_a_term CHECK ((reached_on IS NULL) = (due_on IS NULL)),
    CONSTRAINT only_a_term_that_ran_lapses CHECK (state <> 'lapsed' OR due_on IS NOT NULL),
    CONSTRAINT term_ends_after_the_request CHECK (days > 0 AND (due_on IS NULL OR due_on >= reached_on + days)),
    CONSTRAINT answer_has_author_time_and_protocol CHECK (
        num_nulls(answered_by, answered_at, answer_protocol) IN (0, 3) AND (state <> 'answered' OR answered_at IS NOT NULL)),
    CONSTRAINT answer_protocol_is_used_once UNIQUE (answer_protocol)
);
CREATE INDEX requests_of_an_application ON indemnity_requests (application_id, asked_at);
CREATE INDEX requests_that_run ON indemnity_requests (due_on) WHERE state = 'open';
-- +goose StatementBegin
CREATE FUNCTION keep_indemnity_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.application_id, NEW.kind, NEW.text, NEW.items, NEW.asked_by, NEW.asked_at, NEW.days)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.kind, OLD.text, OLD.items, OLD.asked_by, OLD.asked_at, OLD.days)
        OR (OLD.reached_on IS NOT NULL AND (NEW.reached_on, NEW.reached_by, NEW.due_on) IS DISTINCT FROM (OLD.reached_on, OLD.reached_by, OLD.due_on)) THEN
        RAISE EXCEPTION 'a request stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_stays_as_sent';
    END IF;
    IF OLD.answered_at IS NOT NULL AND (NEW.answer, NEW.answered_at, NEW.answered_by, NEW.answer_protocol)
        IS DISTINCT FROM (OLD.answer, OLD.answered_at, OLD.answered_by, OLD.answer_protocol) THEN
        RAISE EXCEPTION 'an answer stays as it was sent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_stays_as_sent';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER requests_stay_as_sent BEFORE UPDATE ON indemnity_requests
    FOR EACH ROW EXECUTE FUNCTION keep_indemnity_request();
CREATE TRIGGER requests_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a paper of a draft or an application says: which it is, its day, the days it
-- covers. The file is an attachment of the same case, and may still be missing.
CREATE TABLE indemnity_papers (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL,             -- a draft's and its application's id are the same
    kind          text NOT NULL,
    issued_on     date,
    covers        daterange,
    expires_on    date,
    request_id    uuid REFERENCES indemnity_requests, -- it was sent in answer to
    replaces      uuid REFERENCES indemnity_papers,
    attachment_id uuid REFERENCES attachments,
    added_by      uuid NOT NULL REFERENCES persons,
    added_at      timestamptz NOT NULL,
    sent_at       timestamptz,               -- with the application or with an answer
    CONSTRAINT paper_kind_is_known CHECK (kind IN ('initial_prognosis', 'extension_prognosis', 'hospital_stay', 'cycle_final', 'asl_interdiction',
        'heirs_final', 'identity', 'identity_front', 'identity_back', 'isee', 'other_cover', 'death_certificate', 'heirship', 'pec_message', 'receipt_of_payment', 'other')),
    CONSTRAINT paper_covers_known_days CHECK (covers IS NULL OR NOT (isempty(covers) OR lower_inf(covers) OR upper_inf(covers))),
    CONSTRAINT attachment_is_one_paper UNIQUE (attachment_id),
    CONSTRAINT sent_paper_has_a_file CHECK (sent_at IS NULL OR attachment_id IS NOT NULL)
);
CREATE INDEX papers_of_a_case ON indemnity_papers (case_id, added_at);
CREATE INDEX papers_that_replace ON indemnity_papers (replaces) WHERE replaces IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION check_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM attachments WHERE id = NEW.attachment_id AND subject_id <> NEW.case_id)
        OR EXISTS (SELECT FROM indemnity_requests WHERE id = NEW.request_id AND application_id <> NEW.case_id)
        OR EXISTS (SELECT FROM indemnity_papers WHERE id = NEW.replaces AND case_id <> NEW.case_id)
        OR (TG_OP = 'UPDATE' AND NEW.case_id <> OLD.case_id) THEN
        RAISE EXCEPTION 'a paper, its file, what it answers and what it replaces are of one case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_of_one_case';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION keep_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sent_at IS NOT NULL THEN
        RAISE EXCEPTION 'a paper that was sent stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_paper_stays';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
-- +goose StatementEnd
CREATE TRIGGER papers_are_of_one_case BEFORE INSERT OR UPDATE ON indemnity_papers
    FOR EACH ROW EXECUTE FUNCTION check_paper();
CREATE TRIGGER sent_papers_stay BEFORE UPDATE OR DELETE ON indemnity_papers
    FOR EACH ROW EXECUTE FUNCTION keep_paper();
CREATE TRIGGER papers_are_kept BEFORE TRUNCATE ON indemnity_papers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Heirs of a case: a share each, and a code with which they find it.
CREATE TABLE heirs (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    person_id      uuid REFERENCES persons,  -- once they have logged in and linked themselves
    fiscal_code    text NOT NULL,
    given_name     text NOT NULL,
    family_name    text NOT NULL,
    kinship        text NOT NULL,
    share_part     integer NOT NULL,         -- of share_whole
    share_whole    integer NOT NULL,
    iban           text NOT NULL DEFAULT '',
    email          text NOT NULL DEFAULT '',
    code_hash      bytea,                    -- of the code that links; NULL once used
    tries          integer NOT NULL DEFAULT 0,
    linked_at      timestamptz,
    added_by       uuid NOT NULL REFERENCES persons,
    added_at       timestamptz NOT NULL,
    removed_at     timestamptz,
    CONSTRAINT heir_has_a_name CHECK (given_name <> '' AND family_name <> ''),
    CONSTRAINT heir_fiscal_code_has_sixteen_characters CHECK (fiscal_code ~ '^[A-Z0-9]{16}$'),
    CONSTRAINT share_is_a_part_of_the_whole CHECK (share_part > 0 AND share_whole > 0 AND share_part <= share_whole),
    CONSTRAINT heir_iban_looks_like_one CHECK (iban = '' OR iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    CONSTRAINT linked_heir_is_somebody CHECK ((linked_at IS NULL) = (person_id IS NULL)),
    CONSTRAINT code_links_once CHECK (linked_at IS NULL OR code_hash IS NULL),
    CONSTRAINT code_links_within_five_tries CHECK (tries BETWEEN 0 AND 5)
);
CREATE UNIQUE INDEX heir_stands_once_in_a_case ON heirs (application_id, fiscal_code) WHERE removed_at IS NULL;
CREATE INDEX heirs_by_person ON heirs (person_id) WHERE person_id IS NOT NULL;
-- +goose StatementBegin
CREATE FUNCTION check_shares() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER shares_make_at_most_the_whole AFTER INSERT OR UPDATE OF application_id, share_part, share_whole, removed_at ON heirs
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_shares();
CREATE TRIGGER heirs_are_kept BEFORE DELETE OR TRUNCATE ON heirs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What came by PEC: both receipts, to the second (the acceptance decides the term).
CREATE TABLE pec_messages (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    sender         text NOT NULL,
    accepted_at    timestamptz NOT NULL,
    delivered_at   timestamptz NOT NULL,
    recorded_by    uuid NOT NULL REFERENCES persons,
    recorded_at    timestamptz NOT NULL,
    CONSTRAINT pec_is_delivered_after_it_is_accepted CHECK (delivered_at >= accepted_at),
    CONSTRAINT pec_is_recorded_after_it_is_delivered CHECK (recorded_at >= delivered_at)
);
CREATE INDEX pec_messages_of_an_application ON pec_messages (application_id);
CREATE TRIGGER pec_messages_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON pec_messages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- That heirs step into the application of a member who has died (subentro): one officer
-- registers it, and another confirms it.
CREATE TABLE successions (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    died_on        date NOT NULL,
    heirs          jsonb NOT NULL,            -- as they were registered
    proposed_by    uuid NOT NULL REFERENCES persons,
    proposed_at    timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'proposed',
    decided_by     uuid REFERENCES persons,
    decided_at     timestamptz,
    why            text NOT NULL DEFAULT '',  -- it was sent back
    CONSTRAINT succession_state_is_known CHECK (state IN ('proposed', 'confirmed', 'sent_back')),
    CONSTRAINT decided_succession_has_a_second_person CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT nobody_confirms_their_own_succession CHECK (decided_by <> proposed_by),
    CONSTRAINT succession_sent_back_says_why CHECK ((state = 'sent_back') = (why <> ''))
);
CREATE INDEX successions_of_an_application ON successions (application_id);
CREATE UNIQUE INDEX case_has_one_open_succession ON successions (application_id) WHERE state = 'proposed';
-- +goose StatementBegin
CREATE FUNCTION keep_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'proposed' OR (NEW.id, NEW.application_id, NEW.died_on, NEW.heirs, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.died_on, OLD.heirs, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a succession stays as it was registered and decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'succession_stays_as_registered';
    END IF;
    RETURN NEW;
END $$;
-- Into a member's own application heirs step by two people, on the day of death that
-- these have confirmed.
CREATE FUNCTION check_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.applicant_kind = 'member' AND NEW.died_on IS NOT NULL AND NOT EXISTS (
        SELECT FROM successions WHERE application_id = NEW.id AND state = 'confirmed' AND died_on = NEW.died_on) THEN
        RAISE EXCEPTION 'two people confirm that a member has died'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'two_people_confirm_a_death';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION check_heir() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM indemnity_applications WHERE id = NEW.application_id AND died_on IS NULL) THEN
        RAISE EXCEPTION 'nobody inherits from the living'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'heirs_are_of_a_deceased';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER successions_stay_as_registered BEFORE UPDATE ON successions
    FOR EACH ROW EXECUTE FUNCTION keep_succession();
CREATE TRIGGER successions_are_kept BEFORE DELETE OR TRUNCATE ON successions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deaths_are_confirmed_by_two AFTER INSERT OR UPDATE OF died_on ON indemnity_applications
    FOR EACH ROW EXECUTE FUNCTION check_succession();
CREATE TRIGGER heirs_have_a_deceased BEFORE INSERT ON heirs
    FOR EACH ROW EXECUTE FUNCTION check_heir();

-- Members have a private calendar of their terms too.
ALTER TABLE calendar_feeds DROP CONSTRAINT feed_role_is_known,
    ADD CONSTRAINT feed_role_is_known CHECK (role IN ('citizen', 'psychologist', 'member'));
