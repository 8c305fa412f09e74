package portal

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// The pages of the private calendar, by hat, and the place of the calendars themselves.
const (
	citizenFeedPath      = "/contributo-psicoterapia/calendario"
	psychologistFeedPath = "/professionisti/calendario"
	memberFeedPath       = "/indennita-malattia-infortunio/calendario"
	feedPath             = "/calendario/"
)

// feedAsk explains the private calendar of the hat that is worn, and says whether there
// is one.
func (p *Portal) feedAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showFeed(w, r, public.FeedPage{})
}

// feedAct makes a private calendar, puts another in its place, or ends it. The address
// is in the answer and nowhere else: no redirect could carry it without a trace.
func (p *Portal) feedAct(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	act := fields.Get("azione")
	sent, err := sending(r, "calendar.change", url.Values{"idem": fields["idem"], "azione": {act}, "come": {string(actor(r).Role)}})
	if err != nil {
		return err
	}
	switch act {
	case "crea":
		token, err := p.Feeds.Make(r.Context(), actor(r), sent)
		if err != nil {
			return err
		}
		page := public.FeedPage{Known: token == ""}
		if token != "" {
			page.Address = p.URL + feedPath + string(token) + ".ics"
		}
		return p.showFeed(w, r, page)
	case "elimina":
		if err := p.Feeds.Revoke(r.Context(), actor(r), sent); err != nil {
			return err
		}
		f := p.frame(r, ui.Frame{})
		return p.done(w, r, feedPageOf(actor(r).Role), f.T("feed.revoked"), f.T("feed.revoked.text"))
	}
	return errUnreadable
}

func feedPageOf(role identity.Role) string {
	switch role {
	case identity.Psychologist:
		return psychologistFeedPath
	case identity.Member:
		return memberFeedPath
	}
	return citizenFeedPath
}

func (p *Portal) showFeed(w http.ResponseWriter, r *http.Request, page public.FeedPage) error {
	who := actor(r)
	body := "INPS"
	if who.Role == identity.Member {
		body = "ENPAP"
	}
	f := p.frame(r, ui.Frame{Body: body})
	f.Title = f.T("feed.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.Title}}
	feed, err := p.Feeds.Feed(r.Context(), who.Person, who.Role)
	switch {
	case errors.Is(err, fault.ErrNotFound):
	case err != nil:
		return err
	default:
		read := f.T("feed.never")
		if !feed.ReadOn.IsZero() {
			read = ui.Day(feed.ReadOn)
		}
		page.Facts = []ui.Entry{{Name: f.T("feed.since"), Value: ui.Moment(feed.MadeAt)}, {Name: f.T("feed.read"), Value: read}}
	}
	at := feedPageOf(who.Role)
	page.Frame, page.Lead = f, []string{f.T("feed.lead"), f.T("feed.lead." + string(who.Role))}
	page.Make, page.Revoke = ui.FormProps{Action: at, Key: once.NewKey()}, ui.FormProps{Action: at, Key: once.NewKey()}
	return p.show(w, r, public.Feed(page))
}

// feed is a private calendar, for the program that keeps somebody's own: whoever has the
// address reads it, without a login. An address that leads nowhere any more and one that
// never did are answered alike.
func (p *Portal) feed(w http.ResponseWriter, r *http.Request) error {
	items, err := p.Feeds.Open(r.Context(), voucher.FeedToken(chi.URLParam(r, "token")))
	if err != nil {
		return err
	}
	body := []byte(writeCalendar(items))
	digest := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(digest[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write(body) // the reader may have gone
	return nil
}

// feedRefresh is how often a program is asked to look again.
const feedRefresh = "PT6H"

// writeCalendar is items as RFC 5545 writes them, with the line ends it asks for.
// Calendars are shared and shown on locked screens: they say when and where, not with
// whom or what for.
func writeCalendar(items []voucher.FeedItem) string {
	var f ui.Frame
	c := ics.NewCalendarFor("Portale")
	c.SetMethod(ics.MethodPublish)
	c.SetName(f.T("feed.name"))
	c.SetXWRCalName(f.T("feed.name"))
	c.SetRefreshInterval(feedRefresh)
	c.SetXPublishedTTL(feedRefresh)
	for _, i := range items {
		writeItem(c, f, i)
	}
	return c.Serialize(ics.WithNewLineWindows)
}

func writeItem(c *ics.Calendar, f ui.Frame, i voucher.FeedItem) {
	e := c.AddEvent(i.UID)
	e.SetDtStampTime(i.Changed)
	e.SetLastModifiedAt(i.Changed)
	e.SetSequence(i.Sequence)
	e.SetClass(ics.ClassificationPrivate)
	switch {
	case i.Deadline:
		e.SetSummary(f.T("feed.item.deadline"))
		e.SetDescription(f.T("feed.item.deadline.text", "By", ui.ByDay(i.Day)))
		e.SetTimeTransparency(ics.TransparencyTransparent)
	case i.Cancelled:
		e.SetSummary(f.T("feed.item.cancelled"))
		e.SetStatus(ics.ObjectStatusCancelled)
	default:
		e.SetSummary(f.T("citizen.calendar.title"))
		e.SetStatus(ics.ObjectStatusConfirmed)
	}
	if i.Place != "" {
		e.SetLocation(i.Place)
	}
	switch {
	case i.Start.IsZero():
		e.SetAllDayStartAt(i.Day.At(12, 0))
		e.SetAllDayEndAt(i.Day.Add(1).At(12, 0))
	case i.End.IsZero():
		e.SetStartAt(i.Start.Add(-time.Minute))
		e.SetEndAt(i.Start)
		e.SetDescription(f.T("feed.item.deadline.text", "By", ui.ByMoment(i.Start)))
	default:
		e.SetStartAt(i.Start)
		e.SetEndAt(i.End)
	}
}
