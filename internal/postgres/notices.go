package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/mandate"
	"portal/internal/notify"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// Notices keeps what people are told.
type Notices struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
}

// NewNotices is the store of messages on a pool.
func NewNotices(pool *pgxpool.Pool) *Notices { return &Notices{pool, NewVouchers(pool)} }

// Event is an entry of the register with what a message needs to know of it. An
// entry that is about no session has none.
func (s *Notices) Event(ctx context.Context, entry int64) (e notify.Event, err error) {
	var at time.Time
	var subject, about nullText
	err = s.pool.QueryRow(ctx, `SELECT at, action, subject_id, about_id FROM audit WHERE id = $1`, entry).Scan(&at, &e.Action, &subject, &about)
	if err != nil {
		return e, fmt.Errorf("entry %d: %w", entry, translate(err))
	}
	e.About = identity.PersonID(about)
	switch e.Action {
	case voucher.ApplicationSubmitted, voucher.ApplicationRepeated, voucher.ApplicationReminded, voucher.ApplicationCured,
		voucher.ApplicationWithdrawn, voucher.VoucherRenounced, voucher.ApplicationISEERequested, voucher.ApplicationRefused,
		voucher.CodeReplaced, voucher.CodeBlocked, voucher.CodeUnblocked, voucher.BalanceChanged:
		if e.Applied, err = s.applied(ctx, subject, calendar.On(at)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingFor(ctx, e.About, calendar.On(at))
		return e, err
	case voucher.FirstSessionReminded, voucher.FirstConfirmReminded, voucher.ExpiryReminded, voucher.VoucherLapsed, voucher.VoucherEnded, voucher.VoucherReinstated:
		return e, s.life(ctx, &e, subject, calendar.On(at))
	case voucher.ConfirmReminded, voucher.InvoiceReminded, voucher.SessionsAnnulled:
		return e, s.work(ctx, &e, subject, calendar.On(at))
	case voucher.CameOfAge:
		return e, s.ofAge(ctx, &e, subject)
	case payment.OrderWasPaid, payment.OrderCameBack:
		e.Credit, err = credit(ctx, s.pool, payment.OrderID(subject))
		return e, err
	case voucher.InvoiceSent, voucher.InvoiceReturned:
		if e.Invoiced, err = invoiced(ctx, s.pool, voucher.InvoiceID(subject)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingFor(ctx, e.About, calendar.On(at))
		return e, err
	case indemnity.DraftBegun, indemnity.DraftReminded:
		if e.Drafted, err = s.drafted(ctx, subject, at); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingIn(ctx, identity.IndemnityOnly, e.About, calendar.On(at))
		return e, err
	case payment.CaseAccountGiven, payment.CaseAccountVerified, payment.CaseAccountRejected:
		e.Case, err = s.caseNews(ctx, subject, calendar.On(at))
		return e, err
	case indemnity.ApplicationSent, indemnity.ApplicationWithdrawn, indemnity.RequestMade, indemnity.RequestReached, indemnity.RequestReminded, indemnity.AnswerSent, indemnity.AnswerJudged, indemnity.SetOffTold,
		indemnity.HeirsRegistered, indemnity.SuccessionConfirmed, indemnity.DecisionApproved, indemnity.CaseRanked, indemnity.CaseLeftOut:
		if e.Case, err = s.caseNews(ctx, subject, calendar.On(at)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingIn(ctx, identity.IndemnityOnly, e.About, calendar.On(at))
		return e, err
	case indemnity.MessageAnswered:
		if e.Case, err = s.threadNews(ctx, subject, calendar.On(at)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingIn(ctx, identity.IndemnityOnly, e.About, calendar.On(at))
		return e, err
	case indemnity.ReexaminationAsked, indemnity.ReexaminationRead, indemnity.ReexaminationDecided:
		if e.Case, err = s.reviewNews(ctx, subject, calendar.On(at)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingIn(ctx, identity.IndemnityOnly, e.About, calendar.On(at))
		return e, err
	case mandate.Made, mandate.Revoked:
		e.Mandate, err = mandateWith(ctx, s.pool, identity.MandateID(subject))
		return e, err
	case voucher.EnrolmentStarted, voucher.EnrolmentEnded, voucher.EnrolmentSuspended, voucher.EnrolmentResumed:
		e.Enrolment, err = s.enrolment(ctx, e.About, calendar.On(at))
		return e, err
	case voucher.ReexaminationAsked, voucher.ReexaminationDecided:
		if e.Reexamination, err = reexaminationWith(ctx, s.pool, voucher.ReexaminationID(subject)); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingFor(ctx, e.About, calendar.On(at))
		return e, err
	case voucher.DisputeMade, voucher.DisputeTakenBack, voucher.DisputeDecided, voucher.DisputeCarriedOut:
		if e.Dispute, err = disputeWith(ctx, s.pool, voucher.DisputeID(subject)); err != nil {
			return e, err
		}
		if e.Session, err = s.vouchers.Session(ctx, identity.Actor{Role: identity.Citizen, For: e.About}, e.Dispute.Booking); err != nil {
			return e, err
		}
		e.ActingFor, err = s.actingFor(ctx, e.About, calendar.On(at))
		return e, err
	case voucher.BookingBooked, voucher.BookingHeld, voucher.BookingCancelled, voucher.BookingReinstated, voucher.BookingMoved:
		holder := identity.Actor{Role: identity.Citizen, For: identity.PersonID(about)}
		if e.Session, err = s.vouchers.Session(ctx, holder, voucher.BookingID(subject)); err != nil {
			return e, err
		}
		if e.ActingFor, err = s.actingFor(ctx, holder.For, calendar.On(at)); err != nil {
			return e, err
		}
		if e.Action == voucher.BookingMoved {
			if e.Move, err = lastMove(ctx, s.pool, e.Session.ID, at); err != nil {
				return e, err
			}
		}
		editions, err := s.vouchers.Editions(ctx)
		e.Rules = editions[e.Session.Edition].Rules
		return e, err
	}
	return e, nil
}

// actingFor lists who holds a mandate for somebody in the matter of the voucher on a
// day, each once.
func (s *Notices) actingFor(ctx context.Context, represented identity.PersonID, on calendar.Date) ([]identity.PersonID, error) {
	return s.actingIn(ctx, identity.VoucherOnly, represented, on)
}

// actingIn is actingFor in any matter.
func (s *Notices) actingIn(ctx context.Context, matter identity.Scope, represented identity.PersonID, on calendar.Date) (who []identity.PersonID, err error) {
	rows, _ := s.pool.Query(ctx, `SELECT holder_id, scope, from_day, until_day, revoked_on FROM mandates
		WHERE represented_id = $1 ORDER BY from_day, holder_id`, string(represented))
	var m identity.Mandate
	_, err = pgx.ForEachRow(rows, []any{&m.Holder, &m.Scope, &m.From, &m.Until, &m.Revoked}, func() error {
		if m.Holds(on) && m.Scope.Covers(matter) && !slices.Contains(who, m.Holder) {
			who = append(who, m.Holder)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mandates: %w", translate(err))
	}
	return who, nil
}

// Post writes the messages of an entry and the jobs that mail them. Done twice,
// it adds nothing.
func (s *Notices) Post(ctx context.Context, entry int64, letters []notify.Letter, now time.Time) error {
	var batch pgx.Batch
	for _, l := range letters {
		if l.InboxOnly {
			batch.Queue(`
				INSERT INTO messages (recipient_id, entry_id, kind, subject, body, link, sent_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT ON CONSTRAINT message_is_sent_once DO NOTHING`,
				string(l.To), entry, string(l.Kind), l.Subject, l.Body, l.Link, now)
			continue
		}
		batch.Queue(`
			WITH posted AS (
				INSERT INTO messages (recipient_id, entry_id, kind, subject, body, link, sent_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT ON CONSTRAINT message_is_sent_once DO NOTHING
				RETURNING id)
			INSERT INTO river_job (kind, args, max_attempts)
			SELECT 'mail', jsonb_build_object('message', id), 12 FROM posted`,
			string(l.To), entry, string(l.Kind), l.Subject, l.Body, l.Link, now)
	}
	if batch.Len() == 0 {
		return nil
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("post messages of entry %d: %w", entry, translate(err))
	}
	return nil
}

// Mail is a message with the address it goes to, "" when its reader gave none, and
// whether it was sent before. What a professional is told as such goes, if they gave
// none, to the address that CNOP's list has; what they are told of the account they are
// paid on goes to both, because whoever took over one of them reads only that.
func (s *Notices) Mail(ctx context.Context, id string) (m notify.Message, to string, sent bool, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT m.id, m.subject, m.body, m.sent_at, CASE
			WHEN m.kind LIKE 's08%' AND p.email <> '' AND lower(q.email) NOT IN ('', lower(p.email)) THEN p.email || ', ' || q.email
			WHEN p.email = '' AND m.kind LIKE 's%' THEN coalesce(q.email, '')
			ELSE p.email END, m.mailed_at IS NOT NULL
		FROM messages m JOIN persons p ON p.id = m.recipient_id LEFT JOIN professionals q ON q.person_id = p.id WHERE m.id = $1`, id).
		Scan(&m.ID, &m.Subject, &m.Body, &m.SentAt, &to, &sent)
	if err != nil {
		return m, "", false, fmt.Errorf("message %s: %w", id, translate(err))
	}
	return m, to, sent, nil
}

// Mailed notes that a message was sent by e-mail.
func (s *Notices) Mailed(ctx context.Context, id string, now time.Time) error {
	if _, err := s.pool.Exec(ctx, `UPDATE messages SET mailed_at = $2 WHERE id = $1`, id, now); err != nil {
		return fmt.Errorf("message %s: %w", id, translate(err))
	}
	return nil
}

// Forget removes the keys of forms that were sent before an instant, and the login
// sessions that are over; and what was written and never sent: applications half a
// year old, requests for re-examination, with their papers, two months old, and papers in
// answer to what the office took back. What answers a term that ran out is evidence.
func (s *Notices) Forget(ctx context.Context, before time.Time) error {
	var batch pgx.Batch
	batch.Queue(`DELETE FROM submissions WHERE at < $1`, before)
	batch.Queue(`DELETE FROM sessions WHERE expiry < now()`)
	batch.Queue(`DELETE FROM application_drafts WHERE sent_as IS NULL AND saved_at < $1::timestamptz - interval '150 days'`, before)
	batch.Queue(`
		WITH gone AS (
			DELETE FROM indemnity_drafts WHERE sent_at IS NULL AND saved_at < $1::timestamptz - interval '150 days' RETURNING id
		), papers AS (
			DELETE FROM indemnity_papers p USING gone WHERE p.case_id = gone.id)
		DELETE FROM attachments a USING gone WHERE a.subject_id = gone.id`, before)
	batch.Queue(`
		WITH gone AS (
			DELETE FROM indemnity_papers p USING indemnity_requests q
			WHERE q.id = p.request_id AND q.state = 'cancelled' AND p.sent_at IS NULL AND p.added_at < $1::timestamptz - interval '150 days' RETURNING p.attachment_id)
		DELETE FROM attachments a USING gone WHERE a.id = gone.attachment_id`, before)
	batch.Queue(`
		WITH gone AS (
			DELETE FROM reexamination_drafts WHERE saved_at < $1::timestamptz - interval '30 days' RETURNING id)
		DELETE FROM attachments a USING gone
		WHERE a.subject_id = gone.id AND NOT EXISTS (SELECT FROM reexaminations x WHERE x.id = gone.id)`, before)
	batch.Queue(`
		WITH gone AS (
			DELETE FROM indemnity_reexamination_drafts WHERE saved_at < $1::timestamptz - interval '30 days' RETURNING id)
		DELETE FROM attachments a USING gone
		WHERE a.subject_id = gone.id AND NOT EXISTS (SELECT FROM indemnity_reexaminations x WHERE x.id = gone.id)`, before)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("forget old forms and logins: %w", translate(err))
	}
	return nil
}
