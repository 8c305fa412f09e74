package portal

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistCheckAsk shows the first step of a booking (S-02).
func (p *Portal) psychologistCheckAsk(w http.ResponseWriter, r *http.Request) error {
	page := p.checkPage(r)
	if r.URL.Query().Get("motivo") == "tempo" {
		page.Flash = &ui.Flash{Tone: ui.Action, Title: page.T("psychologist.check.again"), Text: page.T("psychologist.check.again_text")}
	}
	return p.show(w, r, psychologist.Check(page))
}

// psychologistCheck looks for the voucher that a code opens. A code whose check
// symbol is wrong is looked for as one that nobody has: it counts as an attempt,
// and costs the same time as any other that opens nothing.
func (p *Portal) psychologistCheck(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	page := p.checkPage(r)
	page.Code, page.FiscalCode = fields.Get("codice_univoco"), fields.Get("codice_fiscale")
	if strange.field != "" {
		page.Errors = []ui.FieldError{{Field: strange.field, Text: words(page.Frame, errText)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.Check(page))
	}
	code, err := voucher.ParseCode(page.Code)
	if errors.Is(err, voucher.ErrCodeLength) {
		page.Errors = append(page.Errors, lengthError(page.Frame, "codice_univoco", "psychologist.check.code_missing", "psychologist.check.code_length",
			without(page.Code, codeSeparators)))
	}
	holder, err := identity.ParseFiscalCode(page.FiscalCode)
	switch {
	case errors.Is(err, identity.ErrFiscalCodeLength):
		page.Errors = append(page.Errors, lengthError(page.Frame, "codice_fiscale", "psychologist.check.fiscal_code_missing", "psychologist.check.fiscal_code_length",
			strings.Join(strings.Fields(page.FiscalCode), "")))
	case err != nil:
		page.Errors = append(page.Errors, ui.FieldError{Field: "codice_fiscale", Text: words(page.Frame, fault.As(err))})
	}
	if len(page.Errors) > 0 {
		return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.Check(page))
	}
	offer, err := p.Vouchers.Check(r.Context(), actor(r), code, holder)
	reason, refused := fault.Refusal(err)
	switch {
	case errors.Is(err, voucher.ErrNotEnrolled):
		return p.psychologistOut(w, r, participation(r))
	case refused:
		text := words(page.Frame, reason)
		if reason == voucher.ErrExpired {
			text = page.T("psychologist.check.expired", "OnDay", ui.ByDay(offer.Account.Voucher.Terms.LastDay))
		}
		page.Errors = []ui.FieldError{{Field: "codice_univoco", Text: text}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.Check(page))
	case err != nil:
		return err
	}
	p.keepVoucher(r, offer.Account.Voucher.ID)
	return goTo(w, r, bookDataPath, nil)
}

func (p *Portal) checkPage(r *http.Request) psychologist.CheckPage {
	f := p.psychologistFrame(r, "psychologist.check.title")
	f.Caption = f.Step(1, 2)
	return psychologist.CheckPage{Frame: f, Form: ui.FormProps{Action: bookPath}, BackURL: sessionsPath}
}

// codeSeparators are what voucher.ParseCode passes over.
const codeSeparators = " -\t\u00a0\u202f\u2011\u2013"

func without(text, cut string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(cut, c) {
			return -1
		}
		return c
	}, text)
}

// lengthError says how many characters of a code were typed, or that none were.
func lengthError(f ui.Frame, field, missing, length, typed string) ui.FieldError {
	if typed == "" {
		return ui.FieldError{Field: field, Text: f.T(missing)}
	}
	return ui.FieldError{Field: field, Text: f.T(length, "Count", utf8.RuneCountInString(typed))}
}

// checkedFor is how long a checked voucher may be booked against.
const checkedFor = 15 * time.Minute

// keepVoucher remembers which voucher was checked, by its id: the code itself is
// nowhere kept.
func (p *Portal) keepVoucher(r *http.Request, id voucher.ID) {
	p.Logins.Put(r.Context(), keyVoucher, string(id)+" "+strconv.FormatInt(p.Now().Unix(), 10))
}

// keptVoucher is the voucher checked last, if that is not too long ago.
func (p *Portal) keptVoucher(r *http.Request) (voucher.ID, bool) {
	id, at, _ := strings.Cut(p.Logins.GetString(r.Context(), keyVoucher), " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || p.Now().Sub(time.Unix(seconds, 0)) > checkedFor {
		return "", false
	}
	return voucher.ID(id), true
}
