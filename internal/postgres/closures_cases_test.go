package postgres_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// firstSession gives the voucher a term for its first session.
func (c *closing) firstSession(by calendar.Date) {
	c.Helper()
	c.exec(`ALTER TABLE vouchers DISABLE TRIGGER vouchers_keep_terms`)
	c.exec(`UPDATE vouchers SET first_session_by = $1`, by)
	c.exec(`ALTER TABLE vouchers ENABLE TRIGGER vouchers_keep_terms`)
}

func TestAVoucherLapsesByAListAndComesBackByACase(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	by := calendar.On(c.now).Add(10)
	c.firstSession(by)
	coming := c.mustBook(0, 20, 15, 50_00)
	c.now = by.Add(1).At(9, 0)
	l := c.due(voucher.LapseList)
	if len(l.Rows) != 1 || l.Rows[0].Ground != voucher.NoFirstSession || l.Amount() != 200_00 {
		t.Fatalf("%+v", l)
	}
	id := c.propose(voucher.LapseList)
	if err := c.decide(c.paolo, id, false, " "); !errors.Is(err, voucher.ErrClosureNote) {
		t.Errorf("sent back without a note: %v", err)
	}
	if err := c.decide(c.paolo, id, false, "Controlla gli avvisi."); err != nil {
		t.Fatal(err)
	}
	id = c.propose(voucher.LapseList)
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CarryOutDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := c.file()
	if file.Voucher.State != voucher.Forfeited || file.Application.State != voucher.Lapsed || file.Voucher.Returned != 200_00 || c.session(coming).CancelGround != string(voucher.NoFirstSession) {
		t.Errorf("%+v", file)
	}
	c.whole()

	if n := c.told("voucher.lapsed"); n != 1 {
		t.Errorf("%d letters on the lapse", n)
	}

	// Two officers give it back: the session had been held, and its professional was late.
	c.now = by.Add(30).At(9, 0)
	open := voucher.VoucherCase{Voucher: file.Voucher.ID, Kind: voucher.ReinstateVoucher, Ground: "late_proof", Text: "La seduta del 10 marzo c’è stata."}
	if _, err := c.ProposeCase(t.Context(), c.paolo, form(c.paolo, "case.propose"), open); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("proposed by who approves: %v", err)
	}
	k, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), open)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), open); !errors.Is(err, voucher.ErrCaseOpen) {
		t.Errorf("proposed twice: %v", err)
	}
	for who, want := range map[identity.Actor]error{c.chiara: identity.ErrNoDuty, c.chiara.WithDuties(identity.Duties): voucher.ErrCaseOwn} {
		if err := c.DecideCase(t.Context(), who, form(who, "case.decide"), k, 0, true, ""); !errors.Is(err, want) {
			t.Errorf("decided by %v: %v", who, err)
		}
	}
	sent := form(c.paolo, "case.decide")
	for range 2 { // the second is the same form
		if err := c.DecideCase(t.Context(), c.paolo, sent, k, 0, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	v := c.file().Voucher
	if v.State != voucher.Active || v.Balance() != 200_00 || v.Reopened != 1 || !v.Terms.LastDay.After(file.Voucher.Terms.LastDay) || c.file().Application.State != voucher.Awarded {
		t.Errorf("%+v, %s", v, c.file().Application.State)
	}
	if _, err := c.book(0, ask(calendar.On(c.now).Add(3), 15, 50_00)); err != nil {
		t.Errorf("it cannot be spent: %v", err)
	}
	c.whole()

	// It ends once more, and for good.
	c.now = c.now.AddDate(0, 0, 5)
	k, err = c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: v.ID, Kind: voucher.EndVoucher,
		Ground: voucher.Death, Since: calendar.On(c.now).Add(-1), Text: "Comunicazione dell’anagrafe."})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), k, 0, true, ""); err != nil {
		t.Fatal(err)
	}
	if v := c.file().Voucher; v.State != voucher.Closed || v.Returned != 150_00 || v.Booked != 50_00 {
		t.Errorf("%+v", v)
	}
	c.whole()
}

func TestAnAnnulledSessionIsGivenBackOutOfTheMoneyOfItsTerritory(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	held := c.hold(0, calendar.On(c.now).Add(7))
	c.over()
	id := c.propose(voucher.AnnulmentList)
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CarryOutDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: c.file().Voucher.ID, Booking: held,
		Kind: voucher.ReinstateBooking, Ground: "outage", Text: "Il portale era fermo."})
	if err != nil {
		t.Fatal(err)
	}
	was := c.file().Voucher.Terms
	if err := c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), k, 0, true, ""); err != nil {
		t.Fatal(err)
	}
	if n := c.told("booking.reinstated"); n != 2 {
		t.Errorf("%d letters on a session that came back", n)
	}
	v := c.file().Voucher
	if v.State != voucher.Expired || v.Used != 50_00 || v.Returned != 150_00 || !v.Terms.InvoiceBy.After(was.InvoiceBy) || v.Terms.LastDay != was.LastDay {
		t.Errorf("%+v", v)
	}
	_, err = c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: v.ID, Booking: held,
		Kind: voucher.ReinstateBooking, Ground: "outage", Text: "Ancora."})
	if !errors.Is(err, voucher.ErrReinstated) {
		t.Errorf("given back twice: %v", err)
	}
	c.whole()
}

func TestOfficersAreNoPartyInWhatTheyDecide(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	c.mustBook(0, 5, 15, 50_00)
	for _, who := range []identity.PersonID{c.maria.ID, c.psychologists[0]} {
		party := identity.Own(who, identity.INPS).WithDuties(identity.Duties)
		_, err := c.ProposeCase(t.Context(), party, form(party, "case.propose"), voucher.VoucherCase{Voucher: c.file().Voucher.ID, Kind: voucher.EndVoucher, Ground: voucher.FalseDeclaration, Text: "x"})
		if !errors.Is(err, voucher.ErrCaseParty) {
			t.Errorf("%v", err)
		}
	}
	if _, err := c.Closure(t.Context(), voucher.ClosureID(zero)); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a list that is none: %v", err)
	}
}

// What a dead person gave to others to do, and what others gave them, is over; only who
// lives is told.
func TestADeathEndsTheMandatesOfBothSides(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 0)
	laura, piero := c.person("MRNLRA80A41F205", "Laura", "Marini").ID, c.person("MRNPRI79A01F205", "Piero", "Marini").ID
	c.exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day, revoked_on) VALUES
		('delegate', $2, $1, '2026-01-01', NULL, NULL), ('guardian', $3, $1, '2026-01-01', '2026-03-01', NULL), ('parent', $3, $1, '2026-01-01', NULL, '2026-03-01'),
		('delegate', $1, $3, '2026-01-01', '2026-12-31', NULL), ('delegate', $3, $2, '2026-01-01', NULL, NULL)`, string(c.maria.ID), string(laura), string(piero))
	propose := func(ground string, since calendar.Date) voucher.CaseID {
		k, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"),
			voucher.VoucherCase{Voucher: c.file().Voucher.ID, Kind: voucher.EndVoucher, Ground: ground, Since: since, Text: "Comunicazione dell’anagrafe."})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	decide := func(k voucher.CaseID, grant bool) {
		if err := c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), k, 0, grant, "Non risulta."); err != nil {
			t.Fatal(err)
		}
	}
	today := calendar.On(c.now)
	ended := func() int {
		return c.count(`SELECT count(*) FROM mandates WHERE revoked_on = $1 AND revoked_by = $2`, today, string(c.paolo.Person))
	}
	if decide(propose(voucher.Death, today.Add(-1)), false); ended() != 0 {
		t.Error("a death that was denied ends mandates")
	}
	decide(propose(voucher.Death, today.Add(-1)), true)
	if n, still := ended(), c.count(`SELECT count(*) FROM mandates WHERE revoked_on IS NULL AND until_day IS NULL`); n != 2 || still != 1 {
		t.Errorf("%d mandates end, %d go on", n, still)
	}
	rows, _ := c.pool.Query(t.Context(), `SELECT a.about_id::text || CASE WHEN j.id IS NULL THEN '' ELSE ' told' END FROM audit a
		LEFT JOIN river_job j ON j.kind = 'notify' AND (j.args ->> 'entry')::bigint = a.id WHERE a.action = 'mandate.revoked'`)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	slices.Sort(got)
	if want := slices.Sorted(slices.Values([]string{string(c.maria.ID), string(c.maria.ID), string(laura) + " told", string(piero) + " told"})); err != nil || !slices.Equal(got, want) {
		t.Errorf("the register says %v, want %v, %v", got, want, err)
	}
}
