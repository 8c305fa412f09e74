package voucher_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

// Whatever its professional writes, or takes back and sends anew, what an officer has
// asked about is looked at by an officer.
func TestWhatAnOfficerAskedAboutIsNotEscaped(t *testing.T) {
	t.Parallel()
	accepted := mustSend(t, toBill(t, 50_00), document(60_00))
	d, err := accepted.Reopen("Sospetta", desk, billed)
	if err != nil {
		t.Fatal(err)
	}
	reopened := after(accepted, d)
	if d, err = accepted.Return("number", "Non è il suo numero", desk, billed); err != nil {
		t.Fatal(err)
	}
	returned := after(accepted, d)
	for name, x := range map[string]struct {
		b    voucher.Billing
		want voucher.InvoiceFinding
	}{"reopened": {reopened, voucher.FoundReopened}, "returned": {returned, voucher.FoundAnswered}} {
		b := x.b
		for _, amount := range []money.Amount{61_00, 62_00} { // as often as one likes
			d, err := b.Correct(document(amount), psychologist, billed)
			if err != nil || d.Invoice.State != voucher.InvoiceInReview || !slices.Equal(d.Invoice.Findings, []voucher.InvoiceFinding{x.want}) {
				t.Fatalf("%s and corrected: %+v, %v", name, d.Invoice, err)
			}
			b = after(b, d)
		}
		d, err := b.Withdraw(psychologist, billed)
		if err != nil || !slices.Contains(d.Invoice.Findings, x.want) {
			t.Errorf("%s, corrected and withdrawn: %+v, %v", name, d.Invoice, err)
		}
		if d, err = x.b.Withdraw(psychologist, billed); err != nil || !slices.Contains(d.Invoice.Findings, x.want) {
			t.Fatalf("%s and withdrawn: %+v, %v", name, d.Invoice, err)
		}
		again := after(x.b, d)
		again.Evaded = again.Sessions
		if d, err := again.Send("i2", document(60_00), psychologist, billed); err != nil || d.Invoice.State != voucher.InvoiceInReview {
			t.Errorf("%s, withdrawn and sent again: %+v, %v", name, d.Invoice, err)
		}
	}
	if d, err = reopened.Accept(desk, billed); err != nil {
		t.Fatal(err)
	}
	passed, err := after(reopened, d).Withdraw(psychologist, billed)
	if err != nil || len(passed.Invoice.Findings) != 0 {
		t.Errorf("once the officer is done with it: %+v, %v", passed.Invoice, err)
	}
}

func TestAnOfficerLooksAtAnInvoice(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(350_00))
	d, err := b.Accept(desk, billed)
	if err != nil || d.Invoice.State != voucher.InvoiceAccepted || d.Invoice.DecidedBy != clerk || len(d.Accounts) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	accepted := after(b, d)
	if d, err := accepted.Reopen("Segnalata", desk, billed); err != nil || d.Invoice.State != voucher.InvoiceInReview || !slices.Contains(d.Invoice.Findings, voucher.FoundReopened) {
		t.Errorf("reopened: %+v, %v", d.Invoice, err)
	}
	returned, err := b.Return("amount", " L’importo non torna ", desk, billed)
	i := returned.Invoice
	if err != nil || i.State != voucher.InvoiceToCorrect || i.Reason != "L’importo non torna" || i.Field != "amount" || returned.Note != i.Reason {
		t.Fatalf("%+v, %v", i, err)
	}
	if want := b.Accounts[0].Rules.Holidays.Is.Within(b.Accounts[0].Rules.CorrectDays.Is, calendar.On(billed)); i.CorrectBy != want {
		t.Errorf("to be corrected by %s, want %s", i.CorrectBy, want)
	}
	back := after(b, returned)
	last := i.CorrectBy.At(23, 59)
	fixed, err := back.Correct(document(50_00), psychologist, last)
	if err != nil || fixed.Invoice.State != voucher.InvoiceInReview || fixed.Invoice.Reason != "" || !slices.Equal(fixed.Invoice.Findings, []voucher.InvoiceFinding{voucher.FoundAnswered}) {
		t.Errorf("what an officer asked for is looked at: %+v, %v", fixed.Invoice, err)
	}
	if again, err := after(back, fixed).Correct(document(51_00), psychologist, last); err != nil || again.Invoice.State != voucher.InvoiceInReview {
		t.Errorf("corrected twice: %+v, %v", again.Invoice, err)
	}
	if _, err := back.Correct(document(50_00), psychologist, last.Add(time.Minute)); !errors.Is(err, voucher.ErrTooLateToCorrect) {
		t.Errorf("after the term: %v", err)
	}
	for what, c := range map[string]struct {
		err  error
		want error
	}{
		"no reason":           {second(b.Return("amount", " ", desk, billed)), voucher.ErrInvoiceReason},
		"no field":            {second(b.Return("colour", "x", desk, billed)), voucher.ErrInvoiceField},
		"a long reason":       {second(b.Return("amount", strings.Repeat("x", 501), desk, billed)), voucher.ErrInvoiceReasonLong},
		"accepted twice":      {second(accepted.Accept(desk, billed)), voucher.ErrInvoiceState},
		"one's own":           {second(b.Accept(identity.Own(giulia, identity.INPS).WithDuties([]identity.Duty{identity.Prepare}), billed)), voucher.ErrOwnInvoice},
		"the holder's":        {second(b.Accept(identity.Own(maria, identity.INPS).WithDuties([]identity.Duty{identity.Prepare}), billed)), voucher.ErrOwnInvoice},
		"another duty":        {second(b.Accept(identity.Own(clerk, identity.INPS).WithDuties([]identity.Duty{identity.Pay}), billed)), identity.ErrNoDuty},
		"a professional's":    {second(b.Accept(psychologist, billed)), identity.ErrNoDuty},
		"amended too early":   {second(b.Amend("14", calendar.On(billed), "x", desk, billed)), voucher.ErrInvoiceNotInPayment},
		"reopened for nought": {second(accepted.Reopen("", desk, billed)), voucher.ErrInvoiceReason},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
}

func second(_ voucher.InvoiceDecision, err error) error { return err }

func TestOnlyAnOfficerAmendsWhatIsInAPayment(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(60_00))
	b.Invoice.InPayment = 1
	d, err := b.Amend("14", today.Add(2), "Numero sbagliato", desk, billed)
	if err != nil || d.Invoice.Number != "14" || d.Invoice.IssuedOn != today.Add(2) || d.Invoice.Amount != 60_00 || d.Note == "" || len(d.Accounts) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = b.Amend(b.Invoice.Number, b.Invoice.IssuedOn, "", desk, billed)
	if !errors.Is(err, voucher.ErrInvoiceUnchanged) || !errors.Is(err, voucher.ErrInvoiceReason) {
		t.Errorf("%v", err)
	}
	for _, err := range []error{second(b.Accept(desk, billed)), second(b.Return("amount", "x", desk, billed)), second(b.Reopen("x", desk, billed))} {
		if !errors.Is(err, voucher.ErrInvoiceInPayment) {
			t.Errorf("%v", err)
		}
	}
}
