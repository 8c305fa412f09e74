package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
	"portal/migrations"
)

// scan is a paper of so many bytes.
func scan(t *testing.T, size int) document.File {
	t.Helper()
	head := "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n" +
		"3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n"
	head += fmt.Sprintf("xref\n0 4\ntrailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(head))
	content := append([]byte(head), bytes.Repeat([]byte("\n"), max(size-len(head), 0))...)
	f, err := document.NewInspector(document.Usual, 1, nil).Inspect(t.Context(), "certificato.pdf", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// reviewDraft is a request for re-examination that maria writes.
func (f *fixture) reviewDraft() (*voucher.Reexaminations, *postgres.Reexaminations, identity.Actor, voucher.ApplicationID) {
	f.Helper()
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		f.Fatal(err)
	}
	store := postgres.NewReexaminations(f.pool, keys)
	service := voucher.NewReexaminations(store, func() time.Time { return noon })
	f.exec(`INSERT INTO reexamination_drafts (id, application_id, writer_id, motive, text, saved_at) VALUES (gen_random_uuid(), $1, $2, 'other', 'x', $3)`,
		string(f.application), string(f.maria.ID), noon)
	return service, store, f.holder(), f.application
}

func TestAPaperComesBackAsItWasHandedIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	service, _, maria, application := f.reviewDraft()
	draft, err := service.Draft(t.Context(), maria, application)
	if err != nil {
		t.Fatal(err)
	}
	// Around the ends of chunks, and of what is sealed together.
	for _, size := range []int{0, 64 << 10, 256<<10 - 300, 256 << 10, 256<<10 + 1, 3 << 20} {
		paper := scan(t, size)
		if err := service.Hand(t.Context(), maria, form(maria, "reexamination.hand"), application, paper); err != nil {
			t.Fatal(err)
		}
		all, err := service.Papers(t.Context(), string(draft.ID))
		if err != nil {
			t.Fatal(err)
		}
		known := all[len(all)-1]
		for _, p := range all {
			if p.Size == paper.Size {
				known = p
			}
		}
		before := f.count(`SELECT count(*) FROM audit WHERE action = 'document.opened' AND subject_id = $1`, known.ID)
		_, r, err := service.Read(t.Context(), maria, known.ID)
		if err != nil {
			t.Fatal(err)
		}
		if n := f.count(`SELECT count(*) FROM audit WHERE action = 'document.opened' AND subject_id = $1`, known.ID); n != before+1 {
			t.Error("its first byte comes before the note that it is opened")
		}
		want, _ := io.ReadAll(paper.Reader())
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d come back: %v", len(got), len(want), err)
		}
		if n := f.count(`SELECT count(*) - (a.sealed_bytes + 262143) / 262144 FROM attachments a JOIN attachment_chunks ON attachment_id = a.id WHERE a.id = $1 GROUP BY a.id`, known.ID); n != 0 {
			t.Errorf("%d bytes lie in %d chunks too many", paper.Size, n)
		}
	}
	if n := f.count(`SELECT count(*) FROM attachment_chunks WHERE position('%PDF' in encode(sealed, 'escape')) > 0`); n != 0 {
		t.Errorf("%d chunks can be read in the database", n)
	}
	if n := f.count(`SELECT count(*) FROM attachments WHERE pages = 1 AND name = 'certificato.pdf'`); n != 6 {
		t.Errorf("%d papers with their name and pages", n)
	}
	f.whole()
}

func TestAPaperThatIsNotWholeIsNotReadAsOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	service, store, maria, application := f.reviewDraft()
	for range 2 { // the same file, sent with another form, is kept once
		if err := service.Hand(t.Context(), maria, form(maria, "reexamination.hand"), application, scan(t, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	var id string
	if err := f.pool.QueryRow(t.Context(), `SELECT id::text FROM attachments`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	// Whoever owns the database can do this; nobody else.
	for _, damage := range []string{
		`DELETE FROM attachment_chunks WHERE number = 4`,
		`UPDATE attachment_chunks SET number = CASE number WHEN 1 THEN 102 WHEN 2 THEN 101 ELSE number END; UPDATE attachment_chunks SET number = number - 100 WHERE number > 100`,
	} {
		f.exec(`ALTER TABLE attachment_chunks DISABLE TRIGGER USER`)
		for _, sql := range strings.Split(damage, ";") {
			f.exec(sql)
		}
		f.exec(`ALTER TABLE attachment_chunks ENABLE TRIGGER USER`)
		_, r, err := service.Read(t.Context(), maria, id)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, document.ErrSealed) {
			t.Errorf("after %s: %v", damage, err)
		}
	}
	if _, err := store.OpenPaper(t.Context(), string(f.maria.ID), audit.Entry{At: noon, Actor: maria, Action: voucher.PaperOpened}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("what was never handed in: %v", err)
	}
}

func TestPapersOfEarlierReleasesAreCutIntoChunks(t *testing.T) {
	t.Parallel()
	pool := pgtest.OpenEmpty(t)
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	steps, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ('RSSMRA85C52H501X', 'Maria', 'Rossi')`)
	exec(t, pool, `INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, digest, sealed, at)
		SELECT gen_random_uuid(), id, id, n::text, 'application/pdf', n, sha256(''), convert_to(left(repeat('abcdefghij', 60000), n), 'UTF8'), now()
		FROM persons, unnest(ARRAY[1, 262144, 262145, 600000]) n`)
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	var whole int
	if err := pool.QueryRow(t.Context(), `
		SELECT count(*) FROM attachments a
		WHERE sealed_bytes = size_bytes AND convert_to(left(repeat('abcdefghij', 60000), size_bytes::int), 'UTF8')
			= (SELECT string_agg(sealed, '' ORDER BY number) FROM attachment_chunks WHERE attachment_id = a.id)
			AND (SELECT count(*) FROM attachment_chunks WHERE attachment_id = a.id) = (size_bytes + 262143) / 262144`).Scan(&whole); err != nil {
		t.Fatal(err)
	}
	if whole != 4 {
		t.Errorf("%d papers of 4 are whole", whole)
	}
}
