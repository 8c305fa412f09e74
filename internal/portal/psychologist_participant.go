package portal

import (
	"context"
	"errors"
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// Where a professional works.
const (
	sessionsPath = "/professionisti/sedute"
	bookPath     = sessionsPath + "/nuova"
	bookDataPath = bookPath + "/dati"
	confirmPath  = sessionsPath + "/conferma"
)

func sessionPath(id voucher.BookingID) string { return sessionsPath + "/" + string(id) }

type participationKey struct{}

// participation is the professional's standing on CNOP's list, as participant
// found it for this request.
func participation(r *http.Request) voucher.Participation {
	s, _ := r.Context().Value(participationKey{}).(voucher.Participation)
	return s
}

// participant lets through who is or was on CNOP's list. It is asked again at
// each request: a list that arrives meanwhile counts at once.
func (p *Portal) participant(next http.Handler) http.Handler {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		standing, err := p.Vouchers.Participation(r.Context(), actor(r).Person, calendar.On(p.Now()))
		if err != nil {
			return err
		}
		if !standing.Listed {
			return p.psychologistOut(w, r, standing)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), participationKey{}, standing)))
		return nil
	})
}

// enrolled lets through who is on the list today: they alone book.
func (p *Portal) enrolled(next http.Handler) http.Handler {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		if standing := participation(r); !standing.Enrolled {
			return p.psychologistOut(w, r, standing)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// notListed answers who is no professional to the portal: perhaps one who adhered
// after the last list.
func (p *Portal) notListed(w http.ResponseWriter, r *http.Request) error {
	return p.psychologistOut(w, r, voucher.Participation{})
}

// psychologistOut answers who is not on the list (S-00).
func (p *Portal) psychologistOut(w http.ResponseWriter, r *http.Request, standing voucher.Participation) error {
	list, err := p.Vouchers.List(r.Context())
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	page := psychologist.OutPage{Frame: p.frame(r, ui.Frame{Body: "INPS"})}
	page.Title = page.T("psychologist.out.title")
	if standing.Listed {
		page.Text, page.SessionsURL = []string{leftTheList(page.Frame, standing)}, sessionsPath
	}
	if list.DeliveredOn.IsZero() {
		page.Text = append(page.Text, page.T("psychologist.out.no_list"))
	} else {
		page.Text = append(page.Text, page.T("psychologist.out.list", "OfDay", ui.OfDay(list.DeliveredOn)))
	}
	if !list.NextDueOn.IsZero() {
		page.Text = append(page.Text, page.T("psychologist.out.next", "Day", list.NextDueOn))
	}
	page.Text = append(page.Text, page.T("psychologist.out.join"))
	return p.showAs(w, r, http.StatusForbidden, psychologist.Out(page))
}

// leftTheList says since when somebody is off the list, and what they may still do.
func leftTheList(f ui.Frame, standing voucher.Participation) string {
	if standing.LeftOn.IsZero() {
		return f.T("psychologist.out.not_now")
	}
	return f.T("psychologist.out.left", "FromDay", ui.FromDay(standing.LeftOn))
}

// psychologistFrame is the frame of a page below the list of sessions. Its title
// ends the path; nameStep says it shorter where the title is a question.
func (p *Portal) psychologistFrame(r *http.Request, title string, args ...any) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T(title, args...)
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"},
		{Text: f.T("menu.sessions"), URL: sessionsPath}, {Text: f.Title}}
	return f
}

func nameStep(f *ui.Frame, key string) { f.Path[len(f.Path)-1].Text = f.T(key) }
