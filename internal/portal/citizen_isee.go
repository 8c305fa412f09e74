package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

func curePath(id voucher.ApplicationID) string { return applicationPath(id) + "/isee" }

// citizenCure says what is wrong with the ISEE of an application, how to mend it and
// by when.
func (p *Portal) citizenCure(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	if err := p.citizenLook(r, voucher.AccountSeen, string(file.Application.ID)); err != nil {
		return err
	}
	return p.showCure(w, r, http.StatusOK, file, nil)
}

// citizenCured asks the register whether the ISEE is in order now.
func (p *Portal) citizenCured(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "application.cure", url.Values{"idem": fields["idem"], "domanda": {string(file.Application.ID)}})
	if err != nil {
		return err
	}
	a, err := p.Intake.Cure(r.Context(), actor(r), sent, file.Application.ID)
	switch reason := fault.As(err); {
	case err == nil:
		f := ui.Frame{}
		return p.done(w, r, applicationPath(a.ID)+"/"+dataTab, f.T("citizen.isee.done"), f.T("citizen.isee.done.text", "Value", a.ISEE))
	case reason == voucher.ErrStillDefective, reason == voucher.ErrCureOver, reason == voucher.ErrNothingToCure, errors.Is(err, voucher.ErrISEESilent):
		file.Application = a
		return p.showCure(w, r, statuses[reason.Kind], file, reason)
	}
	return err
}

func (p *Portal) showCure(w http.ResponseWriter, r *http.Request, status int, file voucher.CaseFile, reason *fault.Reason) error {
	a, today := file.Application, calendar.On(p.Now())
	f := p.caseFrame(r, file, iseeTab)
	f.Path = casePath(f, file, ui.Crumb{Text: f.T("citizen.isee.head")})
	page := citizen.CurePage{Frame: f, Case: caseTop(f, file, today, iseeTab)}
	page.Case.NextLink = nil
	switch may := a.MayCure(today); {
	case errors.Is(may, voucher.ErrNothingToCure):
		page.Trouble = &citizen.Trouble{Tone: ui.Working, Text: []string{words(f, voucher.ErrNothingToCure)}}
	case errors.Is(may, voucher.ErrCureOver):
		page.Trouble = &citizen.Trouble{Tone: ui.Danger, Title: f.T("citizen.isee.over"), Text: []string{f.T("citizen.isee.over.text", "By", ui.ByDay(a.CureBy))}}
		page.Defects = defectWords(f, a.Attestation.Defects)
	default:
		page.Term = &ui.DeadlineProps{What: f.T("citizen.isee.term"), Last: a.CureBy, Today: today, Rule: f.T("citizen.isee.term.rule")}
		page.Hour = f.T("citizen.isee.term.hour", "By", ui.ByDay(a.CureBy), "Article", file.Edition.Rules.ISEECure.Article)
		page.Defects = defectWords(f, a.Attestation.Defects)
		for _, way := range []string{"dsu", "papers", "caf"} {
			page.Ways = append(page.Ways, citizen.How{Title: f.T("citizen.isee.way." + way), Open: true,
				Steps: []string{f.T("citizen.isee.way." + way + ".1"), f.T("citizen.isee.way." + way + ".2")}})
		}
		page.Form, page.Submit = &ui.FormProps{Action: curePath(a.ID), Key: once.NewKey()}, f.T("citizen.isee.submit")
		switch {
		case reason == voucher.ErrStillDefective:
			page.Trouble = &citizen.Trouble{Tone: ui.Action, Title: f.T("citizen.isee.still"), Text: []string{words(f, reason)}}
		case reason != nil && reason.Kind == fault.KindUnavailable:
			page.Trouble = silent(f, reason, curePath(a.ID))
		}
	}
	return p.showAs(w, r, status, citizen.Cure(page))
}
