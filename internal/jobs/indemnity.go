package jobs

import (
	"context"

	"portal/internal/indemnity"
)

// remindDrafts reminds members of drafts whose term comes near.
func (d *due) remindDrafts(ctx context.Context) error {
	reminded, err := d.w.Drafts.RemindDue(ctx)
	if reminded > 0 {
		d.w.Log.InfoContext(ctx, "reminded of a draft to send", "count", reminded, "action", string(indemnity.DraftReminded))
	}
	return err
}

// remindRequests reminds who applied of requests whose term comes near.
func (d *due) remindRequests(ctx context.Context) error {
	reminded, err := d.w.Applications.RemindDue(ctx)
	if reminded > 0 {
		d.w.Log.InfoContext(ctx, "reminded of a request to answer", "count", reminded, "action", string(indemnity.RequestReminded))
	}
	return err
}
