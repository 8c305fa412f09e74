package indemnity

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"

	"portal/internal/identity"
)

// StoredRow is an application in a ranking as the database keeps it.
type StoredRow struct {
	Case    CaseID
	Version int64
	RankingRow
	Columns Result // what stands beside the result by itself: points, place and money
}

// Columns is the part of a result that stands in columns of its own: what the second
// ranker holds against what it finds, and what lists are made of.
func (r Result) Columns() Result {
	e := &r.Entitlement
	return Result{ID: r.ID, Outcome: r.Outcome, Duration: r.Duration, Score: r.Score, Debt: r.Debt, DebtLeft: r.DebtLeft,
		Entitlement: Entitlement{Days: e.Days, Daily: e.Daily, Gross: e.Gross, Rate: e.Rate, Withholding: e.Withholding, Net: e.Net},
		Rank:        r.Rank, ExAequo: r.ExAequo, Decided: r.Decided, Funding: r.Funding, FundedGross: r.FundedGross, FundedNet: r.FundedNet,
		SetOff: r.SetOff, Payable: r.Payable, Recovery: r.Recovery, Revoked: r.Revoked}
}

// Verify makes a ranking again from its snapshot, and tells what is not as it was kept
// (U-03): nothing where it is the same to the byte.
func (s *Rankings) Verify(ctx context.Context, who identity.Actor, id RankingID) ([]Difference, error) {
	if err := MaySeeRankings(who); err != nil {
		return nil, err
	}
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.See(ctx, s.entry(who, RankingSeen, id)); err != nil {
		return nil, err
	}
	var cases []FrozenCase
	var kept []StoredRow
	var wrong []Difference
	err = s.Stored(ctx, id, func(row StoredRow) error {
		c := FrozenCase{Case: row.Case, Version: row.Version}
		if c.Facts.UnmarshalJSON(row.Facts) != nil {
			wrong = append(wrong, Difference{partInputs, row.Columns.ID, notInOrder})
			return nil
		}
		cases, kept = append(cases, c), append(kept, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	made := MakeRanking(&r.Call, r.On, r.Ruled, cases)
	for i := range kept {
		d, err := made.against(i, &kept[i])
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, d...)
	}
	digests, err := made.Digests()
	if err != nil {
		return nil, err
	}
	for _, p := range made.parts() {
		if !bytes.Equal(*p.digest(&digests), *p.digest(&r.Digests)) {
			wrong = append(wrong, Difference{Part: p.name, What: notItsDigest})
		}
	}
	return append(wrong, r.unsigned()...), nil
}

// against holds the i-th row against what is kept of it.
func (m *MadeRanking) against(i int, kept *StoredRow) (wrong []Difference, err error) {
	now, err := m.Row(i)
	if err != nil {
		return nil, err
	}
	id := kept.Columns.ID
	if m.Results[i].ID != id || !bytes.Equal(rowDigest(now.Facts, kept.Result), kept.Digest) {
		wrong = append(wrong, Difference{partRows, id, notItsDigest})
	}
	if !bytes.Equal(now.Result, kept.Result) {
		wrong = append(wrong, Difference{partResults, id, otherResult})
	}
	if !bytes.Equal(now.Steps, kept.Steps) {
		wrong = append(wrong, Difference{"steps", id, otherResult})
	}
	if !sameColumns(m.Results[i].Columns(), kept.Columns) {
		wrong = append(wrong, Difference{"columns", id, otherResult})
	}
	return wrong, nil
}

func sameColumns(a, b Result) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// unsigned tells what is wrong with the manifest of a publication.
func (r Ranking) unsigned() []Difference {
	if r.Publication == 0 {
		return nil
	}
	var m Manifest
	if json.Unmarshal([]byte(r.Manifest), &m) != nil {
		return []Difference{{Part: partManifest, What: notInOrder}}
	}
	key, err := base64.StdEncoding.DecodeString(m.Key)
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, []byte(r.Manifest), r.Signature) {
		return []Difference{{Part: partManifest, What: notWhatSigned}}
	}
	return nil
}
