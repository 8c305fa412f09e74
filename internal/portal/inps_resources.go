package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ruleset"
	"portal/web/ui"
)

// fundedEdition is the edition of the path, as it is in force.
func (p *Portal) fundedEdition(r *http.Request) (voucher.Edition, error) {
	versions, err := p.editionVersions(r)
	if err != nil {
		return voucher.Edition{}, err
	}
	i := slices.IndexFunc(versions, inForce)
	if i < 0 {
		return voucher.Edition{}, fault.ErrNotFound
	}
	return versions[i].Edition, nil
}

func fundsPath(id voucher.EditionID) string { return resourcesPath + "/" + string(id) }

func (p *Portal) resourcesFrame(r *http.Request, id voucher.EditionID, title string) ui.Frame {
	var f ui.Frame
	own := f.T("inps.resources.of", "ID", string(id))
	home := []ui.Crumb{{Text: f.T("inps.editions.title"), URL: editionsPath}, {Text: f.T("inps.editions.of", "ID", string(id)), URL: editionPath(id)}}
	if title == "" {
		return p.inpsFrame(r, own, home...)
	}
	f = p.inpsFrame(r, title, append(home, ui.Crumb{Text: own, URL: fundsPath(id)})...)
	f.Back = &ui.Link{Text: f.T("inps.resources.back"), URL: fundsPath(id)}
	return f
}

// inpsResources is the money of an edition by territory (I-04).
func (p *Portal) inpsResources(w http.ResponseWriter, r *http.Request) error {
	e, err := p.fundedEdition(r)
	if err != nil {
		return err
	}
	all, transfers, err := p.Editions.Resources(r.Context(), e)
	if err != nil {
		return err
	}
	way, err := p.Trail.Path(r.Context(), e.ID)
	if err != nil {
		return err
	}
	held := map[string]money.Amount{}
	for _, row := range way.Rows {
		held[row.Territory] = row.OnHold()
	}
	f := p.resourcesFrame(r, e.ID, "")
	mayRecord := actor(r).Must(identity.INPS, identity.Prepare) == nil
	page := inps.ResourcesPage{Frame: f, Lead: f.T("inps.resources.lead"),
		HeldURL: withQuery(moneyPath, url.Values{"annualita": {string(e.ID)}}) + "#sospesi"}
	if mayRecord {
		page.RecordURL = fundsPath(e.ID) + "/trasferimenti"
	}
	page.Chart = ui.BarsProps{ID: "risorse", Title: f.T("inps.resources.chart", "ID", string(e.ID)),
		Series: []string{f.T("money.resources.paid"), f.T("money.resources.promised"), f.T("inps.resources.left")}, Mark: f.T("inps.resources.sent")}
	var over []string
	page.Total.Territory = f.T("inps.resources.total")
	for _, one := range all {
		row := inps.ResourceRow{Territory: one.Territory, Given: one.Given, Sent: one.Sent, Promised: one.Promised,
			Paid: one.Paid, Held: held[one.Territory], Left: one.Left()}
		if one.Closed {
			row.Note = f.T("inps.resources.closed")
		}
		if row.Left < 0 {
			over = append(over, f.T("inps.resources.over", "Territory", one.Territory, "Amount", -row.Left))
		}
		page.Rows = append(page.Rows, row)
		page.Chart.Rows = append(page.Chart.Rows, ui.Bar{Name: one.Territory, Label: f.T("inps.resources.bar", "Amount", row.Left),
			Parts: []int64{int64(row.Paid), int64(row.Promised - row.Paid), int64(max(row.Left, 0))}, Mark: int64(row.Sent)})
		page.Total.Given, page.Total.Sent = page.Total.Given+row.Given, page.Total.Sent+row.Sent
		page.Total.Promised, page.Total.Left = page.Total.Promised+row.Promised, page.Total.Left+row.Left
		page.Total.Paid, page.Total.Held = page.Total.Paid+row.Paid, page.Total.Held+row.Held
	}
	if len(over) > 0 {
		page.Notes = []ruleset.Note{{Tone: ui.Danger, Title: f.T("inps.resources.over.title"), Texts: over}}
	}
	page.Chart.Sentence = f.T("inps.resources.sentence", "Given", page.Total.Given, "Promised", page.Total.Promised, "Left", page.Total.Left, "Sent", page.Total.Sent)
	for _, t := range transfers {
		page.Transfers = append(page.Transfers, transferRow(f, t, mayRecord))
	}
	return p.show(w, r, inps.Resources(page))
}

func transferRow(f ui.Frame, t voucher.Transfer, mayRecord bool) inps.TransferRow {
	row := inps.TransferRow{ID: string(t.ID), Territory: t.Territory, Amount: t.Amount, ReceivedOn: ui.ShortDay(t.ReceivedOn), Act: t.Act, Tranche: t.Tranche, By: t.By.Name}
	switch {
	case t.Reverses != "":
		row.Note = f.T("inps.resources.reversal")
	case t.Reversed:
		row.Note = f.T("inps.resources.reversed")
	case mayRecord:
		row.ReverseURL = fundsPath(t.Edition) + "/trasferimenti/" + string(t.ID)
	}
	return row
}

// inpsTransferAsk asks for a transfer to be recorded.
func (p *Portal) inpsTransferAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return p.showTransfer(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showTransfer(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	e, err := p.fundedEdition(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.resourcesFrame(r, e.ID, f.T("inps.resources.record"))
	f.Errors = wrong
	content := sectionPage{f, "inps.editions", fields}
	tranches := []ui.Option{{Label: f.T("money.resources.no_tranche")}}
	for _, t := range e.Rules.Tranches {
		tranches = append(tranches, ui.Option{Value: t.Is.Name, Label: t.Is.Name})
	}
	day := content.field(ruleset.Day, "giorno", "received_on", false)
	return p.showAs(w, r, status, inps.Transfer(inps.TransferPage{
		Frame: f, Form: ui.FormProps{Action: fundsPath(e.ID) + "/trasferimenti", Key: fields.Get("idem")},
		Territories: content.territories(f.T("inps.resources.choose")), Territory: fields.Get("territorio"), Amount: fields.Get("importo"), Act: fields.Get("atto"),
		Tranche: ui.ChoiceProps{Name: "tranche", Legend: f.T("money.resources.tranche"), Options: tranches, Chosen: []string{fields.Get("tranche")}, Optional: true},
		Day:     ui.DateFieldProps{Name: "giorno", Legend: day.Label, Day: day.Day, Month: day.Month, Year: day.Year},
		Cancel:  *f.Back,
	}))
}

// transferFields are the fields in which a transfer is refused.
var transferFields = map[*fault.Reason]string{
	voucher.ErrTransferTerritory: "territorio", voucher.ErrTransferAmount: "importo", voucher.ErrTransferDay: "giorno", voucher.ErrTransferAct: "atto",
	voucher.ErrTransferTranche: "tranche",
}

// inpsTransfer records a transfer.
func (p *Portal) inpsTransfer(w http.ResponseWriter, r *http.Request) error {
	e, err := p.fundedEdition(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "transfer.record", fields)
	if err != nil {
		return err
	}
	read := &sectionReader{fields: fields}
	t := voucher.Transfer{Edition: e.ID, Territory: read.text("territorio"), Amount: read.amount("importo"), ReceivedOn: read.day("giorno"), Act: read.text("atto"),
		Tranche: fields.Get("tranche")}
	if len(read.wrong) > 0 {
		return p.showTransfer(w, r, http.StatusUnprocessableEntity, fields, read.wrong)
	}
	err = p.Editions.Record(r.Context(), actor(r), sent, t)
	if field, wrong := transferFields[fault.As(err)]; wrong {
		return p.showTransfer(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: field, Text: words(ui.Frame{}, fault.As(err))}})
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, fundsPath(e.ID), f.T("inps.resources.recorded"), f.T("inps.resources.recorded.text", "Amount", t.Amount, "Territory", t.Territory))
}

// inpsTransferReverseAsk asks whether to take a transfer back.
func (p *Portal) inpsTransferReverseAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return p.showReverse(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

// transfer is the transfer of the path.
func (p *Portal) transfer(r *http.Request) (voucher.Transfer, error) {
	e, err := p.fundedEdition(r)
	if err != nil {
		return voucher.Transfer{}, err
	}
	id, err := idParam(r, "trasferimento")
	if err != nil {
		return voucher.Transfer{}, err
	}
	all, err := p.Editions.Transfers(r.Context(), e.ID)
	if err != nil {
		return voucher.Transfer{}, err
	}
	i := slices.IndexFunc(all, func(t voucher.Transfer) bool { return string(t.ID) == id })
	if i < 0 {
		return voucher.Transfer{}, fault.ErrNotFound
	}
	return all[i], nil
}

func (p *Portal) showReverse(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	t, err := p.transfer(r)
	if err != nil {
		return err
	}
	if t.Reverses != "" || t.Reversed {
		return voucher.ErrTransferReversed
	}
	var f ui.Frame
	f = p.resourcesFrame(r, t.Edition, f.T("inps.resources.reverse.title"))
	f.Errors = wrong
	return p.showAs(w, r, status, inps.TransferReverse(inps.TransferReversePage{
		Frame: f, Act: fields.Get("atto"),
		Facts: []ui.Entry{
			{Name: f.T("inps.resources.territory"), Value: t.Territory, Proper: true}, {Name: f.T("inps.resources.amount"), Value: t.Amount.String()},
			{Name: f.T("inps.resources.day"), Value: ui.Day(t.ReceivedOn)}, {Name: f.T("inps.resources.act"), Value: t.Act},
		},
		Ask: ui.ConfirmProps{
			Consequences: []string{f.T("inps.resources.reverse.text")},
			Form:         ui.FormProps{Action: fundsPath(t.Edition) + "/trasferimenti/" + string(t.ID), Key: fields.Get("idem")},
			Buttons:      ui.ButtonsProps{Submit: f.T("inps.resources.reverse.submit"), Danger: true, Cancel: f.Back},
		},
	}))
}

// inpsTransferReverse takes a transfer back.
func (p *Portal) inpsTransferReverse(w http.ResponseWriter, r *http.Request) error {
	t, err := p.transfer(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "transfer.reverse", url.Values{"idem": fields["idem"], "atto": fields["atto"], "trasferimento": {string(t.ID)}})
	if err != nil {
		return err
	}
	err = p.Editions.Reverse(r.Context(), actor(r), sent, t.Edition, t.ID, fields.Get("atto"))
	if errors.Is(err, voucher.ErrTransferAct) {
		return p.showReverse(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "atto", Text: words(ui.Frame{}, voucher.ErrTransferAct)}})
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, fundsPath(t.Edition), f.T("inps.resources.reverse.done"), f.T("inps.resources.reverse.done_text", "Amount", t.Amount, "Territory", t.Territory))
}
