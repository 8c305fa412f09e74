package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Desk is the voucher.DeskStore.
type Desk struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
	mu       sync.Mutex
	figures  map[voucher.EditionID]voucher.Figures
}

// NewDesk is the store on a pool.
func NewDesk(pool *pgxpool.Pool) *Desk {
	return &Desk{pool: pool, vouchers: NewVouchers(pool), figures: map[voucher.EditionID]voucher.Figures{}}
}

// Editions is every edition in force, by name.
func (s *Desk) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	return s.vouchers.Editions(ctx)
}

// act does something in one transaction with what came of its form: sent again, or
// twice at the same time, the form gets the first outcome.
func (s *Desk) act(ctx context.Context, form once.Form, now time.Time, do func(context.Context, pgx.Tx) (string, error)) (outcome string, err error) {
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			outcome = before
			return err
		}
		if outcome, err = do(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, now)
		return err
	})
	if violated(err) == "form_acts_once" {
		outcome, _, err = outcomeOf(ctx, s.pool, form)
	}
	return outcome, translate(err)
}

// Officers are who may work on applications on a day, by name.
func (s *Desk) Officers(ctx context.Context, on calendar.Date) ([]identity.Person, error) {
	rows, _ := s.pool.Query(ctx, `SELECT DISTINCT `+personColumns+` FROM role_grants g JOIN persons p ON p.id = g.person_id
		WHERE g.role = 'inps' AND g.duty IN ('prepare', 'approve') AND g.during @> $1::date ORDER BY 4, 3`, on)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p identity.Person, err error) { return p, row.Scan(personFields(&p)...) })
	if err != nil {
		return nil, fmt.Errorf("officers: %w", translate(err))
	}
	return all, nil
}

// Applications are locked in the order of their ids, so that two acts on some of
// the same wait for one another and never both.
const assign = `
WITH locked AS (
	SELECT id FROM applications WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
	UPDATE applications a SET officer_id = $2 FROM locked
	WHERE a.id = locked.id AND a.officer_id IS DISTINCT FROM $2
	RETURNING a.id, a.beneficiary_id
), register AS (
	INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
	SELECT $3, $4, $5, $4, $6, id, beneficiary_id, $7, $8 FROM moved
)
SELECT count(*) FROM moved`

// Assign gives applications to an officer and tells how many were not theirs.
func (s *Desk) Assign(ctx context.Context, form once.Form, ids []voucher.ApplicationID, officer identity.PersonID, e audit.Entry) (int, error) {
	outcome, err := s.act(ctx, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var n int
		err := tx.QueryRow(ctx, assign, words(ids), optional(officer), e.At, string(e.Actor.Person), string(e.Actor.Role),
			string(e.Action), audit.Request(ctx), audit.Address(ctx)).Scan(&n)
		return strconv.Itoa(n), err
	})
	if err != nil {
		return 0, fmt.Errorf("assign applications: %w", err)
	}
	return strconv.Atoi(outcome)
}

const (
	caseFile = `SELECT ` + fileColumns + fileFrom + ` WHERE a.id = $1`
	caseMore = `SELECT a.declarations, coalesce(v.block_reason, ''), a.worked_since, b.born_on,
			b.id, b.fiscal_code, b.given_name, b.family_name, q.id, q.fiscal_code, q.given_name, q.family_name,
			o.id, o.given_name, o.family_name, w.id, w.given_name, w.family_name,
			a.applicant_id <> a.beneficiary_id AND a.mandate_id IS NULL AND NOT EXISTS (
				SELECT FROM mandates m WHERE m.holder_id = a.applicant_id AND m.represented_id = a.beneficiary_id)
		FROM applications a JOIN persons b ON b.id = a.beneficiary_id JOIN persons q ON q.id = a.applicant_id
		LEFT JOIN persons o ON o.id = a.officer_id LEFT JOIN persons w ON w.id = a.worked_by
		LEFT JOIN vouchers v ON v.application_id = a.id WHERE a.id = $1`
	caseSessions = `SELECT ` + bookingColumns + `, s.family_name, s.given_name, q.shown_phone
		FROM vouchers v JOIN bookings b ON b.voucher_id = v.id
		JOIN professionals q ON q.person_id = b.professional_id JOIN persons s ON s.id = q.person_id
		WHERE v.application_id = $1 ORDER BY b.day DESC, b.booked_at DESC`
	caseRefusals = `SELECT r.id, r.reason, r.state, r.note, r.proposed_by, r.proposed_at, p.given_name, p.family_name,
			r.decided_by, r.decided_at, d.given_name, d.family_name, r.reopened_by, r.reopened_at, o.given_name, o.family_name
		FROM refusals r JOIN persons p ON p.id = r.proposed_by LEFT JOIN persons d ON d.id = r.decided_by
		LEFT JOIN persons o ON o.id = r.reopened_by
		WHERE r.application_id = $1 ORDER BY r.proposed_at DESC`
	caseNotes = `SELECT p.given_name || ' ' || p.family_name, n.at, n.text FROM notes n JOIN persons p ON p.id = n.author_id
		WHERE n.subject_id = $1 ORDER BY n.id DESC LIMIT 100`
)

// Case is an application with all that is known of it, in one round trip.
func (s *Desk) Case(ctx context.Context, id voucher.ApplicationID) (voucher.Case, error) {
	return s.caseOf(ctx, s.pool, id)
}

func (s *Desk) caseOf(ctx context.Context, db DB, id voucher.ApplicationID) (c voucher.Case, err error) {
	var batch pgx.Batch
	batch.Queue(caseFile, string(id)).QueryRow(func(row pgx.Row) (err error) {
		c.CaseFile, err = s.vouchers.scanFile(ctx, row)
		return err
	})
	batch.Queue(caseMore, string(id)).QueryRow(func(row pgx.Row) error {
		var since *time.Time
		into := []any{&c.Declared, &c.Blocked, &since, &c.BornOn}
		into = append(append(into, personFields(&c.Beneficiary)...), personFields(&c.Applicant)...)
		into = append(append(into, looseName(&c.Officer)...), looseName(&c.WorkedBy)...)
		err := row.Scan(append(into, &c.Unconfirmed)...)
		if since != nil {
			c.WorkedSince = *since
		}
		return err
	})
	batch.Queue(caseSessions, string(id)).Query(func(rows pgx.Rows) error {
		var x voucher.Session
		var family, given string
		_, err := pgx.ForEachRow(rows, append(bookingFields(&x.Booking), &family, &given, &x.Phone), func() error {
			x.ProfessionalName = family + " " + given
			c.Bookings = append(c.Bookings, x)
			return nil
		})
		return err
	})
	batch.Queue(caseRefusals, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Refusals, err = pgx.CollectRows(rows, scanRefusal)
		return err
	})
	batch.Queue(caseNotes, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Notes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Note])
		return err
	})
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Case{}, fmt.Errorf("application: %w", translate(err))
	}
	c.Edition, err = s.vouchers.editions.released(ctx, db, released{c.Application.Edition, c.Edition.Version})
	return c, err
}

// looseName reads the id and the name of somebody who may not be there.
func looseName(p *identity.Person) []any {
	return []any{(*nullText)(&p.ID), (*nullText)(&p.GivenName), (*nullText)(&p.FamilyName)}
}

func scanRefusal(row pgx.CollectableRow) (r voucher.Refusal, err error) {
	by, with, undone := &r.ProposedBy, &r.DecidedBy, &r.ReopenedBy
	return r, row.Scan(&r.ID, &r.Reason, &r.State, &r.Note, &by.ID, &r.ProposedAt, &by.GivenName, &by.FamilyName,
		(*nullText)(&with.ID), (*zeronull.Timestamptz)(&r.DecidedAt), (*nullText)(&with.GivenName), (*nullText)(&with.FamilyName),
		(*nullText)(&undone.ID), (*zeronull.Timestamptz)(&r.ReopenedAt), (*nullText)(&undone.GivenName), (*nullText)(&undone.FamilyName))
}

// Enter writes that an officer opened an application and, for one who takes it up,
// that they work on it from now on.
func (s *Desk) Enter(ctx context.Context, c voucher.Case, takeover bool, e audit.Entry) error {
	var batch pgx.Batch
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	if takeover && (c.WorkedBy.ID != e.Actor.Person || e.At.Sub(c.WorkedSince) >= voucher.WorkedFor) {
		batch.Queue(`UPDATE applications SET worked_by = $2, worked_since = $3 WHERE id = $1`,
			string(c.Application.ID), string(e.Actor.Person), e.At)
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("open an application: %w", translate(err))
	}
	return nil
}

// ChangeCase locks an application, asks for a ruling on what it then is, and saves
// it with its entries and what tells people of them.
func (s *Desk) ChangeCase(ctx context.Context, form once.Form, id voucher.ApplicationID, version int64, now time.Time, decide func(voucher.Case) (voucher.Ruling, error)) error {
	_, err := s.act(ctx, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if err := tx.QueryRow(ctx, `SELECT FROM applications WHERE id = $1 FOR UPDATE`, string(id)).Scan(); err != nil {
			return "", err
		}
		c, err := s.caseOf(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if c.Application.Version != version {
			return "", voucher.ErrApplicationMoved
		}
		r, err := decide(c)
		if err != nil {
			return "", err
		}
		return string(id), saveRuling(ctx, tx, r)
	})
	if err != nil {
		return fmt.Errorf("application %s: %w", id, err)
	}
	return nil
}

func saveRuling(ctx context.Context, tx pgx.Tx, r voucher.Ruling) error {
	a := r.Application
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE applications SET state = $2, reason = $3, decided_on = $4, isee_status = $5, isee_defects = $6, cure_by = $7, version = version + 1 WHERE id = $1`,
		string(a.ID), string(a.State), a.Reason, a.DecidedOn, string(a.ISEEStatus), strings.Join(a.Attestation.Defects, " "), a.CureBy)
	if f := r.Refusal; f != nil && f.ID == "" {
		batch.Queue(`INSERT INTO refusals (application_id, reason, proposed_by, proposed_at) VALUES ($1, $2, $3, $4)`,
			string(a.ID), f.Reason, string(f.ProposedBy.ID), f.ProposedAt)
	} else if f != nil {
		batch.Queue(`UPDATE refusals SET state = $2, note = $3, decided_by = $4, decided_at = $5, reopened_by = $6, reopened_at = $7 WHERE id = $1`,
			f.ID, string(f.State), f.Note, string(f.DecidedBy.ID), f.DecidedAt, optional(f.ReopenedBy.ID), zeronull.Timestamptz(f.ReopenedAt))
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		switch violated(err) {
		case "nobody_decides_a_refusal_they_proposed":
			return voucher.ErrOwnRefusal
		case "nobody_reopens_a_refusal_they_made":
			return voucher.ErrOwnOutcome
		case "application_has_one_open_refusal":
			return voucher.ErrRefusalOpen
		}
		return err
	}
	for _, e := range r.Entries {
		if err := writeAndTell(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}
