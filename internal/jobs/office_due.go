package jobs

import "context"

// askNeighbours asks the systems outside the portal whether they are there. That one is
// not is no failure of the job: an administrator reads it.
func (d *due) askNeighbours(ctx context.Context) error {
	if d.w.Neighbours == nil {
		return nil
	}
	return d.w.Neighbours.AskAll(ctx)
}
