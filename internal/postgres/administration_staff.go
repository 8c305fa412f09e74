package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/office"
	"portal/internal/once"
)

// Staff is the office.StaffStore.
type Staff struct {
	pool *pgxpool.Pool
}

// NewStaff is the store on a pool.
func NewStaff(pool *pgxpool.Pool) *Staff { return &Staff{pool} }

const (
	grantColumns = `g.id, g.person_id, g.role, g.duty, lower(g.during), upper(g.during) - 1, g.proposal_id,
		g.ended_by, coalesce(y.given_name || ' ' || y.family_name, ''), g.ended_at, g.ended_why`
	grantFrom = ` FROM role_grants g LEFT JOIN persons y ON y.id = g.ended_by WHERE g.role IN ('inps', 'cnop', 'welfare', 'oversight')`

	grantsOf  = `SELECT ` + grantColumns + grantFrom + ` AND g.person_id = ANY ($1) ORDER BY g.ended_at IS NOT NULL, upper(g.during) DESC NULLS FIRST, lower(g.during) DESC, g.id`
	grantByID = `SELECT ` + grantColumns + grantFrom + ` AND g.id = $1`

	proposalColumns = `o.id, o.role, o.duty, o.from_day, o.until_day, o.grounds, o.proposed_by, a.given_name || ' ' || a.family_name, o.proposed_at,
		o.state, o.decided_by, coalesce(d.given_name || ' ' || d.family_name, ''), o.decided_at, o.why, ` + personColumns
	proposalFrom = ` FROM grant_proposals o JOIN persons p ON p.id = o.person_id JOIN persons a ON a.id = o.proposed_by LEFT JOIN persons d ON d.id = o.decided_by`

	proposalByID  = `SELECT ` + proposalColumns + proposalFrom + ` WHERE o.id = $1`
	proposalsOf   = `SELECT ` + proposalColumns + proposalFrom + ` WHERE o.person_id = $1 ORDER BY o.proposed_at DESC, o.id`
	proposalsOpen = `SELECT ` + proposalColumns + proposalFrom + ` WHERE o.state = 'proposed' ORDER BY o.proposed_at, o.id`

	staffPeople = `
		WITH people AS (
			SELECT g.person_id, coalesce(bool_or(g.ended_at IS NULL AND (upper_inf(g.during) OR upper(g.during) > $1::date)), false) AS serving
			FROM role_grants g JOIN persons p ON p.id = g.person_id
			WHERE g.role IN ('inps', 'cnop', 'welfare', 'oversight') AND ($2 = '' OR g.role = $2)
				AND ($6 = '' OR p.fiscal_code = upper($6) OR plain(p.given_name || ' ' || p.family_name || ' ' || p.given_name) LIKE ` + partOfName + `)
			GROUP BY g.person_id)`
	staffCounts = staffPeople + ` SELECT count(*) FILTER (WHERE serving), count(*) FILTER (WHERE NOT serving) FROM people WHERE $3 <> '' AND $4 > 0 AND $5 >= 0`
	staffRows   = staffPeople + `
		SELECT (SELECT max(a.at) FROM audit a WHERE a.person_id = p.id AND a.action IN ('login.started', 'login.profile_chosen')), ` + personColumns + `
		FROM people s JOIN persons p ON p.id = s.person_id WHERE s.serving = ($3 = 'serving')
		ORDER BY p.family_name, p.given_name, p.id LIMIT $4 OFFSET $5`
)

func scanGrant(row pgx.CollectableRow) (g office.Grant, err error) {
	err = row.Scan(&g.ID, &g.Person, &g.Office, &g.Duty, &g.From, &g.Until, (*nullText)(&g.Proposal),
		(*nullText)(&g.Ended.Person), &g.Ended.Name, (*zeronull.Timestamptz)(&g.Ended.At), &g.Why)
	return g, err
}

func scanProposal(row pgx.CollectableRow) (p office.Proposal, err error) {
	into := []any{&p.ID, &p.Office, &p.Duty, &p.From, &p.Until, &p.Grounds, &p.Proposed.Person, &p.Proposed.Name, &p.Proposed.At,
		&p.State, (*nullText)(&p.Decided.Person), &p.Decided.Name, (*zeronull.Timestamptz)(&p.Decided.At), &p.Why}
	return p, row.Scan(append(into, personFields(&p.Person)...)...)
}

func grantsAmong(ctx context.Context, db DB, people ...string) ([]office.Grant, error) {
	rows, _ := db.Query(ctx, grantsOf, people)
	return pgx.CollectRows(rows, scanGrant)
}

// Staff is a page of the people who have or had a role in an office.
func (s *Staff) Staff(ctx context.Context, ask office.StaffList) (page office.StaffPage, err error) {
	page.Counts = map[office.Shelf]int{}
	filter := []any{ask.Today, string(ask.Office), string(ask.Shelf), office.StaffPerPage, max(ask.Page-1, 0) * office.StaffPerPage, ask.Sought}
	var serving, left int
	var batch pgx.Batch
	batch.Queue(staffCounts, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&serving, &left) })
	batch.Queue(staffRows, filter...).Query(func(rows pgx.Rows) (err error) {
		page.Colleagues, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c office.Colleague, err error) {
			return c, row.Scan(append([]any{(*zeronull.Timestamptz)(&c.LastSeen)}, personFields(&c.Person)...)...)
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return page, fmt.Errorf("staff: %w", translate(err))
	}
	page.Counts[office.InService], page.Counts[office.Left] = serving, left
	page.Total = page.Counts[ask.Shelf]
	ids := make([]string, len(page.Colleagues))
	for i, c := range page.Colleagues {
		ids[i] = string(c.Person.ID)
	}
	grants, err := grantsAmong(ctx, s.pool, ids...)
	if err != nil {
		return page, fmt.Errorf("roles of the staff: %w", translate(err))
	}
	for i := range page.Colleagues {
		c := &page.Colleagues[i]
		for _, g := range grants {
			if g.Person == c.Person.ID && (ask.Shelf == office.Left || !g.Over(ask.Today)) {
				c.Grants = append(c.Grants, g)
			}
		}
	}
	return page, nil
}

// Card is somebody's roles and the proposals made for them.
func (s *Staff) Card(ctx context.Context, id identity.PersonID) (c office.Card, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT (SELECT max(a.at) FROM audit a WHERE a.person_id = p.id AND a.action IN ('login.started', 'login.profile_chosen')), `+personColumns+`
		FROM persons p WHERE p.id = $1 AND (EXISTS (SELECT FROM grant_proposals o WHERE o.person_id = p.id)
			OR EXISTS (SELECT FROM role_grants g WHERE g.person_id = p.id AND g.role IN ('inps', 'cnop', 'welfare', 'oversight')))`, string(id)).
		QueryRow(func(row pgx.Row) error {
			return row.Scan(append([]any{(*zeronull.Timestamptz)(&c.LastSeen)}, personFields(&c.Person)...)...)
		})
	queueStanding(&batch, id, &c.Standing)
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return office.Card{}, fmt.Errorf("roles of a person: %w", translate(err))
	}
	return c, nil
}

func queueStanding(batch *pgx.Batch, id identity.PersonID, into *office.Standing) {
	batch.Queue(grantsOf, []string{string(id)}).Query(func(rows pgx.Rows) (err error) {
		into.Grants, err = pgx.CollectRows(rows, scanGrant)
		return err
	})
	batch.Queue(proposalsOf, string(id)).Query(func(rows pgx.Rows) (err error) {
		into.Proposals, err = pgx.CollectRows(rows, scanProposal)
		return err
	})
}

// Open lists the proposals that wait for a second person.
func (s *Staff) Open(ctx context.Context) ([]office.Proposal, error) {
	rows, _ := s.pool.Query(ctx, proposalsOpen)
	all, err := pgx.CollectRows(rows, scanProposal)
	if err != nil {
		return nil, fmt.Errorf("proposed roles: %w", translate(err))
	}
	return all, nil
}

// Administrators counts who administers on a day.
func (s *Staff) Administrators(ctx context.Context, on calendar.Date) (n int, err error) {
	err = s.pool.QueryRow(ctx, `SELECT count(DISTINCT person_id) FROM role_grants WHERE duty = 'administer' AND during @> $1::date`, on).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("administrators: %w", translate(err))
	}
	return n, nil
}

// Proposal is one of all that were made.
func (s *Staff) Proposal(ctx context.Context, id office.ProposalID) (office.Proposal, error) {
	return proposalWith(ctx, s.pool, id)
}

func proposalWith(ctx context.Context, db DB, id office.ProposalID) (office.Proposal, error) {
	rows, _ := db.Query(ctx, proposalByID, string(id))
	p, err := pgx.CollectExactlyOneRow(rows, scanProposal)
	if err != nil {
		return p, fmt.Errorf("proposed role: %w", translate(err))
	}
	return p, nil
}

func grantWith(ctx context.Context, db DB, id office.GrantID) (office.Grant, error) {
	rows, _ := db.Query(ctx, grantByID, string(id))
	g, err := pgx.CollectExactlyOneRow(rows, scanGrant)
	if err != nil {
		return g, fmt.Errorf("role: %w", translate(err))
	}
	return g, nil
}

// Named is somebody by fiscal code.
func (s *Staff) Named(ctx context.Context, code identity.FiscalCode) (p identity.Person, err error) {
	if err = s.pool.QueryRow(ctx, `SELECT `+personColumns+` FROM persons p WHERE p.fiscal_code = $1`, string(code)).Scan(personFields(&p)...); err != nil {
		return p, fmt.Errorf("person: %w", translate(err))
	}
	return p, nil
}

// See writes that somebody looked.
func (s *Staff) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// roleStanding locks somebody and reads what they are and what was proposed for them.
func roleStanding(ctx context.Context, tx pgx.Tx, id identity.PersonID) (has office.Standing, err error) {
	if err := tx.QueryRow(ctx, `SELECT `+personColumns+` FROM persons p WHERE p.id = $1 FOR NO KEY UPDATE`, string(id)).Scan(personFields(&has.Person)...); err != nil {
		return has, err
	}
	var batch pgx.Batch
	queueStanding(&batch, id, &has)
	return has, tx.SendBatch(ctx, &batch).Close()
}

// grantFaults are the refusals that the database gives in its own words.
var grantFaults = map[string]error{
	"post_is_proposed_once":                      office.ErrProposedTwice,
	"role_is_granted_once_at_a_time":             office.ErrHolds,
	"nobody_holds_roles_that_exclude_each_other": office.ErrExcluded,
	"nobody_audits_what_they_administer":         office.ErrExcluded,
	"nobody_proposes_a_grant_to_themselves":      office.ErrOwn,
	"nobody_decides_their_own_grant":             office.ErrOwn,
	"nobody_confirms_a_grant_they_proposed":      office.ErrSecondPerson,
	"grant_proposal_is_decided_once":             office.ErrDecided,
}

// Propose finds or keeps somebody, locks them, asks for a proposal and saves it.
func (s *Staff) Propose(ctx context.Context, form once.Form, of office.Candidate, e audit.Entry, decide func(office.Standing) (office.Proposal, error)) (office.ProposalID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var person identity.PersonID
		if err := tx.QueryRow(ctx, `
			WITH made AS (
				INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ($1, $2, $3) ON CONFLICT (fiscal_code) DO NOTHING RETURNING id)
			SELECT id FROM made UNION ALL SELECT id FROM persons WHERE fiscal_code = $1 LIMIT 1`,
			string(of.Code), of.Given, of.Family).Scan(&person); err != nil {
			return "", err
		}
		has, err := roleStanding(ctx, tx, person)
		if err != nil {
			return "", err
		}
		p, err := decide(has)
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO grant_proposals (id, person_id, role, duty, from_day, until_day, grounds, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, string(p.ID), string(person), string(p.Office), string(p.Duty), p.From, p.Until,
			p.Grounds, string(p.Proposed.Person), p.Proposed.At); err != nil {
			return "", err
		}
		e.Subject, e.About = string(p.ID), person
		return string(p.ID), write(ctx, tx, e)
	})
	return office.ProposalID(id), refusedBy(grantFaults, "propose a role", err)
}

// Decide locks the person of a proposal and saves what becomes of it.
func (s *Staff) Decide(ctx context.Context, form once.Form, id office.ProposalID, e audit.Entry, decide func(office.Standing, office.Proposal) (office.Proposal, *office.Grant, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		p, err := proposalWith(ctx, tx, id)
		if err != nil {
			return "", err
		}
		has, err := roleStanding(ctx, tx, p.Person.ID)
		if err != nil {
			return "", err
		}
		if p, err = proposalWith(ctx, tx, id); err != nil { // as it is now that nobody else can decide
			return "", err
		}
		p, grant, err := decide(has, p)
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE grant_proposals SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1`,
			string(id), string(p.State), string(p.Decided.Person), p.Decided.At, p.Why); err != nil {
			return "", err
		}
		if grant != nil {
			if _, err := tx.Exec(ctx, `INSERT INTO role_grants (id, person_id, role, duty, during, proposal_id) VALUES ($1, $2, $3, $4, daterange($5, $6, '[]'), $7)`,
				string(grant.ID), string(grant.Person), string(grant.Office), string(grant.Duty), grant.From, grant.Until, string(grant.Proposal)); err != nil {
				return "", err
			}
		}
		e.About = p.Person.ID
		return string(id), tell(ctx, tx, e)
	})
	return refusedBy(grantFaults, "decide on a role", err)
}

// End locks a grant and all that make somebody an administrator, and saves how it ends.
func (s *Staff) End(ctx context.Context, form once.Form, id office.GrantID, e audit.Entry, decide func(office.Grant, int) (office.Grant, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		today := calendar.On(e.At)
		rows, _ := tx.Query(ctx, `SELECT g.person_id FROM role_grants g
			WHERE g.id = $1 OR g.duty = 'administer' AND g.during @> $2::date ORDER BY g.id FOR UPDATE`, string(id), today)
		people, err := pgx.CollectRows(rows, pgx.RowTo[identity.PersonID])
		if err != nil {
			return "", err
		}
		g, err := grantWith(ctx, tx, id)
		if err != nil {
			return "", err
		}
		others := map[identity.PersonID]bool{}
		for _, p := range people {
			if p != g.Person {
				others[p] = true
			}
		}
		if g, err = decide(g, len(others)); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE role_grants SET during = during * daterange(NULL, $2), ended_by = $3, ended_at = $4, ended_why = $5 WHERE id = $1`,
			string(id), today, string(g.Ended.Person), g.Ended.At, g.Why); err != nil {
			return "", err
		}
		e.About = g.Person
		return string(id), tell(ctx, tx, e)
	})
	return refusedBy(grantFaults, "take a role away", err)
}

// tell appends an entry to the register, with the job that tells people of it where
// somebody is told.
func tell(ctx context.Context, db DB, e audit.Entry) error {
	if !notify.Told(e.Action) {
		return write(ctx, db, e)
	}
	if _, err := db.Exec(ctx, tellEntry, entryValues(ctx, e)...); err != nil {
		return fmt.Errorf("write %s: %w", e.Action, translate(err))
	}
	return nil
}
