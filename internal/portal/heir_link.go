package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/heir"
	"portal/web/public"
	"portal/web/ui"
)

// heirLinkAsk asks an heir for the number of a case and their code (H-03).
func (p *Portal) heirLinkAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showLink(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showLink(w http.ResponseWriter, r *http.Request, status int, fields url.Values, refused error, wrong ...ui.FieldError) error {
	f := p.heirFrame(r, "heirs.link.title", ui.Crumb{Text: ui.Frame{}.T("heirs.crumb"), URL: heirsPath})
	f.PublicPage, f.Errors = false, wrong
	page := heir.LinkPage{Form: ui.FormProps{Action: linkPath, Key: once.NewKey()}, Lead: []string{f.T("heirs.link.lead"), f.T("heirs.link.tries", "Count", indemnity.LinkTries)},
		Protocol: ui.FieldProps{Name: "protocollo", Label: f.T("heirs.link.protocol"), Hint: f.T("heirs.link.protocol.hint"), Value: fields.Get("protocollo"), Autocomplete: "off"},
		Code:     ui.FieldProps{Name: "codice", Label: f.T("heirs.link.code"), Hint: f.T("heirs.link.code.hint"), Value: fields.Get("codice"), Autocomplete: "off"}}
	if errors.Is(refused, indemnity.ErrLinkLocked) {
		call, err := p.heirsCall(r, calendar.On(p.Now()))
		if err != nil {
			return err
		}
		page.Locked = lines(f.T("heirs.link.locked.text", "PEC", call.Rules.HeirsPEC.Is))
	} else if refused != nil {
		f.Errors = []ui.FieldError{{Field: "protocollo", Text: words(f, indemnity.ErrNoLink)}}
	}
	page.Frame = f
	return p.showAs(w, r, status, heir.Link(page))
}

// heirLink lets an heir into their case. The case is a page of heirs: who came with
// another hat is asked to put on that one.
func (p *Portal) heirLink(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	var missing []ui.FieldError
	for _, name := range []string{"protocollo", "codice"} {
		if strings.TrimSpace(fields.Get(name)) == "" {
			missing = append(missing, ui.FieldError{Field: name, Text: f.T("heirs.link.missing." + name)})
		}
	}
	if len(missing) > 0 {
		return p.showLink(w, r, http.StatusUnprocessableEntity, fields, nil, missing...)
	}
	sent, err := sending(r, "heirs.link", fields)
	if err != nil {
		return err
	}
	id, err := p.Heirs.Link(r.Context(), actor(r), sent, fields.Get("protocollo"), fields.Get("codice"))
	switch {
	case errors.Is(err, indemnity.ErrNoLink), errors.Is(err, indemnity.ErrLinkLocked):
		return p.showLink(w, r, http.StatusConflict, fields, err)
	case err != nil:
		return err
	}
	to := indemnityPath + "/" + string(id)
	if actor(r).Role != identity.Heir {
		p.Logins.Put(r.Context(), keySeveral, "1") // they are an heir from now on
		return goTo(w, r, "/profili", url.Values{"ritorno": {to}})
	}
	return p.done(w, r, to, f.T("heirs.linked.done"), f.T("heirs.linked.done.text"))
}

// heirArea leads heirs to the cases that they have linked themselves to, or to where
// they do that.
func (p *Portal) heirArea(r *http.Request, page *public.AreaPage) error {
	cases, err := p.Applications.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := page.Frame
	for _, c := range cases {
		if c.Reader(actor(r)) == indemnity.ItsHeir {
			page.Tasks = append(page.Tasks, p.requestTasks(f, c)...)
			page.Cards = append(page.Cards, public.Card{Title: f.T("heirs.area"), URL: indemnityPath + "/" + string(c.ID), Text: []string{c.Protocol}})
		}
	}
	if len(page.Cards) == 0 {
		page.Cards = append(page.Cards, public.Card{Title: f.T("heirs.link.go"), URL: linkPath, Text: []string{f.T("heirs.area.none")}})
	}
	return nil
}
