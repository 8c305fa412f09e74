package pgtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// FillTill has so many sessions of 50 € in Lombardia held in October 2026, invoiced and
// funded, with so many psychologists who have verified accounts: what a payment run of
// any size pays. It needs the edition 2025 and somebody of INPS.
func FillTill(ctx context.Context, pool *pgxpool.Pool, sessions, payees int) error {
	for _, sql := range []string{`
		INSERT INTO persons (id, fiscal_code, given_name, family_name)
		SELECT md5('till payee ' || n)::uuid, 'TLP' || lpad(n::text, 13, '0'), 'Anna', 'Prova' FROM generate_series(1, {payees}) n`, `
		INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
		SELECT md5('till payee ' || n)::uuid, n::text, 'Lombardia', 'Via Roma 1', 'Milano', '20121', 'MI', 'Lombardia', '02 1', 'Prova' FROM generate_series(1, {payees}) n`, `
		INSERT INTO enrolments SELECT md5('till payee ' || n)::uuid, daterange('2025-01-01', NULL) FROM generate_series(1, {payees}) n`, `
		INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by, decided_by, decided_at)
		SELECT md5('till payee ' || n)::uuid, 'IT60X0542811101000000123456', 'Prova ' || n, 'verified', '2026-09-01', '2026-09-03', '2026-09-15', g.person_id, '2026-09-02'
		FROM generate_series(1, {payees}) n, (SELECT person_id FROM role_grants WHERE role = 'inps' LIMIT 1) g`, `
		INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at)
		SELECT '2025', 'Lombardia', {sessions} * 5000::bigint, '2026-09-01', 'prova', person_id, '2026-09-01' FROM role_grants WHERE role = 'inps' LIMIT 1`, `
		INSERT INTO persons (id, fiscal_code, given_name, family_name)
		SELECT md5('till person ' || n)::uuid, 'TLB' || lpad(n::text, 13, '0'), 'Maria', 'Prova' FROM generate_series(1, {sessions} / 10) n`, `
		INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state, entitled_cents)
		SELECT md5('till application ' || n)::uuid, 'TILL-' || n, '2025', md5('till person ' || n)::uuid, md5('till person ' || n)::uuid, 'Lombardia', 'MI', 900000, 'valid', '2026-01-01', 'awarded', 50000
		FROM generate_series(1, {sessions} / 10) n`, `
		INSERT INTO vouchers (id, application_id, beneficiary_id, territory, awarded_cents, used_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT md5('till voucher ' || n)::uuid, md5('till application ' || n)::uuid, md5('till person ' || n)::uuid, 'Lombardia', 50000, 50000, '2026-06-01', '2027-02-26', '2027-02-26', '2027-03-28',
			decode(md5('till code ' || n), 'hex'), 'x' FROM generate_series(1, {sessions} / 10) n`, `
		INSERT INTO bookings (id, voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at, held_at, claimed_cents)
		SELECT md5('till booking ' || n)::uuid, md5('till voucher ' || (n - 1) / 10 + 1)::uuid, md5('till person ' || (n - 1) / 10 + 1)::uuid, md5('till payee ' || (n - 1) / 10 % {payees} + 1)::uuid,
			'2026-10-01'::date + n % 10, 5000, 'Via Roma 1', 'held', '2026-09-20', '2026-10-11', 5000 FROM generate_series(1, {sessions}) n`, `
		INSERT INTO invoices (id, professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		SELECT md5('till invoice ' || n)::uuid, md5('till payee ' || (n - 1) % {payees} + 1)::uuid, md5('till person ' || n)::uuid, 'T' || n, '2026-10-12', 50000, 'accepted',
			'2026-10-12'::timestamptz + n * interval '1 second', '2026-10-12' FROM generate_series(1, {sessions} / 10) n`, `
		INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT md5('till invoice ' || (n - 1) / 10 + 1)::uuid, id, professional_id, beneficiary_id, 5000
		FROM generate_series(1, {sessions}) n JOIN bookings b ON b.id = md5('till booking ' || n)::uuid`, `
		INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at)
		SELECT id, 'grant', 'fund', 'free', 50000, '2026-06-01' FROM vouchers WHERE code_sealed = 'x'`, `
		INSERT INTO postings (voucher_id, booking_id, event, debit, credit, amount_cents, at)
		SELECT b.voucher_id, b.id, e.event, e.debit, e.credit, 5000, '2026-10-11' FROM vouchers v JOIN bookings b ON b.voucher_id = v.id
		CROSS JOIN (VALUES ('book', 'free', 'booked'), ('hold', 'booked', 'used')) AS e (event, debit, credit) WHERE v.code_sealed = 'x'`, `
		INSERT INTO audit (at, person_id, role, action, subject_id, about_id)
		SELECT '2026-10-11', b.professional_id, 'psychologist', a.action, b.id, b.beneficiary_id FROM vouchers v JOIN bookings b ON b.voucher_id = v.id
		CROSS JOIN (VALUES ('booking.booked'), ('booking.held')) AS a (action) WHERE v.code_sealed = 'x'`, `
		INSERT INTO audit (at, role, action, subject_id, about_id) SELECT '2026-06-01', 'system', 'voucher.granted', id, beneficiary_id FROM vouchers WHERE code_sealed = 'x'`,
		`ANALYZE`,
	} {
		sql = strings.NewReplacer("{sessions}", fmt.Sprint(sessions), "{payees}", fmt.Sprint(payees)).Replace(sql)
		if _, err := pool.Exec(ctx, sql); err != nil {
			return fmt.Errorf("fill the till: %w", err)
		}
	}
	return nil
}
