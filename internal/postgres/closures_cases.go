package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/once"
	"portal/internal/voucher"
)

const selectCases = `
	SELECT c.id, c.voucher_id, c.booking_id, c.kind, c.ground, c.text, c.since, c.life, c.state, c.proposed_by, c.proposed_at, c.decided_by, c.decided_at,
		c.note, c.version, p.given_name || ' ' || p.family_name, coalesce(d.given_name || ' ' || d.family_name, ''), a.protocol
	FROM voucher_cases c JOIN persons p ON p.id = c.proposed_by LEFT JOIN persons d ON d.id = c.decided_by
	JOIN vouchers v ON v.id = c.voucher_id JOIN applications a ON a.id = v.application_id `

func voucherCase(row pgx.CollectableRow) (c voucher.VoucherCase, err error) {
	var life zeronull.Int4
	err = row.Scan(&c.ID, &c.Voucher, (*nullText)(&c.Booking), &c.Kind, &c.Ground, &c.Text, &c.Since, &life, &c.State, &c.ProposedBy, &c.ProposedAt,
		(*nullText)(&c.DecidedBy), (*zeronull.Timestamptz)(&c.DecidedAt), &c.Note, &c.Version, &c.Proposer, &c.Decider, &c.Protocol)
	c.Life = int(life)
	return c, err
}

// Case is one case; fault.ErrNotFound.
func (s *Closures) Case(ctx context.Context, id voucher.CaseID) (voucher.VoucherCase, error) {
	return caseWith(ctx, s.pool, id)
}

func caseWith(ctx context.Context, db DB, id voucher.CaseID) (voucher.VoucherCase, error) {
	rows, _ := db.Query(ctx, selectCases+`WHERE c.id = $1`, string(id))
	c, err := pgx.CollectExactlyOneRow(rows, voucherCase)
	if err != nil {
		return c, fmt.Errorf("case %s: %w", id, translate(err))
	}
	return c, nil
}

// CasesOf are the cases of a voucher, newest first; "" for those of all that wait.
func (s *Closures) CasesOf(ctx context.Context, id voucher.ID) ([]voucher.VoucherCase, error) {
	whereSQL, args := `WHERE c.state = 'proposed' ORDER BY c.proposed_at, c.id LIMIT 200`, []any(nil)
	if id != "" {
		whereSQL, args = `WHERE c.voucher_id = $1 ORDER BY c.proposed_at DESC, c.id`, []any{string(id)}
	}
	rows, _ := s.pool.Query(ctx, selectCases+whereSQL, args...)
	all, err := pgx.CollectRows(rows, voucherCase)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", translate(err))
	}
	return all, nil
}

// Restitution is what has to be known to give something of a voucher back.
func (s *Closures) Restitution(ctx context.Context, id voucher.ID) (a voucher.Account, r voucher.Restitution, err error) {
	if a, _, err = s.vouchers.Account(ctx, id); err != nil {
		return a, r, err
	}
	r, err = restitution(ctx, s.pool, a)
	return a, r, err
}

// restitutionOf is when the office ended a voucher, what its end gave back and was not
// returned since, whether it was awarded its whole due, and the edition of its
// application.
const restitutionOf = `
	SELECT (SELECT (max(x.at) AT TIME ZONE 'Europe/Rome')::date FROM audit x WHERE x.subject_id = v.id AND x.action IN ('voucher.lapsed', 'voucher.ended')),
		(SELECT coalesce(sum(CASE event WHEN 'reinstate' THEN -amount_cents ELSE amount_cents END), 0)::bigint FROM postings p
			WHERE p.voucher_id = v.id AND p.event IN ('lapse', 'end', 'reinstate')),
		v.awarded_cents >= a.entitled_cents, a.edition_id
	FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE v.id = $1`

// restitution is what has to be known to give something of a voucher back, as its
// territory stands: whoever gives it holds that, see holdTerritory.
func restitution(ctx context.Context, db DB, a voucher.Account) (r voucher.Restitution, err error) {
	e := voucher.Edition{Rules: a.Rules}
	err = db.QueryRow(ctx, restitutionOf, string(a.Voucher.ID)).Scan(&r.EndedOn, (*int64)(&r.GivenBack), &r.Whole, &e.ID)
	if err != nil {
		return r, fmt.Errorf("what voucher %s gave back: %w", a.Voucher.ID, translate(err))
	}
	r.GivenBack = max(0, min(r.GivenBack, a.Voucher.Returned))
	now, err := residual(ctx, db, e, a.Voucher.Territory)
	if err != nil {
		return r, err
	}
	granted, err := grantedAside(ctx, db, e.ID, a.Voucher.Territory)
	r.Left = max(now.Left()-granted, 0)
	return r, err
}

// OpenCase keeps a case, if judge has nothing against it.
func (s *Closures) OpenCase(ctx context.Context, form once.Form, c voucher.VoucherCase, e audit.Entry, judge func(voucher.Account, voucher.Restitution) error) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		a, _, err := s.vouchers.locked(ctx, tx, c.Voucher)
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		r, err := restitution(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := judge(a, r); err != nil {
			return err
		}
		var batch pgx.Batch
		batch.Queue(`INSERT INTO voucher_cases (id, voucher_id, booking_id, kind, ground, text, since, state, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(c.ID), string(c.Voucher), optional(c.Booking), string(c.Kind), c.Ground, c.Text, c.Since, string(c.State), string(c.ProposedBy), c.ProposedAt)
		return finish(ctx, tx, &batch, form, string(c.ID), []audit.Entry{e})
	})
	if violated(err) == "one_case_of_a_voucher_at_a_time" {
		return voucher.ErrCaseOpen
	}
	if err != nil {
		return fmt.Errorf("case of voucher %s: %w", c.Voucher, translate(err))
	}
	return nil
}

// EndCase locks a case with its voucher, and saves what becomes of both. What is given
// back comes out of the money of a territory: that is held first, as by a publication,
// and nothing is given back while a ranking that would give the same money is under way.
func (s *Closures) EndCase(ctx context.Context, form once.Form, id voucher.CaseID, end func(voucher.VoucherCase, voucher.Account, voucher.Restitution) (voucher.VoucherCase, *voucher.Decision, audit.Entry, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		of, err := caseWith(ctx, tx, id)
		if err != nil {
			return err
		}
		gives := of.Kind != voucher.EndVoucher
		if gives {
			if err := holdTerritory(ctx, tx, of.Voucher); err != nil {
				return err
			}
		}
		a, _, err := s.vouchers.locked(ctx, tx, of.Voucher)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT FROM voucher_cases WHERE id = $1 FOR UPDATE`, string(id)); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if of, err = caseWith(ctx, tx, id); err != nil {
			return err
		}
		if gives {
			if err := noRankingUnderWay(ctx, tx, of.Voucher); err != nil {
				return err
			}
		}
		r, err := restitution(ctx, tx, a)
		if err != nil {
			return err
		}
		c, d, e, err := end(of, a, r)
		if err != nil {
			return err
		}
		if err := s.saveCase(ctx, tx, c, a.Voucher, d); err != nil {
			return err
		}
		if d != nil && c.Ground == voucher.Death {
			if err := endAtDeath(ctx, tx, a.Voucher.Beneficiary, e); err != nil {
				return err
			}
		}
		var batch pgx.Batch
		return finish(ctx, tx, &batch, form, string(id), []audit.Entry{e})
	})
	if violated(err) == "nobody_decides_a_case_they_proposed" {
		return voucher.ErrCaseOwn
	}
	if err != nil {
		return fmt.Errorf("case %s: %w", id, translate(err))
	}
	return nil
}

// saveCase saves a decided case, and then what it does: a voucher comes back only by a
// case that was approved.
func (s *Closures) saveCase(ctx context.Context, tx pgx.Tx, c voucher.VoucherCase, was voucher.Voucher, d *voucher.Decision) error {
	if _, err := tx.Exec(ctx, `UPDATE voucher_cases SET state = $2, decided_by = $3, decided_at = $4, note = $5, life = nullif($6, 0), version = version + 1 WHERE id = $1`,
		string(c.ID), string(c.State), optional(c.DecidedBy), c.DecidedAt, c.Note, c.Life); err != nil || d == nil {
		return err
	}
	if err := save(ctx, tx, once.Form{}, string(was.ID), was, *d); err != nil {
		return err
	}
	return saveByOffice(ctx, tx, was, *d)
}

// holdTerritory keeps others from giving the money of a voucher's territory away at the
// same time, until the transaction is over: see heldResidual, and leftOf.
func holdTerritory(ctx context.Context, tx pgx.Tx, id voucher.ID) error {
	var edition voucher.EditionID
	var territory string
	if err := tx.QueryRow(ctx, `SELECT a.edition_id, v.territory FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE v.id = $1`,
		string(id)).Scan(&edition, &territory); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT FROM ranking_territories t JOIN ranking_runs r ON r.id = t.run_id
		WHERE r.edition_id = $1 AND t.territory = $2 AND r.state IN ('publishing', 'published') ORDER BY r.publication DESC LIMIT 1 FOR UPDATE OF t`, string(edition), territory); err != nil {
		return err
	}
	return holdMoney(ctx, tx, edition, territory)
}

// noRankingUnderWay is ErrCaseRun while a ranking of a voucher's edition is proposed,
// approved or being published.
func noRankingUnderWay(ctx context.Context, tx pgx.Tx, id voucher.ID) error {
	var underWay bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM ranking_runs r JOIN applications a ON a.edition_id = r.edition_id JOIN vouchers v ON v.application_id = a.id
		WHERE v.id = $1 AND r.state IN ('proposed', 'approved', 'publishing'))`, string(id)).Scan(&underWay)
	if err == nil && underWay {
		return voucher.ErrCaseRun
	}
	return err
}

// queueTerms saves the terms of a voucher that an act has moved.
func queueTerms(batch *pgx.Batch, was, is voucher.Voucher) {
	if is.Terms != was.Terms {
		batch.Queue(`UPDATE vouchers SET last_day = $2, confirm_by = $3, invoice_by = $4, first_session_by = $5 WHERE id = $1`,
			string(was.ID), is.Terms.LastDay, is.Terms.ConfirmBy, is.Terms.InvoiceBy, is.Terms.FirstSessionBy)
	}
}
