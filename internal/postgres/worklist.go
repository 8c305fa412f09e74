package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/voucher"
)

// The worklist of an edition with hundreds of thousands of applications must come
// at once, whatever is asked for. The index applications_at_work keeps each
// territory, state and standing of the ISEE in the order of submission: a page is
// the first of what each of those stretches begins with after the cursor. What the
// index does not know is few enough to have an index of its own.
//
// $1 edition, $2 territory, $3 state, $4 ISEE, $5 channel, $6 whose, $7 who asks,
// $8 and $9 the cursor, $10 how many, $11 and $12 every state and standing.
const (
	// Territories that have applications, found by jumps in the index.
	workPlaces = `WITH RECURSIVE places AS (
			SELECT min(territory) AS name FROM applications WHERE edition_id = $1
			UNION ALL
			SELECT (SELECT min(territory) FROM applications WHERE edition_id = $1 AND territory > p.name) FROM places p WHERE p.name IS NOT NULL
		) `
	workStretches = ` FROM places CROSS JOIN unnest($11::text[]) AS state(word) CROSS JOIN unnest($12::text[]) AS isee(word) CROSS JOIN LATERAL (
			SELECT a.submitted_at AS at, a.id FROM applications a
			WHERE a.edition_id = $1 AND a.territory = places.name AND a.state = state.word AND a.isee_status = isee.word
				AND ($5 = '' OR a.channel = $5) AND `
	workEnd = `) page WHERE ($2 = '' OR places.name = $2) AND ($3 = '' OR state.word = $3) AND ($4 = '' OR isee.word = $4)`

	workWhose = ` CASE $6 WHEN '' THEN true WHEN 'nobody' THEN a.officer_id IS NULL WHEN 'mine' THEN a.officer_id = $7 ELSE a.officer_id <> $7 END`
	workAlso  = ` AND ($2 = '' OR a.territory = $2) AND ($3 = '' OR a.state = $3) AND ($4 = '' OR a.isee_status = $4)
		AND ($5 = '' OR a.channel = $5) AND $11::text[] IS NOT NULL AND $12::text[] IS NOT NULL AND ` + workWhose

	workBefore = ` AND (a.submitted_at, a.id) < (coalesce($8::timestamptz, 'infinity'), coalesce($9::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))`
	workAfter  = ` AND (a.submitted_at, a.id) > (coalesce($8::timestamptz, '-infinity'), coalesce($9::uuid, '00000000-0000-0000-0000-000000000000'))`
	workDown   = ` ORDER BY a.submitted_at DESC, a.id DESC LIMIT $10`
	workUp     = ` ORDER BY a.submitted_at, a.id LIMIT $10`

	stretchesDown = workPlaces + `SELECT page.at, page.id` + workStretches + workWhose + workBefore + workDown + workEnd + ` ORDER BY page.at DESC, page.id DESC LIMIT $10`
	stretchesUp   = workPlaces + `SELECT page.at, page.id` + workStretches + workWhose + workAfter + workUp + workEnd + ` ORDER BY page.at, page.id LIMIT $10`
	stretchesAll  = workPlaces + `SELECT page.at, page.id` + workStretches + workWhose + workBefore + ` LIMIT $10` + workEnd + ` LIMIT $10`

	// The files of one officer, and those from the counter.
	ownFiles     = `SELECT a.submitted_at AS at, a.id FROM applications a WHERE a.officer_id = $7 AND a.edition_id = $1` + workAlso
	counterFiles = `SELECT a.submitted_at AS at, a.id FROM applications a WHERE a.channel = 'counter' AND a.edition_id = $1` + workAlso

	// Those with a term: their place is the beginning, in Rome, of its last day.
	termAt   = `(a.cure_by::timestamp AT TIME ZONE 'Europe/Rome')`
	terms    = `SELECT ` + termAt + ` AS at, a.id FROM applications a WHERE a.state = 'awaiting_isee' AND a.edition_id = $1` + workAlso
	termsUp  = terms + ` AND (` + termAt + `, a.id) > (coalesce($8::timestamptz, '-infinity'), coalesce($9::uuid, '00000000-0000-0000-0000-000000000000')) ORDER BY at, a.id LIMIT $10`
	termDown = terms + ` AND (` + termAt + `, a.id) < (coalesce($8::timestamptz, 'infinity'), coalesce($9::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) ORDER BY at DESC, a.id DESC LIMIT $10`

	workColumns = `a.id, a.protocol, a.submitted_at, a.territory, a.province, coalesce(a.isee_cents, 0), a.isee_cents IS NOT NULL, a.isee_status,
		a.state, a.reason, a.channel, a.cure_by, a.decided_on, coalesce(a.rank, 0), a.entitled_cents, coalesce(o.given_name || ' ' || o.family_name, '')`
	workRows = `SELECT ` + workColumns + ` FROM (`
	workFrom = `) page JOIN applications a ON a.id = page.id LEFT JOIN persons o ON o.id = a.officer_id`
	workLast = workFrom + ` ORDER BY page.at DESC, page.id DESC`
	workNext = workFrom + ` ORDER BY page.at, page.id`
	workHow  = `SELECT count(*) FROM (`

	newestSQL, oldestSQL           = workRows + stretchesDown + workLast, workRows + stretchesUp + workNext
	ownNewestSQL, ownOldestSQL     = workRows + ownFiles + workBefore + workDown + workLast, workRows + ownFiles + workAfter + workUp + workNext
	counterNewSQL, counterOldSQL   = workRows + counterFiles + workBefore + workDown + workLast, workRows + counterFiles + workAfter + workUp + workNext
	termSQL, termBackSQL           = workRows + termsUp + workNext, workRows + termDown + workLast
	countSQL, countOwnSQL          = workHow + stretchesAll + `) n`, workHow + ownFiles + workBefore + ` LIMIT $10) n`
	countCounterSQL, countTermsSQL = workHow + counterFiles + workBefore + ` LIMIT $10) n`, workHow + termsUp + `) n`
)

func workFields(r *voucher.WorkRow) []any {
	return []any{&r.ID, &r.Protocol, &r.SubmittedAt, &r.Territory, &r.Province, (*int64)(&r.ISEE), &r.HasISEE, &r.ISEEStatus,
		&r.State, &r.Reason, &r.Channel, &r.CureBy, &r.DecidedOn, &r.Rank, (*int64)(&r.Entitled), &r.Officer}
}

func scanWork(row pgx.CollectableRow) (r voucher.WorkRow, err error) {
	err = row.Scan(workFields(&r)...)
	return r, err
}

// words are states as the database knows them.
func words[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, w := range all {
		texts[i] = string(w)
	}
	return texts
}

var iseeStatuses = []string{string(voucher.ISEEValid), string(voucher.ISEEDefective), string(voucher.ISEEMissing)}

func workFilter(ask voucher.Worklist) []any {
	return []any{string(ask.Edition), ask.Territory, string(ask.State), string(ask.ISEE), string(ask.Channel), string(ask.Whose), optional(ask.Me)}
}

// Worklist is a page of applications, in one round trip.
func (s *Desk) Worklist(ctx context.Context, ask voucher.Worklist) (page voucher.WorkPage, err error) {
	filter := workFilter(ask)
	every := []any{words(voucher.ApplicationStates), iseeStatuses}
	var rowsSQL, howManySQL string
	down := (ask.Order == voucher.Newest) != ask.Back
	switch {
	case ask.Order == voucher.ByTerm:
		if rowsSQL = termSQL; ask.Back {
			rowsSQL = termBackSQL
		}
		howManySQL = countTermsSQL
	case ask.Whose == voucher.Mine:
		if rowsSQL = ownOldestSQL; down {
			rowsSQL = ownNewestSQL
		}
		howManySQL = countOwnSQL
	case ask.Channel == voucher.Counter:
		if rowsSQL = counterOldSQL; down {
			rowsSQL = counterNewSQL
		}
		howManySQL = countCounterSQL
	default:
		if rowsSQL = oldestSQL; down {
			rowsSQL = newestSQL
		}
		howManySQL = countSQL
	}
	var batch pgx.Batch
	var at, id any
	if ask.After.ID != "" {
		at, id = ask.After.At, string(ask.After.ID)
	}
	batch.Queue(howManySQL, append(append(slices.Clone(filter), nil, nil, voucher.CountedAtMost+1), every...)...).
		QueryRow(func(row pgx.Row) error { return row.Scan(&page.Count) })
	batch.Queue(rowsSQL, append(append(slices.Clone(filter), at, id, voucher.WorklistPageSize+1), every...)...).
		Query(func(rows pgx.Rows) (err error) {
			page.Rows, err = pgx.CollectRows(rows, scanWork)
			return err
		})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.WorkPage{}, fmt.Errorf("worklist: %w", translate(err))
	}
	if page.More = page.Count > voucher.CountedAtMost; page.More {
		page.Count = voucher.CountedAtMost
	}
	beyond := len(page.Rows) > voucher.WorklistPageSize
	page.Rows = page.Rows[:min(len(page.Rows), voucher.WorklistPageSize)]
	page.Next, page.Prior = beyond, ask.After.ID != ""
	if ask.Back {
		slices.Reverse(page.Rows)
		page.Next, page.Prior = true, beyond
	}
	return page, nil
}

const findNamed = `SELECT ` + workColumns + `, a.edition_id, ` + personColumns + `
	FROM applications a JOIN persons p ON p.id = a.beneficiary_id LEFT JOIN persons o ON o.id = a.officer_id `

// Those who apply for somebody else are found by their own code and name too.
const (
	findByProtocol = findNamed + `WHERE a.protocol = $1 LIMIT $2`
	findByCode     = findNamed + `WHERE a.id IN (
		SELECT b.id FROM persons q JOIN applications b ON b.beneficiary_id = q.id WHERE q.fiscal_code = $1
		UNION SELECT b.id FROM persons q JOIN applications b ON b.applicant_id = q.id WHERE q.fiscal_code = $1)
		ORDER BY a.submitted_at DESC LIMIT $2`
	findByName = findNamed + `WHERE a.id IN (
		SELECT b.id FROM persons q JOIN applications b ON b.beneficiary_id = q.id
		WHERE lower(q.family_name) ~>=~ lower($1) AND lower(q.family_name) ~<~ (lower($1) || chr(1114111))
			AND plain(q.given_name) LIKE (replace(replace(plain($3), '%', '\%'), '_', '\_') || '%') LIMIT 500)
		ORDER BY p.family_name, p.given_name, a.submitted_at DESC LIMIT $2`
)

// Find lists the applications of whom a quest finds, and writes that somebody
// looked: what they typed is written nowhere.
func (s *Desk) Find(ctx context.Context, ask voucher.Quest, e audit.Entry) (found []voucher.Named, err error) {
	var batch pgx.Batch
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	collect := func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (n voucher.Named, err error) {
			return n, row.Scan(append(append(workFields(&n.WorkRow), &n.Edition), personFields(&n.Beneficiary)...)...)
		})
		return err
	}
	switch {
	case ask.FiscalCode != "":
		batch.Queue(findByCode, string(ask.FiscalCode), voucher.FoundAtMost).Query(collect)
	case ask.Protocol != "":
		batch.Queue(findByProtocol, ask.Protocol, voucher.FoundAtMost).Query(collect)
	default:
		batch.Queue(findByName, ask.Family, voucher.FoundAtMost, ask.Given).Query(collect)
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("search: %w", translate(err))
	}
	return found, nil
}

const (
	takenFrom = ` FROM applications a LEFT JOIN persons o ON o.id = a.officer_id
		WHERE a.edition_id = $1 AND ($2 = '' OR a.territory = $2) AND ($3 = '' OR a.state = $3) AND ($4 = '' OR a.isee_status = $4)
			AND ($5 = '' OR a.channel = $5) AND ` + workWhose
	takenRows = `SELECT ` + workColumns + takenFrom + ` ORDER BY a.submitted_at, a.id`
)

// Take hands over each row of a list as it is read. That they were taken, and how
// many they are, is on record before the first of them leaves.
func (s *Desk) Take(ctx context.Context, ask voucher.Worklist, format string, e audit.Entry, each func(voucher.WorkRow) error) error {
	filter := workFilter(ask)
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO exports (id, taken_by, taken_at, format, filters, rows)
			SELECT gen_random_uuid(), $8, $9, $10, $11, count(*)`+takenFrom+` RETURNING id`,
			append(slices.Clone(filter), string(e.Actor.Person), e.At, format, ask.Codes())...).Scan(&e.Subject)
		if err != nil {
			return err
		}
		return write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("note a list taken: %w", translate(err))
	}
	rows, err := s.pool.Query(ctx, takenRows, filter...)
	if err != nil {
		return fmt.Errorf("list: %w", translate(err))
	}
	var r voucher.WorkRow
	if _, err := pgx.ForEachRow(rows, workFields(&r), func() error { return each(r) }); err != nil {
		return fmt.Errorf("list: %w", translate(err))
	}
	return nil
}
