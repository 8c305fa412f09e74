package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Invoices is the voucher.InvoiceStore.
type Invoices struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
}

// NewInvoices is the store on a pool.
func NewInvoices(pool *pgxpool.Pool) *Invoices { return &Invoices{pool, NewVouchers(pool)} }

// Bill locks the vouchers of sessions, asks for a decision on a new invoice for them,
// and saves it.
func (s *Invoices) Bill(ctx context.Context, form once.Form, of identity.PersonID, sessions []voucher.BookingID, decide func(voucher.Billing) (voucher.InvoiceDecision, error)) (voucher.InvoiceID, error) {
	outcome, err := s.act(ctx, form, func(ctx context.Context, tx pgx.Tx) (voucher.Billing, error) {
		return s.locked(ctx, tx, voucher.Invoice{Professional: of}, sessions)
	}, decide)
	if err != nil {
		return "", fmt.Errorf("new invoice: %w", err)
	}
	return voucher.InvoiceID(outcome), nil
}

// liveSessions are the sessions that an invoice claims now, with its professional.
const liveSessions = `SELECT professional_id, ARRAY(SELECT s.booking_id FROM invoice_sessions s WHERE s.invoice_id = i.id AND s.live ORDER BY 1)
	FROM invoices i WHERE id = $1`

// Rebill locks an invoice with the vouchers of its sessions, asks for a decision on
// what it then is, and saves it. The vouchers come first, as everywhere.
func (s *Invoices) Rebill(ctx context.Context, form once.Form, id voucher.InvoiceID, decide func(voucher.Billing) (voucher.InvoiceDecision, error)) error {
	var fallen bool // a session out of it, while the locks were waited for
	_, err := s.act(ctx, form, func(ctx context.Context, tx pgx.Tx) (voucher.Billing, error) {
		var of string
		var sessions, left []voucher.BookingID
		if err := tx.QueryRow(ctx, liveSessions, string(id)).Scan(&of, &sessions); err != nil {
			return voucher.Billing{}, err
		}
		b, err := s.locked(ctx, tx, voucher.Invoice{ID: id, Professional: identity.PersonID(of)}, sessions)
		if err != nil {
			return b, err
		}
		err = tx.QueryRow(ctx, liveSessions, string(id)).Scan(&of, &left)
		fallen = !slices.Equal(left, sessions)
		return b, err
	}, func(b voucher.Billing) (voucher.InvoiceDecision, error) {
		if fallen {
			return voucher.InvoiceDecision{}, voucher.ErrInvoiceState
		}
		return decide(b)
	})
	if err != nil {
		return fmt.Errorf("invoice %s: %w", id, err)
	}
	return nil
}

// act locks, decides and saves in one transaction, once for each form. Its outcome is
// the id of the invoice.
func (s *Invoices) act(ctx context.Context, form once.Form, lock func(context.Context, pgx.Tx) (voucher.Billing, error),
	decide func(voucher.Billing) (voucher.InvoiceDecision, error)) (outcome string, err error) {
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		b, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			outcome = before
			return err
		}
		d, err := decide(b)
		if err != nil {
			return err
		}
		outcome = string(d.Invoice.ID)
		if err := saveInvoice(ctx, tx, b, d); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, d.Entry.At)
		return err
	})
	switch violated(err) {
	case "form_acts_once":
		outcome, _, err = outcomeOf(ctx, s.pool, form)
	case "invoice_number_is_used_once_a_year":
		return "", voucher.ErrInvoiceNumberUsed
	case "session_is_invoiced_once":
		return "", voucher.ErrInvoiced
	case "payment_keeps_its_invoice":
		return "", voucher.ErrInvoiceInPayment
	}
	return s.vouchers.settle(ctx, form, outcome, translate(err))
}

// locked reads what an act on an invoice is judged on, under the locks of the vouchers
// of its sessions, in the order of their ids, and then of the invoice.
func (s *Invoices) locked(ctx context.Context, tx pgx.Tx, i voucher.Invoice, sessions []voucher.BookingID) (voucher.Billing, error) {
	b := voucher.Billing{Sessions: sessions}
	rows, _ := tx.Query(ctx, `SELECT DISTINCT voucher_id FROM bookings WHERE id = ANY ($1::uuid[]) AND professional_id = $2 ORDER BY 1`,
		words(sessions), string(i.Professional))
	vouchers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return b, err
	}
	for _, id := range vouchers {
		a, _, err := s.vouchers.locked(ctx, tx, voucher.ID(id))
		if err != nil {
			return b, err
		}
		b.Accounts = append(b.Accounts, a)
	}
	if i.ID != "" {
		if err := tx.QueryRow(ctx, `SELECT FROM invoices WHERE id = $1 FOR UPDATE`, string(i.ID)).Scan(); err != nil {
			return b, err
		}
		if b.Invoice, err = scanInvoice(tx.QueryRow(ctx, `SELECT `+invoiceColumns+invoiceFrom+` WHERE i.id = $1`, string(i.ID))); err != nil {
			return b, err
		}
	}
	var batch pgx.Batch
	queueAround(&batch, &b, i.Professional)
	err = tx.SendBatch(ctx, &batch).Close()
	return b, err
}

const (
	invoiceColumns = `i.id, i.professional_id, i.beneficiary_id, i.number, i.issued_on, i.amount_cents, i.state, i.findings, i.reason, i.field,
		i.correct_by, i.received_at, i.changed_at, i.decided_by, i.decided_at, i.version, on_it.sessions, on_it.in_payment, on_it.paid`
	// What a withdrawn invoice was for is told too.
	invoiceFrom = ` FROM invoices i CROSS JOIN LATERAL (
		SELECT count(*) AS sessions, coalesce(sum(s.claimed_cents), 0)::bigint AS claimed,
			count(*) FILTER (WHERE l.order_state IN ('frozen', 'sent')) AS in_payment, count(*) FILTER (WHERE l.order_state = 'paid') AS paid
		FROM invoice_sessions s LEFT JOIN payment_lines l ON l.booking_id = s.booking_id AND l.order_state IN ('frozen', 'sent', 'paid')
		WHERE s.invoice_id = i.id AND (s.live OR i.state = 'withdrawn')) on_it`
)

func invoiceFields(i *voucher.Invoice, findings *string) []any {
	return []any{&i.ID, &i.Professional, &i.Beneficiary, &i.Number, &i.IssuedOn, (*int64)(&i.Amount), &i.State, findings, &i.Reason, &i.Field,
		&i.CorrectBy, &i.ReceivedAt, &i.ChangedAt, (*nullText)(&i.DecidedBy), (*zeronull.Timestamptz)(&i.DecidedAt), &i.Version,
		&i.Sessions, &i.InPayment, &i.Paid}
}

func scanInvoice(row pgx.Row, more ...any) (i voucher.Invoice, err error) {
	var findings string
	err = row.Scan(append(invoiceFields(&i, &findings), more...)...)
	for _, f := range strings.Fields(findings) {
		i.Findings = append(i.Findings, voucher.InvoiceFinding(f))
	}
	return i, err
}

// queueAround asks what the other invoices of a professional say, how many sessions
// they confirmed on the days of these, and which of these an officer had asked about.
func queueAround(batch *pgx.Batch, b *voucher.Billing, of identity.PersonID) {
	batch.Queue(`SELECT number, issued_on, amount_cents FROM invoices WHERE professional_id = $1 AND state <> 'withdrawn' AND id IS DISTINCT FROM $2::uuid`,
		string(of), optional(b.Invoice.ID)).Query(func(rows pgx.Rows) (err error) {
		b.Others, err = pgx.CollectRows(rows, scanInvoiceData)
		return err
	})
	batch.Queue(`SELECT day, count(*)::int FROM bookings WHERE professional_id = $1 AND state = 'held'
		AND day IN (SELECT day FROM bookings WHERE id = ANY ($2::uuid[])) GROUP BY day`, string(of), words(b.Sessions)).Query(func(rows pgx.Rows) (err error) {
		b.Days, err = collectDays(rows)
		return err
	})
	batch.Queue(`SELECT DISTINCT s.booking_id FROM invoice_sessions s JOIN invoices i ON i.id = s.invoice_id
		WHERE s.booking_id = ANY ($1::uuid[]) AND i.state = 'withdrawn' AND string_to_array(i.findings, ' ') && '{corrected,reopened}'`, words(b.Sessions)).Query(func(rows pgx.Rows) (err error) {
		b.Evaded, err = pgx.CollectRows(rows, pgx.RowTo[voucher.BookingID])
		return err
	})
}

func scanInvoiceData(row pgx.CollectableRow) (d voucher.InvoiceData, err error) {
	return d, row.Scan(&d.Number, &d.IssuedOn, (*int64)(&d.Amount))
}

// dropEmpty withdraws those of some invoices that claim nothing any more, by the office,
// and writes that in the register.
func dropEmpty(ctx context.Context, tx pgx.Tx, invoices []string, by identity.Actor, now time.Time) error {
	rows, _ := tx.Query(ctx, `
		UPDATE invoices i SET state = 'withdrawn', reason = '', field = '', correct_by = NULL, changed_at = $2, version = version + 1
		WHERE i.id = ANY ($1::uuid[]) AND i.state <> 'withdrawn' AND NOT EXISTS (SELECT FROM invoice_sessions s WHERE s.invoice_id = i.id AND s.live)
		RETURNING i.id, i.beneficiary_id`, invoices, now)
	e := audit.Entry{At: now, Actor: by, Action: voucher.InvoiceDropped}
	var batch pgx.Batch
	if _, err := pgx.ForEachRow(rows, []any{&e.Subject, &e.About}, func() error {
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return nil
	}); err != nil {
		return err
	}
	return tx.SendBatch(ctx, &batch).Close()
}

// saveInvoice writes a decision: the invoice, what its vouchers and sessions become,
// and the register.
func saveInvoice(ctx context.Context, tx pgx.Tx, b voucher.Billing, d voucher.InvoiceDecision) error {
	i, e := d.Invoice, d.Entry
	var batch pgx.Batch
	if b.Invoice.ID == "" {
		batch.Queue(`INSERT INTO invoices (id, professional_id, beneficiary_id, number, issued_on, amount_cents, state, findings, received_at, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, string(i.ID), string(i.Professional), string(i.Beneficiary), i.Number, i.IssuedOn,
			i.Amount, string(i.State), strings.Join(words(i.Findings), " "), i.ReceivedAt, i.ChangedAt)
	} else {
		batch.Queue(`UPDATE invoices SET number = $2, issued_on = $3, amount_cents = $4, state = $5, findings = $6, reason = $7, field = $8, correct_by = $9,
				changed_at = $10, decided_by = $11, decided_at = $12, version = version + 1 WHERE id = $1`,
			string(i.ID), i.Number, i.IssuedOn, i.Amount, string(i.State), strings.Join(words(i.Findings), " "), i.Reason, string(i.Field), i.CorrectBy,
			i.ChangedAt, optional(i.DecidedBy), optionalTime(i.DecidedAt))
	}
	if was := d.Was; was != nil {
		batch.Queue(`INSERT INTO invoice_changes (invoice_id, changed_by, changed_at, number, issued_on, amount_cents) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(i.ID), string(e.Actor.Person), e.At, was.Number, was.IssuedOn, was.Amount)
	}
	for _, c := range d.Claims {
		if c.Amount == 0 {
			batch.Queue(`UPDATE invoice_sessions SET live = false WHERE invoice_id = $1 AND booking_id = $2`, string(i.ID), string(c.Booking.ID))
			continue
		}
		batch.Queue(`INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (invoice_id, booking_id) DO UPDATE SET claimed_cents = excluded.claimed_cents`,
			string(i.ID), string(c.Booking.ID), string(i.Professional), string(i.Beneficiary), c.Amount)
	}
	if d.Note != "" {
		batch.Queue(insertNote, string(i.ID), string(e.Actor.Person), e.At, d.Note)
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	for _, on := range d.Accounts {
		was, found := b.Voucher(on.Voucher.ID)
		if !found {
			return errors.New("an invoice moves the money of a voucher that is not locked")
		}
		if err := save(ctx, tx, once.Form{}, "", was, on); err != nil {
			return err
		}
	}
	return writeAndTell(ctx, tx, e)
}
