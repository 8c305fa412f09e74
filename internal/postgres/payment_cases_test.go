package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
)

// welfareTill is a ranking desk with officers who pay what it publishes.
type welfareTill struct {
	*rankingDesk
	runs  *payment.Runs
	money *payment.Cases
	pays  identity.Actor
}

func newWelfareTill(t *testing.T) *welfareTill {
	t.Helper()
	d := newRankingDesk(t, 100_000*money.Euro)
	f := &welfareTill{rankingDesk: d}
	clock := func() time.Time { return d.now }
	f.runs = payment.NewRuns(postgres.NewPaymentRuns(d.pool), payment.Debtors{payment.Indemnity: {Name: "ENPAP", IBAN: "IT24Y0569603211000012345X67"}}, clock)
	f.money = payment.NewCases(postgres.NewCasePayments(d.pool), clock)
	f.pays = identity.Own(d.person("MNCTRS79P57A944", "Teresa", "Mancini").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Pay})
	return f
}

func (f *welfareTill) may() payment.Selection {
	f.welfare.Helper()
	of, err := payment.OfCall(string(mayCall))
	if err != nil {
		f.Fatal(err)
	}
	return of
}

// frozen is a run of the call of May that is prepared.
func (f *welfareTill) frozen() payment.RunID {
	f.welfare.Helper()
	id, err := f.runs.Prepare(f.Context(), f.officer, form(f.officer, "payment.prepare"), f.may())
	if err != nil {
		f.Fatal(err)
	}
	if n, left, err := f.runs.FreezeDue(f.Context()); n != 1 || left || err != nil {
		f.Fatal(n, left, err)
	}
	return id
}

func (f *welfareTill) run(id payment.RunID) payment.Run {
	f.welfare.Helper()
	r, err := f.runs.Run(f.Context(), id)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

func (f *welfareTill) toApprove(id payment.RunID) error {
	return f.runs.Propose(f.Context(), f.officer, form(f.officer, "payment.propose"), id)
}

func (f *welfareTill) accepted(id payment.RunID) error {
	return f.runs.Approve(f.Context(), f.approver, form(f.approver, "payment.approve"), id, f.run(id).Version)
}

func (f *welfareTill) send(who identity.Actor, id payment.RunID) error {
	return f.runs.Send(f.Context(), who, form(who, "payment.send"), id, payment.NextBankDay(calendar.On(f.now)))
}

// sentRun is a run that the bank has.
func (f *welfareTill) sentRun() payment.RunID {
	f.welfare.Helper()
	id := f.frozen()
	if err := errors.Join(f.toApprove(id), f.accepted(id), f.send(f.pays, id)); err != nil {
		f.Fatal(err)
	}
	return id
}

// answered hands in what the bank says of each order: "paid", or the code of why it came
// back.
func (f *welfareTill) answered(id payment.RunID, says ...string) {
	f.welfare.Helper()
	r := f.run(id)
	text := strings.Join(payment.OutcomeColumns, ";")
	all, _, err := f.runs.Orders(f.Context(), id, "", 1, 100)
	if err != nil || len(all) != len(says) {
		f.Fatal(len(all), err)
	}
	for i, o := range all {
		row := fmt.Sprintf("%s;restituito;%s;;;%s", o.EndToEnd, strings.ReplaceAll(o.Amount.Decimal(), ".", ","), says[i])
		if says[i] == "paid" {
			row = fmt.Sprintf("%s;pagato;%s;%s;CRO%d;", o.EndToEnd, strings.ReplaceAll(o.Amount.Decimal(), ".", ","), r.ExecuteOn, i)
		}
		text += "\n" + row
	}
	f.now = r.ExecuteOn.At(12, 0)
	if _, err := f.runs.Record(f.Context(), f.pays, form(f.pays, "payment.record"), id, []byte(text)); err != nil {
		f.Fatal(err)
	}
}

func (f *welfareTill) of(id indemnity.CaseID) payment.CaseMoney {
	f.welfare.Helper()
	m, err := f.money.Of(f.Context(), string(id))
	if err != nil {
		f.Fatal(err)
	}
	return m
}

func (f *welfareTill) totals() map[payment.Hold]money.Amount {
	f.welfare.Helper()
	all, err := f.runs.Totals(f.Context(), f.may(), f.now)
	if err != nil {
		f.Fatal(err)
	}
	sums := map[payment.Hold]money.Amount{}
	for _, t := range all {
		sums[t.Hold] = t.Amount
	}
	return sums
}

// sound fails where the whole database is not in order.
func (f *welfareTill) sound() {
	f.welfare.Helper()
	breaches, err := postgres.Check(f.Context(), f.pool)
	if err != nil || len(breaches) > 0 {
		f.Errorf("%v, %v", breaches, err)
	}
}

func TestARunPaysWhatTheRankingSaysAndWhatComesBackIsRepaired(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	long, short := f.suitable("2026-04-01", "2026-05-05"), f.suitable("2026-05-07", "2026-05-20")
	ranking := f.published()
	entry, err := f.Entry(t.Context(), ranking, long)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.totals(); got[""] == 0 || len(got) != 1 {
		t.Fatalf("due %v", got)
	}
	first := f.sentRun()
	r := f.run(first)
	if r.Message() != "IND00001" || r.Call != "2026-05" || r.Orders != 2 || r.State != payment.SentRun {
		t.Errorf("%+v", r)
	}
	m := f.of(long)
	if len(m.Orders) != 1 || m.Orders[0].Amount != entry.Payable || m.Orders[0].Of.Gross != entry.FundedGross || m.Orders[0].Of.Withholding != entry.FundedGross-entry.FundedNet ||
		m.Orders[0].Of.SetOff != entry.SetOff || m.Orders[0].Holder != "Giulia Bianchi" || m.Orders[0].IBAN != "IT60X0542811101000000123456" {
		t.Errorf("%+v, not %+v", m.Orders, entry)
	}
	f.answered(first, "paid", "AC04")
	if r := f.run(first); r.State != payment.SettledRun {
		t.Errorf("it is %s", r.State)
	}
	paid, back := f.of(long), f.of(short)
	if sum, orders := paid.Paid(f.giulia.Person); sum.Net() != entry.Payable || len(orders) != 1 || orders[0].Certificate == "" || len(orders[0].CheckCode) != 12 || len(paid.Left) != 0 {
		t.Errorf("paid %+v", paid)
	}
	if at, err := f.cases.Verify(t.Context(), paid.Orders[0].Certificate, paid.Orders[0].CheckCode); err != nil || !at.Equal(f.now) {
		t.Errorf("the certificate is of %v, %v", at, err)
	}
	due := back.Due(back.Payees[0])
	if _, returned := back.Back(back.Payees[0]); !returned || due.Hold != payment.HeldNoAccount || due.Net() != back.Net() || back.Payees[0].Account.Reason != payment.ClosedAccount {
		t.Errorf("back %+v", due)
	}
	if _, err := f.runs.Prepare(t.Context(), f.officer, form(f.officer, "payment.prepare"), f.may()); !errors.Is(err, payment.ErrNothingDue) {
		t.Errorf("with nothing to pay: %v", err)
	}

	// The payee gives another account, and an officer verifies it.
	offer, err := payment.NewOffer("IT24D0542811101000000654321", "Giulia Bianchi")
	if err != nil {
		t.Fatal(err)
	}
	give := func(who identity.Actor, seal string) error {
		return f.money.Give(t.Context(), who, form(who, "give"), string(short), string(short), seal, offer)
	}
	seal := back.Payees[0].Account.Seal()
	f.wants("given for somebody", give(identity.Own(f.publisher.Person, identity.Member), seal), payment.ErrNotForPayees)
	f.wants("given under a mandate", give(identity.Actor{Person: f.publisher.Person, For: f.giulia.Person, Role: identity.Member}, seal), payment.ErrNotForPayees)
	f.wants("given in the place of another", give(f.giulia, "x"), payment.ErrAccountMoved)
	if err := give(f.giulia, seal); err != nil {
		t.Fatal(err)
	}
	f.wants("given for what is paid", f.money.Give(t.Context(), f.giulia, form(f.giulia, "give"), string(long), string(long), paid.Payees[0].Account.Seal(), offer), payment.ErrNothingOwed)
	if got := f.totals(); got[payment.HeldToVerify] != back.Net() || len(got) != 1 {
		t.Errorf("due %v", got)
	}
	waiting, err := f.money.Waiting(t.Context(), f.officer)
	if err != nil || len(waiting) != 1 || waiting[0].Application != string(short) || waiting[0].Amount != back.Net() {
		t.Errorf("%+v, %v", waiting, err)
	}
	given := f.of(short)
	judge := func(who identity.Actor) error {
		return f.money.Verify(t.Context(), who, form(who, "verify"), string(short), string(short), given.Payees[0].Account.Seal())
	}
	f.wants("verified without the duty", judge(f.pays), identity.ErrNoDuty)
	f.wants("verified by its owner", judge(identity.Own(f.giulia.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})), payment.ErrOwnAccount)
	if err := judge(f.officer); err != nil {
		t.Fatal(err)
	}
	f.wants("verified twice", judge(f.officer), payment.ErrAccountDecided)
	if got := f.totals(); got[payment.HeldTooNew] != back.Net() {
		t.Errorf("due %v", got)
	}
	f.now = f.now.Add(payment.AccountHold)
	second := f.sentRun()
	if n := f.count(`SELECT count(*) FROM payment_lines l JOIN payment_lines o ON o.id = l.repairs WHERE o.order_state = 'returned' AND l.application_id = $1`, string(short)); n != 1 {
		t.Errorf("%d lines repair another", n)
	}
	f.answered(second, "paid")
	if m := f.of(short); len(m.Left) != 0 || m.Orders[1].IBAN != offer.IBAN || m.Orders[1].State != payment.OrderPaid {
		t.Errorf("repaired %+v", m)
	}
	f.sound()
}

func TestARunDoesNotExistForTheOtherOffice(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	f.suitable("2026-04-01", "2026-05-05")
	f.published()
	id := f.sentRun()
	inps := identity.Own(f.officer.Person, identity.INPS).WithDuties(identity.Duties)
	order := f.of(f.caseOf(id)).Orders[0].ID
	_, _, file := f.runs.File(t.Context(), inps, id)
	_, _, sheet := f.runs.Sheet(t.Context(), inps, id)
	_, as := f.runs.As(t.Context(), inps, id)
	_, look := f.runs.Look(t.Context(), inps, id)
	_, record := f.runs.Record(t.Context(), inps, form(inps, "x"), id, nil)
	_, _, judge := f.runs.Judge(t.Context(), inps, id, nil)
	for what, err := range map[string]error{"file": file, "sheet": sheet, "as": as, "look": look, "record": record, "judge": judge,
		"propose": f.runs.Propose(t.Context(), inps, form(inps, "x"), id), "approve": f.runs.Approve(t.Context(), inps, form(inps, "x"), id, 1),
		"send back": f.runs.SendBack(t.Context(), inps, form(inps, "x"), id, "x"), "drop": f.runs.Drop(t.Context(), inps, form(inps, "x"), id),
		"take out": f.runs.TakeOut(t.Context(), inps, form(inps, "x"), id, order, "x"), "send": f.runs.Send(t.Context(), inps, form(inps, "x"), id, on("2026-06-25"))} {
		f.wants(what, err, fault.ErrNotFound)
	}
	if _, err := f.runs.Prepare(t.Context(), inps, form(inps, "x"), f.may()); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("prepared: %v", err)
	}
}

// caseOf is the one that a run pays.
func (f *welfareTill) caseOf(id payment.RunID) (of indemnity.CaseID) {
	f.welfare.Helper()
	if err := f.pool.QueryRow(f.Context(), `SELECT l.application_id::text FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id WHERE o.run_id = $1`, string(id)).Scan(&of); err != nil {
		f.Fatal(err)
	}
	return of
}

// dies has the member of a case die, with two heirs who step into it: a third and two
// thirds, each with an account.
func (f *welfareTill) dies(id indemnity.CaseID) (heirs []string) {
	f.welfare.Helper()
	f.alter(`UPDATE indemnity_applications SET died_on = '2026-06-20' WHERE id = $1`, string(id))
	for i, code := range []string{"GTTNNA70R64F839", "GTTLCU75R04F839"} {
		heir := f.person(code, "Anna", "Gatti")
		f.alter(`INSERT INTO heirs (id, application_id, fiscal_code, given_name, family_name, kinship, share_part, share_whole, iban, added_by, added_at)
			VALUES (gen_random_uuid(), $1, $2, 'Anna', 'Gatti', 'child', $3, 3, 'IT60X0542811101000000123456', $4, $5)`,
			string(id), string(heir.FiscalCode), i+1, string(f.officer.Person), f.now.Add(time.Duration(i-9)*time.Second))
	}
	rows, _ := f.pool.Query(f.Context(), `SELECT id::text FROM heirs WHERE application_id = $1 ORDER BY share_part`, string(id))
	heirs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.Fatal(err)
	}
	return heirs
}

func TestHeirsArePaidWhatTheirMemberWasNot(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	id := f.suitable("2026-04-01", "2026-05-05")
	f.published()
	run := f.frozen()
	if err := errors.Join(f.toApprove(run), f.accepted(run)); err != nil {
		t.Fatal(err)
	}
	heirs := f.dies(id)
	blocked, err := f.runs.Blocked(t.Context(), run, f.now, 10)
	if err != nil || len(blocked) != 1 || blocked[0].Hold != payment.HeldByDeath {
		t.Errorf("%+v, %v", blocked, err)
	}
	f.wants("sent to who has died", f.send(f.pays, run), payment.ErrAllBlocked)
	if err := f.runs.SendBack(t.Context(), f.approver, form(f.approver, "payment.back"), run, "Si paga agli eredi."); err != nil {
		t.Fatal(err)
	}
	m := f.of(id)
	if got := f.totals(); got[payment.HeldToVerify] != m.Net() || len(got) != 1 {
		t.Fatalf("due %v", got)
	}
	for _, heir := range heirs {
		p, err := f.of(id).Payee(heir)
		if err == nil {
			err = f.money.Verify(t.Context(), f.officer, form(f.officer, "verify"), string(id), heir, p.Account.Seal())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run = f.sentRun()
	m = f.of(id)
	if len(m.Orders) != 2 || m.Orders[0].Amount+m.Orders[1].Amount != m.Net() || m.Orders[1].Amount < 2*m.Orders[0].Amount-2 || len(m.Left) != 0 {
		t.Errorf("%+v", m.Orders)
	}
	f.answered(run, "paid", "AC04")
	if m = f.of(id); len(m.Left) != 1 || m.Left[0].Net() != m.Orders[1].Amount || m.Left[0].Hold != payment.HeldNoAccount {
		t.Errorf("left %+v", m.Left)
	}

	// An heir who does not use the portal writes to the office: one officer gives the
	// account, and another verifies it.
	offer, err := payment.NewOffer("IT24D0542811101000000654321", "Anna Gatti")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := m.Payee(heirs[1])
	if err := f.money.Give(t.Context(), f.officer, form(f.officer, "give"), string(id), heirs[1], p.Account.Seal(), offer); err != nil {
		t.Fatal(err)
	}
	p, _ = f.of(id).Payee(heirs[1])
	f.wants("verified by who gave it", f.money.Verify(t.Context(), f.officer, form(f.officer, "verify"), string(id), heirs[1], p.Account.Seal()), payment.ErrGaveAccount)
	other := f.approver.WithDuties([]identity.Duty{identity.Prepare})
	if err := f.money.Reject(t.Context(), other, form(other, "reject"), string(id), heirs[1], p.Account.Seal(), payment.WrongHolder); err != nil {
		t.Fatal(err)
	}
	if got := f.totals(); got[payment.HeldNoAccount] != m.Orders[1].Amount {
		t.Errorf("due %v", got)
	}
}

func TestWhatAMemberWasPaidStaysWithThem(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	id := f.suitable("2026-04-01", "2026-05-05")
	f.published()
	run := f.sentRun()
	f.dies(id)
	if got := f.totals(); len(got) != 0 {
		t.Errorf("due %v", got)
	}
	f.answered(run, "MS03")
	if m := f.of(id); len(m.Left) != 2 || m.Left[0].Net()+m.Left[1].Net() != m.Net() || m.Left[0].Payee.Repairs == 0 {
		t.Errorf("left %+v", m.Left)
	}
}

func TestACorrectionTakesNothingFromWhoIsInAPayment(t *testing.T) {
	t.Parallel()
	f := newWelfareTill(t)
	f.suitable("2026-04-01", "2026-05-05")
	first := f.published()
	f.sentRun()
	second := f.simulate(indemnity.RankingOrder{Corrects: first, Reason: "Il debito era un altro."})
	f.agreed(second)
	if err := errors.Join(f.put(second), f.accept(f.approver, second)); err != nil {
		t.Fatal(err)
	}
	f.alter(`UPDATE indemnity_ranking_entries SET payable_cents = payable_cents - 1, set_off_cents = set_off_cents + 1 WHERE ranking_id = $1`, string(second))
	f.wants("published", f.publish(f.publisher, second), indemnity.ErrRankingPaid)
}
