package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
)

const listingColumns = `q.person_id, s.given_name, s.family_name, q.address, q.city, q.postal_code, q.province, q.region,
	q.shown_phone, q.shown_languages, q.shown_online`

func listingFields(l *voucher.Listing) []any {
	return []any{&l.Person, &l.GivenName, &l.FamilyName, &l.Address, &l.City, &l.PostalCode, &l.Province, &l.Region,
		&l.Phone, &l.Languages, &l.Online}
}

// Participation is a person's standing on CNOP's list on a day.
func (s *Vouchers) Participation(ctx context.Context, of identity.PersonID, on calendar.Date) (p voucher.Participation, err error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT `+listingColumns+`,
			EXISTS (SELECT FROM enrolments e WHERE e.professional_id = q.person_id AND e.during @> $2::date),
			(SELECT upper(e.during) FROM enrolments e
				WHERE e.professional_id = q.person_id AND (lower_inf(e.during) OR lower(e.during) <= $2)
				ORDER BY e.during DESC LIMIT 1)
		FROM professionals q JOIN persons s ON s.id = q.person_id
		WHERE q.person_id = $1`, string(of), on)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p voucher.Participation, err error) {
		p.Listed = true
		return p, row.Scan(append(listingFields(&p.Listing), &p.Enrolled, &p.LeftOn)...)
	})
	if err != nil {
		return p, fmt.Errorf("participation: %w", translate(err))
	}
	if len(found) == 0 {
		return voucher.Participation{}, nil
	}
	return found[0], nil
}

// List is the last list that CNOP delivered.
func (s *Vouchers) List(ctx context.Context) (l voucher.ParticipantList, err error) {
	err = s.pool.QueryRow(ctx, `SELECT list_day, next_due_on FROM deliveries WHERE state = 'applied' ORDER BY applied_at DESC LIMIT 1`).
		Scan(&l.DeliveredOn, &l.NextDueOn)
	if err != nil {
		return l, fmt.Errorf("participant list: %w", translate(err))
	}
	return l, nil
}

const (
	searchFrom = ` FROM professionals q JOIN persons s ON s.id = q.person_id
		WHERE q.visible AND EXISTS (SELECT FROM enrolments e WHERE e.professional_id = q.person_id AND e.during @> $1::date)
		AND ($2 = '' OR q.region = $2) AND ($3 = '' OR q.province = $3)
		AND ($4 = '' OR plain(q.city) = plain($4)) AND ($5 = '' OR q.postal_code = $5)
		AND ($6 = '' OR plain(q.searched_name) LIKE ` + partOfName + `)
		AND ($7 = '' OR $7 = ANY (q.shown_languages)) AND (NOT $8 OR q.shown_online)`
	searchTotal = `SELECT count(*)` + searchFrom
	// The order is drawn anew each hour, the same for everybody within it: pages
	// hold together, and nobody is always first.
	searchRows = `SELECT ` + listingColumns + searchFrom + `
		ORDER BY uuid_hash_extended(q.person_id, $9), q.person_id LIMIT $10 OFFSET $11`
	// Cities of a like name in which the same search finds somebody.
	searchNear = `SELECT city FROM (SELECT DISTINCT q.city` + searchFrom + ` AND plain(q.city) % plain($9)) c
		ORDER BY similarity(plain(city), plain($9)) DESC, city LIMIT 3`
)

// partOfName is the pattern of a name that has in it what somebody typed, the
// parameter $6. Its wildcards are made text last: plain makes new ones, of ％ for
// instance.
const partOfName = `'%' || regexp_replace(plain($6), '[\\%_]', '\\\&', 'g') || '%'`

// Search is a page of the professionals enrolled on a day. When there is nobody in
// the city asked for, it also tells in which cities of a like name there is.
func (s *Vouchers) Search(ctx context.Context, ask voucher.Search, on calendar.Date) (found voucher.Found, err error) {
	filter := []any{on, ask.Region, ask.Province, ask.City, ask.PostalCode, ask.Name, ask.Language, ask.Online}
	var batch pgx.Batch
	batch.Queue(searchTotal, filter...).QueryRow(func(row pgx.Row) error { return row.Scan(&found.Total) })
	offset := max(ask.Page-1, 0) * voucher.PageSize
	batch.Queue(searchRows, append(filter, ask.Hour, voucher.PageSize, offset)...).Query(func(rows pgx.Rows) (err error) {
		found.Listings, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l voucher.Listing, err error) {
			return l, row.Scan(listingFields(&l)...)
		})
		return err
	})
	if ask.City != "" {
		elsewhere := []any{on, "", "", "", "", ask.Name, ask.Language, ask.Online, ask.City}
		batch.Queue(searchNear, elsewhere...).Query(func(rows pgx.Rows) (err error) {
			found.Near, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	}
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Found{}, fmt.Errorf("search professionals: %w", translate(err))
	}
	if found.Total > 0 {
		found.Near = nil
	}
	return found, nil
}
