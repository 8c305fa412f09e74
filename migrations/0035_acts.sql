-- +goose NO TRANSACTION
-- +goose Up

-- The entries of an act: see changes_of.
CREATE INDEX CONCURRENTLY audit_by_act ON audit (act, id) WHERE act IS NOT NULL;
