package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Publish issues the publications whose time has come. The store inserts it when
// somebody has a ranking published, the portal when it starts, and the calendar
// every minute: it goes on wherever an earlier one was cut off.
type Publish struct{}

// Kind is the name of the job in the database.
func (Publish) Kind() string { return "publish" }

// publications is the queue of these jobs: one that takes minutes keeps no mail
// waiting.
const publications = "publications"

// InsertOpts puts the job into a queue of its own, once: the next minute brings
// another.
func (Publish) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: publications, MaxAttempts: 1}
}

// publishEvery is how long a publication waits at the most after its time.
const publishEvery = time.Minute

type publisher struct {
	river.WorkerDefaults[Publish]
	w Workers
}

// Timeout leaves time for a whole country, and is over before the job would be
// taken for stuck. What is cut off is a territory, for the next one to issue.
func (p *publisher) Timeout(*river.Job[Publish]) time.Duration { return stuckAfter - 30*time.Second }

// Work issues territory by territory until nothing is due.
func (p *publisher) Work(ctx context.Context, _ *river.Job[Publish]) error {
	issued, left, err := p.w.Rankings.IssueDue(ctx, p.w.Vouchers)
	if issued > 0 {
		p.w.Log.InfoContext(ctx, "rankings published", "territories", issued)
	}
	if err == nil && left {
		return river.JobSnooze(2 * time.Second) // whoever is at work may have been killed
	}
	return err
}

// publishing is the job of every minute. It is unlike no other: two at once share
// the work.
func publishing() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(publishEvery), func() (river.JobArgs, *river.InsertOpts) {
		return Publish{}, nil
	}, nil)
}
