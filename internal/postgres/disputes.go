package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Disputes is the voucher.DisputeStore.
type Disputes struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
}

// NewDisputes is the store on a pool.
func NewDisputes(pool *pgxpool.Pool) *Disputes { return &Disputes{pool, NewVouchers(pool)} }

// holdsMoney tells of a report d whether it keeps the money of its session back: until it
// is decided, or until what it recovers of a payment has come back and was carried out.
const holdsMoney = `(d.holds AND d.state IN ('open', 'proposed') OR d.recover_cents > 0)`

const (
	disputeColumns = `x.id, x.protocol, x.booking_id, x.made_by, x.mandate_id, x.made_at, x.kind, x.text, x.holds, x.answer_by, x.state,
		x.proposal, x.grounds, x.answer, x.taken_by, x.proposed_by, x.proposed_at, x.right_cents, x.decided_by, x.decided_at, x.recover_cents, x.version`
	disputesOf  = `SELECT ` + disputeColumns + ` FROM disputes x WHERE x.booking_id = $1 ORDER BY x.made_at DESC`
	disputeByID = `SELECT ` + disputeColumns + ` FROM disputes x WHERE x.id = $1`

	movesOf = `SELECT m.at, m.was_day, lower(m.was_slot), m.was_cents, m.was_place, m.day, lower(m.slot), m.amount_cents, m.place
		FROM booking_moves m WHERE m.booking_id = $1 ORDER BY m.id`
	moveBefore  = `SELECT * FROM (` + movesOf + `) m WHERE m.at <= $2 ORDER BY m.at DESC LIMIT 1`
	liveInvoice = `SELECT i.id, i.number, i.issued_on, i.state, n.claimed_cents, i.received_at
		FROM invoice_sessions n JOIN invoices i ON i.id = n.invoice_id WHERE n.booking_id = $1 AND n.live`
	lastPayment = `SELECT o.state, l.amount_cents, r.id, r.number, o.value_day, o.reference
		FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
		WHERE l.booking_id = $1 AND o.state <> 'released'
		ORDER BY l.order_state IN ('frozen', 'sent', 'paid') DESC, l.id DESC LIMIT 1`
	disputeNames = `SELECT p.id, p.given_name || ' ' || p.family_name FROM persons p
		WHERE p.id IN (SELECT unnest(ARRAY[x.made_by, x.taken_by, x.proposed_by, x.decided_by]) FROM disputes x WHERE x.booking_id = $1)`
	disputeNotes = `SELECT n.at, p.given_name || ' ' || p.family_name, n.text FROM notes n JOIN persons p ON p.id = n.author_id
		WHERE n.subject_id IN (SELECT x.id FROM disputes x WHERE x.booking_id = $1) ORDER BY n.id`
	anySession = `SELECT ` + sessionColumns + sessionFrom + ` WHERE b.id = $1`
)

func disputeFields(d *voucher.Dispute) []any {
	return []any{&d.ID, &d.Protocol, &d.Booking, &d.MadeBy, (*nullText)(&d.Mandate), &d.MadeAt, &d.Kind, &d.Text, &d.Holds, &d.AnswerBy, &d.State,
		&d.Proposal, &d.Grounds, &d.Answer, (*nullText)(&d.TakenBy), (*nullText)(&d.ProposedBy), (*zeronull.Timestamptz)(&d.ProposedAt),
		(*zeronull.Int8)(&d.Right), (*nullText)(&d.DecidedBy), (*zeronull.Timestamptz)(&d.DecidedAt), (*int64)(&d.Recover), &d.Version}
}

// queueFacts reads what became of a session into f.
func queueFacts(batch *pgx.Batch, id voucher.BookingID, f *voucher.SessionFacts) {
	batch.Queue(disputesOf, string(id)).Query(func(rows pgx.Rows) (err error) {
		f.Disputes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d voucher.Dispute, err error) {
			return d, row.Scan(disputeFields(&d)...)
		})
		return err
	})
	batch.Queue(movesOf, string(id)).Query(func(rows pgx.Rows) (err error) {
		f.Moves, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (voucher.Move, error) { return scanMove(row, id) })
		return err
	})
	batch.Queue(liveInvoice, string(id)).Query(func(rows pgx.Rows) error {
		i := &f.Invoice
		_, err := pgx.ForEachRow(rows, []any{&i.ID, &i.Number, &i.IssuedOn, &i.State, (*int64)(&i.Claimed), &i.At}, func() error { return nil })
		return err
	})
	batch.Queue(lastPayment, string(id)).Query(func(rows pgx.Rows) error {
		p := &f.Payment
		_, err := pgx.ForEachRow(rows, []any{&p.State, (*int64)(&p.Amount), &p.Run, &p.Number, &p.ValueDay, &p.Reference}, func() error { return nil })
		return err
	})
}

func scanMove(row pgx.CollectableRow, of voucher.BookingID) (voucher.Move, error) {
	m := voucher.Move{Booking: of}
	err := row.Scan(&m.At, &m.Was.Day, (*zeronull.Timestamptz)(&m.Was.Start), (*int64)(&m.Was.Amount), &m.Was.Place,
		&m.Is.Day, (*zeronull.Timestamptz)(&m.Is.Start), (*int64)(&m.Is.Amount), &m.Is.Place)
	return m, err
}

// Facts is what became of a session, in one round trip.
func (s *Disputes) Facts(ctx context.Context, id voucher.BookingID) (f voucher.SessionFacts, err error) {
	var batch pgx.Batch
	queueFacts(&batch, id, &f)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return f, fmt.Errorf("facts of a session: %w", translate(err))
	}
	return f, nil
}

// Case is a session with all that judges it.
func (s *Disputes) Case(ctx context.Context, id voucher.BookingID) (voucher.SessionCase, error) {
	c, err := s.caseWith(ctx, s.pool, id)
	if err != nil {
		return c, err
	}
	c.Account, _, err = s.vouchers.Account(ctx, c.Session.Voucher)
	return c, err
}

// caseWith is a session and what became of it, without the account.
func (s *Disputes) caseWith(ctx context.Context, db DB, id voucher.BookingID) (c voucher.SessionCase, err error) {
	c.Names = map[identity.PersonID]string{}
	var batch pgx.Batch
	batch.Queue(anySession, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Session, err = pgx.CollectExactlyOneRow(rows, scanSession)
		return err
	})
	queueFacts(&batch, id, &c.SessionFacts)
	batch.Queue(disputeNames, string(id)).Query(func(rows pgx.Rows) error {
		var person identity.PersonID
		var name string
		_, err := pgx.ForEachRow(rows, []any{&person, &name}, func() error { c.Names[person] = name; return nil })
		return err
	})
	batch.Queue(disputeNotes, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Notes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.ReviewNote])
		return err
	})
	batch.Queue(`SELECT a.protocol, v.territory FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
		WHERE b.id = $1`, string(id)).QueryRow(func(row pgx.Row) error { return row.Scan(&c.Protocol, &c.Territory) })
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return c, fmt.Errorf("case of a session: %w", translate(err))
	}
	return c, nil
}

// SessionOf is the session that a report is about.
func (s *Disputes) SessionOf(ctx context.Context, id voucher.DisputeID) (of voucher.BookingID, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT booking_id FROM disputes WHERE id = $1`, string(id)).Scan(&of); err != nil {
		return of, fmt.Errorf("report: %w", translate(err))
	}
	return of, nil
}

func disputeWith(ctx context.Context, db DB, id voucher.DisputeID) (d voucher.Dispute, err error) {
	if err := db.QueryRow(ctx, disputeByID, string(id)).Scan(disputeFields(&d)...); err != nil {
		return d, fmt.Errorf("report: %w", translate(err))
	}
	return d, nil
}

// Change locks the voucher of a session, asks for a decision on what is then so, and
// saves it.
func (s *Disputes) Change(ctx context.Context, form once.Form, id voucher.BookingID, decide func(voucher.SessionCase) (voucher.SessionDecision, error)) (outcome string, err error) {
	var of voucher.ID
	if err := s.pool.QueryRow(ctx, `SELECT voucher_id FROM bookings WHERE id = $1`, string(id)).Scan(&of); err != nil {
		return "", fmt.Errorf("session: %w", translate(err))
	}
	done, err := s.vouchers.turns.take(ctx, of)
	if err != nil {
		return "", err
	}
	defer done()
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		account, _, err := s.vouchers.locked(ctx, tx, of)
		if err != nil {
			return err
		}
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			outcome = before
			return err
		}
		c, err := s.caseWith(ctx, tx, id)
		if err != nil {
			return err
		}
		c.Account = account
		d, err := decide(c)
		if err != nil {
			return err
		}
		outcome = string(id)
		if d.Dispute != nil {
			outcome = string(d.Dispute.ID)
		}
		return saveSession(ctx, tx, form, outcome, c, d)
	})
	switch violated(err) {
	case "session_is_disputed_once_at_a_time":
		return "", voucher.ErrDisputeOpen
	case "nobody_decides_a_dispute_they_proposed":
		return "", voucher.ErrDisputeOwn
	case "payment_keeps_its_invoice":
		return "", voucher.ErrDisputeInRun
	}
	if err != nil {
		err = fmt.Errorf("session %s: %w", id, translate(err))
	}
	return s.vouchers.settle(ctx, form, outcome, err)
}

// saveSession writes a decision about a session: what of it moves money, what falls
// out of its invoice, and the report. The form is kept with whichever comes last.
func saveSession(ctx context.Context, tx pgx.Tx, form once.Form, outcome string, c voucher.SessionCase, d voucher.SessionDecision) error {
	if m := d.Money; m != nil {
		with := form
		if d.Dispute != nil {
			with = once.Form{}
		}
		if err := save(ctx, tx, with, outcome, c.Account.Voucher, *m); err != nil {
			return err
		}
		if c.Invoice.ID != "" {
			if err := reclaim(ctx, tx, c.Invoice.ID, m.Bookings, d.Entry); err != nil {
				return err
			}
		}
	}
	if d.Dispute == nil {
		return nil
	}
	var batch pgx.Batch
	x := d.Dispute
	if x.Protocol == "" {
		batch.Queue(`
			INSERT INTO disputes (id, protocol, booking_id, made_by, mandate_id, made_at, kind, text, holds, answer_by, state)
			VALUES ($1, 'INPS-' || extract(year FROM $5::timestamptz AT TIME ZONE 'Europe/Rome') || '-' || lpad(nextval('protocol_numbers')::text, 6, '0'),
				$2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(x.ID), string(x.Booking), string(x.MadeBy), optional(x.Mandate), x.MadeAt, string(x.Kind), x.Text, x.Holds, x.AnswerBy, string(x.State))
	} else {
		batch.Queue(`
			UPDATE disputes SET state = $2, proposal = $3, grounds = $4, answer = $5, taken_by = $6, proposed_by = $7, proposed_at = $8,
				right_cents = $9, decided_by = $10, decided_at = $11, recover_cents = $12, version = version + 1 WHERE id = $1`,
			string(x.ID), string(x.State), x.Proposal, x.Grounds, x.Answer, optional(x.TakenBy), optional(x.ProposedBy), optionalTime(x.ProposedAt),
			optionalCents(x.Right), optional(x.DecidedBy), optionalTime(x.DecidedAt), x.Recover)
	}
	if d.Note != "" {
		batch.Queue(insertNote, string(x.ID), string(d.Entry.Actor.Person), d.Entry.At, d.Note)
	}
	return finish(ctx, tx, &batch, form, outcome, []audit.Entry{d.Entry})
}

// reclaim puts the invoice of sessions right after the office has cancelled them or
// lowered their price: an invoice that claims nothing any more is withdrawn.
func reclaim(ctx context.Context, tx pgx.Tx, invoice string, sessions []voucher.Booking, act audit.Entry) error {
	var batch pgx.Batch
	batch.Queue(`SELECT FROM invoices WHERE id = $1 FOR UPDATE`, invoice) // before its sessions, as a payment does
	for _, b := range sessions {
		switch {
		case b.State == voucher.Cancelled:
			batch.Queue(`UPDATE invoice_sessions SET live = false WHERE invoice_id = $1 AND booking_id = $2 AND live`, invoice, string(b.ID))
		case b.Invoiced():
			batch.Queue(`UPDATE invoice_sessions SET claimed_cents = $3 WHERE invoice_id = $1 AND booking_id = $2 AND live AND claimed_cents <> $3`,
				invoice, string(b.ID), b.Claimed)
		}
	}
	if batch.Len() == 1 {
		return nil
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	return dropEmpty(ctx, tx, []string{invoice}, act.Actor, act.At)
}

const (
	disputeCounts = `SELECT count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'proposed'),
			(SELECT count(*) FROM disputes WHERE state IN ('upheld', 'dismissed')),
			(SELECT count(*) FROM disputes WHERE recover_cents > 0), (SELECT coalesce(sum(recover_cents), 0)::bigint FROM disputes WHERE recover_cents > 0)
		FROM disputes WHERE state IN ('open', 'proposed')`
	disputeLines = `
		SELECT x.id, x.protocol, x.kind, x.holds, x.state, x.made_at, x.answer_by, v.territory, b.day, coalesce(b.claimed_cents, b.amount_cents),
			x.recover_cents, EXISTS (SELECT FROM payment_lines l WHERE l.booking_id = b.id AND l.order_state IN ('frozen', 'sent', 'paid')),
			coalesce(p.given_name || ' ' || p.family_name, '')
		FROM disputes x JOIN bookings b ON b.id = x.booking_id JOIN vouchers v ON v.id = b.voucher_id LEFT JOIN persons p ON p.id = x.taken_by`
	pageOfDisputes = `, x.id LIMIT $1 OFFSET $2`

	disputesToJudge   = disputeLines + ` WHERE x.state IN ('open', 'proposed') AND x.state = 'open' ORDER BY x.answer_by` + pageOfDisputes
	disputesToDecide  = disputeLines + ` WHERE x.state IN ('open', 'proposed') AND x.state = 'proposed' ORDER BY x.answer_by` + pageOfDisputes
	disputesDecided   = disputeLines + ` WHERE x.state IN ('upheld', 'dismissed') ORDER BY x.decided_at DESC` + pageOfDisputes
	disputesToRecover = disputeLines + ` WHERE x.recover_cents > 0 ORDER BY x.decided_at` + pageOfDisputes
)

// Worklist is a page of reports, the nearest term first.
func (s *Disputes) Worklist(ctx context.Context, ask voucher.DisputeList) (page voucher.DisputePage, err error) {
	sql := disputesToJudge
	switch ask.Shelf {
	case voucher.DisputesToDecide:
		sql = disputesToDecide
	case voucher.DisputesDecided:
		sql = disputesDecided
	case voucher.DisputesToRecover:
		sql = disputesToRecover
	}
	var batch pgx.Batch
	batch.Queue(disputeCounts).QueryRow(func(row pgx.Row) error {
		var open, proposed, decided, recover int
		err := row.Scan(&open, &proposed, &decided, &recover, (*int64)(&page.ToRecover))
		page.Counts = map[voucher.DisputeShelf]int{voucher.DisputesToJudge: open, voucher.DisputesToDecide: proposed,
			voucher.DisputesDecided: decided, voucher.DisputesToRecover: recover}
		return err
	})
	batch.Queue(sql, voucher.DisputesPerPage, (max(ask.Page, 1)-1)*voucher.DisputesPerPage).Query(func(rows pgx.Rows) error {
		var l voucher.DisputeLine
		_, err := pgx.ForEachRow(rows, []any{&l.ID, &l.Protocol, &l.Kind, &l.Holds, &l.State, &l.MadeAt, &l.AnswerBy, &l.Territory, &l.Day,
			(*int64)(&l.Price), (*int64)(&l.Recover), &l.Paid, &l.Officer}, func() error {
			page.Lines = append(page.Lines, l)
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return page, fmt.Errorf("reports: %w", translate(err))
	}
	return page, nil
}

// See writes that a session was looked at.
func (s *Disputes) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// saveMoves keeps what moved sessions were before.
func saveMoves(batch *pgx.Batch, moves []voucher.Move) {
	for _, m := range moves {
		batch.Queue(`
			INSERT INTO booking_moves (booking_id, at, was_day, was_slot, was_cents, was_place, day, slot, amount_cents, place)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			string(m.Booking), m.At, m.Was.Day, span(m.Was.Start, m.Minutes), m.Was.Amount, m.Was.Place,
			m.Is.Day, span(m.Is.Start, m.Minutes), m.Is.Amount, m.Is.Place)
	}
}

// span is the time of a session, NULL when no hour was given.
func span(start time.Time, minutes int) *pgtype.Range[time.Time] {
	if start.IsZero() {
		return nil
	}
	return &pgtype.Range[time.Time]{Lower: start, Upper: start.Add(time.Duration(minutes) * time.Minute),
		LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}
}

// lastMove is the last move of a session that was made by an instant.
func lastMove(ctx context.Context, db DB, of voucher.BookingID, at time.Time) (voucher.Move, error) {
	rows, _ := db.Query(ctx, moveBefore, string(of), at)
	m, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (voucher.Move, error) { return scanMove(row, of) })
	if err != nil {
		return m, fmt.Errorf("move of a session: %w", translate(err))
	}
	return m, nil
}
