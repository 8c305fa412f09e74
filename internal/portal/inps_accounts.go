package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/payment"
	"portal/web/inps"
	"portal/web/ui"
)

const inpsAccountsPath = "/gestione/inps/iban"

func inpsAccountPath(id payment.AccountID) string { return inpsAccountsPath + "/" + string(id) }

// accountShelves are the parts of the queue, in their order.
var accountShelves = shelves[payment.AccountState]{inpsAccountsPath, []stateShelf[payment.AccountState]{
	{"", "accounts.shelf.waiting", []payment.AccountState{payment.ToVerify, payment.Verifying}},
	{"verificati", "accounts.shelf.verified", []payment.AccountState{payment.Verified}},
	{"rifiutati", "accounts.shelf.rejected", []payment.AccountState{payment.Rejected}},
}}

// inpsAccounts is the queue of the accounts to check, the oldest first (I-18).
func (p *Portal) inpsAccounts(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := accountShelves.chosen(q), pageNumber(q)
	today := calendar.On(p.Now())
	found, err := p.Accounts.Queue(r.Context(), payment.AccountList{States: shelf.states, Page: number}, today)
	if err != nil {
		return err
	}
	f := p.accountsFrame(r, "accounts.inps.title")
	page := inps.AccountsPage{Frame: f, Count: counted(f, "accounts.inps.count", found.Total), Waiting: shelf.slug == "",
		Shelves: accountShelves.tabs(f, shelf, found.Counts), Pages: accountShelves.pages(f.T("accounts.inps.pages"), shelf, number, found.Total, payment.AccountsPerPage)}
	if found.Late > 0 {
		page.Late = f.T("accounts.inps.late.count", "Count", found.Late)
	}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, accountRow(f, l, today))
	}
	return p.show(w, r, inps.Accounts(page))
}

func (p *Portal) accountsFrame(r *http.Request, title string, below ...ui.Crumb) ui.Frame {
	return p.inpsFrame(r, ui.Frame{}.T(title), append([]ui.Crumb{{Text: ui.Frame{}.T("menu.inps.payments"), URL: "/gestione/inps/pagamenti"}}, below...)...)
}

func accountRow(f ui.Frame, l payment.AccountLine, today calendar.Date) inps.AccountRow {
	row := inps.AccountRow{ID: string(l.ID), URL: inpsAccountPath(l.ID), Owner: l.Owner, IBAN: l.IBAN.Masked(), Given: l.SubmittedAt,
		Expected: l.ExpectedBy, State: accountTag(f, l.State), Why: rejectedWhy(f, l.Account)}
	if l.Late(today) {
		row.Late = f.T("accounts.inps.late")
	}
	if l.Answer != "" {
		row.Bank = f.T("accounts.bank." + string(l.Answer))
	}
	return row
}

// inpsAccount is one account with its whole IBAN: the look is written down.
func (p *Portal) inpsAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	c, err := p.Accounts.Open(r.Context(), actor(r), payment.AccountID(id))
	if err != nil {
		return err
	}
	return p.showAccount(w, r, http.StatusOK, c, nil)
}

func (p *Portal) showAccount(w http.ResponseWriter, r *http.Request, status int, c payment.AccountCase, why *fault.Reason) error {
	f := p.accountsFrame(r, "accounts.inps.one", ui.Crumb{Text: ui.Frame{}.T("accounts.inps.title"), URL: inpsAccountsPath})
	tag := accountTag(f, c.State)
	f.Badge, f.Caption = &tag, c.Owner.Name()
	if why != nil {
		f.Errors = []ui.FieldError{{Text: words(f, why)}}
	}
	page := inps.AccountPage{Frame: f, Facts: accountData(f, c), Owner: []ui.Entry{
		{Name: f.T("accounts.inps.owner"), Value: c.Owner.Name(), Proper: true, Action: &ui.Link{Text: f.T("accounts.inps.card"), URL: professionalsPath + "/" + string(c.Person)}},
		{Name: f.T("accounts.inps.fiscal_code"), Value: c.Owner.FiscalCode.Masked(), Proper: true},
		{Name: f.T("accounts.details.number"), Value: c.Register, Proper: true},
	}, Flags: p.accountFlags(f, c), Events: accountEvents(f, c.Account)}
	if c.Register == "" {
		page.Owner[0].Action = nil
	}
	for _, before := range c.Before {
		page.Before = append(page.Before, inps.AccountRow{ID: string(before.ID), URL: inpsAccountPath(before.ID), IBAN: before.IBAN.Masked(), Given: before.SubmittedAt,
			State: accountTag(f, before.State), Why: rejectedWhy(f, before)})
	}
	switch err := c.MayCheck(actor(r)); {
	case err == payment.ErrOwnAccount:
		page.Refusal = words(f, payment.ErrOwnAccount)
	case err == nil && c.State == payment.ToVerify:
		page.Actions = []ui.Link{{Text: f.T("accounts.act.start"), URL: inpsAccountPath(c.ID) + actStartAccount.path}}
	case err == nil:
		for _, a := range []accountAct{actVerifyAccount, actRejectAccount} {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("accounts.act." + a.name), URL: inpsAccountPath(c.ID) + a.path})
		}
		if c.Answer == payment.Silent {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("accounts.act.again"), URL: inpsAccountPath(c.ID) + actStartAccount.path})
		}
	case c.MayReject(actor(r)) == nil:
		page.Actions = []ui.Link{{Text: f.T("accounts.act.reject"), URL: inpsAccountPath(c.ID) + actRejectAccount.path}}
	}
	return p.showAs(w, r, status, inps.Account(page))
}

// accountData is an account as an officer reads it: whole.
func accountData(f ui.Frame, c payment.AccountCase) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("accounts.iban"), Value: c.IBAN.Format(), Proper: true}}
	if parts, ok := c.IBAN.Parts(); ok {
		facts[0].Note = f.T("accounts.inps.parts", "ABI", parts.ABI, "CAB", parts.CAB, "Account", parts.Account)
	}
	bank := ui.Entry{Name: f.T("accounts.inps.bank"), Value: f.T("accounts.bank.none")}
	if c.Answer != "" {
		bank.Value, bank.Note = f.T("accounts.bank."+string(c.Answer)), f.T("accounts.bank.note")
	}
	facts = append(facts, ui.Entry{Name: f.T("accounts.holder"), Value: c.Holder, Proper: true}, bank,
		ui.Entry{Name: f.T("accounts.given"), Value: ui.Moment(c.SubmittedAt)},
		ui.Entry{Name: f.T("accounts.inps.usable"), Value: ui.Moment(c.UsableFrom), Note: f.T("accounts.inps.usable.note")})
	if c.State == payment.ToVerify || c.State == payment.Verifying {
		facts = append(facts, ui.Entry{Name: f.T("accounts.inps.expected"), Value: ui.Day(c.ExpectedBy)})
	}
	if c.Decider != "" {
		facts = append(facts, ui.Entry{Name: f.T("accounts.inps.decider"), Value: c.Decider, Note: ui.Moment(c.DecidedAt), Proper: true})
	}
	if why := rejectedWhy(f, c.Account); why != "" {
		facts = append(facts, ui.Entry{Name: f.T("accounts.inps.why"), Value: why})
	}
	return facts
}

// accountFlags is what an officer should not overlook.
func (p *Portal) accountFlags(f ui.Frame, c payment.AccountCase) (flags []string) {
	if c.Late(calendar.On(p.Now())) {
		flags = append(flags, f.T("accounts.flag.late", "OnDay", ui.OnDay(c.ExpectedBy)))
	}
	if !c.Names(c.Owner) {
		flags = append(flags, f.T("accounts.flag.holder"))
	}
	if c.Elsewhere > 0 {
		flags = append(flags, f.T("accounts.flag.shared", "Count", c.Elsewhere))
	}
	return flags
}
