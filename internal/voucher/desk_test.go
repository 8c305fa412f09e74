package voucher_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
)

var (
	colombo = identity.Own("colombo", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	ricci   = identity.Own("ricci", identity.INPS).WithDuties([]identity.Duty{identity.Approve})
	atDesk  = time.Date(2025, 12, 10, 11, 0, 0, 0, calendar.Rome)
)

// onDesk is an application in a state, with what an edition says of it.
func onDesk(t *testing.T, state voucher.ApplicationState) voucher.Case {
	t.Helper()
	editions, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	c := voucher.Case{CaseFile: voucher.CaseFile{Application: voucher.Application{ID: "a", Beneficiary: "maria", Applicant: "maria",
		Territory: "Lazio", ISEE: 12_000_00, HasISEE: true, ISEEStatus: voucher.ISEEValid, State: state}}}
	for _, e := range editions {
		if e.ID == "2025" {
			c.Edition = e
		}
	}
	c.Application.SubmittedAt = c.Edition.Rules.Window.Is.Opens
	return c
}

func TestNothingOfARefusalHappensBeforeTheSecondPerson(t *testing.T) {
	t.Parallel()
	c := onDesk(t, voucher.Submitted)
	r, err := c.ProposeRefusal(colombo, "duplicate", atDesk)
	if err != nil || r.Application.State != voucher.Submitted || r.Refusal.State != voucher.RefusalIsProposed {
		t.Fatalf("%+v, %v", r, err)
	}
	r.Refusal.ID = "1"
	c.Refusals = []voucher.Refusal{*r.Refusal}
	if _, err := c.ApproveRefusal(colombo, atDesk); !errors.Is(err, voucher.ErrOwnRefusal) {
		t.Errorf("who proposed it approves: %v", err)
	}
	if _, err := c.ReturnRefusal(colombo, "no", atDesk); !errors.Is(err, voucher.ErrOwnRefusal) {
		t.Errorf("who proposed it sends it back: %v", err)
	}
	for name, may := range map[string]error{"verify": c.MayVerify("colombo"), "ask": c.MayAskISEE("colombo"), "refuse": c.MayRefuse("colombo")} {
		if !errors.Is(may, voucher.ErrRefusalOpen) {
			t.Errorf("while a refusal waits, %s answers %v", name, may)
		}
	}
	if _, err := c.ReturnRefusal(ricci, "", atDesk); !errors.Is(err, voucher.ErrUnexplained) {
		t.Errorf("sent back without a word: %v", err)
	}
	done, err := c.ApproveRefusal(ricci, atDesk)
	if err != nil || done.Application.State != voucher.Refused || done.Application.Reason != "duplicate" || done.Application.DecidedOn != calendar.On(atDesk) {
		t.Errorf("%+v, %v", done, err)
	}
	c.Application.State = voucher.Withdrawn // by the citizen, meanwhile
	if _, err := c.ApproveRefusal(ricci, atDesk); !errors.Is(err, voucher.ErrDecided) {
		t.Errorf("a withdrawn one is refused: %v", err)
	}
}

func TestWhatTwoRefusedAThirdReopens(t *testing.T) {
	t.Parallel()
	c := onDesk(t, voucher.Refused)
	c.Refusals = []voucher.Refusal{{ID: "2", State: voucher.RefusalIsReturned, ProposedBy: identity.Person{ID: "moretti"}, DecidedBy: identity.Person{ID: "ricci"}},
		{ID: "1", State: voucher.RefusalIsApproved, ProposedBy: identity.Person{ID: "colombo"}, DecidedBy: identity.Person{ID: "ricci"}}}
	for _, who := range []identity.Actor{colombo, ricci} {
		if _, err := c.Reopen(who, atDesk); !errors.Is(err, voucher.ErrOwnOutcome) {
			t.Errorf("%s undoes what they made: %v", who.Person, err)
		}
	}
	moretti := identity.Own("moretti", identity.INPS)
	r, err := c.Reopen(moretti, atDesk)
	if err != nil || r.Application.State != voucher.InReview || r.Refusal.ID != "1" || r.Refusal.ReopenedBy.ID != "moretti" || r.Refusal.ReopenedAt != atDesk {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNobodyWorksOnTheirOwnApplication(t *testing.T) {
	t.Parallel()
	for _, own := range []identity.PersonID{"maria", "laura"} {
		c := onDesk(t, voucher.Submitted)
		c.Application.Applicant = "laura"
		refused, proposed := c, c
		refused.Application.State = voucher.Refused
		proposed.Refusals = []voucher.Refusal{{ID: "1", State: voucher.RefusalIsProposed, ProposedBy: identity.Person{ID: "colombo"}}}
		for name, err := range map[string]error{"verify": c.MayVerify(own), "ask": c.MayAskISEE(own), "refuse": c.MayRefuse(own),
			"decide": proposed.MayDecide(own), "reopen": refused.MayReopen(own)} {
			if !errors.Is(err, voucher.ErrOwnApplication) {
				t.Errorf("%s may %s: %v", own, name, err)
			}
		}
	}
}

func TestWhatLacksAnISEEIsNotProcessable(t *testing.T) {
	t.Parallel()
	for _, reason := range voucher.RefusalReasons {
		want := voucher.Refused
		if reason == "isee_missing" || reason == "isee_not_corrected" {
			want = voucher.NotProcessable
		}
		if got := (voucher.Refusal{Reason: reason}).Outcome(); got != want {
			t.Errorf("%s leads to %s", reason, got)
		}
	}
	if _, err := onDesk(t, voucher.Submitted).ProposeRefusal(colombo, "antipathy", atDesk); !errors.Is(err, voucher.ErrNoGround) {
		t.Errorf("any reason will do: %v", err)
	}
}

func TestWhatAnOfficerMayDoInEachState(t *testing.T) {
	t.Parallel()
	for _, s := range voucher.ApplicationStates {
		c := onDesk(t, s)
		open := s == voucher.Submitted || s == voucher.InReview || s == voucher.AwaitingISEE
		for name, x := range map[string]struct {
			err  error
			want bool
		}{
			"verify": {c.MayVerify("colombo"), s == voucher.Submitted},
			"ask":    {c.MayAskISEE("colombo"), s == voucher.Submitted || s == voucher.InReview},
			"refuse": {c.MayRefuse("colombo"), open},
			"reopen": {c.MayReopen("colombo"), s == voucher.Refused || s == voucher.NotProcessable},
		} {
			if (x.err == nil) != x.want {
				t.Errorf("%s an application that is %s: %v", name, s, x.err)
			}
		}
		c.Application.Run = "r"
		if c.MayRefuse("colombo") == nil || c.MayReopen("colombo") == nil {
			t.Errorf("a ranked application that is %s changes by hand", s)
		}
	}
}

func TestAnISEEIsAskedForWithinTheTermOfTheEdition(t *testing.T) {
	t.Parallel()
	c := onDesk(t, voucher.InReview)
	if _, err := c.AskISEE(colombo, []string{"other"}, atDesk); !errors.Is(err, voucher.ErrNoDefect) {
		t.Errorf("no defect: %v", err)
	}
	r, err := c.AskISEE(colombo, []string{"difference", "omission", "omission"}, atDesk)
	a := r.Application
	if err != nil || a.State != voucher.AwaitingISEE || a.ISEEStatus != voucher.ISEEDefective || len(a.Attestation.Defects) != 2 ||
		a.CureBy != c.Edition.Rules.CureBy(calendar.On(atDesk)) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestSomebodyIsBusyForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	c := onDesk(t, voucher.Submitted)
	c.WorkedBy, c.WorkedSince = identity.Person{ID: "colombo"}, atDesk
	if !c.Busy("ricci", atDesk.Add(14*time.Minute)) || c.Busy("ricci", atDesk.Add(15*time.Minute)) || c.Busy("colombo", atDesk) {
		t.Error("busy at the wrong time")
	}
}

func TestWhatPeopleTypeIsAQuest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]voucher.Quest{
		" rssmra80a01h501u ": {FiscalCode: "RSSMRA80A01H501U"}, "inps-2026-000123": {Protocol: "INPS-2026-000123"},
		"Rossi": {Family: "Rossi"}, "De  Luca Sara": {Family: "De", Given: "Luca Sara"},
	} {
		if got, ok := voucher.ParseQuest(text); !ok || got != want {
			t.Errorf("%q is %+v, %t", text, got, ok)
		}
	}
	for _, short := range []string{"", " ", "r", "ò"} {
		if _, ok := voucher.ParseQuest(short); ok {
			t.Errorf("%q looks for half the country", short)
		}
	}
}

func TestACursorIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := voucher.Cursor{At: time.UnixMicro(1_763_000_000_123_456), ID: "0193e7a2-0000-7000-8000-000000000001"}
	if got := voucher.ParseCursor(c.String()); !got.At.Equal(c.At) || got.ID != c.ID {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", ".", "x", "zzzzzzzzzzzzzz.0193e7a2-0000-7000-8000-000000000001", "1.x", "-1.0193e7a2-0000-7000-8000-000000000001"} {
		if got := voucher.ParseCursor(text); got.ID != "" {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestABlockedCodeBooksNothingAndKeepsItsSessions(t *testing.T) {
	t.Parallel()
	day := calendar.NewDate
	a := voucher.Account{Voucher: voucher.Voucher{ID: "v", Beneficiary: "maria", Awarded: 600_00, Booked: 50_00, State: voucher.Active,
		Terms: voucher.Terms{AcceptedOn: day(2025, 12, 5), LastDay: day(2026, 6, 1)}}}
	if _, err := a.Block(colombo, "mood", atDesk); !errors.Is(err, voucher.ErrNoBlockReason) {
		t.Errorf("blocked for %v", err)
	}
	d, err := a.Block(colombo, "fraud", atDesk)
	if err != nil || !d.Voucher.Blocked || d.BlockReason != "fraud" || d.Voucher.Booked != a.Voucher.Booked || len(d.Postings) > 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	if err := d.Voucher.OpenOn(calendar.On(atDesk)); !errors.Is(err, voucher.ErrBlocked) {
		t.Errorf("it books: %v", err)
	}
	blocked := voucher.Account{Voucher: d.Voucher}
	if _, err := blocked.Block(colombo, "fraud", atDesk); !errors.Is(err, voucher.ErrBlocked) {
		t.Errorf("blocked twice: %v", err)
	}
	if d, err := blocked.Unblock(colombo, atDesk); err != nil || d.Voucher.Blocked {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := a.Unblock(colombo, atDesk); !errors.Is(err, voucher.ErrNotBlocked) {
		t.Errorf("freed, and it was free: %v", err)
	}
	over := time.Date(2026, 6, 2, 0, 0, 0, 0, calendar.Rome)
	if _, err := a.Replace(colombo, nil, nil, over); !errors.Is(err, voucher.ErrExpired) {
		t.Errorf("an expired one gets a code: %v", err)
	}
}
