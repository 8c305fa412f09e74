package demo

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// monthsBack is how many months before that of today have a call.
const monthsBack = 4

// appropriation is what each call of the demonstration may spend.
const appropriation = 250_000 * money.Euro

// makeCalls has the welfare service release the calls of the months around today by
// copying the one that comes with the program, propose the one after next, and begin
// that after it.
func (b *builder) makeCalls(ctx context.Context) error {
	shipped, err := indemnity.Shipped()
	if err != nil {
		return err
	}
	if err := postgres.NewCalls(b.pool).Ship(ctx, shipped); err != nil {
		return err
	}
	from := indemnity.VersionRef{Call: shipped[0].ID, Number: 1}
	id := indemnity.CallIn(calendar.NewDate(b.today.Year, b.today.Month-monthsBack, 1))
	next := indemnity.CallIn(b.today).Next()
	for ; id <= next.Next(); id = id.Next() {
		if id == from.Call {
			continue
		}
		ref, err := b.proposeCall(ctx, from, id)
		if err != nil {
			return err
		}
		if id <= next {
			approver := b.officer(WelfareApprover)
			form, err := b.next(approver, "call.release")
			if err != nil {
				return err
			}
			b.at = b.at.AddDate(0, 0, 2)
			if err := b.calls.Release(ctx, approver, form, ref, 4); err != nil {
				return err
			}
		}
	}
	officer := b.officer(WelfareOfficer)
	form, err := b.next(officer, "call.draft")
	if err != nil {
		return err
	}
	b.at = b.today.Add(-1).At(16, 40)
	_, err = b.calls.Draft(ctx, officer, form, from, id)
	return err
}

// monthsAgo is how many months before that of a day the month of a call is.
func monthsAgo(id indemnity.CallID, today calendar.Date) int {
	from := id.Month().From
	return 12*(today.Year-from.Year) + int(today.Month-from.Month)
}

// proposeCall copies a call into that of a month, says what is of that month only, and
// proposes it, some weeks before the month begins.
func (b *builder) proposeCall(ctx context.Context, from indemnity.VersionRef, id indemnity.CallID) (indemnity.VersionRef, error) {
	month, officer := id.Month(), b.officer(WelfareOfficer)
	b.at = month.From.Add(-20).At(10, 15)
	if latest := b.today.Add(-3).At(10, 15); b.at.After(latest) {
		b.at = latest
	}
	form, err := b.next(officer, "call.draft")
	if err != nil {
		return indemnity.VersionRef{}, err
	}
	ref, err := b.calls.Draft(ctx, officer, form, from, id)
	if err != nil {
		return ref, err
	}
	v, err := b.calls.Version(ctx, ref)
	if err != nil {
		return ref, err
	}
	budget, rules := spends(monthsAgo(id, b.today)), v.Rules
	const made = "Dati di prova"
	rules.Window.Is, rules.Window.Article = month, made
	rules.Budget.Is, rules.Budget.Article = &budget, made
	v.Rules = rules
	rules.Expected.Is, rules.Expected.Article = indemnity.Expected{Ranking: v.LastUsefulDay().Add(45), Payment: v.LastUsefulDay().Add(75)}, made
	for i, s := range []indemnity.Section{indemnity.SectionPeriod, indemnity.SectionMoney, indemnity.SectionExpected} {
		if form, err = b.next(officer, "call.save"); err != nil {
			return ref, err
		}
		if err := b.calls.Save(ctx, officer, form, ref, int64(i), s, rules); err != nil {
			return ref, err
		}
	}
	if form, err = b.next(officer, "call.propose"); err != nil {
		return ref, err
	}
	b.at = b.at.AddDate(0, 0, 1)
	return ref, b.calls.Propose(ctx, officer, form, ref, 3)
}
