package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// CaseFiles is the indemnity.ApplicationStore.
type CaseFiles struct {
	pool  *pgxpool.Pool
	calls *Calls
}

// NewCaseFiles is the store on a pool.
func NewCaseFiles(pool *pgxpool.Pool) *CaseFiles { return &CaseFiles{pool, NewCalls(pool)} }

const (
	caseFiles = `
		SELECT a.id, a.protocol, a.call_id, a.call_version, a.applicant_kind, a.channel, coalesce(a.sender_id::text, ''), a.submitted_at, a.term_ended_on,
			a.answers, a.declarations, a.registers, a.digest, a.check_code, a.died_on, a.state, a.withdrawn_at, coalesce(a.officer_id::text, ''), a.version,
			c.version, o.published_at, coalesce(x.reason, ''), ` + personColumns + `
		FROM indemnity_applications a JOIN persons p ON p.id = a.member_id JOIN calls c ON c.id = a.call_id
		LEFT JOIN indemnity_rankings o ON o.call_id = a.call_id AND o.state = 'published' AND a.ranking_id IS NULL AND a.state IN ('submitted', 'in_review', 'suitable')
		LEFT JOIN indemnity_exclusions x ON x.application_id = a.id AND x.lifted_at IS NULL AND o.id IS NOT NULL `
	caseFileByID = caseFiles + `WHERE a.id = $1`
	caseFilesOf  = caseFiles + `WHERE a.id IN (SELECT m.id FROM indemnity_applications m WHERE m.member_id = $1
			UNION SELECT h.application_id FROM heirs h WHERE h.person_id = $1 AND h.linked_at IS NOT NULL AND h.removed_at IS NULL) ORDER BY a.submitted_at DESC, a.id`
	caseFilesAsked  = caseFiles + `WHERE a.state IN ('submitted', 'in_review') AND a.id IN (SELECT q.application_id FROM indemnity_requests q WHERE q.state = 'open' AND q.due_on >= $1) ORDER BY a.submitted_at, a.id`
	lockApplication = `SELECT FROM indemnity_applications WHERE id = $1 FOR NO KEY UPDATE`
)

// CaseFile is a case with all that belongs to it.
func (s *CaseFiles) CaseFile(ctx context.Context, id indemnity.CaseID) (indemnity.CaseFile, error) {
	return s.one(ctx, s.pool, id)
}

func (s *CaseFiles) one(ctx context.Context, db DB, id indemnity.CaseID) (indemnity.CaseFile, error) {
	all, err := s.cases(ctx, db, caseFileByID, string(id))
	if err == nil && len(all) == 0 {
		err = fault.ErrNotFound
	}
	if err != nil {
		return indemnity.CaseFile{}, fmt.Errorf("case: %w", err)
	}
	return all[0], nil
}

// CasesOf are those of which somebody is the member, or an heir who has linked
// themselves, last sent first.
func (s *CaseFiles) CasesOf(ctx context.Context, person identity.PersonID) ([]indemnity.CaseFile, error) {
	all, err := s.cases(ctx, s.pool, caseFilesOf, string(person))
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	return all, nil
}

// cases reads cases with their papers, requests, heirs and rules.
func (s *CaseFiles) cases(ctx context.Context, db DB, sql string, args ...any) ([]indemnity.CaseFile, error) {
	rows, _ := db.Query(ctx, sql, args...)
	var inForce []int
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c indemnity.CaseFile, err error) {
		var digest []byte
		var version int
		var out time.Time
		var why string
		err = row.Scan(append([]any{&c.ID, &c.Protocol, &c.Call, &c.CallVersion, &c.Kind, &c.Channel, &c.Sender, &c.SubmittedAt, &c.TermEndedOn,
			&c.Answers, &c.Declarations, &c.Registers, &digest, &c.CheckCode, &c.DiedOn, &c.State, (*zeronull.Timestamptz)(&c.WithdrawnAt), &c.Officer, &c.Version,
			&version, (*zeronull.Timestamptz)(&out), &why}, personFields(&c.Member)...)...)
		copy(c.Digest[:], digest)
		if !out.IsZero() {
			c.LeftOut = &indemnity.LeftOut{On: calendar.On(out), Why: why}
		}
		inForce = append(inForce, version)
		return c, err
	})
	if err != nil || len(all) == 0 {
		return nil, translate(err)
	}
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = string(c.ID)
	}
	papers, err := casePapers(ctx, db, ids...)
	if err != nil {
		return nil, err
	}
	requests, err := requestsOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	heirs, err := heirsOfCases(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	messages, err := messagesOfCases(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	findings, err := findingsOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	decisions, err := decisionsOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	paying, err := payingOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	owed, err := recoveriesOf(ctx, db, decisions)
	if err != nil {
		return nil, err
	}
	for i := range all {
		c := &all[i]
		call, err := s.calls.released(ctx, db, indemnity.VersionRef{Call: c.Call, Number: inForce[i]})
		if err != nil {
			return nil, err
		}
		c.Rules, c.RulesVersion = call.Rules, inForce[i]
		c.Papers, c.Requests, c.Heirs, c.Messages = papers[c.ID], requests[c.ID], heirs[c.ID], messages[c.ID]
		c.Findings, c.Decisions, c.Recoveries, c.Paying = findings[c.ID], decisions[c.ID], owed[c.ID], paying[c.ID]
	}
	return all, nil
}

// requestsOf are the requests of some cases, the oldest first.
func requestsOf(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID][]indemnity.Request, error) {
	rows, _ := db.Query(ctx, `
		SELECT id, application_id, coalesce(heir_id::text, ''), kind, text, items, asked_by, asked_at, reached_on, reached_by, days, due_on, read_at,
			coalesce(answer_again, answer), answer_again IS NOT NULL, answered_at, coalesce(answered_by::text, ''), coalesce(answer_protocol, ''), state, answer_version,
			CASE WHEN answered_at IS NULL THEN '[]' ELSE `+answersOf+` END
		FROM indemnity_requests q WHERE application_id = ANY ($1) ORDER BY asked_at, id`, cases)
	all := map[indemnity.CaseID][]indemnity.Request{}
	requests, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r indemnity.Request, err error) {
		return r, row.Scan(&r.ID, &r.Case, &r.Heir, &r.Kind, &r.Text, &r.Items, &r.AskedBy, &r.AskedAt, &r.ReachedOn, &r.ReachedBy, &r.Days, &r.DueOn, (*zeronull.Timestamptz)(&r.ReadAt),
			&r.Answer, &r.Again, (*zeronull.Timestamptz)(&r.AnsweredAt), &r.AnsweredBy, &r.Protocol, &r.State, &r.Version, &r.Answers)
	})
	if err != nil {
		return nil, fmt.Errorf("requests of a case: %w", translate(err))
	}
	for _, r := range requests {
		all[r.Case] = append(all[r.Case], r)
	}
	return all, nil
}

// nextProtocol is the next number of the protocol, of the year of $1.
const nextProtocol = `'ENPAP-' || $1::text || '-' || lpad(nextval('indemnity_protocols')::text, 6, '0')`

// Receive makes an application of a draft. The draft is locked, and then its member: of
// two drafts of theirs that are sent at once the second finds the first.
func (s *CaseFiles) Receive(ctx context.Context, form once.Form, c indemnity.CaseFile, judge func(indemnity.Draft, []indemnity.Applied) error, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, c.SubmittedAt, func(ctx context.Context, tx pgx.Tx) (string, error) {
		for _, lock := range []struct {
			sql string
			id  string
		}{
			{`SELECT FROM indemnity_drafts WHERE id = $1 FOR UPDATE`, string(c.ID)},
			{`SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`, string(c.Member.ID)},
		} {
			if _, err := tx.Exec(ctx, lock.sql, lock.id); err != nil {
				return "", err
			}
		}
		all, err := draftsWith(ctx, tx, draftsOf+`WHERE d.member_id = $1 AND d.id = $2`, string(c.Member.ID), string(c.ID))
		if err == nil && len(all) == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return "", err
		}
		applied, err := appliedOf(ctx, tx, c.Member.ID)
		if err != nil {
			return "", err
		}
		if err := judge(all[0].Draft, applied); err != nil {
			return "", err
		}
		event := c.Answers.Period()
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO indemnity_applications (protocol, id, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on,
				event, answers, declarations, registers, digest, check_code, died_on, state)
			VALUES (`+nextProtocol+`, $2, $3, $4, $5, $6, $7, $8, $9, $10, daterange($11, $12, '[]'), $13, $14, $15, $16, $17, $18, $19)`,
			fmt.Sprint(calendar.On(c.SubmittedAt).Year), string(c.ID), string(c.Call), c.CallVersion, string(c.Member.ID), string(c.Kind), string(c.Channel), string(c.Sender),
			c.SubmittedAt, c.TermEndedOn, event.From, event.To, c.Answers, c.Declarations, c.Registers, c.Digest[:], c.CheckCode, c.DiedOn, string(c.State))
		batch.Queue(`DELETE FROM indemnity_papers WHERE case_id = $1 AND attachment_id IS NULL`, string(c.ID))
		batch.Queue(`UPDATE indemnity_papers SET sent_at = $2 WHERE case_id = $1`, string(c.ID), c.SubmittedAt)
		batch.Queue(`UPDATE indemnity_drafts SET sent_at = $2, answers = '{}', version = version + 1 WHERE id = $1`, string(c.ID), c.SubmittedAt)
		batch.Queue(`UPDATE persons SET email = $2 WHERE id = $1 AND email = ''`, string(c.Member.ID), c.Answers.Email)
		batch.Queue(tellEntry, entryValues(ctx, e)...)
		err = tx.SendBatch(ctx, &batch).Close()
		return string(c.ID), unfit(err)
	})
	if err != nil {
		return fmt.Errorf("receive an application: %w", err)
	}
	return nil
}

// unfit is why an application was not kept, where a guard of the database has said it.
func unfit(err error) error {
	switch violated(err) {
	case "event_is_applied_for_once", "events_of_a_member_do_not_overlap":
		return indemnity.ErrDaysTaken
	case "application_is_made_by_the_call_in_force":
		return indemnity.ErrCallMoved
	}
	return err
}

// ChangeCase locks a case and saves what is decided on it.
func (s *CaseFiles) ChangeCase(ctx context.Context, form once.Form, now time.Time, id indemnity.CaseID, decide func(indemnity.CaseFile) (indemnity.CaseChange, error)) (string, error) {
	outcome, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockApplication, string(id)); err != nil {
			return "", err
		}
		c, err := s.one(ctx, tx, id)
		if err != nil {
			return "", err
		}
		x, err := decide(c)
		if err != nil || x.Entry.Action == "" {
			return x.Outcome, err
		}
		var batch pgx.Batch
		queueChange(&batch, c, x)
		if x.Tell {
			batch.Queue(tellEntry, entryValues(ctx, x.Entry)...)
		} else {
			batch.Queue(insertEntry, entryValues(ctx, x.Entry)...)
		}
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return "", unrevoked(err)
		}
		return x.Outcome, recoverPaid(ctx, tx, c, x)
	})
	if err != nil {
		return "", fmt.Errorf("change a case: %w", err)
	}
	return outcome, nil
}

func queueChange(batch *pgx.Batch, c indemnity.CaseFile, x indemnity.CaseChange) {
	queueExamination(batch, c, x)
	if x.State != "" || x.Officer != "" || x.Decision != nil {
		batch.Queue(`UPDATE indemnity_applications SET state = coalesce($2, state), withdrawn_at = coalesce($3, withdrawn_at),
			officer_id = coalesce($4, officer_id), version = version + 1 WHERE id = $1`,
			string(c.ID), optional(x.State), optionalTime(x.WithdrawnAt), optional(x.Officer))
	}
	if x.CallOff {
		batch.Queue(`UPDATE indemnity_requests SET state = 'cancelled' WHERE application_id = $1 AND state = 'open'`, string(c.ID))
	}
	if x.SetOff != nil {
		batch.Queue(`INSERT INTO indemnity_set_offs (application_id, debt, net, told_by, told_at) VALUES ($1, $2, $3, $4, $5)`,
			string(c.ID), x.SetOff.Debt, x.SetOff.Net, string(x.Entry.Actor.Person), x.Entry.At)
	}
	if x.Request != nil {
		queueRequest(batch, c, x, *x.Request)
	}
}
