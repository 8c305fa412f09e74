package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Imports is the voucher.ImportStore.
type Imports struct {
	pool     *pgxpool.Pool
	editions *Editions
}

// NewImports is the store on a pool.
func NewImports(pool *pgxpool.Pool) *Imports { return &Imports{pool, NewEditions(pool)} }

// Editions is every edition in force, by name.
func (s *Imports) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	return s.editions.Editions(ctx)
}

// How long a file that was read waits to be applied, and a reading that was broken
// off to be forgotten: what waits are people's data.
const (
	importKept    = 7 * 24 * time.Hour
	importReading = time.Hour
)

const forgetImports = `
	WITH old AS (
		UPDATE imports SET state = 'dropped', ended_at = $1
		WHERE state = 'checked' AND made_at < $2 OR state = 'reading' AND made_at < $3 RETURNING id)
	DELETE FROM import_rows r USING old WHERE r.import_id = old.id`

// BeginImport notes that a file is being read.
func (s *Imports) BeginImport(ctx context.Context, f voucher.ImportFile, form once.Form, e audit.Entry) (voucher.ImportID, bool, error) {
	before, done, err := s.act(ctx, form, string(f.ID), e, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, forgetImports, e.At, e.At.Add(-importKept), e.At.Add(-importReading)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO imports (id, edition_id, file_digest, state, declared, made_by, made_at)
			VALUES ($1, $2, '', 'reading', nullif($3, 0), $4, $5)`,
			string(f.ID), string(f.Edition), f.Declared, optional(e.Actor.Person), f.MadeAt)
		return err
	})
	return voucher.ImportID(before), done, err
}

// act does something in a transaction with its entry in the register and its form,
// unless the form was sent before: done, with what came of it.
func (s *Imports) act(ctx context.Context, form once.Form, outcome string, e audit.Entry, do func(pgx.Tx) error) (_ string, done bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		before, was, err := outcomeOf(ctx, tx, form)
		if err != nil || was {
			outcome, done = before, was
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if form.Key != "" {
			if _, err := tx.Exec(ctx, `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
				string(form.Person), form.Action, form.Key, form.Digest, outcome, e.At); err != nil {
				return err
			}
		}
		return write(ctx, tx, e)
	})
	if violated(err) == "form_acts_once" { // the same form, at the same moment
		return outcomeOf(ctx, s.pool, form)
	}
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", e.Action, translate(err))
	}
	return outcome, done, nil
}

const copyImportRows = `COPY import_rows (import_id, line, application_id, person_id, protocol, fiscal_code, given_name, family_name, born_on,
	email, phone, territory, province, isee_cents, isee_status, entitled_cents, submitted_at) FROM STDIN WITH (FORMAT binary)`

// StageRows copies rows into the staging table as they come. Their ids rise from row
// to row, so that every index they end up in grows at its end.
func (s *Imports) StageRows(ctx context.Context, id voucher.ImportID, next func() (*voucher.ImportRow, error)) error {
	of, err := uuid.Parse(string(id))
	if err != nil {
		return err
	}
	source := &importSource{id: of, next: next, encoded: []byte(copyHeader)}
	err = s.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		return copyFrom(ctx, c.Conn(), source, copyImportRows)
	})
	if source.err != nil && !errors.Is(source.err, io.EOF) {
		return source.err
	}
	if err != nil {
		return fmt.Errorf("keep the rows of a file: %w", translate(err))
	}
	return nil
}

// importSource is the rows of a file as COPY reads them.
type importSource struct {
	id      uuid.UUID
	next    func() (*voucher.ImportRow, error)
	encoded []byte
	sent    int // of what is encoded
	err     error
}

// Read is called by pgx.
func (s *importSource) Read(p []byte) (int, error) {
	if s.sent == len(s.encoded) {
		s.encoded, s.sent = s.encoded[:0], 0
	}
	for len(s.encoded) < len(p) && s.err == nil {
		var row *voucher.ImportRow
		if row, s.err = s.next(); s.err == nil {
			s.append(row)
		} else if errors.Is(s.err, io.EOF) {
			s.encoded = append(s.encoded, copyTrailer...)
		}
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return 0, s.err
	}
	n := copy(p, s.encoded[s.sent:])
	s.sent += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (s *importSource) append(row *voucher.ImportRow) {
	b := copyRow(s.encoded).columns(17).uuid(s.id).int4(row.Line).
		uuid(uuid.Must(uuid.NewV7())).uuid(uuid.Must(uuid.NewV7())).text(row.Protocol).
		text(string(row.FiscalCode)).text(row.GivenName).text(row.FamilyName).date(row.BornOn).
		text(row.Email).text(row.Phone).text(row.Territory).text(row.Province)
	if row.HasISEE {
		b = b.int8(int64(row.ISEE))
	} else {
		b = b.null()
	}
	s.encoded = b.text(string(row.ISEEStatus)).int8(int64(row.Entitled)).instant(row.SubmittedAt)
}

// AddFaults keeps what is wrong with a file.
func (s *Imports) AddFaults(ctx context.Context, id voucher.ImportID, faults []voucher.ImportFault) error {
	_, err := s.pool.CopyFrom(ctx, pgx.Identifier{"import_faults"}, []string{"import_id", "line", "field", "what"},
		pgx.CopyFromSlice(len(faults), func(i int) ([]any, error) {
			return []any{string(id), faults[i].Line, faults[i].Field, faults[i].String()}, nil
		}))
	if err != nil {
		return fmt.Errorf("note the faults of a file: %w", translate(err))
	}
	return nil
}

// ImportProgress says how far the reading of a file has come.
func (s *Imports) ImportProgress(ctx context.Context, id voucher.ImportID, read int) error {
	_, err := s.pool.Exec(ctx, `UPDATE imports SET rows_read = $2 WHERE id = $1 AND state = 'reading'`, string(id), read)
	if err != nil {
		return fmt.Errorf("note how far a file is read: %w", translate(err))
	}
	return nil
}

// DropImport throws the rows of an import away.
func (s *Imports) DropImport(ctx context.Context, id voucher.ImportID, form once.Form, e audit.Entry) error {
	_, _, err := s.act(ctx, form, "", e, func(tx pgx.Tx) error {
		var dropped bool
		if err := tx.QueryRow(ctx, `
			WITH gone AS (UPDATE imports SET state = 'dropped', ended_at = $2 WHERE id = $1 AND state IN ('reading', 'checked', 'refused') RETURNING id),
			rows AS (DELETE FROM import_rows r USING gone WHERE r.import_id = gone.id)
			SELECT EXISTS (SELECT FROM gone)`, string(id), e.At).Scan(&dropped); err != nil {
			return err
		}
		if !dropped {
			return voucher.ErrImportNotReady
		}
		return nil
	})
	return err
}

const importFileColumns = `i.id, i.edition_id, i.state, coalesce(i.declared, 0), i.rows_read, i.rows_wrong, i.rows_applied,
	coalesce(p.given_name || ' ' || p.family_name, ''), i.made_at, i.ended_at,
	i.state = 'applying' AND (EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND classid = ` + importLock + ` AND objid::bigint = hashtext(i.id::text)::bigint & 4294967295)
		OR EXISTS (SELECT FROM river_job j WHERE j.kind = 'import' AND j.args->>'import' = i.id::text AND j.state IN ('available', 'retryable', 'scheduled')))`

func scanImport(row pgx.CollectableRow) (f voucher.ImportFile, err error) {
	return f, row.Scan(&f.ID, &f.Edition, &f.State, &f.Declared, &f.Read, &f.Wrong, &f.Applied, &f.MadeBy, &f.MadeAt,
		(*zeronull.Timestamptz)(&f.EndedAt), &f.Working)
}

// ImportFile is an import; fault.ErrNotFound.
func (s *Imports) ImportFile(ctx context.Context, id voucher.ImportID) (voucher.ImportFile, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+importFileColumns+` FROM imports i LEFT JOIN persons p ON p.id = i.made_by WHERE i.id = $1`, string(id))
	f, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if err != nil {
		return f, fmt.Errorf("import: %w", translate(err))
	}
	return f, nil
}

// ImportFiles are the last imports, newest first.
func (s *Imports) ImportFiles(ctx context.Context, most int) ([]voucher.ImportFile, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+importFileColumns+` FROM imports i LEFT JOIN persons p ON p.id = i.made_by
		ORDER BY i.made_at DESC, i.id LIMIT $1`, most)
	list, err := pgx.CollectRows(rows, scanImport)
	if err != nil {
		return nil, fmt.Errorf("imports: %w", translate(err))
	}
	return list, nil
}

// ImportPreview is the first rows of a file that was checked, and its totals.
func (s *Imports) ImportPreview(ctx context.Context, id voucher.ImportID, most int) (list []voucher.ImportRow, totals voucher.ImportTotals, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT line, fiscal_code, given_name, family_name, born_on, territory, province, coalesce(isee_cents, 0), isee_cents IS NOT NULL,
			isee_status, entitled_cents, submitted_at, email, phone, protocol
		FROM import_rows WHERE import_id = $1 ORDER BY line LIMIT $2`, string(id), most).
		Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.ImportRow])
			return err
		})
	batch.Queue(`SELECT count(*) FILTER (WHERE isee_status = 'valid'), count(*) FILTER (WHERE isee_status = 'defective'),
			count(*) FILTER (WHERE isee_status = 'missing')
		FROM import_rows WHERE import_id = $1`, string(id)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&totals.Valid, &totals.Defective, &totals.Missing) })
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, totals, fmt.Errorf("first rows of a file: %w", translate(err))
	}
	return list, totals, nil
}

// FaultCounts says what is wrong with a file, the most frequent first.
func (s *Imports) FaultCounts(ctx context.Context, id voucher.ImportID) ([]voucher.FaultCount, error) {
	rows, _ := s.pool.Query(ctx, `SELECT split_part(what, ' ', 1), count(*) FROM import_faults WHERE import_id = $1
		GROUP BY 1 ORDER BY 2 DESC, 1`, string(id))
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.FaultCount])
	if err != nil {
		return nil, fmt.Errorf("kinds of faults: %w", translate(err))
	}
	return counts, nil
}

// Faults is a page of what is wrong with a file, of one kind or of all, by line.
func (s *Imports) Faults(ctx context.Context, id voucher.ImportID, kind voucher.FaultKind, page int) ([]voucher.ImportFault, error) {
	rows, _ := s.pool.Query(ctx, `SELECT line, field, what FROM import_faults
		WHERE import_id = $1 AND ($2 = '' OR split_part(what, ' ', 1) = $2)
		ORDER BY line, field, what LIMIT $3 OFFSET $4`,
		string(id), string(kind), voucher.FaultsPageSize, max(page-1, 0)*voucher.FaultsPageSize)
	list, err := pgx.CollectRows(rows, scanFault)
	if err != nil {
		return nil, fmt.Errorf("faults of a file: %w", translate(err))
	}
	return list, nil
}

// EachFault gives all that is wrong with a file, by line.
func (s *Imports) EachFault(ctx context.Context, id voucher.ImportID, give func(voucher.ImportFault) error) error {
	rows, _ := s.pool.Query(ctx, `SELECT line, field, what FROM import_faults WHERE import_id = $1 ORDER BY line, field, what`, string(id))
	var line int
	var field, what string
	_, err := pgx.ForEachRow(rows, []any{&line, &field, &what}, func() error { return give(voucher.ParseFault(line, field, what)) })
	if err != nil {
		return fmt.Errorf("faults of a file: %w", translate(err))
	}
	return nil
}

func scanFault(row pgx.CollectableRow) (voucher.ImportFault, error) {
	var line int
	var field, what string
	err := row.Scan(&line, &field, &what)
	return voucher.ParseFault(line, field, what), err
}

// NoteImport writes that an import was looked at.
func (s *Imports) NoteImport(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
