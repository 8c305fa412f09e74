package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

func TestTheSchemaFileIsWhatTheStepsLeave(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../migrations/schema.sql")
	if err != nil {
		t.Fatalf("run make schema: %v", err)
	}
	made, err := postgres.Schema(t.Context(), pgtest.Open(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), made); diff != "" {
		t.Errorf("run make schema, if the steps are right (- file, + database):\n%s", diff)
	}
}

func TestTheSchemaShowsWhatGuardsTheData(t *testing.T) {
	t.Parallel()
	pool := pgtest.OpenEmpty(t)
	exec(t, pool, `CREATE EXTENSION pg_trgm`)
	exec(t, pool, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'no';
END $$`)
	exec(t, pool, `CREATE TABLE accounts (
		id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		owner  varchar(40) COLLATE "C" NOT NULL DEFAULT '',
		dead   text,
		state  text NOT NULL,
		amount bigint,
		twice  bigint GENERATED ALWAYS AS (amount * 2) STORED,
		CONSTRAINT state_is_known CHECK (state IN ('open', 'closed')),
		CONSTRAINT owner_has_one UNIQUE (owner)
	) WITH (fillfactor = 80)`)
	exec(t, pool, `ALTER TABLE accounts DROP COLUMN dead, ALTER COLUMN state SET STORAGE EXTERNAL`)
	exec(t, pool, `CREATE UNLOGGED TABLE "Odd name" (account bigint REFERENCES accounts)`)
	exec(t, pool, `CREATE UNIQUE INDEX one_open_a_name ON accounts (lower(owner)) WHERE state = 'open'`)
	exec(t, pool, `CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse()`)
	exec(t, pool, `COMMENT ON TABLE accounts IS 'who''s who'`)
	exec(t, pool, `COMMENT ON COLUMN accounts.amount IS 'cents'`)
	exec(t, pool, `COMMENT ON CONSTRAINT state_is_known ON accounts IS 'as in Go'`)
	exec(t, pool, `CREATE TABLE river_queue (id bigint)`)

	got, err := postgres.Schema(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	want := `
CREATE EXTENSION pg_trgm;

CREATE OR REPLACE FUNCTION public.refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE 'no';
END $function$;

CREATE UNLOGGED TABLE "Odd name" (
    account bigint,
    CONSTRAINT "Odd name_account_fkey" FOREIGN KEY (account) REFERENCES accounts(id)
);

CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    owner character varying(40) COLLATE "C" DEFAULT ''::character varying NOT NULL,
    state text STORAGE EXTERNAL NOT NULL,
    amount bigint,
    twice bigint GENERATED ALWAYS AS (amount * 2) STORED,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT owner_has_one UNIQUE (owner),
    CONSTRAINT state_is_known CHECK (state = ANY (ARRAY['open'::text, 'closed'::text]))
) WITH (fillfactor=80);
CREATE UNIQUE INDEX one_open_a_name ON accounts USING btree (lower(owner::text)) WHERE state = 'open'::text;
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse();

COMMENT ON TABLE public.accounts IS 'who''s who';

COMMENT ON COLUMN public.accounts.amount IS 'cents';

COMMENT ON CONSTRAINT state_is_known on public.accounts IS 'as in Go';
`
	_, text, _ := strings.Cut(got, "\n\n")
	if diff := cmp.Diff(want, "\n"+text); diff != "" {
		t.Errorf("(- want, + got):\n%s", diff)
	}
}

func TestTheSchemaPassesOverNothingInSilence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sql, want string }{
		{"CREATE VIEW balances AS SELECT 1 AS one", "view balances"},
		{"CREATE DOMAIN cents AS bigint", "type cents"},
		{"CREATE TYPE colour AS ENUM ('red')", "type colour"},
		{"CREATE SCHEMA other CREATE TABLE things ()", "table other.things"},
		{"CREATE TABLE things (); GRANT SELECT ON things TO PUBLIC", "table things"},
		{"CREATE TABLE things (); ALTER TABLE things ENABLE ROW LEVEL SECURITY", "table things"},
		{"CREATE TABLE things (year int) PARTITION BY LIST (year)", "table things"},
	} {
		t.Run(c.sql, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.OpenEmpty(t)
			exec(t, pool, c.sql)
			if _, err := postgres.Schema(t.Context(), pool); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
