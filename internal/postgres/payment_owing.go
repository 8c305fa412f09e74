package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/identity"
	"portal/internal/payment"
)

// What is owed for applications for the indemnity is read by these, and shared out by
// payment.Owing: of the publication in force, as it was frozen, and never reckoned anew.
const (
	owingColumns = `
	SELECT a.id, a.protocol, coalesce(a.ranking_id::text, ''), x.gross, x.tax, x.debts, coalesce(e.rate, 0), r.published_at,
		p.id, p.given_name || ' ' || p.family_name, a.died_on IS NOT NULL, a.applicant_kind = 'heirs', coalesce(a.sender_id::text, ''),
		coalesce(a.answers->>'iban', ''), coalesce(nullif(a.answers->>'holder', ''), p.given_name || ' ' || p.family_name), a.submitted_at,
		v.verdict IS DISTINCT FROM 'not_met', coalesce(d.proposed_at, 'epoch'), coalesce(d.decided_by::text, ''), coalesce(d.decided_at, 'epoch'),
		CASE
			WHEN EXISTS (SELECT FROM indemnity_decisions w WHERE w.application_id = a.id AND w.state = 'proposed') THEN 'decision'
			WHEN EXISTS (SELECT FROM successions s WHERE s.application_id = a.id AND s.state = 'proposed') THEN 'heirs'
			ELSE '' END
	FROM indemnity_applications a JOIN persons p ON p.id = a.member_id
	LEFT JOIN indemnity_rankings r ON r.id = a.ranking_id
	LEFT JOIN indemnity_ranking_entries e ON e.ranking_id = a.ranking_id AND e.application_id = a.id
	CROSS JOIN LATERAL (
		SELECT CASE WHEN o.owes THEN e.funded_cents ELSE 0 END AS gross, CASE WHEN o.owes THEN e.funded_cents - e.funded_net_cents ELSE 0 END AS tax,
			CASE WHEN o.owes THEN e.set_off_cents ELSE 0 END AS debts
		FROM (SELECT a.state = 'funded' AND NOT coalesce(e.revoked, true) AS owes) o) x
	LEFT JOIN LATERAL (SELECT f.verdict FROM indemnity_findings f WHERE f.application_id = a.id AND f.check_name = 'iban' ORDER BY f.id DESC LIMIT 1) v ON true
	LEFT JOIN LATERAL (SELECT m.proposed_at, m.decided_by, m.decided_at FROM indemnity_decisions m
		WHERE m.application_id = a.id AND m.state = 'approved' AND m.to_state = 'suitable' ORDER BY m.decided_at DESC LIMIT 1) d ON true `
	owingOfCase = owingColumns + `WHERE a.id = $1`
	// owingOfCall are those that are not paid yet, as far as they can be; owingAnywhere of
	// every call.
	owingAnywhere = owingColumns + `
		WHERE a.state = 'funded' AND NOT e.revoked AND e.payable_cents > (
			SELECT coalesce(sum(l.amount_cents), 0) FROM payment_lines l WHERE l.application_id = a.id AND l.order_state IN ('frozen', 'sent', 'paid'))`
	owingOfCall = owingAnywhere + ` AND a.call_id = $1 ORDER BY a.protocol`
	owingHeirs  = `
	SELECT h.application_id, h.id, p.id, h.given_name || ' ' || h.family_name, h.share_part, h.share_whole, h.iban, greatest(h.added_at, h.signed_at)
	FROM heirs h JOIN persons p ON p.fiscal_code = h.fiscal_code WHERE h.application_id = ANY ($1) AND h.removed_at IS NULL ORDER BY h.added_at, h.id`
	owingLines = `
	SELECT l.application_id, coalesce(l.heir_id::text, ''), l.order_state IN ('frozen', 'sent', 'paid'), max(l.id),
		sum(l.gross_cents)::bigint, sum(l.withholding_cents)::bigint, sum(l.set_off_cents)::bigint
	FROM payment_lines l WHERE l.application_id = ANY ($1) AND l.order_state <> 'released' GROUP BY 1, 2, 3`
	owingAccounts = `
	SELECT application_id, coalesce(heir_id::text, ''), id, iban, holder, state, coalesce(given_by::text, ''), given_at, usable_from, coalesce(decided_by::text, ''), decided_at, reason
	FROM case_accounts WHERE application_id = ANY ($1) AND state <> 'replaced' ORDER BY given_at, state = 'rejected' DESC, id`
)

// owed is an application with what is paid of it, as it is read.
type owed struct {
	payment.Owing
	member    identity.PersonID
	sender    identity.PersonID
	rate      int
	published time.Time
	heirs     bool // the member has died
	byHeirs   bool // who applied
	checked   bool // what it said of an account
	decidedOn time.Time
	declared  payment.CaseAccount // of the member
}

// of finds who is paid, by the heir's id, "" for the member: what is in payments to anybody
// else is gone.
func (o *owed) of(heir string) *payment.Payee {
	for i := range o.Payees {
		if o.Payees[i].Heir == heir {
			return &o.Payees[i]
		}
	}
	return nil
}

func owings(ctx context.Context, db DB, sql string, args ...any) ([]owed, error) {
	rows, _ := db.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, scanOwed)
	if err != nil || len(all) == 0 {
		return nil, translate(err)
	}
	ids, byID := make([]string, len(all)), make(map[string]*owed, len(all))
	for i := range all {
		ids[i], byID[all[i].Application] = all[i].Application, &all[i]
	}
	if err := addHeirs(ctx, db, ids, byID); err != nil {
		return nil, err
	}
	if err := addPaid(ctx, db, ids, byID); err != nil {
		return nil, err
	}
	return all, addAccounts(ctx, db, ids, byID)
}

func scanOwed(row pgx.CollectableRow) (o owed, err error) {
	var name, hold string
	d := &o.declared
	err = row.Scan(&o.Application, &o.Protocol, &o.Ranking, (*int64)(&o.Gross), (*int64)(&o.Withholding), (*int64)(&o.SetOff), &o.rate, (*zeronull.Timestamptz)(&o.published),
		&o.member, &name, &o.heirs, &o.byHeirs, &o.sender, &d.IBAN, &d.Holder, &d.GivenAt, &o.checked, &o.decidedOn, &d.DecidedBy, &d.DecidedAt, &hold)
	if o.Hold = payment.Hold(hold); o.heirs {
		return o, err
	}
	if d.UsableFrom = d.GivenAt; d.IBAN != "" && o.checked {
		if d.State = payment.ToVerify; d.DecidedBy != "" {
			d.State = payment.Verified // with all that was found in order
		}
	}
	o.Payees = []payment.Payee{{Person: o.member, Name: name, Part: 1, Whole: 1, Account: o.declared}}
	return o, err
}

// addHeirs puts the heirs in the place of a member who has died. What they said of their
// accounts before their application was found in order was looked at with it.
func addHeirs(ctx context.Context, db DB, ids []string, byID map[string]*owed) error {
	rows, _ := db.Query(ctx, owingHeirs, ids)
	var of string
	var p payment.Payee
	var said time.Time
	_, err := pgx.ForEachRow(rows, []any{&of, &p.Heir, &p.Person, &p.Name, &p.Part, &p.Whole, &p.Account.IBAN, &said}, func() error {
		o := byID[of]
		a := payment.CaseAccount{IBAN: p.Account.IBAN, Holder: p.Name, GivenAt: said, UsableFrom: said}
		switch {
		case a.IBAN == "":
			a = payment.CaseAccount{}
		case o.byHeirs && o.checked && o.declared.DecidedBy != "" && !said.After(o.decidedOn):
			a.State, a.DecidedBy, a.DecidedAt = payment.Verified, o.declared.DecidedBy, o.declared.DecidedAt
		default:
			a.State = payment.ToVerify
		}
		p.Account = a
		o.Payees = append(o.Payees, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("heirs who are paid: %w", translate(err))
	}
	for _, o := range byID {
		if len(o.Payees) == 0 { // nobody is named yet: what is owed stands with who has died
			o.Payees, o.Hold = []payment.Payee{{Person: o.member, Name: o.declared.Holder, Part: 1, Whole: 1}}, payment.HeldByHeirs
		}
	}
	return nil
}

func addPaid(ctx context.Context, db DB, ids []string, byID map[string]*owed) error {
	rows, _ := db.Query(ctx, owingLines, ids)
	var of, heir string
	var live bool
	var last int64
	var parts payment.Parts
	back := map[string]int64{} // lines to members that came back, by application
	_, err := pgx.ForEachRow(rows, []any{&of, &heir, &live, &last, (*int64)(&parts.Gross), (*int64)(&parts.Withholding), (*int64)(&parts.SetOff)}, func() error {
		o := byID[of]
		p := o.of(heir)
		switch {
		case live && p != nil && (heir != "" || !o.heirs):
			p.Live = parts
		case live:
			o.Gone.Gross, o.Gone.Withholding, o.Gone.SetOff = o.Gone.Gross+parts.Gross, o.Gone.Withholding+parts.Withholding, o.Gone.SetOff+parts.SetOff
		case p != nil:
			p.Repairs = last
		case heir == "":
			back[of] = last
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("what was paid of applications: %w", translate(err))
	}
	for id, line := range back { // heirs make good what came back from the member
		for i := range byID[id].Payees {
			if p := &byID[id].Payees[i]; p.Repairs == 0 {
				p.Repairs = line
			}
		}
	}
	return nil
}

// addAccounts has what was given later, or judged, go before what the application named.
func addAccounts(ctx context.Context, db DB, ids []string, byID map[string]*owed) error {
	rows, _ := db.Query(ctx, owingAccounts, ids)
	var of, heir string
	var a payment.CaseAccount
	_, err := pgx.ForEachRow(rows, []any{&of, &heir, &a.ID, &a.IBAN, &a.Holder, &a.State, &a.GivenBy, &a.GivenAt, &a.UsableFrom, &a.DecidedBy, (*zeronull.Timestamptz)(&a.DecidedAt), &a.Reason}, func() error {
		if p := byID[of].of(heir); p != nil && (a.State.Live() || p.Account.ID == "" || !p.Account.State.Live()) {
			p.Account = a
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("accounts of applications: %w", translate(err))
	}
	return nil
}

// owedOfCall is what a call owes, to whom, and what holds each.
func owedOfCall(ctx context.Context, db DB, call string, now time.Time, do func(o *owed, due payment.Owed)) error {
	all, err := owings(ctx, db, owingOfCall, call)
	if err != nil {
		return fmt.Errorf("what is owed by a call: %w", err)
	}
	for i := range all {
		for _, due := range all[i].Owed(now) {
			do(&all[i], due)
		}
	}
	return nil
}

// CallsOwing are the calls that have not paid all they owe, the last first.
func (s *PaymentRuns) CallsOwing(ctx context.Context) ([]payment.CallOwing, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT a.call_id, count(*), sum(e.payable_cents - coalesce(l.cents, 0))::bigint
		FROM indemnity_applications a JOIN indemnity_ranking_entries e ON e.ranking_id = a.ranking_id AND e.application_id = a.id
		LEFT JOIN (
			SELECT application_id, sum(amount_cents) AS cents FROM payment_lines
			WHERE application_id IS NOT NULL AND order_state IN ('frozen', 'sent', 'paid') GROUP BY application_id) l ON l.application_id = a.id
		WHERE a.state = 'funded' AND NOT e.revoked AND e.payable_cents > coalesce(l.cents, 0)
		GROUP BY a.call_id ORDER BY a.call_id DESC`)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payment.CallOwing])
	if err != nil {
		return nil, fmt.Errorf("calls that owe: %w", translate(err))
	}
	return all, nil
}

// caseTotals is what is due by the ranking of a call, payable or held.
func (s *PaymentRuns) caseTotals(ctx context.Context, call string, now time.Time) ([]payment.DueTotal, error) {
	sums := map[payment.Hold]*payment.DueTotal{}
	var all []payment.DueTotal
	err := owedOfCall(ctx, s.pool, call, now, func(_ *owed, due payment.Owed) {
		sum := sums[due.Hold]
		if sum == nil {
			sum = &payment.DueTotal{Edition: call, Hold: due.Hold}
			sums[due.Hold] = sum
		}
		sum.Lines, sum.Payees, sum.Amount = sum.Lines+1, sum.Payees+1, sum.Amount+due.Net()
		sum.Of = sum.Of.Plus(due.Parts)
	})
	for _, hold := range append([]payment.Hold{""}, payment.Indemnity.Holds()...) {
		if sum := sums[hold]; sum != nil {
			all = append(all, *sum)
		}
	}
	return all, err
}

// caseHeld is a page of what is held by the ranking of a call.
func (s *PaymentRuns) caseHeld(ctx context.Context, call string, now time.Time, why payment.Hold, page, size int) ([]payment.HeldClaim, error) {
	var all []payment.HeldClaim
	err := owedOfCall(ctx, s.pool, call, now, func(o *owed, due payment.Owed) {
		if due.Hold != "" && (why == "" || due.Hold == why) {
			all = append(all, payment.HeldClaim{Payee: due.Payee.Name, Number: o.Protocol, ReceivedAt: o.published, Amount: due.Net(), Hold: due.Hold, Application: o.Application})
		}
	})
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))], err
}
