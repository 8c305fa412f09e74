-- +goose Up

-- What guards the versions of a call guards those of an edition too: a copy names the
-- version it comes from whole, nothing that people made becomes one that came with the
-- program, and who proposed a version is still said when it is released.
ALTER TABLE edition_versions
    DROP CONSTRAINT edition_versions_from_edition_from_number_fkey,
    ADD CONSTRAINT edition_versions_from_edition_from_number_fkey
        FOREIGN KEY (from_edition, from_number) REFERENCES edition_versions (edition_id, number) MATCH FULL;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('released', 'dropped') THEN
        RAISE EXCEPTION 'a released version never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'released_version_never_changes';
    END IF;
    IF OLD.state = 'proposed' AND (NEW.rules IS DISTINCT FROM OLD.rules
        OR (NEW.state IN ('proposed', 'released') AND NEW.proposed_by IS DISTINCT FROM OLD.proposed_by)) THEN
        RAISE EXCEPTION 'what is proposed is what is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposed_version_does_not_change';
    END IF;
    IF NEW.edition_id <> OLD.edition_id OR NEW.number <> OLD.number OR NEW.key <> OLD.key OR NEW.shipped <> OLD.shipped
        OR (NEW.from_edition, NEW.from_number) IS DISTINCT FROM (OLD.from_edition, OLD.from_number)
        OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NOT OLD.authors <@ NEW.authors THEN
        RAISE EXCEPTION 'a version keeps its name and its authors'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_keeps_name_and_author';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
