package portal

import (
	"errors"
	"net/http"
	"strconv"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// Where INPS reads CNOP's list.
const (
	professionalsPath = "/gestione/inps/professionisti"
	receivedPath      = professionalsPath + "/invii"
	inpsRollPath      = professionalsPath + "/elenco"
	inpsReportsPath   = professionalsPath + "/segnalazioni"
	areasPath         = professionalsPath + "/aree"
)

// professionalsFrame is a page of INPS on CNOP's list, with its parts.
func (p *Portal) professionalsFrame(r *http.Request, at string) cnop.ProfessionalsPage {
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.professionals.title"))
	page := cnop.ProfessionalsPage{Frame: f}
	for _, part := range []struct{ url, words string }{
		{professionalsPath, "inps.professionals.part.deliveries"}, {inpsRollPath, "inps.professionals.part.roll"},
		{inpsReportsPath, "inps.professionals.part.reports"}, {areasPath, "inps.professionals.part.areas"},
	} {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T(part.words), URL: part.url, Current: part.url == at})
	}
	return page
}

// inpsProfessionals lists the deliveries that INPS has received (I-17).
func (p *Portal) inpsProfessionals(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Deliveries(r.Context())
	if err != nil {
		return err
	}
	var received []voucher.Delivery
	for _, d := range all {
		if d.State == voucher.DeliverySent || d.State == voucher.DeliveryApplied {
			received = append(received, d)
		}
	}
	page := p.professionalsFrame(r, professionalsPath)
	table := deliveriesTable(page.Frame, received, receivedPath)
	page.Deliveries = &table
	return p.show(w, r, cnop.Professionals(page))
}

// inpsRoll is everybody who takes part or did, as INPS reads it.
func (p *Portal) inpsRoll(w http.ResponseWriter, r *http.Request) error {
	page := p.professionalsFrame(r, inpsRollPath)
	roll, err := p.rollPage(r, page.Frame, inpsRollPath, professionalsPath)
	var elsewhere otherPage
	if errors.As(err, &elsewhere) {
		return goTo(w, r, elsewhere.path, elsewhere.query)
	}
	if err != nil {
		return err
	}
	page.Roll = &roll
	return p.show(w, r, cnop.Professionals(page))
}

// inpsRollFilter takes the filters of the list.
func (p *Portal) inpsRollFilter(w http.ResponseWriter, r *http.Request) error {
	return p.rollFilter(w, r, inpsRollPath)
}

// inpsReports lists what INPS asked CNOP.
func (p *Portal) inpsReports(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Reports(r.Context(), "")
	if err != nil {
		return err
	}
	page := p.professionalsFrame(r, inpsReportsPath)
	page.Reports = &cnop.ReportsPage{Empty: page.T("inps.professionals.reports.empty")}
	for _, x := range all {
		row := reportRow(page.Frame, x, "")
		row.URL = professionalsPath + "/" + string(x.Person)
		page.Reports.Rows = append(page.Reports.Rows, row)
	}
	return p.show(w, r, cnop.Professionals(page))
}

// inpsAreas is how many professionals there are where.
func (p *Portal) inpsAreas(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Areas(r.Context(), calendar.On(p.Now()))
	if err != nil {
		return err
	}
	page := p.professionalsFrame(r, areasPath)
	part := &cnop.AreasPart{CSVURL: areasPath + ".csv", Bars: ui.BarsProps{ID: "aderenti", Title: page.T("inps.professionals.areas.caption"),
		Series: []string{page.T("inps.professionals.areas.online"), page.T("inps.professionals.areas.present")}}}
	total, most := 0, 0
	for i := 0; i < len(all); {
		region, whole := all[i].Region, voucher.Area{}
		var rows []cnop.AreaRow
		for ; i < len(all) && all[i].Region == region; i++ {
			whole.Enrolled += all[i].Enrolled
			whole.Online += all[i].Online
			rows = append(rows, cnop.AreaRow{ID: all[i].Province, Region: typeset(region), Province: provinceName(all[i].Province),
				Enrolled: grouped(all[i].Enrolled), Online: grouped(all[i].Online)})
		}
		part.Rows = append(part.Rows, cnop.AreaRow{ID: "t" + strconv.Itoa(i), Region: typeset(region), Province: page.T("inps.professionals.areas.all"),
			Enrolled: grouped(whole.Enrolled), Online: grouped(whole.Online), Whole: true})
		part.Rows = append(part.Rows, rows...)
		part.Bars.Rows = append(part.Bars.Rows, ui.Bar{Name: typeset(region), Label: grouped(whole.Enrolled),
			Parts: []int64{int64(whole.Online), int64(whole.Enrolled - whole.Online)}})
		total += whole.Enrolled
		if whole.Enrolled > most {
			most = whole.Enrolled
			part.Bars.Sentence = page.T("inps.professionals.areas.sentence", "Region", typeset(region), "Number", grouped(most))
		}
	}
	part.Total = page.T("inps.professionals.areas.total", "Count", total, "Number", grouped(total))
	page.Areas = part
	return p.show(w, r, cnop.Professionals(page))
}

// inpsAreasCSV sends the same figures as a file.
func (p *Portal) inpsAreasCSV(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Areas(r.Context(), calendar.On(p.Now()))
	if err != nil {
		return err
	}
	var f ui.Frame
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="aderenti-`+calendar.On(p.Now()).String()+`.csv"`)
	out, err := export.New(export.CSV, w, []export.Column{{Key: "territory", Title: f.T("inps.professionals.areas.region")},
		{Key: "province", Title: f.T("inps.professionals.areas.province")}, {Key: "enrolled", Title: f.T("inps.professionals.areas.enrolled")},
		{Key: "online", Title: f.T("inps.professionals.areas.online")}})
	for _, a := range all {
		if err == nil {
			err = out.Row(a.Region, a.Province, a.Enrolled, a.Online)
		}
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		p.Log.Error("figures by area cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}

// inpsProfessional is the card of a professional, from which INPS asks CNOP about
// them. The look is written in the register.
func (p *Portal) inpsProfessional(w http.ResponseWriter, r *http.Request) error {
	c, err := p.cardAsked(r)
	if err != nil {
		return err
	}
	return p.showProfessional(w, r, c, "", once.NewKey(), nil)
}

func (p *Portal) showProfessional(w http.ResponseWriter, r *http.Request, c voucher.Card, text, key string, why *fault.Reason) error {
	var f ui.Frame
	f = p.inpsFrame(r, typeset(c.Is.Name()), ui.Crumb{Text: f.T("inps.professionals.title"), URL: professionalsPath})
	page, err := p.cardPage(r.Context(), f, c, "")
	if err != nil {
		return err
	}
	account, err := p.Accounts.Current(r.Context(), c.Person)
	if err != nil {
		return err
	}
	page.Facts = append(page.Facts, accountLine(f, account))
	if actor(r).Must(identity.INPS, identity.Prepare) == nil {
		page.Report, page.Text = &ui.FormProps{Action: professionalsPath + "/" + string(c.Person), Key: key}, text
	}
	status := http.StatusOK
	if why != nil {
		status, page.Errors = refusalStatus(why), []ui.FieldError{{Field: "testo", Text: words(f, why)}}
	}
	return p.showAs(w, r, status, cnop.Card(page))
}

// accountLine is where the IBAN of a professional stands, in a line: the zero account is
// that of who gave none.
func accountLine(f ui.Frame, a payment.Account) ui.Entry {
	if a.ID == "" {
		return ui.Entry{Name: f.T("accounts.iban"), Value: f.T("inps.professionals.iban.none")}
	}
	return ui.Entry{Name: f.T("accounts.iban"), Value: f.T("accounts.state." + string(a.State)),
		Note:   f.T("inps.professionals.iban.given", "IBAN", a.IBAN.Masked(), "OnDay", ui.OnDay(calendar.On(a.SubmittedAt))),
		Action: &ui.Link{Text: f.T("inps.professionals.iban.see"), URL: inpsAccountPath(a.ID)}}
}

// inpsReport asks CNOP about a professional.
func (p *Portal) inpsReport(w http.ResponseWriter, r *http.Request) error {
	c, err := p.cardAsked(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "report.ask", fields)
	if err != nil {
		return err
	}
	err = p.Participants.Ask(r.Context(), actor(r), sent, c.Person, fields.Get("testo"))
	if errors.Is(err, voucher.ErrReportText) {
		return p.showProfessional(w, r, c, fields.Get("testo"), sent.Key, voucher.ErrReportText)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, professionalsPath+"/"+string(c.Person), f.T("inps.professionals.report.done"), f.T("inps.professionals.report.done_text"))
}

// received is a delivery that CNOP has sent. Its drafts are its own business.
func (p *Portal) received(r *http.Request) (voucher.Delivery, error) {
	d, err := p.deliveryAsked(r)
	if err == nil && d.State != voucher.DeliverySent && d.State != voucher.DeliveryApplied {
		err = fault.ErrNotFound
	}
	return d, err
}

// inpsDelivery shows a delivery to INPS.
func (p *Portal) inpsDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := p.received(r)
	if err != nil {
		return err
	}
	return p.showReceived(w, r, d, nil)
}

func (p *Portal) showReceived(w http.ResponseWriter, r *http.Request, d voucher.Delivery, why *fault.Reason) error {
	var f ui.Frame
	at := receivedPath + "/" + string(d.ID)
	f = p.inpsFrame(r, f.T("inps.professionals.delivery", "Number", d.Number), ui.Crumb{Text: f.T("inps.professionals.title"), URL: professionalsPath})
	page, err := p.deliveryPage(r, f, d, at, professionalsPath)
	if err != nil {
		return err
	}
	if d.State == voucher.DeliverySent {
		if reason := fault.As(d.MayApply(actor(r))); reason == nil {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.professionals.apply.submit"), URL: at + "/applica"})
		} else {
			page.Refusal = words(f, reason)
		}
	}
	page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.professionals.report"), URL: inpsRollPath})
	status := http.StatusOK
	if why != nil {
		status, page.Errors, page.Refusal = refusalStatus(why), []ui.FieldError{{Text: words(f, why)}}, ""
	}
	return p.showAs(w, r, status, cnop.Delivery(page))
}

// inpsApplyAsk asks whether to put a list in force.
func (p *Portal) inpsApplyAsk(w http.ResponseWriter, r *http.Request) error {
	d, err := p.received(r)
	if err != nil {
		return err
	}
	if reason := fault.As(d.MayApply(actor(r))); reason != nil {
		return p.showReceived(w, r, d, reason)
	}
	page := p.askAbout(r, d, "inps.professionals.apply", receivedPath+"/"+string(d.ID), "/applica", once.NewKey())
	page.Body = "INPS"
	page.Path = inpsCrumbs(page.Frame, ui.Crumb{Text: page.T("inps.professionals.title"), URL: professionalsPath},
		ui.Crumb{Text: page.T("cnop.delivery.name", "Number", d.Number), URL: page.Back.URL}, ui.Crumb{Text: page.T("inps.professionals.apply.submit")})
	return p.show(w, r, cnop.Ask(page))
}

// inpsApply puts a list in force.
func (p *Portal) inpsApply(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[voucher.DeliveryID](r, "delivery.apply")
	if err != nil {
		return err
	}
	err = p.Participants.Apply(r.Context(), actor(r), sent, id, seenRevision(fields))
	if reason, refused := fault.Refusal(err); refused {
		d, err := p.received(r)
		if err != nil {
			return err
		}
		return p.showReceived(w, r, d, reason)
	}
	if err != nil {
		return err
	}
	d, err := p.Participants.Delivery(r.Context(), id)
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, receivedPath+"/"+string(id), f.T("inps.professionals.apply.done"),
		f.T("inps.professionals.apply.done_text", "Added", grouped(d.Tally.Added), "Changed", grouped(d.Tally.Changed), "Removed", grouped(d.Tally.Removed)))
}
