package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"portal/internal/fault"
)

// KeepRegister seals what was written in the register since the last minute, and anchors
// its chain once a day.
type KeepRegister struct{}

// Kind is the name of the job in the database.
func (KeepRegister) Kind() string { return "keep_register" }

// InsertOpts puts the job into a queue of its own, once: the next minute brings another.
func (KeepRegister) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: registers, MaxAttempts: 1}
}

// VerifyRegister recomputes the chain of the register and every ranking. The store inserts
// it when an auditor asks for it, and the calendar every day.
type VerifyRegister struct{}

// Kind is the name of the job in the database.
func (VerifyRegister) Kind() string { return "verify_register" }

// registers is the queue of these jobs: a verification of minutes keeps no mail waiting.
const registers = "register"

// keepEvery is how long an entry waits for its seal at the most.
const keepEvery = time.Minute

type registrar struct {
	river.WorkerDefaults[KeepRegister]
	w Workers
}

// Work seals and anchors. The anchor goes to the log of the portal too, which is kept by
// others; the verification of the day follows.
func (k *registrar) Work(ctx context.Context, _ *river.Job[KeepRegister]) error {
	_, anchored, err := k.w.Register.Keep(ctx)
	if err != nil || anchored == nil {
		return err
	}
	k.w.Log.WarnContext(ctx, "register anchored", "anchor", anchored.String())
	return k.w.Register.VerifyDaily(ctx)
}

type verifier struct {
	river.WorkerDefaults[VerifyRegister]
	w Workers
}

// Timeout leaves time for all rankings, and is over before the job would be taken for stuck.
func (*verifier) Timeout(*river.Job[VerifyRegister]) time.Duration {
	return stuckAfter - 30*time.Second
}

// Work does the verification that is wanted. What does not hold goes to the log too.
func (v *verifier) Work(ctx context.Context, _ *river.Job[VerifyRegister]) error {
	c, err := v.w.Register.VerifyDue(ctx)
	if errors.Is(err, fault.ErrNotFound) {
		return nil // an earlier job did it
	}
	for _, f := range c.Faults {
		v.w.Log.ErrorContext(ctx, "register or ranking is not as it was written", "what", f.Sentence())
	}
	return err
}

// keeping is the job of every minute.
func keeping() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(keepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return KeepRegister{}, nil
	}, &river.PeriodicJobOpts{RunOnStart: true})
}
