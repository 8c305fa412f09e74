package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/once"
	"portal/internal/voucher"
)

const (
	// importLock is the class of the locks of imports: one of each import, held by
	// who is applying it, and one of each edition, so that one is applied at a time.
	importLock = `1768779892` // "impt"

	// Nobody gives up who waits for another import to end; and a sort, or a table of
	// hashes, of half a million rows fits in memory.
	importPatience = `SELECT set_config('lock_timeout', '0', true), set_config('work_mem', '96MB', true)`
	importHaste    = `SELECT set_config('lock_timeout', '30s', true)`

	lockImport  = `SELECT pg_advisory_xact_lock(` + importLock + `, hashtext($1))`
	importIsFor = `SELECT state, edition_id, rows_read FROM imports WHERE id = $1`
	importState = `UPDATE imports SET state = $2, ended_at = $3 WHERE id = $1`
)

// What one row of a file cannot know: whether the person, or the number of protocol,
// stands on another line, or is in the database. Each notes the faults it finds.
const (
	markKnown = `UPDATE import_rows r SET person_id = p.id, known = true
		FROM persons p WHERE p.fiscal_code = r.fiscal_code AND r.import_id = $1 AND NOT r.known`
	findTwice = `INSERT INTO import_faults (import_id, line, field, what)
		SELECT $1, r.line, 'codice_fiscale', 'duplicate ' || first.line
		FROM (SELECT fiscal_code, min(line) AS line FROM import_rows WHERE import_id = $1 AND fiscal_code <> '' GROUP BY fiscal_code HAVING count(*) > 1) first
		JOIN import_rows r ON r.import_id = $1 AND r.fiscal_code = first.fiscal_code AND r.line > first.line`
	findApplied = `INSERT INTO import_faults (import_id, line, field, what)
		SELECT $1, r.line, 'codice_fiscale', 'applied'
		FROM import_rows r JOIN applications a ON a.beneficiary_id = r.person_id AND a.edition_id = $2
		WHERE r.import_id = $1 AND r.known ON CONFLICT DO NOTHING`
	findProtocolTwice = `INSERT INTO import_faults (import_id, line, field, what)
		SELECT $1, r.line, 'protocollo', 'protocol_twice ' || first.line
		FROM (SELECT protocol, min(line) AS line FROM import_rows WHERE import_id = $1 AND protocol <> '' GROUP BY protocol HAVING count(*) > 1) first
		JOIN import_rows r ON r.import_id = $1 AND r.protocol = first.protocol AND r.line > first.line`
	findProtocolTaken = `INSERT INTO import_faults (import_id, line, field, what)
		SELECT $1, r.line, 'protocollo', 'protocol_taken'
		FROM import_rows r JOIN applications a ON a.protocol = r.protocol
		WHERE r.import_id = $1 AND r.protocol <> '' ON CONFLICT DO NOTHING`
)

const (
	// Another import of the same file that nobody is at any more was broken off by a
	// program that died: this one takes its place.
	dropBrokenOff = `WITH broken AS (
			UPDATE imports SET state = 'dropped', rows_applied = 0, ended_at = $4
			WHERE edition_id = $2 AND file_digest = $3 AND state = 'applying' AND id <> $1
				AND pg_try_advisory_xact_lock(` + importLock + `, hashtext(id::text)) RETURNING id)
		DELETE FROM import_rows r USING broken WHERE r.import_id = broken.id`
	findImported = `INSERT INTO import_faults (import_id, line, field, what)
		SELECT $1, 0, '', 'imported' FROM imports
		WHERE edition_id = $2 AND file_digest = $3 AND state IN ('applying', 'applied') LIMIT 1`
	endReading = `UPDATE imports SET file_digest = $2, rows_read = $3, ended_at = $4,
			rows_wrong = (SELECT count(DISTINCT line) FROM import_faults WHERE import_id = $1 AND line > 1),
			state = CASE WHEN EXISTS (SELECT FROM import_faults WHERE import_id = $1) THEN 'refused' ELSE 'checked' END
		WHERE id = $1 AND state = 'reading'`
	dropRefused = `DELETE FROM import_rows r USING imports i WHERE i.id = $1 AND i.state = 'refused' AND r.import_id = i.id`
)

// CheckImport ends the reading of a file.
func (s *Imports) CheckImport(ctx context.Context, f voucher.ImportFile, digest []byte, now time.Time) error {
	id := string(f.ID)
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var batch pgx.Batch
		batch.Queue(importPatience)
		batch.Queue(dropBrokenOff, id, string(f.Edition), digest, now)
		batch.Queue(findImported, id, string(f.Edition), digest)
		batch.Queue(findTwice, id)
		batch.Queue(markKnown, id)
		batch.Queue(findApplied, id, string(f.Edition))
		batch.Queue(findProtocolTwice, id)
		batch.Queue(findProtocolTaken, id)
		batch.Queue(endReading, id, digest, f.Read, now)
		batch.Queue(dropRefused, id)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("check a file: %w", translate(err))
	}
	return nil
}

// OrderImport has an import applied by a job, or by the command line itself.
func (s *Imports) OrderImport(ctx context.Context, id voucher.ImportID, form once.Form, e audit.Entry) error {
	_, _, err := s.act(ctx, form, "", e, func(tx pgx.Tx) error {
		changed, err := tx.Exec(ctx, `UPDATE imports SET state = 'applying', rows_applied = 0, ended_at = NULL WHERE id = $1 AND state IN ('checked', 'applying')`, string(id))
		switch {
		case violated(err) == "file_is_imported_once":
			return voucher.ErrImportedBefore
		case err != nil:
			return err
		case changed.RowsAffected() == 0:
			return voucher.ErrImportNotReady
		case e.Actor.Person == "":
			return nil
		}
		_, err = tx.Exec(ctx, `INSERT INTO river_job (kind, args, max_attempts) VALUES ('import', jsonb_build_object('import', $1::text), 12)`, string(id))
		return err
	})
	return err
}

// importBatch is how many lines of a file are applied by one statement: few enough
// that one sees it move, many enough that the statement costs nothing.
const importBatch = 20_000

const (
	newPersonsOf = `SELECT count(*) FROM import_rows WHERE import_id = $1 AND line BETWEEN $2 AND $3 AND NOT known`
	makePersons  = `INSERT INTO persons (id, fiscal_code, given_name, family_name, born_on, email, phone, created_at)
		SELECT person_id, fiscal_code, given_name, family_name, born_on, email, phone, $4
		FROM import_rows WHERE import_id = $1 AND line BETWEEN $2 AND $3 AND NOT known ORDER BY line
		ON CONFLICT (fiscal_code) DO NOTHING`
	// Somebody logged in for the first time in the meantime.
	takePersons = `UPDATE import_rows r SET person_id = p.id, known = true
		FROM persons p WHERE p.fiscal_code = r.fiscal_code AND p.id <> r.person_id AND r.import_id = $1 AND r.line BETWEEN $2 AND $3`
	makeApplications = `INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents,
			submitted_at, state, entitled_cents, channel, import_id, email, phone, isee_status, cure_by)
		SELECT application_id, CASE WHEN protocol <> '' THEN protocol ELSE 'INPS-' || $5::text || '-' || lpad(nextval('protocol_numbers')::text, 6, '0') END,
			$4, person_id, person_id, territory, province, isee_cents, submitted_at,
			CASE WHEN isee_status = 'valid' THEN 'submitted' ELSE 'awaiting_isee' END, entitled_cents, 'import', $1, email, phone, isee_status,
			CASE WHEN isee_status <> 'valid' THEN $6::date END
		FROM import_rows WHERE import_id = $1 AND line BETWEEN $2 AND $3 ORDER BY line`
	countRows   = `SELECT count(*), coalesce(max(line), 0) FROM import_rows WHERE import_id = $1`
	countFaults = `SELECT count(*) FROM import_faults WHERE import_id = $1`
	endApplying = `UPDATE imports SET state = 'applied', rows_applied = $2, ended_at = $3 WHERE id = $1`
	dropApplied = `DELETE FROM import_rows WHERE import_id = $1`
	tellApplied = `UPDATE imports SET rows_applied = $2 WHERE id = $1 AND state = 'applying'`
)

// ApplyImport makes the applications of an import that was ordered, in one
// transaction. How far it has come is told on another connection.
func (s *Imports) ApplyImport(ctx context.Context, id voucher.ImportID, terms voucher.ImportTerms, told func(applied int)) error {
	refused := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		a := applying{Imports: s, tx: tx, id: string(id), terms: terms, told: told}
		if err := a.begin(ctx); err != nil || a.state == voucher.ImportApplied {
			return err
		}
		var err error
		if refused, err = a.recheck(ctx); err != nil || refused {
			return err
		}
		return a.run(ctx)
	})
	if err == nil && refused {
		return voucher.ErrImportFaults
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, _ = s.pool.Exec(ctx, tellApplied, string(id), 0) // the number is only a hope
		return fmt.Errorf("apply an import: %w", translate(err))
	}
	return nil
}

// applying is an import on its way into the tables.
type applying struct {
	*Imports
	tx      pgx.Tx
	id      string
	terms   voucher.ImportTerms
	told    func(int)
	state   voucher.ImportState
	edition string
	read    int
	last    int // line
}

// begin waits for its turn and looks at what there is to do.
func (a *applying) begin(ctx context.Context) error {
	var batch pgx.Batch
	batch.Queue(importPatience)
	batch.Queue(lockImport, a.id)
	if err := a.tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if err := a.tx.QueryRow(ctx, importIsFor, a.id).Scan(&a.state, &a.edition, &a.read); err != nil {
		return err
	}
	switch a.state {
	case voucher.ImportApplied:
		return nil
	case voucher.ImportRefused:
		return voucher.ErrImportFaults
	case voucher.ImportApplying:
	default:
		return voucher.ErrImportNotReady
	}
	var there int
	batch = pgx.Batch{}
	batch.Queue(lockImport, a.edition)
	batch.Queue(importHaste)
	batch.Queue(countRows, a.id).QueryRow(func(row pgx.Row) error { return row.Scan(&there, &a.last) })
	if err := a.tx.SendBatch(ctx, &batch).Close(); err != nil {
		return err
	}
	if there != a.read {
		return voucher.ErrImportRowsLost
	}
	return nil
}

// recheck asks again what may have changed since the file was checked.
func (a *applying) recheck(ctx context.Context) (refused bool, err error) {
	var batch pgx.Batch
	found := 0
	batch.Queue(markKnown, a.id)
	batch.Queue(findApplied, a.id, a.edition)
	batch.Queue(findProtocolTaken, a.id)
	batch.Queue(countFaults, a.id).QueryRow(func(row pgx.Row) error { return row.Scan(&found) })
	if err := a.tx.SendBatch(ctx, &batch).Close(); err != nil || found == 0 {
		return false, err
	}
	batch = pgx.Batch{}
	batch.Queue(`UPDATE imports SET state = 'refused', rows_applied = 0, ended_at = $2,
		rows_wrong = (SELECT count(DISTINCT line) FROM import_faults WHERE import_id = $1 AND line > 1) WHERE id = $1`, a.id, a.terms.At)
	batch.Queue(dropRefused, a.id)
	return true, a.tx.SendBatch(ctx, &batch).Close()
}

func (a *applying) run(ctx context.Context) error {
	applied := 0
	for first := 1; first <= a.last; first += importBatch {
		n, err := a.applyLines(ctx, first, first+importBatch-1)
		if err != nil {
			return err
		}
		applied += n
		a.told(applied)
		if _, err := a.pool.Exec(ctx, tellApplied, a.id, applied); err != nil {
			return err
		}
	}
	if applied != a.read {
		return fmt.Errorf("%d applications of %d rows", applied, a.read)
	}
	var batch pgx.Batch
	batch.Queue(endApplying, a.id, applied, a.terms.At)
	batch.Queue(dropApplied, a.id)
	batch.Queue(insertEntry, entryValues(ctx, a.terms.Entry)...)
	return a.tx.SendBatch(ctx, &batch).Close()
}

// applyLines makes the persons of some lines that are not there yet, and then their
// applications.
func (a *applying) applyLines(ctx context.Context, first, last int) (int, error) {
	var wanted, made int64
	var batch pgx.Batch
	batch.Queue(newPersonsOf, a.id, first, last)
	batch.Queue(makePersons, a.id, first, last, a.terms.At)
	results := a.tx.SendBatch(ctx, &batch)
	err := results.QueryRow().Scan(&wanted)
	if err == nil {
		tag, wrong := results.Exec()
		made, err = tag.RowsAffected(), wrong
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return 0, err
	}
	if made != wanted {
		if _, err := a.tx.Exec(ctx, takePersons, a.id, first, last); err != nil {
			return 0, err
		}
	}
	tag, err := a.tx.Exec(ctx, makeApplications, a.id, first, last, a.edition, fmt.Sprint(a.terms.Year), a.terms.CureBy)
	return int(tag.RowsAffected()), err
}
