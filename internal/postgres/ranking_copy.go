package postgres

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// isCandidate is who takes part in a ranking of the edition $1, of applications a:
// see the Readings of package voucher.
const isCandidate = `a.edition_id = $1 AND (
	a.state IN ('submitted', 'in_review', 'awaiting_isee', 'awarded', 'partially_awarded', 'unfunded')
	OR a.state = 'refused' AND a.run_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM refusals f WHERE f.application_id = a.id AND f.state = 'approved' AND f.reopened_at IS NULL)
	OR a.state = 'not_processable' AND (a.run_id IS NOT NULL OR a.isee_status <> 'valid'))`

// candidateColumns are those of ranking_entries that are frozen, of applications a
// with their vouchers v. Who holds a voucher has their place where its money is from.
// While somebody is waited for, their ISEE is not valid.
const candidateColumns = `a.id AS application_id, coalesce(v.territory, a.territory) AS territory,
	CASE WHEN a.isee_status <> 'missing' THEN coalesce(a.isee_cents, 0) END AS isee_cents,
	CASE WHEN a.state = 'awaiting_isee' AND a.isee_status = 'valid' THEN 'defective' ELSE a.isee_status END AS isee_status,
	a.submitted_at, coalesce(v.awarded_cents, 0) AS kept_cents`

const candidatesOf = `SELECT ` + candidateColumns + ` FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id WHERE ` + isCandidate

// spentOf is what was awarded to who is no more a candidate, by territory.
const spentOf = `SELECT v.territory, sum(v.awarded_cents)::bigint FROM vouchers v JOIN applications a ON a.id = v.application_id
	WHERE a.edition_id = $1 AND NOT (` + isCandidate + `) GROUP BY v.territory`

// completesOf is whose award in part a reallocation of the edition $1 completes: who has
// a session that counts as spent, confirmed and invoiced, and a voucher that was not
// taken away or stopped.
const completesOf = `SELECT a.id FROM applications a JOIN vouchers v ON v.application_id = a.id
	WHERE a.edition_id = $1 AND a.state = 'partially_awarded' AND v.state IN ('active', 'expired') AND v.blocked_at IS NULL
		AND EXISTS (SELECT FROM bookings b WHERE b.voucher_id = v.id AND b.state = 'held' AND b.claimed_cents IS NOT NULL)`

// setAsideOf is what is kept back for re-examinations that nobody has decided, by
// territory.
const setAsideOf = `SELECT ` + reviewTerritory + `, sum(x.set_aside_cents)::bigint FROM reexaminations x JOIN applications a ON a.id = x.application_id
	WHERE a.edition_id = $1 AND x.set_aside_cents > 0 AND x.state IN ('asked', 'proposed') AND ` + stillAsks + ` GROUP BY 1`

// Freeze reads the candidates of an edition and what others were awarded, all at
// one instant; after the first round also the money, and for a reallocation whose award
// is completed.
func (s *Rankings) Freeze(ctx context.Context, e voucher.Edition, run voucher.Run) (frozen voucher.Snapshot, err error) {
	id := e.ID
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL work_mem = '64MB'`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, candidatesOf+` ORDER BY a.id`, string(id))
		if err != nil {
			return err
		}
		if frozen.Candidates, err = readCandidates(rows); err != nil {
			return err
		}
		if frozen.Spent, err = spent(ctx, tx, id); err != nil {
			return err
		}
		if frozen.SetAside, err = byTerritory(ctx, tx, setAsideOf, id); err != nil || run.Round == 1 {
			return err
		}
		if frozen.Residuals, err = residuals(ctx, tx, e, ""); err != nil || !run.Reallocates {
			return err
		}
		return freezeCompletions(ctx, tx, id, frozen.Candidates)
	})
	if err != nil {
		return voucher.Snapshot{}, fmt.Errorf("freeze the inputs of edition %s: %w", id, translate(err))
	}
	return frozen, nil
}

// freezeCompletions marks whose award is completed, among candidates in the order of
// their IDs.
func freezeCompletions(ctx context.Context, db DB, id voucher.EditionID, candidates []voucher.Candidate) error {
	rows, _ := db.Query(ctx, completesOf, string(id))
	var of string
	_, err := pgx.ForEachRow(rows, []any{&of}, func() error {
		at, found := slices.BinarySearchFunc(candidates, of, func(c voucher.Candidate, id string) int { return strings.Compare(c.ID, id) })
		if found {
			candidates[at].Completes = true
		}
		return nil
	})
	return err
}

func spent(ctx context.Context, db DB, id voucher.EditionID) (map[string]money.Amount, error) {
	return byTerritory(ctx, db, spentOf, id)
}

// byTerritory reads amounts of an edition by territory: see spentOf and setAsideOf.
func byTerritory(ctx context.Context, db DB, sql string, id voucher.EditionID) (map[string]money.Amount, error) {
	amounts := map[string]money.Amount{}
	rows, _ := db.Query(ctx, sql, string(id))
	var territory string
	var amount int64
	_, err := pgx.ForEachRow(rows, []any{&territory, &amount}, func() error {
		amounts[territory] = money.Amount(amount)
		return nil
	})
	return amounts, err
}

// sinceUnix is from 1970, from where the portal counts, to 2000, from where
// PostgreSQL does, in microseconds.
const sinceUnix = 946_684_800_000_000

// readCandidates reads rows of candidateColumns as they come over the wire: among so
// many, what a general reader costs for each is felt.
func readCandidates(rows pgx.Rows) ([]voucher.Candidate, error) {
	defer rows.Close()
	var all []voucher.Candidate
	var ids strings.Builder // many texts side by side
	territories, statuses := map[string]string{}, map[string]string{}
	for rows.Next() {
		v := rows.RawValues()
		all = append(all, voucher.Candidate{
			ID: idText(&ids, v[0]), Territory: sameText(territories, v[1]), ISEE: money.Amount(wireNumber(v[2])),
			ISEEStatus: voucher.ISEEStatus(sameText(statuses, v[3])), SubmittedAt: wireNumber(v[4]) + sinceUnix, Kept: money.Amount(wireNumber(v[5])),
		})
	}
	return all, rows.Err()
}

// idText is a UUID as text.
func idText(shelf *strings.Builder, id []byte) string {
	const length = 36
	if shelf.Cap()-shelf.Len() < length {
		*shelf = strings.Builder{}
		shelf.Grow(2000 * length)
	}
	var text [length]byte
	hex.Encode(text[:], id[:4])
	hex.Encode(text[9:], id[4:6])
	hex.Encode(text[14:], id[6:8])
	hex.Encode(text[19:], id[8:10])
	hex.Encode(text[24:], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	from := shelf.Len()
	shelf.Write(text[:])
	return shelf.String()[from:]
}

// sameText is a text that occurs often, kept once.
func sameText(known map[string]string, text []byte) string {
	if s, ok := known[string(text)]; ok {
		return s
	}
	s := string(text)
	known[s] = s
	return s
}

// wireNumber is a bigint or an instant, 0 for NULL.
func wireNumber(b []byte) int64 {
	if b == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}

// What takes the rows of a run, and those of a reallocation.
const (
	copiedColumns = `run_id, application_id, territory, isee_cents, isee_status, submitted_at, kept_cents,
		ground, rank, decided, entitled_cents, awarded_cents, residual_cents`
	copyRankedRows    = `COPY ranking_entries (` + copiedColumns + `) FROM STDIN BINARY`
	copyCompletedRows = `COPY ranking_entries (` + copiedColumns + `, completes) FROM STDIN BINARY`
)

// Keep saves a new run: first its rows, in the order of their key, then the run
// itself with the next number of its edition.
func (s *Rankings) Keep(ctx context.Context, form once.Form, run voucher.Run, inputs []voucher.Candidate, outcomes []voucher.Outcome,
	digests func() voucher.Digests, e audit.Entry) (voucher.RunID, error) {
	id, err := uuid.Parse(string(run.ID))
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows := &copyRows{run: id, inputs: inputs, outcomes: outcomes, completes: run.Reallocates}
		sql := copyRankedRows
		if rows.completes {
			sql = copyCompletedRows
		}
		if err := copyFrom(ctx, tx.Conn(), rows, sql); err != nil {
			return fmt.Errorf("rows: %w", err)
		}
		run.Digests = digests()
		return insertRun(ctx, tx, form, run, e)
	})
	if violated(err) == "form_acts_once" {
		outcome, _, err := s.Outcome(ctx, form)
		return voucher.RunID(outcome), err
	}
	if err != nil {
		return "", fmt.Errorf("keep run %s: %w", run.ID, translate(err))
	}
	return run.ID, nil
}

// insertRun saves what a run is, beside its rows. The edition is locked for the
// number: not as one that changes, so that applications come in meanwhile.
func insertRun(ctx context.Context, tx pgx.Tx, form once.Form, run voucher.Run, e audit.Entry) error {
	var batch pgx.Batch
	batch.Queue(`SELECT FROM editions WHERE id = $1 FOR NO KEY UPDATE`, string(run.Edition))
	batch.Queue(`
		INSERT INTO ranking_runs (id, edition_id, edition_version, number, round, corrects, reason, state, simulated_by, taken_at, candidates,
			inputs_digest, rules_digest, result_digest, reallocates)
		SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM ranking_runs WHERE edition_id = $2`,
		string(run.ID), string(run.Edition), run.Version, run.Round, optional(run.Corrects), run.Reason, string(run.State),
		string(run.Simulated.By), run.Simulated.At, run.Candidates, run.Digests.Inputs, run.Digests.Rules, run.Digests.Results, run.Reallocates)
	for _, t := range run.Territories {
		batch.Queue(`
			INSERT INTO ranking_territories (run_id, territory, closed, budget_cents, candidates, eligible, awarded, partial, unfunded, refused,
				not_processable, awarded_cents, residual_cents, last_funded_rank, last_funded_isee, kept, set_aside_cents, kept_cents, pool_cents)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
			string(run.ID), t.Name, t.Closed, t.Budget, t.Candidates, t.Eligible, t.Awarded, t.Partial, t.Unfunded, t.Refused,
			t.NotProcessable, t.AwardedAmount, t.Residual, t.LastRank, t.LastISEE, t.Kept, t.SetAside, t.KeptAmount, optionalCents(t.Pool))
	}
	queueForm(&batch, form, string(run.ID), e.At)
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	return tx.SendBatch(ctx, &batch).Close()
}

// copyRows is the rows of a run as COPY takes them in its binary form
// (https://www.postgresql.org/docs/current/sql-copy.html), made while they are read.
type copyRows struct {
	run       uuid.UUID
	inputs    []voucher.Candidate
	outcomes  []voucher.Outcome
	completes bool // of a reallocation: the column says whose award is completed
	next      int
	begun     bool
	ended     bool
	made      []byte
	rest      []byte // of made, not read yet
}

// Read is called by whoever sends the rows.
func (r *copyRows) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.ended {
			return 0, io.EOF
		}
		r.make()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// make makes some rows more.
func (r *copyRows) make() {
	const room, longest = 64 << 10, 512
	columns := uint16(13)
	if r.completes {
		columns++
	}
	b := r.made[:0]
	if !r.begun {
		b = append(b, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
		r.begun = true
	}
	for ; r.next < len(r.inputs) && len(b) < room-longest; r.next++ {
		c, o := &r.inputs[r.next], &r.outcomes[r.next]
		b = binary.BigEndian.AppendUint16(b, columns)
		b = appendWireText(b, r.run[:])
		b = appendWireID(b, c.ID)
		b = appendWireText(b, c.Territory)
		if c.ISEEStatus == voucher.ISEEMissing {
			b = appendWireNull(b)
		} else {
			b = appendWireNumber(b, int64(c.ISEE))
		}
		b = appendWireText(b, c.ISEEStatus)
		b = appendWireNumber(b, c.SubmittedAt-sinceUnix)
		b = appendWireNumber(b, int64(c.Kept))
		b = appendWireText(b, o.Ground)
		if o.Rank == 0 {
			b = appendWireNull(b)
		} else {
			b = binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(o.Rank))
		}
		b = appendWireText(b, o.Decided)
		b = appendWireNumber(b, int64(o.Entitled))
		b = appendWireNumber(b, int64(o.Awarded))
		b = appendWireNumber(b, int64(o.Residual))
		if r.completes {
			b = appendWireBool(b, c.Completes)
		}
	}
	if r.next == len(r.inputs) {
		b = append(b, 0xff, 0xff)
		r.ended = true
	}
	r.made, r.rest = b, b
}

func appendWireText[T ~string | ~[]byte](b []byte, text T) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

func appendWireNumber(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n))
}

func appendWireBool(b []byte, is bool) []byte {
	if is {
		return append(b, 0, 0, 0, 1, 1)
	}
	return append(b, 0, 0, 0, 1, 0)
}

func appendWireNull(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff) }

// appendWireID appends a UUID that idText has written.
func appendWireID(b []byte, text string) []byte {
	b = append(b, 0, 0, 0, 16)
	for i := 0; i < len(text); i += 2 {
		if text[i] == '-' {
			i++
		}
		b = append(b, nibble(text[i])<<4|nibble(text[i+1]))
	}
	return b
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}
