package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/internal/once"
)

// Wordings is the office.WordingStore.
type Wordings struct {
	pool *pgxpool.Pool
}

// NewWordings is the store on a pool.
func NewWordings(pool *pgxpool.Pool) *Wordings { return &Wordings{pool} }

// LastWording is the number of the last publication, 0 before the first.
func (s *Wordings) LastWording(ctx context.Context) (n int64, err error) {
	if err = s.pool.QueryRow(ctx, `SELECT coalesce(max(number), 0) FROM wording_proposals`).Scan(&n); err != nil {
		return 0, fmt.Errorf("last publication of texts: %w", translate(err))
	}
	return n, nil
}

// WordingsInForce are what was published last of each text.
func (s *Wordings) WordingsInForce(ctx context.Context) (office.InForce, error) {
	return wordingsInForce(ctx, s.pool)
}

func wordingsInForce(ctx context.Context, db DB) (office.InForce, error) {
	rows, _ := db.Query(ctx, `SELECT DISTINCT ON (c.key, c.lang) c.key, c.lang, c.forms, p.number
		FROM wording_changes c JOIN wording_proposals p ON p.id = c.proposal_id WHERE p.number IS NOT NULL ORDER BY c.key, c.lang, p.number DESC`)
	all := office.InForce{}
	var key string
	var in office.Lang
	var forms []byte
	var number int64
	_, err := pgx.ForEachRow(rows, []any{&key, &in, &forms, &number}, func() error {
		p := office.PublishedWording{Number: number, Back: forms == nil}
		if all[in] == nil {
			all[in] = map[string]office.PublishedWording{}
		}
		if forms != nil {
			if err := json.Unmarshal(forms, &p.Wording); err != nil {
				return err
			}
		}
		all[in][key] = p
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("texts in force: %w", translate(err))
	}
	return all, nil
}

const wordingProposals = `SELECT p.id, coalesce(p.number, 0), p.from_file, p.changes, p.proposed_by, a.given_name || ' ' || a.family_name, p.proposed_at, p.state,
		p.decided_by, coalesce(b.given_name || ' ' || b.family_name, ''), p.decided_at, p.why
	FROM wording_proposals p JOIN persons a ON a.id = p.proposed_by LEFT JOIN persons b ON b.id = p.decided_by`

func scanWordingProposal(row pgx.CollectableRow) (p office.WordingProposal, err error) {
	return p, row.Scan(&p.ID, &p.Number, &p.FromFile, &p.Size, &p.Proposed.Person, &p.Proposed.Name, &p.Proposed.At, &p.State,
		(*nullText)(&p.Decided.Person), &p.Decided.Name, (*zeronull.Timestamptz)(&p.Decided.At), &p.Why)
}

// WordingProposals are the proposals that wait, and the last that were decided, the newest
// first, without their changes; drafts only of somebody.
func (s *Wordings) WordingProposals(ctx context.Context, of identity.PersonID, most int) ([]office.WordingProposal, error) {
	rows, _ := s.pool.Query(ctx, wordingProposals+` WHERE p.state <> 'draft' OR p.proposed_by = $1 ORDER BY p.state NOT IN ('draft', 'proposed'), p.proposed_at DESC, p.id LIMIT $2`, string(of), most)
	all, err := pgx.CollectRows(rows, scanWordingProposal)
	if err != nil {
		return nil, fmt.Errorf("proposals of texts: %w", translate(err))
	}
	return all, nil
}

// WordingProposal is one of them; fault.ErrNotFound.
func (s *Wordings) WordingProposal(ctx context.Context, id office.WordingID) (office.WordingProposal, error) {
	return wordingProposal(ctx, s.pool, id)
}

func wordingProposal(ctx context.Context, db DB, id office.WordingID) (office.WordingProposal, error) {
	rows, _ := db.Query(ctx, wordingProposals+` WHERE p.id = $1`, string(id))
	p, err := pgx.CollectExactlyOneRow(rows, scanWordingProposal)
	if err == nil {
		p.Changes, err = wordingChanges(ctx, db, id)
	}
	if err != nil {
		return p, fmt.Errorf("proposal of texts: %w", translate(err))
	}
	return p, nil
}

func wordingChanges(ctx context.Context, db DB, id office.WordingID) ([]office.WordingChange, error) {
	rows, _ := db.Query(ctx, `SELECT key, lang, forms, before FROM wording_changes WHERE proposal_id = $1 ORDER BY key, lang`, string(id))
	return pgx.CollectRows(rows, scanWordingChange)
}

func scanWordingChange(row pgx.CollectableRow) (c office.WordingChange, err error) {
	var forms []byte
	if err := row.Scan(&c.Key, &c.In, &forms, &c.Before); err != nil {
		return c, err
	}
	if c.Back = forms == nil; c.Back {
		return c, nil
	}
	return c, json.Unmarshal(forms, &c.To)
}

// WordingsOf are the proposals of one text in a language that wait or were published, the
// newest first.
func (s *Wordings) WordingsOf(ctx context.Context, key string, in office.Lang) ([]office.WordingProposal, error) {
	rows, _ := s.pool.Query(ctx, wordingProposals+` JOIN wording_changes c ON c.proposal_id = p.id WHERE c.key = $1 AND c.lang = $2 AND p.state IN ('proposed', 'published')
		ORDER BY p.number DESC NULLS FIRST, p.proposed_at DESC`, key, string(in))
	all, err := pgx.CollectRows(rows, scanWordingProposal)
	if err != nil {
		return nil, fmt.Errorf("versions of a text: %w", translate(err))
	}
	for i := range all {
		rows, _ := s.pool.Query(ctx, `SELECT key, lang, forms, before FROM wording_changes WHERE proposal_id = $1 AND key = $2 AND lang = $3`, string(all[i].ID), key, string(in))
		if all[i].Changes, err = pgx.CollectRows(rows, scanWordingChange); err != nil {
			return nil, fmt.Errorf("version of a text: %w", translate(err))
		}
	}
	return all, nil
}

// SaveWording keeps a proposal, or a draft. The same form again gives the first.
func (s *Wordings) SaveWording(ctx context.Context, form once.Form, p office.WordingProposal, e audit.Entry) (office.WordingID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, `INSERT INTO wording_proposals (id, from_file, changes, proposed_by, proposed_at, state) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(p.ID), p.FromFile, len(p.Changes), string(p.Proposed.Person), p.Proposed.At, string(p.State)); err != nil {
			return "", err
		}
		changes := make([][]any, len(p.Changes))
		for i, c := range p.Changes {
			var forms any
			if !c.Back {
				forms = c.To
			}
			changes[i] = []any{string(p.ID), c.Key, string(c.In), forms, c.Before}
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"wording_changes"}, []string{"proposal_id", "key", "lang", "forms", "before"}, pgx.CopyFromRows(changes)); err != nil {
			return "", err
		}
		return string(p.ID), write(ctx, tx, e)
	})
	if err != nil {
		return "", fmt.Errorf("propose texts: %w", err)
	}
	return office.WordingID(id), nil
}

// ChangeWording locks a proposal and what is in force, and saves what comes of it.
func (s *Wordings) ChangeWording(ctx context.Context, form once.Form, id office.WordingID, e audit.Entry, decide func(office.WordingProposal, office.InForce) (office.WordingProposal, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, `LOCK TABLE wording_proposals IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return "", err
		}
		p, err := wordingProposal(ctx, tx, id) // the table is locked
		if err != nil {
			return "", err
		}
		f, err := wordingsInForce(ctx, tx)
		if err != nil {
			return "", err
		}
		if p, err = decide(p, f); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE wording_proposals SET state = $2, decided_by = $3, decided_at = $4, why = $5,
				number = CASE WHEN $2 = 'published' THEN 1 + coalesce((SELECT max(number) FROM wording_proposals), 0) END WHERE id = $1`,
			string(id), string(p.State), optional(p.Decided.Person), optionalTime(p.Decided.At), p.Why); err != nil {
			return "", err
		}
		return string(id), write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("decide on texts: %w", err)
	}
	return nil
}

// Write appends to the register.
func (s *Wordings) Write(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
