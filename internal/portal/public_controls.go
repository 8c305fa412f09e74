package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

const publicControlsPath = "/indennita-malattia-infortunio/controlli"

// publicControls tells everybody how those are drawn who are checked.
func (p *Portal) publicControls(w http.ResponseWriter, r *http.Request) error {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	commitments, err := p.Controls.Commitments(r.Context(), "")
	if err != nil {
		return err
	}
	samples, err := p.Controls.Samples(r.Context(), "")
	if err != nil {
		return err
	}
	f := p.publicFrame(r, "controls.public", "ENPAP")
	page := welfare.IndemnityControlsPage{Frame: f, Lead: []string{f.T("controls.public.lead")}, Method: drawMethod(f, indemnity.Sample{})}
	for _, c := range slices.Backward(calls) {
		line := welfare.IndemnityControl{Name: callTitle(f, c.ID), URL: publicControlsPath + "/" + string(c.ID), State: ui.Tag{Tone: ui.Closed, Text: f.T("controls.sample.none")}}
		of := func(x indemnity.Commitment) bool { return x.Call == c.ID }
		if i := slices.IndexFunc(commitments, of); i >= 0 {
			line.State, line.Text = ui.Tag{Tone: ui.Working, Text: f.T("controls.public.committed")}, f.T("controls.public.committed.at", "At", ui.OnMoment(commitments[i].Made.At))
		}
		if i := slices.IndexFunc(samples, func(x indemnity.Sample) bool { return x.Call == c.ID && x.State == indemnity.SampleMade }); i >= 0 {
			line.State, line.Text = ui.Tag{Tone: ui.Success, Text: f.T("controls.sample.drawn")}, f.T("controls.public.drawn.at", "At", ui.OnMoment(samples[i].Decided.At))
		}
		page.Calls = append(page.Calls, line)
	}
	return p.show(w, r, welfare.IndemnityControls(page))
}

// publicSample is the draw of a call, with all that it takes to draw it again (F13).
func (p *Portal) publicSample(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	commitments, err := p.Controls.Commitments(r.Context(), c.ID)
	if err != nil {
		return err
	}
	samples, err := p.Controls.Samples(r.Context(), c.ID)
	if err != nil {
		return err
	}
	f := p.publicFrame(r, "controls.public", "ENPAP")
	f.Caption = callTitle(f, c.ID)
	f.Path[len(f.Path)-1].URL = publicControlsPath
	f.Path = append(f.Path, ui.Crumb{Text: f.Caption})
	page := welfare.IndemnitySamplePage{Frame: f, Lead: f.T("controls.public.none")}
	for _, x := range commitments {
		page.Lead = f.T("controls.public.waits")
		page.Values = append(page.Values, ui.Entry{Name: f.T("controls.value.digest"), Value: x.Digest, Note: f.T("controls.public.committed.at", "At", ui.OnMoment(x.Made.At)), Proper: true})
	}
	for _, s := range samples {
		if s.State != indemnity.SampleMade {
			continue
		}
		page.Lead = f.T("controls.public.drawn")
		view, err := p.publicDraw(r, f, s)
		if err != nil {
			return err
		}
		page.Samples = append(page.Samples, view)
	}
	return p.show(w, r, welfare.IndemnitySampleOf(page))
}

// publicDraw is a sample that was drawn. Of few people nobody learns how many they are.
func (p *Portal) publicDraw(r *http.Request, f ui.Frame, s indemnity.Sample) (welfare.IndemnitySample, error) {
	view := welfare.IndemnitySample{ID: "pubblicazione-" + strconv.Itoa(s.Publication), Title: f.T("controls.public.sample", "Number", s.Publication)}
	facts := []ui.Entry{{Name: f.T("controls.publication"), Value: f.T("controls.publication.of", "Number", s.Publication, "At", ui.OfMoment(s.PublishedAt))},
		{Name: f.T("controls.value.revealed"), Value: s.Commitment.Value, Proper: true}, {Name: f.T("controls.seed"), Value: s.Seed, Proper: true}}
	if s.Population < indemnity.Few {
		view.Facts, view.Hidden = facts, f.T("controls.public.few", "Few", indemnity.Few)
		return view, nil
	}
	drawn, err := p.Controls.Drawn(r.Context(), s.ID)
	if err != nil {
		return view, err
	}
	for _, k := range drawn {
		view.Codes = append(view.Codes, k.Code)
	}
	view.Facts = append(facts[:1:1], append([]ui.Entry{{Name: f.T("controls.population"), Value: grouped(s.Population)}, {Name: f.T("controls.sample.size"), Value: sampleSizeText(f, s)}}, facts[1:]...)...)
	at := sampleFilesPath(s)
	view.Files = []ui.Link{{Text: f.T("controls.manifest"), URL: at + "/manifesto.json"}, {Text: f.T("controls.population.file"), URL: at + "/codici.txt"}}
	view.Method, view.Recipe = drawMethod(f, s), p.drawRecipe(s)
	return view, nil
}

func sampleFilesPath(s indemnity.Sample) string {
	return publicControlsPath + "/" + string(s.Call) + "/" + strconv.Itoa(s.Publication)
}

// drawMethod says how a sample is drawn.
func drawMethod(f ui.Frame, s indemnity.Sample) []string {
	size := f.T("controls.method.size")
	if s.Size > 0 {
		size = f.T("controls.method.size.of", "Size", grouped(s.Size))
	}
	return []string{f.T("controls.method.value"), f.T("controls.method.manifest"), f.T("controls.method.seed"), f.T("controls.method.ticket"), size}
}

// drawRecipe draws a sample again in a shell, from what is public; "" before it is drawn.
func (p *Portal) drawRecipe(s indemnity.Sample) string {
	if s.State != indemnity.SampleMade || s.Population < indemnity.Few {
		return ""
	}
	at := p.URL + sampleFilesPath(s)
	return strings.Join([]string{
		`m=$(curl -s ` + at + `/manifesto.json | sha256sum | cut -c1-64)`,
		`s=$(printf %s "$m:` + s.Commitment.Value + `" | sha256sum | cut -c1-64)`,
		`curl -s ` + at + `/codici.txt | while read -r c; do echo "$(printf %s "$s:$c" | sha256sum | cut -c1-64) $c"; done | LC_ALL=C sort | head -n ` + strconv.Itoa(s.Size) + ` | cut -c66-`,
	}, "\n")
}

// drawnSample is the sample of the publication in the address, if everybody may see whom
// it was drawn from.
func (p *Portal) drawnSample(r *http.Request) (indemnity.Sample, error) {
	samples, err := p.Controls.Samples(r.Context(), indemnity.CallID(chi.URLParam(r, "bando")))
	if err != nil {
		return indemnity.Sample{}, err
	}
	for _, s := range samples {
		if strconv.Itoa(s.Publication) == chi.URLParam(r, "pubblicazione") && s.State == indemnity.SampleMade && s.Population >= indemnity.Few {
			return s, nil
		}
	}
	return indemnity.Sample{}, fault.ErrNotFound
}

// publicManifest sends the manifest of a publication as it was signed, to the byte.
func (p *Portal) publicManifest(w http.ResponseWriter, r *http.Request) error {
	s, err := p.drawnSample(r)
	if err != nil {
		return err
	}
	return sendPlain(w, "application/json", s.Manifest)
}

// publicCodes sends the codes of whom a publication pays, a line each.
func (p *Portal) publicCodes(w http.ResponseWriter, r *http.Request) error {
	s, err := p.drawnSample(r)
	if err != nil {
		return err
	}
	all, err := p.Controls.Population(r.Context(), s.Ranking)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, d := range all {
		text.WriteString(d.Code + "\n")
	}
	return sendPlain(w, "text/plain", text.String())
}

func sendPlain(w http.ResponseWriter, kind, text string) error {
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the reader may have gone
	return nil
}
