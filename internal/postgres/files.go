package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

const applicationColumns = `a.id, a.protocol, a.edition_id, a.beneficiary_id, a.applicant_id, a.channel, a.territory, a.province,
	coalesce(a.isee_cents, 0), a.isee_cents IS NOT NULL, a.isee_status, a.isee_kind, a.isee_protocol, a.isee_issued_on, a.isee_valid_until,
	string_to_array(a.isee_defects, ' '), a.cure_by, a.email, a.phone, a.submitted_at, a.state, a.reason, a.decided_on,
	coalesce(a.rank, 0), a.entitled_cents, a.run_id, a.version`

func applicationFields(a *voucher.Application) []any {
	return []any{&a.ID, &a.Protocol, &a.Edition, &a.Beneficiary, &a.Applicant, &a.Channel, &a.Territory, &a.Province,
		(*int64)(&a.ISEE), &a.HasISEE, &a.ISEEStatus, &a.Attestation.Kind, &a.Attestation.Protocol, &a.Attestation.IssuedOn, &a.Attestation.ValidUntil,
		&a.Attestation.Defects, &a.CureBy, &a.Email, &a.Phone, &a.SubmittedAt, &a.State, &a.Reason, &a.DecidedOn,
		&a.Rank, (*int64)(&a.Entitled), (*nullText)(&a.Run), &a.Version}
}

// looseVoucher reads the columns of a voucher that may not be there.
type looseVoucher struct {
	id, application, beneficiary, territory nullText
	awarded, booked, used, returned         zeronull.Int8
	accepted, last, confirm, invoice, first calendar.Date
	state                                   nullText
	version                                 zeronull.Int8
	blocked                                 bool
	round, reopened                         zeronull.Int8
}

func (l *looseVoucher) fields() []any {
	return []any{&l.id, &l.application, &l.beneficiary, &l.territory, &l.awarded, &l.booked, &l.used, &l.returned,
		&l.accepted, &l.last, &l.confirm, &l.invoice, &l.first, &l.state, &l.version, &l.blocked, &l.round, &l.reopened}
}

func (l *looseVoucher) voucher() voucher.Voucher {
	return voucher.Voucher{
		ID: voucher.ID(l.id), Application: voucher.ApplicationID(l.application),
		Beneficiary: identity.PersonID(l.beneficiary), Territory: string(l.territory),
		Awarded: money.Amount(l.awarded), Booked: money.Amount(l.booked),
		Used: money.Amount(l.used), Returned: money.Amount(l.returned),
		Terms: voucher.Terms{AcceptedOn: l.accepted, LastDay: l.last, ConfirmBy: l.confirm, InvoiceBy: l.invoice, FirstSessionBy: l.first},
		State: voucher.State(l.state), Version: int64(l.version), Blocked: l.blocked, Round: int(l.round), Reopened: int(l.reopened),
	}
}

const (
	fileFrom = ` FROM applications a JOIN editions e ON e.id = a.edition_id
		LEFT JOIN vouchers v ON v.application_id = a.id
		LEFT JOIN ranking_territories t ON t.run_id = a.run_id AND t.territory = a.territory`
	fileColumns = applicationColumns + `, e.version, coalesce(t.last_funded_rank, 0), coalesce(t.last_funded_isee, 0), v.code_sealed, ` + voucherColumns

	filesOf      = `SELECT ` + fileColumns + fileFrom + ` WHERE a.beneficiary_id = $1 ORDER BY a.submitted_at DESC`
	fileOf       = `SELECT ` + fileColumns + fileFrom + ` WHERE a.beneficiary_id = $1 AND a.id = $2`
	fileSessions = `SELECT ` + bookingColumns + `, s.family_name, s.given_name, q.shown_phone
		FROM vouchers v JOIN bookings b ON b.voucher_id = v.id
		JOIN professionals q ON q.person_id = b.professional_id JOIN persons s ON s.id = q.person_id
		WHERE v.beneficiary_id = $1 AND v.application_id = $2`
)

func (s *Vouchers) scanFile(ctx context.Context, row pgx.Row) (f voucher.CaseFile, err error) {
	var l looseVoucher
	into := append(applicationFields(&f.Application), &f.Edition.Version, &f.Application.LastRank, (*int64)(&f.Application.LastISEE), &f.Sealed)
	if err := row.Scan(append(into, l.fields()...)...); err != nil {
		return f, err
	}
	f.Voucher = l.voucher()
	return f, nil
}

// Files is the applications a beneficiary has, newest first, without bookings.
func (s *Vouchers) Files(ctx context.Context, of identity.PersonID) ([]voucher.CaseFile, error) {
	rows, _ := s.pool.Query(ctx, filesOf, string(of))
	files, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (voucher.CaseFile, error) { return s.scanFile(ctx, row) })
	for i := range files {
		if err == nil {
			files[i].Edition, err = s.editions.released(ctx, s.pool, released{files[i].Application.Edition, files[i].Edition.Version})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("applications: %w", translate(err))
	}
	return files, nil
}

// File is one application of a beneficiary with its voucher and its sessions, in no
// order, in one round trip.
func (s *Vouchers) File(ctx context.Context, of identity.PersonID, id voucher.ApplicationID) (f voucher.CaseFile, err error) {
	var batch pgx.Batch
	sessions := make([]voucher.Session, 0, 16) // room for those of most
	batch.Queue(fileOf, string(of), string(id)).QueryRow(func(row pgx.Row) (err error) {
		f, err = s.scanFile(ctx, row)
		return err
	})
	batch.Queue(fileSessions, string(of), string(id)).Query(func(rows pgx.Rows) error {
		var x voucher.Session
		var family, given string
		_, err := pgx.ForEachRow(rows, append(bookingFields(&x.Booking), &family, &given, &x.Phone), func() error {
			x.ProfessionalName = family + " " + given
			sessions = append(sessions, x)
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.CaseFile{}, fmt.Errorf("application: %w", translate(err))
	}
	f.Bookings = sessions
	f.Edition, err = s.editions.released(ctx, s.pool, released{f.Application.Edition, f.Edition.Version})
	return f, err
}

const (
	sessionColumns = bookingColumns + `, s.family_name, s.given_name, q.shown_phone, ` + personColumns + `,
		v.last_day, v.confirm_by, v.invoice_by, v.state, a.edition_id, e.version, a.id, v.territory, a.province, v.round,
		(SELECT count(*) FROM booking_moves m WHERE m.booking_id = b.id), (SELECT max(m.at) FROM booking_moves m WHERE m.booking_id = b.id)`
	sessionFrom = ` FROM bookings b
		JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id JOIN editions e ON e.id = a.edition_id
		JOIN professionals q ON q.person_id = b.professional_id JOIN persons s ON s.id = q.person_id
		JOIN persons p ON p.id = b.beneficiary_id`

	sessionOfHolder       = `SELECT ` + sessionColumns + sessionFrom + ` WHERE b.id = $1 AND b.beneficiary_id = $2`
	sessionOfProfessional = `SELECT ` + sessionColumns + sessionFrom + ` WHERE b.id = $1 AND b.professional_id = $2`
)

func scanSession(row pgx.CollectableRow) (x voucher.Session, err error) {
	err = readSession(row, &x)
	return x, err
}

// readSession reads sessionColumns, and whatever follows them into more.
func readSession(row pgx.CollectableRow, x *voucher.Session, more ...any) error {
	var family, given string
	into := append(bookingFields(&x.Booking), &family, &given, &x.Phone)
	into = append(into, personFields(&x.Holder)...)
	into = append(into, &x.LastDay, &x.ConfirmBy, &x.InvoiceBy, &x.VoucherState, &x.Edition, &x.RulesVersion, &x.Application,
		&x.Territory, &x.Province, &x.Round, &x.Moves, (*zeronull.Timestamptz)(&x.MovedAt))
	err := row.Scan(append(into, more...)...)
	x.ProfessionalName = family + " " + given
	return err
}

// Session is one booking of the beneficiary an actor stands for, or of a
// professional: to anybody else it does not exist.
func (s *Vouchers) Session(ctx context.Context, who identity.Actor, id voucher.BookingID) (voucher.Session, error) {
	sql, owner := sessionOfHolder, who.For
	if who.Role == identity.Psychologist {
		sql, owner = sessionOfProfessional, who.Person
	}
	rows, _ := s.pool.Query(ctx, sql, string(id), string(owner))
	x, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if err != nil {
		return x, fmt.Errorf("session: %w", translate(err))
	}
	err = s.reopen(ctx, &x)
	return x, err
}

// reopen gives a session the reopenings of its edition that concern it.
func (s *Vouchers) reopen(ctx context.Context, x *voucher.Session) error {
	e, err := s.editions.released(ctx, s.pool, released{x.Edition, x.RulesVersion})
	if err != nil {
		return err
	}
	x.Reopenings = e.Rules.ReopeningsOf(x.Round, x.Territory, x.Province)
	return nil
}

// shelf is the shelf of a booking on the day $2: AgendaSession.Shelf in SQL.
const shelf = `CASE WHEN b.state = 'cancelled' THEN 'cancelled'
	WHEN b.claimed_cents IS NOT NULL THEN
		CASE ` + livePayment + ` WHEN 'paid' THEN 'paid' WHEN 'frozen' THEN 'in_payment' WHEN 'sent' THEN 'in_payment' ELSE 'invoiced' END
	WHEN b.state = 'held' THEN 'to_invoice' WHEN b.day > $2 THEN 'to_come' ELSE 'to_confirm' END`

// livePayment is the state of the order that a session is in, NULL for none.
const livePayment = `(SELECT l.order_state FROM payment_lines l WHERE l.booking_id = b.id AND l.order_state IN ('frozen', 'sent', 'paid'))`

const (
	agendaWhere = ` WHERE b.professional_id = $1
		AND ($3 = '' OR ` + shelf + ` = $3)
		AND ($4::date IS NULL OR b.day >= $4) AND ($5::date IS NULL OR b.day <= $5)
		AND ($6 = '' OR plain(p.given_name || ' ' || p.family_name || ' ' || p.given_name) LIKE ` + partOfName + `)`
	agendaCounts = `SELECT ` + shelf + `, count(*), sum(coalesce(b.claimed_cents, b.amount_cents))::bigint FROM bookings b WHERE b.professional_id = $1 GROUP BY 1`
	agendaRisk   = `
		SELECT count(*), coalesce(sum(r.price), 0)::bigint, min(r.term) FILTER (WHERE r.term >= $2)
		FROM (
			SELECT coalesce(b.claimed_cents, b.amount_cents) AS price,
				CASE WHEN b.state = 'booked' THEN v.confirm_by ELSE coalesce(i.correct_by, v.invoice_by) END AS term
			FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
			LEFT JOIN invoice_sessions x ON x.booking_id = b.id AND x.live LEFT JOIN invoices i ON i.id = x.invoice_id
			WHERE b.professional_id = $1 AND (b.state = 'booked' AND b.day <= $2
				OR b.state = 'held' AND (b.claimed_cents IS NULL OR i.state = 'to_correct'))) r`
	agendaTotal = `SELECT count(*) FROM bookings b JOIN persons p ON p.id = b.beneficiary_id` + agendaWhere
	agendaRows  = `SELECT ` + sessionColumns + `, i.id, i.correct_by, ` + livePayment + sessionFrom + `
		LEFT JOIN invoice_sessions x ON x.booking_id = b.id AND x.live LEFT JOIN invoices i ON i.id = x.invoice_id` + agendaWhere + `
		ORDER BY CASE ` + shelf + ` WHEN 'to_confirm' THEN 0 WHEN 'to_invoice' THEN 1 WHEN 'to_come' THEN 2
				WHEN 'invoiced' THEN CASE WHEN i.state = 'to_correct' THEN 1 ELSE 3 END WHEN 'in_payment' THEN 4 WHEN 'paid' THEN 5 ELSE 6 END,
			CASE WHEN b.day > $2 THEN b.day - $2 ELSE $2 - b.day END, b.slot, b.id
		LIMIT $7 OFFSET $8`
)

func scanAgendaSession(row pgx.CollectableRow) (x voucher.AgendaSession, err error) {
	err = readSession(row, &x.Session, (*nullText)(&x.Invoice), &x.CorrectBy, (*nullText)(&x.Payment))
	return x, err
}

// Agenda is a page of a professional's sessions, in one round trip.
func (s *Vouchers) Agenda(ctx context.Context, of identity.PersonID, ask voucher.Agenda) (page voucher.AgendaPage, err error) {
	page.Counts = map[voucher.AgendaState]int{}
	filter := []any{string(of), ask.Today, string(ask.State), ask.From, ask.To, ask.Holder}
	var batch pgx.Batch
	batch.Queue(agendaCounts, string(of), ask.Today).Query(func(rows pgx.Rows) error {
		var on voucher.AgendaState
		var n int
		var worth money.Amount
		_, err := pgx.ForEachRow(rows, []any{&on, &n, &worth}, func() error {
			if page.Counts[on] = n; on == voucher.BeingPaid {
				page.BeingPaid = worth
			}
			return nil
		})
		return err
	})
	batch.Queue(agendaRisk, string(of), ask.Today).QueryRow(func(row pgx.Row) error {
		return row.Scan(&page.AtRisk.Sessions, &page.AtRisk.Amount, &page.RiskBy)
	})
	batch.Queue(payeeOf, string(of)).Query(func(rows pgx.Rows) (err error) {
		page.Payee, err = scanPayee(rows)
		return err
	})
	batch.Queue(agendaTotal, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	offset := max(ask.Page-1, 0) * voucher.AgendaPageSize
	batch.Queue(agendaRows, append(filter, voucher.AgendaPageSize, offset)...).Query(func(rows pgx.Rows) (err error) {
		page.Sessions, err = pgx.CollectRows(rows, scanAgendaSession)
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.AgendaPage{}, fmt.Errorf("agenda: %w", translate(err))
	}
	for i := range page.Sessions {
		if err := s.reopen(ctx, &page.Sessions[i].Session); err != nil {
			return voucher.AgendaPage{}, err
		}
	}
	return page, nil
}

const takeAgenda = `
	INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
	SELECT DISTINCT $7::timestamptz, $1::uuid, $8, $1::uuid, $9, b.voucher_id, b.beneficiary_id, $10, $11::inet
	FROM bookings b JOIN persons p ON p.id = b.beneficiary_id` + agendaWhere

// TakeAgenda writes, for each holder with a session in an agenda, that the
// professional took the list of them away.
func (s *Vouchers) TakeAgenda(ctx context.Context, who identity.Actor, ask voucher.Agenda, now time.Time) error {
	_, err := s.pool.Exec(ctx, takeAgenda, string(who.Person), ask.Today, string(ask.State), ask.From, ask.To, ask.Holder,
		now, string(who.Role), string(voucher.AgendaTaken), audit.Request(ctx), audit.Address(ctx))
	if err != nil {
		return fmt.Errorf("note a list taken: %w", translate(err))
	}
	return nil
}
