package portal

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/voucher"
	"portal/web/heir"
	"portal/web/ui"
)

// heirsForm is the part of a form that asks for heirs: on the page that prepares an
// application, where nobody has logged in, and on those of the office, which also ask
// where each is paid and reached.
type heirsForm struct {
	office bool
	signs  bool // it asks who has signed
}

// heirField is the name of a field of an heir, counted from 1.
func heirField(row int, name string) string { return "erede-" + strconv.Itoa(row) + "-" + name }

// rows is how many heirs a form shows, with room for one more where it was asked for.
func (h heirsForm) rows(fields url.Values) int {
	n, err := strconv.Atoi(fields.Get("eredi"))
	if err != nil || n < 1 {
		n = 1
	}
	if fields.Get("azione") == "aggiungi" {
		n++
	}
	return min(n, indemnity.MostHeirs)
}

// show is the rows as they were typed.
func (h heirsForm) show(f ui.Frame, fields url.Values) (rows []heir.Row) {
	n := h.rows(fields)
	for i := 1; i <= n; i++ {
		text := func(name string) ui.FieldProps {
			return ui.FieldProps{Name: heirField(i, name), Label: f.T("heirs." + name), Value: fields.Get(heirField(i, name)), Autocomplete: "off"}
		}
		row := heir.Row{Title: f.T("heirs.row", "Number", i), GivenName: text("nome"), FamilyName: text("cognome"), FiscalCode: text("cf"), Share: text("quota")}
		row.Share.Hint, row.Share.Short = f.T("heirs.quota.hint"), true
		if i == 1 && !h.office {
			row.Title = f.T("heirs.row.you")
			row.GivenName.Autocomplete, row.FamilyName.Autocomplete = "given-name", "family-name"
		}
		row.Kinship = ui.ChoiceProps{Name: heirField(i, "parentela"), Legend: f.T("heirs.kinship"), Chosen: []string{fields.Get(heirField(i, "parentela"))},
			Options: []ui.Option{{Label: f.T("heirs.kinship.choose")}}}
		for _, k := range indemnity.Kinships {
			row.Kinship.Options = append(row.Kinship.Options, ui.Option{Value: k, Label: f.T("heirs.kinship." + k)})
		}
		account := text("iban")
		account.Optional = true
		row.IBAN = &account
		if h.office {
			email := text("email")
			email.Optional, email.Type = true, "email"
			row.Email = &email
		}
		if h.signs {
			row.Signed = &ui.ChoiceProps{Name: heirField(i, "firma"), Legend: f.T("heirs.col.signed"), Optional: true, Chosen: []string{fields.Get(heirField(i, "firma"))},
				Options: []ui.Option{{Value: "si", Label: f.T("heirs.register.signed")}}}
		}
		rows = append(rows, row)
	}
	return rows
}

// read reads the heirs of a form. A row in which nothing was typed counts for nothing.
// at is the row of each heir.
func (h heirsForm) read(fields url.Values) (heirs []indemnity.Heir, at []int, wrong []ui.FieldError) {
	var f ui.Frame
	for i := 1; i <= h.rows(fields); i++ {
		text := func(name string) string { return strings.Join(strings.Fields(fields.Get(heirField(i, name))), " ") }
		flaw := func(name string, err error) {
			wrong = append(wrong, ui.FieldError{Field: heirField(i, name), Text: heirWords(f, err)})
		}
		if i > 1 && text("nome")+text("cognome")+text("cf")+text("parentela")+text("quota")+text("iban")+text("email") == "" {
			continue
		}
		x := indemnity.Heir{Person: identity.Person{GivenName: text("nome"), FamilyName: text("cognome")}, Kinship: text("parentela")}
		if x.Person.GivenName == "" {
			flaw("nome", indemnity.ErrHeirName)
		} else if x.Person.FamilyName == "" {
			flaw("cognome", indemnity.ErrHeirName)
		}
		var err error
		if x.Person.FiscalCode, err = identity.ParseFiscalCode(text("cf")); err != nil {
			flaw("cf", err)
		}
		if x.Kinship == "" {
			flaw("parentela", indemnity.ErrKinship)
		}
		if x.Part, x.Whole, err = indemnity.ParseShare(text("quota")); err != nil {
			flaw("quota", err)
		}
		if text("iban") != "" {
			account, err := iban.Parse(text("iban"))
			if err != nil {
				flaw("iban", err)
			}
			x.IBAN = string(account)
		}
		if x.Email, err = voucher.ParseEmail(text("email")); err != nil {
			flaw("email", err)
		}
		if h.signs && text("firma") == "si" {
			x.SignedBy = indemnity.PEC
		}
		heirs, at = append(heirs, x), append(at, i)
	}
	return heirs, at, wrong
}

// heirFlaw is beside which field a reason about heirs stands, of rows as they were read;
// false for a reason about something else.
func heirFlaw(err error, at []int) (ui.FieldError, bool) {
	reason := fault.As(err)
	row := 1
	var one indemnity.HeirError
	if errors.As(err, &one) && one.At < len(at) {
		row = at[one.At]
	}
	name, known := map[*fault.Reason]string{
		indemnity.ErrNoHeirs: "nome", indemnity.ErrHeirName: "nome", indemnity.ErrHeirFiscalCode: "cf", indemnity.ErrHeirTwice: "cf",
		indemnity.ErrHeirIsDeceased: "cf", indemnity.ErrKinship: "parentela", indemnity.ErrShare: "quota", indemnity.ErrShares: "quota",
	}[reason]
	if !known {
		return ui.FieldError{}, false
	}
	return ui.FieldError{Field: heirField(row, name), Text: heirWords(ui.Frame{}, err)}, true
}

// heirWords is the text of a reason about heirs.
func heirWords(f ui.Frame, err error) string {
	var sum indemnity.SharesError
	if errors.As(err, &sum) {
		return words(f, indemnity.ErrShares, "Sum", strconv.FormatInt(sum.Part, 10)+"/"+strconv.FormatInt(sum.Whole, 10))
	}
	return words(f, fault.As(err), "Most", indemnity.MostHeirs)
}

// shareRows says who inherits; with accounts and links, for the office.
func shareRows(f ui.Frame, heirs []indemnity.Heir, office bool) (rows []heir.Share) {
	for _, h := range heirs {
		row := heir.Share{Name: h.Person.Name(), Kinship: f.T("heirs.kinship." + h.Kinship), Share: shareText(f, h)}
		if office {
			row.Account, row.Linked = f.T("heirs.iban.none"), f.T("heirs.linked.no")
			if h.IBAN != "" {
				row.Account = iban.IBAN(h.IBAN).Masked()
			}
			if !h.LinkedAt.IsZero() {
				row.Linked = f.T("heirs.linked.since", "At", ui.OnMoment(h.LinkedAt))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// signedRows says who of some heirs has signed their application.
func signedRows(f ui.Frame, rows []heir.Share, heirs []indemnity.Heir) []heir.Share {
	for i, h := range heirs {
		rows[i].Signed = signedText(f, h)
	}
	return rows
}

func shareText(f ui.Frame, h indemnity.Heir) string {
	if h.Part == h.Whole {
		return f.T("heirs.share.all")
	}
	return h.Share()
}
