package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// What nobody sent does not stay: a draft with its files, half a year after it was saved;
// a file in answer to what was not wanted any more, half a year after it came.
func TestFilesThatWereNeverSentAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	w.draft("2026-04-01", "2026-04-12")
	id := w.sent("2026-04-20", "2026-05-07")
	request, old := w.ask(id), w.certificate(id)
	paper, err := w.papers.Note(t.Context(), w.giulia, form(w.giulia, "note"),
		indemnity.Paper{Case: id, Kind: old.Kind, IssuedOn: old.IssuedOn, Covers: old.Covers, Request: string(request), Replaces: old.ID})
	if err == nil {
		_, err = w.papers.Attach(t.Context(), w.giulia, form(w.giulia, "attach"), paper, scan(t, 3000))
	}
	if err != nil {
		t.Fatal(err)
	}
	forget := func(days int) int {
		if err := postgres.NewNotices(w.pool).Forget(t.Context(), w.now.Add(time.Duration(days-30)*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if chunks, rows := w.count(`SELECT count(DISTINCT attachment_id) FROM attachment_chunks`), w.count(`SELECT count(*) FROM attachments`); chunks != rows {
			t.Errorf("%d files in chunks, and %d rows", chunks, rows)
		}
		return w.count(`SELECT count(*) FROM attachments`)
	}
	if n := forget(150); n != 7 {
		t.Errorf("%d files after 150 days", n)
	}
	if n := forget(210); n != 4 {
		t.Errorf("%d files when the draft is old, and the request still asks", n)
	}
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), id); err != nil {
		t.Fatal(err)
	}
	if n := forget(210); n != 3 || len(w.kase(id).Papers) != 3 {
		t.Errorf("%d files when nothing is asked for", n)
	}
}

// Each draft has room for sixty megabytes.
func TestAMemberBeginsTenDraftsAndNoMoreUntilOneIsGone(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	var all sync.WaitGroup
	errs := make([]error, 3*indemnity.MostDrafts)
	for i := range errs {
		all.Go(func() {
			_, errs[i] = w.drafts.Begin(t.Context(), w.giulia, form(w.giulia, "begin"), indemnity.Answers{Cause: indemnity.Illness, First: on("2026-05-04")})
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil && !errors.Is(err, indemnity.ErrTooManyDrafts) && !errors.Is(err, postgres.ErrUnavailable) {
			t.Errorf("draft %d: %v", i, err)
		}
	}
	mine, err := w.drafts.Mine(t.Context(), w.giulia)
	if err != nil || len(mine) != indemnity.MostDrafts {
		t.Fatalf("%d drafts: %v", len(mine), err)
	}
	if err := w.drafts.Discard(t.Context(), w.giulia, form(w.giulia, "drop"), mine[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.drafts.Begin(t.Context(), w.giulia, form(w.giulia, "begin"), indemnity.Answers{Cause: indemnity.Illness, First: on("2026-05-04")}); err != nil {
		t.Errorf("when one is gone: %v", err)
	}
}
