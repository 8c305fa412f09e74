package postgres

import (
	"context"
	"encoding/json"
	"fmt"
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

// Participants is the voucher.ParticipantStore.
type Participants struct {
	pool *pgxpool.Pool
}

// NewParticipants is the store on a pool.
func NewParticipants(pool *pgxpool.Pool) *Participants { return &Participants{pool} }

// participantColumns are what the portal knows of a professional, as CNOP's list
// says it.
const participantColumns = `s.fiscal_code, s.family_name, s.given_name, q.register_region, q.register_number, q.annotated_on,
	q.address, q.city, q.postal_code, q.province, q.region, q.phone, q.email, q.languages, q.online`

func participantFields(p *voucher.Participant) []any {
	p.Online = new(bool)
	return []any{&p.FiscalCode, &p.FamilyName, &p.GivenName, &p.RegisterRegion, &p.RegisterNumber, &p.AnnotatedOn,
		&p.Address, &p.City, &p.PostalCode, &p.Province, &p.Region, &p.Phone, &p.Email, &p.Languages, p.Online}
}

// lastStretches is the last enrolment of each professional q, as e; enrolled, on
// the list or to come back to it, tells whether it lasts beyond the day $1.
const (
	lastStretches = ` LEFT JOIN (SELECT DISTINCT ON (professional_id) * FROM enrolments ORDER BY professional_id, id DESC) e ON e.professional_id = q.person_id`
	enrolledOn    = `coalesce(NOT isempty(e.during) AND (upper_inf(e.during) OR upper(e.during) > $1), false)`
	suspended     = `coalesce(e.left_by IS NULL AND e.left_why <> '', false)`
)

// Known is everybody who takes part or did, with the sessions booked with them
// from today on.
func (s *Participants) Known(ctx context.Context, day, today calendar.Date) ([]voucher.Known, error) {
	return known(ctx, s.pool, day, today)
}

func known(ctx context.Context, db DB, day, today calendar.Date) ([]voucher.Known, error) {
	rows, _ := db.Query(ctx, `
		SELECT q.person_id, `+enrolledOn+`, `+suspended+`, coalesce(b.booked, 0), `+participantColumns+`
		FROM professionals q JOIN persons s ON s.id = q.person_id`+lastStretches+`
		LEFT JOIN (SELECT professional_id, count(*) AS booked FROM bookings WHERE state = 'booked' AND day >= $2 GROUP BY professional_id) b
			ON b.professional_id = q.person_id`, day, today)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k voucher.Known, err error) {
		return k, row.Scan(append([]any{&k.Person, &k.Enrolled, &k.Suspended, &k.Bookings}, participantFields(&k.Is)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("who is on the list: %w", translate(err))
	}
	return all, nil
}

const (
	deliveryColumns = `d.id, d.number, d.extent, d.list_day, d.file_digest, d.state, d.added, d.changed, d.removed, d.unchanged, d.rejected,
		d.touched, d.standing, d.revision, d.prepared_by, d.prepared_at, d.sent_by, d.sent_at, d.applied_by, d.applied_at, d.next_due_on,
		coalesce(p.given_name || ' ' || p.family_name, ''), coalesce(s.given_name || ' ' || s.family_name, ''), coalesce(a.given_name || ' ' || a.family_name, '')`
	deliveryFrom = ` FROM deliveries d LEFT JOIN persons p ON p.id = d.prepared_by LEFT JOIN persons s ON s.id = d.sent_by LEFT JOIN persons a ON a.id = d.applied_by`

	deliveriesAll  = `SELECT ` + deliveryColumns + deliveryFrom + ` ORDER BY d.number DESC`
	deliveryByID   = `SELECT ` + deliveryColumns + deliveryFrom + ` WHERE d.id = $1`
	deliveryLocked = deliveryByID + ` FOR UPDATE OF d`
	deliveryLast   = `SELECT ` + deliveryColumns + deliveryFrom + ` WHERE d.state = 'applied' ORDER BY d.applied_at DESC LIMIT 1`
)

func scanDelivery(row pgx.CollectableRow) (d voucher.Delivery, err error) {
	t := &d.Tally
	return d, row.Scan(&d.ID, &d.Number, &d.Extent, &d.Day, &d.Digest, &d.State, &t.Added, &t.Changed, &t.Removed, &t.Unchanged, &t.Rejected,
		&t.Touched, &t.Standing, &d.Revision, (*nullText)(&d.PreparedBy), &d.PreparedAt, (*nullText)(&d.SentBy), (*zeronull.Timestamptz)(&d.SentAt),
		(*nullText)(&d.AppliedBy), (*zeronull.Timestamptz)(&d.AppliedAt), &d.NextDueOn, &d.PreparedName, &d.SentName, &d.AppliedName)
}

func delivery(ctx context.Context, db DB, sql string, args ...any) (voucher.Delivery, error) {
	rows, _ := db.Query(ctx, sql, args...)
	d, err := pgx.CollectExactlyOneRow(rows, scanDelivery)
	if err != nil {
		return d, fmt.Errorf("delivery: %w", translate(err))
	}
	return d, nil
}

// Deliveries lists every delivery, newest first.
func (s *Participants) Deliveries(ctx context.Context) ([]voucher.Delivery, error) {
	rows, _ := s.pool.Query(ctx, deliveriesAll)
	all, err := pgx.CollectRows(rows, scanDelivery)
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", translate(err))
	}
	return all, nil
}

// Delivery is one of them; fault.ErrNotFound.
func (s *Participants) Delivery(ctx context.Context, id voucher.DeliveryID) (voucher.Delivery, error) {
	return delivery(ctx, s.pool, deliveryByID, string(id))
}

const rowColumns = `line, change, fiscal_code, coalesce(person_id::text, ''), reasons, before, after, bookings`

// DeliveryRows is a page of the rows of a delivery with a change, by line; of the
// removed, those with sessions first.
func (s *Participants) DeliveryRows(ctx context.Context, id voucher.DeliveryID, change voucher.Change, page, size int) ([]voucher.DeliveryRow, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+rowColumns+` FROM delivery_rows WHERE delivery_id = $1 AND change = $2
		ORDER BY bookings DESC, line LIMIT $3 OFFSET $4`, string(id), string(change), size, max(page-1, 0)*size)
	all, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return nil, fmt.Errorf("rows of delivery %s: %w", id, translate(err))
	}
	return all, nil
}

// scanRow reads a row as it was kept: one that was rejected as it stood in the
// file has its cells for what it would make of somebody.
func scanRow(row pgx.CollectableRow) (r voucher.DeliveryRow, err error) {
	var reasons string
	var before, after []byte
	if err := row.Scan(&r.Line, &r.Change, &r.FiscalCode, &r.Person, &reasons, &before, &after, &r.Bookings); err != nil {
		return r, err
	}
	r.Rejects = voucher.ParseRejects(reasons)
	if before != nil {
		if err := json.Unmarshal(before, &r.Before); err != nil {
			return r, err
		}
	}
	switch {
	case after == nil:
		return r, nil
	case judgedAnew(r.Rejects):
		return r, json.Unmarshal(after, &r.After)
	}
	return r, json.Unmarshal(after, &r.Raw)
}

// judgedAnew tells whether a row could be read, and what is wrong with it, if
// anything, is what stands beside it.
func judgedAnew(rejects []voucher.Reject) bool {
	return len(rejects) == 0 || rejects[0].Code == voucher.RejectSuspended || rejects[0].Code == voucher.RejectTaken
}

// PrepareDelivery keeps a delivery with its rows. Lists are compared and put in
// force one at a time.
func (s *Participants) PrepareDelivery(ctx context.Context, form once.Form, day, today calendar.Date, e audit.Entry,
	build func(last voucher.Delivery, known []voucher.Known) (voucher.Delivery, voucher.Comparison, error)) (id voucher.DeliveryID, err error) {
	ctx, cancel := longDeed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockList(ctx, tx); err != nil {
			return err
		}
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			id = voucher.DeliveryID(before)
			return err
		}
		var open bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM deliveries WHERE state IN ('draft', 'sent'))`).Scan(&open); err != nil {
			return err
		}
		if open {
			return voucher.ErrOpenDelivery
		}
		last, err := delivery(ctx, tx, deliveryLast)
		if err != nil && !isNotFound(err) {
			return err
		}
		all, err := known(ctx, tx, day, today)
		if err != nil {
			return err
		}
		d, c, err := build(last, all)
		if err != nil {
			return err
		}
		id = d.ID
		t := c.Tally
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO deliveries (id, number, extent, list_day, file_digest, state, added, changed, removed, unchanged, rejected, touched, standing,
				based_on, prepared_by, prepared_at)
			SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 FROM deliveries`,
			string(d.ID), string(d.Extent), d.Day, d.Digest, string(d.State), t.Added, t.Changed, t.Removed, t.Unchanged, t.Rejected, t.Touched, t.Standing,
			optional(last.ID), optional(d.PreparedBy), d.PreparedAt)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		keep(&batch, form, string(id), e.At)
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
		return copyListRows(ctx, tx, d.ID, c.Rows)
	})
	if err != nil {
		return "", fmt.Errorf("prepare a delivery: %w", translate(err))
	}
	return id, nil
}

// copyListRows writes the rows of a comparison.
func copyListRows(ctx context.Context, tx pgx.Tx, id voucher.DeliveryID, rows []voucher.DeliveryRow) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"delivery_rows"},
		[]string{"delivery_id", "line", "change", "fiscal_code", "person_id", "reasons", "before", "after", "bookings"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := rows[i]
			var before, after []byte
			var err error
			if r.Before != nil {
				if before, err = json.Marshal(r.Before); err != nil {
					return nil, err
				}
			}
			switch {
			case r.After != nil:
				after, err = json.Marshal(r.After)
			case r.Raw != nil:
				after, err = json.Marshal(r.Raw)
			}
			return []any{string(id), r.Line, string(r.Change), r.FiscalCode, optional(r.Person), voucher.EncodeRejects(r.Rejects), before, after, r.Bookings}, err
		}))
	return err
}

// lockList keeps others from changing who is on the list until the transaction ends.
func lockList(ctx context.Context, tx pgx.Tx) error {
	const list = 0x6c697374 // any number, so long as it is always the same
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(list))
	return err
}

// keep stores what came of a form with its effect. One without a key was never sent.
func keep(batch *pgx.Batch, form once.Form, outcome string, at time.Time) {
	if form.Key != "" {
		batch.Queue(`INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, at)
	}
}

// longDeed is deed for what moves a whole list.
func longDeed(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
}

// Write notes what was looked at or taken away.
func (s *Participants) Write(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// ByFiscalCode is who on the list, or once on it, has a fiscal code; fault.ErrNotFound.
func (s *Participants) ByFiscalCode(ctx context.Context, code identity.FiscalCode) (id identity.PersonID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT p.id FROM persons p JOIN professionals q ON q.person_id = p.id WHERE p.fiscal_code = $1`, string(code)).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("professional: %w", translate(err))
	}
	return id, nil
}
