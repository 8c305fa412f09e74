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
	"portal/internal/notify"
	"portal/internal/once"
)

// Drafts is the indemnity.DraftStore.
type Drafts struct {
	pool  *pgxpool.Pool
	calls *Calls
}

// NewDrafts is the store on a pool.
func NewDrafts(pool *pgxpool.Pool) *Drafts { return &Drafts{pool, NewCalls(pool)} }

// CallsInForce is every call with its released rules, the earliest month first.
func (s *Drafts) CallsInForce(ctx context.Context) ([]indemnity.Call, error) {
	return s.calls.CallsInForce(ctx)
}

// Person is somebody by id, with the contacts they gave.
func (s *Drafts) Person(ctx context.Context, id identity.PersonID) (identity.Person, string, string, error) {
	return contactsOf(ctx, s.pool, id)
}

const draftsOf = `SELECT d.id, d.member_id, d.answers, d.version, d.started_at, d.saved_at, d.sent_at, d.reminded_on FROM indemnity_drafts d `

// drafts reads drafts with their papers.
func (s *Drafts) drafts(ctx context.Context, sql string, args ...any) ([]indemnity.Unsent, error) {
	return draftsWith(ctx, s.pool, sql, args...)
}

func draftsWith(ctx context.Context, db DB, sql string, args ...any) ([]indemnity.Unsent, error) {
	rows, _ := db.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.Unsent, err error) {
		return d, row.Scan(&d.ID, &d.Member, &d.Answers, &d.Version, &d.Started, &d.SavedAt, (*zeronull.Timestamptz)(&d.SentAt), &d.RemindedOn)
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = string(d.ID)
	}
	papers, err := casePapers(ctx, db, ids...)
	for i := range all {
		all[i].Papers = papers[all[i].ID]
	}
	return all, err
}

// Drafts are a member's that were not sent, last saved first.
func (s *Drafts) Drafts(ctx context.Context, member identity.PersonID) ([]indemnity.Draft, error) {
	all, err := s.drafts(ctx, draftsOf+`WHERE d.member_id = $1 AND d.sent_at IS NULL ORDER BY d.saved_at DESC, d.id`, string(member))
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", translate(err))
	}
	drafts := make([]indemnity.Draft, len(all))
	for i, d := range all {
		drafts[i] = d.Draft
	}
	return drafts, nil
}

// Draft is one of a member's, sent or not.
func (s *Drafts) Draft(ctx context.Context, member identity.PersonID, id indemnity.CaseID) (indemnity.Draft, error) {
	all, err := s.drafts(ctx, draftsOf+`WHERE d.member_id = $1 AND d.id = $2`, string(member), string(id))
	if err == nil && len(all) == 0 {
		err = fault.ErrNotFound
	}
	if err != nil {
		return indemnity.Draft{}, fmt.Errorf("draft: %w", translate(err))
	}
	return all[0].Draft, nil
}

// Unsent lists every draft that was not sent, with when its writer was last reminded.
func (s *Drafts) Unsent(ctx context.Context) ([]indemnity.Unsent, error) {
	all, err := s.drafts(ctx, draftsOf+`WHERE d.sent_at IS NULL ORDER BY d.started_at, d.id`)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", translate(err))
	}
	return all, nil
}

// Start keeps a new draft, of a member who is locked while theirs are counted.
func (s *Drafts) Start(ctx context.Context, form once.Form, d indemnity.Draft, e audit.Entry) (indemnity.CaseID, error) {
	id, err := actOnce(ctx, s.pool, form, d.Started, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, `SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`, string(d.Member)); err != nil {
			return "", err
		}
		var begun int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM indemnity_drafts WHERE member_id = $1 AND sent_at IS NULL`, string(d.Member)).Scan(&begun); err != nil {
			return "", err
		}
		if begun >= indemnity.MostDrafts {
			return "", indemnity.ErrTooManyDrafts
		}
		if _, err := tx.Exec(ctx, `INSERT INTO indemnity_drafts (id, member_id, answers, started_at, saved_at) VALUES ($1, $2, $3, $4, $4)`,
			string(d.ID), string(d.Member), d.Answers, d.Started); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, tellEntry, entryValues(ctx, e)...)
		return string(d.ID), err
	})
	if err != nil {
		return "", fmt.Errorf("begin a draft: %w", err)
	}
	return indemnity.CaseID(id), nil
}

// Save keeps the answers of a draft if it is still the one that was read.
func (s *Drafts) Save(ctx context.Context, form once.Form, d indemnity.Draft, now time.Time) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		saved, err := tx.Exec(ctx, `UPDATE indemnity_drafts SET answers = $3, version = version + 1, saved_at = $4
			WHERE id = $1 AND version = $2 AND sent_at IS NULL`, string(d.ID), d.Version, d.Answers, now)
		if err == nil && saved.RowsAffected() == 0 {
			err = indemnity.ErrDraftMoved
		}
		return string(d.ID), err
	})
	if err != nil {
		return fmt.Errorf("save a draft: %w", err)
	}
	return nil
}

// Drop forgets a draft that was not sent, with its papers.
func (s *Drafts) Drop(ctx context.Context, form once.Form, id indemnity.CaseID, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		dropped, err := tx.Exec(ctx, `DELETE FROM indemnity_drafts WHERE id = $1 AND sent_at IS NULL`, string(id))
		if err == nil && dropped.RowsAffected() == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		batch.Queue(`DELETE FROM indemnity_papers WHERE case_id = $1`, string(id))
		batch.Queue(`DELETE FROM attachments WHERE subject_id = $1`, string(id))
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return string(id), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("drop a draft: %w", err)
	}
	return nil
}

// CasesOf are the cases of which somebody is the member or an heir.
func (s *Drafts) CasesOf(ctx context.Context, person identity.PersonID) ([]indemnity.CaseFile, error) {
	cases := CaseFiles{s.pool, s.calls}
	return cases.CasesOf(ctx, person)
}

// Applied is the periods that a member has applied for, those that came to nothing left
// out.
func (s *Drafts) Applied(ctx context.Context, member identity.PersonID) ([]indemnity.Applied, error) {
	return appliedOf(ctx, s.pool, member)
}

func appliedOf(ctx context.Context, db DB, member identity.PersonID) ([]indemnity.Applied, error) {
	rows, _ := db.Query(ctx, `SELECT id, protocol, lower(event), upper(event) - 1, coalesce(answers->'stops', '[]') FROM indemnity_applications
		WHERE member_id = $1 AND state NOT IN ('withdrawn', 'inadmissible', 'not_eligible', 'forfeited') ORDER BY submitted_at`, string(member))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a indemnity.Applied, err error) {
		return a, row.Scan(&a.ID, &a.Protocol, &a.Period.From, &a.Period.To, &a.Stops)
	})
	if err != nil {
		return nil, fmt.Errorf("applications of a member: %w", translate(err))
	}
	return all, nil
}

// Remind notes that the writer of a draft is reminded on a day, once for a day.
func (s *Drafts) Remind(ctx context.Context, id indemnity.CaseID, on calendar.Date, e audit.Entry) (first bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		noted, err := tx.Exec(ctx, `UPDATE indemnity_drafts SET reminded_on = $2
			WHERE id = $1 AND sent_at IS NULL AND (reminded_on IS NULL OR reminded_on < $2)`, string(id), on)
		if first = err == nil && noted.RowsAffected() == 1; !first {
			return err
		}
		_, err = tx.Exec(ctx, tellEntry, entryValues(ctx, e)...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("remind of a draft: %w", translate(err))
	}
	return first, nil
}

// See writes that somebody looked.
func (s *Drafts) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Outcome is what came of a form that was stored before.
func (s *Drafts) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// casePapers are the papers of some cases, in the order in which they were added.
func casePapers(ctx context.Context, db DB, cases ...string) (map[indemnity.CaseID][]indemnity.Paper, error) {
	rows, _ := db.Query(ctx, `
		SELECT p.id, p.case_id, p.kind, p.issued_on, lower(p.covers), upper(p.covers) - 1, p.expires_on, coalesce(p.request_id::text, ''), coalesce(p.replaces::text, ''),
			coalesce(a.id::text, ''), coalesce(a.name, ''), coalesce(a.media_type, ''), coalesce(a.size_bytes, 0), coalesce(a.pages, 0), coalesce(a.digest, ''),
			a.erased_at IS NOT NULL, p.added_by, p.added_at, p.sent_at
		FROM indemnity_papers p LEFT JOIN attachments a ON a.id = p.attachment_id
		WHERE p.case_id = ANY ($1) ORDER BY p.added_at, p.id`, cases)
	all := map[indemnity.CaseID][]indemnity.Paper{}
	var p indemnity.Paper
	var digest []byte
	_, err := pgx.ForEachRow(rows, []any{&p.ID, &p.Case, &p.Kind, &p.IssuedOn, &p.Covers.From, &p.Covers.To, &p.Expires, &p.Request, &p.Replaces,
		&p.Attachment, &p.Name, &p.Type, &p.Size, &p.Pages, &digest, &p.Erased, &p.AddedBy, &p.AddedAt, (*zeronull.Timestamptz)(&p.SentAt)}, func() error {
		p.Digest = [32]byte{}
		copy(p.Digest[:], digest)
		all[p.Case] = append(all[p.Case], p)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("papers of a case: %w", translate(err))
	}
	return all, nil
}

// drafted is what a message needs to know of a draft: nothing of one that was sent or
// dropped meanwhile.
func (s *Notices) drafted(ctx context.Context, id nullText, at time.Time) (d notify.Drafted, err error) {
	drafts := NewDrafts(s.pool)
	all, err := drafts.drafts(ctx, draftsOf+`WHERE d.id = $1 AND d.sent_at IS NULL`, string(id))
	if err != nil || len(all) == 0 {
		return d, err
	}
	calls, err := drafts.CallsInForce(ctx)
	if err != nil || len(calls) == 0 {
		return d, err
	}
	draft := all[0].Draft
	standing := indemnity.Stand(calls, draft, at)
	return notify.Drafted{ID: draft.ID, Last: standing.Last(), Days: standing.Call.Rules.SubmissionDays.Is,
		Missing: len(draft.Missing(&standing.Call.Rules, calendar.On(at)))}, nil
}
