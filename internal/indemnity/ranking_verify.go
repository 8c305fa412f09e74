package indemnity

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"portal/internal/identity"
)

// StoredRow is an application in a ranking as the database keeps it.
type StoredRow struct {
	Case    CaseID
	Version int64
	RankingRow
	Code    string // under which its place is published
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
	return s.remake(ctx, r)
}

// Remake is Verify for the portal itself: nobody is written down.
func (s *Rankings) Remake(ctx context.Context, id RankingID) ([]Difference, error) {
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.remake(ctx, r)
}

func (s *Rankings) remake(ctx context.Context, r Ranking) (wrong []Difference, err error) {
	var cases []FrozenCase
	var kept []StoredRow
	codes, index := map[string]string{}, sha256.New()
	err = s.Stored(ctx, r.ID, func(row StoredRow) error {
		row.index(index)
		if row.Columns.Rank > 0 {
			codes[row.Code] = row.Columns.ID
		}
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
	if !r.sums(made) {
		wrong = append(wrong, Difference{Part: partSummary, What: otherResult})
	}
	told, err := s.untold(ctx, r, codes)
	return append(append(wrong, r.unsigned(index.Sum(nil))...), told...), err
}

// sums tells whether what a ranking says of all its rows is what comes out.
func (r Ranking) sums(made *MadeRanking) bool {
	rank, points := made.last()
	is, was := made.Summary, r.Summary
	sameRest := is.Residual == nil && was.Residual == nil || is.Residual != nil && was.Residual != nil && *is.Residual == *was.Residual
	is.Residual, was.Residual = nil, nil
	return is == was && sameRest && rank == r.LastRank && points == r.LastPoints && slices.EqualFunc(made.Ties(), r.Ties, slices.Equal)
}

// index writes which version of which case a row is of, and its code: what no other digest
// of a publication covers.
func (r StoredRow) index(w io.Writer) {
	fmt.Fprintf(w, "%s %s %d %s\n", r.Columns.ID, r.Case, r.Version, r.Code)
}

// untold tells what of the public list of a publication is not what was signed, and whose
// place it does not have under its code.
func (s *Rankings) untold(ctx context.Context, r Ranking, codes map[string]string) (wrong []Difference, err error) {
	var m Manifest
	if r.Publication == 0 || json.Unmarshal([]byte(r.Manifest), &m) != nil {
		return nil, nil
	}
	text, err := s.PublicList(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	parts, _ := publicParts(text)
	figures, list := publicDigests(text)
	if figures != m.Figures {
		wrong = append(wrong, Difference{Part: partFigures, What: notItsDigest})
	}
	if list != m.List {
		wrong = append(wrong, Difference{partList, alteredLine(partList, parts[partList]), notItsDigest})
	}
	if l, err := readPublicList(parts); err == nil && len(l.Rows) > 0 {
		for _, row := range l.Rows {
			delete(codes, row.Code)
		}
		for _, id := range slices.Sorted(maps.Values(codes)) {
			wrong = append(wrong, Difference{partCases, id, notWhatSigned})
		}
	}
	return wrong, nil
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

// unsigned tells what is wrong with the manifest of a publication, whose cases have an
// index, and what of the ranking is not as the manifest says. A manifest of before index
// and minutes were signed says nothing of them.
func (r Ranking) unsigned(index []byte) (wrong []Difference) {
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
	if m.Cases != "" && m.Cases != hex.EncodeToString(index) {
		wrong = append(wrong, Difference{Part: partCases, What: notItsDigest})
	}
	if minutes, err := r.minutes(); m.Minutes != "" && (err != nil || m.Minutes != minutes) {
		wrong = append(wrong, Difference{Part: partMinutes, What: notItsDigest})
	}
	is := r.manifest()
	is.Figures, is.List, is.Cases, is.Minutes, is.Key = m.Figures, m.List, m.Cases, m.Minutes, m.Key
	if text, err := json.Marshal(is); err != nil || string(text) != r.Manifest {
		wrong = append(wrong, Difference{Part: partRanking, What: notWhatSigned})
	}
	return wrong
}
