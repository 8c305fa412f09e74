package portal

import (
	"net/http"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

const applicationsPath = "/contributo-psicoterapia/domande"

// citizenApplications is the point of access: every application of whom the
// actor stands for, newest first.
func (p *Portal) citizenApplications(w http.ResponseWriter, r *http.Request) error {
	files, err := p.Vouchers.Files(r.Context(), actor(r).For)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title, f.HeadTitle = f.T("citizen.applications.title"), f.T("citizen.applications.short")
	page := citizen.ApplicationsPage{
		Frame: f, Lead: f.T("citizen.applications.lead"), List: f.T("citizen.applications.short"),
		None: f.T("citizen.applications.none"), Today: today,
	}
	if l, _ := current(r); l.ForName != "" {
		page.Lead = f.T("citizen.applications.lead.of", "Name", l.ForName)
		page.List = f.T("citizen.applications.of", "Name", l.ForName)
		page.None = f.T("citizen.applications.none.of", "Name", l.ForName)
	}
	for _, file := range files {
		a := file.Application
		if err := p.citizenLook(r, voucher.AccountSeen, string(a.ID)); err != nil {
			return err
		}
		page.Rows = append(page.Rows, citizen.ApplicationRow{
			ID: string(a.ID), URL: applicationPath(a.ID), Year: strconv.Itoa(file.Edition.ApplicationYear),
			Holder: holderName(r), SubmittedAt: a.SubmittedAt,
			State: standingTag(f, file.Standing(today)), Amount: awardedText(f, file),
		})
		if d := nearestTerm(f, file, today); d != nil && (page.Deadline == nil || d.Last.Before(page.Deadline.Last)) {
			page.Deadline = d
		}
	}
	if err := p.applyOffers(r, &page, files); err != nil {
		return err
	}
	return p.show(w, r, citizen.Applications(page))
}

func applicationPath(id voucher.ApplicationID) string { return applicationsPath + "/" + string(id) }

// holderName is the name of who receives the contribution: the person logged in,
// or who they stand for.
func holderName(r *http.Request) string {
	l, _ := current(r)
	if l.ForName != "" {
		return l.ForName
	}
	return l.Name
}

// awardedText is the amount, or a word where there is none: an amount that is
// not known is never shown as zero.
func awardedText(f ui.Frame, file voucher.CaseFile) string {
	switch {
	case file.HasVoucher():
		return file.Voucher.Awarded.String()
	case file.Application.DecidedOn.IsZero():
		return f.T("citizen.amount.waiting")
	}
	return f.T("citizen.amount.none")
}

// nearestTerm is the next day by which the holder has to do something with a
// code, nil when there is nothing to lose.
func nearestTerm(f ui.Frame, file voucher.CaseFile, today calendar.Date) *ui.DeadlineProps {
	if d := firstSessionTerm(f, file, today); d != nil {
		return d
	}
	if !usable(file, today) || file.Voucher.Balance() == 0 {
		return nil
	}
	return &ui.DeadlineProps{What: f.T("citizen.term.use"), Last: file.Voucher.Terms.LastDay, Today: today, Rule: f.T("citizen.term.use.rule")}
}

// firstSessionTerm is the day by which a first session has to take place, nil
// where the edition has no such term or it is met: a used amount is a session.
func firstSessionTerm(f ui.Frame, file voucher.CaseFile, today calendar.Date) *ui.DeadlineProps {
	v := file.Voucher
	if !usable(file, today) || v.Terms.FirstSessionBy.IsZero() || v.Used > 0 {
		return nil
	}
	return &ui.DeadlineProps{What: f.T("citizen.term.first"), Last: v.Terms.FirstSessionBy, Today: today, Rule: f.T("citizen.term.first.rule")}
}

// usable tells whether the code may still be given to somebody.
func usable(file voucher.CaseFile, today calendar.Date) bool {
	switch file.Standing(today) {
	case voucher.Standing(voucher.Awarded), voucher.Standing(voucher.PartiallyAwarded):
		return true
	}
	return false
}

// standingTone is the colour of a standing: blue while the office works, orange
// when it is the holder's move, green, red or grey for the outcomes.
var standingTone = map[voucher.Standing]ui.Tone{
	voucher.Standing(voucher.Submitted):        ui.Working,
	voucher.Standing(voucher.InReview):         ui.Working,
	voucher.Standing(voucher.AwaitingISEE):     ui.Action,
	voucher.Standing(voucher.NotProcessable):   ui.Danger,
	voucher.Standing(voucher.Awarded):          ui.Success,
	voucher.Standing(voucher.PartiallyAwarded): ui.Success,
	voucher.Standing(voucher.Unfunded):         ui.Danger,
	voucher.Standing(voucher.Refused):          ui.Danger,
	voucher.Standing(voucher.Lapsed):           ui.Danger,
	voucher.Standing(voucher.Withdrawn):        ui.Closed,
	voucher.CodeExpired:                        ui.Closed,
	voucher.UsedUp:                             ui.Closed,
}

func standingTag(f ui.Frame, s voucher.Standing) ui.Tag {
	return ui.Tag{Tone: standingTone[s], Text: f.T("citizen.standing." + string(s))}
}
