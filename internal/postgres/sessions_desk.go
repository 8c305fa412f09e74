package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/voucher"
)

const (
	deskSession = `
		SELECT b.id, b.day, lower(b.slot), b.state, coalesce(b.claimed_cents, b.amount_cents), b.claimed_cents IS NOT NULL, v.territory, a.edition_id,
			i.id, i.state, x.id, l.order_state, coalesce(b.held_at < upper(b.slot), false), p.id, p.fiscal_code, p.given_name, p.family_name,
			s.family_name || ' ' || s.given_name
		FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
			JOIN persons p ON p.id = b.beneficiary_id JOIN persons s ON s.id = b.professional_id
			LEFT JOIN invoice_sessions n ON n.booking_id = b.id AND n.live LEFT JOIN invoices i ON i.id = n.invoice_id
			LEFT JOIN disputes x ON x.booking_id = b.id AND x.state IN ('open', 'proposed')
			LEFT JOIN payment_lines l ON l.booking_id = b.id AND l.order_state IN ('frozen', 'sent', 'paid')`
	newestFirst = ` ORDER BY b.day DESC, b.id DESC`
	oldestFirst = ` ORDER BY b.day, b.id`

	// deskPage picks the sessions of a page before anything is read of them. Each
	// anomaly has a statement of its own, so that it is answered by the index that
	// fits it.
	deskPage = deskSession + ` WHERE b.id IN (
		SELECT b.id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
		WHERE ($1::text = '' OR a.edition_id = $1) AND ($2::text = '' OR v.territory = $2) AND CASE $3::text
			WHEN '' THEN true
			WHEN 'booked' THEN b.state = 'booked' AND b.day >= $4
			WHEN 'to_confirm' THEN b.state = 'booked' AND b.day < $4
			WHEN 'to_invoice' THEN b.state = 'held' AND b.claimed_cents IS NULL
			WHEN 'invoiced' THEN b.claimed_cents IS NOT NULL
			ELSE b.state = 'cancelled' END`
	deskAfter  = ` AND ($5::date IS NULL OR (b.day, b.id) < ($5, $6::uuid))` + newestFirst + ` LIMIT $7)` + newestFirst
	deskBefore = ` AND ($5::date IS NULL OR (b.day, b.id) > ($5, $6::uuid))` + oldestFirst + ` LIMIT $7)` + oldestFirst

	isReported = ` AND b.id IN (SELECT booking_id FROM disputes WHERE state IN ('open', 'proposed'))`
	isInReview = ` AND b.id IN (SELECT n.booking_id FROM invoices i JOIN invoice_sessions n ON n.invoice_id = i.id WHERE i.state = 'in_review' AND n.live)`
	isEarly    = ` AND b.held_at < upper(b.slot) AND b.state = 'held'`
	isCrowded  = ` AND b.state <> 'cancelled' AND (b.professional_id, b.day) IN (
		SELECT professional_id, day FROM bookings WHERE day >= $8 AND state <> 'cancelled' GROUP BY professional_id, day HAVING count(*) > $9)`

	sessionsAfter, sessionsBefore = deskPage + deskAfter, deskPage + deskBefore
	reportedAfter, reportedBefore = deskPage + isReported + deskAfter, deskPage + isReported + deskBefore
	inReviewAfter, inReviewBefore = deskPage + isInReview + deskAfter, deskPage + isInReview + deskBefore
	earlyAfter, earlyBefore       = deskPage + isEarly + deskAfter, deskPage + isEarly + deskBefore
	crowdedAfter, crowdedBefore   = deskPage + isCrowded + deskAfter, deskPage + isCrowded + deskBefore

	// Those that somebody is in, as the holder or as the professional.
	sessionsOf = deskSession + ` WHERE b.id IN (
		SELECT b.id FROM who JOIN vouchers v ON v.beneficiary_id = who.id JOIN bookings b ON b.voucher_id = v.id
		UNION SELECT b.id FROM who JOIN bookings b ON b.professional_id = who.id)` + newestFirst + ` LIMIT $3`
	sessionsByCode     = `WITH who AS MATERIALIZED (SELECT id FROM persons WHERE fiscal_code = $1 AND $2::text = '')` + sessionsOf
	sessionsByProtocol = `WITH who AS MATERIALIZED (SELECT beneficiary_id AS id FROM applications WHERE protocol = $1 AND $2::text = ''
		UNION SELECT b.beneficiary_id FROM disputes x JOIN bookings b ON b.id = x.booking_id WHERE x.protocol = $1)` + sessionsOf
	sessionsByName = `WITH who AS MATERIALIZED (
		SELECT id FROM persons WHERE lower(family_name) ~>=~ lower($1) AND lower(family_name) ~<~ (lower($1) || chr(1114111))
			AND plain(given_name) LIKE (replace(replace(plain($2), '%', '\%'), '_', '\_') || '%') LIMIT 500)` + sessionsOf
)

func deskSessions(rows pgx.Rows) (all []voucher.SessionRow, err error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r voucher.SessionRow, err error) {
		into := []any{&r.ID, &r.Day, (*zeronull.Timestamptz)(&r.Start), &r.State, (*int64)(&r.Price), &r.Claimed, &r.Territory, &r.Edition,
			(*nullText)(&r.Invoice), (*nullText)(&r.InvoiceState), (*nullText)(&r.Dispute), (*nullText)(&r.Payment), &r.Early}
		return r, row.Scan(append(append(into, personFields(&r.Holder)...), &r.Professional)...)
	})
}

// Sessions is a page of sessions, the last ones first.
func (s *Disputes) Sessions(ctx context.Context, ask voucher.SessionList) (page voucher.SessionPage, err error) {
	args := []any{string(ask.Edition), ask.Territory, string(ask.State), ask.Today, ask.After.Day, optional(ask.After.ID), voucher.SessionsPerPage + 1}
	sql, backSQL := sessionsAfter, sessionsBefore
	switch ask.Anomaly {
	case voucher.AnomalyReported:
		sql, backSQL = reportedAfter, reportedBefore
	case voucher.AnomalyInReview:
		sql, backSQL = inReviewAfter, inReviewBefore
	case voucher.AnomalyEarly:
		sql, backSQL = earlyAfter, earlyBefore
	case voucher.AnomalyCrowded:
		sql, backSQL = crowdedAfter, crowdedBefore
		args = append(args, ask.Today.Add(-voucher.CrowdedSince), voucher.SessionsADay)
	}
	var rows pgx.Rows
	if ask.Back {
		rows, _ = s.pool.Query(ctx, backSQL, args...)
	} else {
		rows, _ = s.pool.Query(ctx, sql, args...)
	}
	if page.Rows, err = deskSessions(rows); err != nil {
		return page, fmt.Errorf("sessions: %w", translate(err))
	}
	more := len(page.Rows) > voucher.SessionsPerPage
	page.Rows = page.Rows[:min(len(page.Rows), voucher.SessionsPerPage)]
	page.Next, page.Prior = more, ask.After.ID != ""
	if ask.Back {
		slices.Reverse(page.Rows)
		page.Next, page.Prior = true, more
	}
	return page, nil
}

// Search lists the last sessions of whom an officer looks for, as holders or as
// professionals, and writes whose they have seen.
func (s *Disputes) Search(ctx context.Context, who identity.Actor, q voucher.Quest, now time.Time) ([]voucher.SessionRow, error) {
	sql, first, second := sessionsByName, q.Family, q.Given
	switch {
	case q.FiscalCode != "":
		sql, first, second = sessionsByCode, string(q.FiscalCode), ""
	case q.Protocol != "":
		sql, first, second = sessionsByProtocol, q.Protocol, ""
	}
	rows, _ := s.pool.Query(ctx, sql, first, second, voucher.FoundAtMost)
	found, err := deskSessions(rows)
	if err != nil {
		return nil, fmt.Errorf("search for sessions: %w", translate(err))
	}
	var batch pgx.Batch
	seen := map[identity.PersonID]bool{}
	for _, r := range found {
		if !seen[r.Holder.ID] {
			seen[r.Holder.ID] = true
			batch.Queue(insertEntry, entryValues(ctx, audit.Entry{At: now, Actor: who, Action: voucher.BookingFound, About: r.Holder.ID})...)
		}
	}
	if batch.Len() == 0 {
		return nil, nil
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("note a search for sessions: %w", translate(err))
	}
	return found, nil
}

// History is what the register says of a session, of its reports and of its invoices,
// newest first.
func (s *Disputes) History(ctx context.Context, id voucher.BookingID) ([]audit.Look, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT a.at, a.action, a.role, coalesce(p.given_name || ' ' || p.family_name, '')
		FROM audit a LEFT JOIN persons p ON p.id = a.person_id
		WHERE a.subject_id IN (
			SELECT $1::uuid UNION SELECT x.id FROM disputes x WHERE x.booking_id = $1
			UNION SELECT n.invoice_id FROM invoice_sessions n WHERE n.booking_id = $1)
		ORDER BY a.id DESC LIMIT 200`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Look])
	if err != nil {
		return nil, fmt.Errorf("history of a session: %w", translate(err))
	}
	return all, nil
}
