package postgres_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/identity"
	administration "portal/internal/office"
	"portal/internal/once"
	"portal/internal/postgres"
)

func TestATextIsPublishedByAnotherAndTheShippedOneComesBack(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	shipped := []administration.ShippedText{{Key: "ui.logout", Area: "ui", Words: map[administration.Lang]administration.Wording{"it": {Other: "Esci"}, "de": {Other: "Abmelden"}}}}
	var said map[administration.Lang]map[string]administration.Wording
	texts := administration.NewWordings(postgres.NewWordings(w.pool), shipped, func(all map[administration.Lang]map[string]administration.Wording) error { said = all; return nil }, func() time.Time { return w.now })
	administrator := func(code, name string) identity.Actor {
		return identity.Own(w.person(code, name, "Prova").ID, identity.Oversight).WithDuties([]identity.Duty{identity.Administer})
	}
	anna, bruno := administrator("LNEFNC70A01H501", "Anna"), administrator("LNEFNC71A01H501", "Bruno")
	propose := func(form once.Form, c administration.WordingChange) administration.WordingID {
		t.Helper()
		id, flaws, err := texts.Propose(t.Context(), anna, form, c)
		if err != nil || len(flaws) > 0 {
			t.Fatal(flaws, err)
		}
		return id
	}
	other := administration.WordingChange{Key: "ui.logout", In: "de", To: administration.Wording{Other: "Ausloggen"}}
	sent := form(anna, "propose")
	id := propose(sent, other)
	if twice := propose(sent, other); twice != id || w.count(`SELECT count(*) FROM wording_proposals`) != 1 {
		t.Errorf("sent twice it is %s and %s", id, twice)
	}
	stale := propose(form(anna, "propose"), administration.WordingChange{Key: "ui.logout", In: "de", To: administration.Wording{Other: "Raus"}})
	if err := texts.Publish(t.Context(), anna, form(anna, "decide"), id); !errors.Is(err, administration.ErrWordingOwn) {
		t.Errorf("their own: %v", err)
	}
	decision := form(bruno, "decide")
	for range 2 {
		if err := texts.Publish(t.Context(), bruno, decision, id); err != nil {
			t.Fatal(err)
		}
	}
	if said["de"]["ui.logout"].Other != "Ausloggen" {
		t.Error(said)
	}
	if err := texts.Publish(t.Context(), bruno, form(bruno, "decide"), stale); !errors.Is(err, administration.ErrWordingMoved) {
		t.Errorf("proposed before the other was published: %v", err)
	}
	if err := texts.Refuse(t.Context(), bruno, form(bruno, "decide"), stale, "superata"); err != nil {
		t.Error(err)
	}

	// Another program hears of it.
	var there map[administration.Lang]map[string]administration.Wording
	beside := administration.NewWordings(postgres.NewWordings(w.pool), shipped, func(all map[administration.Lang]map[string]administration.Wording) error { there = all; return nil }, func() time.Time { return w.now })
	if err := beside.Refresh(t.Context()); err != nil || there["de"]["ui.logout"].Other != "Ausloggen" {
		t.Error(there, err)
	}

	back := propose(form(anna, "propose"), administration.WordingChange{Key: "ui.logout", In: "de", Back: true})
	if err := texts.Publish(t.Context(), bruno, form(bruno, "decide"), back); err != nil {
		t.Fatal(err)
	}
	if _, other := said["de"]["ui.logout"]; other {
		t.Error("the shipped text does not come back")
	}
	if _, _, err := texts.Propose(t.Context(), anna, form(anna, "propose"), administration.WordingChange{Key: "ui.logout", In: "de", Back: true}); !errors.Is(err, administration.ErrWordingSame) {
		t.Error(err)
	}
	versions, err := texts.WordingsOf(t.Context(), "ui.logout", "de")
	if err != nil || len(versions) != 2 || !versions[0].Changes[0].Back || versions[1].Changes[0].To.Other != "Ausloggen" || versions[0].Number != 2 {
		t.Errorf("%+v, %v", versions, err)
	}
	all, err := texts.WordingProposals(t.Context(), anna.Person, 10)
	if err != nil || len(all) != 3 {
		t.Errorf("%+v, %v", all, err)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action LIKE 'wording.%'`); n != 6 {
		t.Errorf("%d entries", n)
	}
}
