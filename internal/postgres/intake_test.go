package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

func TestWhoHasAnISEEToCorrectIsRemindedTwice(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 100*money.Euro, 0)
	store := postgres.NewIntake(f.pool)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	f.exec(`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_status, isee_defects, submitted_at, state, cure_by, isee_reminded_on)
		VALUES ('INPS-2026-1', '2022-guida', $1, $1, 'Lazio', 'RM', 'defective', 'assets_missing', '2026-03-02', 'awaiting_isee', '2026-03-17', '2026-03-02')`, string(luca.ID))
	told := map[calendar.Date]int{}
	for d := calendar.NewDate(2026, 3, 2); d.Before(calendar.NewDate(2026, 3, 20)); d = d.Add(1) {
		var all sync.WaitGroup
		counts := make([]int, 3) // hour after hour, and several portals at once
		for i := range counts {
			all.Go(func() {
				n, err := store.Remind(t.Context(), d, voucher.ReminderDays, d.At(9, 0))
				if err != nil {
					t.Error(err)
				}
				counts[i] = n
			})
		}
		all.Wait()
		for _, n := range counts {
			told[d] += n
		}
		if told[d] == 0 {
			delete(told, d)
		}
	}
	if len(told) != 2 || told[calendar.NewDate(2026, 3, 10)] != 1 || told[calendar.NewDate(2026, 3, 15)] != 1 {
		t.Errorf("reminded on %v", told)
	}
	entry := int64(f.count(`SELECT max(id)::int FROM audit WHERE action = 'application.isee_reminded'`))
	e, err := postgres.NewNotices(f.pool).Event(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	letters := notify.Letters(e)
	if len(letters) != 1 || letters[0].To != luca.ID || letters[0].Subject != "INPS: hai una scadenza il 17 marzo 2026" {
		t.Errorf("%+v", letters)
	}
}

func TestACorrectionIsSavedOnWhatWasJudged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 100*money.Euro, 0)
	store := postgres.NewIntake(f.pool)
	luca := f.person("FRRLCU90H10F205", "Luca", "Ferrari")
	f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, submitted_at, state)
		VALUES ('66666666-6666-4666-8666-666666666666', 'INPS-2026-1', '2022-guida', $1, $1, 'Lazio', 'RM', '2026-03-02', 'submitted')`, string(luca.ID))
	who := identity.Own(luca.ID, identity.Citizen)
	r, err := store.Receipt(t.Context(), who, "66666666-6666-4666-8666-666666666666", calendar.On(noon))
	if err != nil {
		t.Fatal(err)
	}
	was := r.Application
	is := was
	is.State, is.DecidedOn = voucher.Withdrawn, calendar.On(noon)
	form, err := once.New(luca.ID, "application.renounce", once.NewKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := audit.Entry{At: noon, Actor: who, Action: voucher.ApplicationWithdrawn, Subject: string(was.ID), About: luca.ID}
	var errs [4]error
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			sent := form
			if i > 1 { // two of the same form, two of others
				sent, _ = once.New(luca.ID, "application.renounce", once.NewKey(), nil)
			}
			errs[i] = store.Correct(t.Context(), sent, was, is, e)
		})
	}
	all.Wait()
	moved := 0
	for _, err := range errs {
		if errors.Is(err, voucher.ErrApplicationMoved) {
			moved++
		} else if err != nil {
			t.Error(err)
		}
	}
	if n := f.count(`SELECT count(*) FROM audit WHERE action = 'application.withdrawn'`); n != 1 || moved < 2 {
		t.Errorf("withdrawn %d times, %d came too late: %v", n, moved, errs)
	}
	if drafts, err := store.Drafts(t.Context(), luca.ID); err != nil || len(drafts) != 0 {
		t.Errorf("%v, %v", drafts, err)
	}
	if all, err := store.Communications(t.Context(), luca.ID, was.ID); err != nil || slices.ContainsFunc(all, func(c voucher.Communication) bool { return c.Subject == "" }) {
		t.Errorf("%v, %v", all, err)
	}
}
