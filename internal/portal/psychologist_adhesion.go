package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// adhesionPath is a professional's own place on CNOP's list.
const adhesionPath = "/professionisti/adesione"

// psychologistAdhesion says whether, since when and by which delivery a professional
// takes part, and what follows for their sessions (S-16).
func (p *Portal) psychologistAdhesion(w http.ResponseWriter, r *http.Request) error {
	today := calendar.On(p.Now())
	c, err := p.Participants.Card(r.Context(), actor(r).Person, today)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("psychologist.adhesion.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.Title}}
	state := cardState(c, today)
	tag := ui.Tag{Tone: ui.Closed, Text: f.T("psychologist.adhesion.state." + string(state))}
	if state == voucher.RollActive {
		tag.Tone = ui.Success
	}
	f.Badge = &tag
	page := psychologist.AdhesionPage{Frame: f, Effect: f.T("psychologist.adhesion.effect.off", "Count", c.Bookings)}
	if state == voucher.RollActive {
		page.Effect = f.T("psychologist.adhesion.effect.on")
	}
	for _, s := range c.Stretches {
		page.History = append(page.History, psychologist.Stretch(stretchRow(f, s)))
	}
	page.Facts = adhesionFacts(f, c, state)
	if err := p.adhesionSource(r, &page, c); err != nil {
		return err
	}
	page.How = []string{f.T("psychologist.adhesion.how." + string(state)), f.T("psychologist.adhesion.how.stand")}
	return p.show(w, r, psychologist.Adhesion(page))
}

// adhesionFacts are since when somebody is on the list or off it.
func adhesionFacts(f ui.Frame, c voucher.Card, state voucher.RollState) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("cnop.state"), Value: f.T("psychologist.adhesion.state." + string(state))}}
	if len(c.Stretches) == 0 {
		return facts
	}
	last := c.Stretches[0]
	facts = append(facts, ui.Entry{Name: f.T("psychologist.adhesion.since"), Value: ui.Day(last.From)})
	if !last.Until.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("psychologist.adhesion.until"), Value: ui.Day(last.Until), Note: last.Why})
	}
	return facts
}

// adhesionSource adds the delivery that somebody's place on the list comes from: the
// last change of it, or else the list in force.
func (p *Portal) adhesionSource(r *http.Request, page *psychologist.AdhesionPage, c voucher.Card) error {
	number := 0
	if len(c.Stretches) > 0 {
		if number = c.Stretches[0].Left; number == 0 {
			number = c.Stretches[0].Entered
		}
	}
	all, err := p.Participants.Deliveries(r.Context())
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.State == voucher.DeliveryApplied && (number == 0 || d.Number == number) {
			page.Facts = append(page.Facts, ui.Entry{Name: page.T("psychologist.adhesion.source"),
				Value: page.T("psychologist.adhesion.delivery", "Number", d.Number, "OfDay", ui.OfDay(d.Day))})
			break
		}
	}
	return nil
}
