package postgres

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/identity"
)

const (
	// caseOfSubject is the case that the subject of an entry a is, or is of.
	caseOfSubject = `
		SELECT id, protocol FROM applications WHERE id = a.subject_id
		UNION ALL SELECT p.id, p.protocol FROM vouchers v JOIN applications p ON p.id = v.application_id WHERE v.id = a.subject_id
		UNION ALL SELECT p.id, p.protocol FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications p ON p.id = v.application_id WHERE b.id = a.subject_id
		UNION ALL SELECT p.id, p.protocol FROM reexaminations x JOIN applications p ON p.id = x.application_id WHERE x.id = a.subject_id
		UNION ALL SELECT id, protocol FROM indemnity_applications WHERE id = a.subject_id
		UNION ALL SELECT p.id, p.protocol FROM indemnity_requests x JOIN indemnity_applications p ON p.id = x.application_id WHERE x.id = a.subject_id
		UNION ALL SELECT p.id, p.protocol FROM indemnity_reexaminations x JOIN indemnity_applications p ON p.id = x.application_id WHERE x.id = a.subject_id
		LIMIT 1`
	// changesTold is what the act of an entry a changed, alike ones together, officers by
	// their name.
	changesTold = `(
		SELECT coalesce(jsonb_agg(jsonb_build_object('thing', thing, 'field', field, 'before', coalesce(before, ''), 'after', coalesce(after, ''), 'times', times) ORDER BY first), '[]')
		FROM (SELECT thing, field, count(*) AS times, min(id) AS first,
				CASE WHEN field = 'officer_id' THEN (SELECT given_name || ' ' || family_name FROM persons p WHERE p.id = c.before::uuid) ELSE before END AS before,
				CASE WHEN field = 'officer_id' THEN (SELECT given_name || ' ' || family_name FROM persons p WHERE p.id = c.after::uuid) ELSE after END AS after
			FROM (` + changesOf + `) c GROUP BY thing, field, c.before, c.after) told)`
)

// registerLines are the entries that a search asks for, from the newest.
const registerLines = `
	SELECT a.id, a.at, a.action, a.role, coalesce(p.id::text, ''), coalesce(p.given_name, ''), coalesce(p.family_name, ''),
		CASE WHEN a.for_id <> a.person_id THEN f.given_name || ' ' || f.family_name ELSE '' END,
		coalesce(b.id::text, ''), coalesce(b.given_name, ''), coalesce(b.family_name, ''), coalesce(a.subject_id::text, ''), a.request_id,
		a.from_address, EXISTS (SELECT FROM audit_links l WHERE l.entry_id = a.id), k.id::text, k.protocol, ` + changesTold + `, d.ground, d.reason
	FROM audit a LEFT JOIN LATERAL (` + caseOfSubject + `) k ON true LEFT JOIN persons p ON p.id = a.person_id LEFT JOIN persons f ON f.id = a.for_id LEFT JOIN persons b ON b.id = a.about_id
		LEFT JOIN disclosures d ON d.entry_id = a.id
	WHERE ($1::uuid IS NULL OR a.person_id = $1) AND ($2::uuid IS NULL OR a.about_id = $2) AND ($3 = '' OR a.action = $3) AND ($4 = '' OR a.role = $4)
		AND ($9::uuid IS NULL OR a.subject_id = $9) AND ($5::timestamptz IS NULL OR a.at >= $5) AND ($6::timestamptz IS NULL OR a.at < $6) AND ($7::bigint = 0 OR a.id < $7)
	ORDER BY a.id DESC LIMIT $8`

// Lines are entries from the newest, so many at most. The plan is made for what is asked.
func (s *Register) Lines(ctx context.Context, ask auditor.Search, most int) ([]auditor.Line, error) {
	var from, to any
	if !ask.From.IsZero() {
		from = ask.From.Start()
	}
	if !ask.To.IsZero() {
		to = ask.To.End()
	}
	rows, _ := s.pool.Query(ctx, registerLines, pgx.QueryExecModeCacheDescribe, optional(ask.Who), optional(ask.About), string(ask.Action), string(ask.Role),
		from, to, ask.Before, most, optional(ask.Thing))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l auditor.Line, err error) {
		var address *netip.Addr
		if err := row.Scan(&l.ID, &l.At, &l.Action, &l.Role, &l.Who.ID, &l.Who.GivenName, &l.Who.FamilyName, &l.For,
			&l.About.ID, &l.About.GivenName, &l.About.FamilyName, &l.Subject, &l.Request, &address, &l.Sealed,
			(*nullText)(&l.File), (*nullText)(&l.Number), &l.Changes, (*nullText)(&l.Why.Ground), (*nullText)(&l.Why.Text)); err != nil || address == nil {
			return l, err
		}
		l.Address = *address
		return l, nil
	})
	if err != nil {
		return nil, fmt.Errorf("search the register: %w", translate(err))
	}
	return all, nil
}

// People are those who are meant by a fiscal code or a name, so many at most.
func (s *Register) People(ctx context.Context, text string, most int) ([]identity.Person, error) {
	code, err := identity.ParseFiscalCode(text)
	if err != nil {
		code = ""
	}
	rows, _ := s.pool.Query(ctx, `
		SELECT id, fiscal_code, given_name, family_name FROM persons
		WHERE CASE WHEN $1 <> '' THEN fiscal_code = $1 ELSE length($2) > 2 AND plain(given_name || ' ' || family_name || ' ' || given_name) LIKE '%' || regexp_replace(plain($2), '([\\%_])', '\\\1', 'g') || '%' END
		ORDER BY family_name, given_name, id LIMIT $3`, string(code), strings.Join(strings.Fields(text), " "), most)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[identity.Person])
	if err != nil {
		return nil, fmt.Errorf("people of the register: %w", translate(err))
	}
	return all, nil
}

// Person is somebody; fault.ErrNotFound.
func (s *Register) Person(ctx context.Context, id identity.PersonID) (p identity.Person, err error) {
	rows, _ := s.pool.Query(ctx, `SELECT id, fiscal_code, given_name, family_name FROM persons WHERE id = $1`, string(id))
	if p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[identity.Person]); err != nil {
		return p, fmt.Errorf("person: %w", translate(err))
	}
	return p, nil
}

// Write appends to the register.
func (s *Register) Write(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
