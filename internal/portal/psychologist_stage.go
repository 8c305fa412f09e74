package portal

import (
	"net/http"
	"strings"

	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// sessionStage is where the money of a session of the reader's stands, for the page of
// the session.
func (p *Portal) sessionStage(r *http.Request, f ui.Frame, id voucher.BookingID) (psychologist.StageFacts, error) {
	t, at, err := p.Trail.Session(r.Context(), actor(r), id)
	if err != nil {
		return psychologist.StageFacts{}, err
	}
	s := psychologist.StageFacts{Tag: stageTag(f, at), Sentence: stageSentence(f, t, at), Next: stageNext(f, at, t.Territory), Link: stageLink(f, t, at)}
	if i := t.Invoice; i.ID != "" {
		s.Facts = append(s.Facts, ui.Entry{Name: f.T("money.invoice"), Value: f.T("money.invoice.of", "Number", i.Number, "OfDay", ui.OfDay(i.IssuedOn)),
			Action: &ui.Link{Text: f.T("money.invoice.see"), URL: billPath + "/" + string(i.ID)}})
	}
	if o := t.Payment; o.Order != "" && o.State != "released" {
		s.Facts = append(s.Facts, ui.Entry{Name: f.T("money.payment"), Value: orderTag(f, o.State, o.Run).Text,
			Action: &ui.Link{Text: f.T("money.payment.see"), URL: paymentPath(o.Order)}})
	}
	return s, nil
}

// stageTones are the colours of the stages, by whose move it is.
var stageTones = map[voucher.Stage]ui.Tone{
	voucher.TrailBooked: ui.Working, voucher.TrailToConfirm: ui.Action, voucher.TrailToInvoice: ui.Action, voucher.TrailToCorrect: ui.Action,
	voucher.TrailInReview: ui.Working, voucher.TrailDisputed: ui.Action, voucher.TrailChecked: ui.Working, voucher.TrailAwaitingAccount: ui.Action, voucher.TrailAwaitingFunds: ui.Working,
	voucher.TrailPayable: ui.Working, voucher.TrailInPayment: ui.Success, voucher.TrailPaid: ui.Success, voucher.TrailReturned: ui.Danger,
	voucher.TrailCancelled: ui.Closed,
}

// stageTag is the word of a stage: of what it waits for, where that says more.
func stageTag(f ui.Frame, at voucher.Waypoint) ui.Tag {
	if at.Stage == voucher.TrailAwaitingAccount || at.Hindrance == voucher.ReportUpheld {
		return ui.Tag{Tone: stageTones[at.Stage], Text: f.T("money.stage.tag." + string(at.Hindrance))}
	}
	return ui.Tag{Tone: stageTones[at.Stage], Text: f.T("money.stage.tag." + string(at.Stage))}
}

// stageSentence says what a stage means for a session.
func stageSentence(f ui.Frame, t voucher.Trace, at voucher.Waypoint) string {
	switch at.Stage {
	case voucher.TrailCancelled:
		return f.T("money.stage.text.cancelled." + string(t.CancelReason))
	case voucher.TrailInPayment:
		return f.T("money.stage.text.in_payment." + t.Payment.Run)
	case voucher.TrailPaid:
		return f.T("money.stage.text.paid", "OfDay", ui.OfDay(t.Payment.ValueDay))
	case voucher.TrailAwaitingAccount:
		return f.T("money.stage.text."+string(at.Hindrance), "FromDay", ui.FromDay(at.By))
	}
	return suspendedSentence(f, at, t.Funds, t.Territory)
}

// suspendedSentence says what a stage means for every session that is in it.
func suspendedSentence(f ui.Frame, at voucher.Waypoint, funds voucher.Funds, territory string) string {
	switch {
	case at.Stage == voucher.TrailAwaitingAccount:
		return f.T("money.stage.text."+string(at.Hindrance), "FromDay", ui.FromDay(at.By))
	case at.Stage == voucher.TrailAwaitingFunds && funds.LastAmount == 0:
		return f.T("money.stage.text.awaiting_funds.never", "Of", ofTerritory(territory))
	case at.Stage == voucher.TrailAwaitingFunds:
		return f.T("money.stage.text.awaiting_funds", "Of", ofTerritory(territory), "Day", funds.LastOn, "Amount", funds.LastAmount)
	case at.Hindrance == voucher.TermOver:
		return f.T("money.stage.text.term_over", "OnDay", ui.OnDay(at.By))
	case at.Hindrance == voucher.ReportUpheld:
		return f.T("money.stage.text.upheld")
	}
	return f.T("money.stage.text." + string(at.Stage))
}

// stageNext says who moves next and by when, or why there is no day.
func stageNext(f ui.Frame, at voucher.Waypoint, territory string) string {
	on := []any{"OnDay", ui.OnDay(at.By), "The", theTerritory(territory)}
	switch {
	case at.Mover == voucher.Nobody:
		return ""
	case at.Hindrance == voucher.TermOver:
		return f.T("money.next.term_over")
	case at.Hindrance == voucher.Late:
		return f.T("money.next.late", on...)
	case at.Stage == voucher.TrailAwaitingAccount, at.Hindrance == voucher.ReportUpheld:
		return f.T("money.next."+string(at.Hindrance), on...)
	}
	return f.T("money.next."+string(at.Stage), on...)
}

// stageLink leads to what its professional can do about a session.
func stageLink(f ui.Frame, t voucher.Trace, at voucher.Waypoint) *ui.Link {
	if at.Mover != voucher.TheOwner {
		return nil
	}
	switch at.Stage {
	case voucher.TrailToConfirm:
		return &ui.Link{Text: f.T("money.do.confirm"), URL: sessionPath(t.ID) + "/conferma"}
	case voucher.TrailToInvoice:
		return &ui.Link{Text: f.T("money.agenda.invoice_one"), URL: billURL(t.ID)}
	case voucher.TrailToCorrect:
		return &ui.Link{Text: f.T("money.agenda.correct_one"), URL: billPath + "/" + string(t.Invoice.ID) + "/correggi"}
	case voucher.TrailAwaitingAccount, voucher.TrailReturned:
		return &ui.Link{Text: f.T("money.account.give"), URL: ibanPath}
	}
	return nil
}

// ofTerritory is "della Regione Lazio", "della Provincia autonoma di Trento".
func ofTerritory(name string) string {
	if province, ok := strings.CutPrefix(name, "P.A. "); ok {
		return "della Provincia autonoma di " + province
	}
	return "della Regione " + typeset(name)
}

// theTerritory is "la Regione Lazio".
func theTerritory(name string) string { return strings.TrimPrefix(ofTerritory(name), "del") }
