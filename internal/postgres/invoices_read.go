package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/voucher"
)

// A session with the voucher that pays for it and the rules of its edition.
const (
	billableColumns = sessionColumns + `, ` + voucherColumns
	byDay           = ` ORDER BY b.day, b.slot, b.id`

	toInvoice       = `SELECT ` + billableColumns + sessionFrom + ` WHERE b.professional_id = $1 AND b.state = 'held' AND b.claimed_cents IS NULL` + byDay
	billablesByID   = `SELECT ` + billableColumns + sessionFrom + ` WHERE b.professional_id = $1 AND b.id = ANY ($2::uuid[])` + byDay
	billablesOn     = `SELECT ` + billableColumns + sessionFrom + ` WHERE b.id IN (SELECT booking_id FROM invoice_sessions WHERE invoice_id = $1 AND (live OR $2))` + byDay
	claimsOn        = `SELECT booking_id, claimed_cents FROM invoice_sessions WHERE invoice_id = $1`
	invoiceWithMore = `SELECT ` + invoiceColumns + `, ` + personColumns + `, q.family_name || ' ' || q.given_name, coalesce(o.given_name || ' ' || o.family_name, '')` +
		invoiceFrom + invoicePeople + ` LEFT JOIN persons o ON o.id = i.decided_by WHERE i.id = $1 AND ($2 = 'inps' OR i.professional_id = $3)`
	invoicePeople  = ` JOIN persons p ON p.id = i.beneficiary_id JOIN persons q ON q.id = i.professional_id`
	invoiceChanges = `SELECT number, issued_on, amount_cents FROM invoice_changes WHERE invoice_id = $1 ORDER BY id DESC`
	// What an officer wrote is for the office.
	invoiceEvents = `SELECT a.at, a.action, a.role, coalesce(w.given_name || ' ' || w.family_name, ''),
			CASE WHEN $2 = 'inps' THEN coalesce((SELECT text FROM notes n WHERE n.subject_id = $1 AND n.author_id = a.person_id AND n.at = a.at LIMIT 1), '') ELSE '' END
		FROM audit a LEFT JOIN persons w ON w.id = a.person_id WHERE a.subject_id = $1 AND a.action LIKE 'invoice.%' ORDER BY a.id DESC`
)

func scanBillable(row pgx.CollectableRow) (b voucher.Billable, err error) {
	err = readSession(row, &b.Session, voucherFields(&b.Account.Voucher)...)
	b.Account.Province, b.Account.Bookings = b.Province, []voucher.Booking{b.Booking}
	return b, err
}

// ruled gives sessions the rules of their editions.
func (s *Invoices) ruled(ctx context.Context, all []voucher.Billable) error {
	for i, x := range all {
		e, err := s.vouchers.editions.released(ctx, s.pool, released{x.Edition, x.RulesVersion})
		if err != nil {
			return err
		}
		all[i].Account.Rules = e.Rules
	}
	return nil
}

// byVoucher puts sessions of one voucher together.
func byVoucher(all []voucher.Billable) (accounts []voucher.Account) {
	for _, x := range all {
		i := slices.IndexFunc(accounts, func(a voucher.Account) bool { return a.Voucher.ID == x.Account.Voucher.ID })
		if i < 0 {
			accounts = append(accounts, x.Account)
			continue
		}
		accounts[i].Bookings = append(slices.Clip(accounts[i].Bookings), x.Booking)
	}
	return accounts
}

// ToInvoice lists the sessions of a professional that are to be invoiced.
func (s *Invoices) ToInvoice(ctx context.Context, of identity.PersonID) ([]voucher.Billable, error) {
	rows, _ := s.pool.Query(ctx, toInvoice, string(of))
	all, err := pgx.CollectRows(rows, scanBillable)
	if err != nil {
		return nil, fmt.Errorf("sessions to invoice: %w", translate(err))
	}
	return all, s.ruled(ctx, all)
}

// Billing is what a new invoice for sessions of a professional is judged on, in one
// round trip.
func (s *Invoices) Billing(ctx context.Context, of identity.PersonID, sessions []voucher.BookingID) (b voucher.Billing, all []voucher.Billable, err error) {
	b.Sessions = sessions
	var batch pgx.Batch
	batch.Queue(billablesByID, string(of), words(sessions)).Query(func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, scanBillable)
		return err
	})
	queueAround(&batch, &b, of)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return b, nil, fmt.Errorf("sessions of an invoice: %w", translate(err))
	}
	err = s.ruled(ctx, all)
	b.Accounts = byVoucher(all)
	return b, all, err
}

func collectDays(rows pgx.Rows) (map[calendar.Date]int, error) {
	days := map[calendar.Date]int{}
	var day calendar.Date
	var n int
	_, err := pgx.ForEachRow(rows, []any{&day, &n}, func() error { days[day] = n; return nil })
	return days, err
}

// Invoice is one invoice whole, for its professional or an officer, in two round trips.
func (s *Invoices) Invoice(ctx context.Context, who identity.Actor, id voucher.InvoiceID) (c voucher.InvoiceCase, err error) {
	into := append(personFields(&c.Holder), &c.ProfessionalName, &c.DecidedName)
	if c.Invoice, err = scanInvoice(s.pool.QueryRow(ctx, invoiceWithMore, string(id), string(who.Role), string(who.Person)), into...); err != nil {
		return c, fmt.Errorf("invoice %s: %w", id, translate(err))
	}
	var batch pgx.Batch
	claims := map[voucher.BookingID]money.Amount{}
	batch.Queue(billablesOn, string(id), c.Invoice.State == voucher.InvoiceWithdrawn).Query(func(rows pgx.Rows) (err error) {
		c.Of, err = pgx.CollectRows(rows, scanBillable)
		return err
	})
	batch.Queue(claimsOn, string(id)).Query(func(rows pgx.Rows) error {
		var of voucher.BookingID
		var cents money.Amount
		_, err := pgx.ForEachRow(rows, []any{&of, (*int64)(&cents)}, func() error { claims[of] = cents; return nil })
		return err
	})
	batch.Queue(invoiceChanges, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Changes, err = pgx.CollectRows(rows, scanInvoiceData)
		return err
	})
	batch.Queue(invoiceEvents, string(id), string(who.Role)).Query(func(rows pgx.Rows) (err error) {
		c.Events, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.InvoiceEvent])
		return err
	})
	queueAround(&batch, &c.Billing, c.Invoice.Professional)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return c, fmt.Errorf("invoice %s: %w", id, translate(err))
	}
	if err := s.ruled(ctx, c.Of); err != nil {
		return c, err
	}
	c.Accounts = byVoucher(c.Of)
	for _, x := range c.Of {
		c.Sessions = append(c.Sessions, x.ID)
		c.Claims = append(c.Claims, voucher.Claim{Booking: x.Booking, Amount: claims[x.ID]})
	}
	return c, nil
}

// InvoiceOf is the invoice that a session is on, "" for none.
func (s *Invoices) InvoiceOf(ctx context.Context, session voucher.BookingID) (id voucher.InvoiceID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce((SELECT invoice_id::text FROM invoice_sessions WHERE booking_id = $1 AND live), '')`, string(session)).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("invoice of a session: %w", translate(err))
	}
	return id, nil
}

const (
	// Invoice.Shelf in SQL.
	shelfOfInvoice = `CASE WHEN i.state <> 'accepted' THEN i.state WHEN on_it.in_payment > 0 OR on_it.paid > 0 AND on_it.paid < on_it.sessions THEN 'in_payment'
		WHEN on_it.paid > 0 THEN 'paid' ELSE 'accepted' END`
	numberLike  = `upper(regexp_replace(i.number, '\s', '', 'g')) LIKE '%' || regexp_replace(upper(regexp_replace($3, '\s', '', 'g')), '([\\%_])', '\\\1', 'g') || '%'`
	invoiceLine = `SELECT ` + invoiceColumns + `, ` + personColumns + `, q.family_name || ' ' || q.given_name, on_it.claimed` + invoiceFrom + invoicePeople

	ownInvoices   = ` WHERE i.professional_id = $1 AND ($2 = '' OR ` + shelfOfInvoice + ` = $2) AND ($3 = '' OR ` + numberLike + `)`
	invoiceCounts = `SELECT ` + shelfOfInvoice + `, count(*)::int` + invoiceFrom + ` WHERE i.professional_id = $1 GROUP BY 1`
	invoiceTotal  = `SELECT count(*)::int` + invoiceFrom + ownInvoices
	invoiceRows   = invoiceLine + ownInvoices + ` ORDER BY i.received_at DESC, i.id LIMIT $4 OFFSET $5`

	// The queue of the office is read by its states alone, which have an index: how far
	// a payment is would have to be looked up for every invoice there is.
	allInvoices = ` WHERE i.state = $1 AND ($2 = '' OR q.fiscal_code = $2) AND ($3 = '' OR ` + numberLike + `)`
	queueCounts = `SELECT state, count(*)::int FROM invoices WHERE state IN ('in_review', 'to_correct') GROUP BY 1`
	queueTotal  = `SELECT count(*)::int FROM invoices i JOIN persons q ON q.id = i.professional_id` + allInvoices
	queueRows   = invoiceLine + allInvoices + ` ORDER BY i.received_at, i.id LIMIT $4 OFFSET $5`
)

// Invoices is a page of a professional's invoices, in one round trip.
func (s *Invoices) Invoices(ctx context.Context, of identity.PersonID, ask voucher.InvoiceList) (voucher.InvoicePage, error) {
	page := voucher.InvoicePage{Counts: map[voucher.InvoiceShelf]int{}}
	filter := []any{string(of), string(ask.Shelf), ask.Number}
	var batch pgx.Batch
	batch.Queue(invoiceCounts, string(of)).Query(countShelves(page.Counts))
	batch.Queue(invoiceTotal, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	batch.Queue(invoiceRows, pageOf(filter, ask.Page)...).Query(collectLines(&page.Lines))
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.InvoicePage{}, fmt.Errorf("invoices: %w", translate(err))
	}
	return page, nil
}

// InvoiceQueue is a page of the invoices in a state, the oldest first, in one round
// trip.
func (s *Invoices) InvoiceQueue(ctx context.Context, ask voucher.InvoiceList) (voucher.InvoicePage, error) {
	page := voucher.InvoicePage{Counts: map[voucher.InvoiceShelf]int{}}
	filter := []any{string(ask.Shelf), string(ask.Of), ask.Number}
	var batch pgx.Batch
	batch.Queue(queueCounts).Query(countShelves(page.Counts))
	batch.Queue(queueTotal, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	batch.Queue(queueRows, pageOf(filter, ask.Page)...).Query(collectLines(&page.Lines))
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.InvoicePage{}, fmt.Errorf("invoices: %w", translate(err))
	}
	return page, nil
}

// pageOf is a filter with the part of the list that a page shows.
func pageOf(filter []any, page int) []any {
	return append(slices.Clip(filter), voucher.InvoicesPerPage, max(page-1, 0)*voucher.InvoicesPerPage)
}

func countShelves(counts map[voucher.InvoiceShelf]int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var on voucher.InvoiceShelf
		var n int
		_, err := pgx.ForEachRow(rows, []any{&on, &n}, func() error { counts[on] = n; return nil })
		return err
	}
}

func collectLines(lines *[]voucher.InvoiceLine) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*lines, err = pgx.CollectRows(rows, scanInvoiceLine)
		return err
	}
}

func scanInvoiceLine(row pgx.CollectableRow) (l voucher.InvoiceLine, err error) {
	l.Invoice, err = scanInvoice(row, append(personFields(&l.Holder), &l.ProfessionalName, (*int64)(&l.Claimed))...)
	return l, err
}

// TakeToInvoice writes, for each holder with a session to invoice, that its professional
// took the list of them away.
func (s *Invoices) TakeToInvoice(ctx context.Context, who identity.Actor, now time.Time) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
		SELECT DISTINCT $2::timestamptz, $1::uuid, $3, $1::uuid, $4, b.voucher_id, b.beneficiary_id, $5, $6::inet
		FROM bookings b WHERE b.professional_id = $1 AND b.state = 'held' AND b.claimed_cents IS NULL`,
		string(who.Person), now, string(who.Role), string(voucher.AgendaTaken), audit.Request(ctx), audit.Address(ctx))
	if err != nil {
		return fmt.Errorf("note a list taken: %w", translate(err))
	}
	return nil
}

// invoiced is an invoice with the balance of the vouchers that pay for it.
func invoiced(ctx context.Context, db DB, id voucher.InvoiceID) (i notify.Invoiced, err error) {
	var applications []voucher.ApplicationID
	i.Invoice, err = scanInvoice(db.QueryRow(ctx, `
		SELECT `+invoiceColumns+`, money.applications, money.used, money.left`+invoiceFrom+` CROSS JOIN LATERAL (
			SELECT array_agg(v.application_id::text ORDER BY v.accepted_on DESC) AS applications, coalesce(sum(v.used_cents), 0)::bigint AS used,
				coalesce(sum(v.awarded_cents - v.booked_cents - v.used_cents - v.returned_cents), 0)::bigint AS left
			FROM vouchers v WHERE v.id IN (SELECT b.voucher_id FROM invoice_sessions s JOIN bookings b ON b.id = s.booking_id WHERE s.invoice_id = i.id)) money
		WHERE i.id = $1`, string(id)), &applications, (*int64)(&i.Used), (*int64)(&i.Left))
	if err != nil {
		return i, fmt.Errorf("invoice %s: %w", id, translate(err))
	}
	i.Application = applications[0]
	return i, nil
}
