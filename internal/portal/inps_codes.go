package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const codesPath = workPath + "/codici"

func codePath(id voucher.ID) string { return codesPath + "/" + string(id) }

// inpsCodes is the state of the codes, and the search of one (I-14).
func (p *Portal) inpsCodes(w http.ResponseWriter, r *http.Request) error {
	return p.showCodes(w, r, http.StatusOK, "", nil)
}

func (p *Portal) showCodes(w http.ResponseWriter, r *http.Request, status int, typed string, wrong *fault.Reason) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	editions, edition, err := p.deskEditions(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	figures, err := p.Desk.Codes(r.Context(), edition.ID, calendar.On(p.Now()))
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, ui.Frame{}.T("inps.codes.title"))
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "cerca", Text: codeWords(f, wrong)}}
	}
	page := inps.CodesPage{
		Frame: f, SearchURL: codesPath, Search: typed, Editions: editionChoice(f, editions, edition.ID),
		Filters: ui.FiltersProps{Label: f.T("inps.desk.edition"), Action: codesPath, Submit: f.T("inps.desk.show")},
		Money: []ui.Entry{{Name: f.T("ui.balance.awarded"), Value: figures.Awarded.String()},
			{Name: f.T("ui.balance.held"), Value: figures.Used.String()}, {Name: f.T("ui.balance.booked"), Value: figures.Booked.String()}},
	}
	for _, n := range []struct {
		key   string
		count int
	}{{"active", figures.Active}, {"blocked", figures.Blocked}, {"used_up", figures.UsedUp}, {"expired", figures.Expired}, {"withdrawn", figures.GivenUp}, {"closed", figures.Closed}} {
		page.Counts = append(page.Counts, ui.Entry{Name: f.T("inps.codes.count." + n.key), Value: grouped(n.count)})
	}
	for _, b := range figures.LastBlocked {
		page.Blocked = append(page.Blocked, inps.CodeRow{ID: string(b.ID), URL: codePath(b.ID), Protocol: b.Protocol,
			State: ui.Tag{Tone: ui.Action, Text: f.T("inps.codes.tag.blocked")}, Note: f.T("inps.codes.reason." + b.Reason)})
	}
	if err := p.ownCodes(r, &page); err != nil {
		return err
	}
	return p.showAs(w, r, status, inps.Codes(page))
}

// codeWords are the words of a reason beside the field of a search.
func codeWords(f ui.Frame, wrong *fault.Reason) string {
	if wrong == voucher.ErrNoMatch {
		return f.T("inps.codes.not_found")
	}
	return words(f, wrong)
}

// ownCodes shows the codes of whom an officer looked for by fiscal code.
func (p *Portal) ownCodes(r *http.Request, page *inps.CodesPage) error {
	of := identity.PersonID(p.Logins.GetString(r.Context(), keyCodesOf))
	if of == "" {
		return nil
	}
	caller, err := p.Desk.Called(r.Context(), of)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	page.Person = caller.Person.Name()
	for _, file := range caller.Files {
		if !file.HasVoucher() {
			continue
		}
		v := file.Voucher
		if err := p.Desk.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.AccountSeen, Subject: string(v.ID), About: of}); err != nil {
			return err
		}
		page.Own = append(page.Own, inps.CodeRow{ID: string(v.ID), URL: codePath(v.ID), Protocol: file.Application.Protocol,
			State: codeTag(page.Frame, v, today), LastDay: v.Terms.LastDay, Left: v.Balance()})
	}
	return nil
}

// codeTag is how a code stands on a day.
func codeTag(f ui.Frame, v voucher.Voucher, today calendar.Date) ui.Tag {
	switch {
	case v.State == voucher.GivenUp:
		return ui.Tag{Tone: ui.Closed, Text: f.T("inps.codes.tag.withdrawn")}
	case v.State == voucher.Forfeited, v.State == voucher.Closed:
		return ui.Tag{Tone: ui.Closed, Text: f.T("inps.cases.tag." + string(v.State))}
	case v.Used == v.Awarded:
		return ui.Tag{Tone: ui.Closed, Text: f.T("inps.codes.tag.used_up")}
	case v.State == voucher.Expired || today.After(v.Terms.LastDay):
		return ui.Tag{Tone: ui.Closed, Text: f.T("inps.codes.tag.expired")}
	case v.Blocked:
		return ui.Tag{Tone: ui.Action, Text: f.T("inps.codes.tag.blocked")}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("inps.codes.tag.active")}
}

// inpsCodesSearch looks for a code, or for the codes of somebody by fiscal code.
// Neither is put in an address, and a code is kept nowhere.
func (p *Portal) inpsCodesSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(fields.Get("cerca"))
	p.Logins.Remove(r.Context(), keyCodesOf)
	if holder, err := identity.ParseFiscalCode(typed); err == nil {
		return p.seekHolder(w, r, holder)
	}
	code, err := voucher.ParseCode(typed)
	if err != nil {
		return p.showCodes(w, r, http.StatusUnprocessableEntity, "", fault.As(err))
	}
	id, err := p.Vouchers.Seek(r.Context(), actor(r), code)
	if errors.Is(err, voucher.ErrNoMatch) {
		return p.showCodes(w, r, http.StatusUnprocessableEntity, "", voucher.ErrNoMatch)
	}
	if err != nil {
		return err
	}
	return goTo(w, r, codePath(id), nil)
}

func (p *Portal) seekHolder(w http.ResponseWriter, r *http.Request, holder identity.FiscalCode) error {
	id, err := p.Desk.Caller(r.Context(), holder)
	missing := errors.Is(err, fault.ErrNotFound)
	if err != nil && !missing {
		return err
	}
	sought := audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.CodeSought, About: id}
	if err := p.Desk.See(r.Context(), sought); err != nil {
		return err
	}
	if missing {
		return p.showCodes(w, r, http.StatusUnprocessableEntity, string(holder), voucher.ErrNoMatch)
	}
	p.Logins.Put(r.Context(), keyCodesOf, string(id))
	return goTo(w, r, codesPath+"#risultati", nil)
}

// deskCode is the application of the voucher in the address, for an officer who looks
// at it: that is written in the register.
func (p *Portal) deskCode(r *http.Request) (voucher.Case, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Case{}, err
	}
	of, err := p.Desk.CaseOf(r.Context(), voucher.ID(id))
	if err != nil {
		return voucher.Case{}, err
	}
	c, err := p.Desk.Case(r.Context(), of)
	if err != nil {
		return c, err
	}
	return c, p.Desk.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.AccountSeen, Subject: id, About: c.Beneficiary.ID})
}

// inpsCode is one code, masked, with what can be done about it.
func (p *Portal) inpsCode(w http.ResponseWriter, r *http.Request) error {
	c, err := p.deskCode(r)
	if err != nil {
		return err
	}
	code, err := p.Vouchers.Code(c.CaseFile)
	if err != nil {
		return err
	}
	looks, err := p.Desk.History(r.Context(), c)
	if err != nil {
		return err
	}
	v, today := c.Voucher, calendar.On(p.Now())
	f := p.codeFrame(r, c, ui.Frame{}.T("inps.codes.one", "Protocol", c.Application.Protocol))
	tag := codeTag(f, v, today)
	f.Badge = &tag
	page := inps.CodePage{
		Frame: f,
		Facts: []ui.Entry{
			{Name: f.T("ui.code.name"), Value: code.Masked(), Proper: true},
			{Name: f.T("inps.desk.beneficiary"), Value: c.Beneficiary.Name(), Proper: true},
			{Name: f.T("inps.desk.fiscal_code"), Value: string(c.Beneficiary.FiscalCode), Proper: true},
			{Name: f.T("inps.desk.col.protocol"), Value: c.Application.Protocol, Proper: true,
				Action: &ui.Link{Text: f.T("inps.sessions.see_case"), URL: deskCasePath(c.Application.ID) + "/" + deskCodeTab}},
			{Name: f.T("inps.codes.accepted_on"), Value: ui.Day(v.Terms.AcceptedOn)},
			{Name: f.T("inps.codes.last_day"), Value: ui.Day(v.Terms.LastDay)},
			{Name: f.T("inps.codes.sessions"), Value: strconv.Itoa(len(c.Bookings))},
		},
		Balance: ui.BalanceProps{Awarded: v.Awarded, Held: v.Used, Booked: v.Booked, Left: v.Balance()},
		Events:  caseEvents(f, looks),
	}
	life, acts, err := p.codeLife(r, f, c)
	if err != nil {
		return err
	}
	page.Life = life
	if v.Blocked {
		page.Blocked = f.T("inps.codes.blocked_now", "Reason", f.T("inps.codes.reason."+c.Blocked))
	}
	if mayPrepare(r) {
		for _, a := range codeActs {
			if a.may(c, today) == nil {
				page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.codes." + a.name), URL: codePath(v.ID) + a.path})
			}
		}
		page.Actions = append(page.Actions, acts...)
	}
	return p.show(w, r, inps.Code(page))
}

func (p *Portal) codeFrame(r *http.Request, c voucher.Case, title string, below ...ui.Crumb) ui.Frame {
	f := p.inpsFrame(r, title, append([]ui.Crumb{{Text: ui.Frame{}.T("inps.codes.title"), URL: codesPath}}, below...)...)
	f.HeadTitle = f.T("inps.codes.head")
	return f
}

// codeAct is an act of an officer on a code.
type codeAct struct {
	name, path string
	danger     bool
	may        func(c voucher.Case, today calendar.Date) error
	do         func(p *Portal, r *http.Request, sent once.Form, id voucher.ID, fields url.Values) error
}

var (
	actBlock = codeAct{name: "block", path: "/blocca", danger: true,
		may: func(c voucher.Case, today calendar.Date) error { return c.Account().MayBlock(today) },
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.ID, fields url.Values) error {
			return p.Vouchers.Block(r.Context(), actor(r), sent, id, fields.Get("motivo"))
		}}
	actUnblock = codeAct{name: "unblock", path: "/sblocca",
		may: func(c voucher.Case, _ calendar.Date) error {
			if !c.Voucher.Blocked {
				return voucher.ErrNotBlocked
			}
			return nil
		},
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.ID, _ url.Values) error {
			return p.Vouchers.Unblock(r.Context(), actor(r), sent, id)
		}}
	actReplace = codeAct{name: "replace", path: "/rigenera", danger: true,
		may: func(c voucher.Case, today calendar.Date) error { return c.Account().MayReplace(today) },
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.ID, _ url.Values) error {
			return p.Vouchers.Replace(r.Context(), actor(r), sent, id)
		}}
	codeActs = []codeAct{actBlock, actUnblock, actReplace}
)

// inpsCodeAsk asks before an act on a code.
func (p *Portal) inpsCodeAsk(a codeAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !mayPrepare(r) {
			return identity.ErrNoDuty
		}
		c, err := p.deskCode(r)
		if err != nil {
			return err
		}
		if err := a.may(c, calendar.On(p.Now())); err != nil {
			return err
		}
		return p.showCodeAct(w, r, http.StatusOK, a, c, nil)
	}
}

func (p *Portal) showCodeAct(w http.ResponseWriter, r *http.Request, status int, a codeAct, c voucher.Case, wrong *fault.Reason) error {
	path := codePath(c.Voucher.ID)
	f := p.codeFrame(r, c, ui.Frame{}.T("inps.codes.ask."+a.name), ui.Crumb{Text: c.Application.Protocol, URL: path})
	f.Back = &ui.Link{Text: f.T("inps.codes.back"), URL: path}
	f.Caption = f.T("inps.desk.case", "Protocol", c.Application.Protocol)
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	}
	page := inps.ActPage{Frame: f, Recorded: true, Consequences: []string{f.T("inps.codes.text." + a.name)},
		Form:    ui.FormProps{Action: path + a.path, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.codes." + a.name), Danger: a.danger, Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: path}}}
	if a.name == actBlock.name {
		choice := ui.ChoiceProps{Name: "motivo", Legend: f.T("inps.codes.why")}
		for _, reason := range voucher.BlockReasons {
			choice.Options = append(choice.Options, ui.Option{Value: reason, Label: f.T("inps.codes.reason." + reason)})
		}
		page.Radio = &choice
	}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsCodeDo does an act on a code.
func (p *Portal) inpsCodeDo(a codeAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		fields, err := form(r)
		if err != nil {
			return err
		}
		id, err := idParam(r, "id")
		if err != nil {
			return err
		}
		sent, err := sending(r, "code."+a.name, fields)
		if err != nil {
			return err
		}
		err = a.do(p, r, sent, voucher.ID(id), fields)
		if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid {
			c, err := p.deskCode(r)
			if err != nil {
				return err
			}
			return p.showCodeAct(w, r, http.StatusUnprocessableEntity, a, c, reason)
		}
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, codePath(voucher.ID(id)), f.T("inps.codes.done."+a.name), f.T("inps.codes.done."+a.name+".text"))
	}
}
