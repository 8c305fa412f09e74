package postgres_test

import (
	"reflect"
	"testing"

	"portal/internal/identity"
	"portal/internal/indemnity"
)

func TestTheDaysOfAnApplicationCountBeforeThoseOfTheNext(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	first := w.kase(w.sent("2026-04-20", "2026-05-07"))
	id := w.draft("2026-05-09", "2026-05-20")
	w.now = on("2026-05-21").At(10, 0)
	before := []indemnity.CapYear{{Year: 2026, Cap: 180, Register: 20, Others: []indemnity.Share{{Protocol: first.Protocol, Call: "2026-05", Days: 12}}, Own: 6}}

	d, err := w.drafts.Draft(t.Context(), w.giulia, id)
	if err != nil {
		t.Fatal(err)
	}
	known, err := w.drafts.Known(t.Context(), w.giulia)
	if err != nil {
		t.Fatal(err)
	}
	standing, err := w.drafts.Stand(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := d.Preview(standing, known, w.now); !reflect.DeepEqual(p.Years, before) {
		t.Errorf("a draft: %+v", p.Years)
	}
	if _, err := w.send(id); err != nil {
		t.Fatal(err)
	}
	explained := func(c indemnity.CaseFile) []indemnity.CapYear {
		t.Helper()
		x, known, err := w.cases.Explained(t.Context(), c)
		if err != nil || !known {
			t.Fatal(known, err)
		}
		return x.Years
	}
	if got := explained(w.kase(id)); !reflect.DeepEqual(got, before) {
		t.Errorf("an application: %+v", got)
	}
	if got := explained(first); got[0].Elsewhere() != 0 || got[0].Own != 12 {
		t.Errorf("the first: %+v", got)
	}
	if err := w.cases.Withdraw(t.Context(), w.giulia, form(w.giulia, "withdraw"), first.ID); err != nil {
		t.Fatal(err)
	}
	if got := explained(w.kase(id)); got[0].Elsewhere() != 0 || got[0].Left() != 154 {
		t.Errorf("once the first is withdrawn: %+v", got)
	}
}

func TestWhoActsForAMemberOrIsAnHeirHasTheirTermsInTheirOwnCalendar(t *testing.T) {
	t.Parallel()
	w := newWelfare(t, "")
	id := w.sent("2026-04-20", "2026-05-07")
	w.draft("2026-05-09", "2026-05-11")
	w.now = on("2026-05-12").At(9, 0)
	w.ask(id)
	anna, luca := w.person("GTTNNA70R64F839", "Anna", "Gatti"), w.person("GTTLCU75C12F839", "Luca", "Gatti")
	open := func(of identity.PersonID) (days []string) {
		t.Helper()
		who := identity.Own(of, identity.Citizen)
		token, err := w.feeds().Make(t.Context(), who, w.sends(who, "calendar.change"))
		if err != nil {
			t.Fatal(err)
		}
		items, err := w.feeds().Open(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			days = append(days, i.Day.String())
		}
		return days
	}
	grant := func(holder identity.PersonID, scope identity.Scope) {
		w.exec(`INSERT INTO mandates (kind, holder_id, represented_id, scope, from_day, until_day, channel) VALUES ('delegate', $1, $2, $3, '2026-05-12', '2027-12-31', 'online')`,
			string(holder), string(w.giulia.Person), string(scope))
	}
	revoke := func() {
		w.exec(`UPDATE mandates SET revoked_on = from_day, revoked_by = represented_id WHERE revoked_on IS NULL`)
	}
	grant(luca.ID, identity.VoucherOnly)
	if got := open(luca.ID); got != nil {
		t.Errorf("who acts in another matter: %v", got)
	}
	revoke()
	grant(anna.ID, identity.IndemnityOnly)
	if got := open(anna.ID); !reflect.DeepEqual(got, []string{"2026-05-21", "2026-05-27"}) {
		t.Errorf("who acts in this one: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE action = 'calendar.read' AND mandate_id IS NOT NULL AND about_id = $1`, string(w.giulia.Person)); n == 0 {
		t.Error("it is not written down that somebody else reads her terms")
	}
	revoke()
	if got := open(anna.ID); got != nil {
		t.Errorf("when it has ended: %v", got)
	}
	w.exec(`INSERT INTO successions (id, application_id, died_on, heirs, proposed_by, proposed_at) VALUES (gen_random_uuid(), $1, '2026-05-11', '[]', $2, now())`,
		string(id), string(w.officer.Person))
	w.exec(`UPDATE successions SET state = 'confirmed', decided_by = $1, decided_at = now()`, string(luca.ID))
	w.exec(`UPDATE indemnity_applications SET died_on = '2026-05-11' WHERE id = $1`, string(id))
	w.exec(`INSERT INTO heirs (id, application_id, person_id, linked_at, kinship, added_by, added_at, fiscal_code, given_name, family_name, share_part, share_whole)
		VALUES (gen_random_uuid(), $1, $2, now(), 'child', $3, now(), 'GTTNNA70R64F839X', 'Anna', 'Gatti', 1, 1)`, string(id), string(anna.ID), string(w.officer.Person))
	if got := open(anna.ID); !reflect.DeepEqual(got, []string{"2026-05-27"}) {
		t.Errorf("an heir, of whom no draft is: %v", got)
	}
}
