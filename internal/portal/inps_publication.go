package portal

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// ordered is the run of the address once somebody had it published.
func (p *Portal) ordered(r *http.Request) (voucher.Run, voucher.Edition, error) {
	run, e, err := p.runHere(r)
	if err == nil && run.Publication == 0 {
		err = errNoPage
	}
	return run, e, err
}

func publicationTitle(f ui.Frame, run voucher.Run, e voucher.Edition) string {
	return f.T("inps.publish.publication", "Number", run.Publication, "Edition", editionName(e))
}

// inpsPublication says how far a publication is (I-11).
func (p *Portal) inpsPublication(w http.ResponseWriter, r *http.Request) error {
	run, e, err := p.ordered(r)
	if err != nil {
		return err
	}
	progress, err := p.Rankings.Progress(r.Context(), run.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, publicationTitle(f, run, e), rankingCrumbs(f, run)...)
	f.Badge = &ui.Tag{Tone: ui.Working, Text: f.T("inps.run.publishing")}
	numbers := f.T("inps.publish.codes", "Made", grouped(progress.Made), "Codes", grouped(progress.Codes))
	page := inps.PublicationPage{Frame: f, Tone: ui.Working, Caption: f.T("inps.publish.by_territory")}
	switch {
	case run.State == voucher.PublishingRun && p.Now().Before(run.PublishAt):
		page.Text = f.T("inps.publish.waits", "When", ui.OnMoment(run.PublishAt), "Codes", grouped(progress.Codes))
		page.AgainURL = publicationPath(run.ID)
		if run.MaySendBack(actor(r), p.Now()) == nil {
			page.Links = []ui.Link{{Text: f.T("inps.publish.stop"), URL: runPath(run.ID) + "/approva"}}
		}
	case run.State == voucher.PublishingRun:
		page.Text = f.T("inps.publish.goes_on", "Numbers", numbers)
		page.AgainURL = publicationPath(run.ID)
		page.Progress = &ui.ProgressProps{ID: "avanzamento", Label: f.T("inps.publish.bar"), Text: numbers, Done: progress.Made, Total: progress.Codes}
	default:
		page.Tone, page.Badge = ui.Success, &ui.Tag{Tone: ui.Success, Text: f.T("inps.run.published")}
		page.Text = f.T("inps.publish.ended", "When", ui.OnMoment(run.PublishedAt), "Codes", grouped(progress.Made), "All", grouped(progress.Told))
		page.Links = []ui.Link{{Text: f.T("inps.publish.minutes"), URL: publicationPath(run.ID) + "/verbale"},
			{Text: f.T("inps.publish.public"), URL: resultsPath + "/" + string(run.Edition)}}
		if run.State == voucher.SupersededRun {
			page.Tone, page.Badge = ui.Closed, &ui.Tag{Tone: ui.Closed, Text: f.T("inps.run.superseded")}
			page.Text = f.T("inps.publish.replaced", "When", ui.OnMoment(run.PublishedAt))
		} else if actor(r).Must(identity.INPS, identity.Prepare) == nil {
			page.Links = append(page.Links, ui.Link{Text: f.T("inps.correct.start"), URL: runPath(run.ID) + "/rettifica"})
		}
	}
	page.Facts = []ui.Entry{
		{Name: f.T("inps.publish.ordered"), Value: signature(f, run.Ordered)},
		{Name: f.T("inps.publish.moment"), Value: ui.Moment(run.PublishAt)},
		{Name: f.T("inps.publish.told"), Value: f.T("inps.publish.of", "Done", grouped(progress.Told), "All", grouped(progress.Outcomes))},
	}
	if progress.PassedOver > 0 {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("inps.publish.passed_over"), Value: grouped(progress.PassedOver), Note: f.T("inps.publish.passed_over.note")})
	}
	entering := map[string]voucher.Entering{}
	if run.Reallocates {
		if entering, err = p.Rankings.Entering(r.Context(), run.ID); err != nil {
			return err
		}
		page.Links = append(page.Links, ui.Link{Text: f.T("reallocation.to_whom"), URL: reallocationPath(run.ID)})
	}
	for _, t := range run.Territories {
		row := inps.PublicationRow{Territory: typeset(t.Name), Codes: grouped(t.Awarded + t.Partial), Amount: t.AwardedAmount.String(),
			State: ui.Tag{Tone: ui.Working, Text: f.T("inps.publish.waiting")}}
		if n := entering[t.Name]; run.Reallocates {
			row.Codes, row.Amount = grouped(n.New+n.Completed), n.Amount.String()
		}
		if !t.IssuedAt.IsZero() {
			row.State = ui.Tag{Tone: ui.Success, Text: f.T("inps.publish.issued", "When", ui.ShortMoment(t.IssuedAt))}
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, inps.Publication(page))
}

// inpsMinutes is the minutes of a publication, to be printed.
func (p *Portal) inpsMinutes(w http.ResponseWriter, r *http.Request) error {
	run, e, err := p.ordered(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.publish.minutes.title", "Number", run.Publication, "Edition", editionName(e)),
		append(rankingCrumbs(f, run), ui.Crumb{Text: publicationTitle(f, run, e), URL: publicationPath(run.ID)})...)
	page := inps.MinutesPage{Frame: f, How: f.T("inps.publish.minutes.print"),
		Lead: f.T("inps.publish.minutes.lead", "When", ui.OnMoment(run.PublishAt), "Day", ui.OfDay(calendar.On(run.PublishAt)))}
	progress, err := p.Rankings.Progress(r.Context(), run.ID)
	if err != nil {
		return err
	}
	page.Acts = []ui.Entry{
		{Name: f.T("inps.publish.simulated"), Value: signature(f, run.Simulated)},
		{Name: f.T("inps.publish.checked"), Value: ui.Moment(run.CheckedAt), Note: f.T("inps.publish.agreed")},
		{Name: f.T("inps.publish.proposed"), Value: signature(f, run.Proposed)},
		{Name: f.T("inps.publish.approved"), Value: signature(f, run.Decided)},
		{Name: f.T("inps.publish.ordered"), Value: signature(f, run.Ordered)},
	}
	if !run.PublishedAt.IsZero() {
		page.Acts = append(page.Acts, ui.Entry{Name: f.T("inps.publish.finished"), Value: ui.Moment(run.PublishedAt)})
	}
	if run.Reason != "" {
		page.Acts = append(page.Acts, ui.Entry{Name: f.T("inps.correct.reason"), Value: run.Reason})
	}
	if run.Reallocates {
		page.Acts = append(page.Acts, ui.Entry{Name: f.T("reallocation.number"), Value: f.T("reallocation.name", "Number", run.Round-1)})
	}
	page.Inputs = []ui.Entry{
		{Name: f.T("inps.publish.rules"), Value: f.T("inps.publish.rules.version", "Edition", string(e.ID), "Version", run.Version)},
		{Name: f.T("inps.publish.candidates"), Value: grouped(run.Candidates)},
		{Name: f.T("inps.publish.digest.inputs"), Value: hex.EncodeToString(run.Digests.Inputs), Proper: true},
		{Name: f.T("inps.publish.digest.rules"), Value: hex.EncodeToString(run.Digests.Rules), Proper: true},
		{Name: f.T("inps.publish.digest.results"), Value: hex.EncodeToString(run.Digests.Results), Proper: true},
	}
	for _, t := range run.Territories {
		page.Rows = append(page.Rows, minutesRow(t))
	}
	if progress.PassedOver > 0 {
		page.Remark = f.T("inps.publish.minutes.passed_over", "Count", progress.PassedOver)
	}
	total := run.Total()
	total.Name = f.T("public.results.italy")
	page.Sum = minutesRow(total)
	page.Sum.Cells[len(page.Sum.Cells)-1], page.Sum.Cells[len(page.Sum.Cells)-2] = "", ""
	return p.show(w, r, inps.Minutes(page))
}

func minutesRow(t voucher.TerritoryResult) inps.MinutesRow {
	return inps.MinutesRow{Territory: typeset(t.Name), Cells: []string{grouped(t.Candidates), grouped(t.Eligible), grouped(t.Awarded), grouped(t.Partial),
		grouped(t.Unfunded), grouped(t.Refused), grouped(t.NotProcessable), t.Budget.String(), t.AwardedAmount.String(), t.Residual.String(),
		grouped(t.LastRank), t.LastISEE.String()}}
}

// inpsCorrectAsk is I-12: why a publication is to be corrected.
func (p *Portal) inpsCorrectAsk(w http.ResponseWriter, r *http.Request) error {
	run, e, err := p.runHere(r)
	if err != nil {
		return err
	}
	if why := mayCorrect(run, actor(r)); why != nil {
		return p.runRefused(w, r, run, e, why)
	}
	return p.showCorrect(w, r, http.StatusOK, run, e, "", nil)
}

// mayCorrect asks whether somebody may begin a correction of a run: it is the
// publication in force.
func mayCorrect(run voucher.Run, who identity.Actor) error {
	if run.State != voucher.PublishedRun {
		return voucher.ErrNothingToCorrect
	}
	return who.Must(identity.INPS, identity.Prepare)
}

func (p *Portal) showCorrect(w http.ResponseWriter, r *http.Request, status int, run voucher.Run, e voucher.Edition, reason string, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.correct.title", "Number", run.Publication, "Edition", editionName(e)),
		append(rankingCrumbs(f, run), ui.Crumb{Text: publicationTitle(f, run, e), URL: publicationPath(run.ID)})...)
	f.Errors = wrong
	back := ui.Link{Text: f.T("inps.publish.back"), URL: publicationPath(run.ID)}
	return p.showAs(w, r, status, inps.Correct(inps.CorrectPage{
		Frame: f, Texts: strings.Split(f.T("inps.correct.text"), "\n"), Reason: reason, Back: back,
		Form: ui.FormProps{Action: runPath(run.ID) + "/rettifica", Key: once.NewKey()},
	}))
}

// inpsCorrect simulates a correction of the publication in force. It goes the way of
// every ranking: proposed, approved and published by different people.
func (p *Portal) inpsCorrect(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	run, e, err := p.runHere(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "ranking.correct", fields)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(fields.Get("motivo"))
	id, err := p.Rankings.Simulate(r.Context(), actor(r), sent, voucher.Simulation{Edition: run.Edition, Corrects: run.ID, Reason: reason})
	var f ui.Frame
	switch refusal, refused := fault.Refusal(err); {
	case errors.Is(err, voucher.ErrNoReason):
		return p.showCorrect(w, r, http.StatusUnprocessableEntity, run, e, reason, []ui.FieldError{{Field: "motivo", Text: words(f, voucher.ErrNoReason)}})
	case refused && !errors.Is(err, once.ErrOtherContent):
		return p.runRefused(w, r, run, e, refusal)
	case err != nil:
		return err
	}
	return p.done(w, r, runPath(id), f.T("inps.correct.done"), f.T("inps.correct.done.text"))
}
