package pgtest

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// FillCall has so many members apply for the call of May 2026, all of them suitable and
// none of them ranked, instead of whoever did: what a ranking of any size ranks. It needs
// the call.
func FillCall(ctx context.Context, pool *pgxpool.Pool, cases int) error {
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		for _, sql := range []string{`SET LOCAL session_replication_role = replica`, `SELECT setseed(0.2026)`,
			`DELETE FROM indemnity_applications WHERE call_id = '2026-05'`, `
			INSERT INTO persons (id, fiscal_code, given_name, family_name)
			SELECT gen_random_uuid(), 'Q' || lpad(n::text, 15, '0'), 'Giulia', 'Bianchi' FROM generate_series(1, {cases}) n`, `
			INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on,
				event, answers, declarations, registers, digest, check_code, state)
			SELECT gen_random_uuid(), 'BENCH-' || p.fiscal_code, '2026-05', c.version, p.id, 'member', 'portal', p.id, last + 1 + random() * interval '9 days', last + 10,
				daterange(first, last, '[]'),
				jsonb_build_object('cause', 'illness', 'first', first, 'last', last, 'identity_expires', '2030-12-31', 'exclusive', CASE WHEN random() < 0.7 THEN 'yes' ELSE 'no' END,
					'covered', CASE WHEN random() < 0.2 THEN 'yes' ELSE 'no' END, 'isee', CASE WHEN random() < 0.8 THEN 'yes' ELSE 'no' END, 'isee_value', (random() * 6000000)::bigint), '[]',
				jsonb_build_object('at', now(), 'member', jsonb_build_object('number', p.fiscal_code, 'active', true, 'applied_on', '2009-01-01', 'enrolled_on', date '2010-01-01' + (random() * 3000)::int,
					'incomes', jsonb_build_object('2024', (random() * 4000000)::bigint), 'days_paid', '{}'::jsonb), 'position', '{}'::jsonb),
				sha256(''), 'X', 'suitable'
			FROM persons p JOIN calls c ON c.id = '2026-05'
			CROSS JOIN LATERAL (SELECT date '2026-05-01' + (random() * 30)::int AS last WHERE p.id IS NOT NULL) ends
			CROSS JOIN LATERAL (SELECT last - 6 - (random() * random() * 200)::int AS first) starts
			WHERE p.fiscal_code LIKE 'Q0000%'`, `
			INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, digest, at, sealed_bytes)
			SELECT gen_random_uuid(), a.id, a.member_id, k.kind, 'application/pdf', 1, sha256(''), a.submitted_at, 1
			FROM indemnity_applications a, (VALUES ('initial_prognosis'), ('identity'), ('isee')) k (kind) WHERE a.protocol LIKE 'BENCH-%'`, `
			INSERT INTO indemnity_papers (id, case_id, kind, issued_on, covers, attachment_id, added_by, added_at, sent_at)
			SELECT gen_random_uuid(), a.id, f.name, lower(a.event), CASE WHEN f.name = 'initial_prognosis' THEN a.event END, f.id, a.member_id, a.submitted_at, a.submitted_at
			FROM indemnity_applications a JOIN attachments f ON f.subject_id = a.id WHERE a.protocol LIKE 'BENCH-%'`} {
			if _, err := tx.Exec(ctx, strings.ReplaceAll(sql, "{cases}", strconv.Itoa(cases))); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = pool.Exec(ctx, `VACUUM ANALYZE`)
	}
	if err != nil {
		return fmt.Errorf("fill a call: %w", err)
	}
	return nil
}
