package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// Papers of a draft: what they are and cover stands in the database before their file
// does, and their addresses are theirs.

// certificatesPath is the list of certificates; paperPath one of them, as it is filled in.
func certificatesPath(id indemnity.CaseID) string { return partPath(id, indemnity.PartCertificates) }

func paperPath(p indemnity.Paper) string { return certificatesPath(p.Case) + "/" + string(p.ID) }

// legiblePath is where somebody looks at the file of a paper that has just come.
func legiblePath(id indemnity.CaseID, paper indemnity.PaperID) string {
	return tasksPath(id) + "/file/" + string(paper)
}

// paperFilePath is the file itself.
func paperFilePath(p indemnity.Paper) string {
	return memberCasePath(p.Case) + "/documenti/" + string(p.ID)
}

// slots are the files that belong to an answer, by their part and the last word of their
// address: there is one of each.
var slots = map[indemnity.Part]map[string]indemnity.PaperKind{
	indemnity.PartIdentity: {"intero": indemnity.IdentityWhole, "fronte": indemnity.IdentityFront, "retro": indemnity.IdentityBack},
	indemnity.PartCover:    {"file": indemnity.CoverProof},
	indemnity.PartISEE:     {"file": indemnity.ISEEStatement},
}

// partOf is the part of a draft to which a paper belongs, and where its file is sent.
func partOf(p indemnity.Paper) (part indemnity.Part, form string) {
	for part, kinds := range slots {
		for word, kind := range kinds {
			if kind == p.Kind {
				return part, partPath(p.Case, part) + "/" + word
			}
		}
	}
	return indemnity.PartCertificates, paperPath(p)
}

// memberCertificates lists the papers that prove days (M-06).
func (p *Portal) memberCertificates(w http.ResponseWriter, r *http.Request) error {
	s := memberStep{part: indemnity.PartCertificates, status: http.StatusOK}
	var gone bool
	var err error
	if s.draft, s.standing, gone, err = p.memberDraft(w, r); gone || err != nil {
		return err
	}
	known, err := p.Drafts.Known(r.Context(), actor(r))
	if err != nil {
		return err
	}
	d, rules := s.draft, &s.standing.Call.Rules
	base := p.partPage(r, s)
	f := base.Frame
	page := member.CertificatesPage{Part: base, Needs: needRows(f, d, rules),
		Add:   ui.Link{Text: f.T("papers.add"), URL: certificatesPath(d.ID) + "/aggiungi"},
		Next:  ui.Link{Text: f.T("papers.next"), URL: s.after(d.Answers, calendar.On(p.Now()))},
		Leave: ui.Link{Text: f.T("member.part.leave"), URL: indemnityPath},
	}
	page.Lead = f.T("papers.lead")
	if d.Answers.Cause == indemnity.Interrupted {
		page.Lead = f.T("papers.lead.interrupted")
	}
	medical := indemnity.MedicalPapers(d.Papers)
	for _, paper := range medical {
		page.Papers = append(page.Papers, certificateRow(f, paper))
	}
	page.Example = len(medical) == 0 && d.Answers.Cause != indemnity.Interrupted
	page.Notes = append(page.Notes, silentOnly(f, known, certificatesPath(d.ID))...)
	page.Doubts = doubtNotes(f, d, rules, d.Remarks(rules))
	if x, ok := d.Explain(s.standing, known, p.Now()); ok && len(medical) > 0 {
		page.Says = coverageSays(f, d, rules)
		page.Says = append(page.Says, gapCost(f, d, s.standing, known, x, p.Now())...)
		page.Line = draftLine(f, x, d, known, rules)
	}
	return p.showAs(w, r, s.status, member.Certificates(page))
}

// certificateRow is a paper in the list.
func certificateRow(f ui.Frame, p indemnity.Paper) member.PaperRow {
	row := member.PaperRow{ID: string(p.ID), Kind: kindName(f, p.Kind), Issued: ui.ShortDay(p.IssuedOn), Days: daysText(f, p.Covers)}
	change, drop := "papers.change", legiblePath(p.Case, p.ID)+"/togli"
	if p.Attachment == "" {
		row.Actions = append(row.Actions, ui.Link{Text: f.T("papers.upload.of", "Kind", row.Kind), URL: paperPath(p)})
	} else {
		row.File, row.Size, row.URL = p.Name, fileSize(f, p.Size), paperFilePath(p)
		row.Actions = append(row.Actions, ui.Link{Text: f.T(change, "Name", p.Name), URL: paperPath(p)})
	}
	row.Actions = append(row.Actions, ui.Link{Text: f.T("papers.remove.of", "Name", paperName(f, p)), URL: drop})
	return row
}

// paperName is the name of the file, or of what still waits for one.
func paperName(f ui.Frame, p indemnity.Paper) string {
	if p.Attachment == "" {
		return kindName(f, p.Kind)
	}
	return p.Name
}

func kindName(f ui.Frame, k indemnity.PaperKind) string { return f.T("papers.kind." + string(k)) }

func daysText(f ui.Frame, p calendar.Period) string {
	if !p.Valid() {
		return f.T("papers.days.none")
	}
	return ui.ShortDay(p.From) + " – " + ui.ShortDay(p.To)
}

// needRows are the papers that the event wants, each with what its lack means.
func needRows(f ui.Frame, d indemnity.Draft, rules *indemnity.RuleSet) (rows []member.NeedRow) {
	missing := d.MissingPapers(rules)
	for _, want := range rules.Wanted(d.Answers.Cause.Kind(), indemnity.ByMember) {
		if want.Kind == indemnity.IdentityWhole || want.Kind == indemnity.ISEEStatement {
			continue // they have parts of their own
		}
		row := member.NeedRow{Name: f.T("papers.need." + string(want.Kind) + "." + string(want.When))}
		there := slices.ContainsFunc(d.Papers, func(p indemnity.Paper) bool { return p.Kind == want.Kind && p.Attachment != "" })
		lacks := slices.ContainsFunc(missing, func(m indemnity.Missing) bool { return m.Kind == want.Kind })
		switch {
		case there && !lacks:
			row.State = ui.Tag{Tone: ui.Success, Text: f.T("papers.state.there")}
		case lacks:
			row.State, row.Means = ui.Tag{Tone: ui.Action, Text: f.T("papers.state.missing")}, lackText(f, want.Lack, rules)
		default:
			row.State, row.Means = ui.Tag{Tone: ui.Closed, Text: f.T("papers.state.if")}, lackText(f, want.Lack, rules)
		}
		rows = append(rows, row)
	}
	return rows
}

// lackText says what follows from a paper that is missing, before anything is sent.
func lackText(f ui.Frame, l indemnity.Lack, rules *indemnity.RuleSet) string {
	return f.T("papers.lack."+string(l), "Days", rules.SupplementDays.Is)
}

// doubtNotes are what there is to say of the papers. None of it stops anybody.
func doubtNotes(f ui.Frame, d indemnity.Draft, rules *indemnity.RuleSet, remarks []indemnity.Remark) (notes []member.Note) {
	for _, x := range remarks {
		n := member.Note{Tone: ui.Action}
		name := ""
		if at := slices.IndexFunc(d.Papers, func(p indemnity.Paper) bool { return p.ID == x.Paper }); at >= 0 {
			n.Title = f.T("papers.doubt.about", "Kind", kindName(f, d.Papers[at].Kind), "Days", daysText(f, d.Papers[at].Covers))
			name = kindName(f, d.Papers[at].Kind)
			n.Links = []ui.Link{{Text: f.T("papers.doubt.change"), URL: paperPath(d.Papers[at])}}
		}
		n.Text = []string{f.T("papers.doubt."+string(x.Doubt), "Days", ui.DuringAll(x.Days), "Kind", name, "Proof", kindName(f, d.Answers.Cause.Proof()))}
		if x.Doubt == indemnity.DoubtGap {
			n.Title = f.T("papers.doubt.gap.title", "Count", daysOf(x.Days), "Days", ui.DuringAll(x.Days))
			n.Links = []ui.Link{{Text: f.T("papers.doubt.gap.add"), URL: certificatesPath(d.ID) + "/aggiungi"}}
		} else if x.Lack != "" {
			n.Text = append(n.Text, lackText(f, x.Lack, rules))
		}
		notes = append(notes, n)
	}
	return notes
}

func daysOf(all []calendar.Period) (days int) {
	for _, p := range all {
		days += p.Days()
	}
	return days
}

// memberPaper is a paper of the draft in the address that is not sent; fault.ErrNotFound.
// A draft that was sent takes none any more.
func (p *Portal) memberPaper(r *http.Request, s *memberStep) (indemnity.Paper, error) {
	id, err := idParam(r, "documento")
	if err != nil {
		return indemnity.Paper{}, err
	}
	at := slices.IndexFunc(s.draft.Papers, func(p indemnity.Paper) bool { return p.ID == indemnity.PaperID(id) })
	if at < 0 {
		return indemnity.Paper{}, fault.ErrNotFound
	}
	return s.draft.Papers[at], nil
}

// paperStep is the draft in the address, for a page that changes its papers. One that
// was sent leads a reader to its application, and tells a writer so.
func (p *Portal) paperStep(w http.ResponseWriter, r *http.Request, part indemnity.Part) (s memberStep, gone bool, err error) {
	s = memberStep{part: part, status: http.StatusOK}
	if r.Method != http.MethodPost {
		s.draft, s.standing, gone, err = p.memberDraft(w, r)
		return s, gone, err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return s, false, err
	}
	if s.draft, err = p.Drafts.Draft(r.Context(), actor(r), indemnity.CaseID(id)); err != nil {
		return s, false, err
	}
	if !s.draft.SentAt.IsZero() {
		return s, false, indemnity.ErrDraftSent
	}
	s.standing, err = p.Drafts.Stand(r.Context(), s.draft)
	return s, false, err
}

// memberPaperRemoveAsk asks whether to take a paper out of a draft.
func (p *Portal) memberPaperRemoveAsk(w http.ResponseWriter, r *http.Request) error {
	s, gone, err := p.paperStep(w, r, "")
	if gone || err != nil {
		return err
	}
	paper, err := p.memberPaper(r, &s)
	if err != nil {
		return err
	}
	part, _ := partOf(paper)
	f := p.memberFrame(r, "papers.remove.title", "Name", paperName(ui.Frame{}, paper))
	f.HeadTitle = f.T("papers.remove.head")
	back := partPath(s.draft.ID, part)
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title"), URL: tasksPath(s.draft.ID)}, ui.Crumb{Text: f.T("member.part." + string(part)), URL: back},
		ui.Crumb{Text: f.T("papers.remove")})
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("papers.remove.text")},
		Form:         ui.FormProps{Action: legiblePath(s.draft.ID, paper.ID) + "/togli", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("papers.remove"), Danger: true, Cancel: &ui.Link{Text: f.T("papers.remove.keep"), URL: back}},
	}}))
}

// memberPaperRemove takes a paper out of a draft.
func (p *Portal) memberPaperRemove(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.paperStep(w, r, "")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	id, err := idParam(r, "documento")
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.paper_remove", url.Values{"idem": fields["idem"], "documento": {id}})
	if err != nil {
		return err
	}
	paper, err := p.memberPaper(r, &s)
	switch {
	case errors.Is(err, fault.ErrNotFound): // the first of two clicks took it
		paper.Case = s.draft.ID
		paper.Kind, err = p.Papers.Removed(r.Context(), sent)
	case err == nil:
		err = p.Papers.Remove(r.Context(), actor(r), sent, paper.ID)
	}
	if err != nil {
		return err
	}
	part, _ := partOf(paper)
	f := ui.Frame{}
	return p.done(w, r, partPath(s.draft.ID, part), f.T("papers.removed"), f.T("papers.removed.text", "Name", paperName(f, paper)))
}

// memberPaperFile sends the file of a paper of a case to who may read it.
func (p *Portal) memberPaperFile(w http.ResponseWriter, r *http.Request) error {
	of, err := idParam(r, "id")
	if err != nil {
		return err
	}
	id, err := idParam(r, "documento")
	if err != nil {
		return err
	}
	paper, err := p.Papers.Paper(r.Context(), actor(r), indemnity.PaperID(id))
	if err == nil && paper.Case != indemnity.CaseID(of) {
		err = fault.ErrNotFound
	}
	if err != nil {
		return err
	}
	paper, content, err := p.Papers.Read(r.Context(), actor(r), paper.ID)
	if err != nil {
		return err
	}
	return p.sendPaper(w, r, paper.Name, paper.Type, paper.Size, content)
}

// memberLegible asks whether the file of a paper can be read, with what was kept of it.
func (p *Portal) memberLegible(w http.ResponseWriter, r *http.Request) error {
	s, gone, err := p.paperStep(w, r, indemnity.PartCertificates)
	if gone || err != nil {
		return err
	}
	paper, err := p.memberPaper(r, &s)
	if err != nil {
		return err
	}
	var again string
	s.part, again = partOf(paper)
	back := partPath(s.draft.ID, s.part)
	if paper.Attachment == "" {
		return goTo(w, r, again, nil)
	}
	page := member.LegiblePage{Part: p.partPage(r, s)}
	f := page.Frame
	page.Title, page.Lead = f.T("papers.legible.title"), f.T("papers.legible.lead")
	page.Path[len(page.Path)-1].URL = back
	page.Path = append(page.Path, ui.Crumb{Text: kindName(f, paper.Kind)})
	page.Back = &ui.Link{Text: f.T("papers.back." + string(s.part)), URL: back}
	for _, what := range []string{"1", "2", "3"} {
		key := "papers.legible." + string(s.part) + "." + what
		if f.Translated(key) {
			page.Check = append(page.Check, f.T(key))
		}
	}
	n, zoom, err := viewedAt(r.URL.Query())
	if err != nil {
		return err
	}
	shown, err := p.viewer(r, f, viewed{of: paper.Case, id: paper.ID, page: n, zoom: zoom, here: legiblePath(paper.Case, paper.ID), base: paperFilePath(paper), own: true})
	if err != nil {
		return err
	}
	page.Viewer = *shown
	page.Facts = []ui.Entry{
		{Name: f.T("papers.legible.kind"), Value: kindName(f, paper.Kind)},
		{Name: f.T("papers.file"), Value: paper.Name, Proper: true},
		{Name: f.T("papers.legible.size"), Value: fileSize(f, paper.Size)},
		{Name: f.T("papers.legible.pages"), Value: strconv.Itoa(paper.Pages)},
		{Name: f.T("papers.legible.digest"), Value: digestText(paper.Digest), Note: f.T("papers.legible.digest.note"), Proper: true},
	}
	page.Go = ui.Link{Text: f.T("papers.legible.go"), URL: back}
	page.Other = ui.Link{Text: f.T("member.file.replace"), URL: again}
	page.Drop = ui.Link{Text: f.T("papers.remove.of", "Name", paper.Name), URL: legiblePath(s.draft.ID, paper.ID) + "/togli"}
	return p.show(w, r, member.Legible(page))
}
