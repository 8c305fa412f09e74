package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/mandate"
	"portal/internal/voucher"
)

// nearest is the smallest of the days $2 that has come before a term, NULL before all.
func nearest(term string) string {
	return `(SELECT min(d.days) FROM unnest($2::int[]) AS d(days) WHERE ` + term + ` - d.days <= $1::date)`
}

// tellReminders writes the entries that a statement has in "entries", with the jobs
// that tell people of them, and counts them. They are told after everybody else, in
// waves: there may be thousands on a day.
const tellReminders = `
	register AS (
		INSERT INTO audit (at, role, action, subject_id, about_id) SELECT $3, 'system', action, subject_id, about_id FROM entries RETURNING id
	), told AS (
		INSERT INTO river_job (kind, args, max_attempts, priority, state, scheduled_at)
		SELECT 'notify', jsonb_build_object('entry', id), 12, 4, 'scheduled', now() + make_interval(mins => (1 + row_number() OVER () / 2000)::integer) FROM register
	)
	SELECT count(*) FROM register`

var remindHolders = `
	WITH due AS (
		SELECT v.id, 'first_session' AS kind, v.first_session_by AS term, ` + nearest("v.first_session_by") + ` AS days
		FROM vouchers v WHERE v.state = 'active' AND v.first_session_by BETWEEN $1::date AND $1::date + $4::integer AND NOT EXISTS (
			SELECT FROM bookings b WHERE b.voucher_id = v.id AND b.state = 'held')
		UNION ALL
		SELECT v.id, 'expiry', v.last_day, ` + nearest("v.last_day") + `
		FROM vouchers v WHERE v.state = 'active' AND v.last_day BETWEEN $1::date AND $1::date + $4::integer AND v.used_cents < v.awarded_cents
	), sent AS (
		INSERT INTO reminders (subject_id, kind, term, days, sent_at) SELECT id, kind, term, days, $3 FROM due
		ON CONFLICT DO NOTHING RETURNING subject_id, kind
	), entries AS (
		SELECT CASE kind WHEN 'expiry' THEN $5::text ELSE $6::text END AS action, s.subject_id, v.beneficiary_id AS about_id
		FROM sent s JOIN vouchers v ON v.id = s.subject_id
		UNION ALL
		SELECT DISTINCT $7::text, s.subject_id, b.professional_id
		FROM sent s JOIN bookings b ON b.voucher_id = s.subject_id AND b.state = 'booked' AND b.day <= $1::date WHERE s.kind = 'first_session'
	), ` + tellReminders

const remindToConfirm = `
	WITH due AS (
		SELECT DISTINCT b.professional_id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
		WHERE b.state = 'booked' AND b.day <= $1::date - $2::integer AND v.confirm_by >= $1::date AND NOT EXISTS (
			SELECT FROM reminders r WHERE r.subject_id = b.professional_id AND r.kind = 'to_confirm' AND r.term > $1::date - $4::integer)
	), sent AS (
		INSERT INTO reminders (subject_id, kind, term, days, sent_at) SELECT professional_id, 'to_confirm', $1::date, 0, $3 FROM due
		ON CONFLICT DO NOTHING RETURNING subject_id
	), entries AS (
		SELECT $5::text AS action, subject_id, subject_id AS about_id FROM sent
	), ` + tellReminders

var remindToInvoice = `
	WITH due AS (
		SELECT DISTINCT b.professional_id, v.invoice_by AS term, ` + nearest("v.invoice_by") + ` AS days ` + toComplete + ` AND v.invoice_by BETWEEN $1::date AND $1::date + $4::integer
	), sent AS (
		INSERT INTO reminders (subject_id, kind, term, days, sent_at) SELECT professional_id, 'to_invoice', term, days, $3 FROM due
		ON CONFLICT DO NOTHING RETURNING subject_id
	), entries AS (
		SELECT DISTINCT $5::text AS action, subject_id, subject_id AS about_id FROM sent
	), ` + tellReminders

// remindOfAge finds the mandates of parents that end because the child comes of age.
const remindOfAge = `
	WITH due AS (
		SELECT m.id, m.holder_id, m.represented_id, m.until_day FROM mandates m JOIN persons p ON p.id = m.represented_id
		WHERE m.kind = 'parent' AND m.revoked_on IS NULL AND m.until_day BETWEEN $1::date - 7 AND $1::date
			AND m.until_day >= (p.born_on + make_interval(years => $2::integer))::date - 2
	), sent AS (
		INSERT INTO reminders (subject_id, kind, term, days, sent_at) SELECT id, 'majority', until_day, 0, $3 FROM due
		ON CONFLICT DO NOTHING RETURNING subject_id
	), entries AS (
		SELECT $4::text AS action, d.id AS subject_id, p.about_id FROM sent s JOIN due d ON d.id = s.subject_id
		CROSS JOIN LATERAL (VALUES (d.represented_id), (d.holder_id)) p(about_id)
	), ` + tellReminders

func (s *Closures) remind(ctx context.Context, sql string, args ...any) (n int, err error) {
	if err := s.pool.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("remind of terms: %w", translate(err))
	}
	return n, nil
}

// RemindHolders reminds the holders of vouchers of the term of their first session, if
// none counts yet, and of the end of their code, and the professionals with a session
// to confirm before the first of the two. Each once, also by two at a time.
func (s *Closures) RemindHolders(ctx context.Context, today calendar.Date, days []int, now time.Time) (int, error) {
	return s.remind(ctx, remindHolders, today, days, now, slices.Max(days),
		string(voucher.ExpiryReminded), string(voucher.FirstSessionReminded), string(voucher.FirstConfirmReminded))
}

// RemindToConfirm reminds professionals of sessions that were so many days ago, and
// again after so many.
func (s *Closures) RemindToConfirm(ctx context.Context, today calendar.Date, after, every int, now time.Time) (int, error) {
	return s.remind(ctx, remindToConfirm, today, after, now, every, string(voucher.ConfirmReminded))
}

// RemindToInvoice reminds professionals of sessions that are not complete.
func (s *Closures) RemindToInvoice(ctx context.Context, today calendar.Date, days []int, now time.Time) (int, error) {
	return s.remind(ctx, remindToInvoice, today, days, now, slices.Max(days), string(voucher.InvoiceReminded))
}

// RemindOfAge tells parents and children whose mandate ends with the child's majority.
func (s *Closures) RemindOfAge(ctx context.Context, today calendar.Date, now time.Time) (int, error) {
	return s.remind(ctx, remindOfAge, today, mandate.LimitsOn(today).Majority.Is, now, string(voucher.CameOfAge))
}
