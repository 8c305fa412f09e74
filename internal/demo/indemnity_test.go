package demo_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/registry"
)

// dictionary are the states that the portal has a word for, under the beginning of its keys.
func dictionary(t *testing.T, prefix string) (states []string) {
	t.Helper()
	files, err := filepath.Glob("../../web/ui/words/it.*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]any
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key := range words {
			if state, of := strings.CutPrefix(key, prefix); of && !strings.Contains(state, ".") {
				states = append(states, state)
			}
		}
	}
	if len(states) == 0 {
		t.Fatalf("no word begins with %s", prefix)
	}
	slices.Sort(states)
	return states
}

// welfare is the indemnity of a world, for those who read it.
type welfare struct {
	world        demo.World
	work         *indemnity.Work
	desk         *indemnity.Desk
	applications *indemnity.Applications
	members      registry.Members
}

func newWelfare(t *testing.T) welfare {
	t.Helper()
	pool, world := build(t, noon)
	clock := func() time.Time { return noon }
	files, err := demo.Registers(t.TempDir(), noon)
	if err != nil {
		t.Fatal(err)
	}
	members := registry.NewMembers(files.Members, registry.Patience)
	drafts := indemnity.NewDrafts(postgres.NewDrafts(pool), members, registry.NewPositions(files.Positions, registry.Patience), clock)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(pool), drafts, nil, clock)
	return welfare{world, indemnity.NewWork(postgres.NewIndemnityWork(pool), clock), indemnity.NewDesk(postgres.NewCaseFiles(pool), applications, nil, clock), applications, members}
}

// mine are the applications of a persona, as they read them.
func (w welfare) mine(t *testing.T, of identity.PersonID) []indemnity.CaseFile {
	t.Helper()
	all, err := w.applications.Mine(t.Context(), identity.Own(of, identity.Member))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// years are those that an application has days in.
func (w welfare) years(t *testing.T, c indemnity.CaseFile) []indemnity.CapYear {
	t.Helper()
	x, known, err := w.applications.Explained(t.Context(), c)
	if err != nil || !known || len(x.Years) == 0 {
		t.Fatalf("%s: %v", c.Protocol, err)
	}
	return x.Years
}

func TestEveryStateOfAnIndemnityStandsSomewhere(t *testing.T) {
	t.Parallel()
	w := newWelfare(t)
	officer := identity.Own(w.world.People[demo.WelfareOfficer], identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	approver := identity.Own(w.world.People[demo.WelfareApprover], identity.Welfare).WithDuties([]identity.Duty{identity.Approve})
	page, err := w.work.List(t.Context(), officer, indemnity.Worklist{})
	if err != nil || page.Next {
		t.Fatalf("the list is too long for a page: %v", err)
	}
	stands := map[string]bool{}
	for _, r := range page.Rows {
		stands[string(r.Standing(calendar.On(noon)))] = true
	}
	for _, state := range dictionary(t, "case.state.") {
		if !stands[state] {
			t.Errorf("no case is %s", state)
		}
	}
	counts, _, err := w.work.Begin(t.Context(), approver)
	if err != nil || counts.Late == 0 || counts.Today == 0 || counts.Week == 0 || counts.Waits == 0 || counts.Approval == 0 || counts.Unassigned == 0 {
		t.Errorf("a shelf is empty: %+v, %v", counts, err)
	}
	queue, err := w.desk.Proposals(t.Context(), approver)
	outcomes := map[indemnity.State]bool{}
	for _, p := range queue {
		outcomes[p.To] = true
	}
	if err != nil || !outcomes[indemnity.Suitable] || !outcomes[indemnity.NotEligible] {
		t.Errorf("what waits for an approver: %v, %v", outcomes, err)
	}
}

func TestAMemberReadsWhatCanBecomeOfAnApplication(t *testing.T) {
	t.Parallel()
	w := newWelfare(t)
	for hint, want := range map[demo.Hint]indemnity.CaseStanding{
		demo.Psychologist: indemnity.CaseStanding(indemnity.Submitted), demo.Member: indemnity.SupplementAsked, demo.CyclesMember: indemnity.PaidWhole,
		demo.UnfundedMember: indemnity.CaseStanding(indemnity.Unfunded), demo.ExcludedMember: indemnity.CaseStanding(indemnity.NotEligible),
		demo.SilentMember: indemnity.CaseStanding(indemnity.Forfeited), demo.RevokedMember: indemnity.CaseStanding(indemnity.Revoked), demo.UnpaidMember: indemnity.PaymentBack,
	} {
		if !slices.ContainsFunc(w.mine(t, w.world.People[hint]), func(c indemnity.CaseFile) bool { return c.Standing(noon) == want }) {
			t.Errorf("%s has no application %s", hint, want)
		}
	}
}

func TestTheRegisterOfMembersKnowsTheDaysThatWerePaid(t *testing.T) {
	t.Parallel()
	w := newWelfare(t)
	paid := 0
	for hint, id := range w.world.People {
		mine := w.mine(t, id)
		for _, c := range mine {
			if c.Standing(noon) != indemnity.PaidWhole {
				continue
			}
			paid++
			told, err := w.members.Member(t.Context(), c.Member.FiscalCode, calendar.On(noon))
			if err != nil {
				t.Fatal(err)
			}
			if told.DaysPaidTo.Before(c.Paying.PaidOn) {
				t.Errorf("%s was paid on %s, and the register has what was paid up to %s", hint, c.Paying.PaidOn, told.DaysPaidTo)
			}
			years := w.years(t, c)
			for _, y := range years {
				if got := told.DaysPaid[strconv.Itoa(y.Year)]; got != y.Own || y.Own == 0 {
					t.Errorf("%s was paid %d days of %d, the register says %d", hint, y.Own, y.Year, got)
				}
			}
			for _, later := range mine {
				if y := w.years(t, later)[0]; later.Call > c.Call && y.Register+y.Elsewhere() != years[0].Own {
					t.Errorf("%s has %d days of %d, after %d were paid", hint, y.Left()+y.Own, y.Cap, years[0].Own)
				}
			}
		}
	}
	if paid < 2 {
		t.Errorf("%d applications are paid", paid)
	}
}

func TestTheMembersAreInEveryStageOfAnApplication(t *testing.T) {
	t.Parallel()
	pool, _ := build(t, noon)
	for what, sql := range map[string]string{
		"a draft with a paper that waits for its file": `SELECT count(*) FROM indemnity_drafts d JOIN indemnity_papers p ON p.case_id = d.id WHERE d.sent_at IS NULL AND p.attachment_id IS NULL`,
		"an application that lacks papers":             `SELECT count(*) FROM indemnity_requests WHERE kind = 'supplement' AND state = 'open' AND due_on > '2026-11-23'`,
		"a cycle of therapy to examine":                `SELECT count(*) FROM indemnity_applications WHERE answers->>'cause' = 'cycles' AND state = 'submitted'`,
		"somebody who owes less than it is worth":      `SELECT count(*) FROM indemnity_applications WHERE jsonb_array_length(registers->'position'->'debts') = 2 AND state = 'submitted'`,
		"one that was inadmissible":                    `SELECT count(*) FROM indemnity_applications WHERE state = 'inadmissible'`,
		"one that was not eligible":                    `SELECT count(*) FROM indemnity_applications WHERE state = 'not_eligible'`,
		"one that was forfeited":                       `SELECT count(*) FROM indemnity_applications WHERE state = 'forfeited'`,
		"one that was withdrawn":                       `SELECT count(*) FROM indemnity_applications WHERE state = 'withdrawn'`,
		"one without money":                            `SELECT least(count(*), 1) FROM indemnity_applications WHERE state = 'unfunded'`,
		"cycles with money":                            `SELECT count(*) FROM indemnity_applications WHERE answers->>'cause' = 'cycles' AND state = 'funded'`,
		"a check that still runs":                      `SELECT count(*) FROM indemnity_controls WHERE state = 'open'`,
		"a sample that chance drew":                    `SELECT count(*) FROM control_samples WHERE state = 'drawn'`,
		"one that was revoked, and is to be paid back": `SELECT count(*) FROM indemnity_applications a JOIN indemnity_recoveries r ON r.application_id = a.id WHERE a.state = 'revoked' AND r.state = 'open'`,
		"a text that waits for a second person":        `SELECT count(*) FROM text_versions WHERE state = 'proposed'`,
		"a role that waits for a second administrator": `SELECT count(*) FROM grant_proposals WHERE state = 'proposed'`,
		"a stop that is over":                          `SELECT count(*) FROM planned_stops`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
}
