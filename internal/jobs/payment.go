package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Payment freezes what the payment runs pay that are being prepared. The store inserts
// it when somebody prepares a run, the portal when it starts, and the calendar every
// minute: a run is frozen whole or not at all, and one that was cut off is begun anew.
type Payment struct{}

// Kind is the name of the job in the database.
func (Payment) Kind() string { return "payment" }

// payments is the queue of these jobs: they keep nobody waiting.
const payments = "payments"

// InsertOpts puts the job into a queue of its own, once: the next minute brings
// another.
func (Payment) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: payments, MaxAttempts: 1}
}

type payer struct {
	river.WorkerDefaults[Payment]
	w Workers
}

// Timeout leaves time for a whole country, and is over before the job would be taken
// for stuck.
func (p *payer) Timeout(*river.Job[Payment]) time.Duration { return stuckAfter - 30*time.Second }

// Work freezes run by run until none is left.
func (p *payer) Work(ctx context.Context, _ *river.Job[Payment]) error {
	frozen, left, err := p.w.Payments.FreezeDue(ctx)
	if frozen > 0 {
		p.w.Log.InfoContext(ctx, "payment runs frozen", "count", frozen)
	}
	if err == nil && left {
		return river.JobSnooze(2 * time.Second) // whoever is at work may have been killed
	}
	return err
}

// paying is the job of every minute.
func paying() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return Payment{}, nil
	}, nil)
}
