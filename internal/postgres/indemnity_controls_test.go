package postgres_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// controlDesk is the desk of rankings with the checks that follow, and who pays.
type controlDesk struct {
	*rankingDesk
	controls *indemnity.Controls
	payer    identity.Actor
}

func newControlDesk(t *testing.T) *controlDesk {
	t.Helper()
	d := newRankingDesk(t, 100_000*money.Euro)
	return &controlDesk{d, indemnity.NewControls(postgres.NewControls(d.pool), d.cases, rand.Reader, func() time.Time { return d.now }),
		identity.Own(d.person("MNCTRS79P57A944", "Teresa", "Mancini").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Pay})}
}

func (d *controlDesk) commit() error {
	d.welfare.Helper()
	return d.controls.CommitSeed(d.Context(), d.officer, form(d.officer, "commit"), mayCall)
}

func (d *controlDesk) sample(size indemnity.SampleSize, why string) (indemnity.SampleID, error) {
	d.welfare.Helper()
	return d.controls.ProposeSample(d.Context(), d.officer, form(d.officer, "sample"), mayCall, size, why)
}

func (d *controlDesk) confirm(who identity.Actor, id indemnity.SampleID) error {
	d.welfare.Helper()
	return d.controls.ConfirmSample(d.Context(), who, form(who, "confirm"), id)
}

func (d *controlDesk) end(id indemnity.ControlID, to indemnity.ControlState, found string, codes ...indemnity.Code) error {
	d.welfare.Helper()
	return d.controls.EndControl(d.Context(), d.officer, form(d.officer, "end"), id, to, found, codes)
}

// reported is a check on a case that found an untrue declaration.
func (d *controlDesk) reported(id indemnity.CaseID) indemnity.ControlID {
	d.welfare.Helper()
	k, err := d.controls.ReportCase(d.Context(), d.officer, form(d.officer, "report"), id, "Una segnalazione scritta.")
	if err == nil {
		err = d.end(k, indemnity.ControlIrregular, "Ha lavorato in quei giorni.", indemnity.DeclarationUntrue)
	}
	if err != nil {
		d.Fatal(err)
	}
	return k
}

func (d *controlDesk) revoke(k indemnity.ControlID, id indemnity.CaseID) error {
	d.welfare.Helper()
	return d.controls.ProposeRevocation(d.Context(), d.officer, form(d.officer, "revoke"), k, d.kase(id).Version, "Ha lavorato in quei giorni.")
}

// bank is what the bank has done with the payment of a case.
func (d *controlDesk) bank(id indemnity.CaseID, state string) {
	d.welfare.Helper()
	d.alter(`WITH r AS (INSERT INTO payment_runs (programme, number, month, call_id, state, prepared_by, prepared_at, debtor_name, debtor_iban)
			SELECT 'indemnity', 1 + (SELECT count(*) FROM payment_runs), '2026-05-01', '2026-05', 'dropped', $2, now(), 'ENPAP', 'IT24Y0569603211000012345X67' RETURNING id),
		c AS (INSERT INTO case_accounts (application_id, iban, holder, state, given_at, usable_from) VALUES ($1, 'IT60X0542811101000000123456', 'G', 'to_verify', now(), now()) RETURNING *),
		o AS (INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents, state, value_day, outcome_at)
			SELECT r.id, 1, 'E1', a.member_id, c.id, c.iban, c.holder, e.payable_cents, $3, '2026-07-01', CASE $3 WHEN 'paid' THEN now() END
			FROM r, c, indemnity_applications a JOIN indemnity_ranking_entries e ON e.application_id = a.id AND e.ranking_id = a.ranking_id WHERE a.id = $1 RETURNING id)
		INSERT INTO payment_lines (order_id, order_state, application_id, ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents)
		SELECT o.id, $3, a.id, a.ranking_id, e.gross_cents, e.withholding_cents, e.set_off_cents, e.payable_cents
		FROM o, indemnity_applications a JOIN indemnity_ranking_entries e ON e.application_id = a.id AND e.ranking_id = a.ranking_id WHERE a.id = $1`,
		string(id), string(d.payer.Person), state)
}

// TestWhoForgetsTheValueHasItFixedWithTheProposal publishes a call for whose checks nobody
// has fixed a value: a sample can be drawn all the same, and of the correction too.
func TestWhoForgetsTheValueHasItFixedWithTheProposal(t *testing.T) {
	t.Parallel()
	d := newControlDesk(t)
	d.suitable("2026-04-01", "2026-05-05")
	d.suitable("2026-05-07", "2026-05-20")
	d.closed()
	order := indemnity.RankingOrder{}
	for publication := 1; publication <= 2; publication++ {
		ranking := d.simulate(order)
		d.agreed(ranking)
		d.wants("proposed", d.put(ranking), nil)
		d.now = d.now.Add(time.Hour)
		d.wants("approved and published", errors.Join(d.accept(d.approver, ranking), d.publish(d.publisher, ranking)), nil)
		all, err := d.controls.Commitments(t.Context(), mayCall)
		if err != nil || len(all) != publication || all[0].Value != "" || all[0].Made.Person != d.officer.Person {
			t.Fatalf("after publication %d: %+v, %v", publication, all, err)
		}
		if n := d.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.seed_committed'`); n != publication {
			t.Errorf("the register tells of %d values", n)
		}
		id, err := d.sample(indemnity.SampleSize{Count: 1}, "Uno basta.")
		d.wants("a sample", err, nil)
		d.wants("drawn", d.confirm(d.approver, id), nil)
		order = indemnity.RankingOrder{Corrects: ranking, Reason: "Un errore."}
	}
}

func TestASampleIsDrawnByAValueFromBeforeThePublication(t *testing.T) {
	t.Parallel()
	d := newControlDesk(t)
	long, short := d.suitable("2026-04-01", "2026-05-05"), d.suitable("2026-05-07", "2026-05-20")
	share := indemnity.SampleSize{Share: 5_00}
	_, err := d.sample(share, "Il cinque per cento.")
	d.wants("before the publication", err, indemnity.ErrNotPublished)
	d.wants("by who does not prepare", d.controls.CommitSeed(t.Context(), d.approver, form(d.approver, "commit"), mayCall), identity.ErrNoDuty)
	d.wants("a value", d.commit(), nil)
	d.wants("a second value", d.commit(), indemnity.ErrSeedCommitted)
	d.now = d.now.Add(time.Hour)
	ranking := d.published()

	all, err := d.controls.Commitments(t.Context(), mayCall)
	if err != nil || len(all) != 1 || all[0].Value != "" || len(all[0].Digest) != 64 {
		t.Fatalf("what everybody sees of the value: %+v, %v", all, err)
	}
	_, err = d.sample(indemnity.SampleSize{Share: 100_01}, "x")
	d.wants("more than all", err, indemnity.ErrSampleSize)
	_, err = d.sample(share, " ")
	d.wants("without a reason", err, indemnity.ErrSampleReason)
	id, err := d.sample(share, "Il cinque per cento.")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.sample(share, "Un altro.")
	d.wants("a second one", err, indemnity.ErrSampleExists)
	d.wants("drawn by who proposed it", d.confirm(d.officer.WithDuties(identity.Duties), id), indemnity.ErrOwnSample)
	d.wants("drawn without the duty", d.confirm(d.payer, id), identity.ErrNoDuty)
	d.wants("drawn", d.confirm(d.approver, id), nil)
	d.wants("drawn twice", d.confirm(d.approver, id), indemnity.ErrSampleMoved)

	s, err := d.controls.Sample(t.Context(), id)
	if err != nil || s.State != indemnity.SampleMade || s.Size != 1 || s.Population != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	population, err := d.controls.Population(t.Context(), ranking)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, x := range population {
		codes = append(codes, x.Code)
	}
	drawn, err := d.controls.Drawn(t.Context(), id)
	if want := indemnity.Draw(indemnity.Seed(d.ranked(ranking).Manifest, s.Commitment.Value), codes, 1); err != nil || len(drawn) != 1 || drawn[0].Code != want[0] {
		t.Errorf("drawn %+v, want %v; %v", drawn, want, err)
	}
	if !slices.Contains([]indemnity.CaseID{long, short}, drawn[0].Case) {
		t.Errorf("%s is drawn", drawn[0].Case)
	}
	d.wants("the next value", d.commit(), nil)

	k := drawn[0].ID
	d.wants("without an outcome", d.end(k, "", "x"), indemnity.ErrControlOutcome)
	d.wants("without a word", d.end(k, indemnity.ControlConfirmed, " "), indemnity.ErrControlFound)
	d.wants("irregular without grounds", d.end(k, indemnity.ControlIrregular, "x"), indemnity.ErrControlGrounds)
	d.wants("irregular on grounds of another kind", d.end(k, indemnity.ControlIrregular, "x", indemnity.EventTooShort), indemnity.ErrControlGrounds)
	d.wants("regular", d.end(k, indemnity.ControlConfirmed, "I certificati sono veri."), nil)
	d.wants("a second outcome", d.end(k, indemnity.ControlIrregular, "x", indemnity.DeclarationUntrue), indemnity.ErrControlEnded)
	d.wants("revoked for what is regular", d.revoke(k, drawn[0].Case), indemnity.ErrControlRegular)
}

func TestWhatWasPaidAndRevokedComesBackToTheCent(t *testing.T) {
	t.Parallel()
	d := newControlDesk(t)
	id := d.suitable("2026-04-01", "2026-05-05")
	report := func(who identity.Actor) error {
		_, err := d.controls.ReportCase(t.Context(), who, form(who, "report"), id, "x")
		return err
	}
	d.wants("before it is paid", report(d.officer), indemnity.ErrNotControllable)
	d.published()
	d.wants("their own", report(identity.Own(d.giulia.Person, identity.Welfare).WithDuties(identity.Duties)), indemnity.ErrOwnCase)
	k := d.reported(id)
	d.bank(id, "sent")
	d.wants("while the bank pays", d.revoke(k, id), indemnity.ErrPaymentUnderWay)
	d.alter(`UPDATE payment_orders SET state = 'paid', value_day = '2026-07-01', outcome_at = now(), certificate = 'C-1', check_code = 'K' WHERE end_to_end = 'E1'`)
	d.alter(`UPDATE payment_lines SET order_state = 'paid' WHERE application_id = $1`, string(id))
	d.wants("proposed", d.revoke(k, id), nil)
	d.wants("proposed twice", d.revoke(k, id), indemnity.ErrDecisionOpen)
	d.wants("approved by who proposed it", d.approve(d.officer.WithDuties(identity.Duties), id), indemnity.ErrOwnDecision)
	d.alter(`UPDATE indemnity_controls SET ended_by = $2 WHERE id = $1`, string(k), string(d.payer.Person))
	d.wants("approved by who checked it", d.approve(d.payer.WithDuties(identity.Duties), id), indemnity.ErrOwnFindings)
	d.wants("approved", d.approve(d.approver, id), nil)

	c := d.kase(id)
	place, err := d.OwnPlace(t.Context(), d.giulia, id)
	if err != nil || c.State != indemnity.Revoked || len(c.Recoveries) != 1 || c.Recoveries[0].Amount != place.Payable || c.Recoveries[0].DueOn != c.Rules.Terms().Recovery(on("2026-06-20")).End() {
		t.Fatalf("%s, %+v, %v", c.State, c.Recoveries, err)
	}
	r := c.Recoveries[0]
	if r.Holder != "ENPAP" || r.Account != "IT24Y0569603211000012345X67" {
		t.Errorf("it is paid back to %s, %s", r.Holder, r.Account)
	}
	receive := func(who identity.Actor, amount money.Amount, day string, version int64) error {
		return d.controls.Receive(t.Context(), who, form(who, "receive"), r.ID, version, indemnity.Receipt{Amount: amount, On: on(day), Reference: "CRO 1"})
	}
	d.now = on("2026-06-25").At(9, 0)
	d.wants("by who prepares", receive(d.officer, 1, "2026-06-24", 0), identity.ErrNoDuty)
	d.wants("more than is owed", receive(d.payer, r.Amount+1, "2026-06-24", 0), indemnity.ErrReceiptAmount)
	d.wants("tomorrow", receive(d.payer, 1, "2026-06-26", 0), indemnity.ErrReceiptDay)
	d.wants("a part", receive(d.payer, 100_00, "2026-06-24", 0), nil)
	d.wants("as it was before", receive(d.payer, 100_00, "2026-06-24", 0), indemnity.ErrRecoveryMoved)

	writeOff := func(who identity.Actor, version int64, reason string) error {
		return d.controls.ProposeWriteOff(t.Context(), who, form(who, "write off"), r.ID, version, reason)
	}
	decide := func(who identity.Actor, version int64, yes bool) error {
		return d.controls.DecideWriteOff(t.Context(), who, form(who, "decide"), r.ID, version, yes)
	}
	d.wants("given up without a reason", writeOff(d.payer, 1, " "), indemnity.ErrWriteOffReason)
	d.wants("given up before it is proposed", decide(d.approver, 1, true), indemnity.ErrNoWriteOff)
	d.wants("proposed to give up", writeOff(d.payer, 1, "Ha perso tutto."), nil)
	d.wants("given up by who proposed it", decide(d.payer.WithDuties(identity.Duties), 2, true), indemnity.ErrOwnWriteOff)
	d.wants("not given up", decide(d.approver, 2, false), nil)
	d.wants("the rest", receive(d.payer, r.Amount-100_00, "2026-06-25", 3), nil)
	d.wants("once all is back", receive(d.payer, 1, "2026-06-25", 4), indemnity.ErrRecoveryClosed)
	if r = d.kase(id).Recoveries[0]; r.State != indemnity.RecoveryPaid || r.Left() != 0 || len(r.Received) != 2 || r.Received[0].By.Name != "Teresa Mancini" {
		t.Errorf("%+v", r)
	}

	// The revocation does not stand: nothing is owed, and the place counts again.
	again := func() error {
		return d.controls.ProposeReinstatement(t.Context(), d.officer, form(d.officer, "again"), id, d.kase(id).Version, "Il giudice l’ha annullata.")
	}
	d.now = d.now.Add(time.Hour)
	d.wants("given again", errors.Join(again(), d.approve(d.approver, id)), nil)
	if c = d.kase(id); c.State != indemnity.Funded || c.Recoveries[0].State != indemnity.RecoveryAnnulled {
		t.Errorf("%s, %+v", c.State, c.Recoveries)
	}
	d.wants("given again twice", again(), indemnity.ErrNotRevoked)
}

func TestWhatIsRevokedBeforeItsPaymentIsNotPaid(t *testing.T) {
	t.Parallel()
	d := newControlDesk(t)
	id := d.suitable("2026-04-01", "2026-05-05")
	d.published()
	k := d.reported(id)
	d.bank(id, "frozen")
	d.wants("revoked", errors.Join(d.revoke(k, id), d.approve(d.approver, id)), nil)
	if c := d.kase(id); c.State != indemnity.Revoked || len(c.Recoveries) != 0 {
		t.Errorf("%s, %+v", c.State, c.Recoveries)
	}
	if _, err := d.pool.Exec(t.Context(), `UPDATE payment_orders SET state = 'sent' WHERE end_to_end = 'E1'`); err == nil {
		t.Error("the bank is told to pay it")
	}
}
