package bench

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/postgres"
)

// rankedIndemnities is how many cases the ranking of a call has here.
const rankedIndemnities = 20_000

// BenchmarkIndemnityRanking is the ranking of a call in the database: its cases frozen
// and examined, kept with what explains each row, and ranked again by the second ranker;
// and what it costs to make it again from its snapshot.
func BenchmarkIndemnityRanking(b *testing.B) {
	r := newReport(b, "indemnity", "seconds of the steps of a ranking of 20,000 cases for the indemnity")
	pool := open(b, databases(b).database(b, "indemnity"))
	who := fillCall(b, pool)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(pool), nil, rand.Reader, time.Now)
	service := indemnity.NewRankings(postgres.NewCallRankings(pool), applications, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)), time.Now)
	form := func(action string) once.Form {
		f, err := once.New(who.Person, action, once.NewKey(), nil)
		if err != nil {
			b.Fatal(err)
		}
		return f
	}
	var table figures
	turns(b, func(counted bool) {
		var id indemnity.RankingID
		made := seconds(b, func() (err error) {
			id, err = service.Simulate(b.Context(), who, form("simulate"), indemnity.RankingOrder{Call: "2026-05"})
			return err
		})
		second := seconds(b, func() error { return service.Check(b.Context(), who, form("check"), id) })
		again := seconds(b, func() error {
			wrong, err := service.Verify(b.Context(), who, id)
			if len(wrong) > 0 {
				b.Fatal(wrong)
			}
			return err
		})
		if ranking, err := service.Ranking(b.Context(), id); err != nil || ranking.Summary.Ranked != rankedIndemnities || ranking.Disagreements != 0 {
			b.Fatalf("%+v, %v", ranking.Summary, err)
		}
		if err := service.Drop(b.Context(), who, form("drop"), id); err != nil {
			b.Fatal(err)
		}
		if !counted {
			return
		}
		table.note("20k cases frozen, ranked and kept, s", "", made)
		table.note("the second ranker, s", "", second)
		table.note("made again from the snapshot, s", "", again)
	})
	table.publish(b, r)
	r.keep(b)
}

// fillCall has so many members apply for the call of May 2026, all of them suitable, and
// tells who of the office ranks them.
func fillCall(b *testing.B, pool *pgxpool.Pool) identity.Actor {
	b.Helper()
	err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
		for _, sql := range []string{`SET LOCAL session_replication_role = replica`, `SELECT setseed(0.2026)`,
			`DELETE FROM indemnity_applications WHERE call_id = '2026-05'`, `
			INSERT INTO persons (id, fiscal_code, given_name, family_name)
			SELECT gen_random_uuid(), 'Q' || lpad(n::text, 15, '0'), 'Giulia', 'Bianchi' FROM generate_series(1, 20000) n`, `
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
			if _, err := tx.Exec(b.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = pool.Exec(b.Context(), `VACUUM ANALYZE`)
	}
	var person string
	if err == nil {
		err = pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'welfare' AND duty = 'prepare' LIMIT 1`).Scan(&person)
	}
	if err != nil {
		b.Fatal(err)
	}
	return identity.Own(identity.PersonID(person), identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
}
