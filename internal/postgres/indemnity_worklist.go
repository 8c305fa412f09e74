package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/indemnity"
)

// The list of the office among hundreds of thousands of cases must come at once, whatever
// is asked for. A statement says only what is asked for, so that PostgreSQL plans it once
// and not at each reading, and its limit is written out: a plan for any limit would be one
// for many rows. Each begins where few rows are, or where an index has them in the order of
// submission.
//
// $1 call, $2 standing, $3 officer, $4 shelf, $5 the day and $6 how far it looks ahead, $7 and
// $8 a place.
const (
	caseColumns = `SELECT a.id, a.protocol, a.call_id, a.applicant_kind, a.answers, a.state, a.submitted_at, a.member_id, a.officer_id, a.ranking_id`
	casePlaces  = `SELECT a.submitted_at, a.id`
	// All parameters have a type, whether they are asked for or not.
	ofCases   = ` FROM indemnity_applications a WHERE (true OR $1::text || $2::text || $4::text IS NULL OR $3::uuid = $8::uuid OR $5::date + $6::int IS NULL OR $7::timestamptz IS NULL)`
	ofCall    = ` AND a.call_id = $1`
	ofOfficer = ` AND a.officer_id = $3`
	ofNobody  = ` AND a.officer_id IS NULL`
	ofHeirs   = ` AND a.applicant_kind = 'heirs'`
	ofCycles  = ` AND a.answers->>'cause' = 'cycles'`
	onShelf   = ` AND a.` + underWay + ` AND a.id = ANY (ARRAY(SELECT d.application_id FROM indemnity_decisions d WHERE $4 = 'approval' AND d.state = 'proposed'
		UNION ALL SELECT q.application_id FROM indemnity_requests q WHERE $4 <> 'approval' AND q.state = 'open' GROUP BY q.application_id
			HAVING CASE $4 WHEN 'late' THEN min(q.due_on) < $5::date WHEN 'today' THEN min(q.due_on) = $5
				WHEN 'week' THEN min(q.due_on) > $5 AND min(q.due_on) <= $5 + $6::int WHEN 'running' THEN min(q.due_on) >= $5
				ELSE coalesce(min(q.due_on) >= $5, true) END))`

	// The standings, as WorkRow.Standing tells them: what is asked for begins at the requests
	// under way, what was sent back at its lines, and the others at their state.
	inState     = ` AND a.state = $2`
	nobodyAsked = ` AND (SELECT true FROM indemnity_requests q WHERE q.application_id = a.id AND q.state IN ('open', 'answered') LIMIT 1) IS NULL`
	whileAsked  = ` AND a.` + underWay + ` AND a.id = ANY (ARRAY(SELECT q.application_id FROM indemnity_requests q WHERE q.state IN ('open', 'answered') GROUP BY q.application_id
			HAVING $2 = CASE WHEN bool_and(q.state = 'answered') THEN 'answer_received' WHEN min(q.due_on) FILTER (WHERE q.state = 'open') < $5::date THEN 'term_over'
				WHEN (array_agg(q.kind ORDER BY q.asked_at DESC) FILTER (WHERE q.state = 'open'))[1] = 'regularisation' THEN 'regularisation_asked' ELSE 'supplement_asked' END))`
	linesSentBack = ` AND a.id = ANY (ARRAY(SELECT l.application_id FROM payment_lines l WHERE l.application_id IS NOT NULL AND l.order_state = 'returned'))`
	howFarPaid    = ` AND a.state = 'funded' AND $2 = coalesce((
			SELECT CASE WHEN e.payable_cents > 0 AND l.paid >= e.payable_cents THEN 'paid' WHEN l.back THEN 'payment_back' WHEN l.ordered > 0 THEN 'in_payment' END
			FROM indemnity_ranking_entries e CROSS JOIN LATERAL (SELECT ` + linesPaying + ` FROM payment_lines l WHERE l.application_id = a.id) l
			WHERE e.ranking_id = a.ranking_id AND e.application_id = a.id), 'funded')`

	casesBefore, casesAfter  = ` AND (a.submitted_at, a.id) < ($7, $8)`, ` AND (a.submitted_at, a.id) > ($7, $8)`
	newestCases, oldestCases = ` ORDER BY submitted_at DESC, id DESC`, ` ORDER BY submitted_at, id`
	newestPage, oldestPage   = newestCases + ` LIMIT 51`, oldestCases + ` LIMIT 51`
	countedPage              = newestCases + ` LIMIT 1001`
	allNewest, allOldest     = ` ORDER BY page.submitted_at DESC, page.id DESC`, ` ORDER BY page.submitted_at, page.id`

	workCases = `
		SELECT page.id, page.protocol, page.call_id, page.applicant_kind, coalesce(page.answers->>'cause', ''), page.state, page.submitted_at,
			coalesce(o.given_name || ' ' || o.family_name, ''), q.due_on, coalesce(q.kind, ''), coalesce(q.answered, false),
			EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = page.id AND d.state = 'proposed'), p.given_name || ' ' || p.family_name,
			coalesce(pay.payable_cents, 0), coalesce(pay.ordered, 0), coalesce(pay.paid, 0), coalesce(pay.back, false)
		FROM (`
	workCasesEnd = `) page JOIN persons p ON p.id = page.member_id LEFT JOIN persons o ON o.id = page.officer_id
		LEFT JOIN LATERAL (SELECT min(r.due_on) FILTER (WHERE r.state = 'open') AS due_on, bool_or(r.state = 'answered') AS answered,
				(array_agg(r.kind ORDER BY r.asked_at DESC) FILTER (WHERE r.state = 'open'))[1] AS kind
			FROM indemnity_requests r WHERE r.application_id = page.id AND r.state IN ('open', 'answered')) q ON true
		LEFT JOIN LATERAL (SELECT e.payable_cents, l.ordered, l.paid, l.back FROM indemnity_ranking_entries e
			CROSS JOIN LATERAL (SELECT ` + linesPaying + ` FROM payment_lines l WHERE l.application_id = page.id) l
			WHERE page.state = 'funded' AND e.ranking_id = page.ranking_id AND e.application_id = page.id) pay ON true`
	countCases, countEnd = `SELECT count(*) FROM (`, `) n`
)

// listedCases is which cases a list has, as statements ask for them.
type listedCases struct{ whichSQL string }

func listed(ask indemnity.Worklist) (l listedCases) {
	l.whichSQL = ofCases
	if ask.Shelf != "" {
		l.whichSQL += onShelf
	}
	if ask.Nobodys {
		l.whichSQL += ofNobody
	}
	if ask.Officer != "" {
		l.whichSQL += ofOfficer
	}
	switch ask.Kind {
	case indemnity.HeirsWork:
		l.whichSQL += ofHeirs
	case indemnity.SeriousWork:
		l.whichSQL += ofCycles
	}
	if ask.Call != "" {
		l.whichSQL += ofCall
	}
	switch ask.Standing {
	case "":
	case indemnity.SupplementAsked, indemnity.RegularisationAsked, indemnity.TermOver, indemnity.AnswerReceived:
		l.whichSQL += whileAsked
	case indemnity.CaseStanding(indemnity.Submitted), indemnity.CaseStanding(indemnity.InReview):
		l.whichSQL += inState + nobodyAsked
	case indemnity.PaymentBack:
		l.whichSQL += howFarPaid + linesSentBack
	case indemnity.CaseStanding(indemnity.Funded), indemnity.BeingPaid, indemnity.PaidWhole:
		l.whichSQL += howFarPaid
	default:
		l.whichSQL += inState
	}
	return l
}

// asked are the parameters of a list that begins at a place.
func asked(ask indemnity.Worklist, at any, id string) []any {
	return []any{string(ask.Call), string(ask.Standing), optional(ask.Officer), string(ask.Shelf), ask.Today, indemnity.WeekDays, at, id}
}

func workCaseFields(r *indemnity.WorkRow) []any {
	// As plain texts: to find out at each of hundreds what a named one is takes longer.
	return []any{(*string)(&r.ID), &r.Protocol, (*string)(&r.Call), (*string)(&r.Kind), (*string)(&r.Cause), (*string)(&r.State), &r.SubmittedAt,
		&r.Officer, &r.DueOn, (*string)(&r.Asked), &r.Answered, &r.Proposed, &r.Member,
		(*int64)(&r.Paying.Payable), (*int64)(&r.Paying.Ordered), (*int64)(&r.Paying.Paid), &r.Paying.Back}
}

func scanWorkCase(row pgx.CollectableRow) (r indemnity.WorkRow, err error) {
	return r, row.Scan(workCaseFields(&r)...)
}

// The places before the first and after the last case.
const (
	firstCase, lastCase = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
	ever, never         = "-infinity", "infinity"
)

// Worklist is a page of cases with what they may be chosen by, in one round trip with the
// entry that it was read: what is shown is in the register.
func (s *IndemnityWork) Worklist(ctx context.Context, ask indemnity.Worklist, e audit.Entry) (page indemnity.WorkPage, err error) {
	l := listed(ask)
	fromSQL, orderSQL, allSQL, at, id := casesAfter, oldestPage, allOldest, any(ever), firstCase
	if ask.Oldest == ask.Back {
		fromSQL, orderSQL, allSQL, at, id = casesBefore, newestPage, allNewest, never, lastCase
	}
	if ask.After.ID != "" {
		at, id = ask.After.At, string(ask.After.ID)
	}
	with := asked(ask, at, id)
	var batch pgx.Batch
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	batch.Queue(countCases+casePlaces+l.whichSQL+countedPage+countEnd, with...).
		QueryRow(func(row pgx.Row) error { return row.Scan(&page.Count) })
	batch.Queue(workCases+caseColumns+l.whichSQL+fromSQL+orderSQL+workCasesEnd+allSQL, with...).Query(func(rows pgx.Rows) (err error) {
		page.Rows, err = pgx.CollectRows(rows, scanWorkCase)
		return err
	})
	queueChoices(&batch, e.Actor.Person, ask.Today, &page.WorkChoices)
	if err := s.files.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return indemnity.WorkPage{}, fmt.Errorf("worklist: %w", translate(err))
	}
	if page.More = page.Count > indemnity.CountedAtMost; page.More {
		page.Count = indemnity.CountedAtMost
	}
	beyond := len(page.Rows) > indemnity.WorklistPageSize
	page.Rows = page.Rows[:min(len(page.Rows), indemnity.WorklistPageSize)]
	page.Next, page.Prior = beyond, ask.After.ID != ""
	if ask.Back {
		slices.Reverse(page.Rows)
		page.Next, page.Prior = true, beyond
	}
	return page, nil
}

// Heirs are found by their own code and name too.
const (
	foundCases    = workCases + `SELECT * FROM indemnity_applications a WHERE a.id IN (`
	foundEnd      = `)` + workCasesEnd + ` ORDER BY page.submitted_at DESC, page.id LIMIT $2`
	casesOfPeople = `SELECT m.id FROM persons q JOIN indemnity_applications m ON m.member_id = q.id WHERE `
	casesOfHeirs  = ` UNION SELECT h.application_id FROM persons q JOIN heirs h ON h.person_id = q.id AND h.removed_at IS NULL WHERE `
	withCode      = `q.fiscal_code = $1`
	withName      = `lower(q.family_name) ~>=~ lower($1) AND lower(q.family_name) ~<~ (lower($1) || chr(1114111))
			AND plain(q.given_name) LIKE (replace(replace(plain($3), '%', '\%'), '_', '\_') || '%')`
	caseByProtocol = foundCases + `SELECT m.id FROM indemnity_applications m WHERE m.protocol = $1` + foundEnd
	casesByNumber  = foundCases + `SELECT m.id FROM indemnity_applications m WHERE m.registers->'member'->>'number' = $1` + foundEnd
	casesByCode    = foundCases + casesOfPeople + withCode + casesOfHeirs + withCode + foundEnd
	casesByName    = foundCases + `(` + casesOfPeople + withName + ` LIMIT 500)` + casesOfHeirs + withName + foundEnd
)

// Search lists the cases that a quest finds, and writes that somebody looked: what they
// typed is written nowhere.
func (s *IndemnityWork) Search(ctx context.Context, ask indemnity.WorkQuest, e audit.Entry) (found []indemnity.WorkRow, err error) {
	var batch pgx.Batch
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	collect := func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanWorkCase)
		return err
	}
	switch {
	case ask.FiscalCode != "":
		batch.Queue(casesByCode, string(ask.FiscalCode), indemnity.FoundAtMost).Query(collect)
	case ask.Protocol != "":
		batch.Queue(caseByProtocol, ask.Protocol, indemnity.FoundAtMost).Query(collect)
	case ask.Number != "":
		batch.Queue(casesByNumber, ask.Number, indemnity.FoundAtMost).Query(collect)
	default:
		batch.Queue(casesByName, ask.Family, indemnity.FoundAtMost, ask.Given).Query(collect)
	}
	if err := s.files.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("search: %w", translate(err))
	}
	return found, nil
}
