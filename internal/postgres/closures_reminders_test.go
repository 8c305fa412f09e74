package postgres_test

import (
	"slices"
	"testing"

	"portal/internal/calendar"
	"portal/internal/notify"
	"portal/internal/postgres"
)

func TestEverybodyIsRemindedOfATermOnceForEachOfItsDays(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	by := calendar.On(c.now).Add(40)
	c.firstSession(by)
	c.mustBook(0, 5, 15, 50_00)
	last, invoice := c.file().Voucher.Terms.LastDay, c.file().Voucher.Terms.InvoiceBy
	for _, on := range []struct {
		day  calendar.Date
		want []string
	}{
		{by.Add(-40), []string{"voucher.first_session_reminded"}}, // whoever is late for 45 days is told at 40
		{by.Add(-36), nil},
		{by.Add(-31), []string{"sessions.confirm_reminded"}}, // the session was four days ago
		{by.Add(-30), []string{"voucher.first_confirm_reminded", "voucher.first_session_reminded"}},
		{by.Add(-29), nil},
		{by.Add(-24), []string{"sessions.confirm_reminded"}},
		{last.Add(-46), []string{"sessions.confirm_reminded"}},
		{last.Add(-45), []string{"voucher.expiry_reminded"}},
		{invoice.Add(-7), []string{"sessions.invoice_reminded"}},
	} {
		c.now = on.day.At(9, 0)
		before := c.reminded()
		for range 2 {
			if _, err := c.RemindDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.reminded()[len(before):]; !slices.Equal(got, on.want) {
			t.Errorf("on %s: %v, want %v", on.day, got, on.want)
		}
		for _, action := range on.want {
			if c.told(action) == 0 {
				t.Errorf("on %s nobody is told %s", on.day, action)
			}
		}
	}
}

// told is how many letters the last entry of an action leads to.
func (c *closing) told(action string) int {
	c.Helper()
	var entry int64
	if err := c.pool.QueryRow(c.Context(), `SELECT max(id) FROM audit WHERE action = $1`, action).Scan(&entry); err != nil {
		c.Fatal(err)
	}
	notices := postgres.NewNotices(c.pool)
	e, err := notices.Event(c.Context(), entry)
	if err != nil {
		c.Fatal(err)
	}
	letters := notify.Letters(e)
	if err := notices.Post(c.Context(), entry, letters, c.now); err != nil {
		c.Fatal(err)
	}
	return len(letters)
}

// reminded is what was written of reminders so far, each day's in order of their names.
func (c *closing) reminded() (all []string) {
	c.Helper()
	err := c.pool.QueryRow(c.Context(), `SELECT coalesce(array_agg(action ORDER BY at, action), '{}') FROM audit WHERE action LIKE '%reminded'`).Scan(&all)
	if err != nil {
		c.Fatal(err)
	}
	return all
}
