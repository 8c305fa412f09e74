package demo

import (
	"context"

	"portal/internal/voucher"
)

// lapsing is the territory of which the office is about to close the codes without a
// session in their first days; those of the others are still to be listed, and so are
// the sessions of the edition that is over.
const lapsing = "Lazio"

// makeClosures has an officer confirm a list for the approver, and everybody reminded
// of the terms that come near.
func (b *builder) makeClosures(ctx context.Context) error {
	officer := b.officer(INPSOfficer)
	b.at = b.today.Add(-2).At(10, 40)
	due, err := b.closures.Due(ctx, officer, voucher.LapseList, lastEdition, lapsing)
	if err != nil {
		return err
	}
	form, err := b.next(officer, "closure.propose")
	if err != nil {
		return err
	}
	if _, err := b.closures.Propose(ctx, officer, form, voucher.LapseList, lastEdition, lapsing, due.Digest()); err != nil {
		return err
	}
	b.at = b.today.Add(-8).At(6, 0)
	_, err = b.closures.RemindDue(ctx)
	return err
}
