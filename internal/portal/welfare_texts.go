package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const textsPath = welfarePath + "/modelli"

func textPath(key indemnity.TextKey) string { return textsPath + "/" + string(key) }

// textTitle is what a standard text is called.
func textTitle(f ui.Frame, t indemnity.StandardText) string {
	switch t.Use {
	case indemnity.RequestText:
		return f.T("texts.request." + string(t.Request))
	case indemnity.ItemText:
		asks := f.T("texts.asks." + string(t.Asks))
		if t.Asks == indemnity.AskExplanation {
			return f.T("texts.item", "What", checkName(f, t.Check), "Asks", asks)
		}
		return f.T("texts.item", "What", caseKind(f, t.Paper), "Asks", asks)
	}
	return f.T("texts.outcome", "Outcome", outcomeName(f, t.Outcome))
}

// textExamples are made-up values of the variables.
func textExamples(f ui.Frame) map[indemnity.Variable]string {
	all := map[indemnity.Variable]string{}
	for _, v := range []indemnity.Variable{indemnity.VarName, indemnity.VarProtocol, indemnity.VarCall, indemnity.VarPeriod, indemnity.VarDays, indemnity.VarArticle} {
		all[v] = f.T("texts.example." + string(v))
	}
	return all
}

// textParts are the parts of a wording with their titles.
func textParts(f ui.Frame, t indemnity.StandardText, w indemnity.Wording) [][2]string {
	if t.Use != indemnity.ItemText {
		return [][2]string{{f.T("texts.text"), w.Text}}
	}
	return [][2]string{{f.T("texts.wrong"), w.Text}, {f.T("texts.send"), w.Send}}
}

// textReading is a wording as it is read, with the sentences that are hard to read.
func textReading(f ui.Frame, t indemnity.StandardText, w indemnity.Wording) (r welfare.TextReading) {
	for _, part := range textParts(f, t, w.Filled(textExamples(f))) {
		shown := welfare.TextPart{Title: part[0]}
		for line := range strings.Lines(part[1]) {
			var sentences []welfare.TextSentence
			for _, s := range indemnity.Sentences(line) {
				sentences = append(sentences, welfare.TextSentence{Text: s.Text, Long: s.Long()})
				if s.Long() {
					r.Long = append(r.Long, f.T("texts.long.one", "Words", s.Words, "Sentence", s.Text))
				}
			}
			if len(sentences) > 0 {
				shown.Lines = append(shown.Lines, sentences)
			}
		}
		r.Parts = append(r.Parts, shown)
	}
	return r
}

// textVersion says which version of a text somebody reads.
func textVersion(f ui.Frame, v indemnity.TextVersion) string {
	if v.Number == 0 {
		return f.T("texts.version.first")
	}
	return f.T("texts.version", "Number", v.Number, "On", ui.OnMoment(v.DecidedAt))
}

// welfareTexts lists the standard texts (W-18).
func (p *Portal) welfareTexts(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Texts.All(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("texts.title"))
	page := welfare.TextsPage{Frame: f}
	for _, use := range []indemnity.TextUse{indemnity.RequestText, indemnity.ItemText, indemnity.OutcomeText} {
		group := welfare.TextGroup{Title: f.T("texts.use." + string(use)), Caption: f.T("texts.caption." + string(use))}
		for _, t := range all {
			if t.Use != use {
				continue
			}
			row := welfare.TextRow{ID: string(t.Key), Title: textTitle(f, t.StandardText), URL: textPath(t.Key), Version: textVersion(f, t.InForce()), Reading: f.T("texts.reading.short")}
			if n := len(textReading(f, t.StandardText, t.InForce().Wording).Long); n > 0 {
				row.Reading = f.T("texts.reading.long", "Count", n)
			}
			if t.Open() != nil {
				row.Open = &ui.Tag{Tone: ui.Action, Text: f.T("texts.waits")}
			}
			group.Rows = append(group.Rows, row)
		}
		page.Groups = append(page.Groups, group)
	}
	return p.show(w, r, welfare.Texts(page))
}

// openedText is the standard text in the address.
func (p *Portal) openedText(r *http.Request) (indemnity.TextFile, error) {
	return p.Texts.One(r.Context(), actor(r), indemnity.TextKey(chi.URLParam(r, "modello")))
}

func (p *Portal) textFrame(r *http.Request, t indemnity.TextFile, title string) ui.Frame {
	var f ui.Frame
	path := []ui.Crumb{{Text: f.T("texts.title"), URL: textsPath}}
	name := textTitle(f, t.StandardText)
	if title == "" {
		return p.welfareFrame(r, name, path...)
	}
	f = p.welfareFrame(r, f.T(title), append(path, ui.Crumb{Text: name, URL: textPath(t.Key)})...)
	f.Caption = name
	return f
}

// welfareText shows a standard text, with a form for another wording.
func (p *Portal) welfareText(w http.ResponseWriter, r *http.Request) error {
	t, err := p.openedText(r)
	if err != nil {
		return err
	}
	now := t.InForce().Wording
	return p.showText(w, r, http.StatusOK, t, url.Values{"testo": {now.Text}, "da-mandare": {now.Send}}, nil, false)
}

// showText shows a text with what was typed, what is wrong with it, and whether the text
// has moved since its reader saw it.
func (p *Portal) showText(w http.ResponseWriter, r *http.Request, status int, t indemnity.TextFile, fields url.Values, wrong []ui.FieldError, moved bool) error {
	f := p.textFrame(r, t, "")
	f.Errors = wrong
	now := t.InForce()
	page := welfare.TextPage{Frame: f, Moved: moved, Reading: textReading(f, t.StandardText, now.Wording), Versions: textEditions(f, t), Back: ui.Link{Text: f.T("texts.back"), URL: textsPath},
		Facts: []ui.Entry{{Name: f.T("texts.used"), Value: f.T("texts.use." + string(t.Use))}, {Name: f.T("texts.in_force"), Value: textVersion(f, now)}}}
	if now.Number > 0 {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("texts.proposed_by"), Value: now.ProposedBy.Name(), Proper: true}, ui.Entry{Name: f.T("texts.approved_by"), Value: now.DecidedBy.Name(), Proper: true})
	}
	if open := t.Open(); open != nil {
		page.OpenText = f.T("texts.open", "Name", open.ProposedBy.Name(), "At", ui.OnMoment(open.ProposedAt))
		page.Open = &ui.Link{Text: f.T("texts.open.see"), URL: textPath(t.Key) + "/decidi"}
	}
	switch {
	case !actor(r).Has(identity.Prepare):
		page.Why = f.T("texts.prepares")
	case t.Open() == nil || len(wrong) > 0 || moved:
		page.Form = &ui.FormProps{Action: textPath(t.Key), Key: once.NewKey(), Version: strconv.Itoa(t.Newest())}
		for i, part := range textParts(f, t.StandardText, indemnity.Wording{Text: fields.Get("testo"), Send: fields.Get("da-mandare")}) {
			page.Fields = append(page.Fields, ui.TextAreaProps{Name: []string{"testo", "da-mandare"}[i], Label: part[0], Hint: f.T("texts.hint", "Number", grouped(t.Longest())), Value: part[1], Rows: 6})
		}
		for _, v := range t.Variables() {
			page.Variables = append(page.Variables, welfare.TextVariable{Name: "{" + string(v) + "}", Means: f.T("texts.means." + string(v)), Example: f.T("texts.example." + string(v))})
		}
		page.Buttons = ui.ButtonsProps{Submit: f.T("texts.check"), Cancel: &page.Back}
	}
	return p.showAs(w, r, status, welfare.Text(page))
}

// textEditions are the versions of a text, the newest first.
func textEditions(f ui.Frame, t indemnity.TextFile) (all []welfare.TextEdition) {
	for _, v := range t.Versions {
		e := welfare.TextEdition{Title: f.T("texts.edition.first")}
		if v.Number > 0 {
			e.Title = f.T("texts.edition", "Number", v.Number, "State", f.T("texts.state."+string(v.State)))
			e.Facts = append(e.Facts, f.T("texts.edition.proposed", "Name", v.ProposedBy.Name(), "At", ui.OnMoment(v.ProposedAt)))
		}
		if v.Number > 0 && v.State != indemnity.TextWaits {
			e.Facts = append(e.Facts, f.T("texts.edition.decided."+string(v.State), "Name", v.DecidedBy.Name(), "At", ui.OnMoment(v.DecidedAt), "Why", v.Why))
		}
		for _, part := range textParts(f, t.StandardText, v.Wording) {
			e.Lines = append(e.Lines, rawLines(part[1])...)
		}
		all = append(all, e)
	}
	return all
}

// rawLines are the lines of a text that are not empty.
func rawLines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// textFields are the fields beside which a refusal stands.
var textFields = map[*fault.Reason]string{indemnity.ErrTextEmpty: "testo", indemnity.ErrTextLong: "testo", indemnity.ErrTextSend: "da-mandare", indemnity.ErrTextVariable: "testo", indemnity.ErrTextSame: "testo"}

// welfareTextPropose shows a wording as it will be read, and proposes it once that is
// confirmed.
func (p *Portal) welfareTextPropose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	t, err := p.openedText(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	if bad.field != "" {
		return p.showText(w, r, http.StatusUnprocessableEntity, t, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}}, false)
	}
	newest, err := strconv.Atoi(fields.Get("versione"))
	if err != nil || newest < 0 {
		return errUnreadable
	}
	wording := indemnity.Wording{Text: fields.Get("testo"), Send: fields.Get("da-mandare")}.Trimmed()
	if fields.Get("conferma") == "" {
		if err = t.MayPropose(actor(r), wording); err == nil && newest != t.Newest() {
			err = indemnity.ErrTextMoved
		}
		if err == nil {
			return p.confirmText(w, r, t, wording, newest)
		}
	} else {
		sent, wrong := sending(r, "indemnity.text_propose", url.Values{"idem": fields["idem"], "modello": {string(t.Key)}, "testo": fields["testo"], "da-mandare": fields["da-mandare"], "versione": fields["versione"]})
		if err = wrong; err == nil {
			err = p.Texts.Propose(r.Context(), actor(r), sent, t.Key, newest, wording)
		}
	}
	if reason := fault.As(err); reason != nil {
		return p.refusedText(w, r, t, wording, fields, err, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, textPath(t.Key), f.T("texts.done"), f.T("texts.done.text"))
}

// refusedText shows the page again with why nothing was proposed; what has no place there
// is an error.
func (p *Portal) refusedText(w http.ResponseWriter, r *http.Request, t indemnity.TextFile, wording indemnity.Wording, fields url.Values, err error, reason *fault.Reason) error {
	var f ui.Frame
	text := words(f, reason)
	if reason == indemnity.ErrTextVariable {
		text = f.T("texts.unknown", "Names", strings.Join(t.Unknown(wording), ", "))
	}
	switch {
	case reason == indemnity.ErrTextMoved, reason == indemnity.ErrTextOpen:
		again, failed := p.openedText(r) // as it is by now
		if failed != nil {
			return failed
		}
		return p.showText(w, r, http.StatusConflict, again, fields, nil, true)
	case textFields[reason] != "":
		return p.showText(w, r, http.StatusUnprocessableEntity, t, fields, []ui.FieldError{{Field: textFields[reason], Text: text}}, false)
	}
	return err
}

func (p *Portal) confirmText(w http.ResponseWriter, r *http.Request, t indemnity.TextFile, wording indemnity.Wording, newest int) error {
	f := p.textFrame(r, t, "texts.confirm")
	return p.show(w, r, welfare.TextConfirm(welfare.TextConfirmPage{Frame: f, Reading: textReading(f, t.StandardText, wording),
		Hidden: [][2]string{{"testo", wording.Text}, {"da-mandare", wording.Send}, {"conferma", "si"}},
		Confirm: ui.ConfirmProps{Consequences: []string{f.T("texts.confirm.text")},
			Form:    ui.FormProps{Action: textPath(t.Key), Key: once.NewKey(), Version: strconv.Itoa(newest)},
			Buttons: ui.ButtonsProps{Submit: f.T("texts.propose"), Cancel: &ui.Link{Text: f.T("texts.leave"), URL: textPath(t.Key)}}}}))
}

// textValues are what the variables of a text stand for in a case; days are those that
// there are to answer in.
func textValues(c indemnity.CaseFile, days int) map[indemnity.Variable]string {
	all := map[indemnity.Variable]string{indemnity.VarName: c.Member.Name(), indemnity.VarProtocol: c.Protocol, indemnity.VarCall: ui.Month(c.Call.Month().From)}
	if p := c.Answers.Period(); p.Valid() {
		all[indemnity.VarPeriod] = ui.During(p)
	}
	if days > 0 {
		all[indemnity.VarDays] = strconv.Itoa(days)
	}
	return all
}

// offeredOutcome is what the letter of an outcome is offered to say beside its grounds.
func offeredOutcome(offered indemnity.Offered, c indemnity.CaseFile, to indemnity.State) string {
	return indemnity.Wording{Text: offered.ForOutcome(to)}.Filled(textValues(c, 0)).Text
}

// offeredRequest is what a request of a kind is offered to begin with.
func offeredRequest(offered indemnity.Offered, c indemnity.CaseFile, kind indemnity.RequestKind) string {
	return indemnity.Wording{Text: offered.ForRequest(kind)}.Filled(textValues(c, c.DaysToAnswer(kind))).Text
}

// offeredItem is something that may be asked for on account of a check, in the words that
// are offered for it.
func offeredItem(offered indemnity.Offered, c indemnity.CaseFile, check indemnity.Check, i indemnity.RequestItem) indemnity.RequestItem {
	values := textValues(c, c.DaysToAnswer(indemnity.Supplement))
	if n := check.Article(); n > 0 {
		values[indemnity.VarArticle] = strconv.Itoa(n)
	}
	w := offered.ForItem(check, i).Filled(values)
	i.Wrong, i.Send = w.Text, w.Send
	return i
}
