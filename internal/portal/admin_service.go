package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// Where administrators look after the portal.
const (
	adminStopsPath      = adminPath + "/servizio"
	adminDeliveriesPath = adminPath + "/notifiche"
	adminNeighboursPath = adminPath + "/collegamenti"
)

// adminStops is the planned stops, those to come first, and the form that plans one.
func (p *Portal) adminStops(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Stops.All(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("administration.stops.title"))
	page := oversight.StopsPage{Frame: f, NewURL: adminStopsPath + "/nuovo", StatusURL: "/stato-servizio"}
	for _, s := range all {
		row := oversight.StopRow{ID: string(s.ID), Span: stopSpan(f, s), Says: s.Says, By: handText(f, s.Planned), State: p.stopTag(f, s)}
		if s.Holds(p.Now()) {
			terms, err := p.Stops.Ending(r.Context(), actor(r), s)
			if err != nil {
				return err
			}
			row.Terms, row.EndURL = counted(f, "administration.stops.terms", termsCount(terms)), adminStopsPath+"/"+string(s.ID)+"/annulla"
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, oversight.Stops(page))
}

// stopSpan is a stop in words: "dal 12/03/2026, 15:00 al 12/03/2026, 18:00".
func stopSpan(f ui.Frame, s office.Stop) string {
	return f.T("administration.stops.span", "From", ui.ShortMoment(s.From), "Until", ui.ShortMoment(s.Until))
}

func (p *Portal) stopTag(f ui.Frame, s office.Stop) ui.Tag {
	now := p.Now()
	switch {
	case !s.Withdrawn.At.IsZero():
		return ui.Tag{Tone: ui.Closed, Text: f.T("administration.stops.withdrawn")}
	case !s.Holds(now):
		return ui.Tag{Tone: ui.Closed, Text: f.T("administration.stops.over")}
	case now.Before(s.From):
		return ui.Tag{Tone: ui.Action, Text: f.T("administration.stops.coming")}
	}
	return ui.Tag{Tone: ui.Danger, Text: f.T("administration.stops.now")}
}

func termsCount(all []office.EndingTerms) (n int) {
	for _, t := range all {
		n += t.Count
	}
	return n
}

// adminStopAsk is the form that plans a stop.
func (p *Portal) adminStopAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showPlannedStop(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil, nil)
}

func (p *Portal) showPlannedStop(w http.ResponseWriter, r *http.Request, status int, fields url.Values, terms []office.EndingTerms, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.adminFrame(r, f.T("administration.stop.title"), ui.Crumb{Text: f.T("administration.stops.title"), URL: adminStopsPath})
	f.Errors = wrong
	moment := func(name string) oversight.MomentField {
		d, m, y := ui.DateNames(name)
		return oversight.MomentField{
			Day:  ui.DateFieldProps{Name: name, Legend: f.T("administration.stop." + name), Day: fields.Get(d), Month: fields.Get(m), Year: fields.Get(y)},
			Time: ui.FieldProps{Name: name + "-ora", Label: f.T("administration.stop." + name + ".hour"), Value: fields.Get(name + "-ora")}}
	}
	page := oversight.StopPage{Frame: f, Form: ui.FormProps{Action: adminStopsPath + "/nuovo", Key: fields.Get("idem")}, Says: fields.Get("testo"),
		From: moment("dal"), Until: moment("al"), CancelURL: adminStopsPath}
	if len(terms) > 0 {
		page.Warning, page.Checked = f.T("administration.stop.warning", "Count", termsCount(terms)), checkedStop(fields)
		for _, t := range terms {
			page.Terms = append(page.Terms, oversight.TermRow{At: t.At, Kind: f.T("administration.term." + string(t.Kind)), Count: t.Count})
		}
	}
	return p.showAs(w, r, status, oversight.StopForm(page))
}

// checkedStop is the span that a reader has seen the terms of: another one is checked anew.
func checkedStop(fields url.Values) string {
	key := ""
	for _, name := range []string{"dal", "al"} {
		d, m, y := ui.DateNames(name)
		key += fields.Get(d) + "." + fields.Get(m) + "." + fields.Get(y) + "." + fields.Get(name+"-ora") + " "
	}
	return key
}

// A stop without its first or its last day.
var (
	errStopFrom  = fault.Invalid("stop.from")
	errStopUntil = fault.Invalid("stop.until")
)

// stopFields are the fields in which reasons are shown.
var stopFields = map[*fault.Reason]string{office.ErrStopText: "testo", office.ErrStopPast: "dal", office.ErrStopSpan: "al", office.ErrStopOverlaps: "dal"}

// adminStop plans a stop: where terms end in it, they are shown before it is planned.
func (p *Portal) adminStop(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "stop.plan", fields)
	if err != nil {
		return err
	}
	read := sectionReader{fields: fields}
	if strings.TrimSpace(fields.Get("testo")) == "" {
		read.fail("testo", office.ErrStopText)
	}
	from, until := read.instant("dal", false), read.instant("al", true)
	for _, day := range []struct {
		name string
		none error
	}{{"dal", errStopFrom}, {"al", errStopUntil}} {
		if d, err := dateField(fields, day.name); err == nil && d.IsZero() {
			read.fail(day.name, day.none)
		}
	}
	if len(read.wrong) > 0 {
		return p.showPlannedStop(w, r, http.StatusUnprocessableEntity, fields, nil, read.wrong)
	}
	terms, err := p.Stops.Check(r.Context(), actor(r), fields.Get("testo"), from, until)
	if err == nil && len(terms) > 0 && fields.Get("visto") != checkedStop(fields) {
		fields.Set("idem", once.NewKey())
		return p.showPlannedStop(w, r, http.StatusOK, fields, terms, nil)
	}
	if err == nil {
		err = p.Stops.Plan(r.Context(), actor(r), sent, fields.Get("testo"), from, until)
	}
	reason, refused := fault.Refusal(err)
	if field, known := stopFields[reason]; refused && known {
		return p.showPlannedStop(w, r, statuses[reason.Kind], fields, nil, []ui.FieldError{{Field: field, Text: words(ui.Frame{}, reason)}})
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, adminStopsPath, f.T("administration.stop.done"), f.T("administration.stop.done.text"))
}

// adminStopEndAsk asks whether to withdraw a stop.
func (p *Portal) adminStopEndAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showStopEnd(w, r, http.StatusOK, nil)
}

func (p *Portal) showStopEnd(w http.ResponseWriter, r *http.Request, status int, wrong *fault.Reason) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	all, err := p.Stops.All(r.Context(), actor(r))
	if err != nil {
		return err
	}
	for _, s := range all {
		if string(s.ID) != id {
			continue
		}
		var f ui.Frame
		f = p.adminFrame(r, f.T("administration.stop.end.title"), ui.Crumb{Text: f.T("administration.stops.title"), URL: adminStopsPath})
		nameStep(&f, "administration.stop.end")
		page := oversight.ActPage{Frame: f, Consequences: []string{f.T("administration.stop.end.text")},
			Facts: []ui.Entry{{Name: f.T("administration.stops.when"), Value: stopSpan(f, s)}, {Name: f.T("administration.stops.says"), Value: s.Says}},
			Form:  ui.FormProps{Action: adminStopsPath + "/" + id + "/annulla", Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T("administration.stop.end"), Danger: true,
				Cancel: &ui.Link{Text: f.T("administration.stop.keep"), URL: adminStopsPath}}}
		if wrong == nil && !s.Holds(p.Now()) {
			wrong, status = office.ErrStopOver, http.StatusConflict
		}
		if wrong != nil {
			page.Refusal = words(f, wrong)
		}
		return p.showAs(w, r, status, oversight.Act(page))
	}
	return fault.ErrNotFound
}

// adminStopEnd withdraws a stop.
func (p *Portal) adminStopEnd(w http.ResponseWriter, r *http.Request) error {
	id, _, sent, err := formAbout[office.StopID](r, "stop.withdraw")
	if err != nil {
		return err
	}
	err = p.Stops.Withdraw(r.Context(), actor(r), sent, id)
	if errors.Is(err, office.ErrStopOver) {
		return p.showStopEnd(w, r, http.StatusConflict, office.ErrStopOver)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, adminStopsPath, f.T("administration.stop.ended"), f.T("administration.stop.ended.text"))
}

// adminDeliveries is how what the portal sends arrives: how many, never what or to whom
//
func (p *Portal) adminDeliveries(w http.ResponseWriter, r *http.Request) error {
	queues, err := p.Deliveries.Queues(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("administration.deliveries.title"))
	page := oversight.DeliveriesPage{Frame: f, Form: ui.FormProps{Action: adminDeliveriesPath, Key: once.NewKey()}, AsOf: ui.ShortMoment(p.Now())}
	for _, q := range queues {
		row := oversight.QueueRow{Channel: f.T("administration.channel." + string(q.Channel)), Sent: q.Sent, Waiting: q.Waiting, Retried: q.Retried, Failed: q.Failed, Refused: q.Refused, Oldest: q.Oldest}
		page.Failed += q.Failed + q.Retried
		page.Rows = append(page.Rows, row)
	}
	if page.Failed > 0 {
		page.Note = f.T("administration.deliveries.failed", "Count", page.Failed)
	}
	return p.show(w, r, oversight.Deliveries(page))
}

// adminDeliver sends what failed again.
func (p *Portal) adminDeliver(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "deliveries.retry", fields)
	if err != nil {
		return err
	}
	n, err := p.Deliveries.Retry(r.Context(), actor(r), sent)
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, adminDeliveriesPath, f.T("administration.deliveries.done"), counted(f, "administration.deliveries.done.text", n))
}

// adminNeighbours is the systems outside the portal, with when each last answered.
func (p *Portal) adminNeighbours(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Neighbours.List(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("administration.neighbours.title"))
	page := oversight.NeighboursPage{Frame: f}
	for _, c := range all {
		row := oversight.NeighbourRow{ID: c.Name, Name: f.T("administration.neighbour." + c.Name), Answered: c.Answered, Failed: c.Failed, State: contactTag(f, c)}
		if c.Failure != "" {
			row.Failure = f.T("administration.failure." + string(c.Failure))
		}
		if c.There {
			row.Form = &ui.FormProps{Action: adminNeighboursPath + "/" + c.Name, Key: once.NewKey()}
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, oversight.Neighbours(page))
}

func contactTag(f ui.Frame, c office.Contact) ui.Tag {
	switch {
	case !c.There:
		return ui.Tag{Tone: ui.Closed, Text: f.T("administration.neighbour.absent")}
	case c.Answered.IsZero() && c.Failed.IsZero():
		return ui.Tag{Tone: ui.Closed, Text: f.T("administration.neighbour.unknown")}
	case c.Fails():
		return ui.Tag{Tone: ui.Danger, Text: f.T("administration.neighbour.fails")}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("administration.neighbour.answers")}
}

// adminNeighbour leads to the list: a neighbour is asked by its form.
func (p *Portal) adminNeighbour(w http.ResponseWriter, r *http.Request) error {
	return goTo(w, r, adminNeighboursPath+"#r-"+chi.URLParam(r, "nome"), nil)
}

// adminNeighbourTry asks a neighbour whether it is there.
func (p *Portal) adminNeighbourTry(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	name := chi.URLParam(r, "nome")
	sent, err := sending(r, "neighbour.try", fields)
	if err != nil {
		return err
	}
	how, err := p.Neighbours.Try(r.Context(), actor(r), sent, name)
	if err != nil {
		return err
	}
	var f ui.Frame
	if how == "" {
		return p.done(w, r, adminNeighboursPath, f.T("administration.neighbour.done"), f.T("administration.neighbour.done.text", "Name", f.T("administration.neighbour."+name)))
	}
	return p.done(w, r, adminNeighboursPath, f.T("administration.neighbour.done"),
		f.T("administration.neighbour.failed.text", "Name", f.T("administration.neighbour."+name), "Failure", f.T("administration.failure."+string(how))))
}

// stopBanner is what every page says of the next stop, nil for none.
func (p *Portal) stopBanner(r *http.Request, f ui.Frame) *ui.Banner {
	s, shown := p.Stops.Announced(r.Context())
	if !shown {
		return nil
	}
	key := "administration.banner.coming"
	if !p.Now().Before(s.From) {
		key = "administration.banner.now"
	}
	return &ui.Banner{Text: f.T(key, "From", ui.OnMoment(s.From), "Until", ui.OnMoment(s.Until)), Says: s.Says,
		Link: ui.Link{Text: f.T("administration.banner.status"), URL: "/stato-servizio"}}
}

// stopsText are planned stops as the page on the state of the service tells them.
func stopsText(f ui.Frame, all []office.Stop) []ui.Entry {
	var entries []ui.Entry
	for _, s := range all {
		entries = append(entries, ui.Entry{Name: stopSpan(f, s), Value: s.Says})
	}
	return entries
}
