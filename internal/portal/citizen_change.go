package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// releasePath is where all the sessions with one professional are cancelled.
func releasePath(of voucher.ApplicationID, professional identity.PersonID) string {
	return applicationPath(of) + "/" + professionalsTab + "/" + string(professional) + "/annulla-sedute"
}

// releases lead to where all the sessions with one professional are cancelled, for each
// with whom some can be.
func releases(f ui.Frame, file voucher.CaseFile, today calendar.Date) []ui.Link {
	var links []ui.Link
	seen := map[identity.PersonID]bool{}
	account := file.Account()
	for _, s := range file.Bookings {
		if s.State != voucher.Booked || seen[s.Professional] {
			continue
		}
		seen[s.Professional] = true
		if free, _ := account.With(s.Professional, today); len(free) > 0 {
			links = append(links, ui.Link{Text: f.T("citizen.release.link", "Name", s.ProfessionalName), URL: releasePath(file.Application.ID, s.Professional)})
		}
	}
	return links
}

// citizenReleaseAsk asks whether to cancel all the sessions booked with one
// professional, and says which stay (C-13).
func (p *Portal) citizenReleaseAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showRelease(w, r, http.StatusOK)
}

func (p *Portal) showRelease(w http.ResponseWriter, r *http.Request, status int) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	id, err := idParam(r, "pid")
	if err != nil {
		return err
	}
	var of voucher.Session // any with the professional says who they are
	for _, s := range file.Bookings {
		if string(s.Professional) == id {
			of = s
		}
	}
	if of.ID == "" {
		return fault.ErrNotFound
	}
	today := calendar.On(p.Now())
	free, late := file.Account().With(of.Professional, today)
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("citizen.release.title", "Count", len(free), "Name", of.ProfessionalName)
	f.HeadTitle = f.T("citizen.release.head")
	f.Path = casePath(f, file, ui.Crumb{Text: f.HeadTitle})
	f.Back = &ui.Link{Text: f.T("citizen.back"), URL: applicationPath(file.Application.ID) + "/" + sessionsTab}
	page := citizen.ReleasePage{Frame: f, Phone: unbroken(of.Phone), PhoneURL: phoneURL(of.Phone), Back: *f.Back}
	var total money.Amount
	for _, b := range free {
		total += b.Amount
		page.Going = append(page.Going, releaseRow(b))
	}
	for _, b := range late {
		page.Staying = append(page.Staying, releaseRow(b))
	}
	if len(free) == 0 {
		page.Title, page.Why = f.HeadTitle, f.T("citizen.release.none", "Name", of.ProfessionalName)
		return p.showAs(w, r, status, citizen.Release(page))
	}
	page.Ask = ui.ConfirmProps{
		Consequences: []string{
			f.T(whereMoneyGoes(file.Voucher, "citizen.release.text", "citizen.release.text.over"), "Amount", total,
				"Balance", file.Voucher.Balance()+total, "Name", of.ProfessionalName),
			f.T("citizen.release.final"),
		},
		Form: ui.FormProps{Action: releasePath(file.Application.ID, of.Professional), Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("citizen.release.act"), Danger: true,
			Cancel: &ui.Link{Text: f.T("citizen.release.keep"), URL: f.Back.URL}},
	}
	return p.showAs(w, r, status, citizen.Release(page))
}

func releaseRow(b voucher.Booking) citizen.ReleaseRow {
	return citizen.ReleaseRow{ID: b.ID, When: appointmentDay(b.Appointment()), Amount: b.Amount.String()}
}

// citizenRelease cancels the sessions that the form shows: all of them or, when one
// can no longer be, none.
func (p *Portal) citizenRelease(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	id, err := idParam(r, "pid")
	if err != nil {
		return err
	}
	fields, err := form(r, "seduta")
	if err != nil {
		return err
	}
	sent, err := sending(r, "booking.release", url.Values{"idem": fields["idem"], "domanda": {string(file.Application.ID)},
		"professionista": {id}, "seduta": fields["seduta"]})
	if err != nil {
		return err
	}
	var sessions []voucher.BookingID
	var total money.Amount
	for _, chosen := range fields["seduta"] {
		sessions = append(sessions, voucher.BookingID(chosen))
	}
	for _, s := range file.Bookings {
		for _, chosen := range sessions {
			if s.ID == chosen {
				total += s.Amount
			}
		}
	}
	err = p.Vouchers.Release(r.Context(), actor(r), sent, file.Voucher.ID, identity.PersonID(id), sessions)
	if reason, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) && reason.Kind != fault.KindNotFound {
		return p.showRelease(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	after, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, applicationPath(file.Application.ID)+"/"+sessionsTab, f.T("citizen.release.done"),
		f.T(whereMoneyGoes(after.Voucher, "citizen.release.done.text", "citizen.release.done.over"), "Count", len(sessions), "Amount", total, "Balance", after.Voucher.Balance()))
}
