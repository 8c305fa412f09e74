package portal

import (
	"errors"
	"net/http"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenStanding says where an application stands, and why; nil before there is an
// outcome, and for rankings of which the places were not kept.
func (p *Portal) citizenStanding(r *http.Request, f ui.Frame, file voucher.CaseFile) (*citizen.Standing, error) {
	a := file.Application
	if a.Run == "" {
		return nil, nil
	}
	at, err := p.Rankings.Position(r.Context(), a.ID, p.Now())
	if errors.Is(err, fault.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	edition, err := p.Rankings.Released(r.Context(), at.Publication.Edition, at.Publication.Version)
	if err != nil {
		return nil, err
	}
	s := &citizen.Standing{Results: ui.Link{Text: f.T("citizen.place.results"), URL: resultsPath + "/" + string(a.Edition) + "/" + territorySlug(a.Territory)}}
	if at.Ground == "" {
		s.Sentences, s.Rows = placeSentences(f, a, at), rankingData(f, a)
		s.Chance = chanceText(f, at)
		s.Grounds = placeGrounds(f, a, at, edition.Rules)
	} else {
		s.Sentences = []string{f.T("citizen.place.none." + at.Ground.Reason())}
		s.Grounds = []citizen.Ground{ground(f, a, at, edition.Rules)}
	}
	if last, ok := file.ReviewTerm(); ok && !calendar.On(p.Now()).After(last) {
		s.Review = &ui.Link{Text: f.T("citizen.place.review"), URL: reviewPath(a.ID)}
		s.ReviewBy = f.T("citizen.place.review.by", "Day", ui.ByDay(last))
	}
	return s, nil
}

// placeSentences say in words what the numbers of a place mean.
func placeSentences(f ui.Frame, a voucher.Application, at voucher.Position) []string {
	place := []any{"Rank", grouped(a.Rank), "LastRank", grouped(a.LastRank), "Territory", typeset(a.Territory),
		"Awarded", at.Awarded, "Entitled", at.Entitled, "LastISEE", a.LastISEE, "ISEE", at.ISEE, "More", at.ISEE - a.LastISEE}
	var sentences []string
	say := func(key string, more ...any) {
		sentences = append(sentences, f.T("citizen.place."+key, append(place, more...)...))
	}
	switch gap := a.Rank - a.LastRank; {
	case at.Awarded >= at.Entitled:
		say("awarded")
	case at.Awarded > 0:
		say("partial")
	case a.LastRank == 0:
		say("no_money")
	default:
		say("unfunded", "Count", gap, "Gap", grouped(gap))
		if at.ISEE > a.LastISEE {
			say("isee_more")
		} else {
			say("isee_same")
		}
	}
	switch at.Decided {
	case voucher.ByISEE, voucher.BySubmission, voucher.ByApplication:
		say("decided." + at.Decided)
	default:
		say("decided.first")
	}
	if at.Awarded < at.Entitled {
		say("next")
	}
	return sentences
}

// chanceText says what would have to happen, in ranges; "" where nothing has to.
func chanceText(f ui.Frame, at voucher.Position) string {
	c := at.Chance()
	if c == voucher.ChanceUnneeded {
		return ""
	}
	return f.T("citizen.place.chance."+string(c), "Missing", at.Missing, "Freed", at.Freed, "Open", at.Open, "Most", at.Freed+at.Open)
}

// placeGrounds are what a place and an amount rest on.
func placeGrounds(f ui.Frame, a voucher.Application, at voucher.Position, rules voucher.Rules) []citizen.Ground {
	source, day := iseeSource(f, a)
	submitted := ui.Moment(at.SubmittedAt)
	published := f.T("citizen.place.source.publication", "Number", at.Publication.Number)
	on := ""
	if !at.Publication.PublishedAt.IsZero() {
		on = ui.Day(calendar.On(at.Publication.PublishedAt))
	}
	return []citizen.Ground{
		{What: f.T("citizen.place.ground.amount"), Article: rules.Bands.Article,
			Datum: f.T("citizen.place.datum.amount", "ISEE", at.ISEE, "Entitled", at.Entitled), Source: source, Day: day},
		{What: f.T("citizen.place.ground.place"), Article: f.T("citizen.place.order"),
			Datum: f.T("citizen.place.datum.place", "ISEE", at.ISEE, "Submitted", submitted), Source: published, Day: on},
		{What: f.T("citizen.place.ground.money"), Article: tranchesArticle(rules),
			Datum: f.T("citizen.place.datum.money", "LastRank", grouped(a.LastRank), "Awarded", at.Awarded), Source: published, Day: on},
	}
}

// ground is why an application has no place, with the datum that says so.
func ground(f ui.Frame, a voucher.Application, at voucher.Position, rules voucher.Rules) citizen.Ground {
	source, day := iseeSource(f, a)
	g := citizen.Ground{What: f.T("citizen.place.ground." + at.Ground.Reason()), Source: source, Day: day}
	switch at.Ground {
	case voucher.ISEEAboveLimit:
		g.Article = rules.Bands.Article
		g.Datum = f.T("citizen.place.datum.isee", "ISEE", at.ISEE, "Limit", rules.Bands.Is[len(rules.Bands.Is)-1].UpTo)
	case voucher.GroundISEEMissing:
		g.Article, g.Datum = rules.ISEECure.Article, f.T("citizen.place.datum.missing")
	case voucher.GroundISEEDefective:
		g.Article, g.Datum = rules.ISEECure.Article, f.T("citizen.place.datum.defective")
		if !a.CureBy.IsZero() {
			g.Datum = f.T("citizen.place.datum.defective.by", "Day", ui.ByDay(a.CureBy))
		}
	default:
		g.Article, g.Datum = rules.Closed.Article, typeset(a.Territory)
		g.Source, g.Day = f.T("citizen.place.source.residence"), ui.Day(calendar.On(at.SubmittedAt))
	}
	return g
}

// iseeSource is where the ISEE of an application comes from, and of when it is.
func iseeSource(f ui.Frame, a voucher.Application) (source, day string) {
	if t := a.Attestation; t.Protocol != "" {
		return f.T("citizen.place.source.isee", "Protocol", t.Protocol), ui.Day(t.IssuedOn)
	}
	return f.T("citizen.place.source.register"), ui.Day(calendar.On(a.SubmittedAt))
}

// tranchesArticle names the acts that the money of an edition comes from.
func tranchesArticle(rules voucher.Rules) string {
	acts := make([]string, len(rules.Tranches))
	for i, t := range rules.Tranches {
		acts[i] = t.Article
	}
	return strings.Join(acts, "; ")
}
