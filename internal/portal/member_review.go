package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// memberReview shows a draft once more before it is sent (M-13).
func (p *Portal) memberReview(w http.ResponseWriter, r *http.Request) error {
	d, s, gone, err := p.memberDraft(w, r)
	if gone || err != nil {
		return err
	}
	return p.showReview(w, r, http.StatusOK, d, s, nil)
}

// showReview shows it with why it was not sent, nil where nobody tried.
func (p *Portal) showReview(w http.ResponseWriter, r *http.Request, status int, d indemnity.Draft, s indemnity.Standing, refused error) error {
	known, err := p.Drafts.Known(r.Context(), actor(r))
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.memberFrame(r, "member.title.riepilogo")
	f.HeadTitle = f.T("member.part.head", "Part", len(indemnity.Parts))
	f.Caption = f.T("member.part.caption", "Part", len(indemnity.Parts), "Total", len(indemnity.Parts))
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title"), URL: tasksPath(d.ID)}, ui.Crumb{Text: f.T("member.part.riepilogo")})
	f.Back = &ui.Link{Text: f.T("member.part.back"), URL: tasksPath(d.ID)}
	page := member.ReviewPage{Frame: f, Lead: f.T("member.review.lead"), Parts: reviewParts(f, d, s), Mark: d.Mark()}
	var notes []member.Note
	page.Deadline, notes = memberTerm(f, s, today)
	page.Notes = append(sendRefusal(f, d, refused), notes...)
	page.Notes = append(page.Notes, obstacles(f, d, s, today)...)
	page.Notes = append(page.Notes, regularity(f, known, &s.Call.Rules, partPath(d.ID, indemnity.PartReview))...)
	page.Notes = append(page.Notes, doubtNotes(f, d, &s.Call.Rules, slices.DeleteFunc(d.Remarks(&s.Call.Rules), func(x indemnity.Remark) bool {
		return x.Lack == indemnity.LackInadmissible // it stands among the obstacles
	}))...)
	if page.Estimate = p.memberEstimate(f, d, s, known); page.Estimate != nil {
		if x, ok := d.Explain(s, known, p.Now()); ok {
			page.Line = draftLine(f, x, d, known, &s.Call.Rules)
		}
	}
	if d.MaySend(s, p.Now()) == nil {
		page.Form = &ui.FormProps{Action: partPath(d.ID, indemnity.PartReview), Key: once.NewKey()}
		page.Final, page.Submit = f.T("member.review.final"), f.T("member.review.send")
	} else if missing := d.Missing(&s.Call.Rules, today); len(missing) > 0 {
		page.Next = completeLink(f, d, missing[0])
	}
	return p.showAs(w, r, status, member.Review(page))
}

// obstacles are what stands between a draft and its sending: papers without which it
// would be inadmissible, and parts that are to be done.
func obstacles(f ui.Frame, d indemnity.Draft, s indemnity.Standing, today calendar.Date) []member.Note {
	rules, n := &s.Call.Rules, member.Note{Tone: ui.Action, Title: f.T("member.review.incomplete")}
	var lacking []string
	for _, m := range d.MissingPapers(rules) {
		if m.Lack == indemnity.LackInadmissible {
			lacking = append(lacking, f.T("case.paper.within."+string(m.Kind)))
		}
	}
	if len(lacking) > 0 {
		n.Text = []string{f.T("member.review.papers", "Count", len(lacking), "Papers", ui.Both(lacking))}
	}
	for _, part := range d.Missing(rules, today) {
		n.Links = append(n.Links, *completeLink(f, d, part))
	}
	if len(n.Text)+len(n.Links) == 0 {
		return nil
	}
	return []member.Note{n}
}

// completeLink leads to a part of a draft that is to be done.
func completeLink(f ui.Frame, d indemnity.Draft, part indemnity.Part) *ui.Link {
	return &ui.Link{Text: f.T("member.review.complete", "Part", f.T("member.part."+string(part))), URL: partPath(d.ID, part)}
}

// sendRefusal says why a draft was not sent just now.
func sendRefusal(f ui.Frame, d indemnity.Draft, refused error) []member.Note {
	if refused == nil {
		return nil
	}
	var taken indemnity.TakenError
	errors.As(refused, &taken)
	n := member.Note{Tone: ui.Action, Title: f.T("member.review.refused"), Text: []string{words(f, fault.As(refused), "Protocol", taken.Protocol)}}
	if errors.Is(refused, indemnity.ErrDraftMoved) {
		n.Title = f.T("error.409.title")
	}
	return []member.Note{n}
}

// reviewParts are the parts of a draft with what they say.
func reviewParts(f ui.Frame, d indemnity.Draft, s indemnity.Standing) []member.ReviewPart {
	parts := answerParts(f, d.Answers, d.Papers)
	for i := range parts {
		part := reviewOrder[i]
		parts[i].Amend = ui.Link{Text: f.T("member.review.amend", "Part", f.T("member.part."+string(part))), URL: partPath(d.ID, part)}
	}
	declarations := &parts[len(parts)-1]
	for _, x := range s.Call.Rules.Declarations.Is {
		for _, mark := range d.Answers.Declared {
			if mark == x.Mark() {
				declarations.Made = append(declarations.Made, x.Says)
			}
		}
	}
	return parts
}

// reviewOrder are the parts that say something, as the summary and the receipt list them.
var reviewOrder = []indemnity.Part{indemnity.PartCause, indemnity.PartPeriod, indemnity.PartCertificates, indemnity.PartIdentity, indemnity.PartActivity,
	indemnity.PartCover, indemnity.PartISEE, indemnity.PartContacts, indemnity.PartDeclarations}

// answerParts are the answers of a draft or an application with their files, in the
// order of reviewOrder.
func answerParts(f ui.Frame, a indemnity.Answers, papers []indemnity.Paper) []member.ReviewPart {
	parts := make([]member.ReviewPart, len(reviewOrder))
	for i, part := range reviewOrder {
		parts[i].Title = f.T("member.part." + string(part))
	}
	say := func(i int, name, value string) {
		parts[i].Entries = append(parts[i].Entries, ui.Entry{Name: f.T(name), Value: value})
	}
	cause := ""
	if a.Cause != "" {
		cause = f.T("member.cause." + string(a.Cause))
	}
	say(0, "member.review.cause", cause)
	for _, stop := range a.Stops {
		say(1, "member.review.stop", ui.During(stop))
	}
	if a.Cause == indemnity.Cycles {
		say(1, "member.stops.multi_year", yesText(f, a.MultiYear))
	}
	say(1, "member.period.first", ui.Day(a.Period().From))
	say(1, "member.period.last", ui.Day(a.Period().To))
	if n := a.Period().Days(); n > 0 && a.Cause != indemnity.Cycles {
		say(1, "member.estimate.total", strconv.Itoa(n))
	}
	if !a.InterruptedOn.IsZero() {
		say(1, "member.period.interrupted", ui.Day(a.InterruptedOn))
	}
	if !a.BirthOn.IsZero() {
		say(1, "member.review.birth", ui.Day(a.BirthOn))
	}
	say(3, "papers.identity.expires", ui.Day(a.IdentityExpires))
	say(4, "member.activity.legend", answerText(f, a.Exclusive))
	say(5, "member.review.cover", answerText(f, a.Covered))
	if a.Covered == indemnity.Yes {
		say(5, "member.cover.by", a.CoveredBy)
	}
	say(6, "member.isee.legend", answerText(f, a.ISEE))
	if a.ISEE == indemnity.Yes {
		say(6, "member.isee.value", a.ISEEValue.String())
		say(6, "member.isee.year", strconv.Itoa(a.ISEEYear))
	}
	parts[7].Entries = append(parts[7].Entries,
		ui.Entry{Name: f.T("member.contacts.iban"), Value: iban.IBAN(a.IBAN).Format(), Proper: true}, ui.Entry{Name: f.T("member.contacts.holder"), Value: a.Holder, Proper: true},
		ui.Entry{Name: f.T("member.contacts.email"), Value: a.Email, Proper: true}, ui.Entry{Name: f.T("member.contacts.phone"), Value: a.Phone, Proper: true})
	for _, paper := range papers {
		i := 2
		switch part, _ := partOf(paper); part {
		case indemnity.PartIdentity:
			i = 3
		case indemnity.PartCover:
			i = 5
		case indemnity.PartISEE:
			i = 6
		}
		parts[i].Files = append(parts[i].Files, fileRow(f, paper))
	}
	parts[2].None = f.T("papers.none")
	return parts
}

// fileRow is a paper with what was kept of its file.
func fileRow(f ui.Frame, p indemnity.Paper) member.FileRow {
	if p.Attachment == "" {
		return member.FileRow{Kind: caseKind(f, p.Kind), Name: f.T("member.review.no_file")}
	}
	row := member.FileRow{ID: string(p.ID), Kind: caseKind(f, p.Kind), Name: p.Name, Facts: []string{fileSize(f, p.Size)}}
	if !p.Erased {
		row.URL = paperFilePath(p)
	}
	if p.Pages > 0 {
		row.Facts = append(row.Facts, f.T("member.review.pages", "Count", p.Pages))
	}
	if !p.IssuedOn.IsZero() {
		row.Facts = append(row.Facts, f.T("member.review.issued", "Day", ui.OfDay(p.IssuedOn)))
	}
	if p.Covers.Valid() {
		row.Facts = append(row.Facts, f.T("member.review.covers", "Days", ui.During(p.Covers)))
	}
	return row
}

// caseKind is what a paper is where no heading says that it is one: "Certificato iniziale".
func caseKind(f ui.Frame, k indemnity.PaperKind) string { return f.T("case.paper." + string(k)) }

// answerText is an answer in words; "" is said to be missing.
func answerText(f ui.Frame, a indemnity.Answer) string {
	switch a {
	case indemnity.Yes:
		return f.T("member.yes")
	case indemnity.No:
		return f.T("member.no")
	}
	return ""
}

func yesText(f ui.Frame, is bool) string {
	if is {
		return f.T("member.yes")
	}
	return f.T("member.no")
}

// memberSend sends a draft. One that was sent already is answered with what became of it.
func (p *Portal) memberSend(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.send", url.Values{"idem": fields["idem"], "bozza": {id}})
	if err != nil {
		return err
	}
	first, err := p.Applications.Send(r.Context(), actor(r), sent, indemnity.CaseID(id), fields.Get("visto"))
	to := sentPath(indemnity.CaseID(id))
	switch reason := fault.As(err); {
	case err == nil && first:
		return goTo(w, r, to, nil)
	case err == nil, errors.Is(err, indemnity.ErrDraftSent):
		return goTo(w, r, to, url.Values{"gia": {"1"}})
	case errors.Is(err, indemnity.ErrTooLate):
		return p.showTooLate(w, r, indemnity.CaseID(id))
	case reason != nil && reason != once.ErrNoKey && reason != fault.ErrNotFound && reason.Kind != fault.KindUnavailable && !errors.Is(err, once.ErrOtherContent):
		d, s, gone, again := p.memberDraft(w, r)
		if gone || again != nil {
			return again
		}
		return p.showReview(w, r, http.StatusConflict, d, s, err)
	}
	return err
}

// showTooLate says that the term was over when the form arrived, with what is known of
// it: when the draft was last saved, and when it came.
func (p *Portal) showTooLate(w http.ResponseWriter, r *http.Request, id indemnity.CaseID) error {
	d, err := p.Drafts.Draft(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	s, err := p.Drafts.Stand(r.Context(), d)
	if err != nil {
		return err
	}
	f := p.memberFrame(r, "member.late.title")
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title"), URL: tasksPath(id)}, ui.Crumb{Text: f.Title})
	return p.showAs(w, r, http.StatusConflict, member.Out(member.OutPage{Frame: f,
		Text: []string{f.T("member.late.text", "On", ui.OfDay(s.Last())), f.T("member.late.saved", "Saved", ui.OnMoment(d.SavedAt), "Tried", ui.OnMoment(p.Now())),
			f.T("member.late.then", "Article", s.Call.Rules.SubmissionDays.Article)},
		Next: []ui.Link{{Text: f.T("member.late.write"), URL: "/assistenza"}, {Text: f.T("member.back_to_list"), URL: indemnityPath}}}))
}
