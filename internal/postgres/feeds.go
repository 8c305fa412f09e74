package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Feeds is the voucher.FeedStore.
type Feeds struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
}

// NewFeeds is the store on a pool.
func NewFeeds(pool *pgxpool.Pool) *Feeds { return &Feeds{pool, NewVouchers(pool)} }

const (
	feedColumns = `f.id, f.person_id, f.role, f.made_at, f.read_on`
	feedOf      = `SELECT ` + feedColumns + ` FROM calendar_feeds f WHERE f.person_id = $1 AND f.role = $2 AND f.revoked_at IS NULL`
	feedByHash  = `SELECT ` + feedColumns + ` FROM calendar_feeds f WHERE f.token_hash = $1 AND f.revoked_at IS NULL`

	feedMandates = `SELECT ` + mandateColumns + mandateFrom + ` WHERE m.holder_id = $1 AND m.from_day <= $2 ORDER BY m.id`
	feedFiles    = `SELECT ` + fileColumns + fileFrom + ` WHERE a.beneficiary_id = ANY ($1) ORDER BY a.id`

	feedSessionsOfHolders      = `SELECT ` + sessionColumns + sessionFrom + ` WHERE b.beneficiary_id = ANY ($1) AND b.day >= $2 ORDER BY b.day, b.id`
	feedSessionsOfProfessional = `SELECT ` + sessionColumns + sessionFrom + `
		WHERE b.professional_id = $1 AND (b.day >= $2 OR b.state = 'booked' OR b.state = 'held' AND b.claimed_cents IS NULL) ORDER BY b.day, b.id`
)

func scanFeed(row pgx.CollectableRow) (f voucher.Feed, err error) {
	return f, row.Scan(&f.ID, &f.Person, &f.Role, &f.MadeAt, &f.ReadOn)
}

// Feed is somebody's calendar of a hat.
func (s *Feeds) Feed(ctx context.Context, of identity.PersonID, role identity.Role) (voucher.Feed, error) {
	rows, _ := s.pool.Query(ctx, feedOf, string(of), string(role))
	f, err := pgx.CollectExactlyOneRow(rows, scanFeed)
	if err != nil {
		return f, fmt.Errorf("calendar: %w", translate(err))
	}
	return f, nil
}

const (
	endFeed  = `UPDATE calendar_feeds SET revoked_at = $3 WHERE person_id = $1 AND role = $2 AND revoked_at IS NULL`
	sentOnce = `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`
)

// ReplaceFeed saves a calendar instead of the one there was.
func (s *Feeds) ReplaceFeed(ctx context.Context, form once.Form, f voucher.Feed, hash []byte, e audit.Entry) (made bool, err error) {
	return s.act(ctx, form, f, e, func(batch *pgx.Batch) {
		batch.Queue(`INSERT INTO calendar_feeds (id, person_id, role, token_hash, made_at) VALUES ($1, $2, $3, $4, $5)`,
			f.ID, string(f.Person), string(f.Role), hash, f.MadeAt)
	})
}

// RevokeFeed ends a calendar.
func (s *Feeds) RevokeFeed(ctx context.Context, form once.Form, f voucher.Feed, e audit.Entry) error {
	_, err := s.act(ctx, form, f, e, func(*pgx.Batch) {})
	return err
}

// act ends the calendar there is and does what else is to be done, once a form. People
// who change theirs twice at a time wait for each other.
func (s *Feeds) act(ctx context.Context, form once.Form, f voucher.Feed, e audit.Entry, more func(*pgx.Batch)) (acted bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`, string(f.Person)); err != nil {
			return err
		}
		_, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			return err
		}
		acted = true
		var batch pgx.Batch
		batch.Queue(endFeed, string(f.Person), string(f.Role), e.At)
		more(&batch)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		batch.Queue(sentOnce, string(form.Person), form.Action, form.Key, form.Digest, f.ID, e.At)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return false, fmt.Errorf("change calendar: %w", translate(err))
	}
	return acted, nil
}

// FeedByHash is what stands in the calendar that a token opens.
func (s *Feeds) FeedByHash(ctx context.Context, hash []byte, from calendar.Date, now time.Time) (c voucher.FeedContent, err error) {
	rows, _ := s.pool.Query(ctx, feedByHash, hash)
	if c.Feed, err = pgx.CollectExactlyOneRow(rows, scanFeed); err != nil {
		return c, fmt.Errorf("calendar: %w", translate(err))
	}
	switch c.Feed.Role {
	case identity.Psychologist:
		rows, _ := s.pool.Query(ctx, feedSessionsOfProfessional, string(c.Feed.Person), from)
		c.Sessions, err = pgx.CollectRows(rows, scanSession)
	case identity.Member:
		c.Ends, err = s.member(ctx, c.Feed.Person, now)
	default:
		err = s.citizen(ctx, &c, from, now)
	}
	if err != nil {
		return c, fmt.Errorf("calendar: %w", translate(err))
	}
	for i := range c.Sessions {
		if err := s.vouchers.reopen(ctx, &c.Sessions[i]); err != nil {
			return c, err
		}
	}
	return c, nil
}

// citizen reads what concerns somebody and those for whom they act: in the matters in
// which they do, and as an heir.
func (s *Feeds) citizen(ctx context.Context, c *voucher.FeedContent, from calendar.Date, now time.Time) error {
	today := calendar.On(now)
	rows, _ := s.pool.Query(ctx, feedMandates, string(c.Feed.Person), today)
	mandates, err := pgx.CollectRows(rows, scanMandate)
	if err != nil {
		return err
	}
	people := []string{string(c.Feed.Person)}
	var members []identity.PersonID
	for _, m := range mandates {
		id := m.Represented.ID
		if !m.Holds(today) {
			continue
		}
		c.Mandates = append(c.Mandates, m.Mandate)
		if m.Scope.Covers(identity.VoucherOnly) && !slices.Contains(people, string(id)) {
			people = append(people, string(id))
		}
		if m.Scope.Covers(identity.IndemnityOnly) && !slices.Contains(members, id) {
			members = append(members, id)
		}
	}
	for _, id := range members {
		ends, err := s.member(ctx, id, now)
		if err != nil {
			return err
		}
		c.Ends = append(c.Ends, ends...)
	}
	heirs, err := s.asked(ctx, c.Feed.Person, now, func(f indemnity.CaseFile) bool { return f.Member.ID != c.Feed.Person })
	if err != nil {
		return err
	}
	c.Ends = append(c.Ends, heirs...)
	var batch pgx.Batch
	batch.Queue(feedFiles, people).Query(func(rows pgx.Rows) (err error) {
		c.Files, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (voucher.CaseFile, error) { return s.vouchers.scanFile(ctx, row) })
		return err
	})
	batch.Queue(feedSessionsOfHolders, people, from).Query(func(rows pgx.Rows) (err error) {
		c.Sessions, err = pgx.CollectRows(rows, scanSession)
		return err
	})
	return s.pool.SendBatch(ctx, &batch).Close()
}

// member reads the terms of the drafts of a member, and of what the office asks them for.
func (s *Feeds) member(ctx context.Context, of identity.PersonID, now time.Time) (ends []voucher.FeedEnd, err error) {
	store := NewDrafts(s.pool)
	drafts, err := store.Drafts(ctx, of)
	if err != nil {
		return nil, err
	}
	calls, err := store.CallsInForce(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		if len(calls) > 0 {
			ends = append(ends, voucher.FeedEnd{What: "draft", Of: string(d.ID), Day: indemnity.Stand(calls, d, now).Last()})
		}
	}
	asked, err := s.asked(ctx, of, now, func(indemnity.CaseFile) bool { return true })
	return append(ends, asked...), err
}

// asked reads the terms of what the office asks somebody for, in those of their cases
// that are wanted.
func (s *Feeds) asked(ctx context.Context, of identity.PersonID, now time.Time, wanted func(indemnity.CaseFile) bool) (ends []voucher.FeedEnd, err error) {
	cases, err := NewCaseFiles(s.pool).CasesOf(ctx, of)
	for _, c := range cases {
		heir, _ := c.AsHeir(identity.Own(of, identity.Heir))
		for _, r := range c.Requests {
			if wanted(c) && r.Open(now) && (r.Heir == "" || r.Heir == heir.ID) {
				ends = append(ends, voucher.FeedEnd{What: "request", Of: string(r.ID), Day: r.DueOn})
			}
		}
	}
	return ends, err
}

// FeedRead writes that a calendar was read on a day, once a day.
func (s *Feeds) FeedRead(ctx context.Context, f voucher.Feed, on calendar.Date, entries []audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		first, err := tx.Exec(ctx, `UPDATE calendar_feeds SET read_on = $2 WHERE id = $1 AND read_on IS DISTINCT FROM $2`, f.ID, on)
		if err != nil || first.RowsAffected() == 0 {
			return err
		}
		var batch pgx.Batch
		for _, e := range entries {
			batch.Queue(insertEntry, entryValues(ctx, e)...)
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("note a read calendar: %w", translate(err))
	}
	return nil
}
