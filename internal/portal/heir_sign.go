package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/heir"
	"portal/web/ui"
)

// signPath is where an heir signs an application of heirs.
func signPath(id indemnity.CaseID) string { return memberCasePath(id) + "/firma" }

// heirSignAsk asks an heir for their signature, with what they declare.
func (p *Portal) heirSignAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.unsigned(r)
	if err != nil {
		return err
	}
	return p.showSign(w, r, http.StatusOK, c, nil, nil)
}

// unsigned is the application in the address, for an heir who may still sign it.
func (p *Portal) unsigned(r *http.Request) (c indemnity.CaseFile, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return c, err
	}
	if c, err = p.Applications.CaseFile(r.Context(), actor(r), indemnity.CaseID(id)); err != nil {
		return c, err
	}
	h, err := c.AsHeir(actor(r))
	if err == nil {
		_, err = c.MaySign(h, p.Now())
	}
	return c, err
}

func (p *Portal) showSign(w http.ResponseWriter, r *http.Request, status int, c indemnity.CaseFile, fields url.Values, wrong []ui.FieldError) error {
	h, err := c.AsHeir(actor(r))
	if err != nil {
		return err
	}
	last, err := c.MaySign(h, p.Now())
	if err != nil {
		return err
	}
	f := p.memberFrame(r, "heirs.sign.title")
	f.HeadTitle = f.T("heirs.sign.title")
	f.Caption = f.T("member.case.title.heirs", "Name", c.Member.Name())
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.Title})
	f.Errors = wrong
	page := heir.SignPage{Frame: f, Lead: []string{f.T("heirs.sign.lead", "Share", shareText(f, h)), f.T("heirs.sign.by", "By", ui.ByDay(last))},
		Facts:   append(memberCaseFacts(f, c), ui.Entry{Name: f.T("heirs.share"), Value: shareText(f, h)}),
		Form:    ui.FormProps{Action: signPath(c.ID), Key: once.NewKey()},
		IBAN:    ui.FieldProps{Name: "iban", Label: f.T("heirs.sign.iban"), Hint: f.T("heirs.sign.iban.hint"), Value: fields.Get("iban"), Autocomplete: "off", Optional: true},
		Buttons: ui.ButtonsProps{Submit: f.T("heirs.sign.submit"), Cancel: &ui.Link{Text: f.T("heirs.leave"), URL: memberCasePath(c.ID)}}}
	if h.IBAN != "" {
		page.IBAN.Hint = f.T("heirs.sign.iban.known", "IBAN", iban.IBAN(h.IBAN).Masked())
	}
	for _, d := range c.Rules.Declarations.Is {
		name := statementField(d)
		page.Declarations = append(page.Declarations, ui.DeclarationProps{Name: name, Text: d.OfHeirs(), Checked: fields.Has(name)})
	}
	return p.showAs(w, r, status, heir.Sign(page))
}

// heirSign adds the signature.
func (p *Portal) heirSign(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	c, err := p.Applications.CaseFile(r.Context(), actor(r), indemnity.CaseID(id))
	if err != nil {
		return err
	}
	fields, err := form(r)
	var text textError
	if errors.As(err, &text) {
		return p.showSign(w, r, http.StatusUnprocessableEntity, c, fields, []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	var marks []string
	var wrong []ui.FieldError
	for _, d := range c.Rules.Declarations.Is {
		if fields.Has(statementField(d)) {
			marks = append(marks, d.Mark())
		} else {
			wrong = append(wrong, ui.FieldError{Field: statementField(d), Text: words(f, indemnity.ErrSignDeclares)})
		}
	}
	account := strings.Join(strings.Fields(fields.Get("iban")), "")
	if account != "" {
		known, err := iban.Parse(account)
		if err != nil {
			wrong = append(wrong, ui.FieldError{Field: "iban", Text: words(f, fault.As(err))})
		}
		account = string(known)
	}
	sent, err := sending(r, "heirs.sign", url.Values{"idem": fields["idem"], "domanda": {id}})
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return p.showSign(w, r, http.StatusUnprocessableEntity, c, fields, wrong)
	}
	if err := p.Heirs.Sign(r.Context(), actor(r), sent, c.ID, marks, account); err != nil {
		return err
	}
	return p.done(w, r, memberCasePath(c.ID), f.T("heirs.sign.done"), f.T("heirs.sign.done.text"))
}
