package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Card is a professional on the list, or once on it; fault.ErrNotFound.
func (s *Participants) Card(ctx context.Context, of identity.PersonID, today calendar.Date) (voucher.Card, error) {
	return card(ctx, s.pool, of, today)
}

func card(ctx context.Context, db DB, of identity.PersonID, today calendar.Date) (c voucher.Card, err error) {
	var batch pgx.Batch
	batch.Queue(`
		SELECT (SELECT count(*) FROM bookings b WHERE b.professional_id = $1 AND b.state = 'booked' AND b.day >= $2), `+participantColumns+`
		FROM professionals q JOIN persons s ON s.id = q.person_id WHERE q.person_id = $1`, string(of), today).
		QueryRow(func(row pgx.Row) error { return row.Scan(append([]any{&c.Bookings}, participantFields(&c.Is)...)...) })
	batch.Queue(`
		SELECT coalesce(lower(e.during), d.list_day), coalesce(upper(e.during), CASE WHEN isempty(e.during) THEN l.list_day END),
			coalesce(d.number, 0), coalesce(l.number, 0), e.left_why, e.entered_why, isempty(e.during)
		FROM enrolments e LEFT JOIN deliveries d ON d.id = e.entered_by LEFT JOIN deliveries l ON l.id = e.left_by
		WHERE e.professional_id = $1 ORDER BY e.id DESC`, string(of)).
		Query(func(rows pgx.Rows) (err error) {
			c.Stretches, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Stretch])
			return err
		})
	if err := db.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Card{}, fmt.Errorf("professional: %w", translate(err))
	}
	c.Person = of
	return c, nil
}

// ChangeEnrolment locks a professional and asks what to do with their enrolment.
func (s *Participants) ChangeEnrolment(ctx context.Context, form once.Form, of identity.PersonID, today calendar.Date, e audit.Entry,
	decide func(voucher.Card) (voucher.Turn, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockList(ctx, tx); err != nil {
			return err
		}
		c, err := card(ctx, tx, of, today)
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		t, err := decide(c)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		if t.Resumes {
			batch.Queue(`INSERT INTO enrolments (professional_id, during, entered_why) VALUES ($1, daterange($2, NULL), $3)`, string(of), t.Day, t.Why)
		} else {
			batch.Queue(`UPDATE enrolments SET during = daterange(lower(during), $2), left_why = $3 WHERE professional_id = $1 AND upper_inf(during)`,
				string(of), t.Day, t.Why)
		}
		batch.Queue(`
			WITH written AS (`+insertEntry+` RETURNING id)
			INSERT INTO river_job (kind, args, max_attempts) SELECT 'notify', jsonb_build_object('entry', id), 12 FROM written`, entryValues(ctx, e)...)
		keep(&batch, form, string(of), e.At)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("enrolment: %w", translate(err))
	}
	return nil
}

// The states of a professional, and the list by them. A suspension that is still
// to come leaves who it is active.
const (
	rollStates = `SELECT q.person_id, CASE WHEN ` + enrolledOn + ` THEN 'active' WHEN ` + suspended + ` THEN 'suspended' ELSE 'left' END AS state,
		coalesce(CASE WHEN ` + enrolledOn + ` THEN lower(e.during) ELSE upper(e.during) END, lower(e.during)) AS since
		FROM professionals q` + lastStretches
	rollCounts = `SELECT state, count(*) FROM (` + rollStates + `) r GROUP BY state`
	rollFrom   = ` FROM (` + rollStates + `) r JOIN professionals q ON q.person_id = r.person_id JOIN persons s ON s.id = r.person_id
		WHERE ($2 = '' OR r.state = $2) AND ($3 = '' OR q.region = $3) AND ($4 = '' OR plain(q.searched_name) LIKE '%' || regexp_replace(plain($4), '[\\%_]', '\\\&', 'g') || '%')`
	rollTotal = `SELECT count(*)` + rollFrom
	rollRows  = `SELECT r.person_id, r.state, r.since, ` + participantColumns + rollFrom + `
		ORDER BY plain(s.family_name), plain(s.given_name), r.person_id LIMIT $5 OFFSET $6`
)

// Roll is a page of everybody who takes part or did.
func (s *Participants) Roll(ctx context.Context, ask voucher.RollAsk) (page voucher.RollPage, err error) {
	filter := []any{ask.Today, string(ask.State), ask.Region, ask.Name}
	page.Counts = map[voucher.RollState]int{}
	var batch pgx.Batch
	batch.Queue(rollCounts, ask.Today).Query(func(rows pgx.Rows) error {
		var state voucher.RollState
		var n int
		_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
			page.Counts[state] = n
			return nil
		})
		return err
	})
	batch.Queue(rollTotal, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	batch.Queue(rollRows, append(filter, voucher.RollPageSize, max(ask.Page-1, 0)*voucher.RollPageSize)...).Query(func(rows pgx.Rows) (err error) {
		page.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r voucher.RollRow, err error) {
			return r, row.Scan(append([]any{&r.Person, &r.State, &r.Since}, participantFields(&r.Is)...)...)
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.RollPage{}, fmt.Errorf("list of professionals: %w", translate(err))
	}
	return page, nil
}

// Areas counts who is on the list on a day, by territory and province.
func (s *Participants) Areas(ctx context.Context, on calendar.Date) ([]voucher.Area, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT q.region, q.province, count(*), count(*) FILTER (WHERE q.shown_online)
		FROM professionals q WHERE EXISTS (SELECT FROM enrolments e WHERE e.professional_id = q.person_id AND e.during @> $1::date)
		GROUP BY q.region, q.province ORDER BY q.region, q.province`, on)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Area])
	if err != nil {
		return nil, fmt.Errorf("professionals by area: %w", translate(err))
	}
	return all, nil
}

// AskReport keeps what INPS asks about a professional.
func (s *Participants) AskReport(ctx context.Context, form once.Form, of identity.PersonID, text string, e audit.Entry) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		err := tx.QueryRow(ctx, `INSERT INTO list_reports (person_id, text, asked_by, asked_at)
			SELECT person_id, $2, $3, $4 FROM professionals WHERE person_id = $1 RETURNING id`,
			string(of), text, string(e.Actor.Person), e.At).Scan(&e.Subject)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		keep(&batch, form, e.Subject, e.At)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("report to CNOP: %w", translate(err))
	}
	return nil
}

// AnswerReport keeps CNOP's answer; voucher.ErrAnswered, fault.ErrNotFound.
func (s *Participants) AnswerReport(ctx context.Context, form once.Form, id, text string, e audit.Entry) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var answered bool
		err := tx.QueryRow(ctx, `SELECT answered_at IS NOT NULL, person_id FROM list_reports WHERE id = $1 FOR UPDATE`, id).Scan(&answered, &e.About)
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if answered {
			return voucher.ErrAnswered
		}
		var batch pgx.Batch
		batch.Queue(`UPDATE list_reports SET answer = $2, answered_by = $3, answered_at = $4 WHERE id = $1`, id, text, string(e.Actor.Person), e.At)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		keep(&batch, form, id, e.At)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("answer to a report: %w", translate(err))
	}
	return nil
}

const (
	reportColumns = `r.id, r.person_id, s.family_name || ' ' || s.given_name, s.fiscal_code, r.text, a.given_name || ' ' || a.family_name, r.asked_at,
		r.answer, coalesce(b.given_name || ' ' || b.family_name, ''), r.answered_at`
	reportFrom = ` FROM list_reports r JOIN persons s ON s.id = r.person_id JOIN persons a ON a.id = r.asked_by LEFT JOIN persons b ON b.id = r.answered_by`
	reportsAll = `SELECT ` + reportColumns + reportFrom + ` WHERE $1::uuid IS NULL OR r.person_id = $1
		ORDER BY r.answered_at IS NOT NULL, r.asked_at DESC LIMIT 200`
	reportByID = `SELECT ` + reportColumns + reportFrom + ` WHERE r.id = $1`
)

func scanReport(row pgx.CollectableRow) (r voucher.Report, err error) {
	return r, row.Scan(&r.ID, &r.Person, &r.Name, &r.FiscalCode, &r.Text, &r.AskedName, &r.AskedAt, &r.Answer, &r.AnsweredName, (*zeronull.Timestamptz)(&r.AnsweredAt))
}

// Reports lists what INPS asked, what waits for an answer first; about one
// professional where one is named.
func (s *Participants) Reports(ctx context.Context, about identity.PersonID) ([]voucher.Report, error) {
	rows, _ := s.pool.Query(ctx, reportsAll, optional(about))
	all, err := pgx.CollectRows(rows, scanReport)
	if err != nil {
		return nil, fmt.Errorf("reports: %w", translate(err))
	}
	return all, nil
}

// Report is one of them; fault.ErrNotFound.
func (s *Participants) Report(ctx context.Context, id string) (voucher.Report, error) {
	rows, _ := s.pool.Query(ctx, reportByID, id)
	r, err := pgx.CollectExactlyOneRow(rows, scanReport)
	if err != nil {
		return r, fmt.Errorf("report: %w", translate(err))
	}
	return r, nil
}

// enrolment is the last thing that happened to somebody's place on the list: the
// day of it, or else that of the entry, and the sessions still to come then.
func (s *Notices) enrolment(ctx context.Context, of identity.PersonID, on calendar.Date) (e notify.Enrolment, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT coalesce(upper(e.during), lower(e.during), $2),
			(SELECT count(*) FROM bookings b WHERE b.professional_id = $1 AND b.state = 'booked' AND b.day >= $2),
			NOT EXISTS (SELECT FROM payment_accounts c WHERE c.person_id = $1 AND `+paidOnLive+`)
		FROM enrolments e WHERE e.professional_id = $1 ORDER BY e.id DESC LIMIT 1`, string(of), on).Scan(&e.Day, &e.Bookings, &e.Unpaid)
	if err != nil {
		return e, fmt.Errorf("enrolment: %w", translate(err))
	}
	return e, nil
}
