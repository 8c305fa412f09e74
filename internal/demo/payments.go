package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/payment"
)

// debtors are who pays, as the program has it when it is told nothing else.
var debtors = payment.Debtors{payment.Voucher: {Name: "Istituto Nazionale Previdenza Sociale", IBAN: "IT70L0100003245350200020350"},
	payment.Indemnity: {Name: "Ente Nazionale di Previdenza ed Assistenza per gli Psicologi", IBAN: WelfareAccount}}

// WelfareAccount is the made-up account from which the indemnity is paid.
const WelfareAccount iban.IBAN = "IT24Y0569603211000012345X67"

// colleagues are made-up professionals of the list who are paid beside the personas, by
// their number in the register.
var colleagues = []Hint{"10040", "10041", "10042", "10043"}

// given is an IBAN that somebody gave, so many days ago, and what an officer did about it
// three days later.
type given struct {
	by     Hint
	number int
	ago    int
	state  payment.AccountState
}

// ibans has one that should have been checked long ago, and one of yesterday.
var ibans = []given{
	{Psychologist, 1, 419, payment.Verified},
	{colleagues[0], 39, 300, payment.Verified}, // until there was another
	{colleagues[0], 40, 250, payment.Verified},
	{colleagues[1], 41, 46, payment.Verified},
	{ExPsychologist, 1, 25, payment.ToVerify},
	{colleagues[3], 43, 5, payment.Verifying},
	{colleagues[2], 42, 1, payment.ToVerify},
}

// friendlyBank says of every account that it is its owner's.
type friendlyBank struct{}

func (friendlyBank) Check(context.Context, iban.IBAN, string, identity.FiscalCode) (payment.BankAnswer, error) {
	return payment.Matches, nil
}

// makeAccounts has people give their IBANs, and an officer verify most of them.
func (b *builder) makeAccounts(ctx context.Context) error {
	for _, g := range ibans {
		var id identity.PersonID
		var owner identity.Person
		if err := b.pool.QueryRow(ctx, `SELECT p.id, p.given_name, p.family_name FROM persons p JOIN professionals q ON q.person_id = p.id
			WHERE p.id::text = $1 OR q.register_number = $2`, string(b.world.People[g.by]), g.by).Scan(&id, &owner.GivenName, &owner.FamilyName); err != nil {
			return fmt.Errorf("professional %s: %w", g.by, err)
		}
		if _, known := b.world.People[g.by]; !known {
			b.colleagues[g.by] = id
		}
		offer, err := payment.NewOffer(string(Account(g.by, g.number)), owner.Name())
		if err != nil {
			return err
		}
		who := b.psychologist(g.by)
		live, err := b.accounts.Current(ctx, who.Person)
		if err != nil {
			return err
		}
		b.at = b.today.Add(-g.ago).At(18, 20)
		form, err := b.next(who, "account.submit")
		if err != nil {
			return err
		}
		if err := b.accounts.Submit(ctx, who, form, live.ID, offer); err != nil {
			return err
		}
		if err := b.verify(ctx, who.Person, b.today.Add(3-g.ago), g.state); err != nil {
			return fmt.Errorf("account of %s: %w", g.by, err)
		}
	}
	return nil
}

// verify has an officer ask the bank about somebody's account and verify it, or come as far
// as a state.
func (b *builder) verify(ctx context.Context, of identity.PersonID, on calendar.Date, until payment.AccountState) error {
	officer := b.officer(INPSOfficer)
	b.at = on.At(9, 45)
	acts := []func(context.Context, identity.Actor, once.Form, payment.AccountID, int64) error{b.accounts.Start, b.accounts.Verify}
	for _, act := range acts[:slices.Index([]payment.AccountState{payment.ToVerify, payment.Verifying, payment.Verified}, until)] {
		a, err := b.accounts.Current(ctx, of)
		if err != nil {
			return err
		}
		form, err := b.next(officer, "account.check")
		if err != nil {
			return err
		}
		if err := act(ctx, officer, form, a.ID, a.Version); err != nil {
			return err
		}
	}
	return nil
}

// run is a payment run of what was claimed by a day, so many days ago, in a territory or in
// all, or of what a call
// for the indemnity owes: as far as it got, who of its payees the bank did not pay, and
// why, and of whom it has said nothing yet.
type run struct {
	ago   int
	of    string // territory
	call  indemnity.CallID
	until payment.RunState
	back  map[Hint]string
	waits []Hint
}

// pay has a run prepared and proposed, and where it got further also approved and sent,
// each by the persona whose duty it is, and what the bank answered recorded.
func (b *builder) pay(ctx context.Context, r run) error {
	officer, approver, payer := b.officer(INPSOfficer), b.officer(INPSApprover), b.officer(INPSPayer)
	on := b.today.Add(-r.ago)
	of := payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(on.Year, on.Month, 1), Territory: r.of}
	if r.call != "" {
		officer, approver, payer = b.officer(WelfareOfficer), b.officer(WelfareApprover), b.officer(WelfarePayer)
		var err error
		if of, err = payment.OfCall(string(r.call)); err != nil {
			return err
		}
	}
	b.at = on.At(9, 10)
	form, err := b.next(officer, "payment.prepare")
	if err != nil {
		return err
	}
	id, err := b.payments.Prepare(ctx, officer, form, of)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	if _, _, err := b.payments.FreezeDue(ctx); err != nil {
		return fmt.Errorf("freeze: %w", err)
	}
	b.at = on.At(9, 30)
	if form, err = b.next(officer, "payment.propose"); err != nil {
		return err
	}
	if err := b.payments.Propose(ctx, officer, form, id); err != nil || r.until == payment.ProposedRun {
		return err
	}
	made, err := b.payments.Run(ctx, id)
	if err != nil {
		return err
	}
	b.at = on.At(12, 5)
	if form, err = b.next(approver, "payment.approve"); err != nil {
		return err
	}
	if err := b.payments.Approve(ctx, approver, form, id, made.Version); err != nil {
		return fmt.Errorf("approve: %w", err)
	}
	if r.until == payment.ApprovedRun {
		return nil
	}
	b.at = on.At(15, 0)
	if form, err = b.next(payer, "payment.send"); err != nil {
		return err
	}
	paidOn := payment.NextBankDay(on)
	if err := b.payments.Send(ctx, payer, form, id, paidOn); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if r.until == payment.SentRun {
		return nil
	}
	var waiting []identity.PersonID
	for _, hint := range r.waits {
		waiting = append(waiting, b.psychologist(hint).Person)
	}
	answers := []string{strings.Join(payment.OutcomeColumns, ";")}
	for o, err := range b.payments.EachOrder(ctx, id) {
		if err != nil {
			return err
		}
		answer := fmt.Sprintf("%s;pagato;%s;%s;CRO%011d;", o.EndToEnd, o.Amount.Cell(), paidOn, 40_210_000_000+int64(made.Number)*1_000+int64(o.Number))
		for hint, why := range r.back {
			if b.psychologist(hint).Person == o.Payee {
				answer = fmt.Sprintf("%s;restituito;%s;;;%s", o.EndToEnd, o.Amount.Cell(), why)
			}
		}
		if !slices.Contains(waiting, o.Payee) {
			answers = append(answers, answer)
		}
	}
	b.at = paidOn.At(17, 0)
	if form, err = b.next(payer, "payment.record"); err != nil {
		return err
	}
	if _, err := b.payments.Record(ctx, payer, form, id, []byte(strings.Join(answers, "\n"))); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
