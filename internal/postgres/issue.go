package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/voucher"
)

// Mails of a publication leave in waves, so that neither the mail server nor the
// portal meets everybody at once. They come after all other mails.
const (
	mailsAMinute = 2000
	mailLast     = 4 // River's lowest priority
)

// nextPart locks a territory that nobody is at work on, of a run whose time has come.
// The run is held for what may be sent back no more. One that has a pool gives money
// again: see voucher.TerritoryResult.
const nextPart = `
	SELECT t.run_id, t.territory, r.edition_id, r.edition_version, r.round, t.pool_cents IS NOT NULL, r.publish_at,
		(SELECT coalesce(sum(d.candidates), 0) FROM ranking_territories d WHERE d.run_id = r.id AND d.issued_at IS NOT NULL)
	FROM ranking_territories t JOIN ranking_runs r ON r.id = t.run_id
	WHERE r.state = 'publishing' AND r.publish_at <= $1 AND t.issued_at IS NULL
		AND (t.run_id, t.territory) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[]))
	ORDER BY r.publish_at, t.territory
	LIMIT 1 FOR UPDATE OF t SKIP LOCKED FOR SHARE OF r`

// rankedFrom are the entries e of runs with their applications a, the vouchers v of
// these, and what is frozen of them when they are ranked today, c.
const rankedFrom = `
	FROM ranking_entries e JOIN applications a ON a.id = e.application_id LEFT JOIN vouchers v ON v.application_id = a.id
	CROSS JOIN LATERAL (SELECT ` + candidateColumns + `) AS c`

// asRanked tells whether an application of the edition $1 still is what the run has
// of it on the day $3. Who gave up, was refused, is waited for or has other inputs
// since is passed over, and is for a correction to take up.
const asRanked = isCandidate + `
		AND (c.territory, c.isee_cents, c.isee_status, c.submitted_at) IS NOT DISTINCT FROM (e.territory, e.isee_cents, e.isee_status, e.submitted_at)
		AND (a.state <> 'awaiting_isee' OR a.cure_by < $3)`

// completionsOf locks the vouchers of the territory $2 to which something is added.
const completionsOf = `
	SELECT ` + voucherColumns + `, e.awarded_cents - e.kept_cents
	FROM ranking_entries e JOIN applications a ON a.id = e.application_id JOIN vouchers v ON v.application_id = a.id
	CROSS JOIN LATERAL (SELECT ` + candidateColumns + `) AS c
	WHERE e.run_id = $4 AND e.territory = $2 AND e.completes AND e.awarded_cents > e.kept_cents
		AND v.awarded_cents = e.kept_cents AND v.state IN ('active', 'expired') AND v.blocked_at IS NULL AND ` + asRanked + `
	ORDER BY e.rank FOR UPDATE OF v`

// awardsOf locks the applications of the territory $2 that get a voucher.
const awardsOf = `
	SELECT a.id, a.beneficiary_id, e.awarded_cents` + rankedFrom + `
	WHERE e.run_id = $4 AND e.territory = $2 AND e.rank IS NOT NULL AND e.awarded_cents > 0 AND e.kept_cents = 0 AND v.id IS NULL
		AND ` + asRanked + `
	ORDER BY e.rank FOR UPDATE OF a`

// decide gives the applications of a territory what the run says of them, writes
// each outcome that is new in the register, and tells it to the beneficiary and to
// who acts for them. Who holds a voucher keeps it, with the outcome that gave it, unless
// it was completed; one that should have been, and was not, is passed over, and so is
// who is changed by somebody else at the same moment.
const decide = `
WITH judged AS (
	SELECT a.id, a.state AS was, a.version, e.rank, e.entitled_cents, n.state, n.reason,
		(n.state, n.reason) IS DISTINCT FROM (a.state, a.reason) OR e.kept_cents = 0 AND e.entitled_cents <> a.entitled_cents
			OR e.completes AND e.awarded_cents > e.kept_cents AS decided` + rankedFrom + `
	LEFT JOIN unnest($5::text[], $6::text[], $7::text[]) AS g (ground, state, reason) ON g.ground = e.ground
	CROSS JOIN LATERAL (SELECT
		CASE WHEN e.kept_cents > 0 AND e.awarded_cents = e.kept_cents THEN a.state
			WHEN g.ground IS NOT NULL THEN g.state
			WHEN e.awarded_cents = e.entitled_cents THEN 'awarded'
			WHEN e.awarded_cents > 0 THEN 'partially_awarded'
			ELSE 'unfunded' END,
		CASE WHEN e.kept_cents > 0 THEN a.reason ELSE coalesce(g.reason, '') END) AS n (state, reason)
	WHERE e.run_id = $20 AND e.territory = $2 AND (NOT e.completes OR v.awarded_cents = e.awarded_cents) AND ` + asRanked + `
), moved AS (
	UPDATE applications a SET state = j.state, reason = j.reason, rank = j.rank, entitled_cents = j.entitled_cents, run_id = $20,
		decided_on = CASE WHEN j.decided THEN $3 ELSE a.decided_on END, version = a.version + 1
	FROM judged j WHERE a.id = j.id AND (a.state, a.version) = (j.was, j.version)
	RETURNING a.id, a.beneficiary_id, j.decided
), register AS (
	INSERT INTO audit (at, role, action, subject_id, about_id)
	SELECT $4, $8, $9, id, beneficiary_id FROM moved WHERE decided
	RETURNING id, subject_id, about_id
), readers AS (
	SELECT id, subject_id, about_id AS reader, $12 AS body FROM register
	UNION ALL
	SELECT DISTINCT r.id, r.subject_id, m.holder_id, $13
	FROM register r JOIN mandates m ON m.represented_id = r.about_id
	WHERE m.scope IN ('all', 'voucher') AND m.from_day <= $14 AND coalesce(m.until_day, $14) >= $14 AND coalesce(m.revoked_on > $14, true)
), posted AS (
	INSERT INTO messages (recipient_id, entry_id, kind, subject, body, link, sent_at)
	SELECT r.reader, r.id, $10, $11, replace(r.body, $15, a.protocol), replace($16, $15, a.id::text), $4
	FROM readers r JOIN applications a ON a.id = r.subject_id
	RETURNING id, recipient_id
)
INSERT INTO river_job (kind, args, max_attempts, priority, state, scheduled_at)
SELECT 'mail', jsonb_build_object('message', m.id), 12, $17, 'scheduled',
	now() + make_interval(mins => (($18 + row_number() OVER ()) / $19)::integer)
FROM posted m JOIN persons p ON p.id = m.recipient_id WHERE p.email <> ''`

// IssueNext issues a territory of a publication whose time has come, but none of
// those that are named, in one transaction; false when there is none that nobody is
// at work on.
func (s *Rankings) IssueNext(ctx context.Context, now time.Time, issue func(voucher.Issue) (voucher.Issued, error), except ...voucher.PublicationPart) (found bool, err error) {
	var p voucher.Issue
	runs, territories := make([]string, len(except)), make([]string, len(except))
	for i, part := range except {
		runs[i], territories[i] = string(part.Run), part.Territory
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var of released
		var at time.Time
		var told int64
		var again bool
		err := tx.QueryRow(ctx, nextPart, now, runs, territories).Scan(&p.Run, &p.Territory, &of.edition, &of.version, &p.Round, &again, &at, &told)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found, p.Day = true, calendar.On(at)
		if p.Edition, err = s.editions.released(ctx, tx, of); err != nil {
			return err
		}
		if again {
			if err := givenAgain(ctx, tx, &p); err != nil {
				return err
			}
		}
		rows, _ := tx.Query(ctx, awardsOf, string(p.Edition.ID), p.Territory, p.Day, string(p.Run))
		if p.Awards, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Award]); err != nil {
			return err
		}
		issued, err := issue(p)
		if err != nil {
			return err
		}
		if err := saveGrants(ctx, tx, issued.Grants, now); err != nil {
			return err
		}
		if err := saveCompletions(ctx, tx, issued.Completed, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, decide, decideValues(p, now, told)...); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE ranking_territories SET issued_at = $3 WHERE run_id = $1 AND territory = $2`, string(p.Run), p.Territory, now)
		return err
	})
	switch {
	case err == nil:
		return found, nil
	case !found:
		return false, fmt.Errorf("find a territory to issue: %w", translate(err))
	case violated(err) == "code_opens_one_voucher":
		err = voucher.ErrCodeTaken
	}
	return found, &voucher.PartError{Part: voucher.PublicationPart{Run: p.Run, Territory: p.Territory}, Err: translate(err)}
}

// decideValues are the arguments of decide: the outcomes that each ground leads
// to, and the words of the message with a mark where the application comes in.
func decideValues(p voucher.Issue, now time.Time, told int64) []any {
	var grounds, states, reasons []string
	for _, g := range voucher.Grounds {
		o := voucher.Outcome{Ground: g}
		grounds, states, reasons = append(grounds, string(g)), append(states, string(o.State())), append(reasons, g.Reason())
	}
	const mark = "{}"
	own, acting := notify.Outcome(mark, mark, false), notify.Outcome(mark, mark, true)
	return []any{string(p.Edition.ID), p.Territory, p.Day, now, grounds, states, reasons,
		string(identity.System), string(voucher.ApplicationDecided), string(own.Kind), own.Subject, own.Body, acting.Body,
		calendar.On(now), mark, own.Link, mailLast, told, mailsAMinute, string(p.Run)}
}

// saveGrants saves new vouchers with their codes, their first postings and the
// entries of the register.
func saveGrants(ctx context.Context, tx pgx.Tx, all []voucher.Grant, now time.Time) error {
	accounts := voucher.Events[voucher.Granted]
	for _, t := range []struct {
		name    string
		columns []string
		row     func(g voucher.Grant) []any
	}{
		{"vouchers", []string{"id", "application_id", "beneficiary_id", "territory", "awarded_cents", "accepted_on", "last_day", "confirm_by",
			"invoice_by", "first_session_by", "code_index", "code_sealed", "round"}, func(g voucher.Grant) []any {
			v := g.Voucher
			return []any{string(v.ID), string(v.Application), string(v.Beneficiary), v.Territory, int64(v.Awarded), v.Terms.AcceptedOn,
				v.Terms.LastDay, v.Terms.ConfirmBy, v.Terms.InvoiceBy, v.Terms.FirstSessionBy, g.Index, g.Sealed, v.Round}
		}},
		{"postings", []string{"voucher_id", "event", "debit", "credit", "amount_cents", "at"}, func(g voucher.Grant) []any {
			return []any{string(g.Voucher.ID), string(voucher.Granted), string(accounts[0]), string(accounts[1]), int64(g.Voucher.Awarded), now}
		}},
		{"audit", []string{"at", "role", "action", "subject_id", "about_id", "request_id"}, func(g voucher.Grant) []any {
			return []any{now, string(identity.System), string(voucher.VoucherGranted), string(g.Voucher.ID), string(g.Voucher.Beneficiary), audit.Request(ctx)}
		}},
	} {
		from := pgx.CopyFromSlice(len(all), func(i int) ([]any, error) { return t.row(all[i]), nil })
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, from); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// givenAgain reads what there is to give again in a part of a publication, which nobody
// else gives meanwhile, and the awards that it completes.
func givenAgain(ctx context.Context, tx pgx.Tx, p *voucher.Issue) error {
	held, err := heldResidual(ctx, tx, p.Edition, p.Territory)
	if err != nil {
		return err
	}
	available := held.Available()
	p.Available = &available
	rows, _ := tx.Query(ctx, completionsOf, string(p.Edition.ID), p.Territory, p.Day, string(p.Run))
	p.Completes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c voucher.Completion, err error) {
		return c, row.Scan(append(voucherFields(&c.Voucher), (*int64)(&c.Amount))...)
	})
	return err
}

// saveCompletions saves what was added to vouchers, with its postings and entries.
func saveCompletions(ctx context.Context, tx pgx.Tx, all []voucher.Completion, now time.Time) error {
	var batch pgx.Batch
	accounts := voucher.Events[voucher.Completed]
	for _, c := range all {
		v := c.Voucher
		batch.Queue(`
			UPDATE vouchers SET awarded_cents = $2, state = $3, reopened = $4, last_day = $5, confirm_by = $6, invoice_by = $7, round = $8, version = version + 1
			WHERE id = $1`,
			string(v.ID), v.Awarded, string(v.State), v.Reopened, v.Terms.LastDay, v.Terms.ConfirmBy, v.Terms.InvoiceBy, v.Round)
		batch.Queue(`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(v.ID), string(voucher.Completed), string(accounts[0]), string(accounts[1]), c.Amount, now)
		batch.Queue(insertEntry, entryValues(ctx, audit.Entry{At: now, Actor: identity.Office(), Action: voucher.VoucherCompleted, Subject: string(v.ID), About: v.Beneficiary})...)
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("complete vouchers: %w", err)
	}
	return nil
}

const (
	endPublications = `
		UPDATE ranking_runs r SET state = 'published', published_at = $1
		WHERE r.state = 'publishing' AND r.publish_at <= $1
			AND NOT EXISTS (SELECT FROM ranking_territories t WHERE t.run_id = r.id AND t.issued_at IS NULL)
		RETURNING r.id`
	supersede = `
		UPDATE ranking_runs old SET state = 'superseded' FROM ranking_runs r
		WHERE r.id = $1 AND old.id = r.corrects AND old.state = 'published'`
	publicationsLeft = `SELECT EXISTS (SELECT FROM ranking_runs WHERE state = 'publishing' AND publish_at <= $1)`
)

// EndPublications ends the publications whose last territory is issued: the run is
// published, and the one that it corrects superseded.
func (s *Rankings) EndPublications(ctx context.Context, now time.Time) (left bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, endPublications, now)
		ended, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, run := range ended {
			if _, err := tx.Exec(ctx, supersede, run); err != nil {
				return err
			}
			if err := carryOut(ctx, tx, voucher.RunID(run)); err != nil {
				return err
			}
			e := audit.Entry{At: now, Actor: identity.Office(), Action: voucher.RankingPublished, Subject: run}
			if err := write(ctx, tx, e); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, publicationsLeft, now).Scan(&left)
	})
	if err != nil {
		return false, fmt.Errorf("end publications: %w", translate(err))
	}
	return left, nil
}
