-- +goose Up

-- What a publication of the indemnity tells everybody, as it was signed: figures without
-- small numbers, and a line for each place under its public code. The digests of both are
-- in the manifest of the ranking.
CREATE TABLE indemnity_public_lists (
    ranking_id uuid PRIMARY KEY REFERENCES indemnity_rankings,
    text       text NOT NULL,
    CONSTRAINT public_list_says_something CHECK (text <> '')
);
CREATE TRIGGER public_lists_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON indemnity_public_lists
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
