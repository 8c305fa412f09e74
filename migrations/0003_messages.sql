-- +goose Up

-- The inbox: every message the portal sent to a person, also those by e-mail.
CREATE TABLE messages (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    recipient_id uuid NOT NULL REFERENCES persons,
    entry_id     bigint NOT NULL REFERENCES audit,
    kind         text NOT NULL,
    subject      text NOT NULL,
    body         text NOT NULL,
    link         text NOT NULL DEFAULT '',
    sent_at      timestamptz NOT NULL,
    read_at      timestamptz,
    mailed_at    timestamptz,
    CONSTRAINT message_is_sent_once UNIQUE (entry_id, recipient_id, kind)
);
CREATE INDEX messages_of_a_person ON messages (recipient_id, sent_at DESC);
CREATE INDEX messages_unread ON messages (recipient_id) WHERE read_at IS NULL;
