package indemnity

import (
	"context"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/once"
)

// ControlStore keeps samples, checks and what is recovered. One that does not exist is
// fault.ErrNotFound.
type ControlStore interface {
	// Commitments are those of a call, newest first; of every call where it is "". Values
	// are there for those that a sample was drawn by.
	Commitments(ctx context.Context, call CallID) ([]Commitment, error)
	// Commit keeps a commitment; ErrSeedCommitted.
	Commit(ctx context.Context, form once.Form, c Commitment, e audit.Entry) error
	// Samples are those of a call that were not sent back, newest first; of every call
	// where it is "".
	Samples(ctx context.Context, call CallID) ([]Sample, error)
	// Sample is one of them, also one that was sent back.
	Sample(ctx context.Context, id SampleID) (Sample, error)
	// ToDraw is what a sample of the publication in force of a call would be drawn from.
	ToDraw(ctx context.Context, call CallID) (ToDraw, error)
	// Population is whom a publication of a call pays.
	Population(ctx context.Context, id RankingID) ([]Drawable, error)
	// KeepSample saves a new sample; ErrSampleExists.
	KeepSample(ctx context.Context, form once.Form, s Sample, e audit.Entry) error
	// ChangeSample locks a sample, asks what becomes of it, and saves that with the checks
	// that it draws.
	ChangeSample(ctx context.Context, form once.Form, id SampleID, decide func(Sample, []Drawable) (Sample, []Control, audit.Entry, error)) error

	// Controls is a page of the checks, those that run first, then the newest.
	Controls(ctx context.Context, ask ControlList) (ControlPage, error)
	// Drawn are the checks of a sample, by their place.
	Drawn(ctx context.Context, id SampleID) ([]Control, error)
	// ControlsOf are the checks on a case, newest first.
	ControlsOf(ctx context.Context, id CaseID) ([]Control, error)
	// Control is one of them.
	Control(ctx context.Context, id ControlID) (Control, error)
	// Report keeps a check on a case that was reported; ErrControlRuns.
	Report(ctx context.Context, form once.Form, k Control, e audit.Entry) error
	// ChangeControl locks a check, asks what came of it, and saves that.
	ChangeControl(ctx context.Context, form once.Form, id ControlID, decide func(Control) (Control, audit.Entry, error)) error

	// Payout is what was paid of a case, and what the bank was told to.
	Payout(ctx context.Context, id CaseID) (Payout, error)
	// Recoveries is a page of what is recovered, what is open first, by its term.
	Recoveries(ctx context.Context, ask RecoveryList) (RecoveryPage, error)
	// Recovery is one of them.
	Recovery(ctx context.Context, id RecoveryID) (Recovery, error)
	// ChangeRecovery locks a recovery, asks what becomes of it, and saves that with what
	// came back.
	ChangeRecovery(ctx context.Context, form once.Form, id RecoveryID, decide func(Recovery) (Recovery, *Receipt, audit.Entry, error)) error

	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// Drawable is a case that a publication pays, under its public code.
type Drawable struct {
	Case CaseID
	Code string
}

// ToDraw is what a sample of the publication in force of a call would be drawn from: a
// sample without its size, and why none can be proposed.
type ToDraw struct {
	Sample
	Committed bool // there is a value from before the publication
	Exists    SampleID
}

// MayPropose tells why no sample can be proposed, whoever asks.
func (d ToDraw) MayPropose() error {
	switch {
	case d.Ranking == "":
		return ErrNotPublished
	case d.Exists != "":
		return ErrSampleExists
	case !d.Committed:
		return ErrSeedMissing
	case d.Population == 0:
		return ErrNobodyToDraw
	}
	return nil
}

// ControlsPerPage is how many checks, or recoveries, a page of their list has.
const ControlsPerPage = 50

// ControlList asks for a page of the checks.
type ControlList struct {
	State ControlState // "" for every one
	Call  CallID       // "" for every one
	Page  int          // from 1
}

// ControlPage is a page of the checks.
type ControlPage struct {
	Controls []Control
	Total    int
	Counts   map[ControlState]int // of the call that was asked for
}

// Controls is the checks after the ranking: the samples by chance, the checks on cases,
// what they take back, and its recovery (DPR 445/2000, art. 71 and 75).
type Controls struct {
	ControlStore
	cases  *Applications
	random io.Reader
	now    func() time.Time
}

// NewControls is the service on a store and the applications, with a source of chance and
// a clock.
func NewControls(s ControlStore, a *Applications, random io.Reader, now func() time.Time) *Controls {
	return &Controls{s, a, random, now}
}

// MaySeeControls tells why an actor does not see checks: the office does, and the auditor.
func MaySeeControls(who identity.Actor) error {
	if who.Role == identity.Oversight {
		return who.Must(identity.Oversight, identity.Audit)
	}
	return who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay)
}

// CommitSeed has chance draw the value by which the sample of a call will be drawn, and
// shows its digest. It counts for publications that come after it. Whoever forgets it has
// it done when a ranking is proposed: see Rankings.Propose.
func (s *Controls) CommitSeed(ctx context.Context, who identity.Actor, form once.Form, call CallID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	c, err := commitment(s.random, call, who.At(s.now()))
	if err != nil {
		return err
	}
	return s.Commit(ctx, form, c, audit.Entry{At: s.now(), Actor: who, Action: SeedCommitted, Subject: string(c.ID)})
}

// commitment has chance draw a value for the sample of a call.
func commitment(random io.Reader, call CallID, made identity.Hand) (Commitment, error) {
	drawn := make([]byte, 32)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return Commitment{}, err
	}
	value := hex.EncodeToString(drawn)
	return Commitment{ID: CommitmentID(newID()), Call: call, Value: value, Digest: hexDigest(value), Made: made}, nil
}

// ProposeSample proposes how many of those whom the publication in force pays are checked.
func (s *Controls) ProposeSample(ctx context.Context, who identity.Actor, form once.Form, call CallID, size SampleSize, reason string) (SampleID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return "", err
	}
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return SampleID(outcome), err
	}
	reason = strings.TrimSpace(reason)
	if err := size.check(); err != nil {
		return "", err
	}
	if reason == "" || len([]rune(reason)) > NoteLength {
		return "", ErrSampleReason
	}
	d, err := s.ToDraw(ctx, call)
	if err == nil {
		err = d.MayPropose()
	}
	if err != nil {
		return "", err
	}
	x := d.Sample
	x.ID, x.SampleSize, x.Size, x.Reason, x.State = SampleID(newID()), size, size.Of(x.Population), reason, SampleWaits
	x.Proposed = who.At(s.now())
	return x.ID, s.KeepSample(ctx, form, x, s.sampleEntry(who, SampleProposed, x.ID))
}

// ConfirmSample has chance draw a sample that somebody else proposed: the value that was
// committed to is shown from now on, and each case that is drawn is to be checked.
func (s *Controls) ConfirmSample(ctx context.Context, who identity.Actor, form once.Form, id SampleID) error {
	return s.ChangeSample(ctx, form, id, func(x Sample, all []Drawable) (Sample, []Control, audit.Entry, error) {
		if err := x.MayConfirm(who); err != nil {
			return x, nil, audit.Entry{}, err
		}
		now := s.now()
		x.State, x.Decided, x.Seed = SampleMade, who.At(now), Seed(x.Manifest, x.Commitment.Value)
		return x, x.draw(all), s.sampleEntry(who, SampleDrawn, id), nil
	})
}

// draw is the checks that a sample draws.
func (s Sample) draw(all []Drawable) []Control {
	codes, cases := make([]string, len(all)), make(map[string]CaseID, len(all))
	for i, d := range all {
		codes[i], cases[d.Code] = d.Code, d.Case
	}
	var drawn []Control
	for i, code := range Draw(s.Seed, codes, s.Size) {
		drawn = append(drawn, Control{ID: ControlID(newID()), Case: cases[code], Source: FromSample, Sample: s.ID, Place: i + 1, Code: code,
			Opened: s.Decided, State: ControlRuns})
	}
	return drawn
}

// SendSampleBack sends a proposal back to who made it, with the reason.
func (s *Controls) SendSampleBack(ctx context.Context, who identity.Actor, form once.Form, id SampleID, why string) error {
	why = strings.TrimSpace(why)
	return s.ChangeSample(ctx, form, id, func(x Sample, _ []Drawable) (Sample, []Control, audit.Entry, error) {
		if err := x.MayConfirm(who); err != nil {
			return x, nil, audit.Entry{}, err
		}
		if why == "" || len([]rune(why)) > NoteLength {
			return x, nil, audit.Entry{}, ErrSampleWhy
		}
		x.State, x.Decided, x.Why = SampleNot, who.At(s.now()), why
		return x, nil, s.sampleEntry(who, SampleSentBack, id), nil
	})
}

// ReportCase has a case checked that chance did not draw (su segnalazione), and says why.
func (s *Controls) ReportCase(ctx context.Context, who identity.Actor, form once.Form, id CaseID, reason string) (ControlID, error) {
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return ControlID(outcome), err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return "", err
	}
	if err := c.MayReport(who); err != nil {
		return "", err
	}
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > NoteLength {
		return "", ErrControlReason
	}
	k := Control{ID: ControlID(newID()), Case: id, Source: FromReport, Reason: reason, Opened: who.At(s.now()), State: ControlRuns}
	return k.ID, s.Report(ctx, form, k, s.cases.entry(who, ControlReported, string(id), c))
}

// OpenControl is a check with its case, for an officer who looks at it: that is written
// down.
func (s *Controls) OpenControl(ctx context.Context, who identity.Actor, id ControlID) (Control, CaseFile, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return Control{}, CaseFile{}, err
	}
	k, err := s.Control(ctx, id)
	if err != nil {
		return k, CaseFile{}, err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, k.Case)
	if err == nil {
		err = s.See(ctx, s.cases.entry(who, ControlSeen, string(k.Case), c))
	}
	return k, c, err
}

// EndControl writes down what came of a check: all is true, or what is irregular, with the
// grounds for which the indemnity is to be taken back.
func (s *Controls) EndControl(ctx context.Context, who identity.Actor, form once.Form, id ControlID, to ControlState, found string, codes []Code) error {
	k, err := s.Control(ctx, id)
	if err != nil {
		return err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, k.Case)
	if err != nil {
		return err
	}
	return s.ChangeControl(ctx, form, id, func(k Control) (Control, audit.Entry, error) {
		if err := k.MayEnd(who, c); err != nil {
			return k, audit.Entry{}, err
		}
		k, err := k.end(who, to, found, codes, s.now())
		return k, s.cases.entry(who, ControlEnded, string(k.Case), c), err
	})
}

func (s *Controls) sampleEntry(who identity.Actor, what audit.Action, id SampleID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: what, Subject: string(id)}
}
