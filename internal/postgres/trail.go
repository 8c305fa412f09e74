package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// Trail is the voucher.TrailStore.
type Trail struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
	mu       sync.Mutex
	paths    map[voucher.EditionID]countedPath
	shorts   map[purse]countedShort
}

// NewTrail is the store on a pool.
func NewTrail(pool *pgxpool.Pool) *Trail {
	return &Trail{pool: pool, vouchers: NewVouchers(pool), paths: map[voucher.EditionID]countedPath{}, shorts: map[purse]countedShort{}}
}

const (
	traceColumns = sessionColumns + `, i.id, i.number, i.issued_on, i.state, i.received_at, i.correct_by, d.answer_by, coalesce(d.upheld, false), v.block_reason = 'fraud',
		y.order_id, y.state, y.run_state, y.value_day, y.reference, y.reason`
	traceFrom = sessionFrom + `
		LEFT JOIN invoice_sessions x ON x.booking_id = b.id AND x.live LEFT JOIN invoices i ON i.id = x.invoice_id
		LEFT JOIN LATERAL (
			SELECT CASE WHEN d.state <> 'upheld' THEN d.answer_by END AS answer_by, d.state = 'upheld' AS upheld
			FROM disputes d WHERE d.booking_id = b.id AND ` + holdsMoney + ` ORDER BY 2 LIMIT 1) d ON true
		LEFT JOIN LATERAL (
			SELECT o.id AS order_id, o.state, r.state AS run_state, o.value_day, o.reference, o.reason
			FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
			WHERE l.booking_id = b.id ORDER BY l.id DESC LIMIT 1) y ON true`

	traceOf = `SELECT ` + traceColumns + traceFrom + ` WHERE b.professional_id = $1 AND b.id = $2`
	// Whatever is invoiced, and not paid.
	tracesUnpaid = `SELECT ` + traceColumns + traceFrom + `
		WHERE b.professional_id = $1 AND b.state = 'held' AND b.claimed_cents IS NOT NULL
			AND NOT EXISTS (SELECT FROM payment_lines l WHERE l.booking_id = b.id AND l.order_state = 'paid')
		ORDER BY i.received_at DESC, b.day DESC, b.id`
	tracesAtRisk = `SELECT ` + traceColumns + traceFrom + `
		WHERE b.professional_id = $1 AND (b.state = 'booked' AND b.day <= $2
			OR b.state = 'held' AND (b.claimed_cents IS NULL OR i.state = 'to_correct'))`

	// The account in use, or else the last one that was refused.
	payeeOf = `SELECT state, usable_from, expected_by FROM payment_accounts WHERE person_id = $1 AND state <> 'replaced'
		ORDER BY state <> 'rejected' DESC, submitted_at DESC LIMIT 1`

	fundsColumns = `g.edition_id, g.territory,
		coalesce((SELECT sum(t.amount_cents) FROM funding_transfers t WHERE (t.edition_id, t.territory) = (g.edition_id, g.territory)), 0)::bigint,
		coalesce((SELECT sum(l.amount_cents) FROM payment_lines l WHERE (l.edition_id, l.territory) = (g.edition_id, g.territory)
			AND l.order_state IN ('frozen', 'sent', 'paid')), 0)::bigint,
		n.received_on, coalesce(n.amount_cents, 0)`
	// The last transfer that was not taken back.
	fundsLast = ` LEFT JOIN LATERAL (SELECT t.received_on, t.amount_cents FROM funding_transfers t
		WHERE (t.edition_id, t.territory) = (g.edition_id, g.territory) AND t.reverses IS NULL
			AND NOT EXISTS (SELECT FROM funding_transfers u WHERE u.reverses = t.id)
		ORDER BY t.received_on DESC, t.recorded_at DESC LIMIT 1) n ON true`
	fundsOwed = `SELECT ` + fundsColumns + ` FROM (
			SELECT DISTINCT a.edition_id, v.territory FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
			WHERE b.professional_id = $1 AND b.state = 'held' AND b.claimed_cents IS NOT NULL
				AND NOT EXISTS (SELECT FROM payment_lines l WHERE l.booking_id = b.id AND l.order_state IN ('frozen', 'sent', 'paid'))) g` + fundsLast
)

func scanTrace(row pgx.CollectableRow) (t voucher.Trace, err error) {
	i, y := &t.Invoice, &t.Payment
	err = readSession(row, &t.Session, (*nullText)(&i.ID), (*nullText)(&i.Number), &i.IssuedOn, (*nullText)(&i.State),
		(*zeronull.Timestamptz)(&i.ReceivedAt), &i.CorrectBy, &t.AnswerBy, &t.Upheld, &t.Checked,
		(*nullText)(&y.Order), (*nullText)(&y.State), (*nullText)(&y.Run), &y.ValueDay, (*nullText)(&y.Reference), (*nullText)(&y.Reason))
	t.Disputed = !t.AnswerBy.IsZero()
	return t, err
}

// scanPayee is the account that payeeOf finds; none at all is one of no state.
func scanPayee(rows pgx.Rows) (p voucher.Payee, err error) {
	_, err = pgx.ForEachRow(rows, []any{&p.State, &p.UsableFrom, &p.ExpectedBy}, func() error { return nil })
	return p, err
}

func scanFunds(row pgx.CollectableRow) (f voucher.Funds, err error) {
	err = row.Scan(&f.Edition, &f.Territory, &f.Sent, &f.Live, &f.LastOn, &f.LastAmount)
	return f, err
}

// tracing reads sessions with what stands around them: the account of their
// professional, and the money of the territories that owe for them.
type tracing struct {
	pgx.Batch
	payee  voucher.Payee
	funds  []voucher.Funds
	traces []voucher.Trace
}

func newTracing(of identity.PersonID, sql string, args ...any) *tracing {
	r := &tracing{}
	r.Queue(payeeOf, string(of)).Query(func(rows pgx.Rows) (err error) {
		r.payee, err = scanPayee(rows)
		return err
	})
	r.Queue(fundsOwed, string(of)).Query(func(rows pgx.Rows) (err error) {
		r.funds, err = pgx.CollectRows(rows, scanFunds)
		return err
	})
	r.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		r.traces, err = pgx.CollectRows(rows, scanTrace)
		return err
	})
	return r
}

// send asks the database, and puts together what it answers.
func (s *Trail) send(ctx context.Context, r *tracing, now time.Time) error {
	if err := s.pool.SendBatch(ctx, &r.Batch).Close(); err != nil {
		return err
	}
	funds := make(map[purse]voucher.Funds, len(r.funds))
	for _, f := range r.funds {
		funds[purse{f.Edition, f.Territory}] = f
	}
	for i := range r.traces {
		t := &r.traces[i]
		e, err := s.vouchers.editions.released(ctx, s.pool, released{t.Edition, t.RulesVersion})
		if err != nil {
			return err
		}
		t.Reopenings = e.Rules.ReopeningsOf(t.Round, t.Territory, t.Province)
		of := purse{t.Edition, t.Territory}
		t.PaymentMonths, t.Payee, t.Funds = e.Rules.PaymentMonths.Is, r.payee, funds[of]
		if t.Waypoint(now).Stage == voucher.TrailPayable { // unless somebody who waits for longer takes the money
			if t.Funds.Short, err = s.short(ctx, of, t.Funds.Free(), now); err != nil {
				return err
			}
		}
	}
	return nil
}

// Trace is one session of a professional.
func (s *Trail) Trace(ctx context.Context, of identity.PersonID, id voucher.BookingID, now time.Time) (voucher.Trace, error) {
	r := newTracing(of, traceOf, string(of), string(id))
	err := s.send(ctx, r, now)
	if err == nil && len(r.traces) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return voucher.Trace{}, fmt.Errorf("the way of a session: %w", translate(err))
	}
	return r.traces[0], nil
}

// AtRisk is a professional's sessions that are not complete, in no order.
func (s *Trail) AtRisk(ctx context.Context, of identity.PersonID, now time.Time) ([]voucher.Trace, error) {
	r := newTracing(of, tracesAtRisk, string(of), calendar.On(now))
	if err := s.send(ctx, r, now); err != nil {
		return nil, fmt.Errorf("sessions at risk: %w", translate(err))
	}
	return r.traces, nil
}

const (
	earnedCounts = `SELECT
		count(*) FILTER (WHERE b.state = 'booked'), coalesce(sum(b.amount_cents) FILTER (WHERE b.state = 'booked'), 0)::bigint,
		count(*) FILTER (WHERE b.state = 'held'), coalesce(sum(b.amount_cents) FILTER (WHERE b.state = 'held'), 0)::bigint
		FROM bookings b WHERE b.professional_id = $1 AND (b.state = 'booked' OR b.state = 'held' AND b.claimed_cents IS NULL)`
	earnedPaid = `SELECT count(l.id), coalesce(sum(l.amount_cents), 0)::bigint
		FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id WHERE o.payee_id = $1 AND o.state = 'paid'`
	orderColumns = `o.id, r.number, r.state, r.month, o.state, o.amount_cents,
		(SELECT count(*) FROM payment_lines l WHERE l.order_id = o.id), r.execute_on, o.value_day, o.reference, o.reason`
	orderFrom  = ` FROM payment_orders o JOIN payment_runs r ON r.id = o.run_id`
	ordersOf   = `SELECT ` + orderColumns + orderFrom + ` WHERE o.payee_id = $1 AND r.programme = 'voucher' AND o.state <> 'released' ORDER BY r.number DESC`
	orderOf    = `SELECT ` + orderColumns + orderFrom + ` WHERE o.payee_id = $1 AND r.programme = 'voucher' AND o.id = $2`
	orderLines = `
		SELECT l.booking_id, b.day, p.given_name || ' ' || p.family_name, i.number, l.amount_cents, l.territory,
			coalesce(w.order_id::text, ''), coalesce((SELECT n.order_id::text FROM payment_lines n
				WHERE n.booking_id = l.booking_id AND n.repairs = l.id AND n.order_state <> 'released' ORDER BY n.id DESC LIMIT 1), '')
		FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id JOIN bookings b ON b.id = l.booking_id JOIN persons p ON p.id = b.beneficiary_id
		JOIN invoices i ON i.id = l.invoice_id LEFT JOIN payment_lines w ON w.id = l.repairs
		WHERE o.payee_id = $1 AND o.id = $2 ORDER BY b.day, l.id`
	paidYears = `SELECT DISTINCT extract(year FROM o.value_day)::int FROM payment_orders o JOIN payment_runs r ON r.id = o.run_id
		WHERE o.payee_id = $1 AND o.state = 'paid' AND r.programme = 'voucher' ORDER BY 1 DESC`
	paidLines = `
		SELECT o.value_day, r.number, o.reference, b.day, i.number, i.issued_on, l.amount_cents
		FROM payment_orders o JOIN payment_runs r ON r.id = o.run_id JOIN payment_lines l ON l.order_id = o.id
		JOIN bookings b ON b.id = l.booking_id JOIN invoices i ON i.id = l.invoice_id
		WHERE o.payee_id = $1 AND o.state = 'paid' AND o.value_day BETWEEN $2 AND $3 ORDER BY o.value_day, r.number, b.day, l.id`
)

func scanOrder(row pgx.CollectableRow) (o voucher.PaymentOrder, err error) {
	err = row.Scan(&o.ID, &o.Run, &o.RunState, &o.Month, &o.State, &o.Amount, &o.Sessions, &o.ExecuteOn, &o.ValueDay, &o.Reference, &o.Reason)
	return o, err
}

// Earned is what a professional has earned.
func (s *Trail) Earned(ctx context.Context, of identity.PersonID, now time.Time) (e voucher.Earned, err error) {
	r := newTracing(of, tracesUnpaid, string(of))
	r.Queue(earnedCounts, string(of)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&e.Booked.Sessions, &e.Booked.Amount, &e.Held.Sessions, &e.Held.Amount)
	})
	r.Queue(earnedPaid, string(of)).QueryRow(func(row pgx.Row) error { return row.Scan(&e.Paid.Sessions, &e.Paid.Amount) })
	r.Queue(ordersOf, string(of)).Query(func(rows pgx.Rows) (err error) {
		e.Orders, err = pgx.CollectRows(rows, scanOrder)
		return err
	})
	r.Queue(paidYears, string(of)).Query(func(rows pgx.Rows) (err error) {
		e.Years, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
	if err := s.send(ctx, r, now); err != nil {
		return voucher.Earned{}, fmt.Errorf("what was earned: %w", translate(err))
	}
	e.Invoiced, e.Payee = r.traces, r.payee
	return e, nil
}

// Payment is an order to a professional's account with what it is for, in one round
// trip.
func (s *Trail) Payment(ctx context.Context, of identity.PersonID, id string) (o voucher.PaymentOrder, err error) {
	var lines []voucher.PaymentLine
	var batch pgx.Batch
	batch.Queue(orderOf, string(of), id).Query(func(rows pgx.Rows) (err error) {
		o, err = pgx.CollectExactlyOneRow(rows, scanOrder)
		return err
	})
	batch.Queue(orderLines, string(of), id).Query(func(rows pgx.Rows) (err error) {
		lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.PaymentLine])
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.PaymentOrder{}, fmt.Errorf("payment: %w", translate(err))
	}
	o.Lines = lines
	return o, nil
}

// Paid is what a professional was paid in a year, in one round trip.
func (s *Trail) Paid(ctx context.Context, of identity.PersonID, year int) (voucher.Statement, error) {
	paid := voucher.Statement{Year: year}
	var batch pgx.Batch
	batch.Queue(`SELECT `+personColumns+` FROM persons p WHERE p.id = $1`, string(of)).QueryRow(func(row pgx.Row) error {
		return row.Scan(personFields(&paid.Payee)...)
	})
	batch.Queue(paidLines, string(of), calendar.NewDate(year, time.January, 1), calendar.NewDate(year, time.December, 31)).Query(func(rows pgx.Rows) (err error) {
		paid.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.StatementLine])
		return err
	})
	batch.Queue(paidYears, string(of)).Query(func(rows pgx.Rows) (err error) {
		paid.Years, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Statement{}, fmt.Errorf("what was paid in %d: %w", year, translate(err))
	}
	return paid, nil
}
