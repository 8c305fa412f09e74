package postgres_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/registry"
)

// heirs is the service, while both registers are silent.
func (w *welfare) heirs() *indemnity.Heirs {
	nothing := filepath.Join(w.TB.TempDir(), "silent.csv")
	return indemnity.NewHeirs(postgres.NewHeirs(w.pool), registry.NewMembers(nothing, time.Millisecond), registry.NewPositions(nothing, time.Millisecond),
		rand.Reader, func() time.Time { return w.now })
}

// inherits is what came by PEC of so many heirs with equal shares.
func (w *welfare) inherits(heirs int) indemnity.Registration {
	at := w.now.Add(-time.Hour)
	r := indemnity.Registration{Deceased: identity.Person{FiscalCode: identity.NewFiscalCode("GTTPTR60A01F839"), GivenName: "Pietro", FamilyName: "Gatti"}, DiedOn: on("2026-05-04"),
		Answers: indemnity.Answers{Cause: indemnity.Illness, First: on("2026-04-20"), Last: on("2026-05-04"), Exclusive: indemnity.Yes, Covered: indemnity.No, ISEE: indemnity.No},
		PEC:     indemnity.Certified{Sender: "anna@pec.example.org", AcceptedAt: at, DeliveredAt: at}}
	for i := range heirs {
		r.Heirs = append(r.Heirs, indemnity.Heir{Person: identity.Person{FiscalCode: identity.NewFiscalCode(fmt.Sprintf("GTTNNA%02dR64F839", 70+i)), GivenName: fmt.Sprintf("Anna %d", i), FamilyName: "Gatti"},
			Kinship: "child", Part: 1, Whole: heirs})
	}
	return r
}

func TestHeirsAreListedInTheOrderInWhichTheyWereEntered(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	s, r := w.heirs(), w.inherits(8)
	id, _, err := s.Register(t.Context(), w.officer, form(w.officer, "register"), r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CaseFile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range c.Heirs {
		if h.Person.FiscalCode != r.Heirs[i].Person.FiscalCode {
			t.Errorf("%d is %s", i, h.Person.GivenName)
		}
	}
}

// Whichever of several sendings is answered first, the one code that is told is the one
// that links.
func TestACodeIsToldOnceAndIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	s, r := w.heirs(), w.inherits(1)
	told := func(do func(once.Form) ([]indemnity.HeirCode, error)) (code indemnity.HeirCode) {
		t.Helper()
		f, codes, errs := form(w.officer, "codes"), make([][]indemnity.HeirCode, 6), make([]error, 6)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() { codes[i], errs[i] = do(f) })
		}
		all.Wait()
		n := 0
		for i := range codes {
			if errs[i] != nil {
				t.Errorf("sending %d: %v", i, errs[i])
			}
			for _, c := range codes[i] {
				if c.Code != "" {
					n, code = n+1, c
				}
			}
		}
		if n != 1 {
			t.Fatalf("%d codes are told", n)
		}
		return code
	}
	var id indemnity.CaseID
	var known sync.Mutex
	first := told(func(f once.Form) ([]indemnity.HeirCode, error) {
		of, codes, err := s.Register(t.Context(), w.officer, f, r)
		known.Lock()
		defer known.Unlock()
		id = of
		return codes, err
	})
	for range 5 {
		code := told(func(f once.Form) ([]indemnity.HeirCode, error) {
			c, err := s.Renew(t.Context(), w.officer, f, id, first.Heir.ID)
			return []indemnity.HeirCode{c}, err
		})
		first.Code = code.Code
	}
	c, err := s.CaseFile(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	anna := identity.Own(w.person("GTTNNA70R64F839", "Anna 0", "Gatti").ID, identity.Heir)
	if got, err := s.Link(t.Context(), anna, form(anna, "link"), c.Protocol, first.Code); err != nil || got != id {
		t.Errorf("%s, %v", got, err)
	}
}

// Heirs who have linked themselves to a case write to the office about it and read what
// it answers, as who acts for a member does. Who is an heir no more, or never was, finds
// nothing.
func TestHeirsAndDelegatesWriteAndReadInTheThreadsOfACase(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	laura := w.person("VRDLRU70A41F205", "Laura", "Verdi")
	delegate := identity.Actor{Person: laura.ID, For: w.giulia.For, Role: identity.Citizen}
	threads := w.threads()
	thread, err := threads.Start(t.Context(), delegate, form(delegate, "start"), id, indemnity.TopicTerms, "Scrivo per Giulia.")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := threads.Read(t.Context(), w.giulia, w.kase(id), thread); err != nil {
		t.Error(err)
	}

	heirs := w.heirs()
	of, codes, err := heirs.Register(t.Context(), w.officer, form(w.officer, "register"), w.inherits(2))
	if err != nil {
		t.Fatal(err)
	}
	c, err := heirs.CaseFile(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	var both []identity.Actor
	for i, x := range codes {
		who := identity.Own(w.person(fmt.Sprintf("GTTNNA%02dR64F839", 70+i), x.Heir.Person.GivenName, "Gatti").ID, identity.Heir)
		if _, err := threads.Start(t.Context(), who, form(who, "start"), of, indemnity.TopicPayment, "x"); err == nil {
			t.Error("an heir writes before they are linked")
		}
		if _, err := heirs.Link(t.Context(), who, form(who, "link"), c.Protocol, x.Code); err != nil {
			t.Fatal(err)
		}
		both = append(both, who)
	}
	anna, luca := both[0], both[1]
	if thread, err = threads.Start(t.Context(), anna, form(anna, "start"), of, indemnity.TopicPayment, "Quando arriva?"); err != nil {
		t.Fatal(err)
	}
	if err := threads.Write(t.Context(), w.officer, form(w.officer, "reply"), of, thread, "Dopo la graduatoria."); err != nil {
		t.Fatal(err)
	}
	if err := threads.Write(t.Context(), luca, form(luca, "reply"), of, thread, "Grazie."); err != nil {
		t.Error(err)
	}
	if found, err := threads.Read(t.Context(), luca, w.ofHeir(luca, of), thread); err != nil || len(found.Messages) != 3 {
		t.Errorf("%+v, %v", found, err)
	}
	w.exec(`UPDATE heirs SET removed_at = $2 WHERE person_id = $1`, string(luca.Person), calendar.On(w.now).End())
	if err := threads.Write(t.Context(), luca, form(luca, "reply"), of, thread, "Ancora."); err == nil {
		t.Error("who is no heir any more writes")
	}
	if _, err := w.cases.CaseFile(t.Context(), luca, of); err == nil {
		t.Error("who is no heir any more opens the case")
	}
	if found, err := threads.Read(t.Context(), anna, w.ofHeir(anna, of), thread); err != nil || len(found.Messages) != 3 {
		t.Errorf("%+v, %v", found, err)
	}
}

// ofHeir is a case as one of its heirs opens it.
func (w *welfare) ofHeir(who identity.Actor, id indemnity.CaseID) indemnity.CaseFile {
	w.Helper()
	c, err := w.cases.CaseFile(w.Context(), who, id)
	if err != nil {
		w.Fatal(err)
	}
	return c
}
