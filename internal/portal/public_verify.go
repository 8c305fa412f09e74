package portal

import (
	"errors"
	"net/http"
	"strings"

	"portal/internal/fault"
	"portal/web/public"
	"portal/web/ui"
)

// verifyPath is where anybody checks whether a document is a true one (P-15).
const verifyPath = "/verifica-documento"

// publicVerifyAsk asks for the number and the code of a document.
func (p *Portal) publicVerifyAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showVerify(w, r, http.StatusOK, public.VerifyPage{})
}

func (p *Portal) showVerify(w http.ResponseWriter, r *http.Request, status int, page public.VerifyPage) error {
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title = f.T("verify.title")
	f.Errors = page.Errors
	page.Frame = f
	page.Lead, page.Form, page.Submit = f.T("verify.lead"), ui.FormProps{Action: verifyPath}, f.T("verify.submit")
	page.Number.Name, page.Number.Label, page.Number.Hint = "protocollo", f.T("verify.protocol"), f.T("verify.protocol.hint")
	page.Code.Name, page.Code.Label, page.Code.Hint = "codice", f.T("verify.code"), f.T("verify.code.hint")
	page.Number.Autocomplete, page.Code.Autocomplete = "off", "off"
	return p.showAs(w, r, status, public.Verify(page))
}

// publicVerify says when a document was issued and by whom, and nothing of anybody. What
// was typed stays out of addresses.
func (p *Portal) publicVerify(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	page := public.VerifyPage{Number: ui.FieldProps{Value: fields.Get("protocollo")}, Code: ui.FieldProps{Value: fields.Get("codice")}}
	f := ui.Frame{}
	for _, field := range []struct{ name, missing string }{{"protocollo", "verify.protocol.missing"}, {"codice", "verify.code.missing"}} {
		if strings.TrimSpace(fields.Get(field.name)) == "" {
			page.Errors = append(page.Errors, ui.FieldError{Field: field.name, Text: f.T(field.missing)})
		}
	}
	if len(page.Errors) > 0 {
		return p.showVerify(w, r, http.StatusUnprocessableEntity, page)
	}
	at, err := p.Applications.Verify(r.Context(), fields.Get("protocollo"), fields.Get("codice"))
	switch {
	case err == nil:
		page.Outcome = &ui.Flash{Tone: ui.Success, Title: f.T("verify.true"), Text: f.T("verify.true.text", "At", ui.OnMoment(at))}
	case errors.Is(err, fault.ErrNotFound):
		page.Outcome = &ui.Flash{Tone: ui.Closed, Title: f.T("verify.none"), Text: f.T("verify.none.text")}
	default:
		return err
	}
	return p.showVerify(w, r, http.StatusOK, page)
}
