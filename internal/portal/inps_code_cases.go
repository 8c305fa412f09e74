package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const casesPath = workPath + "/casi"

// casePropose is what an officer may propose for a code, or for one of its sessions.
type casePropose struct {
	kind voucher.CaseKind
	path string
}

var casesOfCode = []casePropose{{voucher.EndVoucher, "/chiudi"}, {voucher.ReinstateVoucher, "/ripristina"}, {voucher.ReinstateBooking, "/sedute/{seduta}/ripristina"}}

// codeLife is what became of a code and its sessions by the office, with what may be
// proposed now.
func (p *Portal) codeLife(r *http.Request, f ui.Frame, c voucher.Case) (life inps.CodeLife, acts []ui.Link, err error) {
	cases, err := p.Closures.CasesOf(r.Context(), c.Voucher.ID)
	if err != nil {
		return life, nil, err
	}
	a, back, err := p.Closures.Restitution(r.Context(), c.Voucher.ID)
	if err != nil {
		return life, nil, err
	}
	for _, k := range cases {
		life.Cases = append(life.Cases, caseRow(f, k))
	}
	propose := mayPrepare(r) && !slices.ContainsFunc(cases, func(k voucher.VoucherCase) bool { return k.State == voucher.CaseWaiting })
	for _, b := range a.Bookings {
		if b.CancelReason != voucher.ByOffice {
			continue
		}
		s := inps.AnnulledSession{ID: string(b.ID), Name: f.T("inps.cases.session", "Day", ui.OfDay(b.Day), "Amount", b.Amount), Why: f.T("inps.closures.ground." + b.CancelGround)}
		if propose && a.MayReinstateSession(b.ID, back) == nil {
			s.URL = codePath(c.Voucher.ID) + "/sedute/" + string(b.ID) + "/ripristina"
		}
		life.Annulled = append(life.Annulled, s)
	}
	if propose && a.MayEnd() == nil {
		acts = append(acts, ui.Link{Text: f.T("inps.cases.end"), URL: codePath(c.Voucher.ID) + "/chiudi"})
	}
	if propose && a.MayReinstate(back) == nil {
		acts = append(acts, ui.Link{Text: f.T("inps.cases.reinstate"), URL: codePath(c.Voucher.ID) + "/ripristina"})
	}
	return life, acts, nil
}

func caseRow(f ui.Frame, k voucher.VoucherCase) inps.VoucherCaseRow {
	return inps.VoucherCaseRow{ID: string(k.ID), URL: casesPath + "/" + string(k.ID), Name: f.T("inps.cases.kind." + string(k.Kind)), What: k.Protocol,
		When: ui.ShortMoment(k.ProposedAt), By: k.Proposer, State: caseTag(f, k.State)}
}

func caseTag(f ui.Frame, s voucher.CaseState) ui.Tag {
	tones := map[voucher.CaseState]ui.Tone{voucher.CaseWaiting: ui.Action, voucher.CaseGranted: ui.Success, voucher.CaseDenied: ui.Closed}
	return ui.Tag{Tone: tones[s], Text: f.T("inps.cases.state." + string(s))}
}

// inpsCases lists the cases that wait for a second officer.
func (p *Portal) inpsCases(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Closures.CasesOf(r.Context(), "")
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, ui.Frame{}.T("inps.cases.title"))
	page := inps.VoucherCasesPage{Frame: f}
	for _, k := range all {
		page.Rows = append(page.Rows, caseRow(f, k))
	}
	return p.show(w, r, inps.VoucherCases(page))
}

// inpsCasePropose asks what an officer proposes.
func (p *Portal) inpsCasePropose(a casePropose) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !mayPrepare(r) {
			return identity.ErrNoDuty
		}
		k, err := p.caseAsked(r, a, nil)
		if err != nil {
			return err
		}
		account, back, err := p.Closures.Restitution(r.Context(), k.Voucher)
		if err != nil {
			return err
		}
		switch a.kind {
		case voucher.EndVoucher:
			err = account.MayEnd()
		case voucher.ReinstateVoucher:
			err = account.MayReinstate(back)
		default:
			err = account.MayReinstateSession(k.Booking, back)
		}
		if err != nil {
			return err
		}
		return p.showCasePropose(w, r, http.StatusOK, k, url.Values{}, nil)
	}
}

// caseAsked is the case that an address and the fields of its form propose.
func (p *Portal) caseAsked(r *http.Request, a casePropose, fields url.Values) (k voucher.VoucherCase, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return k, err
	}
	k = voucher.VoucherCase{Voucher: voucher.ID(id), Kind: a.kind, Ground: fields.Get("motivo"), Text: fields.Get("testo")}
	if a.kind == voucher.ReinstateBooking {
		seduta, err := idParam(r, "seduta")
		if err != nil {
			return k, err
		}
		k.Booking = voucher.BookingID(seduta)
	}
	if a.kind == voucher.EndVoucher {
		k.Since, err = dateField(fields, "dal")
	}
	return k, err
}

func (p *Portal) showCasePropose(w http.ResponseWriter, r *http.Request, status int, k voucher.VoucherCase, fields url.Values, wrong *fault.Reason) error {
	c, err := p.deskCode(r)
	if err != nil {
		return err
	}
	path, kind := codePath(k.Voucher), string(k.Kind)
	f := p.codeFrame(r, c, ui.Frame{}.T("inps.cases.ask."+kind), ui.Crumb{Text: c.Application.Protocol, URL: path})
	f.Back = &ui.Link{Text: f.T("inps.codes.back"), URL: path}
	f.Caption = f.T("inps.desk.case", "Protocol", c.Application.Protocol)
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: caseField(wrong), Text: words(f, wrong)}}
	}
	action := path + "/chiudi"
	switch k.Kind {
	case voucher.ReinstateVoucher:
		action = path + "/ripristina"
	case voucher.ReinstateBooking:
		action = path + "/sedute/" + string(k.Booking) + "/ripristina"
	}
	page := inps.CasePropose{Frame: f, Consequences: []string{f.T("inps.cases.text." + kind)},
		Ground:  ui.ChoiceProps{Name: "motivo", Legend: f.T("inps.cases.ground"), Chosen: []string{fields.Get("motivo")}},
		Text:    ui.TextAreaProps{Name: "testo", Label: f.T("inps.cases.why"), Hint: f.T("inps.cases.why.hint"), Value: fields.Get("testo")},
		Form:    ui.FormProps{Action: action, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.cases.propose"), Danger: k.Kind == voucher.EndVoucher, Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: path}}}
	for _, g := range k.Kind.Grounds() {
		page.Ground.Options = append(page.Ground.Options, ui.Option{Value: g, Label: f.T("inps.cases.ground." + g)})
	}
	if k.Kind == voucher.EndVoucher {
		day, month, year := ui.DateNames("dal")
		page.Since = &ui.DateFieldProps{Name: "dal", Legend: f.T("inps.cases.since"), Hint: f.T("inps.cases.since.hint"), Optional: true,
			Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
	}
	return p.showAs(w, r, status, inps.ProposeCase(page))
}

// caseField is the field that a reason is about.
func caseField(wrong *fault.Reason) string {
	switch wrong {
	case voucher.ErrCaseGround:
		return "motivo"
	case voucher.ErrEndSince, errDate:
		return "dal"
	}
	return "testo"
}

// inpsCaseProposeDo proposes a case.
func (p *Portal) inpsCaseProposeDo(a casePropose) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		fields, err := form(r)
		if err != nil {
			return err
		}
		k, err := p.caseAsked(r, a, fields)
		var id voucher.CaseID
		if err == nil {
			sent, keyErr := sending(r, "case.propose", fields)
			if keyErr != nil {
				return keyErr
			}
			id, err = p.Closures.ProposeCase(r.Context(), actor(r), sent, k)
		}
		if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid && reason != once.ErrNoKey {
			return p.showCasePropose(w, r, http.StatusUnprocessableEntity, k, fields, reason)
		}
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, casesPath+"/"+string(id), f.T("inps.cases.done.proposed"), f.T("inps.cases.done.proposed.text"))
	}
}

// inpsVoucherCase is one case, with the decision for who may take it.
func (p *Portal) inpsVoucherCase(w http.ResponseWriter, r *http.Request) error {
	return p.showVoucherCase(w, r, http.StatusOK, nil, nil)
}

func (p *Portal) showVoucherCase(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	k, err := p.Closures.Case(r.Context(), voucher.CaseID(id))
	if err != nil {
		return err
	}
	a, _, err := p.Closures.Restitution(r.Context(), k.Voucher)
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, ui.Frame{}.T("inps.cases.kind."+string(k.Kind)), ui.Crumb{Text: ui.Frame{}.T("inps.cases.title"), URL: casesPath})
	f.HeadTitle = f.T("inps.cases.head")
	tag := caseTag(f, k.State)
	f.Badge = &tag
	if wrong != nil {
		f.Errors = []ui.FieldError{*wrong}
	}
	page := inps.VoucherCasePage{Frame: f, Facts: caseFacts(f, k, a), Back: ui.Link{Text: f.T("inps.cases.back"), URL: codePath(k.Voucher)}}
	switch reason, refused := fault.Refusal(k.MayDecide(actor(r))); {
	case k.State != voucher.CaseWaiting:
	case refused:
		page.Why = words(f, reason)
	default:
		page.Consequences = []string{f.T("inps.cases.text." + string(k.Kind))}
		page.Form = &ui.FormProps{Action: casesPath + "/" + id, Key: once.NewKey(), Version: strconv.FormatInt(k.Version, 10)}
		page.Decision = ui.ChoiceProps{Name: "decisione", Legend: f.T("inps.cases.question"), Chosen: []string{fields.Get("decisione")}, Options: []ui.Option{
			{Value: "approva", Label: f.T("inps.cases.approve")}, {Value: "rifiuta", Label: f.T("inps.cases.refuse")}}}
		page.Note = ui.TextAreaProps{Name: "nota", Label: f.T("inps.closures.note"), Hint: f.T("inps.cases.note.hint"), Value: fields.Get("nota"), Optional: true}
	}
	return p.showAs(w, r, status, inps.VoucherCase(page))
}

func caseFacts(f ui.Frame, k voucher.VoucherCase, a voucher.Account) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("inps.desk.col.protocol"), Value: k.Protocol, Proper: true, Action: &ui.Link{Text: f.T("inps.cases.see_code"), URL: codePath(k.Voucher)}},
		{Name: f.T("inps.cases.ground"), Value: f.T("inps.cases.ground." + k.Ground)},
	}
	if k.Since != (calendar.Date{}) {
		facts = append(facts, ui.Entry{Name: f.T("inps.cases.since"), Value: ui.Day(k.Since)})
	}
	if b, err := a.Booking(k.Booking); err == nil {
		facts = append(facts, ui.Entry{Name: f.T("inps.cases.of_session"), Value: f.T("inps.cases.session", "Day", ui.OfDay(b.Day), "Amount", b.Amount)})
	}
	facts = append(facts, ui.Entry{Name: f.T("inps.cases.why"), Value: k.Text},
		ui.Entry{Name: f.T("inps.cases.proposed_by"), Value: f.T("inps.closures.who", "Name", k.Proposer, "At", ui.Moment(k.ProposedAt))})
	if k.Decider != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.closures.decided_by"), Value: f.T("inps.closures.who", "Name", k.Decider, "At", ui.Moment(k.DecidedAt))})
	}
	if k.Note != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.closures.note"), Value: k.Note})
	}
	return facts
}

// inpsVoucherCaseDecide ends a case.
func (p *Portal) inpsVoucherCaseDecide(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "case.decide", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	grant := fields.Get("decisione") == "approva"
	if !grant && fields.Get("decisione") != "rifiuta" {
		return p.showVoucherCase(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "decisione", Text: f.T("inps.cases.question.missing")})
	}
	version, _ := strconv.ParseInt(fields.Get("versione"), 10, 64)
	err = p.Closures.DecideCase(r.Context(), actor(r), sent, voucher.CaseID(id), version, grant, fields.Get("nota"))
	if reason := fault.As(err); reason == voucher.ErrCaseNote {
		return p.showVoucherCase(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "nota", Text: words(f, reason)})
	}
	if err != nil {
		return err
	}
	done := "inps.cases.done." + map[bool]string{true: "approved", false: "refused"}[grant]
	return p.done(w, r, casesPath+"/"+id, f.T(done), f.T(done+".text"))
}
