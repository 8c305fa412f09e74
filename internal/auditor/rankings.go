package auditor

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/voucher"
)

// Ranking is a ranking of either programme.
type Ranking struct {
	ID           string
	Programme    identity.Scope // VoucherOnly or IndemnityOnly
	Of           string         // its edition, or its call
	Number       int
	Publication  int // 0 for one that is not published
	State        string
	Applications int
	MadeAt       time.Time
	PublishedAt  time.Time
}

// RankingStore lists rankings.
type RankingStore interface {
	// Rankings are those of both programmes from the newest, without dropped ones.
	Rankings(ctx context.Context) ([]Ranking, error)
	// Ranking is one of them; fault.ErrNotFound.
	Ranking(ctx context.Context, id string) (Ranking, error)
	// Write appends to the register.
	Write(ctx context.Context, e audit.Entry) error
}

// Rankings makes rankings of both programmes again.
type Rankings struct {
	RankingStore
	contribution *voucher.Rankings
	indemnity    *indemnity.Rankings
	now          func() time.Time
}

// NewRankings is the service on a store and the services of the programmes, with a clock.
func NewRankings(s RankingStore, v *voucher.Rankings, i *indemnity.Rankings, now func() time.Time) *Rankings {
	return &Rankings{s, v, i, now}
}

// Minutes is what came of making a ranking again.
type Minutes struct {
	Ranking Ranking
	At      time.Time
	Faults  []audit.Fault // none: it is identical
	Digests []Digest
}

// Digest is the SHA-256 of a part of a ranking.
type Digest struct {
	Part string // "inputs", "rules", "results", "rows"
	Is   []byte
}

// All are the rankings that an auditor may make again.
func (s *Rankings) All(ctx context.Context, who identity.Actor) ([]Ranking, error) {
	if err := MayAudit(who); err != nil {
		return nil, err
	}
	return s.Rankings(ctx)
}

// Remake makes a ranking again from its snapshot (U-03). That it was done is written down.
func (s *Rankings) Remake(ctx context.Context, who identity.Actor, id string) (m Minutes, err error) {
	if err := MayAudit(who); err != nil {
		return m, err
	}
	if m.Ranking, err = s.Ranking(ctx, id); err != nil {
		return m, err
	}
	m.At = s.now()
	if err := s.Write(ctx, audit.Entry{At: m.At, Actor: who, Action: Remade, Subject: id}); err != nil {
		return m, err
	}
	if m.Digests, err = s.digests(ctx, m.Ranking); err != nil {
		return m, err
	}
	m.Faults, err = s.remake(ctx, m.Ranking)
	return m, err
}

func (s *Rankings) digests(ctx context.Context, r Ranking) ([]Digest, error) {
	if r.Programme == identity.VoucherOnly {
		run, err := s.contribution.Run(ctx, voucher.RunID(r.ID))
		d := run.Digests
		return []Digest{{"inputs", d.Inputs}, {"rules", d.Rules}, {"results", d.Results}}, err
	}
	ranking, err := s.indemnity.Ranking(ctx, indemnity.RankingID(r.ID))
	d := ranking.Digests
	return []Digest{{"inputs", d.Inputs}, {"rules", d.Rules}, {"results", d.Results}, {"rows", d.Rows}}, err
}

func (s *Rankings) remake(ctx context.Context, r Ranking) ([]audit.Fault, error) {
	if r.Programme == identity.VoucherOnly {
		return s.contribution.Remake(ctx, voucher.RunID(r.ID))
	}
	differences, err := s.indemnity.Remake(ctx, indemnity.RankingID(r.ID))
	var faults []audit.Fault
	for _, d := range differences {
		f := audit.Fault{What: audit.FaultRanking, Of: r.ID, Part: d.Part}
		if d.Row != "" {
			f.What, f.Thing = audit.FaultRow, d.Row
		}
		faults = append(faults, f)
	}
	return faults, err
}
