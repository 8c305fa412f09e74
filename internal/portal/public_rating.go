package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/indemnity"
	"portal/internal/rating"
	"portal/web/public"
	"portal/web/ui"
)

// Where a page is rated, and where it is said what counted most.
const (
	ratingPath    = "/valutazione"
	ratingWhyPath = ratingPath + "/motivo"
)

// asksRating is the question at the end of a confirmation.
func asksRating(f ui.Frame, page rating.Page) *ui.RatingProps {
	return &ui.RatingProps{Action: ratingPath, Page: string(page), Question: f.T("rating.question")}
}

// mayRate tells whether who sent an application may be asked how it was: never about a
// death or a grave event (ux, 0.4).
func mayRate(c indemnity.CaseFile) bool {
	return c.OwnedByMember() && (c.Answers.Cause == indemnity.Illness || c.Answers.Cause == indemnity.Injury)
}

// rated reads which page is rated, and how: 0 where no score was chosen.
func rated(r *http.Request) (page rating.Page, score int, fields url.Values, err error) {
	if fields, err = form(r); err != nil {
		return "", 0, nil, err
	}
	score, _ = strconv.Atoi(fields.Get("voto")) // anything else is none
	return rating.Page(fields.Get("pagina")), score, fields, nil
}

// ratingFrame is the frame of a page about a score, which says of no service whose it was.
func (p *Portal) ratingFrame(r *http.Request, title string) (ui.Frame, ui.Link) {
	f := p.frame(r, ui.Frame{})
	f.Title = f.T(title)
	home := ui.Link{Text: f.T("rating.home"), URL: "/"}
	if f.User != nil {
		home = ui.Link{Text: f.T("menu.area"), URL: "/area-personale"}
	}
	return f, home
}

// ratePage counts a score and asks what counted most for it. It answers with the page
// itself, without a redirect: what was chosen stands in no address.
func (p *Portal) ratePage(w http.ResponseWriter, r *http.Request) error {
	page, score, _, err := rated(r)
	if err == nil {
		err = p.Ratings.Rate(r.Context(), page, score)
	}
	if errors.Is(err, rating.ErrScore) {
		f, _ := p.ratingFrame(r, "rating.title")
		f.Errors = []ui.FieldError{{Field: "voto", Text: words(f, rating.ErrScore)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, public.Rating(public.RatingPage{Frame: f, Ask: asksRating(f, page)}))
	}
	if err != nil {
		return err
	}
	f, home := p.ratingFrame(r, "rating.thanks")
	view := public.RatingPage{Frame: f, Action: ratingWhyPath, Page: string(page), Score: strconv.Itoa(score), Home: home,
		Why: ui.ChoiceProps{Name: "motivo", Legend: f.T("rating.why"), Optional: true}}
	for _, why := range rating.Reasons {
		view.Why.Options = append(view.Why.Options, ui.Option{Value: string(why), Label: f.T("rating.why." + string(why))})
	}
	return p.show(w, r, public.Rating(view))
}

// ratePageWhy counts what counted most for a score.
func (p *Portal) ratePageWhy(w http.ResponseWriter, r *http.Request) error {
	page, score, fields, err := rated(r)
	if err == nil {
		err = p.Ratings.Explain(r.Context(), page, score, rating.Reason(fields.Get("motivo")))
	}
	if err != nil {
		return err
	}
	f, home := p.ratingFrame(r, "rating.done")
	return p.show(w, r, public.Rated(public.RatedPage{Frame: f, Home: home}))
}

// toHome answers who asks for the address of a score by itself: there is nothing there.
func (p *Portal) toHome(w http.ResponseWriter, r *http.Request) error { return goTo(w, r, "/", nil) }
