package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"portal/internal/voucher"
)

// saveByOffice writes what only officers change on a voucher, after its decision was
// saved: whether it is blocked, its code, and its terms.
func saveByOffice(ctx context.Context, tx pgx.Tx, was voucher.Voucher, d voucher.Decision) error {
	e := d.Entries[0]
	var batch pgx.Batch
	switch {
	case d.Voucher.Blocked && !was.Blocked:
		batch.Queue(`UPDATE vouchers SET blocked_at = $2, block_reason = $3 WHERE id = $1`, string(was.ID), e.At, d.BlockReason)
	case was.Blocked && !d.Voucher.Blocked:
		batch.Queue(`UPDATE vouchers SET blocked_at = NULL, block_reason = '' WHERE id = $1`, string(was.ID))
	}
	if c := d.Code; c != nil {
		batch.Queue(`UPDATE vouchers SET code_index = $2, code_sealed = $3, code_number = code_number + 1 WHERE id = $1`, string(was.ID), c.Index, c.Sealed)
	}
	queueTerms(&batch, was, d.Voucher)
	if d.Note != "" {
		batch.Queue(insertNote, e.Subject, string(e.Actor.Person), e.At, d.Note)
	}
	saveMoves(&batch, d.Moves)
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &batch).Close()
}

const insertNote = `INSERT INTO notes (subject_id, author_id, at, text) VALUES ($1, $2, $3, $4)`
