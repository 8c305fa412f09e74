package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Vouchers is the voucher.Store.
type Vouchers struct {
	pool     *pgxpool.Pool
	editions *Editions
	turns    turns[voucher.ID]
}

// NewVouchers is the store of vouchers on a pool.
func NewVouchers(pool *pgxpool.Pool) *Vouchers {
	return &Vouchers{pool: pool, editions: NewEditions(pool)}
}

// Editions is every edition in force, by name.
func (s *Vouchers) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	return s.editions.Editions(ctx)
}

const (
	voucherColumns = `v.id, v.application_id, v.beneficiary_id, v.territory,
		v.awarded_cents, v.booked_cents, v.used_cents, v.returned_cents,
		v.accepted_on, v.last_day, v.confirm_by, v.invoice_by, v.first_session_by, v.state, v.version, v.blocked_at IS NOT NULL, v.round, v.reopened`
	bookingColumns = `b.id, b.voucher_id, b.beneficiary_id, b.professional_id, b.day,
		b.slot, b.amount_cents, b.place, b.state, b.booked_at, b.held_at, b.cancelled_at, b.cancelled_by, b.cancel_reason,
		b.cancel_ground, b.claimed_cents, b.acknowledged_at, b.acknowledged_by, b.reinstates`
	personColumns = `p.id, p.fiscal_code, p.given_name, p.family_name`

	accountByID   = `SELECT e.id, e.version, a.province, ` + personColumns + `, ` + voucherColumns + ` FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN editions e ON e.id = a.edition_id JOIN persons p ON p.id = v.beneficiary_id WHERE v.id = $1`
	accountByCode = `SELECT e.id, e.version, a.province, ` + personColumns + `, ` + voucherColumns + ` FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN editions e ON e.id = a.edition_id JOIN persons p ON p.id = v.beneficiary_id WHERE v.code_index = $1`
	accountLocked = accountByID + ` FOR UPDATE OF v`

	bookingsByID   = `SELECT ` + bookingColumns + ` FROM bookings b WHERE b.voucher_id = $1 ORDER BY b.day, b.booked_at`
	bookingsByCode = `SELECT ` + bookingColumns + ` FROM bookings b WHERE b.voucher_id = (SELECT id FROM vouchers WHERE code_index = $1) ORDER BY b.day, b.booked_at`
)

func voucherFields(v *voucher.Voucher) []any {
	return []any{&v.ID, &v.Application, &v.Beneficiary, &v.Territory,
		(*int64)(&v.Awarded), (*int64)(&v.Booked), (*int64)(&v.Used), (*int64)(&v.Returned),
		&v.Terms.AcceptedOn, &v.Terms.LastDay, &v.Terms.ConfirmBy, &v.Terms.InvoiceBy, &v.Terms.FirstSessionBy,
		&v.State, &v.Version, &v.Blocked, &v.Round, &v.Reopened}
}

func bookingFields(b *voucher.Booking) []any {
	return []any{&b.ID, &b.Voucher, &b.Beneficiary, &b.Professional, &b.Day,
		&slot{booking: b}, (*int64)(&b.Amount), &b.Place, &b.State, &b.BookedAt, (*zeronull.Timestamptz)(&b.HeldAt),
		(*zeronull.Timestamptz)(&b.CancelledAt), (*nullText)(&b.CancelledBy), (*nullText)(&b.CancelReason),
		&b.CancelGround, (*zeronull.Int8)(&b.Claimed), (*zeronull.Timestamptz)(&b.Acknowledged), (*nullText)(&b.AcknowledgedBy), (*nullText)(&b.Reinstates)}
}

// slot reads a tstzrange as the start and the length of a booking: no range, no
// hour was given.
type slot struct {
	booking  *voucher.Booking
	from, to pgtype.Timestamptz
}

// ScanNull is called by pgx.
func (s *slot) ScanNull() error {
	s.booking.Start, s.booking.Minutes = time.Time{}, 0
	return nil
}

// ScanBounds is called by pgx.
func (s *slot) ScanBounds() (from, to any) { return &s.from, &s.to }

// SetBoundTypes is called by pgx, when it has read the bounds.
func (s *slot) SetBoundTypes(from, to pgtype.BoundType) error {
	if from != pgtype.Inclusive || to != pgtype.Exclusive {
		return errors.New("a slot without its two ends")
	}
	s.booking.Start, s.booking.Minutes = s.from.Time, int(s.to.Time.Sub(s.from.Time).Minutes())
	return nil
}

func personFields(p *identity.Person) []any {
	return []any{&p.ID, &p.FiscalCode, &p.GivenName, &p.FamilyName}
}

// ByCode finds the account that a code opens.
func (s *Vouchers) ByCode(ctx context.Context, index []byte) (voucher.Account, identity.Person, error) {
	a, p, err := s.account(ctx, s.pool, accountByCode, bookingsByCode, index)
	if errors.Is(err, fault.ErrNotFound) {
		return a, p, voucher.ErrNoMatch
	}
	return a, p, err
}

// Account is a voucher with its bookings and its holder.
func (s *Vouchers) Account(ctx context.Context, id voucher.ID) (voucher.Account, identity.Person, error) {
	return s.account(ctx, s.pool, accountByID, bookingsByID, string(id))
}

// account reads a voucher and its bookings in one round trip.
func (s *Vouchers) account(ctx context.Context, db DB, voucherSQL, bookingsSQL string, key any) (a voucher.Account, holder identity.Person, err error) {
	var batch pgx.Batch
	var of released
	batch.Queue(voucherSQL, key).QueryRow(func(row pgx.Row) error {
		return row.Scan(append(append([]any{&of.edition, &of.version, &a.Province}, personFields(&holder)...), voucherFields(&a.Voucher)...)...)
	})
	batch.Queue(bookingsSQL, key).Query(func(rows pgx.Rows) error {
		var b voucher.Booking
		_, err := pgx.ForEachRow(rows, bookingFields(&b), func() error {
			a.Bookings = append(a.Bookings, b)
			return nil
		})
		return err
	})
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Account{}, identity.Person{}, fmt.Errorf("voucher: %w", translate(err))
	}
	e, err := s.editions.released(ctx, db, of)
	a.Rules = e.Rules
	return a, holder, err
}

// Place saves a decision with one guarded statement, in a transaction of its own.
func (s *Vouchers) Place(ctx context.Context, form once.Form, outcome string, was voucher.Voucher, d voucher.Decision) (string, error) {
	done, err := s.turns.take(ctx, was.ID)
	if err != nil {
		return "", err
	}
	defer done()
	ctx, cancel := deed(ctx)
	defer cancel()
	err = save(ctx, s.pool, form, outcome, was, d)
	if violated(err) == "form_acts_once" {
		outcome, _, err = s.Outcome(ctx, form)
	}
	return s.settle(ctx, form, outcome, err)
}

// Change locks the voucher, asks for a decision on what it then is, and saves it.
func (s *Vouchers) Change(ctx context.Context, id voucher.ID, form once.Form, outcome string, decide func(voucher.Account) (voucher.Decision, error)) (string, error) {
	done, err := s.turns.take(ctx, id)
	if err != nil {
		return "", err
	}
	defer done()
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		a, _, err := s.locked(ctx, tx, id)
		if err != nil {
			return err
		}
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			outcome = before
			return err
		}
		d, err := decide(a)
		if err != nil {
			return err
		}
		if err := save(ctx, tx, form, outcome, a.Voucher, d); err != nil {
			return err
		}
		return saveByOffice(ctx, tx, a.Voucher, d)
	})
	if err != nil {
		err = fmt.Errorf("change voucher: %w", translate(err))
	}
	return s.settle(ctx, form, outcome, err)
}

// deed is the time of an act that has begun: it is not broken off because the one
// who asked has gone, for then nobody would know whether it was done.
func deed(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}

// settle looks up what came of an act whose answer was lost: it may have been done.
func (s *Vouchers) settle(ctx context.Context, form once.Form, outcome string, err error) (string, error) {
	if err == nil {
		return outcome, nil
	}
	if errors.Is(err, ErrUnavailable) {
		if before, done, lookup := s.Outcome(ctx, form); done && lookup == nil {
			return before, nil
		}
	}
	return "", err
}

// locked reads a voucher under its lock. The bookings are read by a statement of
// their own, after the lock is had: one that waited with the lock in the same
// statement would see them as they were before.
func (s *Vouchers) locked(ctx context.Context, tx pgx.Tx, id voucher.ID) (voucher.Account, identity.Person, error) {
	return s.account(ctx, tx, accountLocked, bookingsByID, string(id))
}

// saveDecision moves the voucher's sums only if it is still the one that was
// judged and the money is there; everything else follows from that row, so that
// nothing is written when the guard fails. The CHECK voucher_never_overdrawn is
// the net below it.
const saveDecision = `
WITH moved AS (
	UPDATE vouchers SET
		booked_cents   = booked_cents + $3,
		used_cents     = used_cents + $4,
		returned_cents = returned_cents + $5,
		awarded_cents  = awarded_cents + $38,
		reopened       = reopened + $39,
		state          = $6,
		version        = version + 1
	WHERE id = $1 AND version = $2
	  AND booked_cents + used_cents + returned_cents + $3 + $4 + $5 <= awarded_cents + $38
	RETURNING id, beneficiary_id, application_id
), decided AS (
	UPDATE applications SET state = $40, decided_on = ($25::timestamptz AT TIME ZONE 'Europe/Rome')::date, version = applications.version + 1
	FROM moved WHERE applications.id = moved.application_id AND $40 <> '' AND applications.state <> $40
), sessions AS (
	INSERT INTO bookings (id, voucher_id, beneficiary_id, professional_id, day, slot, amount_cents, place, state,
		booked_at, held_at, cancelled_at, cancelled_by, cancel_reason, cancel_ground, claimed_cents, acknowledged_at, acknowledged_by, reinstates)
	SELECT b.id, moved.id, moved.beneficiary_id, b.professional, b.day,
		CASE WHEN b.starts IS NOT NULL THEN tstzrange(b.starts, b.ends) END, b.amount, b.place, b.state,
		b.booked_at, b.held_at, b.cancelled_at, b.cancelled_by, b.cancel_reason, b.ground, b.claimed, b.acknowledged_at, b.acknowledged_by, b.reinstates
	FROM moved, unnest($7::uuid[], $8::uuid[], $9::date[], $10::timestamptz[], $11::timestamptz[], $12::bigint[],
		$13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::uuid[], $19::text[],
		$41::text[], $42::bigint[], $43::timestamptz[], $44::uuid[], $45::uuid[])
		AS b(id, professional, day, starts, ends, amount, place, state, booked_at, held_at, cancelled_at, cancelled_by, cancel_reason,
			ground, claimed, acknowledged_at, acknowledged_by, reinstates)
	ON CONFLICT (id) DO UPDATE SET
		day = excluded.day, slot = excluded.slot, amount_cents = excluded.amount_cents, place = excluded.place,
		cancel_ground = excluded.cancel_ground, claimed_cents = excluded.claimed_cents,
		acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
		state = excluded.state, held_at = excluded.held_at, cancelled_at = excluded.cancelled_at,
		cancelled_by = excluded.cancelled_by, cancel_reason = excluded.cancel_reason
), ledger AS (
	INSERT INTO postings (voucher_id, booking_id, event, debit, credit, amount_cents, at)
	SELECT moved.id, p.booking, p.event, p.debit, p.credit, p.amount, $25
	FROM moved, unnest($20::uuid[], $21::text[], $22::text[], $23::text[], $24::bigint[])
		AS p(booking, event, debit, credit, amount)
), register AS (
	INSERT INTO audit (at, person_id, role, for_id, mandate_id, action, subject_id, about_id, request_id, from_address)
	SELECT $25, $26, $27, $28, $29, e.action, e.subject, moved.beneficiary_id, $30, $47
	FROM moved, unnest($31::text[], $32::uuid[]) AS e(action, subject)
	RETURNING id, action
), told AS (
	INSERT INTO river_job (kind, args, max_attempts)
	SELECT 'notify', jsonb_build_object('entry', register.id), 12 FROM register WHERE action = ANY ($46::text[])
), kept AS (
	INSERT INTO submissions (person_id, action, key, digest, outcome, at)
	SELECT $33, $34, $35, $36, $37, $25 FROM moved WHERE $35::uuid IS NOT NULL
)
SELECT count(*) FROM moved`

// save writes a decision with one statement; ErrMoved when the voucher is no
// longer what it was.
func save(ctx context.Context, db DB, form once.Form, outcome string, was voucher.Voucher, d voucher.Decision) error {
	var b struct {
		ids, professionals, places, states []string
		days                               []calendar.Date
		starts, ends, held, cancelled      []*time.Time
		booked                             []time.Time
		amounts                            []money.Amount
		cancelledBy, reasons               []*string
		grounds                            []string
		claimed                            []*int64
		acknowledged                       []*time.Time
		acknowledgedBy, reinstates         []*string
	}
	for _, x := range d.Bookings {
		b.ids, b.professionals = append(b.ids, string(x.ID)), append(b.professionals, string(x.Professional))
		b.places, b.states = append(b.places, x.Place), append(b.states, string(x.State))
		b.days, b.amounts = append(b.days, x.Day), append(b.amounts, x.Amount)
		b.starts, b.ends = append(b.starts, optionalTime(x.Start)), append(b.ends, optionalTime(x.End()))
		b.booked, b.held = append(b.booked, x.BookedAt), append(b.held, optionalTime(x.HeldAt))
		b.cancelled = append(b.cancelled, optionalTime(x.CancelledAt))
		b.grounds, b.claimed = append(b.grounds, x.CancelGround), append(b.claimed, optionalCents(x.Claimed))
		b.acknowledged, b.acknowledgedBy = append(b.acknowledged, optionalTime(x.Acknowledged)), append(b.acknowledgedBy, optional(x.AcknowledgedBy))
		b.reinstates = append(b.reinstates, optional(x.Reinstates))
		b.cancelledBy, b.reasons = append(b.cancelledBy, optional(x.CancelledBy)), append(b.reasons, optional(x.CancelReason))
	}
	var p struct {
		bookings               []*string
		events, debits, credit []string
		amounts                []money.Amount
	}
	for _, x := range d.Postings {
		accounts := voucher.Events[x.Event]
		p.bookings, p.events = append(p.bookings, optional(x.Booking)), append(p.events, string(x.Event))
		p.debits, p.credit = append(p.debits, string(accounts[0])), append(p.credit, string(accounts[1]))
		p.amounts = append(p.amounts, x.Amount)
	}
	var actions, subjects, told []string
	for _, e := range d.Entries {
		actions, subjects = append(actions, string(e.Action)), append(subjects, e.Subject)
		if notify.Told(e.Action) {
			told = append(told, string(e.Action))
		}
	}
	e, v := d.Entries[0], d.Voucher
	var moved int
	err := db.QueryRow(ctx, saveDecision,
		string(was.ID), was.Version, v.Booked-was.Booked, v.Used-was.Used, v.Returned-was.Returned, string(v.State),
		b.ids, b.professionals, b.days, b.starts, b.ends, b.amounts,
		b.places, b.states, b.booked, b.held, b.cancelled, b.cancelledBy, b.reasons,
		p.bookings, p.events, p.debits, p.credit, p.amounts, e.At,
		optional(e.Actor.Person), string(e.Actor.Role), optional(e.Actor.For), optional(e.Actor.Mandate), audit.Request(ctx),
		actions, subjects,
		optional(form.Person), form.Action, optional(form.Key), form.Digest, outcome,
		v.Awarded-was.Awarded, v.Reopened-was.Reopened, string(d.Application),
		b.grounds, b.claimed, b.acknowledged, b.acknowledgedBy, b.reinstates, told, audit.Address(ctx),
	).Scan(&moved)
	switch violated(err) {
	case "professional_is_with_one_person_at_a_time":
		return voucher.ErrProfessionalBusy
	case "beneficiary_is_with_one_professional_at_a_time":
		return voucher.ErrBeneficiaryBusy
	case "one_booking_a_day_with_one_professional":
		return voucher.ErrSameDay
	case "voucher_never_overdrawn":
		return voucher.ErrNotEnough
	}
	if err != nil {
		return fmt.Errorf("save voucher %s: %w", was.ID, translate(err))
	}
	if moved == 0 {
		return voucher.ErrMoved
	}
	return nil
}

// Grant saves a new voucher with its code, as kept, and its first posting.
func (s *Vouchers) Grant(ctx context.Context, v voucher.Voucher, index, sealed []byte, e audit.Entry) error {
	accounts := voucher.Events[voucher.Granted]
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO vouchers (id, application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day,
				confirm_by, invoice_by, first_session_by, code_index, code_sealed, round)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			string(v.ID), string(v.Application), string(v.Beneficiary), v.Territory, v.Awarded, v.Terms.AcceptedOn, v.Terms.LastDay,
			v.Terms.ConfirmBy, v.Terms.InvoiceBy, v.Terms.FirstSessionBy, index, sealed, v.Round)
		batch.Queue(`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(v.ID), string(voucher.Granted), string(accounts[0]), string(accounts[1]), v.Awarded, e.At)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("grant voucher %s: %w", v.ID, translate(err))
	}
	return nil
}

// Outcome is what came of a form that was stored before.
func (s *Vouchers) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// Due lists the active vouchers whose last day is before a day, by id after one.
func (s *Vouchers) Due(ctx context.Context, before calendar.Date, after voucher.ID, most int) ([]voucher.ID, error) {
	rows, _ := s.pool.Query(ctx, `SELECT id FROM vouchers WHERE state = 'active' AND last_day < $1 AND id > $2 ORDER BY id LIMIT $3`, before, string(after), most)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("vouchers due: %w", translate(err))
	}
	due := make([]voucher.ID, len(ids))
	for i, id := range ids {
		due[i] = voucher.ID(id)
	}
	return due, nil
}

// Attempt counts a code before it is looked up: the count stands even if the
// answer is never read. A window that has passed starts anew.
func (s *Vouchers) Attempt(ctx context.Context, who identity.PersonID, now time.Time) error {
	var since time.Time
	var failures int
	err := s.pool.QueryRow(ctx, `
		INSERT INTO code_attempts AS c (professional_id, since, failures) VALUES ($1, $2, 1)
		ON CONFLICT (professional_id) DO UPDATE SET
			since    = CASE WHEN c.since <= $3 THEN $2 ELSE c.since END,
			failures = CASE WHEN c.since <= $3 THEN 1 ELSE c.failures + 1 END
		RETURNING since, failures`,
		string(who), now, now.Add(-voucher.Attempts.Window)).Scan(&since, &failures)
	switch {
	case err != nil:
		return fmt.Errorf("count an attempt: %w", translate(err))
	case failures > voucher.Attempts.Most:
		return voucher.RetryError{At: since.Add(voucher.Attempts.Window)}
	}
	return nil
}

// Matched takes the count of an attempt back and writes that a code was checked.
func (s *Vouchers) Matched(ctx context.Context, who identity.PersonID, e audit.Entry) error {
	var batch pgx.Batch
	batch.Queue(`UPDATE code_attempts SET failures = failures - 1 WHERE professional_id = $1 AND failures > 0`, string(who))
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("note a checked code: %w", translate(err))
	}
	return nil
}

// See writes that an account or a code was looked at.
func (s *Vouchers) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Looks lists who looked at a voucher of somebody's.
func (s *Vouchers) Looks(ctx context.Context, about identity.PersonID, id voucher.ID) ([]audit.Look, error) {
	return looks(ctx, s.pool, about, id)
}

// optionalCents is an amount, or NULL for none.
func optionalCents(a money.Amount) *int64 {
	if a == 0 {
		return nil
	}
	return (*int64)(&a)
}
