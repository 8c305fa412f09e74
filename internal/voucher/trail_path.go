package voucher

import (
	"context"
	"slices"
	"time"

	"portal/internal/money"
)

// PathRow is the money of an edition in a territory on its way (percorso): what the
// sessions are worth by stage, each session in one of them.
type PathRow struct {
	Funds
	Of map[Stage]Sum // every stage but TrailAwaitingFunds, which Path tells apart
}

// Path is the way of the money of an edition, in euro: the territories in order of
// name, and all of them together.
type Path struct {
	At    time.Time // as of when
	Rows  []PathRow
	Total PathRow
}

// PathStages are the boxes of the path, in the order of the way, and HoldStages what
// keeps money back beside it.
var (
	PathStages = []Stage{TrailBooked, TrailToConfirm, TrailToInvoice, TrailPayable, TrailInPayment, TrailPaid}
	HoldStages = []Stage{TrailToCorrect, TrailInReview, TrailDisputed, TrailChecked, TrailAwaitingAccount, TrailAwaitingFunds, TrailReturned}
)

// OnHold is what something keeps back of what was claimed.
func (r PathRow) OnHold() (held money.Amount) {
	for _, s := range HoldStages {
		held += r.Of[s].Amount
	}
	return held
}

// Path is where the money of an edition stands by territory (PIC-8). What is payable
// beyond the money that a territory has sent waits for its funds.
func (s *Trail) Path(ctx context.Context, of EditionID) (Path, error) {
	now := s.now()
	rows, err := s.PathRows(ctx, of, now)
	if err != nil {
		return Path{}, err
	}
	return path(rows, of, now), nil
}

func path(rows []PathRow, of EditionID, now time.Time) Path {
	p := Path{At: now, Rows: make([]PathRow, 0, len(rows)), Total: PathRow{Funds: Funds{Edition: of}, Of: map[Stage]Sum{}}}
	for _, row := range rows {
		r := PathRow{Funds: row.Funds, Of: map[Stage]Sum{}}
		for stage, shelf := range row.Of {
			r.Of[stage] = shelf
		}
		if due, free := r.Of[TrailPayable], r.Free(); due.Amount > free {
			// Counted by money: how many sessions it is, the run will say.
			r.Of[TrailPayable] = Sum{due.Sessions, free}
			r.Of[TrailAwaitingFunds] = Sum{Amount: due.Amount - free}
		}
		p.Total.Sent, p.Total.Live = p.Total.Sent+r.Sent, p.Total.Live+r.Live
		for stage, shelf := range r.Of {
			t := p.Total.Of[stage]
			p.Total.Of[stage] = Sum{t.Sessions + shelf.Sessions, t.Amount + shelf.Amount}
		}
		p.Rows = append(p.Rows, r)
	}
	slices.SortFunc(p.Rows, func(a, b PathRow) int {
		return slices.Index(Territories, a.Territory) - slices.Index(Territories, b.Territory)
	})
	return p
}
