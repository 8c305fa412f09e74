package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/indemnity"
	"portal/internal/once"
)

// heirsOfCases are the heirs of some cases, those taken out again left out.
func heirsOfCases(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID][]indemnity.Heir, error) {
	rows, _ := db.Query(ctx, `
		SELECT id, application_id, coalesce(person_id::text, ''), fiscal_code, given_name, family_name, kinship, share_part, share_whole, iban, email, linked_at,
			signed_at, signed_by, declared
		FROM heirs WHERE application_id = ANY ($1) AND removed_at IS NULL ORDER BY added_at, id`, cases)
	all := map[indemnity.CaseID][]indemnity.Heir{}
	heirs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h indemnity.Heir, err error) {
		return h, row.Scan(&h.ID, &h.Case, &h.Person.ID, &h.Person.FiscalCode, &h.Person.GivenName, &h.Person.FamilyName, &h.Kinship,
			&h.Part, &h.Whole, &h.IBAN, &h.Email, (*zeronull.Timestamptz)(&h.LinkedAt), (*zeronull.Timestamptz)(&h.SignedAt), &h.SignedBy, &h.Declared)
	})
	if err != nil {
		return nil, fmt.Errorf("heirs of a case: %w", translate(err))
	}
	for _, h := range heirs {
		all[h.Case] = append(all[h.Case], h)
	}
	return all, nil
}

// messagesOfCases are the certified messages of some cases as they were put right, that
// by which each came first.
func messagesOfCases(ctx context.Context, db DB, cases []string) (map[indemnity.CaseID][]indemnity.Message, error) {
	rows, _ := db.Query(ctx, `
		SELECT m.application_id, m.id, said.sender, said.accepted_at, said.delivered_at, coalesce(said.why, ''), coalesce(said.recorded_at, 'epoch')
		FROM pec_messages m CROSS JOIN LATERAL (
			SELECT 0 AS number, m.sender, m.accepted_at, m.delivered_at, NULL AS why, NULL::timestamptz AS recorded_at
			UNION ALL SELECT x.number, x.sender, x.accepted_at, x.delivered_at, x.why, x.recorded_at FROM pec_corrections x WHERE x.message_id = m.id) said
		WHERE m.application_id = ANY ($1) ORDER BY m.recorded_at, m.id, said.number`, cases)
	all := map[indemnity.CaseID][]indemnity.Message{}
	var of indemnity.CaseID
	var m indemnity.Message
	var right indemnity.Righted
	_, err := pgx.ForEachRow(rows, []any{&of, &m.ID, &m.Sender, &m.AcceptedAt, &m.DeliveredAt, &right.Why, &right.At}, func() error {
		known := all[of]
		if last := len(known) - 1; last >= 0 && known[last].ID == m.ID {
			right.Certified = known[last].Certified
			known[last].Before = append(known[last].Before, right)
			known[last].Certified = m.Certified
			return nil
		}
		all[of] = append(known, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("certified messages: %w", translate(err))
	}
	return all, nil
}

// ChangeHeirs locks a case, asks for a decision on its heirs or on what they sent, and
// saves that.
func (s *Heirs) ChangeHeirs(ctx context.Context, form once.Form, now time.Time, id indemnity.CaseID,
	decide func(indemnity.CaseFile) (indemnity.HeirsChange, error)) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockApplication, string(id)); err != nil {
			return "", err
		}
		c, err := s.cases.one(ctx, tx, id)
		if err != nil {
			return "", err
		}
		x, err := decide(c)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		if m := x.Message; m != nil {
			queueMessage(&batch, c, *m, x)
		}
		for _, one := range x.Signed {
			batch.Queue(`UPDATE heirs SET signed_at = $2, signed_by = $3, declared = $4, iban = $5 WHERE id = $1`,
				string(one.Heir), one.At, string(one.By), append([]indemnity.Declared{}, one.Declared...), one.IBAN)
		}
		batch.Queue(insertEntry, entryValues(ctx, x.Entry)...)
		return string(id), tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("heirs of a case: %w", err)
	}
	return nil
}

// queueMessage keeps a message that is new, or says one again that was registered wrong.
func queueMessage(batch *pgx.Batch, c indemnity.CaseFile, m indemnity.Message, x indemnity.HeirsChange) {
	by := string(x.Entry.Actor.Person)
	if len(m.Before) == 0 {
		batch.Queue(`INSERT INTO pec_messages (id, application_id, sender, accepted_at, delivered_at, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			string(m.ID), string(c.ID), m.Sender, m.AcceptedAt, m.DeliveredAt, by, x.Entry.At)
		return
	}
	batch.Queue(`INSERT INTO pec_corrections (message_id, number, sender, accepted_at, delivered_at, why, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(m.ID), len(m.Before), m.Sender, m.AcceptedAt, m.DeliveredAt, m.Before[len(m.Before)-1].Why, by, x.Entry.At)
}
