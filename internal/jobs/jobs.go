// Package jobs does what has to be done after a deed, or on a day: it tells
// people what was written in the register, sends mails, and puts to the services
// the acts that fall due. Jobs are rows of the database, inserted in the
// transaction of the deed: nothing is told that did not happen, and nothing that
// happened is forgotten. Each is safe to do twice.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"portal/internal/auditor"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/office"
	"portal/internal/payment"
	"portal/internal/voucher"
)

// Notify tells people of an entry of the register. The store inserts it with the
// entry, under this kind.
type Notify struct {
	Entry int64 `json:"entry"`
}

// Kind is the name of the job in the database.
func (Notify) Kind() string { return "notify" }

// Mail sends the e-mail of a message.
type Mail struct {
	Message string `json:"message"`
}

// Kind is the name of the job in the database.
func (Mail) Kind() string { return "mail" }

// Due puts to the services what has fallen due.
type Due struct{}

// Kind is the name of the job in the database.
func (Due) Kind() string { return "due" }

// Notices keeps what people are told.
type Notices interface {
	// Event is an entry of the register with what a message needs to know of it.
	Event(ctx context.Context, entry int64) (notify.Event, error)
	// Post writes the messages of an entry and the jobs that mail them. Done
	// twice, it adds nothing.
	Post(ctx context.Context, entry int64, letters []notify.Letter, now time.Time) error
	// Mail is a message with the address it goes to, "" when its reader gave none,
	// and whether it was sent before.
	Mail(ctx context.Context, message string) (m notify.Message, to string, sent bool, err error)
	// Mailed notes that a message was sent by e-mail.
	Mailed(ctx context.Context, message string, now time.Time) error
	// Forget removes the keys of forms that were sent before an instant, and the
	// login sessions that are over.
	Forget(ctx context.Context, before time.Time) error
}

// Workers is what the jobs are done with.
type Workers struct {
	Pool         *pgxpool.Pool
	Notices      Notices
	Vouchers     *voucher.Service
	Imports      *voucher.Imports
	Rankings     *voucher.Rankings
	Intake       *voucher.Intake
	Closures     *voucher.Closures
	Residuals    *voucher.Residuals
	Payments     *payment.Runs
	CallRankings *indemnity.Rankings
	Drafts       *indemnity.Drafts
	Applications *indemnity.Applications
	Register     *auditor.Register
	Retention    *office.Retention  // nil: nothing is erased
	Neighbours   *office.Neighbours // nil: nobody asks whether they are there
	Mailer       notify.Mailer
	Host         string // the address that mails tell people to type
	Now          func() time.Time
	Log          *slog.Logger
}

// stuckAfter is how long a job may run before it is taken for one whose portal was
// killed.
const stuckAfter = 5 * time.Minute

// pause is how long a queue rests between two looks for more to do. At each look it
// takes as many jobs as it has workers idle, and a message is written in milliseconds:
// with River's own tenth of a second two workers write ten or twenty in a second, fewer
// than the two thousand in a minute that a wave of them has.
const pause = 10 * time.Millisecond

// Start begins to work and returns how to stop: at once, with what is under way
// finished.
func Start(ctx context.Context, w Workers) (stop func(context.Context) error, err error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &notifier{w: w})
	river.AddWorker(workers, &mailer{w: w})
	river.AddWorker(workers, &due{w: w})
	river.AddWorker(workers, &importer{w: w})
	river.AddWorker(workers, &publisher{w: w})
	river.AddWorker(workers, &closer{w: w})
	river.AddWorker(workers, &payer{w: w})
	river.AddWorker(workers, &ranker{w: w})
	river.AddWorker(workers, &registrar{w: w})
	river.AddWorker(workers, &verifier{w: w})
	river.AddWorker(workers, &eraser{w: w})
	client, err := river.NewClient(riverpgxv5.New(w.Pool), &river.Config{
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, publications: {MaxWorkers: 1}, closures: {MaxWorkers: 1}, erasures: {MaxWorkers: 1}, payments: {MaxWorkers: 1}, rankings: {MaxWorkers: 1}, registers: {MaxWorkers: 1}},
		Workers:       workers,
		Logger:        w.Log,
		FetchCooldown: pause,
		// What a killed portal had begun is taken up by another soon.
		RescueStuckJobsAfter: stuckAfter,
		PeriodicJobs: []*river.PeriodicJob{publishing(), paying(), ranking(), keeping(), river.NewPeriodicJob(
			river.PeriodicInterval(time.Hour),
			func() (river.JobArgs, *river.InsertOpts) {
				return Due{}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: time.Hour}}
			},
			&river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("start jobs: %w", err)
	}
	// What another portal began and did not end is not left to the next minute.
	for _, begun := range []river.JobArgs{Publish{}, Payment{}, Close{}, Erase{}, Rank{}} {
		if _, err := client.Insert(ctx, begun, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("start jobs: %w", err), client.Stop(ctx))
		}
	}
	return client.Stop, nil
}

type notifier struct {
	river.WorkerDefaults[Notify]
	w Workers
}

// Work writes the messages of an entry and, in the same transaction, the jobs
// that will mail them.
func (n *notifier) Work(ctx context.Context, job *river.Job[Notify]) error {
	e, err := n.w.Notices.Event(ctx, job.Args.Entry)
	if err != nil {
		return err
	}
	return n.w.Notices.Post(ctx, job.Args.Entry, notify.Letters(e), n.w.Now())
}

type mailer struct {
	river.WorkerDefaults[Mail]
	w Workers
}

// Work sends a mail, unless it is the quiet of the night. One that is refused for
// good is given up: its message stands in the inbox.
func (m *mailer) Work(ctx context.Context, job *river.Job[Mail]) error {
	if now := m.w.Now(); notify.Quiet(now) {
		return river.JobSnooze(notify.Morning(now).Sub(now))
	}
	message, to, sent, err := m.w.Notices.Mail(ctx, job.Args.Message)
	if err != nil || sent || to == "" {
		return err
	}
	err = m.w.Mailer.Send(ctx, notify.Mail{ID: message.ID, To: to, Subject: message.Subject, At: message.SentAt,
		Text: message.Body + "\n\n" + notify.Reminder(m.w.Host) + "\n"})
	if errors.Is(err, notify.ErrRefused) {
		m.w.Log.WarnContext(ctx, "mail given up", "message", message.ID, "error", err.Error())
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	return m.w.Notices.Mailed(ctx, message.ID, m.w.Now())
}

type due struct {
	river.WorkerDefaults[Due]
	w Workers
}

// Work closes expired vouchers, keeps what a day left to the territories, reminds of
// ISEE to correct and of terms that come near, and forgets login sessions that are over
// and keys of forms that nobody will send again. One of these that fails keeps nobody
// from being reminded by the others.
func (d *due) Work(ctx context.Context, _ *river.Job[Due]) error {
	return errors.Join(d.expire(ctx), d.keepResiduals(ctx), d.remindISEE(ctx), d.remindTerms(ctx), d.remindDrafts(ctx), d.remindRequests(ctx), d.askNeighbours(ctx),
		d.w.Notices.Forget(ctx, d.w.Now().Add(-30*24*time.Hour)))
}

func (d *due) expire(ctx context.Context) error {
	closed, err := d.w.Vouchers.ExpireDue(ctx)
	if closed > 0 {
		d.w.Log.InfoContext(ctx, "vouchers expired", "count", closed, "action", string(voucher.VoucherExpired))
	}
	return err
}

func (d *due) keepResiduals(ctx context.Context) error {
	_, err := d.w.Residuals.RecordDue(ctx)
	return err
}

func (d *due) remindISEE(ctx context.Context) error {
	reminded, err := d.w.Intake.RemindDue(ctx)
	if reminded > 0 {
		d.w.Log.InfoContext(ctx, "reminded of an ISEE to correct", "count", reminded, "action", string(voucher.ApplicationReminded))
	}
	return err
}

func (d *due) remindTerms(ctx context.Context) error {
	reminded, err := d.w.Closures.RemindDue(ctx)
	if reminded > 0 {
		d.w.Log.InfoContext(ctx, "reminded of terms that come near", "count", reminded)
	}
	return err
}
