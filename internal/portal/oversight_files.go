package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

const auditFilesPath = "/controlli/fascicoli"

func auditFilePath(id string) string { return auditFilesPath + "/" + id }

// fileTab is a tab of a case as an auditor reads it.
type fileTab struct {
	path, words string
	covers      []auditor.DatumKind // what is covered on it
	body        func(p *Portal, r *http.Request, f ui.Frame, file auditor.File) (templ.Component, error)
}

// The tabs of the cases of each programme: those of its officers, and what these find
// elsewhere.
var fileTabs = map[identity.Scope][]fileTab{
	identity.VoucherOnly: {
		{deskDataTab, "inps.desk.tab.dati", []auditor.DatumKind{auditor.NoteDatum}, contributionTab(deskDataTab)},
		{deskISEETab, "inps.desk.tab.isee", []auditor.DatumKind{auditor.DSUDatum}, contributionTab(deskISEETab)},
		{deskChecksTab, "inps.desk.tab.verifiche", []auditor.DatumKind{auditor.RefusalDatum}, contributionTab(deskChecksTab)},
		{deskCodeTab, "inps.desk.tab.codice", nil, contributionTab(deskCodeTab)},
		{"documenti", "desk.papers.tab", nil, (*Portal).filePapers},
		{"pagamento", "member.case.tab.pagamento", nil, (*Portal).fileMoney},
		{"riesami", "review.office.short", reviewCovers, (*Portal).fileReviews},
		{deskMessagesTab, "inps.desk.tab.comunicazioni", nil, contributionTab(deskMessagesTab)},
		{deskHistoryTab, "inps.desk.tab.cronologia", nil, (*Portal).fileHistory},
	},
	identity.IndemnityOnly: {
		{deskChecksTab, "desk.checks", []auditor.DatumKind{auditor.CoverDatum, auditor.HeirDatum, auditor.HeirIBANDatum, auditor.SenderDatum, auditor.RightedDatum}, (*Portal).fileChecks},
		{"documenti", "desk.papers.tab", []auditor.DatumKind{auditor.FileNameDatum}, (*Portal).filePapers},
		{"richieste", "request.tab", nil, (*Portal).fileRequests},
		{"calcolo", "computation.tab", nil, (*Portal).fileComputation},
		{"decisioni", "files.decisions", []auditor.DatumKind{auditor.DecisionDatum, auditor.SentBackDatum, auditor.WrittenOffDatum}, (*Portal).fileDecisions},
		{"riesami", "review.office.short", reviewCovers, (*Portal).fileReviews},
		{"pagamento", "member.case.tab.pagamento", []auditor.DatumKind{auditor.PayeeDatum, auditor.AccountDatum, auditor.AccountHolder}, (*Portal).fileMoney},
		{"messaggi", "desk.messages", []auditor.DatumKind{auditor.ThreadDatum}, (*Portal).fileThreads},
		{"note", "desk.notes", []auditor.DatumKind{auditor.NoteDatum}, (*Portal).fileNotes},
		{deskHistoryTab, "desk.history", nil, (*Portal).fileHistory},
	},
}

// reviewCovers is what is covered of requests for re-examination.
var reviewCovers = []auditor.DatumKind{auditor.ReviewDatum, auditor.GroundsDatum, auditor.ReturnedDatum}

// fileWho is what stands above all tabs: whose case it is, and where they are reached.
var fileWho = []auditor.DatumKind{auditor.NameDatum, auditor.CodeDatum, auditor.BirthDatum, auditor.NumberDatum, auditor.ApplicantDatum, auditor.ApplicantCode,
	auditor.EmailDatum, auditor.PhoneDatum, auditor.IBANDatum, auditor.HolderDatum}

// auditFiles asks for a case by its protocol number (U-02).
func (p *Portal) auditFiles(w http.ResponseWriter, r *http.Request) error {
	return p.showFiles(w, r, http.StatusOK, "", nil)
}

func (p *Portal) showFiles(w http.ResponseWriter, r *http.Request, status int, sought string, wrong []ui.FieldError) error {
	f := p.auditFrame(r, ui.Frame{}.T("files.title"))
	f.Errors = wrong
	return p.showAs(w, r, status, oversight.Files(oversight.FilesPage{Frame: f, Form: ui.FormProps{Action: auditFilesPath, Key: once.NewKey()},
		Protocol: ui.FieldProps{Name: "protocollo", Label: f.T("files.protocol"), Hint: f.T("files.protocol.hint"), Value: sought, Autocomplete: "off"},
		Buttons:  ui.ButtonsProps{Submit: f.T("files.find")}}))
}

// auditFind leads to the case of a protocol number. What was typed is in no address.
func (p *Portal) auditFind(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	var f ui.Frame
	id := ""
	if err == nil {
		id, err = p.Files.Find(r.Context(), actor(r), fields.Get("protocollo"))
	}
	switch reason := fault.As(err); {
	case reason != nil && reason.Kind == fault.KindInvalid:
		return p.showFiles(w, r, http.StatusUnprocessableEntity, fields.Get("protocollo"), []ui.FieldError{{Field: "protocollo", Text: words(f, reason)}})
	case err != nil:
		return err
	}
	return goTo(w, r, auditFilePath(id), nil)
}

// auditFile leads to the first tab of a case.
func (p *Portal) auditFile(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	of, err := p.Files.FileOf(r.Context(), id)
	if err != nil {
		return err
	}
	return goTo(w, r, auditFilePath(id)+"/"+fileTabs[of][0].path, nil)
}

// auditOpened is the case in the address, covered.
func (p *Portal) auditOpened(r *http.Request) (auditor.File, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return auditor.File{}, err
	}
	return p.Files.Open(r.Context(), actor(r), id)
}

// auditFileTab is a tab of a case.
func (p *Portal) auditFileTab(w http.ResponseWriter, r *http.Request) error {
	file, err := p.auditOpened(r)
	if err != nil {
		return err
	}
	tabs := fileTabs[file.Programme]
	at := slices.IndexFunc(tabs, func(t fileTab) bool { return t.path == chi.URLParam(r, "scheda") })
	if at < 0 {
		return fault.ErrNotFound
	}
	f := p.fileFrame(r, file)
	page := filePage(f, file, tabs[at].path)
	page.Covered = coveredOf(f, file, func(d auditor.Datum) bool { return slices.Contains(tabs[at].covers, d.Kind) })
	if page.Body, err = tabs[at].body(p, r, f, file); err != nil {
		return err
	}
	return p.show(w, r, oversight.File(page))
}

// fileFrame is the frame of a case, for auditors; below stand the titles of what is of it.
func (p *Portal) fileFrame(r *http.Request, file auditor.File, below ...string) ui.Frame {
	var f ui.Frame
	above := []ui.Crumb{{Text: f.T("files.title"), URL: auditFilesPath}}
	title := f.T("heirs.case.title", "Protocol", file.Protocol)
	if len(below) > 0 {
		above = append(above, ui.Crumb{Text: file.Protocol, URL: auditFilePath(file.ID)})
		f = p.auditFrame(r, below[0], above...)
		f.Caption = title
		return f
	}
	f = p.auditFrame(r, title, above...)
	f.Path[len(f.Path)-1].Text = file.Protocol
	tag := ui.Tag{}
	if c := file.Contribution; c != nil {
		tag = standingTag(f, c.Standing(calendar.On(p.Now())))
	} else {
		standing := file.Indemnity.Standing(p.Now())
		tag = ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))}
	}
	f.Badge = &tag
	return f
}

// filePage is what all tabs begin with.
func filePage(f ui.Frame, file auditor.File, tab string) oversight.FilePage {
	page := oversight.FilePage{Frame: f}
	for _, t := range fileTabs[file.Programme] {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T(t.words), URL: auditFilePath(file.ID) + "/" + t.path, Current: t.path == tab})
	}
	for _, kind := range fileWho {
		page.Who = append(page.Who, coveredOf(f, file, func(d auditor.Datum) bool { return d.Kind == kind })...)
	}
	page.Who = append(page.Who, fileFacts(f, file)...)
	return page
}

// fileFacts are what officers read of a case beside whose it is.
func fileFacts(f ui.Frame, file auditor.File) []ui.Entry {
	told := []string{"inps.desk.beneficiary", "inps.desk.fiscal_code", "inps.desk.born", "inps.desk.applicant", "heirs.col.member", "heirs.register.number"}
	var facts []ui.Entry
	if c := file.Contribution; c != nil {
		facts = caseWho(f, c.Case)
	} else {
		o := file.Indemnity.Opened
		facts = append(append(welfareFacts(f, o.CaseFile), registerFacts(f, o.CaseFile)...), ui.Entry{Name: f.T("desk.officer"), Value: officerName(f, o.CaseFile, o.Claim), Proper: true})
	}
	return slices.DeleteFunc(facts, func(e ui.Entry) bool {
		return slices.ContainsFunc(told, func(key string) bool { return f.T(key) == e.Name })
	})
}

// coveredOf are some of the covered data of a case, each with the way to see it.
func coveredOf(f ui.Frame, file auditor.File, which func(auditor.Datum) bool) (all []ui.Entry) {
	for _, d := range file.Data {
		if which(d) {
			e := datumEntry(f, d)
			e.Action = &ui.Link{Text: f.T("files.show", "Name", e.Name), URL: datumPath(file.ID, d)}
			all = append(all, e)
		}
	}
	return all
}

// datumEntry is a covered datum with its mask.
func datumEntry(f ui.Frame, d auditor.Datum) ui.Entry {
	return ui.Entry{Name: datumName(f, d), Value: datumText(d.Kind, d.Masked, true), Proper: true}
}

// datumName is what a datum is called: "Nota del 3 marzo 2026".
func datumName(f ui.Frame, d auditor.Datum) string {
	at := ""
	if !d.At.IsZero() {
		at = ui.OfDay(calendar.On(d.At))
	}
	return f.T("files.datum."+string(d.Kind), "Number", d.Number, "At", at)
}

// datumText is a datum as people write it; masked is what is left of it.
func datumText(kind auditor.DatumKind, text string, masked bool) string {
	switch kind {
	case auditor.IBANDatum, auditor.HeirIBANDatum, auditor.AccountDatum:
		if masked {
			return iban.IBAN(text).Masked()
		}
		return iban.IBAN(text).Format()
	case auditor.BirthDatum:
		if d, err := calendar.ParseDate(text); err == nil {
			return ui.Day(d)
		}
	}
	return text
}

func datumPath(file string, d auditor.Datum) string { return auditFilePath(file) + "/dati/" + d.Key() }

// reasonFields are the fields of the form of a reason.
func reasonFields(f ui.Frame, fields url.Values) (ground ui.ChoiceProps, text ui.TextAreaProps) {
	ground = ui.ChoiceProps{Name: "tipo", Legend: f.T("files.ground"), Chosen: fields["tipo"]}
	for _, g := range auditor.Grounds {
		ground.Options = append(ground.Options, ui.Option{Value: string(g), Label: f.T("files.ground." + string(g))})
	}
	text = ui.TextAreaProps{Name: "motivo", Label: f.T("files.reason"), Hint: f.T("files.reason.hint", "Least", audit.ReasonAtLeast, "Most", audit.ReasonAtMost), Value: fields.Get("motivo"), Rows: 3}
	return ground, text
}

// shownLines are the lines of a datum.
func shownLines(kind auditor.DatumKind, says string) []string {
	return paragraphs(strings.ReplaceAll(datumText(kind, says, false), "\r", ""))
}
