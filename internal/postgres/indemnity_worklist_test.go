package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// officeList is the list of the office with some thousands of cases of every kind.
type officeList struct {
	*welfare
	*indemnity.Work
	colleague identity.Actor
}

func newOfficeList(t *testing.T, cases int) *officeList {
	t.Helper()
	w := newWelfare(t, "")
	o := &officeList{w, indemnity.NewWork(postgres.NewIndemnityWork(w.pool), func() time.Time { return w.now }),
		identity.Own(w.person("LNEFNC70A01H501", "Franco", "Leone").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})}
	w.now = on("2026-06-20").At(9, 0)
	for _, who := range []identity.Actor{o.officer, o.colleague} {
		w.exec(`INSERT INTO role_grants (person_id, role, duty, during) VALUES ($1, 'welfare', 'prepare', '[2020-01-01,)') ON CONFLICT DO NOTHING`, string(who.Person))
	}
	w.exec(`INSERT INTO persons (fiscal_code, given_name, family_name) SELECT 'X' || lpad(n::text, 15, '0'), 'Ada', 'Prova' || n % 50 FROM generate_series(1, $1) n`, cases)
	w.exec(`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, died_on, channel, sender_id, submitted_at, term_ended_on,
			event, answers, declarations, registers, digest, check_code, state, withdrawn_at, officer_id)
		SELECT md5(n::text)::uuid, 'ENPAP-2026-9' || lpad(n::text, 5, '0'), '2026-05', 1, p.id, CASE WHEN n % 41 = 0 THEN 'heirs' ELSE 'member' END, CASE WHEN n % 41 = 0 THEN '2026-05-18'::date END,
			'portal', p.id, '2026-05-20 08:00Z'::timestamptz + (n / 3) * interval '1 minute', '2026-06-01', '[2026-05-04,2026-05-17]',
			jsonb_build_object('cause', CASE WHEN n % 17 = 0 THEN 'cycles' ELSE 'illness' END), '[]', jsonb_build_object('member', jsonb_build_object('number', lpad(n::text, 6, '0'))),
			sha256(''), 'X', CASE WHEN n % 7 = 0 THEN 'withdrawn' WHEN n % 5 = 0 THEN 'in_review' ELSE 'submitted' END, CASE WHEN n % 7 = 0 THEN '2026-06-10'::timestamptz END,
			CASE WHEN n % 10 = 0 THEN $2::uuid WHEN n % 10 < 8 THEN $3::uuid END
		FROM generate_series(1, $1) n JOIN persons p ON p.fiscal_code = 'X' || lpad(n::text, 15, '0')`, cases, string(o.officer.Person), string(o.colleague.Person))
	w.exec(`INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on)
		SELECT gen_random_uuid(), md5(n::text)::uuid, 'supplement', 'x', $2, '2026-06-01', 5, CASE WHEN n % 3 > 0 THEN '2026-06-08'::date END, CASE WHEN n % 3 > 0 THEN 'portal' ELSE '' END,
			CASE WHEN n % 3 > 0 THEN '2026-06-15'::date + n % 13 END FROM generate_series(1, $1, $3) n`, cases, string(o.officer.Person), max(4, cases/500))
	w.exec(`ANALYZE`)
	return o
}

// one is the one value that a query gives.
func (o *officeList) one(sql string, args ...any) (text string) {
	o.welfare.Helper()
	if err := o.pool.QueryRow(o.Context(), sql, args...).Scan(&text); err != nil {
		o.Fatal(err)
	}
	return text
}

// asked are lists of all kinds.
func (o *officeList) asked() []indemnity.Worklist {
	const submitted, withdrawn = indemnity.CaseStanding(indemnity.Submitted), indemnity.CaseStanding(indemnity.WithdrawnByMember)
	all := []indemnity.Worklist{
		{}, {Call: "2026-05"}, {Call: "2026-05", Standing: withdrawn}, {Call: "2026-05", Standing: indemnity.PaidWhole}, {Officer: o.officer.Person}, {Nobodys: true},
		{Officer: o.colleague.Person, Standing: submitted}, {Kind: indemnity.HeirsWork}, {Kind: indemnity.SeriousWork, Standing: submitted}, {Kind: indemnity.SeriousWork, Nobodys: true},
		{Shelf: indemnity.ShelfLate}, {Shelf: indemnity.ShelfToday}, {Shelf: indemnity.ShelfWeek}, {Shelf: indemnity.ShelfRunning, Officer: o.officer.Person}, {Shelf: indemnity.ShelfWaits},
		{Shelf: indemnity.ShelfApproval}, {Call: "1999-01"},
	}
	for _, s := range indemnity.Standings {
		all = append(all, indemnity.Worklist{Standing: s})
	}
	return all
}

func TestTheListOfTheOfficeIsWholeFromBothEnds(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 900)
	read := func(ask indemnity.Worklist) (ids []indemnity.CaseID) {
		for {
			page, err := o.List(t.Context(), o.officer, ask)
			if err != nil {
				t.Fatal(err)
			}
			if ask.After.ID == "" && !page.More {
				defer func(n int) {
					if n != len(ids) {
						t.Errorf("%+v: counted %d, and there are %d", ask, n, len(ids))
					}
				}(page.Count)
			}
			for _, r := range page.Rows {
				ids = append(ids, r.ID)
			}
			if !page.Next {
				return ids
			}
			ask.After = page.Rows[len(page.Rows)-1].Place()
		}
	}
	for _, ask := range o.asked() {
		down := read(ask)
		ask.Oldest = true
		up := read(ask)
		slices.Reverse(up)
		if !slices.Equal(down, up) {
			t.Errorf("%+v: %d from the newest, %d from the oldest", ask, len(down), len(up))
		}
		taken := 0
		if err := o.Export(t.Context(), o.officer, ask, "csv", func(indemnity.WorkRow) error { taken++; return nil }); err != nil || taken != len(down) {
			t.Errorf("%+v: %d taken away, %v", ask, taken, err)
		}
		if len(down) <= indemnity.WorklistPageSize {
			continue
		}
		first, err := o.List(t.Context(), o.officer, indemnity.Worklist{Call: ask.Call, Standing: ask.Standing, Officer: ask.Officer, Nobodys: ask.Nobodys, Kind: ask.Kind, Shelf: ask.Shelf})
		if err != nil {
			t.Fatal(err)
		}
		ask.Oldest, ask.Back, ask.After = false, true, indemnity.ParseWorkPlace(first.Rows[20].Place().String())
		back, err := o.List(t.Context(), o.officer, ask)
		if err != nil || len(back.Rows) != 20 || back.Prior || !back.Next || back.Rows[19].ID != down[19] {
			t.Errorf("%+v: %d before the twenty-first, %v", ask, len(back.Rows), err)
		}
	}
	if got := o.count(`SELECT count(*) FROM exports WHERE filters LIKE '%shelf=late%' AND rows > 0`); got != 1 {
		t.Errorf("%d lists on record", got)
	}
}

func TestTheShelvesHoldWhatTheirNumbersSay(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 600)
	n, own, err := o.Begin(t.Context(), o.officer)
	if err != nil {
		t.Fatal(err)
	}
	for shelf, want := range map[indemnity.Shelf]int{indemnity.ShelfLate: n.Late, indemnity.ShelfToday: n.Today, indemnity.ShelfWeek: n.Week, indemnity.ShelfWaits: n.Waits, indemnity.ShelfApproval: n.Approval} {
		page, err := o.List(t.Context(), o.officer, indemnity.Worklist{Shelf: shelf})
		if err != nil || page.Count != want || want == 0 && shelf != indemnity.ShelfApproval {
			t.Errorf("%s: %d on the shelf, %d by its number, %v", shelf, page.Count, want, err)
		}
		for _, r := range page.Rows {
			over := !r.DueOn.IsZero() && r.DueOn.Before(on("2026-06-20"))
			if r.Asked == "" || over != (shelf == indemnity.ShelfLate) || over != (r.Standing(on("2026-06-20")) == indemnity.TermOver) {
				t.Errorf("%s holds %+v", shelf, r)
			}
		}
	}
	if len(own) != indemnity.OwnAtMost || own[0].Checks != 17 || own[0].Checked == 0 || own[0].Checked == 17 {
		t.Errorf("%d own cases: %d of %d", len(own), own[0].Checked, own[0].Checks)
	}
}

func TestTwoWhoTakeTheNextCaseAtOnceNeverGetTheSame(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 60)
	oldest := indemnity.CaseID(o.one(`SELECT id::text FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review') ORDER BY submitted_at, id LIMIT 1`))
	// The oldest is the officer’s own: they pass it over.
	o.exec(`ALTER TABLE indemnity_applications DISABLE TRIGGER USER`)
	o.exec(`UPDATE indemnity_applications SET sender_id = $2 WHERE id = $1`, string(oldest), string(o.officer.Person))
	free := o.count(`SELECT count(*) FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review')`)
	var all sync.WaitGroup
	var mu sync.Mutex
	got := map[indemnity.CaseID]int{}
	for i := range free + 4 {
		who := []identity.Actor{o.officer, o.colleague}[i%2]
		all.Go(func() {
			id, err := o.Next(t.Context(), who, form(who, "next"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[id]++
			if id == oldest && who.Person == o.officer.Person {
				t.Error("an officer was given their own case")
			}
		})
	}
	all.Wait()
	if _, err := o.Next(t.Context(), o.colleague, form(o.colleague, "next")); err != nil {
		t.Fatal(err)
	}
	for id, n := range got {
		if id != "" && n > 1 {
			t.Errorf("%s was given %d times", id, n)
		}
	}
	if left := o.count(`SELECT count(*) FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review')`); left != 0 {
		t.Errorf("%d are left", left)
	}
	if entries := o.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.case_assigned'`); entries != free {
		t.Errorf("%d entries of %d", entries, free)
	}
	sent := form(o.officer, "next")
	o.exec(`UPDATE indemnity_applications SET officer_id = NULL WHERE officer_id = $1`, string(o.officer.Person))
	first, err := o.Next(t.Context(), o.officer, sent)
	again, twice := o.Next(t.Context(), o.officer, sent)
	if err != nil || twice != nil || first == "" || first != again {
		t.Errorf("sent twice: %s %v, %s %v", first, err, again, twice)
	}
}

func TestOfAllWhoTakeOnACaseAtOnceOneHasIt(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 30)
	free := indemnity.CaseID(o.one(`SELECT id::text FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review') ORDER BY submitted_at, id LIMIT 1`))
	var all sync.WaitGroup
	var taken, late atomic.Int32
	for i := range 8 {
		who := []identity.Actor{o.officer, o.colleague}[i%2]
		all.Go(func() {
			switch err := o.TakeOn(t.Context(), who, form(who, "take"), free); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, indemnity.ErrCaseTaken):
				late.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || late.Load() != 7 {
		t.Errorf("taken %d times, late %d", taken.Load(), late.Load())
	}
	if n := o.count(`SELECT count(*) FROM audit e JOIN indemnity_applications a ON a.id = e.subject_id AND a.officer_id = e.person_id WHERE e.action = 'indemnity.case_assigned'`); n != 1 {
		t.Errorf("%d entries", n)
	}
	o.now = on("2026-06-03").At(9, 0)
	mine := o.sent("2026-04-22", "2026-05-31") // of giulia
	own := identity.Own(o.giulia.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	if err := o.TakeOn(t.Context(), own, form(own, "take"), mine); !errors.Is(err, indemnity.ErrCaseTaken) {
		t.Errorf("their own: %v", err)
	}
	if err := o.TakeOn(t.Context(), o.giulia, form(o.giulia, "take"), mine); !errors.Is(err, identity.ErrNoDuty) {
		t.Error(err)
	}
	sent := form(o.officer, "take")
	for range 2 { // sent twice it acts once
		if err := o.TakeOn(t.Context(), o.officer, sent, mine); err != nil {
			t.Error(err)
		}
	}
}

func TestCasesAreAssignedAtOnceAndNobodyTheirOwn(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 30)
	o.now = on("2026-06-03").At(9, 0)
	mine := o.sent("2026-04-22", "2026-05-31") // of giulia
	o.exec(`INSERT INTO role_grants (person_id, role, duty, during) VALUES ($1, 'welfare', 'prepare', '[2020-01-01,)')`, string(o.giulia.Person))
	other := indemnity.CaseID(o.one(`SELECT id::text FROM indemnity_applications WHERE officer_id IS NULL AND id <> $1 LIMIT 1`, string(mine)))
	assign := func(ids []indemnity.CaseID, to identity.PersonID) (int, error) {
		return o.Assign(t.Context(), o.officer, form(o.officer, "assign"), ids, to)
	}
	if n, err := assign([]indemnity.CaseID{mine, other}, o.giulia.Person); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := assign([]indemnity.CaseID{mine, other}, o.colleague.Person); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := assign([]indemnity.CaseID{mine, other}, ""); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := assign([]indemnity.CaseID{mine}, indemnityNobody); err != indemnity.ErrNoOfficer {
		t.Error(err)
	}
	if _, err := assign(nil, ""); err != indemnity.ErrNoCaseChosen {
		t.Error(err)
	}
	if _, err := o.Assign(t.Context(), o.giulia, form(o.giulia, "assign"), []indemnity.CaseID{mine}, ""); err != identity.ErrNoDuty {
		t.Error(err)
	}
}

const indemnityNobody identity.PersonID = "00000000-0000-0000-0000-0000000000ff"

func TestACaseIsFoundByNumberCodeAndNameAndWhatWasTypedIsKeptNowhere(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 300)
	for typed, want := range map[string]int{"enpap-2026-900017": 1, "X00000000000017": 0, "000017": 1, "PROVA17": 6, "prova17 ad": 6, "prova17 z": 0, "Prova1%": 0, "99": -1, "x": -1} {
		quest, ok := indemnity.ParseWorkQuest(typed)
		if !ok {
			if want >= 0 {
				t.Errorf("%s is too short", typed)
			}
			continue
		}
		found, err := o.Search(t.Context(), o.officer, quest)
		if err != nil || len(found) != want {
			t.Errorf("%s: %d, %v", typed, len(found), err)
		}
	}
	code := identity.FiscalCode("X000000000000017")
	if found, err := o.Search(t.Context(), o.officer, indemnity.WorkQuest{FiscalCode: code}); err != nil || len(found) != 1 || found[0].Member != "Ada Prova17" {
		t.Errorf("%v, %v", found, err)
	}
	if n := o.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.cases_found' AND subject_id IS NULL AND about_id IS NULL`); n != 8 {
		t.Errorf("%d looks on record", n)
	}
}

// P3 of the limits: no plan reads the whole table.
func TestNoListOfTheOfficeReadsAWholeTable(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 20_000)
	o.everyStanding()
	var asked statements
	cfg := o.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	work := indemnity.NewWork(postgres.NewIndemnityWork(traced), func() time.Time { return o.now })
	for _, ask := range o.asked() {
		for _, ask.Oldest = range []bool{false, true} {
			if _, err := work.List(t.Context(), o.officer, ask); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, q := range []indemnity.WorkQuest{{FiscalCode: "X000000000000007"}, {Protocol: "ENPAP-2026-900007"}, {Number: "000007"}, {Family: "prova7", Given: "ada"}} {
		if found, err := work.Search(t.Context(), o.officer, q); err != nil || len(found) == 0 {
			t.Fatalf("%+v finds %d, %v", q, len(found), err)
		}
	}
	read := 0
	for _, q := range asked.all {
		if !strings.Contains(q.SQL, "indemnity_applications") {
			continue
		}
		rows, err := o.pool.Query(t.Context(), `EXPLAIN `+q.SQL, q.Args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		read++
		if slices.ContainsFunc(plan, func(line string) bool { return strings.Contains(line, "Seq Scan on indemnity_applications") }) {
			t.Errorf("%s\n%s", q.SQL, strings.Join(plan, "\n"))
		}
	}
	if read < 4*len(o.asked()) {
		t.Errorf("only %d statements were seen", read)
	}
}
