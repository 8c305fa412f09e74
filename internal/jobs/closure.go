package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Close carries out the lists by which the office closes vouchers and sessions. The
// store inserts it when a list is approved, the portal when it starts: it goes on
// wherever an earlier one was cut off.
type Close struct{}

// Kind is the name of the job in the database.
func (Close) Kind() string { return "close" }

// closures is the queue of these jobs: one that takes minutes keeps no mail waiting.
const closures = "closures"

// InsertOpts puts the job into a queue of its own, once.
func (Close) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: closures, MaxAttempts: 1}
}

type closer struct {
	river.WorkerDefaults[Close]
	w Workers
}

// Timeout is over before the job would be taken for stuck. What is cut off is a voucher,
// for the next one to do.
func (c *closer) Timeout(*river.Job[Close]) time.Duration { return stuckAfter - 30*time.Second }

// Work goes through the vouchers of the approved lists. What it had no time for, or
// could not do, waits for the next try.
func (c *closer) Work(ctx context.Context, _ *river.Job[Close]) error {
	done, err := c.w.Closures.CarryOutDue(ctx)
	if done > 0 {
		c.w.Log.InfoContext(ctx, "closures carried out", "vouchers", done)
	}
	if err != nil {
		c.w.Log.ErrorContext(ctx, "closures", "error", err.Error())
		return river.JobSnooze(time.Minute)
	}
	return nil
}
