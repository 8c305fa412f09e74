package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/rating"
)

func TestRatingsAreCountsByMonthAndNothingElse(t *testing.T) {
	t.Parallel()
	pool, now := pgtest.Open(t), time.Date(2026, 11, 30, 23, 59, 0, 0, calendar.Rome)
	s := rating.NewRatings(postgres.NewRatings(pool), func() time.Time { return now })
	var people sync.WaitGroup
	for range 8 {
		people.Go(func() {
			if err := s.Rate(t.Context(), rating.IndemnitySent, 4); err != nil {
				t.Error(err)
			}
		})
	}
	people.Wait()
	now = now.Add(time.Minute)
	for _, err := range []error{s.Rate(t.Context(), rating.IndemnitySent, 4), s.Explain(t.Context(), rating.IndemnitySent, 4, rating.Papers), s.Explain(t.Context(), rating.IndemnitySent, 4, "")} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, wrong := range []struct {
		err, want error
	}{
		{s.Rate(t.Context(), rating.VoucherSent, 0), rating.ErrScore}, {s.Rate(t.Context(), rating.VoucherSent, 6), rating.ErrScore},
		{s.Rate(t.Context(), "/domande/1", 3), fault.ErrNotFound}, {s.Explain(t.Context(), rating.VoucherSent, 3, "mio"), fault.ErrNotFound},
	} {
		if !errors.Is(wrong.err, wrong.want) {
			t.Errorf("%v in the place of %v", wrong.err, wrong.want)
		}
	}
	got, err := s.Counts(t.Context(), on("2026-11-01"), on("2026-12-01"))
	want := []rating.Count{
		{Month: on("2026-11-01"), Page: rating.IndemnitySent, Score: 4, Count: 8},
		{Month: on("2026-12-01"), Page: rating.IndemnitySent, Score: 4, Count: 1}, {Month: on("2026-12-01"), Page: rating.IndemnitySent, Score: 4, Reason: rating.Papers, Count: 1},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	var columns []string
	if err := pool.QueryRow(t.Context(), `SELECT array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns WHERE table_name = 'ratings'`).Scan(&columns); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(columns, []string{"count", "month", "page", "reason", "score"}) {
		t.Errorf("ratings keep %v", columns)
	}
}
