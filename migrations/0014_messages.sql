-- +goose Up

-- What who applied for the indemnity and the office write to each other about a case: a
-- thread for each topic, open until the office closes it. Papers never come this way.
CREATE TABLE indemnity_threads (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES indemnity_applications,
    topic          text NOT NULL,           -- a word of the program, which may learn others
    opened_by      uuid NOT NULL REFERENCES persons,
    opened_at      timestamptz NOT NULL,
    closed_by      uuid REFERENCES persons, -- an officer
    closed_at      timestamptz,
    CONSTRAINT thread_has_a_topic CHECK (topic ~ '^[a-z_]{1,40}$'),
    CONSTRAINT closed_thread_says_who_and_when CHECK (num_nulls(closed_by, closed_at) IN (0, 2))
);
CREATE INDEX threads_of_an_application ON indemnity_threads (application_id, opened_at);
CREATE UNIQUE INDEX topic_of_a_case_is_open_once ON indemnity_threads (application_id, topic) WHERE closed_at IS NULL;

CREATE TABLE indemnity_messages (
    id        uuid PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES indemnity_threads,
    by_office boolean NOT NULL,
    author_id uuid NOT NULL REFERENCES persons,
    text      text NOT NULL,
    at        timestamptz NOT NULL,
    number    bigint GENERATED ALWAYS AS IDENTITY, -- of two at the same instant, which came first
    CONSTRAINT case_message_says_something CHECK (text ~ '[^[:space:]]'),
    CONSTRAINT case_message_is_not_too_long CHECK (length(text) <= 4000)
);
CREATE INDEX messages_of_a_thread ON indemnity_messages (thread_id, at);

-- Who opened a message when, for the first time.
CREATE TABLE indemnity_message_reads (
    message_id uuid NOT NULL REFERENCES indemnity_messages,
    reader_id  uuid NOT NULL REFERENCES persons,
    by_office  boolean NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (message_id, reader_id)
);

-- +goose StatementBegin
CREATE FUNCTION keep_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL OR (NEW.id, NEW.application_id, NEW.topic, NEW.opened_by, NEW.opened_at)
        IS DISTINCT FROM (OLD.id, OLD.application_id, OLD.topic, OLD.opened_by, OLD.opened_at) THEN
        RAISE EXCEPTION 'a thread stays as it was opened, and closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'thread_stays_as_opened';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION check_case_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who closes the thread meanwhile waits, or is waited for.
    PERFORM FROM indemnity_threads WHERE id = NEW.thread_id AND closed_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is written in a closed thread'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_thread_takes_no_message';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER threads_stay_as_opened BEFORE UPDATE ON indemnity_threads
    FOR EACH ROW EXECUTE FUNCTION keep_thread();
CREATE TRIGGER threads_are_kept BEFORE DELETE OR TRUNCATE ON indemnity_threads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_messages_are_written_in_open_threads BEFORE INSERT ON indemnity_messages
    FOR EACH ROW EXECUTE FUNCTION check_case_message();
CREATE TRIGGER case_messages_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_messages
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_message_reads_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_message_reads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How people rate pages: counts by month, and nobody behind a count. The reason '' counts
-- every rating; the others, of those, who said what counted most for them.
CREATE TABLE ratings (
    month  date NOT NULL,
    page   text NOT NULL,
    score  integer NOT NULL,
    reason text NOT NULL DEFAULT '',
    count  bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (month, page, score, reason),
    CONSTRAINT ratings_are_counted_by_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT rated_page_has_a_name CHECK (page ~ '^[a-z_]{1,40}$'),
    CONSTRAINT rating_is_one_to_five CHECK (score BETWEEN 1 AND 5),
    CONSTRAINT rating_reason_is_a_word CHECK (reason ~ '^[a-z_]{0,40}$'),
    CONSTRAINT ratings_count_up CHECK (count > 0)
);
