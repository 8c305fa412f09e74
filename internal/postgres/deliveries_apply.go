package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
)

// SettleDelivery locks a delivery and the list and asks what becomes of it.
func (s *Participants) SettleDelivery(ctx context.Context, form once.Form, id voucher.DeliveryID, today calendar.Date, e audit.Entry,
	judge func(voucher.Delivery) (voucher.Delivery, error),
	compare func(voucher.Delivery, []voucher.ListRow, []voucher.Known) voucher.Comparison) error {
	ctx, cancel := longDeed(ctx)
	defer cancel()
	moved := false
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockList(ctx, tx); err != nil {
			return err
		}
		d, err := delivery(ctx, tx, deliveryLocked, string(id))
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		after, err := judge(d)
		if err != nil {
			return err
		}
		if compare != nil {
			if moved, err = s.compareAnew(ctx, tx, d, today, compare); err != nil || moved {
				return err
			}
		}
		var batch pgx.Batch
		batch.Queue(`UPDATE deliveries SET state = $2, sent_by = $3, sent_at = $4, applied_by = $5, applied_at = $6, next_due_on = $7 WHERE id = $1`,
			string(id), string(after.State), optional(after.SentBy), optionalTime(after.SentAt), optional(after.AppliedBy), optionalTime(after.AppliedAt), after.NextDueOn)
		if after.State == voucher.DeliveryApplied {
			putInForce(ctx, &batch, id, e)
		}
		if after.State == voucher.DeliveryApplied || after.State == voucher.DeliveryDropped {
			// What changes nothing was kept to compare anew: it is nobody's business any more.
			batch.Queue(`DELETE FROM delivery_rows WHERE delivery_id = $1 AND change = 'unchanged'`, string(id))
		}
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		keep(&batch, form, string(id), e.At)
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("delivery %s: %w", id, translate(err))
	}
	if moved {
		return voucher.ErrListMoved
	}
	return nil
}

// compareAnew compares a delivery with what stands now. Where it comes out
// different it keeps that instead. The sessions that removals touch are counted
// anew either way.
func (s *Participants) compareAnew(ctx context.Context, tx pgx.Tx, d voucher.Delivery, today calendar.Date,
	compare func(voucher.Delivery, []voucher.ListRow, []voucher.Known) voucher.Comparison) (moved bool, err error) {
	rows, _ := tx.Query(ctx, `SELECT `+rowColumns+` FROM delivery_rows WHERE delivery_id = $1 ORDER BY line`, string(d.ID))
	kept, err := pgx.CollectRows(rows, scanRow)
	if err != nil {
		return false, err
	}
	all, err := known(ctx, tx, d.Day, today)
	if err != nil {
		return false, err
	}
	file := make([]voucher.ListRow, 0, len(kept))
	for _, r := range kept {
		if row, ok := r.Again(); ok {
			file = append(file, row)
		}
	}
	c := compare(d, file, all)
	t := c.Tally
	if moved = !c.Same(kept); moved {
		if _, err := tx.Exec(ctx, `DELETE FROM delivery_rows WHERE delivery_id = $1`, string(d.ID)); err != nil {
			return false, err
		}
		if err := copyListRows(ctx, tx, d.ID, c.Rows); err != nil {
			return false, err
		}
		d.Revision++
	} else if _, err := tx.Exec(ctx, `
		UPDATE delivery_rows r SET bookings = coalesce(b.booked, 0)
		FROM delivery_rows o LEFT JOIN (SELECT professional_id, count(*) AS booked FROM bookings WHERE state = 'booked' AND day >= $2 GROUP BY professional_id) b
			ON b.professional_id = o.person_id
		WHERE o.delivery_id = $1 AND o.change = 'removed' AND r.delivery_id = o.delivery_id AND r.line = o.line AND r.bookings <> coalesce(b.booked, 0)`,
		string(d.ID), today); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE deliveries SET added = $2, changed = $3, removed = $4, unchanged = $5, rejected = $6, touched = $7, standing = $8, revision = $9,
			based_on = (SELECT id FROM deliveries WHERE state = 'applied' ORDER BY applied_at DESC LIMIT 1)
		WHERE id = $1`, string(d.ID), t.Added, t.Changed, t.Removed, t.Unchanged, t.Rejected, t.Touched, t.Standing, d.Revision)
	return moved, err
}

// putInForce makes of the list what a delivery says: people and where they work
// first, then when they take part, then the register and who is told.
func putInForce(ctx context.Context, batch *pgx.Batch, id voucher.DeliveryID, e audit.Entry) {
	for _, sql := range []string{newPersons, nameNewRows, keepPersons, keepProfessionals, endEnrolments, beginEnrolments} {
		batch.Queue(sql, string(id))
	}
	batch.Queue(`
		WITH written AS (
			INSERT INTO audit (at, person_id, role, for_id, mandate_id, action, subject_id, about_id, request_id, from_address)
			SELECT $2, $3, $4, $5, NULL, CASE r.change WHEN 'added' THEN $7 WHEN 'removed' THEN $8 ELSE $9 END, r.delivery_id, r.person_id, $6, $10
			FROM delivery_rows r WHERE r.delivery_id = $1 AND r.change IN ('added', 'changed', 'removed') ORDER BY r.line
			RETURNING id, action)
		INSERT INTO river_job (kind, args, max_attempts)
		SELECT 'notify', jsonb_build_object('entry', id), 12 FROM written WHERE action <> $9`,
		string(id), e.At, optional(e.Actor.Person), string(e.Actor.Role), optional(e.Actor.For), audit.Request(ctx),
		string(voucher.EnrolmentStarted), string(voucher.EnrolmentEnded), string(voucher.ProfessionalChanged), audit.Address(ctx))
}

// The statements that put a delivery in force, each for the whole list at once.
const (
	newPersons = `
		INSERT INTO persons (fiscal_code, given_name, family_name)
		SELECT r.fiscal_code, r.after->>'nome', r.after->>'cognome'
		FROM delivery_rows r WHERE r.delivery_id = $1 AND r.change = 'added' AND r.person_id IS NULL
		ON CONFLICT (fiscal_code) DO NOTHING`

	nameNewRows = `
		UPDATE delivery_rows r SET person_id = p.id FROM persons p
		WHERE r.delivery_id = $1 AND r.change = 'added' AND r.person_id IS NULL AND p.fiscal_code = r.fiscal_code`

	// Whoever logged in before CNOP named them keeps the name of their login.
	keepPersons = `
		UPDATE persons p SET given_name = r.after->>'nome', family_name = r.after->>'cognome'
		FROM delivery_rows r
		WHERE r.delivery_id = $1 AND r.change = 'changed' AND p.id = r.person_id
		AND (p.given_name, p.family_name) IS DISTINCT FROM (r.after->>'nome', r.after->>'cognome')`

	keepProfessionals = `
		INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone,
			email, languages, online, searched_name, annotated_on)
		SELECT r.person_id, r.after->>'numero_iscrizione', r.after->>'ordine_regionale', r.after->>'indirizzo', r.after->>'comune', r.after->>'cap',
			r.after->>'provincia', r.after->>'regione', r.after->>'telefono', coalesce(r.after->>'email', q.email, ''),
			CASE WHEN r.after ? 'lingue' THEN ARRAY(SELECT jsonb_array_elements_text(r.after->'lingue')) ELSE coalesce(q.languages, '{it}') END,
			coalesce((r.after->>'online')::boolean, q.online, false),
			p.given_name || ' ' || p.family_name || ' ' || p.given_name, (r.after->>'data_annotazione_psicoterapeuta')::date
		FROM delivery_rows r JOIN persons p ON p.id = r.person_id LEFT JOIN professionals q ON q.person_id = r.person_id
		WHERE r.delivery_id = $1 AND r.change IN ('added', 'changed')
		ON CONFLICT (person_id) DO UPDATE SET register_number = excluded.register_number, register_region = excluded.register_region,
			address = excluded.address, city = excluded.city, postal_code = excluded.postal_code, province = excluded.province, region = excluded.region,
			phone = excluded.phone, email = excluded.email, languages = excluded.languages, online = excluded.online, searched_name = excluded.searched_name,
			annotated_on = excluded.annotated_on`

	// A stretch ends on the day the list speaks of, and one that began later on the
	// day it began.
	endEnrolments = `
		UPDATE enrolments e SET during = daterange(lower(e.during), greatest(d.list_day, lower(e.during))), left_by = d.id, left_why = ''
		FROM delivery_rows r JOIN deliveries d ON d.id = r.delivery_id
		WHERE d.id = $1 AND r.change = 'removed' AND e.professional_id = r.person_id
		AND NOT isempty(e.during) AND (upper_inf(e.during) OR upper(e.during) > d.list_day)`

	// Whoever comes back on the day of leaving begins a new stretch where the old
	// one ended.
	beginEnrolments = `
		INSERT INTO enrolments (professional_id, during, entered_by)
		SELECT r.person_id, daterange(greatest(d.list_day, (SELECT max(upper(e.during)) FROM enrolments e WHERE e.professional_id = r.person_id)), NULL), d.id
		FROM delivery_rows r JOIN deliveries d ON d.id = r.delivery_id
		WHERE d.id = $1 AND r.change = 'added'`
)

func isNotFound(err error) bool { return errors.Is(err, fault.ErrNotFound) }
