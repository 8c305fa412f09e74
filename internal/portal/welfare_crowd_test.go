package portal_test

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
)

// rankedCall is the call that the tests of rankings are about: its terms are long over.
const rankedCall indemnity.CallID = "2026-05"

const rankings = "/gestione/enpap/graduatorie/2026-05"

// crowd has so many members apply for the call of May, all of them suitable, and one more
// by Luca, whose case is the first; there is so much money for all of them.
func (s *site) crowd(n int, budget money.Amount) {
	s.Helper()
	all, err := indemnity.Shipped()
	if err != nil {
		s.Fatal(err)
	}
	for i := range all {
		all[i].Rules.Budget.Is = &budget
	}
	if err := postgres.NewCalls(s.Pool).Ship(s.Context(), all); err != nil {
		s.Fatal(err)
	}
	s.past(`SELECT setseed(0.2026)`, strings.NewReplacer("$1", strconv.Itoa(n), "$2", "'"+string(fiscalCode(demo.CyclesMember))+"'").Replace(crowdSQL), crowdFilesSQL, crowdPapersSQL)
}

// past makes what would have taken years to come about, past every guard.
func (s *site) past(all ...string) {
	s.Helper()
	err := pgx.BeginFunc(s.Context(), s.Pool, func(tx pgx.Tx) error {
		for _, sql := range append([]string{`SET LOCAL session_replication_role = replica`}, all...) {
			if _, err := tx.Exec(s.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

const (
	crowdSQL = `
		WITH people AS (
			INSERT INTO persons (fiscal_code, given_name, family_name)
			SELECT 'Q' || lpad(n::text, 15, '0'), 'Giulia', 'Bianchi' FROM generate_series(1, $1) n RETURNING id, fiscal_code, 0 AS first
		), all_of AS (SELECT * FROM people UNION ALL SELECT id, fiscal_code, 1 FROM persons WHERE fiscal_code = $2)
		INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on,
			event, answers, declarations, registers, digest, check_code, state)
		SELECT gen_random_uuid(), CASE p.first WHEN 1 THEN 'FOLLA-MIA' ELSE 'FOLLA-' || right(p.fiscal_code, 4) END, '2026-05', c.version, p.id, 'member', 'portal', p.id,
			day + 1 + interval '10 hours', day + 10, daterange(begun, day, '[]'),
			jsonb_build_object('cause', 'illness', 'first', begun, 'last', day, 'identity_expires', '2030-12-31', 'exclusive', CASE WHEN random() < 0.5 THEN 'yes' ELSE 'no' END,
				'covered', 'no', 'isee', 'yes', 'isee_value', 800000), '[]',
			jsonb_build_object('at', now(), 'member', jsonb_build_object('number', p.fiscal_code, 'active', true, 'applied_on', '2009-01-01', 'enrolled_on', date '2010-01-01' + (random() * 3000)::int,
				'incomes', jsonb_build_object('2024', 2190000), 'days_paid', '{}'::jsonb), 'position', '{}'::jsonb),
			sha256(''), 'X', 'suitable'
		FROM all_of p JOIN calls c ON c.id = '2026-05'
		CROSS JOIN LATERAL (SELECT date '2026-05-20' AS day, date '2026-05-20' - CASE p.first WHEN 1 THEN 40 ELSE 9 END AS begun) span`
	crowdFilesSQL = `
		INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, digest, at, sealed_bytes)
		SELECT gen_random_uuid(), a.id, a.member_id, k.kind, 'application/pdf', 1, sha256(''), a.submitted_at, 1
		FROM indemnity_applications a, (VALUES ('initial_prognosis'), ('identity'), ('isee')) k (kind) WHERE a.protocol LIKE 'FOLLA-%'`
	crowdPapersSQL = `
		INSERT INTO indemnity_papers (id, case_id, kind, issued_on, covers, attachment_id, added_by, added_at, sent_at)
		SELECT gen_random_uuid(), a.id, f.name, lower(a.event), CASE WHEN f.name = 'initial_prognosis' THEN a.event END, f.id, a.member_id, a.submitted_at, a.submitted_at
		FROM indemnity_applications a JOIN attachments f ON f.subject_id = a.id WHERE a.protocol LIKE 'FOLLA-%'`
)

// welfareActor is a persona of the welfare service at work, with one duty.
func (s *site) welfareActor(hint demo.Hint, duty identity.Duty) identity.Actor {
	s.Helper()
	var code identity.FiscalCode
	for _, p := range demo.Personas {
		if p.Hint == hint {
			code = p.FiscalCode
		}
	}
	id := s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(code))
	return identity.Own(identity.PersonID(id), identity.Welfare).WithDuties([]identity.Duty{duty})
}

// rankedForm is a form that somebody sends, once.
func (s *site) rankedForm(who identity.Actor, action string) once.Form {
	s.Helper()
	form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
	if err != nil {
		s.Fatal(err)
	}
	return form
}

// makesRankings makes the rankings that were asked for, as the job does.
func (s *site) makesRankings() {
	s.Helper()
	if _, left, err := s.Portal.CallRankings.MakeDue(s.Context()); err != nil || left {
		s.Error(left, err)
	}
}

// simulates submits a form that asks for a ranking, while the job is at work.
func (b *browser) simulates(p page, fields url.Values) page {
	b.Helper()
	answered, idle := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(idle)
		for {
			select {
			case <-answered:
				return
			case <-time.After(5 * time.Millisecond):
				b.makesRankings()
			}
		}
	}()
	p = b.submit(p, fields)
	close(answered)
	<-idle
	return p
}

// approvedRanking is a ranking of the call that waits to be published.
func (s *site) approvedRanking() indemnity.RankingID {
	s.Helper()
	prepare, approve := s.welfareActor(demo.WelfareOfficer, identity.Prepare), s.welfareActor(demo.WelfareApprover, identity.Approve)
	all := s.Portal.CallRankings
	id, err := all.Simulate(s.Context(), prepare, s.rankedForm(prepare, "simulate"), indemnity.RankingOrder{Call: rankedCall})
	if err != nil {
		s.Fatal(err)
	}
	s.makesRankings()
	if err := errors.Join(all.Propose(s.Context(), prepare, s.rankedForm(prepare, "propose"), id),
		all.Approve(s.Context(), approve, s.rankedForm(approve, "approve"), id)); err != nil {
		s.Fatal(err)
	}
	return id
}

// publishedRanking is the first publication of the call.
func (s *site) publishedRanking() indemnity.RankingID {
	s.Helper()
	id, head := s.approvedRanking(), s.welfareActor(demo.WelfareHead, identity.Publish)
	if err := s.Portal.CallRankings.Publish(s.Context(), head, s.rankedForm(head, "publish"), id); err != nil {
		s.Fatal(err)
	}
	return id
}

// ownRanking is a publication of the call of May, made when there is none.
func (s *site) ownRanking() string {
	s.Helper()
	if s.count(`SELECT count(*) FROM indemnity_rankings WHERE publication = 1 AND call_id = '2026-05'`) == 0 {
		s.owing()
	}
	return s.text(`SELECT id::text FROM indemnity_rankings WHERE publication = 1 AND call_id = '2026-05'`)
}

// ownWaited is a case that a ranking waits for.
func (s *site) ownWaited() string {
	s.Helper()
	return s.text(`SELECT id::text FROM indemnity_applications WHERE state IN ('submitted', 'in_review') ORDER BY protocol LIMIT 1`)
}
