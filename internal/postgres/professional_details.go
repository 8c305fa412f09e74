package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Details is what people read of a professional.
func (s *Participants) Details(ctx context.Context, of identity.PersonID) (d voucher.Details, err error) {
	err = s.pool.QueryRow(ctx, `SELECT shown_phone, shown_languages, shown_online, visible, version FROM professionals WHERE person_id = $1`, string(of)).
		Scan(&d.Phone, &d.Languages, &d.Online, &d.Visible, &d.Version)
	if err != nil {
		return d, fmt.Errorf("details: %w", translate(err))
	}
	return d, nil
}

// SaveDetails keeps what a professional says, as far as it is not what CNOP's list says
// too: the rest goes on following the list.
func (s *Participants) SaveDetails(ctx context.Context, form once.Form, d voucher.Details, e audit.Entry) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var version int64
		if err := tx.QueryRow(ctx, `SELECT version FROM professionals WHERE person_id = $1 FOR UPDATE`, string(e.About)).Scan(&version); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if version != d.Version {
			return voucher.ErrDetailsMoved
		}
		var batch pgx.Batch
		batch.Queue(`
			UPDATE professionals SET own_phone = nullif($2, regexp_replace(phone, '[^0-9+]', '', 'g')), own_online = nullif($4, online), visible = $5, version = version + 1,
				own_languages = CASE WHEN languages @> $3 AND languages <@ $3 THEN NULL ELSE $3 END
			WHERE person_id = $1`,
			string(e.About), d.Phone, d.Languages, d.Online, d.Visible)
		return finish(ctx, tx, &batch, form, string(e.About), []audit.Entry{e})
	})
	if err != nil {
		return fmt.Errorf("details: %w", translate(err))
	}
	return nil
}
