package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// wordingsListed is how many texts of a proposal its page lists.
const wordingsListed = 200

// adminWordingProposal shows texts that were proposed, to decide on.
func (p *Portal) adminWordingProposal(w http.ResponseWriter, r *http.Request) error {
	return p.showWordingProposal(w, r, http.StatusOK, url.Values{}, nil)
}

// wordingProposed is the proposal in the address. A draft is of who read its file.
func (p *Portal) wordingProposed(r *http.Request) (office.WordingProposal, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return office.WordingProposal{}, err
	}
	x, err := p.Wordings.WordingProposal(r.Context(), office.WordingID(id))
	if err == nil && x.State == office.WordingDraft && x.Proposed.Person != actor(r).Person {
		err = fault.ErrNotFound
	}
	return x, err
}

func (p *Portal) showWordingProposal(w http.ResponseWriter, r *http.Request, status int, fields url.Values, refused *fault.Reason) error {
	x, err := p.wordingProposed(r)
	if err != nil {
		return err
	}
	inForce, err := p.Wordings.WordingsInForce(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("wording.proposal.title"), ui.Crumb{Text: f.T("wording.title"), URL: adminWordingsPath})
	f.Badge = &ui.Tag{Tone: wordingTones[x.State], Text: f.T("wording.is." + string(x.State))}
	page := oversight.WordingProposalPage{Frame: f, Facts: []ui.Entry{{Name: f.T("wording.col.by"), Value: x.Proposed.Name, Note: ui.ShortMoment(x.Proposed.At), Proper: true}}}
	if x.Decided.Person != "" {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("wording.decided"), Value: x.Decided.Name, Note: ui.ShortMoment(x.Decided.At), Proper: true})
	}
	if x.Why != "" {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("wording.why"), Value: x.Why})
	}
	for i, c := range x.Changes {
		if i == wordingsListed {
			page.More = f.T("wording.more", "Number", grouped(len(x.Changes)-i))
			break
		}
		page.Rows = append(page.Rows, p.wordingDiff(c, inForce))
	}
	p.wordingActs(r, &page, x, fields)
	switch {
	case refused == office.ErrWordingWhy:
		page.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, refused)}}
	case refused != nil:
		page.Flash = &ui.Flash{Tone: ui.Danger, Text: words(f, refused)}
	}
	return p.showAs(w, r, status, oversight.WordingProposal(page))
}

// wordingDiff is a text as it is in force, and as it would be.
func (p *Portal) wordingDiff(c office.WordingChange, inForce office.InForce) oversight.WordingDiff {
	row := oversight.WordingDiff{Key: c.Key, URL: wordingPath(c.Key, c.In), Lang: string(c.In), Will: wordingForms(c.To), Back: c.Back}
	if t, err := p.Wordings.Text(c.Key); err == nil {
		is, _ := inForce.Says(t, c.In)
		if row.Was = wordingForms(is); c.Back {
			row.Will = wordingForms(t.Words[c.In])
		}
	}
	return row
}

// wordingActs are what the reader may do about a proposal.
func (p *Portal) wordingActs(r *http.Request, page *oversight.WordingProposalPage, x office.WordingProposal, fields url.Values) {
	f, at := page.Frame, wordingProposalPath(x.ID)
	if x.Proposed.Person == actor(r).Person {
		switch x.State {
		case office.WordingDraft:
			page.Send, page.Drop = &ui.FormProps{Action: at, Key: once.NewKey()}, &ui.FormProps{Action: at, Key: once.NewKey()}
		case office.WordingOpen:
			page.Why, page.Drop = words(f, office.ErrWordingOwn), &ui.FormProps{Action: at, Key: once.NewKey()}
		}
		return
	}
	if x.MayPublish(actor(r)) != nil {
		return
	}
	page.Form = &ui.FormProps{Action: at, Key: once.NewKey()}
	page.Choice = ui.ChoiceProps{Name: "decisione", Legend: f.T("wording.decision"), Chosen: fields["decisione"], Options: []ui.Option{
		{Value: "pubblica", Label: f.T("wording.publish"), Hint: f.T("wording.publish.hint")}, {Value: "rifiuta", Label: f.T("wording.refuse")}}}
	page.Reason = ui.TextAreaProps{Name: "motivo", Label: f.T("wording.why"), Hint: f.T("wording.why.hint"), Value: fields.Get("motivo"), Optional: true}
	page.Buttons = ui.ButtonsProps{Submit: f.T("wording.record"), Cancel: &ui.Link{Text: f.T("wording.leave"), URL: adminWordingsPath}}
}

// adminWordingDecide publishes a proposal, refuses it, proposes a draft or takes one’s own
// back.
func (p *Portal) adminWordingDecide(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	x, err := p.wordingProposed(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "wording.decide", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	done := ""
	switch act := fields.Get("passo") + fields.Get("decisione"); act {
	case "proponi":
		done, err = "wording.proposed", p.Wordings.Send(r.Context(), actor(r), sent, x.ID)
	case "ritira":
		done, err = "wording.dropped", p.Wordings.Withdraw(r.Context(), actor(r), sent, x.ID)
	case "pubblica":
		done, err = "wording.published", p.Wordings.Publish(r.Context(), actor(r), sent, x.ID)
	case "rifiuta":
		done, err = "wording.refused", p.Wordings.Refuse(r.Context(), actor(r), sent, x.ID, fields.Get("motivo"))
	default:
		return p.showUndecided(w, r, fields)
	}
	switch reason := fault.As(err); {
	case reason == office.ErrWordingWhy, reason == office.ErrWordingOwn, reason == office.ErrWordingMoved, reason == office.ErrWordingDecided:
		return p.showWordingProposal(w, r, statuses[reason.Kind], fields, reason)
	case err != nil:
		return err
	}
	return p.done(w, r, adminWordingsPath, f.T(done), f.T(done+".text"))
}

// showUndecided asks again for a decision that was not made.
func (p *Portal) showUndecided(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	return p.showWordingProposal(w, r, http.StatusUnprocessableEntity, fields, office.ErrDecision)
}

// adminWordingFileAsk asks for a file of texts.
func (p *Portal) adminWordingFileAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showWordingFile(w, r, http.StatusOK, nil, nil)
}

func (p *Portal) showWordingFile(w http.ResponseWriter, r *http.Request, status int, read *office.WordingFile, reason *fault.Reason) error {
	var f ui.Frame
	f = p.adminFrame(r, f.T("wording.file"), ui.Crumb{Text: f.T("wording.title"), URL: adminWordingsPath})
	if reason != nil {
		f.Errors = []ui.FieldError{{Field: "file", Text: words(f, reason)}}
	}
	page := oversight.WordingFilePage{Frame: f, Form: ui.FormProps{Action: adminWordingFilePath, Key: once.NewKey(), Upload: true}, Columns: office.WordingColumns[:4]}
	if read != nil {
		page.Outcome = []ui.Entry{{Name: f.T("wording.file.lines"), Value: grouped(read.Lines)}, {Name: f.T("wording.file.same"), Value: grouped(read.Same)},
			{Name: f.T("wording.file.changes"), Value: grouped(len(read.Changes))}, {Name: f.T("wording.file.wrong"), Value: grouped(len(read.Faults))}}
		for _, x := range read.Faults {
			row := oversight.WordingFault{Line: strconv.Itoa(x.Line), Key: x.Key, Why: words(f, x.Reason)}
			if x.Flaw.Reason != nil {
				row.Why = flawText(f, x.Flaw)
			}
			page.Faults = append(page.Faults, row)
		}
	}
	return p.showAs(w, r, status, oversight.WordingFile(page))
}

// adminWordingFile reads a file of texts: what is wrong with it is told line by line, and
// what it would change is shown before anything is proposed.
func (p *Portal) adminWordingFile(w http.ResponseWriter, r *http.Request) error {
	fields, file, err := upload(r, "file")
	if errors.Is(err, errNoFile) {
		return p.showWordingFile(w, r, http.StatusUnprocessableEntity, nil, errNoFile)
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "wording.file", fields)
	if err != nil {
		return err
	}
	id, read, err := p.Wordings.ReadFile(r.Context(), actor(r), sent, file)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case errors.Is(err, office.ErrWordingFile):
		return p.showWordingFile(w, r, http.StatusUnprocessableEntity, nil, office.ErrWordingFile)
	case err != nil:
		return err
	case id == "":
		return p.showWordingFile(w, r, http.StatusUnprocessableEntity, &read, nil)
	}
	return goTo(w, r, wordingProposalPath(id), nil)
}
