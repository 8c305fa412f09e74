package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// cnopSendAsk asks whether to hand a list over to INPS. Who may not is shown the
// delivery with the reason.
func (p *Portal) cnopSendAsk(w http.ResponseWriter, r *http.Request) error {
	d, err := p.deliveryAsked(r)
	if err != nil {
		return err
	}
	if reason := fault.As(d.MaySend(actor(r))); reason != nil {
		return p.showDelivery(w, r, d, reason)
	}
	return p.show(w, r, cnop.Ask(p.sendPage(r, d, once.NewKey())))
}

func (p *Portal) sendPage(r *http.Request, d voucher.Delivery, key string) cnop.AskPage {
	page := p.askAbout(r, d, "cnop.send", deliveryPath(d.ID), "/invia", key)
	if d.ManyRemoved() {
		page.Ask.Consequences = append(page.Ask.Consequences, page.T("cnop.delivery.many", "Number", grouped(d.Tally.Removed)))
		page.Confirm = page.T("cnop.send.many", "Number", grouped(d.Tally.Removed), "Standing", grouped(d.Tally.Standing))
	}
	return page
}

// askAbout is the question before something is done to a delivery.
func (p *Portal) askAbout(r *http.Request, d voucher.Delivery, words, at, act, key string) cnop.AskPage {
	var f ui.Frame
	name := f.T("cnop.delivery.name", "Number", d.Number)
	f = p.cnopFrame(r, f.T(words+".title", "Number", d.Number), ui.Crumb{Text: f.T("cnop.deliveries.title"), URL: deliveriesPath}, ui.Crumb{Text: name, URL: at})
	f.Path[len(f.Path)-1].Text = f.T(words + ".submit")
	f.Back = &ui.Link{Text: f.T("cnop.delivery.back"), URL: at}
	page := cnop.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T(words + ".text")},
		Form:         ui.FormProps{Action: at + act, Key: key, Version: strconv.Itoa(d.Revision)},
		Buttons:      ui.ButtonsProps{Submit: f.T(words + ".submit"), Cancel: f.Back},
	}}
	for _, fact := range []struct {
		is voucher.Change
		n  int
	}{{voucher.RowAdded, d.Tally.Added}, {voucher.RowChanged, d.Tally.Changed}, {voucher.RowRemoved, d.Tally.Removed}, {voucher.RowRejected, d.Tally.Rejected}} {
		e := ui.Entry{Name: f.T("cnop.change." + string(fact.is)), Value: grouped(fact.n)}
		if fact.is == voucher.RowRemoved && d.Tally.Touched > 0 {
			e.Note = f.T("cnop.delivery.touched", "Count", d.Tally.Touched)
		}
		page.Facts = append(page.Facts, e)
	}
	return page
}

// cnopSend hands a list over to INPS.
func (p *Portal) cnopSend(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[voucher.DeliveryID](r, "delivery.send")
	if err != nil {
		return err
	}
	err = p.Participants.Send(r.Context(), actor(r), sent, id, seenRevision(fields), fields.Get("conferma") == "on")
	if errors.Is(err, voucher.ErrManyRemoved) {
		d, err := p.Participants.Delivery(r.Context(), id)
		if err != nil {
			return err
		}
		page := p.sendPage(r, d, sent.Key)
		page.Errors = []ui.FieldError{{Field: "conferma", Text: words(page.Frame, voucher.ErrManyRemoved)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, cnop.Ask(page))
	}
	return p.deliveryDone(w, r, id, err, func() error {
		d, err := p.Participants.Delivery(r.Context(), id)
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, deliveryPath(id), f.T("cnop.send.done"), f.T("cnop.send.done_text", "Number", d.Number, "FromClock", ui.FromClock(d.SentAt)))
	})
}

// seenRevision is the comparison that the reader of a form saw, -1 for none.
func seenRevision(fields url.Values) int {
	n, err := strconv.Atoi(fields.Get("versione"))
	if err != nil {
		return -1
	}
	return n
}

// cnopDropAsk asks whether to take a delivery back.
func (p *Portal) cnopDropAsk(w http.ResponseWriter, r *http.Request) error {
	d, err := p.deliveryAsked(r)
	if err != nil {
		return err
	}
	if reason := fault.As(d.MayDrop(actor(r))); reason != nil {
		return p.showDelivery(w, r, d, reason)
	}
	page := p.askAbout(r, d, "cnop.drop", deliveryPath(d.ID), "/elimina", once.NewKey())
	page.Ask.Buttons.Danger, page.Ask.Buttons.Submit = true, page.T("cnop.drop."+string(d.State))
	return p.show(w, r, cnop.Ask(page))
}

// cnopDrop takes a delivery back.
func (p *Portal) cnopDrop(w http.ResponseWriter, r *http.Request) error {
	id, _, sent, err := formAbout[voucher.DeliveryID](r, "delivery.drop")
	if err != nil {
		return err
	}
	err = p.Participants.Drop(r.Context(), actor(r), sent, id)
	return p.deliveryDone(w, r, id, err, func() error {
		var f ui.Frame
		return p.done(w, r, deliveriesPath, f.T("cnop.drop.done"), f.T("cnop.drop.done_text"))
	})
}
