package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Rank makes the rankings of the indemnity that somebody asked for, and the scenarios. The
// store inserts it with the order, the portal when it starts, and the calendar every minute:
// a ranking is saved whole or not at all, and one that was cut off is begun anew.
type Rank struct{}

// Kind is the name of the job in the database.
func (Rank) Kind() string { return "rank" }

// rankings is the queue of these jobs: they keep nobody waiting.
const rankings = "rankings"

// InsertOpts puts the job into a queue of its own, once: the next minute brings
// another.
func (Rank) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: rankings, MaxAttempts: 1}
}

type ranker struct {
	river.WorkerDefaults[Rank]
	w Workers
}

// Timeout leaves time for a whole call, and is over before the job would be taken for
// stuck.
func (r *ranker) Timeout(*river.Job[Rank]) time.Duration { return stuckAfter - 30*time.Second }

// Work makes one ranking after the other until none is left.
func (r *ranker) Work(ctx context.Context, _ *river.Job[Rank]) error {
	ended, left, err := r.w.CallRankings.MakeDue(ctx)
	if ended > 0 {
		r.w.Log.InfoContext(ctx, "rankings of calls made", "count", ended)
	}
	if err == nil && left {
		return river.JobSnooze(2 * time.Second) // whoever is at work may have been killed
	}
	return err
}

// ranking is the job of every minute.
func ranking() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return Rank{}, nil
	}, nil)
}
