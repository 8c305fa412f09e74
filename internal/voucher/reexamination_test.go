package voucher_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
)

var (
	reviewNoon = time.Date(2026, 3, 2, 12, 0, 0, 0, calendar.Rome) // a Monday
	asker      = identity.Own("maria", identity.Citizen)
	preparer   = identity.Own("chiara", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	decider    = identity.Own("andrea", identity.INPS).WithDuties([]identity.Duty{identity.Approve})
)

// reviewed is a file that was refused on a day, of an edition with thirty days to ask
// and thirty to answer.
func reviewed(decided calendar.Date) voucher.CaseFile {
	var r voucher.Rules
	r.ReexaminationAsk, r.ReexaminationEnd = rules.Value[int]{Is: 30}, rules.Value[int]{Is: 30}
	r.Holidays.Is = calendar.Holidays{Sundays: true}
	r.Bands.Is = []voucher.Band{{UpTo: 15_000_00, Amount: 1_500_00}, {UpTo: 50_000_00, Inclusive: true, Amount: 500_00}}
	return voucher.CaseFile{
		Application: voucher.Application{ID: "a", Beneficiary: "maria", Applicant: "maria", Territory: "Lazio", State: voucher.NotProcessable,
			Reason: "isee_not_corrected", DecidedOn: decided, ISEEStatus: voucher.ISEEDefective, ISEE: 9_000_00, HasISEE: true},
		Edition: voucher.Edition{ID: "2026", Rules: r},
	}
}

func draft() voucher.ReviewDraft {
	return voucher.ReviewDraft{ID: "r", Application: "a", Motive: voucher.WrongISEE, Text: "era valido"}
}

func open(state voucher.ReviewState) voucher.ReviewCase {
	c := voucher.ReviewCase{Reexamination: voucher.Reexamination{ID: "r", Application: "a", AskedBy: "maria", State: state, Version: 4}, File: reviewed(calendar.NewDate(2026, 2, 20))}
	if state == voucher.ReviewProposed {
		c.ProposedBy, c.Proposal, c.Grounds = "chiara", voucher.ProposeDeny, "fuori termine"
	}
	return c
}

func TestTheTermToAskForAReexamination(t *testing.T) {
	t.Parallel()
	today := calendar.On(reviewNoon)
	waiting := []voucher.Reexamination{{State: voucher.ReviewProposed}}
	ended := []voucher.Reexamination{{State: voucher.ReviewDenied}, {State: voucher.ReviewWithdrawn}}
	for name, c := range map[string]struct {
		file   func() voucher.CaseFile
		before []voucher.Reexamination
		want   error
	}{
		"on the thirtieth day":            {func() voucher.CaseFile { return reviewed(today.Add(-30)) }, nil, nil},
		"when the thirtieth was a Sunday": {func() voucher.CaseFile { return reviewed(today.Add(-31)) }, nil, nil},
		"on the day after":                {func() voucher.CaseFile { return reviewed(today.Add(-32)) }, nil, voucher.ErrReviewTooLate},
		"while another is open":           {func() voucher.CaseFile { return reviewed(today) }, waiting, voucher.ErrReviewOpen},
		"after others were ended":         {func() voucher.CaseFile { return reviewed(today) }, ended, nil},
		"before there is an outcome": {func() voucher.CaseFile {
			f := reviewed(calendar.Date{})
			f.Application.State = voucher.InReview
			return f
		}, nil, voucher.ErrReviewNoOutcome},
		"of one that its beneficiary ended": {func() voucher.CaseFile { f := reviewed(today); f.Application.State = voucher.Withdrawn; return f }, nil, voucher.ErrReviewNoOutcome},
	} {
		f := c.file()
		if err := f.MayAskReview(c.before, today); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		r, err := f.AskReview(draft(), c.before, asker, reviewNoon)
		if !errors.Is(err, c.want) || err == nil && (r.State != voucher.ReviewAsked || r.DecideBy != calendar.NewDate(2026, 4, 1)) {
			t.Errorf("%s it is asked: %+v, %v", name, r.DecideBy, err)
		}
	}
	for why, d := range map[error]voucher.ReviewDraft{
		voucher.ErrReviewNoDraft: {}, voucher.ErrReviewMotive: {ID: "r", Motive: "spite", Text: "x"}, voucher.ErrReviewText: {ID: "r", Motive: voucher.OtherMotive, Text: " \n"},
	} {
		if _, err := reviewed(today).AskReview(d, nil, asker, reviewNoon); !errors.Is(err, why) {
			t.Errorf("%v, want %v", err, why)
		}
	}
}

func TestNobodyDecidesTheReexaminationTheyProposed(t *testing.T) {
	t.Parallel()
	both := identity.Own("chiara", identity.INPS).WithDuties(identity.Duties)
	deny := voucher.ReviewProposal{Version: 4, Grounds: "fuori termine"}
	d, err := open(voucher.ReviewAsked).Propose(deny, both, 0, reviewNoon)
	if err != nil || d.Reexamination.State != voucher.ReviewProposed || d.Reexamination.ProposedBy != "chiara" {
		t.Fatalf("%+v, %v", d, err)
	}
	c := open(voucher.ReviewProposed)
	for name, try := range map[string]struct {
		do   func() error
		want error
	}{
		"who proposed decides":    {func() error { _, err := c.Decide(4, both, reviewNoon); return err }, voucher.ErrReviewOwn},
		"who proposed returns it": {func() error { _, err := c.Return(4, "x", both, reviewNoon); return err }, voucher.ErrReviewOwn},
		"who prepares decides": {func() error {
			_, err := c.Decide(4, identity.Own("x", identity.INPS).WithDuties([]identity.Duty{identity.Prepare}), reviewNoon)
			return err
		}, identity.ErrNoDuty},
		"who approves proposes": {func() error {
			_, err := open(voucher.ReviewAsked).Propose(deny, decider, 0, reviewNoon)
			return err
		}, identity.ErrNoDuty},
		"a citizen decides": {func() error { _, err := c.Decide(4, asker, reviewNoon); return err }, identity.ErrNoDuty},
		"the beneficiary proposes": {func() error {
			_, err := open(voucher.ReviewAsked).Propose(deny, identity.Own("maria", identity.INPS).WithDuties(identity.Duties), 0, reviewNoon)
			return err
		}, voucher.ErrReviewParty},
		"the beneficiary decides": {func() error {
			_, err := c.Decide(4, identity.Own("maria", identity.INPS).WithDuties(identity.Duties), reviewNoon)
			return err
		}, voucher.ErrReviewParty},
		"somebody decides what is asked": {func() error { _, err := open(voucher.ReviewAsked).Decide(4, decider, reviewNoon); return err }, voucher.ErrReviewUnproposed},
		"somebody decides twice":         {func() error { _, err := open(voucher.ReviewDenied).Decide(4, decider, reviewNoon); return err }, voucher.ErrReviewEnded},
		"somebody decides an older one":  {func() error { _, err := c.Decide(3, decider, reviewNoon); return err }, voucher.ErrReviewMoved},
		"somebody proposes an older one": {func() error {
			_, err := open(voucher.ReviewAsked).Propose(voucher.ReviewProposal{Version: 3, Grounds: "x"}, preparer, 0, reviewNoon)
			return err
		}, voucher.ErrReviewMoved},
		"somebody proposes twice":         {func() error { _, err := c.Propose(deny, preparer, 0, reviewNoon); return err }, voucher.ErrReviewProposed},
		"somebody returns without a word": {func() error { _, err := c.Return(4, " ", decider, reviewNoon); return err }, voucher.ErrReviewNote},
		"somebody else withdraws":         {func() error { _, err := c.Withdraw(identity.Own("luca", identity.Citizen), reviewNoon); return err }, fault.ErrNotFound},
		"an officer withdraws":            {func() error { _, err := c.Withdraw(preparer, reviewNoon); return err }, fault.ErrNotFound},
		"it is withdrawn after its end":   {func() error { _, err := open(voucher.ReviewGranted).Withdraw(asker, reviewNoon); return err }, voucher.ErrReviewEnded},
	} {
		if err := try.do(); !errors.Is(err, try.want) {
			t.Errorf("%s: %v, want %v", name, err, try.want)
		}
	}
	if d, err := c.Return(4, "manca il protocollo", decider, reviewNoon); err != nil || d.Reexamination.State != voucher.ReviewAsked || d.Reexamination.ProposedBy != "" || d.Note == "" {
		t.Errorf("returned: %+v, %v", d, err)
	}
	if d, err := c.Decide(4, decider, reviewNoon); err != nil || d.Reexamination.State != voucher.ReviewDenied || d.Right != nil {
		t.Errorf("denied: %+v, %v", d, err)
	}
}

func TestAGrantedReexaminationPutsTheApplicationRight(t *testing.T) {
	t.Parallel()
	isee := func(a money.Amount) *money.Amount { return &a }
	refused := reviewed(calendar.NewDate(2026, 2, 20)).Application
	unfunded := refused
	unfunded.State, unfunded.Reason, unfunded.ISEEStatus, unfunded.Rank = voucher.Unfunded, "", voucher.ISEEValid, 900
	missing := refused
	missing.HasISEE, missing.ISEE, missing.ISEEStatus = false, 0, voucher.ISEEMissing
	excluded := unfunded
	excluded.State, excluded.Reason, excluded.Rank = voucher.Refused, "not_resident", 0
	for name, c := range map[string]struct {
		of    voucher.Application
		fix   voucher.Correction
		state voucher.ApplicationState
		want  error
	}{
		"an ISEE for one that had none that counts":   {refused, voucher.Correction{ISEE: isee(8_000_00)}, voucher.InReview, nil},
		"an ISEE of nothing":                          {missing, voucher.Correction{ISEE: isee(0)}, voucher.InReview, nil},
		"a negative ISEE":                             {refused, voucher.Correction{ISEE: isee(-1)}, "", voucher.ErrReviewISEE},
		"readmitted without an ISEE":                  {missing, voucher.Correction{Readmit: true}, "", voucher.ErrReviewISEE},
		"readmitted with one":                         {excluded, voucher.Correction{Readmit: true}, voucher.InReview, nil},
		"another territory for one that was excluded": {excluded, voucher.Correction{Territory: "Umbria"}, voucher.InReview, nil},
		"another ISEE for one with a place":           {unfunded, voucher.Correction{ISEE: isee(3_000_00)}, voucher.Unfunded, nil},
		"another territory for one with a place":      {unfunded, voucher.Correction{Territory: "P.A. Bolzano"}, voucher.Unfunded, nil},
		"a territory that is none":                    {unfunded, voucher.Correction{Territory: "Padania"}, "", voucher.ErrReviewTerritory},
		"the same ISEE":                               {unfunded, voucher.Correction{ISEE: isee(unfunded.ISEE)}, "", voucher.ErrReviewNoChange},
		"the same territory":                          {unfunded, voucher.Correction{Territory: "Lazio"}, "", voucher.ErrReviewNoChange},
		"nothing":                                     {refused, voucher.Correction{}, "", voucher.ErrReviewNoChange},
		"readmitted, one that is in":                  {unfunded, voucher.Correction{Readmit: true}, "", voucher.ErrReviewNoChange},
	} {
		right, err := c.fix.Apply(c.of)
		if !errors.Is(err, c.want) || err == nil && right.State != c.state {
			t.Errorf("%s: %s, %v; want %s, %v", name, right.State, err, c.state, c.want)
		}
		if err == nil && (right.State == voucher.InReview) != (right.Reason == "" && c.of.Reason != "") {
			t.Errorf("%s: %s for %q", name, right.State, right.Reason)
		}
	}

	c := open(voucher.ReviewAsked)
	d, err := c.Propose(voucher.ReviewProposal{Version: 4, Grant: true, Correction: voucher.Correction{ISEE: isee(8_000_00)}, Grounds: "valido"}, preparer, 5_000_00, reviewNoon)
	if err != nil || d.Reexamination.SetAside != 1_500_00 || d.Right != nil {
		t.Fatalf("proposed: %+v, %v", d, err)
	}
	c.Reexamination = d.Reexamination
	if d, err = c.Decide(4, decider, reviewNoon); err != nil || d.Right == nil || d.Right.ISEE != 8_000_00 || d.Right.State != voucher.InReview || d.Reexamination.State != voucher.ReviewGranted {
		t.Errorf("granted: %+v, %v", d, err)
	}
}

func TestTheMoneyKeptBackIsWhatIsDueAndLeft(t *testing.T) {
	t.Parallel()
	isee := money.Amount(8_000_00)
	for _, c := range []struct{ left, want money.Amount }{{10_000_00, 1_500_00}, {700_00, 700_00}, {0, 0}, {-5_00, 0}} {
		r := open(voucher.ReviewAsked)
		d, err := r.Propose(voucher.ReviewProposal{Version: 4, Grant: true, Correction: voucher.Correction{ISEE: &isee}, Grounds: "x"}, preparer, c.left, reviewNoon)
		if err != nil || d.Reexamination.SetAside != c.want {
			t.Errorf("left %s: %s kept back, %v; want %s", c.left, d.Reexamination.SetAside, err, c.want)
		}
	}
}

func TestAReexaminationNeitherMovesNorRaisesAnAward(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		awarded money.Amount
		isee    money.Amount
		to      string
		want    error
	}{
		"to a higher band":             {500_00, 8_000_00, "", voucher.ErrReviewRaise},
		"to a better place, of a part": {300_00, 16_000_00, "", voucher.ErrReviewRaise},
		"to another territory":         {500_00, 16_000_00, "Umbria", voucher.ErrReviewMove},
		"within its band":              {500_00, 16_000_00, "", nil},
		"to a lower band":              {1_500_00, 16_000_00, "Lazio", nil},
	} {
		r := open(voucher.ReviewAsked)
		r.File.Application.State, r.File.Application.ISEEStatus, r.File.Application.ISEE = voucher.Awarded, voucher.ISEEValid, 20_000_00
		r.File.Voucher = voucher.Voucher{ID: "v", Awarded: c.awarded, Territory: "Lazio"}
		grant := voucher.ReviewProposal{Version: 4, Grant: true, Correction: voucher.Correction{ISEE: &c.isee, Territory: c.to}, Grounds: "x"}
		d, err := r.Propose(grant, preparer, 10_000_00, reviewNoon)
		if !errors.Is(err, c.want) || d.Reexamination.SetAside != 0 {
			t.Errorf("%s: %v and %s kept back, want %v", name, err, d.Reexamination.SetAside, c.want)
		}
		// The award came between the proposal and the decision.
		r.Reexamination.State, r.ProposedBy, r.Proposal, r.Correction = voucher.ReviewProposed, "chiara", voucher.ProposeGrant, &grant.Correction
		if d, err := r.Decide(4, decider, reviewNoon); !errors.Is(err, c.want) || (d.Right != nil) != (c.want == nil) {
			t.Errorf("%s, decided: %v, want %v", name, err, c.want)
		}
	}
}
