package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// lockEdition keeps the versions of an edition to oneself.
const lockEdition = `SELECT FROM editions WHERE id = $1 FOR UPDATE`

const versionColumns = `
	SELECT v.key::text, v.edition_id, e.application_year, e.fund_year, v.number, v.rules, v.state, v.shipped, v.revision, coalesce(v.from_edition, ''), coalesce(v.from_number, 0), v.authors::text[],
		coalesce(v.drafted_by::text, ''), coalesce(d.given_name || ' ' || d.family_name, ''), v.drafted_at,
		coalesce(v.proposed_by::text, ''), coalesce(p.given_name || ' ' || p.family_name, ''), coalesce(v.proposed_at, 'epoch'),
		coalesce(v.decided_by::text, ''), coalesce(c.given_name || ' ' || c.family_name, ''), coalesce(v.decided_at, 'epoch'),
		v.note, coalesce(e.version, 0),
		EXISTS (SELECT FROM ranking_runs r WHERE r.edition_id = v.edition_id AND r.state IN ('proposed', 'approved', 'publishing', 'published', 'superseded'))
	FROM edition_versions v JOIN editions e ON e.id = v.edition_id
	LEFT JOIN persons d ON d.id = v.drafted_by LEFT JOIN persons p ON p.id = v.proposed_by LEFT JOIN persons c ON c.id = v.decided_by`

func scanVersion(row pgx.CollectableRow) (v voucher.Version, err error) {
	err = row.Scan(&v.Key, &v.Edition.ID, &v.ApplicationYear, &v.FundYear, &v.Edition.Version, &v.Rules, &v.State, &v.Shipped, &v.Revision, &v.From.Edition, &v.From.Number, &v.Authors,
		&v.Drafted.Person, &v.Drafted.Name, &v.Drafted.At, &v.Proposed.Person, &v.Proposed.Name, &v.Proposed.At,
		&v.Decided.Person, &v.Decided.Name, &v.Decided.At, &v.Note, &v.InForce, &v.Ranked)
	return v, err
}

// Versions is every version of an edition, or of all for "": newest first.
func (s *Editions) Versions(ctx context.Context, of voucher.EditionID) ([]voucher.Version, error) {
	rows, _ := s.pool.Query(ctx, versionColumns+`
		WHERE $1 IN ('', v.edition_id) ORDER BY e.application_year DESC, v.edition_id DESC, v.number DESC`, string(of))
	all, err := pgx.CollectRows(rows, scanVersion)
	if err != nil {
		return nil, fmt.Errorf("versions of %q: %w", of, translate(err))
	}
	return all, nil
}

// Version is one version of an edition; fault.ErrNotFound.
func (s *Editions) Version(ctx context.Context, ref voucher.VersionRef) (voucher.Version, error) {
	return version(ctx, s.pool, ref)
}

func version(ctx context.Context, db DB, ref voucher.VersionRef) (voucher.Version, error) {
	rows, _ := db.Query(ctx, versionColumns+` WHERE v.edition_id = $1 AND v.number = $2`, string(ref.Edition), ref.Number)
	v, err := pgx.CollectExactlyOneRow(rows, scanVersion)
	if err != nil {
		return v, fmt.Errorf("version %d of %s: %w", ref.Number, ref.Edition, translate(err))
	}
	return v, nil
}

// StartVersion saves the first draft of a new edition, or the next one of an
// edition that is there.
func (s *Editions) StartVersion(ctx context.Context, form once.Form, v voucher.Version, isNew bool, e audit.Entry) (voucher.VersionRef, error) {
	ref := v.Ref()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var made int64
		if isNew {
			tag, err := tx.Exec(ctx, `INSERT INTO editions (id, application_year, fund_year) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
				string(ref.Edition), v.ApplicationYear, v.FundYear)
			if err != nil {
				return err
			}
			made = tag.RowsAffected()
		}
		if _, err := tx.Exec(ctx, lockEdition, string(ref.Edition)); err != nil {
			return err
		}
		outcome, done, err := outcomeOf(ctx, tx, form)
		switch {
		case err != nil:
			return err
		case done:
			_, err := fmt.Sscan(outcome, &ref.Number)
			return err
		case isNew && made == 0:
			return voucher.ErrEditionExists
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO edition_versions (edition_id, number, key, rules, state, authors, drafted_by, drafted_at, from_edition, from_number)
			SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM edition_versions WHERE edition_id = id), $2, $3, $4, $5, $6, $7, $8, $9
			FROM editions WHERE id = $1 RETURNING number`,
			string(ref.Edition), v.Key, v.Rules, string(v.State), people(v.Authors), string(v.Drafted.Person), v.Drafted.At, string(v.From.Edition), v.From.Number).Scan(&ref.Number)
		switch {
		case violated(err) == "edition_has_one_open_version":
			return voucher.ErrOpenVersion
		case err != nil:
			return err
		}
		return sent(ctx, tx, form, fmt.Sprint(ref.Number), e)
	})
	if err != nil {
		return ref, fmt.Errorf("draft of %s: %w", ref.Edition, translate(err))
	}
	return ref, nil
}

// ChangeVersion locks an edition and saves what is decided on one of its versions.
func (s *Editions) ChangeVersion(ctx context.Context, form once.Form, ref voucher.VersionRef, decide func(voucher.Version, *voucher.Rules) (voucher.Version, audit.Entry, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockEdition, string(ref.Edition)); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); done || err != nil {
			return err
		}
		was, err := version(ctx, tx, ref)
		if err != nil {
			return err
		}
		var inForce *voucher.Rules
		if was.InForce > 0 {
			e, err := version(ctx, tx, voucher.VersionRef{Edition: ref.Edition, Number: was.InForce})
			if err != nil {
				return err
			}
			inForce = &e.Rules
		}
		v, e, err := decide(was, inForce)
		if err != nil {
			return err
		}
		if err := saveVersion(ctx, tx, v); err != nil {
			return err
		}
		if v.State == rules.Released && inForce != nil {
			if err := prolong(ctx, tx, v.Edition, *inForce); err != nil {
				return err
			}
		}
		return sent(ctx, tx, form, fmt.Sprint(ref.Number), e)
	})
	if err != nil {
		return fmt.Errorf("version %d of %s: %w", ref.Number, ref.Edition, translate(err))
	}
	return nil
}

func saveVersion(ctx context.Context, tx pgx.Tx, v voucher.Version) error {
	_, err := tx.Exec(ctx, `
		UPDATE edition_versions SET rules = $3, state = $4, revision = $5, authors = $6, note = $7,
			proposed_by = $8, proposed_at = $9, decided_by = $10, decided_at = $11
		WHERE edition_id = $1 AND number = $2`,
		string(v.Edition.ID), v.Edition.Version, v.Rules, string(v.State), v.Revision, people(v.Authors), v.Note,
		optional(v.Proposed.Person), handTime(v.Proposed), optional(v.Decided.Person), handTime(v.Decided))
	return err
}

// prolong moves the terms of the codes that are still valid to where the overrides
// of a release put them: later, never earlier.
func prolong(ctx context.Context, tx pgx.Tx, e voucher.Edition, before voucher.Rules) error {
	type round struct {
		acceptedOn calendar.Date
		number     int
		territory  string
	}
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT v.accepted_on, v.round, v.territory
		FROM vouchers v JOIN applications a ON a.id = v.application_id
		WHERE a.edition_id = $1 AND v.state = 'active'`, string(e.ID))
	rounds, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r round, err error) {
		err = row.Scan(&r.acceptedOn, &r.number, &r.territory)
		return r, err
	})
	if err != nil {
		return err
	}
	for _, r := range rounds {
		terms, moved := e.Rules.Prolonged(before, r.acceptedOn, r.number, r.territory)
		if !moved {
			continue
		}
		if _, err := tx.Exec(ctx, `
			UPDATE vouchers v SET version = v.version + 1, last_day = greatest(v.last_day, $5), confirm_by = greatest(v.confirm_by, $6), invoice_by = greatest(v.invoice_by, $8),
				first_session_by = CASE WHEN v.first_session_by IS NOT NULL THEN greatest(v.first_session_by, $7) END
			FROM applications a
			WHERE a.id = v.application_id AND a.edition_id = $1 AND v.state = 'active'
				AND v.accepted_on = $2 AND v.round = $3 AND v.territory = $4`,
			string(e.ID), r.acceptedOn, r.number, r.territory, terms.LastDay, terms.ConfirmBy, terms.FirstSessionBy, terms.InvoiceBy); err != nil {
			return err
		}
	}
	return nil
}

// sent writes the entry of an act and what came of its form.
func sent(ctx context.Context, tx pgx.Tx, form once.Form, outcome string, e audit.Entry) error {
	if err := write(ctx, tx, e); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(form.Person), form.Action, form.Key, form.Digest, outcome, e.At)
	return err
}

func people(ids []identity.PersonID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// handTime is NULL for what nobody did.
func handTime(h identity.Hand) *time.Time {
	if h.Person == "" {
		return nil
	}
	return &h.At
}
