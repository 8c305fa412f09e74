package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"portal/internal/fault"
	"portal/internal/voucher"
)

// Import makes the applications of a file that was checked. The store inserts it
// when somebody orders that, under this kind.
type Import struct {
	Import voucher.ImportID `json:"import"`
}

// Kind is the name of the job in the database.
func (Import) Kind() string { return "import" }

type importer struct {
	river.WorkerDefaults[Import]
	w Workers
}

// Timeout is that of a file many times as large as any edition, on a slow machine.
func (*importer) Timeout(*river.Job[Import]) time.Duration { return 10 * time.Minute }

// Work makes the applications, all of them or none. One that is refused, because of
// what happened since it was checked, stays refused: its page says why.
func (i *importer) Work(ctx context.Context, job *river.Job[Import]) error {
	err := i.w.Imports.Apply(ctx, job.Args.Import, func(int) {})
	if reason, refused := fault.Refusal(err); refused {
		i.w.Log.WarnContext(ctx, "import refused", "import", string(job.Args.Import), "error", reason.Error())
		return river.JobCancel(err)
	}
	return err
}
