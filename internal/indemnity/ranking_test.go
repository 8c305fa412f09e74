package indemnity_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// frozen are made-up applications as a ranking freezes them.
func frozen(t *testing.T, all []indemnity.Facts) []indemnity.FrozenCase {
	t.Helper()
	var cases []indemnity.FrozenCase
	for _, f := range all {
		cases = append(cases, indemnity.FrozenCase{Case: indemnity.CaseID(f.ID), Facts: f})
	}
	cases, err := indemnity.Freeze(cases)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestWhatIsFrozenRanksAsItWouldHave(t *testing.T) {
	t.Parallel()
	call := may(t)
	all := somewhere(4, 80)
	want, sum := indemnity.Examine(&call, calendar.Date{}, all)
	made := indemnity.MakeRanking(&call, calendar.Date{}, nil, frozen(t, all))
	if !reflect.DeepEqual(made.Summary, sum) {
		t.Errorf("%+v, want %+v", made.Summary, sum)
	}
	for i, r := range made.Results {
		if r.Applicant[0] != 'P' || len(r.Applicant) != 5 {
			t.Errorf("the applicant is %s", r.Applicant)
		}
		r.Applicant = want[i].Applicant
		wantIs(t, r.ID, string(r.Outcome)+string(r.Funding), string(want[i].Outcome)+string(want[i].Funding))
		wantIs(t, r.ID, r.Rank, want[i].Rank)
		wantIs(t, r.ID, r.Payable, want[i].Payable)
		if steps := made.Steps(i); len(steps) < 15 || (r.Rank > 0) != slices.ContainsFunc(steps, func(s indemnity.Step) bool { return s.Name == indemnity.StepRank }) {
			t.Errorf("%s has %d steps", r.ID, len(steps))
		}
	}
}

// publication is the file of a ranking that was published with a key.
func publication(t *testing.T, key ed25519.PrivateKey, ruled []string, size int) []byte {
	t.Helper()
	call := may(t)
	budget := 20_000 * money.Euro
	call.Rules.Budget.Is = &budget
	made := indemnity.MakeRanking(&call, day("2026-07-01"), ruled, frozen(t, somewhere(9, size)))
	r := indemnity.Ranking{ID: "r", Call: call, On: day("2026-07-01"), Ruled: ruled, Summary: made.Summary, Publication: 1, Published: identity.Hand{At: time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)}}
	var err error
	if r.Digests, err = made.Digests(); err == nil {
		err = r.Sign(key)
	}
	var file bytes.Buffer
	if err == nil {
		err = indemnity.WritePublication(&file, r, made)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestAPublicationHoldsUntilOneByteOfItIsAnother(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)
	file := publication(t, key, []string{"A0003", "A0001"}, 6)
	if m, wrong := indemnity.VerifyPublication(file, public); len(wrong) > 0 || m.Applications != 6 || m.Publication != 1 {
		t.Fatalf("%+v, %v", m, wrong)
	}
	if bytes.Contains(file, []byte("M0")) {
		t.Error("the number of a member is in it")
	}
	for at := range file {
		if at%7 != 0 && at > 600 {
			continue
		}
		file[at] ^= 1
		if _, wrong := indemnity.VerifyPublication(file, public); len(wrong) == 0 {
			t.Errorf("byte %d of %q is another, and nobody sees it", at, file[max(at-30, 0):at+1])
		}
		file[at] ^= 1
	}
	if _, wrong := indemnity.VerifyPublication(append(slices.Clone(file), '\n'), public); len(wrong) == 0 {
		t.Error("a byte more goes unseen")
	}
	if _, wrong := indemnity.VerifyPublication(file[:len(file)-1], public); len(wrong) == 0 {
		t.Error("a byte less goes unseen")
	}
}

func TestTheRowThatWasAlteredIsNamed(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	file := publication(t, key, nil, 30)
	named := func(altered []byte, part, row string) {
		t.Helper()
		_, wrong := indemnity.VerifyPublication(altered, nil)
		if !slices.ContainsFunc(wrong, func(d indemnity.Difference) bool { return d.Part == part && d.Row == row }) {
			t.Errorf("%s of %s: %v", part, row, wrong)
		}
	}
	text := string(file)
	row := func(part, protocol string) int {
		head := strings.Index(text, "== "+part+"\n")
		return head + strings.Index(text[head:], protocol)
	}
	for _, protocol := range []string{"A0000", "A0017", "A0029"} {
		for _, part := range []string{"inputs", "results"} {
			altered := slices.Clone(file)
			altered[row(part, protocol)+40] ^= 1
			named(altered, part, protocol)
		}
		altered := slices.Clone(file)
		altered[row("rows", protocol)+40] ^= 1
		named(altered, "rows", protocol)
		altered[row("rows", protocol)+40] ^= 1
		altered[row("rows", protocol)+1] ^= 1
		named(altered, "rows", protocol)
	}
	altered := bytes.Replace(file, []byte(`"budget": "20000.00"`), []byte(`"budget": "20000.01"`), 1)
	named(altered, "inputs", "")
}

func TestARulingDecidesAmongEqualsAlone(t *testing.T) {
	t.Parallel()
	call := may(t)
	all := []indemnity.Facts{sound(called("A", "M1")), sound(called("B", "M2")), sound(called("C", "M3"), isee(1*money.Euro))}
	plain := indemnity.MakeRanking(&call, calendar.Date{}, nil, frozen(t, all))
	budget := plain.Results[0].Entitlement.Gross * 2
	call.Rules.Budget.Is = &budget
	plain = indemnity.MakeRanking(&call, calendar.Date{}, nil, frozen(t, all))
	if ties := plain.Ties(); len(ties) != 1 || !slices.Equal(ties[0], []string{"A", "B"}) {
		t.Fatalf("ties %v", ties)
	}
	ruled := indemnity.MakeRanking(&call, calendar.Date{}, []string{"B", "A"}, frozen(t, all))
	if len(ruled.Ties()) != 0 || ruled.Results[1].Funding != indemnity.FundedWhole || ruled.Results[0].Funding != indemnity.NotFunded ||
		ruled.Results[0].Decided != indemnity.ByRuling || ruled.Results[2].Rank != 1 || ruled.Results[0].ExAequo != ruled.Results[1].ExAequo {
		t.Errorf("%+v", ruled.Results)
	}
	if got := indemnity.Ruled([]indemnity.Ruling{{Order: []string{"B", "A"}}, {Order: []string{"A", "B", "C"}}}); !slices.Equal(got, []string{"B", "A", "C"}) {
		t.Errorf("the newest counts: %v", got)
	}
}

func TestWhatStandsBetweenARankingAndItsPublication(t *testing.T) {
	t.Parallel()
	call := may(t)
	now := day("2026-07-01").At(9, 0)
	sane := func() (indemnity.Ranking, indemnity.RankingReadiness) {
		return indemnity.Ranking{ID: "r", Call: call, Kind: indemnity.TrueRanking, CheckedAt: now, Summary: indemnity.Summary{Applications: 3, Ranked: 3}}, indemnity.RankingReadiness{Call: call}
	}
	if r, at := sane(); r.Ready(at, now) != nil {
		t.Errorf("nothing: %v", r.Ready(at, now))
	}
	for _, c := range []struct {
		change func(*indemnity.Ranking, *indemnity.RankingReadiness)
		want   error
	}{
		{func(r *indemnity.Ranking, _ *indemnity.RankingReadiness) { r.Kind = indemnity.Scenario }, indemnity.ErrScenario},
		{func(r *indemnity.Ranking, _ *indemnity.RankingReadiness) { r.CheckedAt = time.Time{} }, indemnity.ErrRankingUnchecked},
		{func(r *indemnity.Ranking, _ *indemnity.RankingReadiness) { r.Disagreements = 1 }, indemnity.ErrRankersDisagree},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Open = make([]indemnity.OpenCase, 2) }, indemnity.ErrCasesOpen},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Changed = 1 }, indemnity.ErrRankingOutdated},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Excluded = []string{"x"} }, indemnity.ErrRankingOutdated},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Ruled = []string{"A", "B"} }, indemnity.ErrRankingOutdated},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Call.Version++ }, indemnity.ErrRankingRules},
		{func(r *indemnity.Ranking, _ *indemnity.RankingReadiness) { r.Summary.Ranked-- }, indemnity.ErrNotAllRanked},
		{func(r *indemnity.Ranking, _ *indemnity.RankingReadiness) { r.Ties = [][]string{{"A", "B"}} }, indemnity.ErrTieAtTheCut},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.UnderWay = "s" }, indemnity.ErrAnotherRanking},
		{func(_ *indemnity.Ranking, at *indemnity.RankingReadiness) { at.Standing = "s" }, indemnity.ErrRankingStands},
		{func(r *indemnity.Ranking, at *indemnity.RankingReadiness) { r.Corrects, at.Standing = "q", "s" }, indemnity.ErrNotStanding},
	} {
		r, at := sane()
		c.change(&r, &at)
		if err := r.Ready(at, now); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	r, at := sane()
	if err := r.Ready(at, call.ClosesOn().At(23, 59)); !errors.Is(err, indemnity.ErrCallStillOpen) {
		t.Errorf("on the last day to apply: %v", err)
	}
	at.Open = []indemnity.OpenCase{{DueOn: day("2026-07-03")}, {}, {DueOn: day("2026-07-09")}}
	if obstacle := (indemnity.RankingObstacle{}); !errors.As(r.Ready(at, now), &obstacle) || obstacle.Until != day("2026-07-09") || obstacle.Count != 3 {
		t.Errorf("%+v", obstacle)
	}
}

func TestEachStepOfARankingIsAnotherPersons(t *testing.T) {
	t.Parallel()
	who := func(id identity.PersonID) identity.Actor {
		return identity.Own(id, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve, identity.Publish})
	}
	hand := func(id identity.PersonID) identity.Hand { return identity.Hand{Person: id} }
	r := indemnity.Ranking{Kind: indemnity.TrueRanking, State: indemnity.ProposedRanking, Simulated: hand("maker"), Proposed: hand("proposer")}
	for id, want := range map[identity.PersonID]error{"maker": indemnity.ErrOwnRanking, "proposer": indemnity.ErrOwnRanking, "approver": nil} {
		if err := r.MayDecide(who(id)); !errors.Is(err, want) {
			t.Errorf("%s approves: %v", id, err)
		}
		if err := r.MaySendBack(who(id)); !errors.Is(err, want) {
			t.Errorf("%s sends back: %v", id, err)
		}
	}
	r.State, r.Decided = indemnity.ApprovedRanking, hand("approver")
	for id, want := range map[identity.PersonID]error{"maker": indemnity.ErrOwnRanking, "proposer": indemnity.ErrOwnRanking, "approver": indemnity.ErrOwnRanking, "publisher": nil} {
		if err := r.MayPublish(who(id)); !errors.Is(err, want) {
			t.Errorf("%s publishes: %v", id, err)
		}
	}
	if err := r.MayPublish(identity.Own("publisher", identity.INPS).WithDuties([]identity.Duty{identity.Publish})); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("somebody of another body publishes: %v", err)
	}
}
