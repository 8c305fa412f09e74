package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/web/heir"
	"portal/web/ui"
	"portal/web/welfare"
)

func recoveryPath(id indemnity.RecoveryID) string { return recoveriesPath + "/" + string(id) }

var recoveryTones = map[indemnity.RecoveryState]ui.Tone{indemnity.RecoveryOpen: ui.Action, indemnity.RecoveryPaid: ui.Success,
	indemnity.RecoveryGivenUp: ui.Closed, indemnity.RecoveryAnnulled: ui.Closed}

func recoveryTag(f ui.Frame, x indemnity.Recovery) ui.Tag {
	return ui.Tag{Tone: recoveryTones[x.State], Text: f.T("recoveries.state." + string(x.State))}
}

// recoveryShelves are the parts of the list of recoveries, in their order.
var recoveryShelves = shelves[indemnity.RecoveryState]{recoveriesPath, []stateShelf[indemnity.RecoveryState]{
	{"", "recoveries.shelf.open", []indemnity.RecoveryState{indemnity.RecoveryOpen}},
	{"pagati", "recoveries.shelf.paid", []indemnity.RecoveryState{indemnity.RecoveryPaid}},
	{"rinunciati", "recoveries.shelf.written_off", []indemnity.RecoveryState{indemnity.RecoveryGivenUp}},
	{"annullati", "recoveries.shelf.annulled", []indemnity.RecoveryState{indemnity.RecoveryAnnulled}},
}}

// welfareRecoveries lists what is to be given back.
func (p *Portal) welfareRecoveries(w http.ResponseWriter, r *http.Request) error {
	if err := indemnity.MaySeeControls(actor(r)); err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := recoveryShelves.chosen(q), pageNumber(q)
	found, err := p.Controls.Recoveries(r.Context(), indemnity.RecoveryList{State: shelf.states[0], Page: number})
	if err != nil {
		return err
	}
	f := p.controlFrame(r, ui.Frame{}.T("recoveries.title"))
	page := welfare.RecoveriesPage{Frame: f, Lead: f.T("recoveries.lead"), Count: counted(f, "recoveries.count", found.Total),
		Shelves: recoveryShelves.tabs(f, shelf, found.Counts), Pages: recoveryShelves.pages(f.T("recoveries.pages"), shelf, number, found.Total, indemnity.ControlsPerPage)}
	for _, x := range found.Recoveries {
		row := welfare.RecoveryRow{ID: string(x.ID), Protocol: x.Protocol, URL: recoveryPath(x.ID), Payee: x.Payee.Name(), Amount: x.Amount.String(), Left: x.Left().String(),
			Due: ui.ShortDay(x.DueOn), State: recoveryTag(f, x)}
		if x.Late(calendar.On(p.Now())) {
			row.Late = ui.Tag{Tone: ui.Danger, Text: f.T("recoveries.late")}
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Recoveries(page))
}

func (p *Portal) openedRecovery(r *http.Request) (indemnity.Recovery, error) {
	id, err := idParam(r, "recupero")
	if err != nil {
		return indemnity.Recovery{}, err
	}
	return p.Controls.OpenRecovery(r.Context(), actor(r), indemnity.RecoveryID(id))
}

// welfareRecovery is what one payee is to give back, with what came of it.
func (p *Portal) welfareRecovery(w http.ResponseWriter, r *http.Request) error {
	x, err := p.openedRecovery(r)
	if err != nil {
		return err
	}
	return p.showRecovery(w, r, http.StatusOK, x, url.Values{}, nil)
}

func (p *Portal) showRecovery(w http.ResponseWriter, r *http.Request, status int, x indemnity.Recovery, fields url.Values, wrong []ui.FieldError) error {
	f := p.controlFrame(r, ui.Frame{}.T("recoveries.of"), ui.Crumb{Text: ui.Frame{}.T("recoveries.title"), URL: recoveriesPath})
	f.Caption, f.Errors = f.T("heirs.case.title", "Protocol", x.Protocol), wrong
	tag := recoveryTag(f, x)
	f.Badge = &tag
	page := welfare.ControlPage{Frame: f, Facts: recoveryFacts(f, x), Links: []ui.Link{{Text: f.T("recoveries.back"), URL: recoveriesPath}}}
	if opensCases(r) {
		page.Links = append([]ui.Link{{Text: f.T("controls.to_case"), URL: welfareCasePath(x.Case)}}, page.Links...)
	}
	if x.Late(calendar.On(p.Now())) {
		page.Notes = append(page.Notes, heir.Term{Tone: ui.Danger, Title: f.T("recoveries.late"), Text: []string{f.T("recoveries.late.text", "On", ui.OnDay(x.DueOn))}})
	}
	if x.State == indemnity.RecoveryOpen && x.Proposed.Person != "" {
		page.Notes = append(page.Notes, heir.Term{Tone: ui.Action, Title: f.T("recoveries.write_off.waits"),
			Text: []string{f.T("recoveries.write_off.by", "Name", x.Proposed.Name, "At", ui.OnMoment(x.Proposed.At)), x.Reason}})
	}
	for _, y := range x.Received {
		page.Receipts = append(page.Receipts, welfare.ReceiptRow{ID: y.ID, On: ui.ShortDay(y.On), Amount: y.Amount.String(), Reference: y.Reference,
			By: f.T("controls.by", "Name", y.By.Name, "At", ui.ShortMoment(y.By.At))})
	}
	if x.State == indemnity.RecoveryOpen {
		page.Acts = p.recoveryActs(r, f, x, fields)
	}
	return p.showAs(w, r, status, welfare.Control(page))
}

func recoveryFacts(f ui.Frame, x indemnity.Recovery) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("recoveries.payee"), Value: x.Payee.Name(), Proper: true},
		{Name: f.T("recoveries.amount"), Value: x.Amount.String()},
		{Name: f.T("recoveries.received"), Value: x.Back().String()},
		{Name: f.T("recoveries.left"), Value: x.Left().String()},
		{Name: f.T("recoveries.due"), Value: ui.DayEnd(x.DueOn)},
		{Name: f.T("recoveries.letter"), Value: x.Letter, Proper: true},
	}
	if x.State == indemnity.RecoveryGivenUp {
		facts = append(facts, ui.Entry{Name: f.T("recoveries.reason"), Value: x.Reason, Note: f.T("recoveries.write_off.two", "Name", x.Proposed.Name, "Other", x.Decided.Name, "At", ui.OnMoment(x.Decided.At))})
	}
	return facts
}

// recoveryActs are what may be done about a recovery that is open: money comes back, or
// what is left is given up by two people.
func (p *Portal) recoveryActs(r *http.Request, f ui.Frame, x indemnity.Recovery, fields url.Values) (acts []welfare.ControlAct) {
	who, version := actor(r), strconv.FormatInt(x.Version, 10)
	props := func() *ui.FormProps {
		return &ui.FormProps{Action: recoveryPath(x.ID), Key: once.NewKey(), Version: version}
	}
	receive := welfare.ControlAct{ID: "incasso", Title: f.T("recoveries.receive")}
	switch reason := fault.As(x.MayReceive(who)); {
	case reason == identity.ErrNoDuty:
		receive.Why = f.T("recoveries.pays")
	case reason != nil:
		receive.Why = words(f, reason)
	default:
		day, month, year := ui.DateNames("giorno")
		receive.Form, receive.Hidden = props(), [][2]string{{"atto", "incasso"}}
		receive.Fields = []templ.Component{
			ui.AmountField(f, ui.FieldProps{Name: "importo", Label: f.T("recoveries.receipt.amount"), Hint: f.T("recoveries.receipt.amount.hint", "Left", x.Left()), Value: fields.Get("importo"), InputMode: "decimal"}),
			ui.DateField(f, ui.DateFieldProps{Name: "giorno", Legend: f.T("recoveries.receipt.on"), Hint: f.T("recoveries.receipt.on.hint"), Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}),
			ui.Field(f, ui.FieldProps{Name: "riferimento", Label: f.T("recoveries.reference"), Hint: f.T("recoveries.reference.hint"), Value: fields.Get("riferimento"), Autocomplete: "off"})}
		receive.Buttons = ui.ButtonsProps{Submit: f.T("recoveries.receipt.record")}
	}
	acts = append(acts, receive)
	if x.MayProposeWriteOff(who) == nil {
		acts = append(acts, welfare.ControlAct{ID: "rinuncia", Title: f.T("recoveries.write_off"), Form: props(), Hidden: [][2]string{{"atto", "rinuncia"}},
			Fields:  []templ.Component{ui.TextArea(f, ui.TextAreaProps{Name: "motivo", Label: f.T("recoveries.reason"), Hint: f.T("recoveries.reason.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("motivo")})},
			Buttons: ui.ButtonsProps{Submit: f.T("recoveries.write_off.propose"), Danger: true}})
	}
	if x.Proposed.Person == "" {
		return acts
	}
	decide := welfare.ControlAct{ID: "decisione-rinuncia", Title: f.T("recoveries.write_off.decide")}
	switch reason := fault.As(x.MayDecideWriteOff(who)); {
	case reason == identity.ErrNoDuty:
		decide.Why = f.T("recoveries.approves")
	case reason != nil:
		decide.Why = words(f, reason)
	default:
		decide.Form, decide.Hidden = props(), [][2]string{{"atto", "decisione"}}
		decide.Fields = []templ.Component{ui.RadioGroup(f, ui.ChoiceProps{Name: "decisione", Legend: f.T("outcome.decision"), Chosen: fields["decisione"], Options: []ui.Option{
			{Value: "rinuncia", Label: f.T("recoveries.write_off.yes"), Hint: f.T("recoveries.write_off.yes.hint")},
			{Value: "continua", Label: f.T("recoveries.write_off.no"), Hint: f.T("recoveries.write_off.no.hint")}}})}
		decide.Buttons = ui.ButtonsProps{Submit: f.T("outcome.record")}
	}
	return append(acts, decide)
}

// recoveryFields are the fields beside which a refusal stands.
var recoveryFields = map[*fault.Reason]string{indemnity.ErrReceiptAmount: "importo", indemnity.ErrReceiptDay: "giorno", indemnity.ErrReceiptReference: "riferimento", indemnity.ErrWriteOffReason: "motivo"}

// welfareRecoveryAct writes down that money came back, or gives up what is left.
func (p *Portal) welfareRecoveryAct(w http.ResponseWriter, r *http.Request) error {
	x, err := p.openedRecovery(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	var f ui.Frame
	wrong := func(field, text string) error {
		return p.showRecovery(w, r, http.StatusUnprocessableEntity, x, fields, []ui.FieldError{{Field: field, Text: text}})
	}
	if bad := (textError{}); errors.As(err, &bad) {
		return wrong(bad.field, words(f, errText))
	}
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	sent, err := sending(r, "indemnity.recovery", fields)
	if err != nil {
		return err
	}
	done := "recoveries.receipt.done"
	switch fields.Get("atto") {
	case "incasso":
		amount, problem := money.Parse(fields.Get("importo"))
		if problem != nil {
			return wrong("importo", words(f, fault.As(problem)))
		}
		on, problem := dateField(fields, "giorno")
		if problem != nil {
			return wrong("giorno", words(f, fault.As(problem)))
		}
		err = p.Controls.Receive(r.Context(), actor(r), sent, x.ID, version, indemnity.Receipt{Amount: amount, On: on, Reference: fields.Get("riferimento")})
	case "rinuncia":
		done = "recoveries.write_off.proposed"
		err = p.Controls.ProposeWriteOff(r.Context(), actor(r), sent, x.ID, version, fields.Get("motivo"))
	case "decisione":
		done = "recoveries.write_off.decided"
		if d := fields.Get("decisione"); d != "rinuncia" && d != "continua" {
			return wrong("decisione", f.T("recoveries.write_off.choose"))
		}
		err = p.Controls.DecideWriteOff(r.Context(), actor(r), sent, x.ID, version, fields.Get("decisione") == "rinuncia")
	default:
		return errUnreadable
	}
	switch reason := fault.As(err); {
	case recoveryFields[reason] != "":
		return wrong(recoveryFields[reason], words(f, reason))
	case reason == indemnity.ErrRecoveryMoved, reason == indemnity.ErrRecoveryClosed:
		field := map[string]string{"incasso": "importo", "rinuncia": "motivo", "decisione": "decisione"}[fields.Get("atto")]
		if x.State != indemnity.RecoveryOpen {
			return err
		}
		return p.showRecovery(w, r, http.StatusConflict, x, fields, []ui.FieldError{{Field: field, Text: words(f, reason)}})
	case reason != nil && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showRecovery(w, r, http.StatusConflict, x, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, recoveryPath(x.ID), f.T(done), f.T(done+".text"))
}
