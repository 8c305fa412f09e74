package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Erase deletes what two administrators let go when its time was over. The store inserts
// it when they have, the portal when it starts: it goes on wherever an earlier one was cut
// off.
type Erase struct{}

// Kind is the name of the job in the database.
func (Erase) Kind() string { return "erase" }

// erasures is the queue of these jobs.
const erasures = "erasures"

// InsertOpts puts the job into a queue of its own, once.
func (Erase) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: erasures, MaxAttempts: 1} }

type eraser struct {
	river.WorkerDefaults[Erase]
	w Workers
}

// Timeout is over before the job would be taken for stuck.
func (*eraser) Timeout(*river.Job[Erase]) time.Duration { return stuckAfter - 30*time.Second }

// Work goes through what was approved, batch by batch. What it had no time for waits for
// the next try.
func (e *eraser) Work(ctx context.Context, _ *river.Job[Erase]) error {
	if e.w.Retention == nil {
		return nil
	}
	erased, err := e.w.Retention.EraseDue(ctx)
	if erased > 0 {
		e.w.Log.InfoContext(ctx, "erased what was past its time", "things", erased)
	}
	if err != nil {
		e.w.Log.ErrorContext(ctx, "erasures", "error", err.Error())
		return river.JobSnooze(time.Minute)
	}
	return nil
}
