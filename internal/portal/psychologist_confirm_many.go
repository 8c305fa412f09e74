package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistConfirmManyAsk asks for one declaration on several sessions (S-07).
func (p *Portal) psychologistConfirmManyAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	sessions, err := p.chosenSessions(r, q["seduta"])
	if err != nil {
		return err
	}
	for _, s := range sessions {
		err := p.Vouchers.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.BookingSeen,
			Subject: string(s.ID), About: s.Beneficiary})
		if err != nil {
			return err
		}
	}
	return p.show(w, r, psychologist.ConfirmMany(p.confirmManyPage(r, sessions, once.NewKey())))
}

// psychologistConfirmMany confirms each of several sessions on its own: one that
// is refused does not hold back the others, and is named with its reason.
func (p *Portal) psychologistConfirmMany(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "seduta")
	if err != nil {
		return err
	}
	sessions, err := p.chosenSessions(r, fields["seduta"])
	if err != nil {
		return err
	}
	sent, err := sending(r, "voucher.confirm", fields)
	if err != nil {
		return err
	}
	if len(sessions) == 0 || fields.Get("dichiarazione") != "on" {
		page := p.confirmManyPage(r, sessions, sent.Key)
		if len(page.Ready) > 0 {
			page.Errors = []ui.FieldError{{Field: "dichiarazione", Text: page.T("psychologist.confirm_many.declaration_missing")}}
		}
		return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.ConfirmMany(page))
	}
	f := p.psychologistFrame(r, "psychologist.confirm_many.submit")
	page := psychologist.ConfirmedPage{Frame: f, Next: ui.Link{Text: f.T("psychologist.to_sessions"), URL: sessionsPath}}
	for _, s := range sessions {
		why, err := p.confirmOne(r, sent, s)
		switch {
		case err != nil:
			return err
		case why != "":
			page.Not = append(page.Not, chosenOne(s, why))
		default:
			page.Done = append(page.Done, chosenOne(s, ""))
		}
	}
	if len(page.Not) == 0 {
		title := f.T("psychologist.confirm_many.done", "Count", len(page.Done))
		return p.done(w, r, sessionsPath, title, title+". "+f.T("psychologist.confirm_many.done_text"))
	}
	page.Title = f.T("psychologist.confirmed.title", "Count", len(page.Done), "Total", len(sessions))
	return p.showAs(w, r, http.StatusConflict, psychologist.Confirmed(page))
}

// confirmOne confirms one of several sessions, with a key of its own that follows
// from that of the form, whichever others were chosen with it: sent twice, each is
// still confirmed once. The text is why it was not.
func (p *Portal) confirmOne(r *http.Request, form once.Form, s voucher.Session) (why string, err error) {
	key := uuid.NewSHA1(uuid.MustParse(form.Key), []byte(s.ID)).String()
	sent, err := once.New(form.Person, form.Action, key, url.Values{"seduta": {string(s.ID)}})
	if err != nil {
		return "", err
	}
	err = p.Vouchers.Confirm(r.Context(), actor(r), sent, s.ID)
	reason, refused := fault.Refusal(err)
	if !refused {
		return "", err
	}
	now, err := p.Vouchers.Session(r.Context(), actor(r), s.ID)
	return confirmRefusal(ui.Frame{}, now, reason), err
}

// chosenSessions are the professional's sessions with these ids, each once, at
// most as many as a page of the list holds.
func (p *Portal) chosenSessions(r *http.Request, ids []string) ([]voucher.Session, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) > voucher.AgendaPageSize {
		return nil, errUnreadable
	}
	sessions := make([]voucher.Session, 0, len(ids))
	for _, id := range ids {
		if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id {
			return nil, fault.ErrNotFound
		}
		s, err := p.Vouchers.Session(r.Context(), actor(r), voucher.BookingID(id))
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	slices.SortFunc(sessions, func(a, b voucher.Session) int {
		return cmp.Or(a.Day.Compare(b.Day), a.Start.Compare(b.Start))
	})
	return sessions, nil
}

func (p *Portal) confirmManyPage(r *http.Request, sessions []voucher.Session, key string) psychologist.ConfirmManyPage {
	page := psychologist.ConfirmManyPage{}
	for _, s := range sessions {
		err := s.MayConfirm(s.Terms(), p.Now())
		if err != nil {
			page.Not = append(page.Not, chosenOne(s, confirmRefusal(page.Frame, s, fault.As(err))))
			continue
		}
		page.Ready = append(page.Ready, chosenOne(s, ""))
		page.Total += s.Amount
	}
	title := "psychologist.confirm_many.title"
	if len(page.Ready) == 0 {
		title = "psychologist.confirm_many.title_none"
	}
	f := p.psychologistFrame(r, title, "Count", len(page.Ready))
	nameStep(&f, "psychologist.confirm_many.submit")
	f.Back = &ui.Link{Text: f.T("psychologist.to_sessions"), URL: sessionsPath}
	page.Frame = f
	page.Ask = ui.ConfirmProps{
		Consequences: []string{f.T("psychologist.confirm_many.text", "Total", page.Total)},
		Form:         ui.FormProps{Action: confirmPath, Key: key},
		Buttons:      ui.ButtonsProps{Submit: f.T("psychologist.confirm_many.submit"), Cancel: f.Back},
	}
	return page
}

func chosenOne(s voucher.Session, why string) psychologist.Chosen {
	when := ui.ShortDay(s.Day)
	if !s.Start.IsZero() {
		when = ui.ShortMoment(s.Start)
	}
	return psychologist.Chosen{ID: s.ID, When: when, Holder: s.Holder.Name(), Amount: s.Amount, Why: why}
}
