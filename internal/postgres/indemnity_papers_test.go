package postgres_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// paperDesk is giulia with a draft of hers, and an officer.
type paperDesk struct {
	*fixture
	service *indemnity.Papers
	store   *postgres.Papers
	giulia  identity.Actor
	officer identity.Actor
	draft   indemnity.CaseID
}

func newPaperDesk(t *testing.T) *paperDesk {
	t.Helper()
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, pool: pgtest.Open(t), now: noon}
	store := postgres.NewPapers(f.pool, keys)
	giulia := f.person("BNCGLI78T55F205", "Giulia", "Bianchi")
	officer := identity.Own(f.person("CSTSLV88B51H501", "Silvia", "Costa").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	d := &paperDesk{f, indemnity.NewPapers(store, func() time.Time { return f.now }), store, identity.Own(giulia.ID, identity.Member), officer, "00000000-0000-0000-0000-0000000000d1"}
	f.exec(`INSERT INTO indemnity_drafts (id, member_id, started_at, saved_at) VALUES ($1, $2, $3, $3)`, string(d.draft), string(giulia.ID), noon)
	return d
}

// prognosis is a paper of the draft.
func (d *paperDesk) prognosis(from, to string) indemnity.Paper {
	first, _ := calendar.ParseDate(from)
	last, _ := calendar.ParseDate(to)
	return indemnity.Paper{Case: d.draft, Kind: indemnity.InitialPrognosis, IssuedOn: first, Covers: calendar.Period{From: first, To: last}}
}

func (d *paperDesk) noted(who identity.Actor, p indemnity.Paper) indemnity.PaperID {
	d.Helper()
	id, err := d.service.Note(d.Context(), who, form(who, "paper"), p)
	if err != nil {
		d.Fatal(err)
	}
	return id
}

func (d *paperDesk) handed(who identity.Actor, p indemnity.Paper, size int) indemnity.PaperID {
	d.Helper()
	p.ID = d.noted(who, p)
	id, err := d.service.Hand(d.Context(), who, form(who, "file"), p, scan(d.TB.(*testing.T), size))
	if err != nil {
		d.Fatal(err)
	}
	return id
}

// sent makes the draft an application, of which something may be asked.
func (d *paperDesk) sent() {
	d.Helper()
	d.exec(`INSERT INTO calls VALUES ('2026-05')`)
	d.exec(`INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at) VALUES ('2026-05', 1, '{}', 'released', true, now())`)
	d.exec(`UPDATE indemnity_drafts SET sent_at = $2, answers = '{}' WHERE id = $1`, string(d.draft), d.now)
	d.exec(`UPDATE indemnity_papers SET sent_at = $2 WHERE case_id = $1 AND attachment_id IS NOT NULL`, string(d.draft), d.now)
	d.exec(`INSERT INTO indemnity_applications (id, call_id, call_version, member_id, submitted_at, term_ended_on, answers, declarations, registers, check_code,
			protocol, applicant_kind, channel, sender_id, event, digest)
		VALUES ($1, '2026-05', 1, $2, $3, '2026-06-01', '{}', '{}', '{}', '', 'E-1', 'member', 'portal', $2, '[2026-02-14,2026-02-28]', sha256(''))`,
		string(d.draft), string(d.giulia.Person), d.now)
}

func (d *paperDesk) asked(due calendar.Date) (id string) {
	d.Helper()
	err := d.pool.QueryRow(d.Context(), `
		INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on)
		VALUES (gen_random_uuid(), $1, 'supplement', 'x', $2, $3, 15, $4, 'portal', $5) RETURNING id`,
		string(d.draft), string(d.officer.Person), d.now, due.Add(-15), due).Scan(&id)
	if err != nil {
		d.Fatal(err)
	}
	return id
}

func (d *paperDesk) papers() []indemnity.Paper {
	d.Helper()
	c, err := d.service.Folder(d.Context(), d.draft)
	if err != nil {
		d.Fatal(err)
	}
	return c.Papers
}

func TestWhatAPaperIsIsKeptBeforeItsFile(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.now = noon.Add(time.Hour)
	key := form(d.giulia, "paper")
	id, err := d.service.Note(t.Context(), d.giulia, key, d.prognosis("2026-02-02", "2026-02-10"))
	if err != nil {
		t.Fatal(err)
	}
	// The same form says it better; another form says the same.
	again, err := d.service.Note(t.Context(), d.giulia, key, d.prognosis("2026-02-02", "2026-02-12"))
	if err != nil || again != id {
		t.Fatalf("%s, %v", again, err)
	}
	if other := d.noted(d.giulia, d.prognosis("2026-02-02", "2026-02-12")); other != id {
		t.Error("the paper that waits for its file is noted twice")
	}
	p := d.papers()[0]
	if len(d.papers()) != 1 || p.Covers.To != calendar.NewDate(2026, 2, 12) || p.Attachment != "" || p.Kind != indemnity.InitialPrognosis || p.AddedBy != d.giulia.Person {
		t.Errorf("%+v", d.papers())
	}
	if n := d.count(`SELECT count(*) FROM indemnity_drafts WHERE saved_at = $1`, d.now); n != 1 {
		t.Error("the draft was not saved")
	}
	file := scan(t, 1000)
	if _, err := d.service.Attach(t.Context(), d.giulia, form(d.giulia, "file"), id, file); err != nil {
		t.Fatal(err)
	}
	p = d.papers()[0]
	if p.Name != "certificato.pdf" || p.Digest != file.Digest || p.Size != file.Size || p.Pages != 1 {
		t.Errorf("%+v", p)
	}
	got, content, err := d.service.Read(t.Context(), d.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(content); err != nil || int64(len(text)) != file.Size || got.Name != p.Name {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	// Another file takes its place, and the first is gone.
	if _, err := d.service.Attach(t.Context(), d.giulia, form(d.giulia, "file"), id, scan(t, 2000)); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`SELECT count(*) FROM attachments`); n != 1 || d.papers()[0].Size != 2000 {
		t.Errorf("%d files", n)
	}
	amended := d.prognosis("2026-02-03", "2026-02-12")
	amended.ID, amended.Kind = id, indemnity.ExtensionPrognosis
	if err := d.service.Amend(t.Context(), d.giulia, form(d.giulia, "amend"), amended); err != nil || d.papers()[0].Kind != indemnity.ExtensionPrognosis || d.papers()[0].Size != 2000 {
		t.Errorf("%v: %+v", err, d.papers())
	}
	if err := d.service.Remove(t.Context(), d.giulia, form(d.giulia, "remove"), id); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`SELECT (SELECT count(*) FROM attachments) + (SELECT count(*) FROM attachment_chunks)`); n != 0 || len(d.papers()) != 0 {
		t.Error("something of the paper is left")
	}
	for action, want := range map[string]int{"noted": 4, "handed": 2, "opened": 1, "removed": 1} {
		if n := d.count(`SELECT count(*) FROM audit WHERE action = $1 AND subject_id = $2 AND about_id = $3`, "indemnity.paper_"+action, string(id), string(d.giulia.Person)); n != want {
			t.Errorf("%s is written down %d times, want %d", action, n, want)
		}
	}
	d.whole()
}

func TestTheSamePaperHandedInTwiceIsKeptOnce(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	first := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	if twin := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000); twin != first || len(d.papers()) != 1 {
		t.Errorf("%d papers", len(d.papers()))
	}
	// One scan may hold two certificates.
	if other := d.handed(d.giulia, d.prognosis("2026-02-11", "2026-02-12"), 1000); other == first || len(d.papers()) != 2 {
		t.Errorf("%d papers", len(d.papers()))
	}
	// And a form that is sent by many at once acts once.
	key, p := form(d.giulia, "file"), d.prognosis("2026-02-13", "2026-02-14")
	p.ID = d.noted(d.giulia, p)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if id, err := d.service.Hand(t.Context(), d.giulia, key, p, scan(t, 5000)); err != nil || id != p.ID {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	all.Wait()
	if n := d.count(`SELECT count(*) FROM attachments`); n != 3 {
		t.Errorf("%d files", n)
	}
	// Two forms that say the same, and bring different files, lose neither.
	p = d.prognosis("2026-02-15", "2026-02-16")
	p.ID = d.noted(d.giulia, p)
	for size := range 4 {
		all.Go(func() {
			if _, err := d.service.Hand(t.Context(), d.giulia, form(d.giulia, "file"), p, scan(t, 6000+size/2)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := d.count(`SELECT count(*) FROM attachments`); n != 5 || len(d.papers()) != 5 {
		t.Errorf("%d files of %d papers", n, len(d.papers()))
	}
	d.whole()
}

func TestPapersHaveRoomForTwentyFilesAndSixtyMegabytes(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	for i := range document.Usual.Files {
		d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-"+strconv.Itoa(i%15+10)), 1000+i)
	}
	if _, err := d.service.Note(t.Context(), d.giulia, form(d.giulia, "paper"), d.prognosis("2026-02-02", "2026-02-27")); !errors.Is(err, document.ErrTooMany) {
		t.Errorf("the twenty-first: %v", err)
	}
	id := d.papers()[0].ID // a file in the place of another takes no more room
	if _, err := d.service.Attach(t.Context(), d.giulia, form(d.giulia, "file"), id, scan(t, 3000)); err != nil {
		t.Error(err)
	}
	few := document.Limits{Files: 20, Together: 3500}
	other := newPaperDesk(t)
	other.handed(other.giulia, other.prognosis("2026-02-02", "2026-02-03"), 2000)
	p := other.prognosis("2026-02-02", "2026-02-04")
	p.ID = other.noted(other.giulia, p)
	p.Attachment, p.AddedBy, p.AddedAt = "00000000-0000-0000-0000-0000000000a1", other.giulia.Person, noon
	if _, err := other.store.Attach(t.Context(), once.Form{}, p, "", scan(t, 2000), few, func(indemnity.Folder) error { return nil }, auditEntry(other.giulia, p)); !errors.Is(err, document.ErrTooMany) {
		t.Errorf("too large together: %v", err)
	}
}

func TestAPaperSaysWhichDaysItCovers(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	day := calendar.NewDate
	good := d.prognosis("2026-02-02", "2026-02-10")
	for name, c := range map[string]struct {
		change func(*indemnity.Paper)
		want   error
	}{
		"a poem":              {func(p *indemnity.Paper) { p.Kind = "poem" }, indemnity.ErrPaperKind},
		"no date":             {func(p *indemnity.Paper) { p.IssuedOn = calendar.Date{} }, indemnity.ErrIssuedMissing},
		"issued tomorrow":     {func(p *indemnity.Paper) { p.IssuedOn = calendar.On(noon).Add(1) }, indemnity.ErrIssuedToCome},
		"no days":             {func(p *indemnity.Paper) { p.Covers = calendar.Period{} }, indemnity.ErrFirstMissing},
		"no last day":         {func(p *indemnity.Paper) { p.Covers.To = calendar.Date{} }, indemnity.ErrLastMissing},
		"no first day":        {func(p *indemnity.Paper) { p.Covers.From = calendar.Date{} }, indemnity.ErrFirstMissing},
		"reversed":            {func(p *indemnity.Paper) { p.Covers.From = day(2026, 2, 11) }, indemnity.ErrDaysReversed},
		"an ISEE has no days": {func(p *indemnity.Paper) { *p = indemnity.Paper{Case: d.draft, Kind: indemnity.ISEEStatement} }, nil},
		"nor has a cycle":     {func(p *indemnity.Paper) { p.Kind, p.Covers = indemnity.CycleFinal, calendar.Period{} }, nil},
		"days to come":        {func(p *indemnity.Paper) { p.Covers.To = day(2027, 2, 1) }, nil},
	} {
		p := good
		c.change(&p)
		if _, err := d.service.Note(t.Context(), d.giulia, form(d.giulia, "paper"), p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestPapersAreTheirMembersAndWhatWasSentStays(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	maria := identity.Own(d.person("RSSMRA85C52H501", "Maria", "Rossi").ID, identity.Member)
	delegate := identity.Actor{Person: maria.Person, Role: identity.Citizen, For: d.giulia.Person}
	theirs := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	for name, c := range map[string]struct {
		who  identity.Actor
		want error
	}{"another member": {maria, fault.ErrNotFound}, "the office, before it is sent": {d.officer, fault.ErrNotFound}, "who acts for them": {delegate, nil}} {
		if _, err := d.service.Paper(t.Context(), c.who, theirs); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.service.Note(t.Context(), c.who, once.Form{}, d.prognosis("2026-02-02", "2026-02-10")); !errors.Is(err, c.want) {
			t.Errorf("%s adds: %v", name, err)
		}
	}
	d.exec(`DELETE FROM indemnity_papers WHERE attachment_id IS NULL`)
	d.sent()
	file := scan(t, 2000)
	_, attached := d.service.Attach(t.Context(), d.giulia, form(d.giulia, "file"), theirs, file)
	_, noted := d.service.Note(t.Context(), d.giulia, form(d.giulia, "paper"), d.prognosis("2026-02-11", "2026-02-12"))
	if removed := d.service.Remove(t.Context(), d.giulia, form(d.giulia, "remove"), theirs); !errors.Is(attached, indemnity.ErrPaperSent) ||
		!errors.Is(removed, indemnity.ErrPaperSent) || !errors.Is(noted, indemnity.ErrDraftSent) {
		t.Errorf("after sending: %v, %v, %v", attached, removed, noted)
	}
	d.exec(`UPDATE indemnity_applications SET officer_id = $1`, string(d.officer.Person))
	if _, _, err := d.service.Read(t.Context(), d.officer, theirs); err != nil {
		t.Error(err)
	}
	openings, err := d.service.Openings(t.Context(), d.draft)
	if err != nil || len(openings) != 1 || openings[0].Paper != theirs || openings[0].Name != "Silvia Costa" {
		t.Errorf("%v, %v", openings, err)
	}
}

func TestARequestTakesPapersUntilTheLastSecondOfItsTerm(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	wrong := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	d.sent()
	last := calendar.On(noon).Add(5)
	p := d.prognosis("2026-02-02", "2026-02-10")
	p.Request, p.Replaces = d.asked(last), wrong
	d.now = last.End().Add(-time.Nanosecond)
	id := d.handed(d.giulia, p, 1000) // the same file as before, and another paper
	c := d.papers()
	if i := slices.IndexFunc(c, func(p indemnity.Paper) bool { return p.ID == id }); i < 0 || c[i].Replaces != wrong || c[i].Request != p.Request {
		t.Errorf("%+v", c)
	}
	if _, err := d.service.Paper(t.Context(), d.officer, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the office reads an answer that was not sent: %v", err)
	}
	d.now = last.End()
	if _, err := d.service.Attach(t.Context(), d.giulia, form(d.giulia, "file"), id, scan(t, 3000)); !errors.Is(err, indemnity.ErrPaperLate) {
		t.Errorf("a second later: %v", err)
	}
	d.now = noon
	d.exec(`UPDATE indemnity_requests SET state = 'cancelled'`)
	if err := d.service.Remove(t.Context(), d.giulia, form(d.giulia, "remove"), id); !errors.Is(err, indemnity.ErrPaperNotAsked) {
		t.Errorf("nothing is asked any more: %v", err)
	}
	p.Request = "00000000-0000-0000-0000-0000000000ff"
	if _, err := d.service.Note(t.Context(), d.giulia, form(d.giulia, "paper"), p); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a request of nobody: %v", err)
	}
}

func TestTheOfficeRegistersWhatComesByAnotherWay(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.sent()
	death := indemnity.Paper{Case: d.draft, Kind: indemnity.DeathCertificate, IssuedOn: calendar.On(noon)}
	id := d.handed(d.officer, death, 1000)
	if p := d.papers()[0]; p.ID != id || !p.SentAt.Equal(noon) || p.AddedBy != d.officer.Person {
		t.Errorf("%+v", p)
	}
	if _, err := d.service.Note(t.Context(), d.officer, form(d.officer, "paper"), d.prognosis("2026-02-02", "2026-02-10")); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("into an application of the portal: %v", err)
	}
	reader := identity.Own(d.officer.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Pay})
	if _, err := d.service.Paper(t.Context(), reader, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("who pays reads medical papers: %v", err)
	}
}

// died makes the draft an application of heirs, that came by PEC.
func (d *paperDesk) died() {
	d.Helper()
	d.exec(`DELETE FROM indemnity_drafts`)
	d.exec(`INSERT INTO calls VALUES ('2026-05')`)
	d.exec(`INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at) VALUES ('2026-05', 1, '{}', 'released', true, now())`)
	d.exec(`INSERT INTO indemnity_applications (id, call_id, call_version, member_id, submitted_at, term_ended_on, answers, declarations, registers, check_code,
			protocol, applicant_kind, channel, received_by, event, digest, died_on)
		VALUES ($1, '2026-05', 1, $2, $3, '2026-06-01', '{}', '{}', '{}', '', 'E-1', 'heirs', 'pec', $4, '[2026-01-04,2026-01-20]', sha256(''), '2026-01-20')`,
		string(d.draft), string(d.giulia.Person), d.now, string(d.officer.Person))
}

// heir is one of the case, who has linked themselves to it.
func (d *paperDesk) heir(code, name string) identity.Actor {
	d.Helper()
	who := identity.Own(d.person(code, name, "Gatti").ID, identity.Heir)
	d.exec(`INSERT INTO heirs (id, application_id, person_id, linked_at, kinship, added_by, added_at, fiscal_code, given_name, family_name, share_part, share_whole)
		SELECT gen_random_uuid(), $1, id, now(), 'child', $3, now(), fiscal_code, given_name, 'Gatti', 1, 2 FROM persons WHERE id = $2`,
		string(d.draft), string(who.Person), string(d.officer.Person))
	return who
}

func TestAnHeirReadsWhatTheyBroughtAndNothingOfTheDeceased(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.died()
	final := d.prognosis("2026-01-04", "2026-01-20")
	final.Kind = indemnity.HeirsFinal
	id := d.handed(d.officer, final, 1000) // it came by PEC
	heir := d.heir("GTTNNA70R64F839", "Anna")
	if _, err := d.service.Paper(t.Context(), heir, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("an heir: %v", err)
	}
	own := indemnity.Paper{Case: d.draft, Kind: indemnity.IdentityWhole, Request: d.asked(calendar.On(noon).Add(5))}
	if _, err := d.service.Paper(t.Context(), heir, d.handed(heir, own, 2000)); err != nil {
		t.Error(err)
	}
}

// What one heir has brought for an answer, to whomever the request is, no other reads,
// changes or takes away before it is sent; the same paper of two is two papers.
func TestEachHeirAnswersForTheirOwnPapers(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.died()
	anna, luca := d.heir("GTTNNA70R64F839", "Anna"), d.heir("GTTLCU99A01F839", "Luca")
	p := indemnity.Paper{Case: d.draft, Kind: indemnity.IdentityWhole, Request: d.asked(calendar.On(noon).Add(5))}
	hers := d.handed(anna, p, 2000)
	_, read := d.service.Paper(t.Context(), luca, hers)
	_, attached := d.service.Attach(t.Context(), luca, form(luca, "file"), hers, scan(t, 3000))
	named := p
	named.ID = hers
	_, handed := d.service.Hand(t.Context(), luca, form(luca, "file"), named, scan(t, 3000))
	for what, err := range map[string]error{"read": read, "replaced": attached, "handed over": handed, "amended": d.service.Amend(t.Context(), luca, form(luca, "amend"), named),
		"removed": d.service.Remove(t.Context(), luca, form(luca, "remove"), hers)} {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s by another heir: %v", what, err)
		}
	}
	p.IssuedOn = calendar.On(noon)
	noted, his := d.noted(anna, p), d.noted(luca, p)
	if noted == his || his != d.noted(luca, p) {
		t.Error("what one heir noted is another's")
	}
	same := scan(t, 4000)
	p.ID = noted
	if _, err := d.service.Hand(t.Context(), anna, form(anna, "file"), p, same); err != nil {
		t.Fatal(err)
	}
	p.ID = his
	if in, err := d.service.Hand(t.Context(), luca, form(luca, "file"), p, same); err != nil || in != his {
		t.Errorf("the same file of another heir: %s, %v", in, err)
	}
	if err := d.service.Remove(t.Context(), anna, form(anna, "remove"), hers); err != nil {
		t.Error(err)
	}
}

func TestACaseThatIsClosedTakesNoPapers(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.sent()
	p := d.prognosis("2026-02-02", "2026-02-10")
	p.Request = d.asked(calendar.On(noon).Add(5))
	id := d.handed(d.giulia, p, 1000)
	d.exec(`UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = now()`)
	_, noted := d.service.Note(t.Context(), d.giulia, form(d.giulia, "paper"), p)
	for what, err := range map[string]error{"noted": noted, "removed": d.service.Remove(t.Context(), d.giulia, form(d.giulia, "remove"), id)} {
		if !errors.Is(err, indemnity.ErrPaperNotAsked) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAPaperIsRemovedOnceHoweverOftenItsFormIsSent(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	id := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	f, errs := form(d.giulia, "remove"), make([]error, 6)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = d.service.Remove(t.Context(), d.giulia, f, id) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if kind, err := d.service.Removed(t.Context(), f); err != nil || kind != indemnity.InitialPrognosis {
		t.Errorf("%s, %v", kind, err)
	}
	if err := d.service.Remove(t.Context(), d.giulia, form(d.giulia, "remove"), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("another form: %v", err)
	}
}

// Of a paper nobody is told, and nobody needs to be asked for letters.
func TestAnUploadQueuesNothingToBeTold(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	var jobs int
	if err := d.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'notify'`).Scan(&jobs); err != nil || jobs != 0 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
}

func auditEntry(who identity.Actor, p indemnity.Paper) audit.Entry {
	return audit.Entry{At: noon, Actor: who, Action: indemnity.PaperHanded, Subject: string(p.ID), About: who.For}
}
