package office_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/office"
)

var (
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)
	today = calendar.On(noon)
	anna  = identity.Own("anna", identity.Oversight).WithDuties([]identity.Duty{identity.Administer})
	bruno = identity.Own("bruno", identity.Oversight).WithDuties([]identity.Duty{identity.Administer})
)

func wish(o identity.Role, d identity.Duty, from, until int) office.Wish {
	w := office.Wish{Post: office.Post{Office: o, Duty: d}, Span: office.Span{From: today.Add(from)}, Grounds: "ordine 1"}
	if until >= 0 {
		w.Until = today.Add(until)
	}
	return w
}

func holds(o identity.Role, d identity.Duty, from, until int) office.Grant {
	w := wish(o, d, from, until)
	return office.Grant{ID: "g", Person: "carla", Post: w.Post, Span: w.Span}
}

func TestPostsExcludeEachOtherBothWays(t *testing.T) {
	t.Parallel()
	for _, a := range office.Posts {
		if a.Excludes(a) {
			t.Errorf("%v excludes itself", a)
		}
		for _, b := range office.Posts {
			same := a.Office == b.Office
			oversees := a.Office == identity.Oversight || b.Office == identity.Oversight
			if want := a != b && (same || oversees); a.Excludes(b) != want {
				t.Errorf("%v excludes %v: %t", a, b, a.Excludes(b))
			}
		}
	}
}

func TestARoleIsProposedWhereItCanHold(t *testing.T) {
	t.Parallel()
	carla := identity.Person{ID: "carla"}
	for name, c := range map[string]struct {
		has  []office.Grant
		open []office.Proposal
		wish office.Wish
		want error
	}{
		"a first role":                    {wish: wish(identity.INPS, identity.Prepare, 0, -1)},
		"another office":                  {has: []office.Grant{holds(identity.CNOP, identity.Prepare, -9, -1)}, wish: wish(identity.INPS, identity.Prepare, 0, 9)},
		"after the other ends":            {has: []office.Grant{holds(identity.INPS, identity.Approve, -9, 9)}, wish: wish(identity.INPS, identity.Prepare, 10, -1)},
		"on the last day of the other":    {has: []office.Grant{holds(identity.INPS, identity.Approve, -9, 9)}, wish: wish(identity.INPS, identity.Prepare, 9, -1), want: office.ErrExcluded},
		"before an other that is to come": {has: []office.Grant{holds(identity.INPS, identity.Approve, 20, -1)}, wish: wish(identity.INPS, identity.Prepare, 0, 20), want: office.ErrExcluded},
		"oversight beside an office":      {has: []office.Grant{holds(identity.CNOP, identity.Prepare, -9, -1)}, wish: wish(identity.Oversight, identity.Audit, 0, 9), want: office.ErrExcluded},
		"the same again":                  {has: []office.Grant{holds(identity.INPS, identity.Pay, -9, 9)}, wish: wish(identity.INPS, identity.Pay, 5, 20), want: office.ErrHolds},
		"prolonged":                       {has: []office.Grant{holds(identity.INPS, identity.Pay, -9, 9)}, wish: wish(identity.INPS, identity.Pay, 10, 20)},
		"yesterday":                       {wish: wish(identity.INPS, identity.Pay, -1, 20), want: office.ErrFromPast},
		"proposed before":                 {open: []office.Proposal{{Post: office.Post{Office: identity.INPS, Duty: identity.Pay}, State: office.Proposed}}, wish: wish(identity.INPS, identity.Pay, 0, 1), want: office.ErrProposedTwice},
		"refused before":                  {open: []office.Proposal{{Post: office.Post{Office: identity.INPS, Duty: identity.Pay}, State: office.Refused}}, wish: wish(identity.INPS, identity.Pay, 0, 1)},
	} {
		has := office.Standing{Person: carla, Grants: c.has, Proposals: c.open}
		if _, err := has.Propose(c.wish, "p", anna, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// What holds when it is confirmed counts, not what held when it was proposed.
func TestAProposalIsJudgedAgainWhenItIsConfirmed(t *testing.T) {
	t.Parallel()
	has := office.Standing{Person: identity.Person{ID: "carla"}}
	p, err := has.Propose(wish(identity.INPS, identity.Prepare, 0, 5), "p", anna, noon)
	if err != nil {
		t.Fatal(err)
	}
	later := noon.AddDate(0, 0, 3)
	_, g, err := has.Confirm(p, "g", bruno, later)
	if err != nil || g.From != today.Add(3) || g.Until != today.Add(5) {
		t.Errorf("confirmed three days later: %+v, %v", g, err)
	}
	if _, _, err := has.Confirm(p, "g", bruno, noon.AddDate(0, 0, 6)); !errors.Is(err, office.ErrTooLate) {
		t.Errorf("confirmed after its last day: %v", err)
	}
	has.Grants = []office.Grant{holds(identity.INPS, identity.Pay, 0, -1)}
	if _, _, err := has.Confirm(p, "g", bruno, noon); !errors.Is(err, office.ErrExcluded) {
		t.Errorf("confirmed beside a role that was given since: %v", err)
	}
}

func TestWhoDecidesOnAProposal(t *testing.T) {
	t.Parallel()
	has := office.Standing{Person: identity.Person{ID: "carla"}}
	p, _ := has.Propose(wish(identity.INPS, identity.Prepare, 0, -1), "p", anna, noon)
	carla := identity.Own("carla", identity.Oversight).WithDuties([]identity.Duty{identity.Administer})
	auditor := identity.Own("dora", identity.Oversight).WithDuties([]identity.Duty{identity.Audit})
	for who, want := range map[identity.Actor]error{anna: office.ErrSecondPerson, carla: office.ErrOwn, auditor: identity.ErrNoDuty, bruno: nil} {
		if err := p.MayDecide(who); !errors.Is(err, want) {
			t.Errorf("%s decides: %v, want %v", who.Person, err, want)
		}
	}
	if _, err := p.Withdraw(bruno, noon); !errors.Is(err, office.ErrNotProposer) {
		t.Errorf("withdrawn by a colleague: %v", err)
	}
	refused, err := p.Refuse(" non serve ", bruno, noon)
	if err != nil || refused.Why != "non serve" {
		t.Errorf("%+v, %v", refused, err)
	}
	if err := refused.MayDecide(bruno); !errors.Is(err, office.ErrDecided) {
		t.Errorf("decided twice: %v", err)
	}
}

func TestARoleIsTakenAwayWhileTwoAdministratorsRemain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		grant  office.Grant
		others int
		want   error
	}{
		"an officer":                         {holds(identity.INPS, identity.Pay, -9, -1), 0, nil},
		"one of three":                       {holds(identity.Oversight, identity.Administer, -9, -1), 2, nil},
		"one of two":                         {holds(identity.Oversight, identity.Administer, -9, -1), 1, office.ErrFewLeft},
		"an administrator who is to come":    {holds(identity.Oversight, identity.Administer, 9, -1), 1, nil},
		"an administrator whose time is out": {office.Grant{Post: office.Post{Office: identity.Oversight, Duty: identity.Administer}, Span: office.Span{From: today.Add(-9), Until: today.Add(-2)}}, 1, office.ErrEnded},
	} {
		if _, err := c.grant.End("cambia", c.others, anna, noon); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := holds(identity.INPS, identity.Pay, -9, -1).End(" ", 0, anna, noon); !errors.Is(err, office.ErrWhy) {
		t.Errorf("for no reason: %v", err)
	}
}
