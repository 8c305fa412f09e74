package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// closureRows is how many rows of a list stand on a page.
const closureRows = 50

// closureParam is the list in the address.
func (p *Portal) closureParam(r *http.Request) (voucher.Closure, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Closure{}, err
	}
	return p.Closures.Closure(r.Context(), voucher.ClosureID(id))
}

func (p *Portal) closureFrame(r *http.Request, c voucher.Closure, title string, below ...ui.Crumb) ui.Frame {
	var words ui.Frame
	above := []ui.Crumb{{Text: words.T("menu.inps.sessions"), URL: deskSessionsPath}, {Text: words.T("inps.closures.tab." + string(c.Kind)), URL: closurePaths[c.Kind]}}
	f := p.inpsFrame(r, title, append(above, below...)...)
	f.HeadTitle = f.T("inps.closures.head")
	return f
}

// inpsClosure is one list, with how far it was carried out.
func (p *Portal) inpsClosure(w http.ResponseWriter, r *http.Request) error {
	c, err := p.closureParam(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	number := pageNumber(q)
	rows, err := p.Closures.ClosureRows(r.Context(), c.ID, number, closureRows)
	if err != nil {
		return err
	}
	f := p.closureFrame(r, c, closureName(ui.Frame{}, c))
	tag := closureTag(f, c.State)
	f.Badge = &tag
	here := closurePath + "/" + string(c.ID)
	page := inps.ClosurePage{Frame: f, Facts: closureFacts(f, c), CSVURL: here + "/righe.csv", Again: here, Sessions: c.Kind == voucher.AnnulmentList}
	if c.State == voucher.ClosureSentBack {
		page.Note = c.Note
	}
	if c.State == voucher.ClosureUnderWay {
		total := c.Rows - c.Spared
		page.Progress = &ui.ProgressProps{ID: "avanzamento", Label: f.T("inps.closures.progress"), Done: total - c.ToDo(), Total: total,
			Text: f.T("inps.closures.progress.text", "Done", grouped(total-c.ToDo()), "Total", grouped(total))}
	}
	if p.Closures.MayDecide(r.Context(), actor(r), c) == nil {
		page.Action = &ui.Link{Text: f.T("inps.closures.decide"), URL: here + "/decidi"}
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, p.closureRow(r, f, c, row))
	}
	page.Turn = ui.TurnProps{Label: f.T("inps.closures.pages")}
	if number > 1 {
		page.Turn.PreviousURL = here + "?p=" + strconv.Itoa(number-1)
	}
	if number*closureRows < c.Rows {
		page.Turn.NextURL = here + "?p=" + strconv.Itoa(number+1)
	}
	return p.show(w, r, inps.Closure(page))
}

func (p *Portal) closureRow(r *http.Request, f ui.Frame, c voucher.Closure, row voucher.ClosureRow) inps.ClosureRow {
	is := inps.ClosureRow{ID: row.Subject, Protocol: row.Protocol, URL: codePath(row.Voucher), Who: typeset(row.Territory), Day: row.Day,
		Ground: f.T("inps.closures.ground." + string(row.Ground)), Term: row.Term, Amount: row.Amount, Why: row.SparedWhy}
	if row.Name != "" {
		is.Who = row.Name
	}
	tones := map[voucher.ClosureOutcome]ui.Tone{voucher.RowClosed: ui.Closed, voucher.RowSaved: ui.Success, voucher.RowSpared: ui.Working}
	switch {
	case row.Outcome != "":
		is.State = &ui.Tag{Tone: tones[row.Outcome], Text: f.T("inps.closures.row." + string(row.Outcome))}
	case row.SparedWhy != "":
		is.State = &ui.Tag{Tone: ui.Working, Text: f.T("inps.closures.row.spared")}
	case c.MaySpare(actor(r), row) == nil:
		is.SpareURL = closurePath + "/" + string(c.ID) + "/righe/" + row.Subject
	}
	return is
}

func closureFacts(f ui.Frame, c voucher.Closure) []ui.Entry {
	territory := f.T("inps.desk.any_territory")
	if c.Territory != "" {
		territory = typeset(c.Territory)
	}
	facts := []ui.Entry{
		{Name: f.T("inps.closures.kind"), Value: f.T("inps.closures.tab." + string(c.Kind))},
		{Name: f.T("inps.desk.edition"), Value: string(c.Edition)}, {Name: f.T("inps.desk.col.territory"), Value: territory},
		{Name: f.T("inps.closures.as_of"), Value: ui.Day(c.AsOf)},
		{Name: f.T("inps.closures." + string(c.Kind) + ".count"), Value: grouped(c.Rows - c.Spared)},
		{Name: f.T("inps.closures.amount_back"), Value: c.Amount.String()},
		{Name: f.T("inps.closures.confirmed_by"), Value: f.T("inps.closures.who", "Name", c.Preparer, "At", ui.Moment(c.PreparedAt))},
	}
	if c.Decider != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.closures.decided_by"), Value: f.T("inps.closures.who", "Name", c.Decider, "At", ui.Moment(c.DecidedAt))})
	}
	if c.State == voucher.ClosureDone {
		facts = append(facts, ui.Entry{Name: f.T("inps.closures.result"), Value: f.T("inps.closures.result.text",
			"Closed", grouped(c.Closed), "Amount", c.ClosedAmount, "Saved", grouped(c.Saved), "Spared", grouped(c.Spared))})
	}
	return facts
}

// inpsClosureCSV sends the rows of a list as a file.
func (p *Portal) inpsClosureCSV(w http.ResponseWriter, r *http.Request) error {
	c, err := p.closureParam(r)
	if err != nil {
		return err
	}
	if err := p.Closures.Take(r.Context(), actor(r), string(c.ID)); err != nil {
		return err
	}
	return writeClosureCSV(w, "chiusura-"+strconv.Itoa(c.Number), func(write func(voucher.ClosureRow) error) error {
		const atOnce = 5000
		for page := 1; ; page++ {
			rows, err := p.Closures.ClosureRows(r.Context(), c.ID, page, atOnce)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := write(row); err != nil {
					return err
				}
			}
			if len(rows) < atOnce {
				return nil
			}
		}
	})
}

// inpsClosureDecideAsk asks a second officer about a list.
func (p *Portal) inpsClosureDecideAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.closureParam(r)
	if err != nil {
		return err
	}
	if err := p.Closures.MayDecide(r.Context(), actor(r), c); err != nil {
		return err
	}
	return p.showClosureDecide(w, r, http.StatusOK, c, nil, nil)
}

func (p *Portal) showClosureDecide(w http.ResponseWriter, r *http.Request, status int, c voucher.Closure, fields url.Values, wrong *ui.FieldError) error {
	here := closurePath + "/" + string(c.ID)
	n := c.Rows - c.Spared
	f := p.closureFrame(r, c, ui.Frame{}.T("inps.closures."+string(c.Kind)+".title", "Count", n, "Number", grouped(n)), ui.Crumb{Text: closureName(ui.Frame{}, c), URL: here})
	f.Back = &ui.Link{Text: f.T("inps.closures.back"), URL: here}
	if wrong != nil {
		f.Errors = []ui.FieldError{*wrong}
	}
	page := inps.ActPage{Frame: f, Recorded: true, Facts: closureFacts(f, c),
		Consequences: []string{f.T("inps.closures." + string(c.Kind) + ".consequences")},
		Radio: &ui.ChoiceProps{Name: "decisione", Legend: f.T("inps.closures.question"), Chosen: []string{fields.Get("decisione")}, Options: []ui.Option{
			{Value: "approva", Label: f.T("inps.closures.approve"), Hint: f.T("inps.closures.approve.hint")},
			{Value: "rimanda", Label: f.T("inps.closures.return"), Hint: f.T("inps.closures.return.hint")}}},
		Text:    &ui.TextAreaProps{Name: "nota", Label: f.T("inps.closures.note"), Hint: f.T("inps.closures.note.hint"), Value: fields.Get("nota"), Optional: true},
		Form:    ui.FormProps{Action: here + "/decidi", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.closures.submit"), Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: here}}}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsClosureDecide approves a list, or sends it back.
func (p *Portal) inpsClosureDecide(w http.ResponseWriter, r *http.Request) error {
	c, err := p.closureParam(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "closure.decide", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	version, _ := strconv.ParseInt(fields.Get("versione"), 10, 64)
	approve := fields.Get("decisione") == "approva"
	if !approve && fields.Get("decisione") != "rimanda" {
		if err := p.Closures.MayDecide(r.Context(), actor(r), c); err != nil {
			return err
		}
		return p.showClosureDecide(w, r, http.StatusUnprocessableEntity, c, fields, &ui.FieldError{Field: "decisione", Text: f.T("inps.closures.question.missing")})
	}
	err = p.Closures.Decide(r.Context(), actor(r), sent, c.ID, version, approve, fields.Get("nota"))
	if reason := fault.As(err); reason == voucher.ErrClosureNote {
		return p.showClosureDecide(w, r, http.StatusUnprocessableEntity, c, fields, &ui.FieldError{Field: "nota", Text: words(f, reason)})
	}
	if err != nil {
		return err
	}
	done := "inps.closures.done." + map[bool]string{true: "approved", false: "returned"}[approve]
	return p.done(w, r, closurePath+"/"+string(c.ID), f.T(done), f.T(done+".text"))
}

// inpsClosureSpareAsk asks why a row is taken off a list.
func (p *Portal) inpsClosureSpareAsk(w http.ResponseWriter, r *http.Request) error {
	if !mayPrepare(r) {
		return identity.ErrNoDuty
	}
	c, row, err := p.closureRowParam(r)
	if err != nil {
		return err
	}
	if err := c.MaySpare(actor(r), row); err != nil {
		return err
	}
	return p.showClosureSpare(w, r, http.StatusOK, c, row, nil)
}

func (p *Portal) closureRowParam(r *http.Request) (c voucher.Closure, row voucher.ClosureRow, err error) {
	if c, err = p.closureParam(r); err != nil {
		return c, row, err
	}
	subject, err := idParam(r, "riga")
	if err != nil {
		return c, row, err
	}
	row, err = p.Closures.ClosureRow(r.Context(), c.ID, subject)
	return c, row, err
}

func (p *Portal) showClosureSpare(w http.ResponseWriter, r *http.Request, status int, c voucher.Closure, row voucher.ClosureRow, wrong *fault.Reason) error {
	here := closurePath + "/" + string(c.ID)
	f := p.closureFrame(r, c, ui.Frame{}.T("inps.closures.spare.title"), ui.Crumb{Text: closureName(ui.Frame{}, c), URL: here})
	f.Back = &ui.Link{Text: f.T("inps.closures.back"), URL: here}
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	}
	facts := []ui.Entry{{Name: f.T("inps.desk.col.protocol"), Value: row.Protocol, Proper: true}, {Name: f.T("inps.closures.ground"), Value: f.T("inps.closures.ground." + string(row.Ground))},
		{Name: f.T("inps.closures.term"), Value: ui.Day(row.Term)}, {Name: f.T("inps.closures.amount"), Value: row.Amount.String()}}
	if row.Name != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.closures.professional"), Value: row.Name, Proper: true}, ui.Entry{Name: f.T("inps.closures.day"), Value: ui.Day(row.Day)})
	}
	page := inps.ActPage{Frame: f, Recorded: true, Facts: facts, Consequences: []string{f.T("inps.closures.spare.text")},
		Text:    &ui.TextAreaProps{Name: "motivo", Label: f.T("inps.closures.spare.why"), Hint: f.T("inps.closures.spare.why.hint")},
		Form:    ui.FormProps{Action: here + "/righe/" + row.Subject, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.closures.spare.submit"), Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: here}}}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsClosureSpare takes a row off a list.
func (p *Portal) inpsClosureSpare(w http.ResponseWriter, r *http.Request) error {
	c, row, err := p.closureRowParam(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "closure.spare", fields)
	if err != nil {
		return err
	}
	err = p.Closures.Spare(r.Context(), actor(r), sent, c.ID, row.Subject, fields.Get("motivo"))
	if reason := fault.As(err); reason == voucher.ErrClosureReason {
		return p.showClosureSpare(w, r, http.StatusUnprocessableEntity, c, row, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, closurePath+"/"+string(c.ID), f.T("inps.closures.done.spared"), f.T("inps.closures.done.spared.text"))
}
