package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/mandate"
	"portal/internal/notify"
	"portal/internal/once"
)

// Mandates is the mandate.Store.
type Mandates struct {
	pool *pgxpool.Pool
}

// NewMandates is the store on a pool.
func NewMandates(pool *pgxpool.Pool) *Mandates { return &Mandates{pool} }

const (
	mandateColumns = `m.id, m.kind, m.scope, m.holder_id, m.from_day, m.until_day, m.revoked_on, m.channel, m.grounds, m.made_at, m.revoked_by,
		h.id, h.fiscal_code, h.given_name, h.family_name, h.born_on, ` + personColumns
	mandateFrom = ` FROM mandates m JOIN persons h ON h.id = m.holder_id JOIN persons p ON p.id = m.represented_id`

	mandatesOf = `SELECT ` + mandateColumns + mandateFrom + `
		WHERE m.holder_id = ANY ($1) OR m.represented_id = ANY ($1) ORDER BY m.from_day DESC, m.made_at DESC NULLS LAST, m.id`
	mandateByID = `SELECT ` + mandateColumns + mandateFrom + ` WHERE m.id = $1`

	partyColumns = `p.id, p.fiscal_code, p.given_name, p.family_name, p.born_on`
)

func scanMandate(row pgx.CollectableRow) (m mandate.Mandate, err error) {
	into := append([]any{&m.ID, &m.Kind, &m.Scope, &m.Holder, &m.From, &m.Until, &m.Mandate.Revoked, &m.Channel, &m.Grounds,
		(*zeronull.Timestamptz)(&m.MadeAt), (*nullText)(&m.RevokedBy)}, partyFields(&m.Acting)...)
	return m, row.Scan(append(into, personFields(&m.Represented)...)...)
}

func partyFields(p *mandate.Party) []any { return append(personFields(&p.Person), &p.Born) }

// Of lists the mandates that somebody takes part in.
func (s *Mandates) Of(ctx context.Context, person identity.PersonID) ([]mandate.Mandate, error) {
	return mandatesAmong(ctx, s.pool, person)
}

func mandatesAmong(ctx context.Context, db DB, people ...identity.PersonID) ([]mandate.Mandate, error) {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = string(p)
	}
	rows, _ := db.Query(ctx, mandatesOf, ids)
	all, err := pgx.CollectRows(rows, scanMandate)
	if err != nil {
		return nil, fmt.Errorf("mandates: %w", translate(err))
	}
	return all, nil
}

// Mandate is one of them.
func (s *Mandates) Mandate(ctx context.Context, id identity.MandateID) (mandate.Mandate, error) {
	return mandateWith(ctx, s.pool, id)
}

func mandateWith(ctx context.Context, db DB, id identity.MandateID) (mandate.Mandate, error) {
	rows, _ := db.Query(ctx, mandateByID, string(id))
	m, err := pgx.CollectExactlyOneRow(rows, scanMandate)
	if err != nil {
		return m, fmt.Errorf("mandate: %w", translate(err))
	}
	return m, nil
}

// Party is somebody by fiscal code.
func (s *Mandates) Party(ctx context.Context, code identity.FiscalCode) (p mandate.Party, err error) {
	err = s.pool.QueryRow(ctx, `SELECT `+partyColumns+` FROM persons p WHERE p.fiscal_code = $1`, string(code)).Scan(partyFields(&p)...)
	if err != nil {
		return p, fmt.Errorf("person: %w", translate(err))
	}
	return p, nil
}

// See writes that somebody's mandates were looked at.
func (s *Mandates) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Make finds or keeps two people, locks them and saves what is decided of them.
func (s *Mandates) Make(ctx context.Context, form once.Form, holder, represented mandate.Party, decide func(mandate.Parties) (mandate.Decision, error)) (id identity.MandateID, err error) {
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			id = identity.MandateID(before)
			return err
		}
		parties := mandate.Parties{Holder: holder, Represented: represented}
		for _, p := range []*mandate.Party{&parties.Holder, &parties.Represented} {
			if err := meet(ctx, tx, p); err != nil {
				return err
			}
		}
		if err := lockPeople(ctx, tx, &parties); err != nil {
			return err
		}
		d, err := decide(parties)
		if err != nil {
			return err
		}
		id = d.Mandate.ID
		var batch pgx.Batch
		m := d.Mandate
		batch.Queue(`INSERT INTO mandates (id, kind, scope, holder_id, represented_id, from_day, until_day, channel, grounds, made_by, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			string(m.ID), string(m.Kind), string(m.Scope), string(m.Holder), string(m.Represented.ID), m.From, m.Until,
			string(m.Channel), m.Grounds, string(d.Entries[0].Actor.Person), m.MadeAt)
		return finish(ctx, tx, &batch, form, string(m.ID), d.Entries)
	})
	switch {
	case violated(err) == "person_has_one_delegate_at_a_time":
		return "", mandate.ErrHasDelegate
	case err != nil:
		return "", fmt.Errorf("make a mandate: %w", translate(err))
	}
	return id, nil
}

// meet fills in somebody known by id or by fiscal code, and keeps who is new. A day
// of birth that nobody knew is kept too.
func meet(ctx context.Context, tx pgx.Tx, p *mandate.Party) error {
	if p.ID != "" {
		return tx.QueryRow(ctx, `SELECT `+partyColumns+` FROM persons p WHERE p.id = $1`, string(p.ID)).Scan(partyFields(p)...)
	}
	return tx.QueryRow(ctx, `
		INSERT INTO persons AS p (fiscal_code, given_name, family_name, born_on) VALUES ($1, $2, $3, $4)
		ON CONFLICT (fiscal_code) DO UPDATE SET born_on = coalesce(p.born_on, excluded.born_on)
		RETURNING `+partyColumns, string(p.FiscalCode), p.GivenName, p.FamilyName, p.Born).Scan(partyFields(p)...)
}

// lockPeople holds the two people of a mandate, always in the same order, and then
// reads the mandates that either takes part in.
func lockPeople(ctx context.Context, tx pgx.Tx, p *mandate.Parties) (err error) {
	if _, err := tx.Exec(ctx, `SELECT FROM persons WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE`,
		string(p.Holder.ID), string(p.Represented.ID)); err != nil {
		return err
	}
	p.Known, err = mandatesAmong(ctx, tx, p.Holder.ID, p.Represented.ID)
	return err
}

// End locks the people of a mandate and saves how it ends.
func (s *Mandates) End(ctx context.Context, form once.Form, id identity.MandateID, note string, decide func(mandate.Parties, mandate.Mandate) (mandate.Decision, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		m, err := mandateWith(ctx, tx, id)
		if err != nil {
			return err
		}
		parties := mandate.Parties{Holder: m.Acting, Represented: mandate.Party{Person: m.Represented}}
		if err := lockPeople(ctx, tx, &parties); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if m, err = mandateWith(ctx, tx, id); err != nil {
			return err
		}
		d, err := decide(parties, m)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		queueEnd(&batch, d.Mandate)
		if note != "" {
			batch.Queue(`INSERT INTO notes (subject_id, author_id, at, text) VALUES ($1, $2, $3, $4)`,
				string(id), string(d.Mandate.RevokedBy), d.Entries[0].At, note)
		}
		return finish(ctx, tx, &batch, form, string(id), d.Entries)
	})
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return fmt.Errorf("end a mandate: %w", translate(err))
	}
	return err
}

// endAtDeath ends the mandates of somebody who has died, those that others held for them
// and those that they held, by who registers it. Nobody writes to the dead.
func endAtDeath(ctx context.Context, tx pgx.Tx, dead identity.PersonID, registered audit.Entry) error {
	if _, err := tx.Exec(ctx, `SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`, string(dead)); err != nil {
		return err
	}
	all, err := mandatesAmong(ctx, tx, dead)
	if err != nil {
		return err
	}
	var batch pgx.Batch
	for _, m := range all {
		d, ends := mandate.EndAtDeath(m, registered.Actor, registered.At)
		if !ends {
			continue
		}
		queueEnd(&batch, d.Mandate)
		for _, e := range d.Entries {
			sql := tellEntry
			if e.About == dead {
				sql = insertEntry
			}
			batch.Queue(sql, entryValues(ctx, e)...)
		}
	}
	return tx.SendBatch(ctx, &batch).Close()
}

func queueEnd(batch *pgx.Batch, m mandate.Mandate) {
	batch.Queue(`UPDATE mandates SET revoked_on = $2, revoked_by = $3 WHERE id = $1`, string(m.ID), m.Mandate.Revoked, string(m.RevokedBy))
}

// finish sends what an act changes with its entries, the jobs that tell people of
// those that anybody is told of, and what came of its form.
func finish(ctx context.Context, tx pgx.Tx, batch *pgx.Batch, form once.Form, outcome string, entries []audit.Entry) error {
	for _, e := range entries {
		sql := insertEntry
		if notify.Told(e.Action) {
			sql = tellEntry
		}
		batch.Queue(sql, entryValues(ctx, e)...)
	}
	if form.Key != "" {
		batch.Queue(`INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, entries[0].At)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// tellEntry appends an entry to the register, and the job that tells people of it.
const tellEntry = `WITH entry AS (` + insertEntry + ` RETURNING id)
	INSERT INTO river_job (kind, args, max_attempts) SELECT 'notify', jsonb_build_object('entry', id), 12 FROM entry`
