package demo_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)

var keys = func() voucher.Keys {
	k, err := voucher.NewKeys(bytes.Repeat([]byte{7}, voucher.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// papers is how the tests keep what people hand in.
var papers = func() document.Keys {
	k, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		panic(err)
	}
	return k
}()

// signing is the key of its publications.
var signing = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// build makes a world in a database of its own, in which all is as it must be.
func build(t *testing.T, now time.Time) (*pgxpool.Pool, demo.World) {
	t.Helper()
	pool := pgtest.Open(t)
	if built, err := demo.Built(t.Context(), pool); built || err != nil {
		t.Fatalf("an empty database holds a world: %v, %v", built, err)
	}
	world, err := demo.Build(t.Context(), pool, keys, papers, signing, now)
	if err != nil {
		t.Fatal(err)
	}
	if built, err := demo.Built(t.Context(), pool); !built || err != nil {
		t.Errorf("there is no world yet: %v, %v", built, err)
	}
	breaches, err := postgres.Check(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Errorf("%s (%s) is broken by %s", b.Invariant, b.What, b.Thing)
	}
	return pool, world
}

// contents is all that people see of a world, line by line. Ids are never shown,
// and those of imported people and of vouchers are drawn anew.
func contents(t *testing.T, pool *pgxpool.Pool) (lines []string) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `
		SELECT array_agg(line ORDER BY line) FROM (
			SELECT concat_ws('|', fiscal_code, given_name, family_name, born_on, p.email, to_jsonb(q) - 'person_id', e.during) AS line
			FROM persons p LEFT JOIN professionals q ON q.person_id = p.id LEFT JOIN enrolments e ON e.professional_id = p.id
			UNION ALL SELECT concat_ws('|', protocol, edition_id, p.fiscal_code, q.fiscal_code, territory, isee_cents, isee_status, submitted_at, state, reason, decided_on, rank, entitled_cents)
			FROM applications a JOIN persons p ON p.id = a.beneficiary_id JOIN persons q ON q.id = a.applicant_id
			UNION ALL SELECT concat_ws('|', p.fiscal_code, awarded_cents, booked_cents, used_cents, returned_cents, state, last_day, encode(code_index, 'hex'))
			FROM vouchers v JOIN persons p ON p.id = v.beneficiary_id
			UNION ALL SELECT concat_ws('|', b.id, p.fiscal_code, q.fiscal_code, day, slot, amount_cents, state, booked_at, held_at, cancelled_at)
			FROM bookings b JOIN persons p ON p.id = b.beneficiary_id JOIN persons q ON q.id = b.professional_id
			UNION ALL SELECT concat_ws('|', at, p.fiscal_code, role, action, q.fiscal_code)
			FROM audit a LEFT JOIN persons p ON p.id = a.person_id LEFT JOIN persons q ON q.id = a.about_id
			UNION ALL SELECT concat_ws('|', p.fiscal_code, kind, subject, body) FROM messages m JOIN persons p ON p.id = m.recipient_id
			UNION ALL SELECT concat_ws('|', kind, holder_id, represented_id, from_day, until_day) FROM mandates
			UNION ALL SELECT concat_ws('|', list_day, applied_at, next_due_on) FROM deliveries
			UNION ALL SELECT concat_ws('|', p.fiscal_code, i.number, i.issued_on, i.amount_cents, i.state, i.findings, i.correct_by, i.received_at)
			FROM invoices i JOIN persons p ON p.id = i.professional_id
			UNION ALL SELECT concat_ws('|', d.booking_id, d.kind, d.state, d.made_at, d.answer_by) FROM disputes d
			UNION ALL SELECT concat_ws('|', p.fiscal_code, c.iban, c.holder, c.state, c.usable_from, c.reason) FROM payment_accounts c JOIN persons p ON p.id = c.person_id
			UNION ALL SELECT concat_ws('|', o.end_to_end, o.iban, o.amount_cents, o.state, o.reference, o.value_day, o.reason, l.booking_id, l.territory)
			FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
			UNION ALL SELECT concat_ws('|', c.number, c.kind, c.state, p.fiscal_code, r.amount_cents)
			FROM closures c JOIN closure_rows r ON r.closure_id = c.id JOIN vouchers v ON v.id = r.voucher_id JOIN persons p ON p.id = v.beneficiary_id
			UNION ALL SELECT concat_ws('|', r.*) FROM residuals r
			UNION ALL SELECT ((to_jsonb(t) - 'run_id') || (to_jsonb(r) - '{id,corrects,inputs_digest,result_digest}'::text[]))::text
			FROM ranking_territories t JOIN ranking_runs r ON r.id = t.run_id) world`).Scan(&lines)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTheSameDayAndKeysMakeTheSameWorld(t *testing.T) {
	t.Parallel()
	first, one := build(t, noon)
	second, other := build(t, noon.Add(3*time.Hour))
	if diff := cmp.Diff(one, other); diff != "" {
		t.Errorf("people, applications and codes differ:\n%s", diff)
	}
	if diff := cmp.Diff(contents(t, first), contents(t, second)); diff != "" {
		t.Errorf("the worlds differ:\n%s", diff)
	}
}

func TestTheWorldCanBeMadeOnAnyDay(t *testing.T) {
	t.Parallel()
	at := func(year int, month time.Month, day, hour, minute int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, calendar.Rome)
	}
	for name, now := range map[string]time.Time{
		"29 February":                    at(2028, 2, 29, 12, 0),
		"a year after no 29 February":    at(2027, 3, 1, 12, 0),
		"1 January":                      at(2027, 1, 1, 0, 0),
		"the last minute of a year":      at(2026, 12, 31, 23, 59),
		"a Sunday":                       at(2026, 11, 22, 9, 0),
		"the day that has 23 hours":      at(2027, 3, 28, 3, 0),
		"the day that has 25 hours":      at(2026, 10, 25, 2, 30),
		"a week after the short day":     at(2027, 4, 4, 12, 0),
		"midnight in Rome, not in UTC":   at(2026, 7, 1, 0, 30),
		"when UTC has the day before":    time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC),
		"Christmas":                      at(2026, 12, 25, 12, 0),
		"fifty days after the clock":     at(2026, 5, 17, 12, 0),
		"before the oldest code expired": at(2023, 6, 1, 12, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, world := build(t, now)
			if len(world.Codes) != 4 {
				t.Errorf("%d codes", len(world.Codes))
			}
		})
	}
}

func TestEveryPersonaIsThereWithSomethingToSee(t *testing.T) {
	t.Parallel()
	pool, world := build(t, noon)
	people, store, today := postgres.NewPeople(pool), postgres.NewVouchers(pool), calendar.On(noon)
	hints := map[demo.Hint]bool{}
	for _, p := range append(demo.Personas[:len(demo.Personas):len(demo.Personas)], demo.Child) {
		if hints[p.Hint] {
			t.Errorf("%s is there twice", p.Hint)
		}
		hints[p.Hint] = true
		if _, err := identity.ParseFiscalCode(string(p.FiscalCode)); err != nil {
			t.Errorf("%s: %v", p.Hint, err)
		}
		if day, month, year := p.Birth.Day, "ABCDEHLMPRST"[p.Birth.Month-1], p.Birth.Year%100; string(p.FiscalCode[6:9]) != string([]byte{byte('0' + year/10), byte('0' + year%10), month}) ||
			(string(p.FiscalCode[9:11]) != two(day) && string(p.FiscalCode[9:11]) != two(day+40)) {
			t.Errorf("%s was born on %s, and the fiscal code says %s", p.Hint, p.Birth, p.FiscalCode[6:11])
		}
		kept, err := people.Person(t.Context(), world.People[p.Hint])
		if err != nil || kept.FiscalCode != p.FiscalCode || kept.Name() != p.Name() {
			t.Errorf("%s: %+v, %v", p.Hint, kept, err)
		}
		entered, err := people.Enter(t.Context(), kept, p.Birth, p.Email)
		if err != nil || entered.ID != world.People[p.Hint] {
			t.Errorf("%s becomes somebody else at the first login: %v", p.Hint, err)
		}
	}
	for hint, want := range map[demo.Hint]struct {
		state   voucher.ApplicationState
		code    bool
		booking map[voucher.AgendaState]bool
	}{
		demo.Citizen: {voucher.Awarded, true, map[voucher.AgendaState]bool{
			voucher.ToCome: true, voucher.ToConfirm: true, voucher.ToInvoice: true, voucher.Billed: true, voucher.CalledOff: true}},
		demo.PartialCitizen:  {voucher.PartiallyAwarded, true, map[voucher.AgendaState]bool{voucher.ToCome: true, voucher.ToConfirm: true, voucher.Billed: true}},
		demo.ExcludedCitizen: {voucher.Unfunded, false, nil},
		demo.LastDaysCitizen: {voucher.Awarded, true, map[voucher.AgendaState]bool{voucher.ToCome: true, voucher.ToConfirm: true, voucher.ToInvoice: true}},
		demo.Child.Hint:      {voucher.Awarded, true, map[voucher.AgendaState]bool{voucher.ToCome: true, voucher.ToConfirm: true}},
	} {
		file, err := store.File(t.Context(), world.People[hint], world.Applications[hint])
		if err != nil || file.Application.State != want.state {
			t.Errorf("%s: %s, %v", hint, file.Application.State, err)
			continue
		}
		if code, err := keys.Open(file.Sealed, file.Voucher.ID); want.code && (err != nil || code != world.Codes[hint] || file.Voucher.OpenOn(today) != nil) {
			t.Errorf("%s has no live code: %v, %v", hint, err, file.Voucher.OpenOn(today))
		}
		seen := map[voucher.AgendaState]bool{}
		for _, s := range file.Bookings {
			seen[s.Shelf(today)] = true
		}
		for shelf := range want.booking {
			if !seen[shelf] {
				t.Errorf("%s has no session %s", hint, shelf)
			}
		}
		if !want.code && (file.Application.Rank <= file.Application.LastRank || file.Application.LastRank == 0) {
			t.Errorf("%s is place %d, the last funded is %d", hint, file.Application.Rank, file.Application.LastRank)
		}
	}
	last, err := store.File(t.Context(), world.People[demo.LastDaysCitizen], world.Applications[demo.LastDaysCitizen])
	if left := today.Until(last.Voucher.Terms.LastDay); err != nil || left < 1 || left > 10 {
		t.Errorf("the code of %s has %d days left, %v", demo.LastDaysCitizen, left, err)
	}
	profiles, err := people.Profiles(t.Context(), world.People[demo.Parent], today)
	if err != nil || len(profiles.Mandates) != 1 || !profiles.Mandates[0].Holds(today) || profiles.Mandates[0].Represented.ID != world.People[demo.Child.Hint] {
		t.Errorf("the parent acts for nobody: %+v, %v", profiles, err)
	}
	for hint, enrolled := range map[demo.Hint]bool{demo.Psychologist: true, demo.NewPsychologist: true, demo.ExPsychologist: false} {
		p, err := store.Participation(t.Context(), world.People[hint], today)
		if err != nil || !p.Listed || p.Enrolled != enrolled || p.LeftOn.IsZero() != enrolled {
			t.Errorf("%s: %+v, %v", hint, p, err)
		}
	}
	for hint, want := range map[demo.Hint]map[voucher.AgendaState]bool{
		demo.Psychologist:    {voucher.ToCome: true, voucher.ToConfirm: true, voucher.ToInvoice: true, voucher.CalledOff: true},
		demo.NewPsychologist: {},
		demo.ExPsychologist:  {voucher.ToCome: true, voucher.ToConfirm: true},
	} {
		page, err := store.Agenda(t.Context(), world.People[hint], voucher.Agenda{Today: today})
		if err != nil || len(want) == 0 && page.Total != 0 {
			t.Errorf("%s: %d sessions, %v", hint, page.Total, err)
		}
		for shelf := range want {
			if page.Counts[shelf] == 0 {
				t.Errorf("%s has no session %s", hint, shelf)
			}
		}
	}
}

// stages are where the money of somebody's sessions stands, with one session of each.
func stages(t *testing.T, pool *pgxpool.Pool, of identity.PersonID) map[voucher.Stage]voucher.Trace {
	t.Helper()
	rows, _ := pool.Query(t.Context(), `SELECT id::text FROM bookings WHERE professional_id = $1`, string(of))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[voucher.BookingID])
	if err != nil {
		t.Fatal(err)
	}
	trail, all := voucher.NewTrail(postgres.NewTrail(pool), func() time.Time { return noon }), map[voucher.Stage]voucher.Trace{}
	for _, id := range ids {
		trace, at, err := trail.Session(t.Context(), identity.Own(of, identity.Psychologist), id)
		if err != nil {
			t.Fatal(err)
		}
		all[at.Stage] = trace
	}
	return all
}

func TestTheMoneyOfSessionsStandsInEveryStage(t *testing.T) {
	t.Parallel()
	pool, world := build(t, noon)
	clock, today := func() time.Time { return noon }, calendar.On(noon)
	her := stages(t, pool, world.People[demo.Psychologist])
	for _, stage := range voucher.Stages {
		// Her account is verified, what came back from the bank was paid since, and nobody suspects anything.
		if _, there := her[stage]; !there && stage != voucher.TrailAwaitingAccount && stage != voucher.TrailReturned && stage != voucher.TrailChecked {
			t.Errorf("%s has no session %s", demo.Psychologist, stage)
		}
	}
	if paid := her[voucher.TrailPaid].Payment; paid.Reference == "" || paid.ValueDay.IsZero() {
		t.Errorf("what was paid has no reference: %+v", paid)
	}
	trail := voucher.NewTrail(postgres.NewTrail(pool), clock)
	risk, err := trail.AtRisk(t.Context(), world.People[demo.Psychologist], noon)
	soon := func(s voucher.Trace) bool { left := today.Until(s.Terms().InvoiceBy); return left >= 0 && left <= 40 }
	if err != nil || !slices.ContainsFunc(risk, soon) {
		t.Errorf("of %d sessions none is at risk soon: %v", len(risk), err)
	}
	earned, err := trail.Earned(t.Context(), world.People[demo.Psychologist], noon)
	if err != nil || !slices.Contains(earned.Years, today.Year-1) || !slices.ContainsFunc(earned.Orders, func(o voucher.PaymentOrder) bool { return o.State == "returned" }) {
		t.Errorf("the year before has no statement, or nothing came back: %+v, %v", earned.Years, err)
	}
	if left := stages(t, pool, world.People[demo.ExPsychologist]); left[voucher.TrailAwaitingAccount].Invoice.Number == "" {
		t.Errorf("%s has no invoice that is not paid", demo.ExPsychologist)
	}
	if none := stages(t, pool, world.People[demo.NewPsychologist]); len(none) != 0 {
		t.Errorf("%s has sessions: %v", demo.NewPsychologist, none)
	}
	for what, sql := range map[string]string{
		"an account to verify that is late":       `SELECT count(*) FROM payment_accounts WHERE state = 'to_verify' AND expected_by < $1`,
		"one that is not":                         `SELECT count(*) FROM payment_accounts WHERE state = 'to_verify' AND expected_by >= $1`,
		"an invoice to look at":                   `SELECT count(*) FROM invoices WHERE state = 'in_review' AND issued_on <= $1`,
		"a report that nobody has looked at":      `SELECT count(*) FROM disputes WHERE state = 'open' AND answer_by >= $1`,
		"one with a proposal":                     `SELECT count(*) FROM disputes WHERE state = 'proposed' AND answer_by >= $1`,
		"a closure that waits for its approver":   `SELECT count(*) FROM closures WHERE state = 'proposed' AND as_of < $1`,
		"a payment run that is settled":           `SELECT count(*) FROM payment_runs WHERE state = 'settled' AND execute_on < $1`,
		"one that waits for its approver":         `SELECT count(*) FROM payment_runs WHERE state = 'proposed' AND month <= $1`,
		"an order that came back and was made up": `SELECT count(*) FROM payment_lines l JOIN payment_lines r ON r.id = l.repairs WHERE l.order_state = 'paid' AND r.order_state = 'returned' AND $1::date IS NOT NULL`,
		"one that came back to a closed account":  `SELECT count(*) FROM payment_orders o JOIN payment_accounts c ON c.id = o.account_id WHERE o.state = 'returned' AND c.state = 'rejected' AND $1::date IS NOT NULL`,
		"a warning that a code expires":           `SELECT count(*) FROM audit WHERE action = 'voucher.expiry_reminded' AND at < $1`,
		"a session of hers on an invoice": `SELECT count(*) FROM bookings b JOIN persons p ON p.id = b.beneficiary_id
			WHERE p.fiscal_code = '` + string(demo.Personas[0].FiscalCode) + `' AND b.claimed_cents > 0 AND b.day < $1`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), sql, today).Scan(&n); err != nil || n == 0 {
			t.Errorf("there is not %s: %v", what, err)
		}
	}
	officer := identity.Own(world.People[demo.INPSOfficer], identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	closures := voucher.NewClosures(postgres.NewClosures(pool), clock)
	for kind, edition := range map[voucher.ClosureKind]voucher.EditionID{voucher.LapseList: "prova-1", voucher.AnnulmentList: "prova-0"} {
		list, err := closures.Due(t.Context(), officer, kind, edition, "")
		grounds := map[voucher.ClosureGround]bool{}
		for _, r := range list.Rows {
			grounds[r.Ground] = true
		}
		if err != nil || kind == voucher.LapseList && !grounds[voucher.NoFirstSession] || kind == voucher.AnnulmentList && len(grounds) != 3 {
			t.Errorf("%s closes %v, %v", kind, grounds, err)
		}
	}
	editions, err := postgres.NewEditions(pool).Editions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left, err := postgres.NewResiduals(pool).Residuals(t.Context(), editions["prova-0"])
	holds := map[voucher.Hold]bool{}
	for _, r := range left {
		holds[r.Hold()] = true
	}
	if err != nil || !holds[voucher.NoHold] || !holds[voucher.NotTransferred] {
		t.Errorf("nothing is to be given again, or all was sent: %v, %v", holds, err)
	}
	series, err := postgres.NewResiduals(pool).Series(t.Context(), "prova-0", "Sicilia", 30)
	if err != nil || len(series) < 5 || series[0].Day != today.Add(-1) || series[0].Transferred == series[len(series)-1].Transferred {
		t.Errorf("the days that were counted are %+v, %v", series, err)
	}
}

// absent are the states that nothing of the demo can stand in, each for its reason.
var absent = map[string]string{
	"inps.payments.state.preparing": "a job does it in a moment",
	"inps.payments.state.prepared":  "there is one run at a time before its approval, and that one is proposed",
	"inps.payments.state.returned":  "what it held is in a later run",
	"inps.payments.state.dropped":   "nobody sees it any more",
	"inps.ranking.state.proposed":   "an edition has one correction at a time on its way, and that one is approved",
	"inps.ranking.state.returned":   "it is simulated anew",
	"inps.ranking.state.publishing": "a job does it in a moment",
	"inps.closures.state.approved":  "a job does it in a moment",
	"inps.closures.state.returned":  "it is listed anew",
}

func TestEveryStateOfTheContributionStandsSomewhere(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	for prefix, sql := range map[string]string{
		"citizen.standing.": `SELECT DISTINCT CASE WHEN v.id IS NULL OR a.state IN ('lapsed', 'withdrawn') THEN a.state
			WHEN v.used_cents = v.awarded_cents THEN 'exhausted' WHEN v.state <> 'active' OR v.last_day < $1 THEN 'expired' ELSE a.state END
			FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id`,
		"inps.sessions.invoice.state.": `SELECT DISTINCT state FROM invoices WHERE issued_on <= $1`,
		"accounts.state.":              `SELECT DISTINCT state FROM payment_accounts WHERE $1::date IS NOT NULL`,
		"inps.payments.state.":         `SELECT DISTINCT state FROM payment_runs WHERE month <= $1`,
		"inps.sessions.payment.state.": `SELECT DISTINCT state FROM payment_orders WHERE $1::date IS NOT NULL`,
		"inps.ranking.state.":          `SELECT DISTINCT state FROM ranking_runs WHERE $1::date IS NOT NULL`,
		"inps.closures.state.":         `SELECT DISTINCT state FROM closures WHERE as_of < $1`,
		"cnop.roll.state.":             `SELECT DISTINCT CASE WHEN during @> $1::date THEN 'active' WHEN left_why <> '' THEN 'suspended' ELSE 'left' END FROM enrolments`,
	} {
		rows, _ := pool.Query(t.Context(), sql, calendar.On(noon))
		seen, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", prefix, err)
		}
		for _, state := range dictionary(t, prefix) {
			switch there, why := slices.Contains(seen, state), absent[prefix+state]; {
			case !there && why == "":
				t.Errorf("nothing is %s%s", prefix, state)
			case there && why != "":
				t.Errorf("%s%s is there, though %s", prefix, state, why)
			}
		}
	}
}

func TestPeopleWereToldWhenThingsHappened(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	rows, _ := pool.Query(t.Context(), `SELECT (args->>'entry')::bigint FROM river_job WHERE kind = 'notify'`)
	entries, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	notices := demo.NewNotices(pool)
	for _, entry := range entries {
		e, err := notices.Event(t.Context(), entry)
		if err == nil {
			err = notices.Post(t.Context(), entry, notify.Letters(e), noon)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var told, days, other int
	if err := pool.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT m.sent_at::date), count(*) FILTER (WHERE m.sent_at <> a.at) FROM messages m JOIN audit a ON a.id = m.entry_id`).
		Scan(&told, &days, &other); err != nil || told == 0 || days < 20 || other > 0 {
		t.Errorf("%d messages on %d days, %d of them at another moment than their act, %v", told, days, other, err)
	}
}

func two(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

func TestTheListIsLongAndItsFiscalCodesCheck(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	var codes []string
	if err := pool.QueryRow(t.Context(), `SELECT array_agg(fiscal_code) FROM persons`).Scan(&codes); err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		if _, err := identity.ParseFiscalCode(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	found, err := postgres.NewVouchers(pool).Search(t.Context(), voucher.Search{}, calendar.On(noon))
	if err != nil || found.Total < 2_000 {
		t.Errorf("%d professionals are on the list, %v", found.Total, err)
	}
	for _, ask := range []voucher.Search{{Language: "de"}, {Language: "sl"}, {Language: "en"}, {Language: "fr"}, {Online: true}, {Region: "P.A. Bolzano"}, {City: "Roma"}} {
		if found, err := postgres.NewVouchers(pool).Search(t.Context(), ask, calendar.On(noon)); err != nil || found.Total == 0 {
			t.Errorf("%+v finds nobody: %v", ask, err)
		}
	}
}

func TestAWorldThatWasInterruptedIsKnownAsUnfinished(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for begun := false; !begun; {
			if err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM persons)`).Scan(&begun); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	if _, err := demo.Build(ctx, pool, keys, papers, signing, noon); !errors.Is(err, context.Canceled) {
		t.Fatalf("not interrupted: %v", err)
	}
	if built, err := demo.Built(t.Context(), pool); built || !errors.Is(err, demo.ErrUnfinished) {
		t.Errorf("%v, %v", built, err)
	}
}
