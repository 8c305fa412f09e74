package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/web/psychologist"
	"portal/web/ui"
)

const ibanConfirmPath = ibanPath + "/conferma"

// psychologistIBAN is where a professional is paid, how its check stands, and the
// field for another account (S-15).
func (p *Portal) psychologistIBAN(w http.ResponseWriter, r *http.Request) error {
	l, _ := current(r)
	return p.showIBAN(w, r, http.StatusOK, "", l.Name, nil)
}

// showIBAN is the page with its form as it was filled in.
func (p *Portal) showIBAN(w http.ResponseWriter, r *http.Request, status int, typed, holder string, wrong []ui.FieldError) error {
	all, err := p.Accounts.History(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	f := p.ibanFrame(r, "accounts.page.title")
	f.Errors = wrong
	page := psychologist.IBANPage{Frame: f, Form: ui.FormProps{Action: ibanPath},
		IBAN:   ui.FieldProps{Name: "iban", Label: f.T("accounts.iban"), Hint: f.T("accounts.iban.hint"), Value: typed, Autocomplete: "off"},
		Holder: ui.FieldProps{Name: "intestatario", Label: f.T("accounts.holder"), Hint: f.T("accounts.holder.hint"), Value: holder, Autocomplete: "off"},
	}
	if a := latest(all); a.State != "" {
		tag := accountTag(page.Frame, a.State)
		page.Badge = &tag
		page.Now, page.Standing = accountFacts(page.Frame, a), p.standing(page.Frame, a)
		page.Events = accountEvents(page.Frame, a)
		page.Meanwhile, page.Tone = meanwhile(page.Frame, a, p.Now()), ui.Working
		if a.State == payment.Rejected {
			page.Tone = ui.Action
		}
		for _, before := range all {
			if before.ID != a.ID {
				page.Before = append(page.Before, psychologist.OldAccount{IBAN: before.IBAN.Masked(), Holder: before.Holder, Given: before.SubmittedAt,
					State: accountTag(page.Frame, before.State), Why: rejectedWhy(page.Frame, before)})
			}
		}
	}
	return p.showAs(w, r, status, psychologist.IBAN(page))
}

func (p *Portal) ibanFrame(r *http.Request, title string, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T(title)
	f.Path = append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("accounts.details.title"), URL: detailsPath}},
		append(below, ui.Crumb{Text: f.Title})...)
	return f
}

// latest is the account of a history, newest first, that Accounts.Current would be:
// the live one, or else the last that was rejected.
func latest(all []payment.Account) (found payment.Account) {
	for _, a := range all {
		if a.State.Live() {
			return a
		}
		if a.State == payment.Rejected && found.State == "" {
			found = a
		}
	}
	return found
}

func accountTag(f ui.Frame, s payment.AccountState) ui.Tag {
	tones := map[payment.AccountState]ui.Tone{payment.ToVerify: ui.Working, payment.Verifying: ui.Working,
		payment.Verified: ui.Success, payment.Rejected: ui.Danger, payment.Replaced: ui.Closed}
	return ui.Tag{Tone: tones[s], Text: f.T("accounts.state." + string(s))}
}

// accountFacts is an account as its owner sees it: masked, because they know it.
func accountFacts(f ui.Frame, a payment.Account) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("accounts.iban"), Value: a.IBAN.Masked(), Proper: true},
		{Name: f.T("accounts.holder"), Value: a.Holder, Proper: true},
		{Name: f.T("accounts.given"), Value: ui.Moment(a.SubmittedAt)},
	}
}

// standing says in a sentence where the check of an account stands.
func (p *Portal) standing(f ui.Frame, a payment.Account) string {
	switch a.State {
	case payment.ToVerify, payment.Verifying:
		since := a.SubmittedAt
		if a.State == payment.Verifying {
			since = a.StartedAt
		}
		text := f.T("accounts.standing."+string(a.State), "FromDay", ui.FromDay(calendar.On(since)), "OnDay", ui.OnDay(a.ExpectedBy))
		if a.Late(calendar.On(p.Now())) {
			text += " " + f.T("accounts.standing.late")
		}
		return text
	case payment.Verified:
		return f.T("accounts.standing.verified", "OnDay", ui.OnDay(calendar.On(a.DecidedAt)))
	}
	return rejectedWhy(f, a)
}

// rejectedWhy is why an account was rejected, "" for one that was not. What a bank
// said may be none of the portal's own codes.
func rejectedWhy(f ui.Frame, a payment.Account) string {
	switch {
	case a.State != payment.Rejected:
		return ""
	case slices.Contains(payment.RejectReasons, a.Reason):
		return f.T("accounts.reason." + a.Reason)
	}
	return f.T("accounts.reason." + payment.SentBack)
}

// meanwhile says what happens to sessions and payments until an account can be used.
func meanwhile(f ui.Frame, a payment.Account, now time.Time) string {
	switch {
	case a.State == payment.Rejected:
		return f.T("accounts.meanwhile.rejected")
	case a.Usable(now):
		return f.T("accounts.meanwhile.usable")
	case a.State == payment.Verified:
		return f.T("accounts.meanwhile.new", "FromDay", ui.FromDay(calendar.On(a.UsableFrom)), "AtClock", ui.AtClock(a.UsableFrom))
	}
	return f.T("accounts.meanwhile.waits")
}

// accountEvents is what happened to an account, newest first.
func accountEvents(f ui.Frame, a payment.Account) []ui.Event {
	events := []ui.Event{{When: a.SubmittedAt, Text: f.T("accounts.event.submitted")}}
	if !a.StartedAt.IsZero() {
		events = append(events, ui.Event{When: a.StartedAt, Text: f.T("accounts.event.started"), Who: "INPS"})
	}
	if !a.DecidedAt.IsZero() && a.Reason != payment.SentBack {
		done := "accounts.event.verified"
		if slices.Contains(payment.RejectReasons, a.Reason) {
			done = "accounts.event.rejected"
		}
		events = append(events, ui.Event{When: a.DecidedAt, Text: f.T(done), Who: "INPS"})
	}
	slices.Reverse(events)
	return events
}

// psychologistIBANSent reads another account and leads to the page that asks whether
// to use it. What was typed is kept in the login session: an IBAN is no address.
func (p *Portal) psychologistIBANSent(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	typed, holder := fields.Get("iban"), fields.Get("intestatario")
	if strange.field != "" {
		return p.showIBAN(w, r, http.StatusUnprocessableEntity, typed, holder, []ui.FieldError{{Field: strange.field, Text: words(ui.Frame{}, errText)}})
	}
	o, err := payment.NewOffer(typed, holder)
	if reason := fault.As(err); reason != nil {
		return p.showIBAN(w, r, http.StatusUnprocessableEntity, typed, holder, []ui.FieldError{offerError(ui.Frame{}, err)})
	}
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyAccount, string(o.IBAN)+"\x00"+o.Holder)
	return goTo(w, r, ibanConfirmPath, nil)
}

// offerError says what is wrong with an account, at its field.
func offerError(f ui.Frame, err error) ui.FieldError {
	var length iban.LengthError
	switch {
	case errors.As(err, &length) && length.Country == "IT":
		return ui.FieldError{Field: "iban", Text: f.T("accounts.iban.length.it", "Wanted", length.Wanted, "Count", length.Got)}
	case errors.As(err, &length):
		return ui.FieldError{Field: "iban", Text: f.T("accounts.iban.length", "Wanted", length.Wanted, "Country", length.Country, "Count", length.Got)}
	case errors.Is(err, payment.ErrHolder):
		return ui.FieldError{Field: "intestatario", Text: words(f, payment.ErrHolder)}
	}
	return ui.FieldError{Field: "iban", Text: words(f, fault.As(err))}
}

// keptOffer is the account that was typed last in this login.
func (p *Portal) keptOffer(r *http.Request) (payment.Offer, bool) {
	typed, holder, kept := strings.Cut(p.Logins.GetString(r.Context(), keyAccount), "\x00")
	o, err := payment.NewOffer(typed, holder)
	return o, kept && err == nil
}

// errOtherOffer says that another window has typed another account since the question
// was asked.
var errOtherOffer = fault.Stale("account.other_offer")

// offerSeal ties the answer to the account that the question showed, without its IBAN.
func offerSeal(o payment.Offer) string {
	seal := sha256.Sum256([]byte(string(o.IBAN) + "\x00" + o.Holder))
	return hex.EncodeToString(seal[:8])
}

// psychologistIBANAsk asks whether to be paid on another account from now on.
func (p *Portal) psychologistIBANAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showIBANAsk(w, r, http.StatusOK, nil)
}

func (p *Portal) showIBANAsk(w http.ResponseWriter, r *http.Request, status int, why *fault.Reason) error {
	o, kept := p.keptOffer(r)
	if !kept {
		return goTo(w, r, ibanPath, nil)
	}
	live, err := p.Accounts.Current(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	f := p.ibanFrame(r, "accounts.confirm.title", ui.Crumb{Text: ui.Frame{}.T("accounts.page.title"), URL: ibanPath})
	nameStep(&f, "accounts.confirm.short")
	page := psychologist.IBANConfirmPage{Frame: f,
		New: []ui.Entry{{Name: f.T("accounts.iban"), Value: o.IBAN.Format(), Proper: true}, {Name: f.T("accounts.holder"), Value: o.Holder, Proper: true}},
		Ask: ui.ConfirmProps{
			Consequences: []string{f.T("accounts.confirm.first")},
			Form:         ui.FormProps{Action: ibanConfirmPath, Key: once.NewKey()},
			Buttons:      ui.ButtonsProps{Submit: f.T("accounts.confirm.submit"), Cancel: &ui.Link{Text: f.T("accounts.confirm.back"), URL: ibanPath}},
		}}
	page.Offer = offerSeal(o)
	if live.State.Live() {
		page.Seen = string(live.ID)
		page.Old = []ui.Entry{{Name: f.T("accounts.iban"), Value: live.IBAN.Masked(), Proper: true}, {Name: f.T("accounts.holder"), Value: live.Holder, Proper: true}}
		page.Ask.Consequences = []string{f.T("accounts.confirm.replaces"), f.T("accounts.confirm.under_way")}
		page.Ask.Buttons = ui.ButtonsProps{Submit: f.T("accounts.confirm.change"), Cancel: &ui.Link{Text: f.T("accounts.confirm.keep"), URL: ibanPath}}
	}
	page.Ask.Consequences = append(page.Ask.Consequences, f.T("accounts.confirm.waits", "Hours", int(payment.AccountHold/time.Hour)))
	if why != nil {
		page.Errors = []ui.FieldError{{Text: words(f, why)}}
	}
	return p.showAs(w, r, status, psychologist.IBANConfirm(page))
}

// psychologistIBANDo changes where a professional is paid.
func (p *Portal) psychologistIBANDo(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	o, kept := p.keptOffer(r)
	if !kept {
		return p.offerGone(w, r, fields)
	}
	if fields.Get("offerta") != offerSeal(o) {
		return p.showIBANAsk(w, r, http.StatusConflict, errOtherOffer)
	}
	seen := fields.Get("conto")
	fields.Set("iban", string(o.IBAN)+" "+o.Holder)
	sent, err := sending(r, "account.submit", fields)
	if err != nil {
		return err
	}
	err = p.Accounts.Submit(r.Context(), actor(r), sent, payment.AccountID(seen), o)
	if reason, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) {
		return p.showIBANAsk(w, r, refusalStatus(reason), reason)
	}
	if err != nil {
		return err
	}
	p.Logins.Remove(r.Context(), keyAccount)
	var f ui.Frame
	return p.done(w, r, ibanPath, f.T("accounts.confirm.done"), f.T("accounts.confirm.done_text"))
}

// offerGone answers who confirms an account that is not kept any more: it was given, and
// that is shown; or another one was, from another window, and that is said; or it was
// typed in a login that is over, and is asked for again.
func (p *Portal) offerGone(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	is, err := p.Accounts.Current(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	var seen string
	if is.State.Live() {
		seen = string(is.ID)
	}
	if fields.Get("conto") == seen || fields.Get("offerta") == offerSeal(payment.Offer{IBAN: is.IBAN, Holder: is.Holder}) {
		return goTo(w, r, ibanPath, nil)
	}
	l, _ := current(r)
	return p.showIBAN(w, r, http.StatusConflict, "", l.Name, []ui.FieldError{{Text: words(ui.Frame{}, payment.ErrAccountMoved)}})
}
