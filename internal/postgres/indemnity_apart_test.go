package postgres_test

import (
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// F12, across stages: a decision rests on findings, and those who wrote them down do not
// make it, whoever proposes it; in the service as in the database.
func TestNobodyDecidesWhatRestsOnTheirOwnFindings(t *testing.T) {
	t.Parallel()
	d := newReviewDesk(t, 10_000*money.Euro)
	found := func(who identity.Actor, id indemnity.CaseID) {
		t.Helper()
		d.now = d.now.Add(indemnity.ClaimedFor + time.Minute)
		err := d.Find(t.Context(), who, form(who, "find"), id, d.kase(id).Version, indemnity.Finding{Check: indemnity.CheckIBAN, Verdict: indemnity.Met})
		if err != nil {
			t.Fatal(err)
		}
	}
	id := d.application()
	d.checked(id)
	found(d.second, id)
	if err := d.propose(id, indemnity.Suitable, ""); err != nil {
		t.Fatal(err)
	}
	d.wants("approved by who found something", d.approve(d.second, id), indemnity.ErrOwnFindings)
	d.wants("sent back by who found something", d.Desk.SendBack(t.Context(), d.second, form(d.second, "back"), id, d.kase(id).Version, "x"), indemnity.ErrOwnFindings)
	_, err := d.pool.Exec(t.Context(), `UPDATE indemnity_decisions SET state = 'approved', decided_by = $2, decided_at = now(), protocol = 'D-1', check_code = 'K' WHERE application_id = $1`, string(id), string(d.second.Person))
	d.stopped("approved by who found something", err, "nobody_approves_what_they_found")

	// What a colleague has found since on the same check stands in its place.
	d.wants("sent back", d.Desk.SendBack(t.Context(), d.approver, form(d.approver, "back"), id, d.kase(id).Version, "Riguarda l’IBAN."), nil)
	found(d.officer, id)
	d.wants("proposed again", d.propose(id, indemnity.Suitable, ""), nil)
	d.wants("approved by whose finding another has replaced", d.approve(d.second, id), nil)
	d.whole()
}
