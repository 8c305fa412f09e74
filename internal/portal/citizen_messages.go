package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/citizen"
)

// citizenMessages is the tab with what was written about an application: the acts,
// to keep, and the messages to who reads.
func (p *Portal) citizenMessages(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	a := file.Application
	if err := p.citizenLook(r, voucher.AccountSeen, string(a.ID)); err != nil {
		return err
	}
	written, err := p.Intake.Communications(r.Context(), actor(r).Person, a.ID)
	if err != nil {
		return err
	}
	f := p.caseFrame(r, file, messagesTab)
	page := citizen.CommunicationsPage{
		Frame: f, Case: caseTop(f, file, calendar.On(p.Now()), messagesTab),
		Acts: []citizen.ActRow{{At: a.SubmittedAt, Name: f.T("citizen.messages.receipt"), URL: receiptPath(a.ID) + ".pdf"}},
	}
	for _, m := range written {
		channel := f.T("citizen.messages.portal")
		if m.Mailed {
			channel = f.T("citizen.messages.portal_and_mail")
		}
		page.Rows = append(page.Rows, citizen.MessageRow{ID: m.ID, URL: "/messaggi/" + m.ID, Subject: m.Subject, At: m.SentAt, Channel: channel, Read: m.Read})
	}
	return p.show(w, r, citizen.Communications(page))
}
