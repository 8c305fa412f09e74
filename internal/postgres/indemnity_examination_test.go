package postgres_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// welfareDesk is the desk of the office, with an officer more who approves.
type welfareDesk struct {
	*welfare
	*indemnity.Desk
	approver identity.Actor
}

func newWelfareDesk(t *testing.T) *welfareDesk {
	t.Helper()
	w := newWelfare(t, "")
	return &welfareDesk{w, indemnity.NewDesk(postgres.NewCaseFiles(w.pool), w.cases, rand.Reader, func() time.Time { return w.now }),
		identity.Own(w.person("LNEFNC70A01H501", "Franco", "Leone").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Approve})}
}

// application is one that was sent in June, of forty days of illness.
func (d *welfareDesk) application() indemnity.CaseID {
	d.welfare.Helper()
	d.now = on("2026-06-03").At(9, 0)
	return d.sent("2026-04-22", "2026-05-31")
}

// opened is a case as the officer sees it.
func (d *welfareDesk) opened(id indemnity.CaseID) indemnity.Opened {
	d.welfare.Helper()
	o, err := d.Open(d.Context(), d.officer, id)
	if err != nil {
		d.Fatal(err)
	}
	return o
}

func (d *welfareDesk) find(id indemnity.CaseID, f indemnity.Finding) error {
	d.welfare.Helper()
	return d.Find(d.Context(), d.officer, form(d.officer, "find"), id, d.opened(id).Version, f)
}

// checked has the officer answer every check that wants an answer with yes.
func (d *welfareDesk) checked(id indemnity.CaseID) {
	d.welfare.Helper()
	for _, check := range indemnity.Unchecked(d.opened(id).Checklist) {
		if err := d.find(id, indemnity.Finding{Check: check, Verdict: indemnity.Met}); err != nil {
			d.Fatal(check, err)
		}
	}
}

func (d *welfareDesk) propose(id indemnity.CaseID, to indemnity.State, text string) error {
	d.now = d.now.Add(time.Minute)
	d.welfare.Helper()
	return d.Propose(d.Context(), d.officer, form(d.officer, "propose"), id, d.opened(id).Version, to, text)
}

func (d *welfareDesk) approve(who identity.Actor, id indemnity.CaseID) error {
	d.welfare.Helper()
	return d.Approve(d.Context(), who, form(who, "approve"), id, d.kase(id).Version)
}

func TestACaseIsSuitableOnceEverythingIsCheckedAndTwoOfficersSaySo(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	if err := d.propose(id, indemnity.Suitable, ""); !errors.Is(err, indemnity.ErrUnchecked) {
		t.Fatalf("with checks to make: %v", err)
	}
	d.checked(id)
	if err := d.propose(id, indemnity.NotEligible, ""); !errors.Is(err, indemnity.ErrOutcomeUnborne) {
		t.Errorf("an outcome that the examination does not bear: %v", err)
	}
	if err := d.propose(id, indemnity.Suitable, "Benvenuta."); err != nil {
		t.Fatal(err)
	}
	if err := d.find(id, indemnity.Finding{Check: indemnity.CheckIBAN, Verdict: indemnity.NotMet, Note: "di un altro"}); !errors.Is(err, indemnity.ErrDecisionOpen) {
		t.Errorf("a finding while a decision waits: %v", err)
	}
	both := d.officer.WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	if err := d.approve(both, id); !errors.Is(err, indemnity.ErrOwnDecision) {
		t.Errorf("approved by who proposed it: %v", err)
	}
	if err := d.approve(d.officer, id); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("approved without the duty: %v", err)
	}
	if err := d.approve(d.approver, id); err != nil {
		t.Fatal(err)
	}
	c := d.kase(id)
	made := c.Decision()
	if c.State != indemnity.Suitable || made == nil || made.DecidedBy.ID != d.approver.Person || made.Protocol == "" || len(made.CheckCode) != 12 || made.Text != "Benvenuta." {
		t.Errorf("%+v", made)
	}
	if got := d.count(`SELECT count(*) FROM audit WHERE subject_id = $1 AND action IN ('indemnity.decision_proposed', 'indemnity.decision_approved')`, string(id)); got != 2 {
		t.Errorf("%d entries", got)
	}
}

func TestAnUnfavourableOutcomeHasTheGroundsThatTheExaminationFinds(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	if err := d.find(id, indemnity.Finding{Check: indemnity.CheckIdentity, Verdict: indemnity.NotMet, Found: indemnity.Found{Identity: indemnity.IdentityMissing}}); !errors.Is(err, indemnity.ErrFindingNote) {
		t.Errorf("without saying why: %v", err)
	}
	if err := d.find(id, indemnity.Finding{Check: indemnity.CheckIdentity, Verdict: indemnity.NotMet, Note: "È una fattura.",
		Found: indemnity.Found{Identity: indemnity.IdentityMissing}}); err != nil {
		t.Fatal(err)
	}
	o := d.opened(id)
	if k := o.Checklist[0]; k.Verdict() != indemnity.NotMet || !slices.Equal(k.Codes, []indemnity.Code{indemnity.IdentityDocumentMissing}) || k.Finding.Name != "Silvia Costa" {
		t.Errorf("%+v", k)
	}
	if o.Sent.Outcome != indemnity.OutcomeRanked || o.Found.Outcome != indemnity.OutcomeInadmissible {
		t.Errorf("sent %s, found %s", o.Sent.Outcome, o.Found.Outcome)
	}
	if err := d.propose(id, indemnity.Inadmissible, ""); err != nil { // whatever else is to be checked
		t.Fatal(err)
	}
	if err := d.SendBack(d.Context(), d.approver, form(d.approver, "back"), id, d.kase(id).Version, "Guarda il secondo file."); err != nil {
		t.Fatal(err)
	}
	if c := d.kase(id); c.State != indemnity.InReview || c.OpenDecision() != nil || c.Decisions[0].Why != "Guarda il secondo file." {
		t.Errorf("sent back: %+v", c.Decisions)
	}
	if err := d.propose(id, indemnity.Inadmissible, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.approve(d.approver, id); err != nil {
		t.Fatal(err)
	}
	if made := d.kase(id).Decision(); !slices.Equal(made.Codes, []indemnity.Code{indemnity.IdentityDocumentMissing}) {
		t.Errorf("grounds %v", made.Codes)
	}

	// Only another decision undoes it.
	if err := d.propose(id, indemnity.InReview, ""); !errors.Is(err, indemnity.ErrDecisionText) {
		t.Errorf("undone without saying why: %v", err)
	}
	if err := d.propose(id, indemnity.InReview, "Il documento era nel secondo file."); err != nil {
		t.Fatal(err)
	}
	if err := d.approve(d.approver, id); err != nil {
		t.Fatal(err)
	}
	c := d.kase(id)
	if c.State != indemnity.InReview || c.Decision().Undoes != c.Decisions[1].ID {
		t.Errorf("%s, %+v", c.State, c.Decisions)
	}
	if err := d.find(id, indemnity.Finding{Check: indemnity.CheckIdentity, Verdict: indemnity.Met, Found: indemnity.Found{Identity: indemnity.IdentityValid}}); err != nil {
		t.Error(err)
	}
}

func TestWhatAnOfficerReadsInAPaperCountsAndIsToldToAStaleReader(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	before := d.opened(id)
	var proof indemnity.Paper
	for _, p := range before.Papers {
		if p.Kind == indemnity.InitialPrognosis {
			proof = p
		}
	}
	read := proof.Covers
	read.To = on("2026-05-18")
	f := indemnity.Finding{Check: indemnity.CheckCoverage, Verdict: indemnity.Met, Found: indemnity.Found{Papers: map[indemnity.PaperID]indemnity.PaperRead{proof.ID: {Covers: read}}}}
	if err := d.find(id, f); err != nil {
		t.Fatal(err)
	}
	o := d.opened(id)
	if o.Sent.Duration != 40 || o.Found.Duration != 27 || o.Found.Entitlement.Days != 21 {
		t.Errorf("sent %d days, found %d, paid %d", o.Sent.Duration, o.Found.Duration, o.Found.Entitlement.Days)
	}
	var moved indemnity.MovedError
	err := d.Find(t.Context(), d.officer, form(d.officer, "find"), id, before.Version, f)
	if !errors.As(err, &moved) || !errors.Is(err, indemnity.ErrCaseMoved) || len(moved.Since) != 1 || moved.Since[0].Check != indemnity.CheckCoverage {
		t.Errorf("a stale reader: %v, %+v", err, moved.Since)
	}
	f.Found.Papers = map[indemnity.PaperID]indemnity.PaperRead{"3f7c9a52-0000-4000-8000-000000000000": {Disallowed: true}}
	if err := d.find(id, f); err == nil {
		t.Error("a paper of nobody’s was read")
	}
}

func TestTwoOfficersDoNotWorkBlindOnOneCase(t *testing.T) {
	t.Parallel()
	d := newWelfareDesk(t)
	id := d.application()
	second := identity.Own(d.person("RSSPLA80A41H501", "Paola", "Russo").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	d.opened(id)
	o, err := d.Open(t.Context(), second, id)
	if err != nil || o.Claim.By != d.officer.Person || o.Claim.Name != "Silvia Costa" {
		t.Fatalf("%+v, %v", o.Claim, err)
	}
	f := indemnity.Finding{Check: indemnity.CheckIBAN, Verdict: indemnity.Met}
	if err := d.Find(t.Context(), second, form(second, "find"), id, o.Version, f); !errors.Is(err, indemnity.ErrClaimed) {
		t.Errorf("while a colleague works on it: %v", err)
	}
	if err := d.Release(t.Context(), d.officer, id); err != nil {
		t.Fatal(err)
	}
	if o, err = d.Open(t.Context(), second, id); err != nil || o.Claim.By != second.Person {
		t.Errorf("once it was let go: %+v, %v", o.Claim, err)
	}
	d.now = d.now.Add(indemnity.ClaimedFor)
	if o = d.opened(id); o.Claim.By != d.officer.Person {
		t.Errorf("a claim lasts for ever: %+v", o.Claim)
	}
}
