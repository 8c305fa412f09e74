package portal

import (
	"context"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/term"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// publishedTerms are the real days of the codes that are not over, publication by
// publication, the newest first: each term with its hour and where it stands, and after
// it the territories for which an act has set another day.
func (p *Portal) publishedTerms(ctx context.Context, f ui.Frame) ([]public.PublishedTerms, error) {
	editions, err := p.Vouchers.Editions(ctx)
	if err != nil {
		return nil, err
	}
	all, err := p.Rankings.Publications(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b voucher.Publication) int { return b.PublishedAt.Compare(a.PublishedAt) })
	var shown []public.PublishedTerms
	for _, pub := range all {
		e, day := editions[pub.Edition], calendar.On(pub.PublishedAt)
		lines, again := termLines(f, e.Rules, day, pub.Round), reopeningLines(f, e.Rules, pub.Round, p.Now())
		over := !slices.ContainsFunc(lines, func(l public.TermLine) bool { return !l.Day.Before(calendar.On(p.Now())) })
		if over && len(again) == 0 {
			continue
		}
		shown = append(shown, public.PublishedTerms{
			Title: f.T("public.terms.of", "Edition", editionName(e), "On", ui.OnDay(day)), Terms: lines, Reopenings: again})
	}
	return shown, nil
}

func termLines(f ui.Frame, r voucher.Rules, day calendar.Date, round int) []public.TermLine {
	everywhere := r.TermsOf(day, round, "")
	var lines []public.TermLine
	for i, t := range everywhere {
		lines = append(lines, termLine(f, t, ""))
		for _, territory := range overridden(r, round) {
			if own := r.TermsOf(day, round, territory); len(own) == len(everywhere) && own[i].End() != t.End() {
				lines = append(lines, termLine(f, own[i], territory))
			}
		}
	}
	return lines
}

// overridden are the territories for which an act has set days of a round.
func overridden(r voucher.Rules, round int) []string {
	var all []string
	for _, o := range r.Overrides {
		if t := o.Is.Territory; o.Is.Round == round && t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

func termLine(f ui.Frame, t term.Term, territory string) public.TermLine {
	what := f.T("public.terms." + string(t.Name))
	if territory != "" {
		what = f.T("public.terms.only", "What", what, "Territory", typeset(territory))
	}
	line := public.TermLine{What: what, Day: t.End(), Source: t.Act()}
	if line.Source == "" {
		line.Source, line.Reading = t.Source, t.Reading
	}
	return line
}

// reopeningLines are what is open again for a round, or will be.
func reopeningLines(f ui.Frame, r voucher.Rules, round int, now time.Time) []string {
	var lines []string
	for _, o := range r.Reopenings {
		if o.Is.Round == round && now.Before(o.Is.Closes) {
			lines = append(lines, f.T("public.terms.reopened", "What", reopeningText(f, o.Is), "Source", o.Article))
		}
	}
	return lines
}
