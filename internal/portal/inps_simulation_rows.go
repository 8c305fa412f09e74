package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// placeRows are entries as a table shows them: the running sum is what the places
// so far have used of their territory's money.
func placeRows(f ui.Frame, entries []voucher.Entry, territories map[string]voucher.TerritoryResult) []inps.PlaceRow {
	rows := make([]inps.PlaceRow, len(entries))
	for i, e := range entries {
		row := inps.PlaceRow{ID: string(e.Application), Protocol: e.Protocol, URL: officeFilePath(e.Application), Territory: e.Territory,
			SubmittedAt: e.SubmittedAt, Submitted: submittedAt(e)}
		if e.ISEEStatus != voucher.ISEEMissing {
			row.ISEE = e.ISEE.String()
		}
		if e.Rank == 0 {
			row.Rank = f.T("inps.ranking.ground." + string(e.Ground))
		} else {
			row.Rank, row.Entitled, row.Awarded = ui.Number(e.Rank), e.Entitled.String(), e.Awarded.String()
			row.Running = (territories[e.Territory].Budget - e.Residual).String()
			row.Tie = tieText(f, e)
		}
		switch {
		case e.Kept > 0 && e.Awarded > e.Kept:
			row.Outcome = ui.Tag{Tone: ui.Success, Text: f.T("reallocation.tag.completed")}
		case e.Kept > 0:
			row.Awarded, row.Outcome = e.Kept.String(), ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.row.kept")}
		case e.State() == voucher.PartiallyAwarded:
			row.Outcome = ui.Tag{Tone: ui.Action, Text: f.T("inps.ranking.row.partial")}
		}
		rows[i] = row
	}
	return rows
}

// tieText says what decided between this place and the one before, where it was not
// the ISEE.
func tieText(f ui.Frame, e voucher.Entry) string {
	switch e.Decided {
	case voucher.BySubmission:
		return f.T("inps.ranking.tie.submitted_at", "Clock", e.SubmittedAt.In(calendar.Rome).Format("15:04:05"))
	case voucher.ByApplication:
		return f.T("inps.ranking.tie.application_id")
	}
	return ""
}

// submittedAt is the day and the second.
func submittedAt(e voucher.Entry) string {
	return ui.ShortDay(calendar.On(e.SubmittedAt)) + ", " + e.SubmittedAt.In(calendar.Rome).Format("15:04:05")
}

// rankingComparison puts a run beside another one of its edition.
func (p *Portal) rankingComparison(r *http.Request, page *inps.SimulationPage, run voucher.Run, other voucher.RunID) error {
	runs, err := p.Rankings.Runs(r.Context(), run.Edition)
	if err != nil {
		return err
	}
	for _, o := range runs {
		if o.ID == run.ID || o.Candidates == 0 {
			continue
		}
		name := runName(page.Frame, o)
		page.Others = append(page.Others, ui.Option{Value: string(o.ID), Label: name})
		if o.ID == other {
			page.Other = string(other)
			c, err := p.Rankings.Compare(r.Context(), other, run.ID)
			if err != nil {
				return err
			}
			part := comparisonPart(page.Frame, c, name)
			page.Comparison = &part
		}
	}
	if other != "" && page.Comparison == nil {
		return fault.ErrNotFound
	}
	return nil
}

// comparisonPart says what a run changes against one before it.
func comparisonPart(f ui.Frame, c voucher.RunComparison, before string) inps.ComparisonPart {
	part := inps.ComparisonPart{
		Counts: []ui.Entry{
			{Name: f.T("inps.ranking.compare.entered"), Value: ui.Number(c.Entered), Note: f.T("inps.ranking.compare.entered.note")},
			{Name: f.T("inps.ranking.compare.left"), Value: ui.Number(c.Left), Note: f.T("inps.ranking.compare.left.note")},
			{Name: f.T("inps.ranking.compare.moved"), Value: ui.Number(c.Moved), Note: f.T("inps.ranking.compare.moved.note")},
		},
		Caption: f.T("inps.ranking.compare.caption", "Count", len(c.Changes), "Other", before), None: f.T("inps.ranking.compare.same"),
	}
	for _, x := range c.Changes {
		row := inps.ChangeRow{ID: string(x.Application), Protocol: x.Protocol, URL: officeFilePath(x.Application), Territory: x.Territory,
			Before: outcomeText(f, x.Before), After: outcomeText(f, x.After), What: ui.Tag{Tone: ui.Working, Text: f.T("inps.ranking.change.moved")}}
		switch {
		case x.Before.Awarded == 0 && x.After.Awarded > 0:
			row.What = ui.Tag{Tone: ui.Success, Text: f.T("inps.ranking.change.entered")}
		case x.Before.Awarded > 0 && x.After.Awarded == 0:
			row.What = ui.Tag{Tone: ui.Danger, Text: f.T("inps.ranking.change.left")}
		}
		part.Rows = append(part.Rows, row)
	}
	return part
}
