package portal

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

// A ranking is made behind the page. That of a small call is there at once: its page waits
// for it so long, and looks so often whether it is.
const (
	orderPatience = 2 * time.Second
	orderLook     = 25 * time.Millisecond
)

var rankingOrderTones = map[indemnity.OrderState]ui.Tone{indemnity.OrderMaking: ui.Working, indemnity.OrderChecking: ui.Working, indemnity.OrderFailed: ui.Danger}

// rankingOrdered leads to a ranking that somebody asked for: to itself where it was made
// meanwhile, or else to how far it has come.
func (p *Portal) rankingOrdered(w http.ResponseWriter, r *http.Request, call indemnity.CallID, id indemnity.RankingID, done string) error {
	o, err := p.awaitOrder(r.Context(), id)
	if err != nil {
		return err
	}
	var f ui.Frame
	x := indemnity.Ranking{ID: id, Call: indemnity.Call{ID: call}}
	switch o.State {
	case indemnity.OrderFailed:
		return goTo(w, r, callSimulationPath(x), nil)
	case indemnity.OrderMade:
		if x, err = p.CallRankings.Ranking(r.Context(), id); err != nil {
			return err
		}
		return p.done(w, r, callSimulationPath(x), f.T(done), f.T(done+".text", "Cases", grouped(x.Summary.Applications), "Name", callSimulationName(f, x)))
	}
	return p.done(w, r, callSimulationPath(x), orderText(f, o, "ordered"), f.T("rank.ordered.text"))
}

// awaitOrder is an order when it has ended, or orderPatience is over.
func (p *Portal) awaitOrder(ctx context.Context, id indemnity.RankingID) (o indemnity.OrderedRanking, err error) {
	waits, cancel := context.WithTimeout(ctx, orderPatience)
	defer cancel()
	look := time.NewTicker(orderLook)
	defer look.Stop()
	for {
		if o, err = p.CallRankings.Order(ctx, id); err != nil || o.Ended() {
			return o, err
		}
		select {
		case <-look.C:
		case <-waits.Done():
			return o, ctx.Err()
		}
	}
}

// rankingOrder is the order of the ranking that an address names, while the ranking is not
// there whole or could not be made.
func (p *Portal) rankingOrder(r *http.Request) (o indemnity.OrderedRanking, found bool, err error) {
	if err := indemnity.MaySeeRankings(actor(r)); err != nil {
		return o, false, err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return o, false, err
	}
	o, err = p.CallRankings.Order(r.Context(), indemnity.RankingID(id))
	switch {
	case errors.Is(err, fault.ErrNotFound): // nobody ordered it
		return o, false, nil
	case err != nil:
		return o, false, err
	case string(o.Call) != chi.URLParam(r, "bando"):
		return o, false, fault.ErrNotFound
	case o.State == indemnity.OrderFailed: // the second ranker may have failed alone
		_, err := p.CallRankings.Ranking(r.Context(), o.ID)
		if errors.Is(err, fault.ErrNotFound) {
			return o, true, nil
		}
		return o, false, err
	}
	return o, !o.Ended(), nil
}

// orderName is what a ranking is called before it is there.
func orderName(f ui.Frame, o indemnity.OrderedRanking) string {
	return callSimulationName(f, indemnity.Ranking{Number: o.Number, Kind: o.Kind()})
}

// orderText is what is said of orders of this kind.
func orderText(f ui.Frame, o indemnity.OrderedRanking, key string, data ...any) string {
	return f.T("rank.order."+string(o.Kind())+"."+key, data...)
}

// orderFailure is why an order failed.
func orderFailure(f ui.Frame, o indemnity.OrderedRanking) string {
	return words(f, &fault.Reason{Code: o.Refusal, Kind: fault.KindRefused})
}

// showOrder shows how far an order has come; err is why it cannot.
func (p *Portal) showOrder(w http.ResponseWriter, r *http.Request, o indemnity.OrderedRanking, err error) error {
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.welfareFrame(r, orderName(f, o), ui.Crumb{Text: f.T("rank.title"), URL: callRankingsPath}, ui.Crumb{Text: callRankingTitle(f, o.Call), URL: callRankingPath(o.Call)})
	f.Caption = callRankingTitle(f, o.Call)
	f.Badge = &ui.Tag{Tone: rankingOrderTones[o.State], Text: orderText(f, o, "state."+string(o.State))}
	page := welfare.RankingOrderPage{Frame: f, Tone: rankingOrderTones[o.State], Texts: []string{orderText(f, o, string(o.State))},
		Facts: []ui.Entry{{Name: f.T("rank.order.asked"), Value: f.T("rank.made.by", "At", ui.Moment(o.By.At), "Name", o.By.Name)}}}
	back := ui.Link{Text: f.T("rank.back_to_call"), URL: callRankingPath(o.Call)}
	if o.State == indemnity.OrderFailed {
		page.Texts = append(page.Texts, f.T("rank.order.why", "Why", orderFailure(f, o)), orderText(f, o, "again"))
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("rank.order.ended"), Value: ui.Moment(o.EndedAt)})
		page.Links = []ui.Link{back}
	} else {
		x := indemnity.Ranking{ID: o.ID, Call: indemnity.Call{ID: o.Call}}
		page.Links = []ui.Link{{Text: f.T("rank.order.again"), URL: callSimulationPath(x)}, back}
	}
	switch {
	case o.Kind() == indemnity.Scenario:
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("rank.scenario.purpose"), Value: o.Reason})
		base, err := p.CallRankings.Ranking(r.Context(), o.BasedOn)
		if errors.Is(err, fault.ErrNotFound) { // it was thrown away since
			break
		}
		if err != nil {
			return err
		}
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("rank.order.base"), Value: callRankingName(f, base),
			Action: &ui.Link{Text: f.T("rank.open_it", "Name", callRankingName(f, base)), URL: callSimulationPath(base)}})
	case o.Reason != "":
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("rank.about.corrects"), Value: o.Reason})
	}
	return p.show(w, r, welfare.RankingOrder(page))
}

// lastOrder is the newest order of a call, the zero one where there is none.
func (p *Portal) lastOrder(r *http.Request, id indemnity.CallID) (indemnity.OrderedRanking, error) {
	o, err := p.CallRankings.LastOrder(r.Context(), id)
	if errors.Is(err, fault.ErrNotFound) {
		return indemnity.OrderedRanking{}, nil
	}
	return o, err
}

// orderNote says of the newest order of a call that it is under way, or that it failed.
func orderNote(f ui.Frame, o indemnity.OrderedRanking) *welfare.OrderNote {
	note := welfare.OrderNote{Tone: rankingOrderTones[o.State], URL: callSimulationPath(indemnity.Ranking{ID: o.ID, Call: indemnity.Call{ID: o.Call}})}
	switch o.State {
	case indemnity.OrderMaking, indemnity.OrderChecking:
		note.Text = f.T("rank.order.under_way", "Name", orderName(f, o))
	case indemnity.OrderFailed:
		note.Text = orderText(f, o, "last_failed", "Name", orderName(f, o), "Why", orderFailure(f, o))
	default:
		return nil
	}
	return &note
}
