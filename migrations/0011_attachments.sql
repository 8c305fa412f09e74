-- +goose Up

-- Papers come and go in a stream: what is sealed lies in chunks, each small enough to
-- be held, and a row of its own tells what they make together.
CREATE TABLE attachment_chunks (
    attachment_id uuid NOT NULL,
    number        integer NOT NULL,           -- from 0
    sealed        bytea NOT NULL,
    PRIMARY KEY (attachment_id, number),
    CONSTRAINT chunk_is_small CHECK (length(sealed) BETWEEN 1 AND 262144)
);
ALTER TABLE attachment_chunks ALTER COLUMN sealed SET STORAGE EXTERNAL; -- ciphertext does not get smaller

ALTER TABLE attachments
    ADD COLUMN pages integer,                 -- of a PDF; not counted before 2026-11
    ADD COLUMN sealed_bytes bigint;
INSERT INTO attachment_chunks (attachment_id, number, sealed)
    SELECT id, n, substring(sealed FROM n * 262144 + 1 FOR 262144) FROM attachments, generate_series(0, (length(sealed) - 1) / 262144) n;
UPDATE attachments SET sealed_bytes = length(sealed);
ALTER TABLE attachments
    DROP COLUMN sealed,
    ALTER COLUMN sealed_bytes SET NOT NULL,
    ADD CONSTRAINT attachment_has_pages CHECK (pages > 0),
    ADD CONSTRAINT attachment_has_a_name CHECK (name <> '');

-- The chunks come first, and their paper closes them: from then on they stay as they
-- are, as long as it does.
ALTER TABLE attachment_chunks ADD CONSTRAINT attachment_chunks_attachment_id_fkey
    FOREIGN KEY (attachment_id) REFERENCES attachments ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
-- +goose StatementBegin
CREATE FUNCTION close_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT (sum(length(sealed)), max(number) + 1) IS DISTINCT FROM (NEW.sealed_bytes, count(*))
        FROM attachment_chunks WHERE attachment_id = NEW.id) THEN
        RAISE EXCEPTION 'a paper is kept whole'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_is_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION keep_attachment_chunks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM attachments WHERE id = coalesce(NEW.attachment_id, OLD.attachment_id)) THEN
        RAISE EXCEPTION 'a paper stays as it was handed in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_keeps_its_content';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.size_bytes, NEW.digest, NEW.sealed_bytes, NEW.media_type) IS DISTINCT FROM (OLD.id, OLD.size_bytes, OLD.digest, OLD.sealed_bytes, OLD.media_type) THEN
        RAISE EXCEPTION 'a paper stays as it was handed in'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_keeps_its_content';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER attachments_are_whole AFTER INSERT ON attachments
    FOR EACH ROW EXECUTE FUNCTION close_attachment();
CREATE TRIGGER attachments_stay_as_handed_in BEFORE UPDATE ON attachments
    FOR EACH ROW EXECUTE FUNCTION keep_attachment();
CREATE TRIGGER attachment_chunks_stay_as_sealed BEFORE INSERT OR UPDATE OR DELETE ON attachment_chunks
    FOR EACH ROW EXECUTE FUNCTION keep_attachment_chunks();
