package bench

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
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
			if id, err = service.Simulate(b.Context(), who, form("simulate"), indemnity.RankingOrder{Call: "2026-05"}); err != nil {
				return err
			}
			_, _, err = service.MakeDue(b.Context())
			return err
		})
		second := seconds(b, func() error { return service.Check(b.Context(), who, form("check"), id) })
		var scenario indemnity.RankingID
		half := 5_000_000 * money.Euro
		tried := seconds(b, func() (err error) {
			if scenario, err = service.Try(b.Context(), who, form("try"), id, indemnity.WhatIf{Title: "x", ChangesBudget: true, Budget: &half}); err != nil {
				return err
			}
			_, _, err = service.MakeDue(b.Context())
			return err
		})
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
		for _, made := range []indemnity.RankingID{scenario, id} {
			if err := service.Drop(b.Context(), who, form("drop"), made); err != nil {
				b.Fatal(err)
			}
		}
		if !counted {
			return
		}
		table.note("20k cases frozen, ranked, kept and ranked again, s", "", made)
		table.note("the second ranker, s", "", second)
		table.note("a scenario of the same cases, ranked, kept and ranked again, s", "", tried)
		table.note("made again from the snapshot, s", "", again)
	})
	table.publish(b, r)
	r.keep(b)
}

// fillCall has so many members apply for the call of May 2026, all of them suitable, and
// tells who of the office ranks them.
func fillCall(b *testing.B, pool *pgxpool.Pool) identity.Actor {
	b.Helper()
	err := pgtest.FillCall(b.Context(), pool, rankedIndemnities)
	var person string
	if err == nil {
		err = pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'welfare' AND duty = 'prepare' LIMIT 1`).Scan(&person)
	}
	if err != nil {
		b.Fatal(err)
	}
	return identity.Own(identity.PersonID(person), identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
}
