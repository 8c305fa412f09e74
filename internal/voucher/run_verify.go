package voucher

import (
	"bytes"
	"context"
	"io"
	"time"

	"portal/internal/audit"
)

// KeptRun is the rows of a run as the database keeps them, in the byte order of the
// applications.
type KeptRun struct {
	Candidates []Candidate
	Outcomes   []Outcome
	Protocols  []string
	Rows       []byte // RowSeal bytes of the digest of each row, as it is now
	Sealed     []byte // the same, as they were sealed; nil before that
}

// RowSeal is how many bytes of its digest tell whether a row is as it was made.
const RowSeal = 16

// RunKeeper keeps the rows of runs, and their seals.
type RunKeeper interface {
	// Kept reads the rows of a run with their seals.
	Kept(ctx context.Context, id RunID) (KeptRun, error)
	// RunsToSeal are the runs whose rows nobody has sealed yet.
	RunsToSeal(ctx context.Context) ([]RunID, error)
	// SealRows keeps the seals of the rows of a run. Done twice, it changes nothing.
	SealRows(ctx context.Context, id RunID, rows []byte, now time.Time) error
}

// SealRuns seals the rows of new runs, each as long as it is what it was made as: from
// then on a row that changes is named.
func (s *Rankings) SealRuns(ctx context.Context) (sealed int, err error) {
	ids, err := s.RunsToSeal(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		kept, err := s.Kept(ctx, id)
		if err != nil {
			return sealed, err
		}
		faults, err := s.remade(ctx, id, kept)
		if err != nil {
			return sealed, err
		}
		if len(faults) > 0 {
			continue // Remake tells
		}
		if err := s.SealRows(ctx, id, kept.Rows, s.now()); err != nil {
			return sealed, err
		}
		sealed++
	}
	return sealed, nil
}

// Remake makes a run again from its frozen inputs, and tells what is not as it was kept
// (U-03): nothing where it is the same to the byte. Rows are named by their protocol.
func (s *Rankings) Remake(ctx context.Context, id RunID) ([]audit.Fault, error) {
	kept, err := s.Kept(ctx, id)
	if err != nil {
		return nil, err
	}
	var faults []audit.Fault
	if kept.Sealed != nil && len(kept.Sealed) != len(kept.Rows) {
		faults = append(faults, audit.Fault{What: audit.FaultRanking, Of: string(id), Part: "rows"})
	}
	for i := range min(len(kept.Sealed), len(kept.Rows)) / RowSeal {
		if from, to := i*RowSeal, (i+1)*RowSeal; !bytes.Equal(kept.Rows[from:to], kept.Sealed[from:to]) {
			faults = append(faults, audit.Fault{What: audit.FaultRow, Thing: kept.Protocols[i], Of: string(id), Part: "row"})
		}
	}
	remade, err := s.remade(ctx, id, kept)
	return append(faults, remade...), err
}

// remade holds what the rules make of the kept inputs against what is kept.
func (s *Rankings) remade(ctx context.Context, id RunID, kept KeptRun) (faults []audit.Fault, err error) {
	run, err := s.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	e, err := s.Released(ctx, run.Edition, run.Version)
	if err != nil {
		return nil, err
	}
	bands, budget := e.Rules.Bands.Is, run.budget(e.Rules)
	outcomes := Rank(bands, budget, kept.Candidates)
	for i := range outcomes {
		if outcomes[i] != kept.Outcomes[i] {
			faults = append(faults, audit.Fault{What: audit.FaultRow, Thing: kept.Protocols[i], Of: string(id), Part: "result"})
		}
	}
	for _, part := range []struct {
		name string
		was  []byte
		now  []byte
	}{
		{"rules", run.Digests.Rules, rulesDigest(e.ID, bands, budget)},
		{"inputs", run.Digests.Inputs, digestOf(func(w io.Writer) error { return WriteApplications(w, kept.Candidates, run) })},
		{"results", run.Digests.Results, digestOf(func(w io.Writer) error { return WriteRanking(w, kept.Candidates, kept.Outcomes) })},
	} {
		if !bytes.Equal(part.was, part.now) {
			faults = append(faults, audit.Fault{What: audit.FaultRanking, Of: string(id), Part: part.name})
		}
	}
	return faults, nil
}
