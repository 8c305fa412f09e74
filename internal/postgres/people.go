package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
)

// People keeps who the portal knows.
type People struct {
	pool *pgxpool.Pool
}

// NewPeople is the store of people on a pool.
func NewPeople(pool *pgxpool.Pool) *People { return &People{pool} }

// Enter is the person a broker vouches for, known from now on by their fiscal
// code. A name that has changed at the broker changes here; an e-mail address is
// taken over only where the portal has none.
func (s *People) Enter(ctx context.Context, p identity.Person, born calendar.Date, email string) (identity.Person, error) {
	err := s.pool.QueryRow(ctx, `
		INSERT INTO persons (fiscal_code, given_name, family_name, born_on, email) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (fiscal_code) DO UPDATE SET
			given_name = excluded.given_name, family_name = excluded.family_name,
			born_on = coalesce(excluded.born_on, persons.born_on),
			email = CASE WHEN persons.email = '' THEN excluded.email ELSE persons.email END
		RETURNING id`,
		string(p.FiscalCode), p.GivenName, p.FamilyName, born, email).Scan(&p.ID)
	if err != nil {
		return identity.Person{}, fmt.Errorf("enter: %w", translate(err))
	}
	return p, nil
}

// Person is somebody by id; fault.ErrNotFound.
func (s *People) Person(ctx context.Context, id identity.PersonID) (p identity.Person, err error) {
	err = s.pool.QueryRow(ctx, `SELECT `+personColumns+` FROM persons p WHERE p.id = $1`, string(id)).Scan(personFields(&p)...)
	if err != nil {
		return p, fmt.Errorf("person: %w", translate(err))
	}
	return p, nil
}

// Email is the address to which the portal writes to somebody, "" if it knows none.
func (s *People) Email(ctx context.Context, id identity.PersonID) (email string, err error) {
	if err = s.pool.QueryRow(ctx, `SELECT email FROM persons WHERE id = $1`, string(id)).Scan(&email); err != nil {
		return "", fmt.Errorf("address of a person: %w", translate(err))
	}
	return email, nil
}

// Profiles tells what somebody may log in as on a day. Everybody is a citizen.
func (s *People) Profiles(ctx context.Context, id identity.PersonID, on calendar.Date) (p identity.Profiles, err error) {
	var batch pgx.Batch
	batch.Queue(`
		SELECT 'psychologist', '' FROM professionals WHERE person_id = $1
		UNION ALL (SELECT role, duty FROM role_grants WHERE person_id = $1 AND during @> $2::date ORDER BY role, duty)
		UNION ALL SELECT 'heir', '' WHERE EXISTS (SELECT FROM heirs WHERE person_id = $1 AND linked_at IS NOT NULL AND removed_at IS NULL)`, string(id), on).
		Query(func(rows pgx.Rows) error {
			p.Roles, p.Duties = []identity.Role{identity.Citizen}, map[identity.Role][]identity.Duty{}
			var role identity.Role
			var duty identity.Duty
			_, err := pgx.ForEachRow(rows, []any{&role, &duty}, func() error {
				if !slices.Contains(p.Roles, role) {
					p.Roles = append(p.Roles, role)
				}
				if duty != "" {
					p.Duties[role] = append(p.Duties[role], duty)
				}
				return nil
			})
			return err
		})
	batch.Queue(`
		SELECT m.id, m.kind, m.scope, m.holder_id, m.from_day, m.until_day, m.revoked_on, `+personColumns+`
		FROM mandates m JOIN persons p ON p.id = m.represented_id
		WHERE m.holder_id = $1 AND m.from_day <= $2 ORDER BY p.family_name, p.given_name`, string(id), on).
		Query(func(rows pgx.Rows) (err error) {
			p.Mandates, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m identity.Mandate, err error) {
				into := []any{&m.ID, &m.Kind, &m.Scope, &m.Holder, &m.From, &m.Until, &m.Revoked}
				return m, row.Scan(append(into, personFields(&m.Represented)...)...)
			})
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return identity.Profiles{}, fmt.Errorf("profiles: %w", translate(err))
	}
	return p, nil
}

// Duties are what somebody does in an office on a day; none for who has no post in it.
func (s *People) Duties(ctx context.Context, id identity.PersonID, office identity.Role, on calendar.Date) ([]identity.Duty, error) {
	rows, _ := s.pool.Query(ctx, `SELECT duty FROM role_grants WHERE person_id = $1 AND role = $2 AND during @> $3::date ORDER BY duty`, string(id), string(office), on)
	all, err := pgx.CollectRows(rows, pgx.RowTo[identity.Duty])
	if err != nil {
		return nil, fmt.Errorf("duties: %w", translate(err))
	}
	return all, nil
}

// Write appends to the register what happened to a login.
func (s *People) Write(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

const messageColumns = `id, kind, subject, body, link, sent_at, read_at IS NOT NULL`

// Messages is a page of somebody's inbox, newest first, with how many there are.
func (s *People) Messages(ctx context.Context, of identity.PersonID, page, size int) (list []notify.Message, total int, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT count(*) FROM messages WHERE recipient_id = $1`, string(of)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	batch.Queue(`SELECT `+messageColumns+` FROM messages WHERE recipient_id = $1 ORDER BY sent_at DESC, id LIMIT $2 OFFSET $3`,
		string(of), size, max(page-1, 0)*size).
		Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[notify.Message])
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, 0, fmt.Errorf("messages: %w", translate(err))
	}
	return list, total, nil
}

// Message is one message of somebody's, read from now on; fault.ErrNotFound.
func (s *People) Message(ctx context.Context, of identity.PersonID, id string, now time.Time) (notify.Message, error) {
	rows, _ := s.pool.Query(ctx, `UPDATE messages SET read_at = coalesce(read_at, $3)
		WHERE recipient_id = $1 AND id = $2 RETURNING `+messageColumns, string(of), id, now)
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[notify.Message])
	if err != nil {
		return m, fmt.Errorf("message: %w", translate(err))
	}
	return m, nil
}

// Unread counts the messages somebody has not opened.
func (s *People) Unread(ctx context.Context, of identity.PersonID) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM messages WHERE recipient_id = $1 AND read_at IS NULL`, string(of)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("unread messages: %w", translate(err))
	}
	return n, nil
}
