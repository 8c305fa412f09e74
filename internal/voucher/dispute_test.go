package voucher_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

var (
	examiner = identity.Own("55555555-5555-4555-8555-555555555555", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	chief    = identity.Own("66666666-6666-4666-8666-666666666666", identity.INPS).WithDuties([]identity.Duty{identity.Approve})
	twofold  = identity.Own("77777777-7777-4777-8777-777777777777", identity.INPS).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
)

const report voucher.DisputeID = "88888888-8888-4888-8888-888888888888"

// matter is a session of an account with what was said of it.
func matter(t testing.TB, a voucher.Account, id voucher.BookingID, said ...voucher.Dispute) voucher.SessionCase {
	t.Helper()
	b, err := a.Booking(id)
	if err != nil {
		t.Fatal(err)
	}
	return voucher.SessionCase{Session: voucher.Session{Booking: b}, Account: a, SessionFacts: voucher.SessionFacts{Disputes: said}}
}

// reported is a confirmed session of 50 € with an open report.
func reported(t testing.TB, kind voucher.DisputeKind) voucher.SessionCase {
	t.Helper()
	a, id := held(t)
	c := matter(t, a, id)
	d, err := c.Report(report, kind, "Non ero a Roma.", holder, noon)
	if err != nil {
		t.Fatal(err)
	}
	return matter(t, a, id, *d.Dispute)
}

// proposed is the same once an officer has proposed how it ends.
func proposed(t testing.TB, c voucher.SessionCase, uphold bool, right money.Amount) voucher.SessionCase {
	t.Helper()
	d, err := c.Propose(report, voucher.DisputeProposal{Uphold: uphold, Right: right, Grounds: "Visti gli atti.", Answer: "Ecco perché."}, examiner, noon)
	if err != nil {
		t.Fatal(err)
	}
	c.Disputes = []voucher.Dispute{*d.Dispute}
	return c
}

func TestAHolderSaysThatASessionTookPlaceAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	a, id := held(t)
	c := matter(t, a, id)
	for _, who := range []identity.Actor{psychologist, examiner, identity.Own(another, identity.Citizen)} {
		if _, err := c.Acknowledge(who, noon); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v", who.Role, err)
		}
	}
	d, err := c.Acknowledge(identity.Actor{Person: another, Role: identity.Citizen, For: maria, Mandate: "m"}, noon)
	if err != nil || d.Money.Voucher != a.Voucher || d.Money.Bookings[0].AcknowledgedBy != another || len(d.Money.Entries) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := matter(t, apply(a, *d.Money), id).Acknowledge(holder, noon); !errors.Is(err, voucher.ErrAcknowledged) {
		t.Errorf("twice: %v", err)
	}
	if _, err := reported(t, voucher.DisputeCharged).Acknowledge(holder, noon); !errors.Is(err, voucher.ErrDisputeOpen) {
		t.Errorf("of a session they have reported: %v", err)
	}
	found := reported(t, voucher.DisputeNotHeld)
	found.Disputes[0].State, found.Disputes[0].Recover = voucher.DisputeUpheld, 50_00
	if _, err := found.Acknowledge(holder, noon); !errors.Is(err, voucher.ErrDisputeFound) {
		t.Errorf("of one that the office found not to have taken place: %v", err)
	}
	a, id = booked(t, today)
	if _, err := matter(t, a, id).Acknowledge(holder, noon); !errors.Is(err, voucher.ErrNotHeld) {
		t.Errorf("before it is confirmed: %v", err)
	}
}

func TestASessionIsReportedOnceItsDayHasPassedAndOneReportAtATime(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(3))
	for at, want := range map[int]error{0: voucher.ErrDisputeEarly, 3: voucher.ErrDisputeEarly, 4: nil} {
		_, err := matter(t, a, id).Report(report, voucher.DisputeNotHeld, "", holder, today.Add(at).At(12, 0))
		if !errors.Is(err, want) {
			t.Errorf("%d days later: %v, want %v", at, err, want)
		}
	}
	c := reported(t, voucher.DisputeCharged)
	if _, err := c.Report(report, voucher.DisputeNotHeld, "", holder, noon); !errors.Is(err, voucher.ErrDisputeOpen) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := c.Report(report, voucher.DisputeNotHeld, "", psychologist, noon); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("by the professional: %v", err)
	}
	d, err := c.Withdraw(report, holder, noon)
	if err != nil || d.Dispute.State != voucher.DisputeWithdrawn {
		t.Fatalf("%+v, %v", d, err)
	}
	c.Disputes = []voucher.Dispute{*d.Dispute}
	if _, err := c.Withdraw(report, holder, noon); !errors.Is(err, voucher.ErrDisputeEnded) {
		t.Errorf("taken back twice: %v", err)
	}
	if _, err := c.Report(report, voucher.DisputeNotHeld, "", holder, noon); err != nil {
		t.Errorf("once the first is taken back: %v", err)
	}
}

func TestWhatAHolderWritesIsAskedForAndBounded(t *testing.T) {
	t.Parallel()
	a, id := held(t)
	c := matter(t, a, id)
	for _, x := range []struct {
		kind voucher.DisputeKind
		text string
		want error
	}{
		{"", "x", voucher.ErrDisputeKind}, {"gone", "x", voucher.ErrDisputeKind}, {voucher.DisputeOther, " \n", voucher.ErrDisputeText},
		{voucher.DisputeNotHeld, strings.Repeat("è", voucher.LongestReport+1), voucher.ErrDisputeTextLong},
		{voucher.DisputeNotHeld, strings.Repeat("è", voucher.LongestReport), nil}, {voucher.DisputeAmount, "", nil},
	} {
		if _, err := c.Report(report, x.kind, x.text, holder, noon); !errors.Is(err, x.want) {
			t.Errorf("%q: %v, want %v", x.kind, err, x.want)
		}
	}
}

func TestAReportOfMoneyHoldsThePaymentAndTheOthersDoNot(t *testing.T) {
	t.Parallel()
	want := map[voucher.DisputeKind]bool{voucher.DisputeNotHeld: true, voucher.DisputeAmount: true, voucher.DisputeCharged: false, voucher.DisputeOther: false}
	for _, k := range voucher.DisputeKinds {
		d, ok := reported(t, k).Disputed()
		r := edition(t, "2022-guida").Rules
		if !ok || d.Holds != want[k] || d.AnswerBy != r.Holidays.Is.Within(r.DisputeDays.Is, today) {
			t.Errorf("%s: %+v", k, d)
		}
	}
}

func TestAReportIsJudgedByTwoWhoHaveNothingToDoWithIt(t *testing.T) {
	t.Parallel()
	c := reported(t, voucher.DisputeNotHeld)
	p := voucher.DisputeProposal{Uphold: true, Grounds: "g", Answer: "a"}
	for _, who := range []identity.Actor{holder, psychologist, chief} {
		if _, err := c.Propose(report, p, who, noon); !errors.Is(err, identity.ErrNoDuty) {
			t.Errorf("%s proposes: %v", who.Role, err)
		}
	}
	for _, own := range []identity.PersonID{maria, giulia} {
		officer := identity.Own(own, identity.INPS).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
		if _, err := c.Propose(report, p, officer, noon); !errors.Is(err, voucher.ErrDisputeParty) {
			t.Errorf("%s proposes: %v", own, err)
		}
		if _, err := proposed(t, c, true, 0).Decide(report, 0, officer, noon); !errors.Is(err, voucher.ErrDisputeParty) {
			t.Errorf("%s decides: %v", own, err)
		}
	}
	d, err := c.Propose(report, p, twofold, noon)
	if err != nil {
		t.Fatal(err)
	}
	c.Disputes = []voucher.Dispute{*d.Dispute}
	for who, want := range map[identity.Actor]error{twofold: voucher.ErrDisputeOwn, examiner: identity.ErrNoDuty} {
		if _, err := c.Decide(report, 0, who, noon); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		if _, err := c.Return(report, 0, "why", who, noon); !errors.Is(err, want) {
			t.Errorf("return: %v, want %v", err, want)
		}
	}
	if _, err := c.Decide(report, 7, chief, noon); !errors.Is(err, voucher.ErrDisputeMoved) {
		t.Errorf("another version: %v", err)
	}
	if _, err := c.Return(report, 0, " ", chief, noon); !errors.Is(err, voucher.ErrDisputeNote) {
		t.Errorf("sent back without a word: %v", err)
	}
	d, err = c.Return(report, 0, "Senti il professionista.", chief, noon)
	if err != nil || d.Dispute.State != voucher.DisputeOpen || d.Dispute.ProposedBy != "" || d.Note == "" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestAProposalSaysWhyToBothAndWhatIsRight(t *testing.T) {
	t.Parallel()
	c := reported(t, voucher.DisputeAmount)
	long := strings.Repeat("x", voucher.LongestAnswer+1)
	for _, x := range []struct {
		p    voucher.DisputeProposal
		want error
	}{
		{voucher.DisputeProposal{Version: 1, Uphold: true, Right: 40_00, Grounds: "g", Answer: "a"}, voucher.ErrDisputeMoved},
		{voucher.DisputeProposal{Uphold: true, Grounds: "g", Answer: "a"}, voucher.ErrDisputePrice},
		{voucher.DisputeProposal{Uphold: true, Right: 50_00, Grounds: "g", Answer: "a"}, voucher.ErrDisputePrice},
		{voucher.DisputeProposal{Uphold: true, Right: 40_00, Answer: "a"}, voucher.ErrDisputeGrounds},
		{voucher.DisputeProposal{Grounds: "g"}, voucher.ErrDisputeAnswer},
		{voucher.DisputeProposal{Grounds: "g", Answer: long}, voucher.ErrDisputeLong},
		{voucher.DisputeProposal{Grounds: "g", Answer: "a"}, nil},
	} {
		if _, err := c.Propose(report, x.p, examiner, noon); !errors.Is(err, x.want) {
			t.Errorf("%+v: %v, want %v", x.p, err, x.want)
		}
	}
}

func TestASessionThatDidNotTakePlaceGivesItsMoneyBack(t *testing.T) {
	t.Parallel()
	c := proposed(t, reported(t, voucher.DisputeNotHeld), true, 0)
	d, err := c.Decide(report, 0, chief, noon)
	if err != nil {
		t.Fatal(err)
	}
	b := d.Money.Bookings[0]
	if b.State != voucher.Cancelled || b.CancelReason != voucher.ByOffice || b.CancelGround != voucher.CancelledAsDisputed || b.CancelledBy != "" ||
		d.Money.Voucher.Used != 0 || d.Money.Voucher.Balance() != 200*money.Euro || d.Money.Entries[0].Actor != identity.Office() || d.Dispute.State != voucher.DisputeUpheld {
		t.Errorf("%+v", d)
	}
	c.Account.Voucher.State, c.Account.Voucher.Returned = voucher.Expired, 150_00
	d, err = c.Decide(report, 0, chief, noon)
	if err != nil || d.Money.Voucher.Returned != 200*money.Euro || d.Money.Voucher.Balance() != 0 {
		t.Errorf("of a voucher that is over: %+v, %v", d.Money, err)
	}
	dismissed := proposed(t, reported(t, voucher.DisputeNotHeld), false, 0)
	if d, err := dismissed.Decide(report, 0, chief, noon); err != nil || d.Money != nil || d.Dispute.State != voucher.DisputeDismissed {
		t.Errorf("dismissed: %+v, %v", d, err)
	}
}

func TestAPriceIsPutRightWhateverItsInvoiceClaims(t *testing.T) {
	t.Parallel()
	for _, claimed := range []money.Amount{0, 50_00, 45_00} {
		c := reported(t, voucher.DisputeAmount)
		c.Session.Claimed = claimed
		if claimed > 0 {
			c.Account.Voucher.Used = claimed
		}
		c = proposed(t, c, true, 40_00)
		d, err := c.Decide(report, 0, chief, noon)
		if err != nil {
			t.Fatal(err)
		}
		b := d.Money.Bookings[0]
		if b.Amount != 40_00 || b.Price() != 40_00 || b.Invoiced() != (claimed > 0) || d.Money.Voucher.Used != 40_00 {
			t.Errorf("claimed %s: %+v %+v", claimed, b, d.Money.Voucher)
		}
	}
	a, id := booked(t, today)
	c := matter(t, a, id, voucher.Dispute{ID: report, Kind: voucher.DisputeAmount, Holds: true, State: voucher.DisputeOpen, MadeBy: maria})
	d, err := proposed(t, c, true, 10_00).Decide(report, 0, chief, noon)
	if err != nil || d.Money.Voucher.Booked != 10_00 || d.Money.Postings[0].Event != voucher.Lowered {
		t.Errorf("of a session that is booked: %+v, %v", d.Money, err)
	}
}

func TestWhatIsAboutToBePaidIsTakenOutAndWhatWasPaidIsRecovered(t *testing.T) {
	t.Parallel()
	c := proposed(t, reported(t, voucher.DisputeAmount), true, 40_00)
	c.Payment = voucher.SessionPayment{State: "frozen", Amount: 50_00}
	if _, err := c.Decide(report, 0, chief, noon); !errors.Is(err, voucher.ErrDisputeInRun) {
		t.Errorf("frozen: %v", err)
	}
	for _, state := range []string{"sent", "paid"} {
		c.Payment.State = state
		d, err := c.Decide(report, 0, chief, noon)
		if err != nil || d.Money != nil || d.Dispute.State != voucher.DisputeUpheld || d.Dispute.Recover != 10_00 {
			t.Fatalf("%s: %+v, %v", state, d, err)
		}
		after := c
		after.Disputes = []voucher.Dispute{*d.Dispute}
		if _, err := after.CarryOut(report, chief, noon); !errors.Is(err, voucher.ErrDisputeNotBack) {
			t.Errorf("carried out while %s: %v", state, err)
		}
		after.Payment.State = "returned"
		d, err = after.CarryOut(report, chief, noon)
		if err != nil || d.Dispute.Recover != 0 || d.Money.Bookings[0].Amount != 40_00 {
			t.Errorf("once it has come back: %+v, %v", d, err)
		}
	}
}

// The money of a session is held back once: whoever was wrong, or took the report back,
// is answered again, and does not keep it from its professional without end.
func TestTheMoneyOfASessionIsHeldBackByOneReport(t *testing.T) {
	t.Parallel()
	c := reported(t, voucher.DisputeNotHeld)
	if !c.Disputes[0].Holds {
		t.Fatal("the first report holds nothing back")
	}
	for _, state := range []voucher.DisputeState{voucher.DisputeDismissed, voucher.DisputeWithdrawn} {
		c.Disputes[0].State = state
		for _, kind := range voucher.DisputeKinds {
			if d, err := c.Report("again", kind, "x", holder, noon); err != nil || d.Dispute.Holds {
				t.Errorf("once the first is %s, %s: %+v, %v", state, kind, d.Dispute, err)
			}
		}
	}
	c = reported(t, voucher.DisputeCharged)
	c.Disputes[0].State = voucher.DisputeDismissed
	if d, err := c.Report("again", voucher.DisputeNotHeld, "", holder, noon); err != nil || !d.Dispute.Holds {
		t.Errorf("after one that held nothing back: %+v, %v", d.Dispute, err)
	}
}

func TestWhatIsPaidTooMuchIsRecoveredOnce(t *testing.T) {
	t.Parallel()
	judge := func(c voucher.SessionCase, id voucher.DisputeID, kind voucher.DisputeKind, right money.Amount) (voucher.SessionCase, error) {
		d, err := c.Report(id, kind, "", holder, noon)
		if err != nil {
			return c, err
		}
		before := c.Disputes
		c.Disputes = append([]voucher.Dispute{*d.Dispute}, before...)
		if d, err = c.Propose(id, voucher.DisputeProposal{Uphold: true, Right: right, Grounds: "g", Answer: "a"}, examiner, noon); err != nil {
			return c, err
		}
		c.Disputes = append([]voucher.Dispute{*d.Dispute}, before...)
		if d, err = c.Decide(id, 0, chief, noon); err != nil {
			return c, err
		}
		c.Disputes = append([]voucher.Dispute{*d.Dispute}, before...)
		return c, nil
	}
	a, id := held(t)
	c := matter(t, a, id)
	c.Payment = voucher.SessionPayment{State: "paid", Amount: 50_00}
	for _, x := range []struct {
		kind           voucher.DisputeKind
		right, recover money.Amount
		err            error
	}{
		{voucher.DisputeAmount, 40_00, 10_00, nil},
		{voucher.DisputeAmount, 40_00, 0, voucher.ErrDisputePrice}, // as the first one found
		{voucher.DisputeAmount, 30_00, 10_00, nil},
		{voucher.DisputeNotHeld, 0, 30_00, nil},
		{voucher.DisputeNotHeld, 0, 0, voucher.ErrDisputeFound},
		{voucher.DisputeCharged, 0, 0, voucher.ErrDisputeFound},
	} {
		after, err := judge(c, voucher.DisputeID(x.kind+"/"+voucher.DisputeKind(x.right.String())), x.kind, x.right)
		if !errors.Is(err, x.err) {
			t.Fatalf("%+v: %v", x, err)
		}
		if err != nil {
			continue
		}
		if c = after; c.Disputes[0].Recover != x.recover {
			t.Errorf("%+v: recovers %s", x, c.Disputes[0].Recover)
		}
	}
	c.Payment.State = "returned"
	for i := len(c.Disputes) - 1; i >= 0; i-- { // whatever came first
		d, err := c.CarryOut(c.Disputes[i].ID, chief, noon)
		if err != nil {
			t.Fatal(err)
		}
		c.Disputes[i] = *d.Dispute
		c.Account = apply(c.Account, *d.Money)
		c.Session.Booking, _ = c.Account.Booking(id)
	}
	if c.Session.State != voucher.Cancelled || c.Account.Voucher.Used != 0 {
		t.Errorf("%+v %+v", c.Session.Booking, c.Account.Voucher)
	}
}

func TestWhatMovesNoMoneyIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	c := proposed(t, reported(t, voucher.DisputeCharged), true, 0)
	if d, err := c.Decide(report, 0, chief, noon); err != nil || d.Money != nil || d.Dispute.State != voucher.DisputeUpheld {
		t.Errorf("another matter: %+v, %v", d, err)
	}
	c = proposed(t, reported(t, voucher.DisputeNotHeld), true, 0)
	c.Session.State = voucher.Cancelled // its professional took the confirmation back meanwhile
	if d, err := c.Decide(report, 0, chief, noon); err != nil || d.Money != nil {
		t.Errorf("of a session cancelled meanwhile: %+v, %v", d, err)
	}
}

// Over any history of moves and reports the sums of the voucher are those of its
// sessions, and its postings lead to them.
func TestMovesAndReportsKeepTheSums(t *testing.T) {
	t.Parallel()
	base := account(t)
	rapid.Check(t, func(t *rapid.T) {
		a, now := base, noon
		ledger := map[voucher.Ledger]money.Amount{voucher.Free: a.Voucher.Awarded}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			var d voucher.Decision
			var err error
			id := voucher.NewBookingID()
			if n := len(a.Bookings); n > 0 {
				id = a.Bookings[rapid.IntRange(0, n-1).Draw(t, "booking")].ID
			}
			amount := money.Amount(rapid.Int64Range(-1, 51_00).Draw(t, "amount"))
			on := today.Add(rapid.IntRange(-2, 185).Draw(t, "day"))
			act := rapid.SampledFrom([]string{"book", "confirm", "move", "release", "annul", "correct", "wait"}).Draw(t, "act")
			switch act {
			case "book":
				d, err = a.Book(enrolled, []voucher.Request{request(on, amount)}, psychologist, now)
			case "confirm":
				d, err = a.Confirm(id, psychologist, now)
			case "move":
				d, err = a.Move(id, enrolled, voucher.Appointment{Day: on, Amount: amount, Place: enrolled.Place}, psychologist, now)
			case "release":
				d, err = a.Release(giulia, []voucher.BookingID{id}, holder, now)
			case "wait":
				now = now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days"))
				continue
			default:
				kind := voucher.DisputeNotHeld
				if act == "correct" {
					kind = voucher.DisputeAmount
				}
				d, err = upheld(a, id, kind, amount, now.AddDate(0, 0, 200))
			}
			if err != nil {
				continue
			}
			for _, p := range d.Postings {
				if p.Amount <= 0 {
					t.Fatalf("%s posted %d", act, p.Amount)
				}
				accounts := voucher.Events[p.Event]
				ledger[accounts[0]] -= p.Amount
				ledger[accounts[1]] += p.Amount
			}
			a = apply(a, d)
			var booked, used money.Amount
			for _, b := range a.Bookings {
				switch b.State {
				case voucher.Booked:
					booked += b.Amount
				case voucher.Held:
					used += b.Price()
				}
			}
			v := a.Voucher
			if booked != v.Booked || used != v.Used || v.Balance() < 0 || v.Booked != ledger[voucher.OnHold] || v.Used != ledger[voucher.Spent] || v.Balance() != ledger[voucher.Free] {
				t.Fatalf("after %s: %+v, sessions %s and %s, ledger %v", act, v, booked, used, ledger)
			}
		}
	})
}

// upheld is what follows when a report about a session is upheld.
func upheld(a voucher.Account, id voucher.BookingID, kind voucher.DisputeKind, right money.Amount, now time.Time) (voucher.Decision, error) {
	b, err := a.Booking(id)
	if err != nil {
		return voucher.Decision{}, err
	}
	c := voucher.SessionCase{Session: voucher.Session{Booking: b}, Account: a}
	said, err := c.Report(report, kind, "", holder, now)
	if err != nil {
		return voucher.Decision{}, err
	}
	c.Disputes = []voucher.Dispute{*said.Dispute}
	said, err = c.Propose(report, voucher.DisputeProposal{Uphold: true, Right: right, Grounds: "g", Answer: "a"}, examiner, now)
	if err != nil {
		return voucher.Decision{}, err
	}
	c.Disputes = []voucher.Dispute{*said.Dispute}
	said, err = c.Decide(report, 0, chief, now)
	if err != nil {
		return voucher.Decision{}, err
	}
	return *said.Money, nil
}
