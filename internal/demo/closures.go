package demo

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/voucher"
)

// lapsing is the territory of which the office is about to close the codes without a
// session in their first days; those of the others are still to be listed, and so are
// the sessions of the edition that is over.
const lapsing = "Lazio"

// lapsed is the one of which it has closed them.
const lapsed = "Molise"

// makeClosures has an officer confirm a list that is carried out and one for the approver,
// and everybody reminded of the terms that come near.
func (b *builder) makeClosures(ctx context.Context) error {
	approver := b.officer(INPSApprover)
	id, err := b.confirm(ctx, lapsed, b.today.Add(-16))
	if err != nil {
		return err
	}
	b.at = b.today.Add(-15).At(11, 25)
	form, err := b.next(approver, "closure.decide")
	if err != nil {
		return err
	}
	c, err := b.closures.Closure(ctx, id)
	if err != nil {
		return err
	}
	if err := b.closures.Decide(ctx, approver, form, id, c.Version, true, ""); err != nil {
		return err
	}
	if _, err := b.closures.CarryOutDue(ctx); err != nil {
		return err
	}
	if _, err := b.confirm(ctx, lapsing, b.today.Add(-2)); err != nil {
		return err
	}
	b.at = b.today.Add(-8).At(6, 0)
	_, err = b.closures.RemindDue(ctx)
	return err
}

// confirm has an officer confirm the list of a territory on a day.
func (b *builder) confirm(ctx context.Context, territory string, on calendar.Date) (voucher.ClosureID, error) {
	officer := b.officer(INPSOfficer)
	b.at = on.At(10, 40)
	due, err := b.closures.Due(ctx, officer, voucher.LapseList, lastEdition, territory)
	if err != nil {
		return "", err
	}
	form, err := b.next(officer, "closure.propose")
	if err != nil {
		return "", err
	}
	return b.closures.Propose(ctx, officer, form, voucher.LapseList, lastEdition, territory, due.Digest())
}
