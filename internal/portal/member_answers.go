package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/member"
	"portal/web/ui"
)

// The most that a short text of a draft may hold.
const mostOfAText = 120

// showCover asks for another mandatory cover (M-09).
func (p *Portal) showCover(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page, a := member.CoverPage{Part: p.partPage(r, s)}, s.draft.Answers
	f, rate := page.Frame, s.standing.Call.Rules.OtherCoverRate
	page.Lead = f.T("member.cover.lead", "Rate", percentText(rate.Is), "Article", rate.Article)
	page.Covered = ui.ChoiceProps{Name: "copertura", Legend: f.T("member.cover.legend"), Hint: f.T("member.cover.hint"),
		Chosen: []string{s.typed("copertura", chosen(a.Covered))}, Options: yesNoOptions(f)}
	page.By = ui.FieldProps{Name: "quale", Label: f.T("member.cover.by"), Hint: f.T("member.cover.by.hint"), Value: s.typed("quale", a.CoveredBy), Optional: true, Autocomplete: "off"}
	if a.Covered == indemnity.Yes {
		page.Files = fileSlot(f, s, indemnity.CoverProof, "member.cover.file")
	}
	if a.Covered == indemnity.Yes && a.Exclusive == indemnity.Yes { // A49
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Text: []string{f.T("member.cover.exclusive")}})
	}
	return p.showAs(w, r, s.status, member.Cover(page))
}

func fillCover(fields url.Values, a *indemnity.Answers) []ui.FieldError {
	if a.Covered != indemnity.Yes {
		return nil
	}
	if a.CoveredBy = strings.TrimSpace(fields.Get("quale")); len([]rune(a.CoveredBy)) > mostOfAText {
		return []ui.FieldError{{Field: "quale", Text: ui.Frame{}.T("member.text.long", "Most", mostOfAText)}}
	}
	return nil
}

// fileSlot is where the file of an answer stands.
func fileSlot(f ui.Frame, s memberStep, kind indemnity.PaperKind, words string) member.FileSlot {
	slot := member.FileSlot{Title: f.T(words), None: f.T(words + ".none"), Add: ui.Link{Text: f.T(words + ".add"), URL: partPath(s.draft.ID, s.part) + "/file"}}
	for _, paper := range s.draft.Papers {
		if paper.Kind == kind && paper.Attachment != "" {
			slot.Files = append(slot.Files, ui.Entry{Name: paper.Name, Value: ui.OnMoment(paper.AddedAt), Proper: true})
			slot.Add.Text = f.T("member.file.replace")
		}
	}
	return slot
}

// showISEE asks for the ISEE, which nobody has to present (M-10).
func (p *Portal) showISEE(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page, a := member.ISEEPage{Part: p.partPage(r, s)}, s.draft.Answers
	f, year := page.Frame, p.Now().In(calendar.Rome).Year()
	page.Lead = f.T("member.isee.lead")
	page.Present = ui.ChoiceProps{Name: "isee", Legend: f.T("member.isee.legend"), Chosen: []string{s.typed("isee", chosen(a.ISEE))},
		Options: []ui.Option{{Value: "si", Label: f.T("member.isee.yes")}, {Value: "no", Label: f.T("member.isee.no")}}}
	value, of := "", ""
	if a.ISEE == indemnity.Yes {
		value, of = a.ISEEValue.Field(), strconv.Itoa(a.ISEEYear)
	}
	page.Value = ui.FieldProps{Name: "valore", Label: f.T("member.isee.value"), Hint: f.T("member.isee.value.hint"), Value: s.typed("valore", value), Filter: true}
	page.Year = ui.FieldProps{Name: "anno", Label: f.T("member.isee.year"), Hint: f.T("member.isee.year.hint", "Year", year), Value: s.typed("anno", of),
		InputMode: "numeric", Short: true, Filter: true, Autocomplete: "off"}
	if a.ISEE == indemnity.Yes {
		page.Files = fileSlot(f, s, indemnity.ISEEStatement, "member.isee.file")
	}
	return p.showAs(w, r, s.status, member.ISEE(page))
}

// fillISEE reads the value and the year of an ISEE that somebody wants to present.
func fillISEE(fields url.Values, a *indemnity.Answers, today calendar.Date) (wrong []ui.FieldError) {
	var f ui.Frame
	a.ISEEValue, a.ISEEYear = 0, 0
	if wrong = fillAnswer(fields, "isee", "member.isee.missing", &a.ISEE); wrong != nil || a.ISEE == indemnity.No {
		return wrong
	}
	value, err := money.Parse(fields.Get("valore"))
	switch {
	case strings.TrimSpace(fields.Get("valore")) == "":
		wrong = append(wrong, ui.FieldError{Field: "valore", Text: f.T("member.isee.value.missing")})
	case errors.Is(err, money.ErrTooLow):
		wrong = append(wrong, ui.FieldError{Field: "valore", Text: f.T("member.isee.value.negative")})
	case err != nil:
		wrong = append(wrong, ui.FieldError{Field: "valore", Text: words(f, fault.As(err))})
	}
	year, err := strconv.Atoi(strings.TrimSpace(fields.Get("anno")))
	if err != nil || year < today.Year-1 || year > today.Year {
		wrong = append(wrong, ui.FieldError{Field: "anno", Text: f.T("member.isee.year.wrong", "Year", today.Year, "Before", today.Year-1)})
	}
	a.ISEEValue, a.ISEEYear = value, year
	return wrong
}

// showMemberContacts asks where to pay and where to write (M-11). What the register of
// members, or else the portal, knows is proposed.
func (p *Portal) showMemberContacts(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page, a := member.ContactsPage{Part: p.partPage(r, s)}, s.draft.Answers
	f := page.Frame
	page.Lead = f.T("member.contacts.lead")
	if a.IBAN == "" && a.Email == "" {
		known, err := p.Drafts.Known(r.Context(), actor(r))
		if err != nil {
			return err
		}
		if a.IBAN, a.Holder, a.Email, a.Phone, err = p.proposedContacts(r, known); err != nil {
			return err
		}
		if known.MemberErr == nil {
			page.Lead = f.T("member.contacts.lead.known")
		}
		page.Notes = append(page.Notes, silentOnly(f, known, partPath(s.draft.ID, s.part))...)
	}
	field := func(name, kind, kept string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: f.T("member.contacts." + kind), Hint: f.T("member.contacts." + kind + ".hint"), Value: s.typed(name, kept)}
	}
	page.IBAN, page.Holder = field("iban", "iban", a.IBAN), field("intestatario", "holder", a.Holder)
	page.Email, page.Phone = field("email", "email", a.Email), field("telefono", "phone", a.Phone)
	page.IBAN.Autocomplete, page.Holder.Autocomplete = "off", "name"
	page.Email.Type, page.Email.Autocomplete = "email", "email"
	page.Phone.Type, page.Phone.Autocomplete, page.Phone.InputMode, page.Phone.Optional = "tel", "tel", "tel", true
	return p.showAs(w, r, s.status, member.Contacts(page))
}

// proposedContacts is what is known of the account and the contacts of a member.
func (p *Portal) proposedContacts(r *http.Request, k indemnity.Known) (account, holder, email, phone string, err error) {
	holder = k.Person.Name()
	if k.MemberErr == nil {
		account, email, phone = k.Member.IBAN, k.Member.Email, k.Member.Phone
		if i, err := iban.Parse(account); err == nil {
			account = i.Format()
		}
	}
	if email == "" {
		_, email, _, err = p.Drafts.Person(r.Context(), actor(r).For)
	}
	return account, holder, email, phone, err
}

// fillMemberContacts reads the account and the contacts.
func fillMemberContacts(fields url.Values, a *indemnity.Answers) (wrong []ui.FieldError) {
	var f ui.Frame
	flaw := func(field, text string) { wrong = append(wrong, ui.FieldError{Field: field, Text: text}) }
	offer, err := payment.NewOffer(fields.Get("iban"), fields.Get("intestatario"))
	if err != nil {
		wrong = append(wrong, offerError(f, err))
	}
	a.IBAN, a.Holder = string(offer.IBAN), offer.Holder
	if a.Email, err = voucher.ParseEmail(fields.Get("email")); err != nil {
		flaw("email", words(f, fault.As(err)))
	} else if a.Email == "" {
		flaw("email", f.T("member.contacts.email.missing"))
	}
	if a.Phone, err = voucher.ParsePhone(fields.Get("telefono")); err != nil {
		flaw("telefono", words(f, fault.As(err)))
	}
	return wrong
}

// showStatements asks for the declarations, one by one (M-12).
func (p *Portal) showStatements(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page := member.DeclarationsPage{Part: p.partPage(r, s)}
	f := page.Frame
	page.Lead = f.T("member.declarations.lead")
	states := s.draft.Parts(&s.standing.Call.Rules, calendar.On(p.Now()))
	if s.fields == nil && states[indemnity.PartDeclarations] == indemnity.PartBegun {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Text: []string{f.T("member.declarations.again")}})
	}
	for _, d := range s.standing.Call.Rules.Declarations.Is {
		name := statementField(d)
		page.Declarations = append(page.Declarations, member.Statement{Whole: d.Text, Article: d.Article, DeclarationProps: ui.DeclarationProps{Name: name, Text: d.Says,
			Checked: s.fields.Has(name) || s.fields == nil && states[indemnity.PartDeclarations] == indemnity.PartDone && slices.Contains(s.draft.Answers.Declared, d.Mark())}})
	}
	return p.showAs(w, r, s.status, member.Declarations(page))
}

// fillStatements notes the declarations that were made. One in another wording than that
// in force was not. Who only leaves may leave some for later.
func (p *Portal) fillStatements(s memberStep, a *indemnity.Answers) (wrong []ui.FieldError) {
	a.Declared = nil
	later := s.fields.Get("poi") == "esci"
	for _, d := range s.standing.Call.Rules.Declarations.Is {
		if !s.fields.Has(statementField(d)) {
			if later {
				continue
			}
			wrong = append(wrong, ui.FieldError{Field: statementField(d), Text: ui.Frame{}.T("member.declarations.missing")})
			continue
		}
		a.Declared = append(a.Declared, d.Mark())
	}
	a.DeclaredAt = p.Now()
	return wrong
}

func statementField(d indemnity.Declaration) string {
	return "dichiarazione-" + d.ID + "-" + strconv.Itoa(d.Version)
}
