package portal

import (
	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// wayTones are the colours of how far a step has come.
var wayTones = map[indemnity.Progress]ui.Tone{indemnity.StageDone: ui.Success, indemnity.StageNow: ui.Working, indemnity.StageNext: ui.Closed}

// wayStep is a step on the way of a case (PIC-5) with its day: when it was, by when it is
// to be, when it is expected; and of one that is going on, whose move it is. A term is
// drawn under an id.
func wayStep(f ui.Frame, s indemnity.Stage, id string, today calendar.Date) ui.WayStep {
	step := ui.WayStep{Name: f.T("case.stage." + string(s.Name)), At: ui.WayPoint(s.Progress), State: ui.Tag{Tone: wayTones[s.Progress], Text: f.T("case.progress." + string(s.Progress))}}
	if s.Progress == indemnity.StageNow {
		step.Text = f.T("case.way.enpap")
	}
	switch {
	case s.Name == indemnity.StageAsked:
		step.State.Tone, step.Text = ui.Action, f.T("case.way.you")
		if s.Other {
			step.State.Tone, step.Text = ui.Working, f.T("case.way.other")
		}
		step.When = f.T("requests.due.unknown")
		if !s.On.IsZero() {
			step.When, step.Band = f.T("case.stage.by", "By", ui.ByDay(s.On)), termBand(f, id, s.From, s.On, today)
		}
	case s.Name == indemnity.StageLate:
		step.State.Tone, step.When = ui.Danger, f.T("case.stage.over", "On", ui.OnDay(s.On))
	case s.LeftOut:
		step.When = f.T("case.stage.left_out", "On", ui.OnDay(s.On))
	case s.Progress == indemnity.StageDone && !s.On.IsZero():
		step.When = ui.Day(s.On)
	case s.Progress != indemnity.StageDone && (s.Name == indemnity.StageRanking || s.Name == indemnity.StagePayment || s.Name == indemnity.StagePaid):
		step.When = expectedOn(f, s.On, today)
	}
	return step
}

// termBand draws a term that runs from a day, which is not counted, to its last one.
func termBand(f ui.Frame, id string, from, last, today calendar.Date) *ui.BandProps {
	if from.IsZero() {
		return nil
	}
	return &ui.BandProps{ID: id, Title: f.T("case.band"), From: from, Last: last, Today: today, Now: f.T("ui.time.today"),
		Sentence: f.T("case.band.sentence", "During", ui.During(calendar.Period{From: from, To: last}), "Today", ui.OnDay(today))}
}
