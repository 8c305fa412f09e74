// Package ui is the kit that pages are made of: the frame around each, the parts
// inside, the words of the portal and the way it writes days, times and amounts.
//
// A page is a view model that embeds a Frame, and a templ component that opens
// with @Page(p.Frame). Parts take the Frame first, for its language and its field
// errors, then a small struct. They hold no rule: what may be done was decided
// before, and stands in the struct as an address or a text.
//
// Nothing here needs JavaScript, and nothing writes a style or a script inline.
package ui

import (
	"strings"
	"time"
)

// Frame is what every page has around its content. View models embed it.
type Frame struct {
	Lang    Lang   // zero: Italian
	Title   string // the h1
	Caption string // above the h1: "Passo 1 di 2", "Domanda INPS-2026-000123"
	Badge   *Tag   // beside the h1: the state of what the page shows

	// HeadTitle stands in the window's title instead of Title, where that would
	// say on a shared device what is nobody's business.
	HeadTitle string

	Service string // name of the service, for public pages: "Contributo sessioni di psicoterapia"
	Body    string // the body that owns the page: "INPS", "ENPAP", "CNOP" or ""
	Path    []Crumb
	Back    *Link // "Torna a …", on confirmations and steps
	Menu    []MenuItem
	User    *User // nil: nobody has logged in
	Office  bool  // for who works in an office: no help line for the public
	Flash   *Flash
	Banner  *Banner // that the portal will stop, on every page; nil for none
	Site    Site    // what the portal is called and how to reach its bodies
	Errors  []FieldError

	LoginExpires time.Time // when an idle login session ends; zero: there is none
	PublicPage   bool      // anyone may read it; others are no-store and discreet
	Languages    []Language
	RequestID    string // shown on error pages, for the help desk
}

// T is a text of the catalogue in the frame's language, or in Italian where that
// has none. Arguments are pairs of name and value: T("ui.pages.here", "Page", 2, "Pages", 5).
// A text with plural forms takes its number from the argument "Count".
func (f Frame) T(key string, args ...any) string { return spoken.Load().say(f.lang(), key, args) }

// Translated tells whether a text exists in the frame's own language: where it
// does not, T gives the Italian one and the element wants lang="it".
func (f Frame) Translated(key string) bool {
	_, in, ok := spoken.Load().find(f.lang(), key)
	return ok && in == f.lang()
}

// Error is what is wrong with a field, or "".
func (f Frame) Error(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

func (f Frame) lang() Lang {
	if f.Lang == "" {
		return Italian
	}
	return f.Lang
}

// headTitle is the window's title: "{h1} – {service} – {body}", after an act the
// act instead of the h1, and with errors a warning before it. Reserved pages of the
// contribution name it without saying what it is for; those of no body, which are about
// both programmes, have the name of the portal.
func (f Frame) headTitle() string {
	title := f.Title
	if f.HeadTitle != "" {
		title = f.HeadTitle
	}
	switch {
	case len(f.Errors) > 0:
		title = f.T("ui.title.error", "Title", title)
	case f.Flash != nil && f.Flash.Title != "":
		title = f.Flash.Title
	}
	service := f.Service
	switch {
	case !f.PublicPage && (f.Body == "INPS" || f.Body == "CNOP"):
		service = f.T("ui.service.neutral")
	case service == "":
		service = f.siteName()
	}
	for _, part := range []string{service, f.Body} {
		if part != "" && part != title {
			title += " – " + part
		}
	}
	return title
}

// Site is what the portal is called, and how people reach the bodies whose services it
// has.
type Site struct {
	Name, Tagline string // "" is as the catalogue has it
	INPS, ENPAP   Contacts
}

// Contacts is how people reach a body; what is "" is not told.
type Contacts struct{ Phone, Mobile, Hours, Mail, PEC, DPO string }

// Dial is the address that calls a telephone number.
func Dial(number string) string { return "tel:" + strings.ReplaceAll(number, " ", "") }

// siteName is what the portal is called.
func (f Frame) siteName() string {
	if f.Site.Name == "" {
		return f.T("ui.portal.name")
	}
	return f.Site.Name
}

// tagline is what stands beside the name.
func (f Frame) tagline() string {
	if f.Site.Name == "" {
		return f.T("ui.portal.tagline")
	}
	return f.Site.Tagline
}

// contacts are the addresses at the foot of each page.
func (f Frame) contacts() (all []Link) {
	for _, body := range []struct {
		name string
		Contacts
	}{{"INPS", f.Site.INPS}, {"ENPAP", f.Site.ENPAP}} {
		for _, c := range []struct{ key, is, url string }{
			{"ui.footer.phone", body.Phone, Dial(body.Phone)}, {"ui.footer.mail", body.Mail, "mailto:" + body.Mail}, {"ui.footer.pec", body.PEC, "mailto:" + body.PEC}} {
			if c.is != "" {
				all = append(all, Link{f.T(c.key, "Body", body.name, "At", c.is), c.url})
			}
		}
	}
	return all
}

// Crumb is a step of the path to a page. The last one, the page itself, has no
// address.
type Crumb struct{ Text, URL string }

// Link is a text that leads somewhere.
type Link struct{ Text, URL string }

// MenuItem is one of at most five entries of the menu.
type MenuItem struct {
	Text    string
	URL     string
	Current bool // the page is in this part of the service
}

// User is who has logged in, as the header shows it.
type User struct {
	Name      string
	Profile   string // "Psicoterapeuta"
	ActingFor string // who is represented, or ""
	SwitchURL string // to choose another profile, or "" when there is one only
}

// Language is the same page in another language.
type Language struct {
	Lang  Lang
	Short string // "DEU"
	Name  string // "Deutsch"
	URL   string
}

// Flash is the outcome of what was just done. Pages show one, before the h1.
type Flash struct {
	Tone  Tone
	Title string // noun and participle, "Seduta annullata": heads the window's title, and the banner unless it is of success, which says «Fatto»
	Text  string // one or two sentences: what happened, what happens now
	Link  *Link  // the next step, or nil
}

// Banner is what every page says above its content: that the portal will stop, or has.
type Banner struct {
	Text string // when
	Says string // what does not work
	Link Link
}

// FieldError says what is wrong with a field, in words. Field is the field's id.
type FieldError struct{ Field, Text string }

// Tone is the colour family of a message or a state. There is always a word too.
type Tone string

// The tones.
const (
	Working Tone = "working" // blue: the office is working, or plain information
	Action  Tone = "action"  // orange: you must act
	Success Tone = "success" // green: a positive result
	Danger  Tone = "danger"  // red: a negative result
	Closed  Tone = "closed"  // grey: closed or draft
)

// Tag is the word of a state with its colour.
type Tag struct {
	Tone Tone
	Text string
}
