package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareSampleAsk asks how many of those whom a publication pays are to be checked.
func (p *Portal) welfareSampleAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	id := c.ID
	return p.showSampleAsk(w, r, http.StatusOK, id, url.Values{"misura": {"quota"}}, nil)
}

func (p *Portal) showSampleAsk(w http.ResponseWriter, r *http.Request, status int, id indemnity.CallID, fields url.Values, wrong []ui.FieldError) error {
	d, err := p.Controls.ToDraw(r.Context(), id)
	if err != nil {
		return err
	}
	f := p.controlFrame(r, ui.Frame{}.T("controls.sample.ask"))
	f.Caption, f.Errors = callTitle(f, id), wrong
	page := welfare.ControlPage{Frame: f, Lead: []string{f.T("controls.sample.lead")}}
	act := welfare.ControlAct{ID: "proposta", Title: f.T("controls.sample.propose")}
	err = d.MayPropose()
	switch reason := fault.As(err); {
	case reason == indemnity.ErrSampleExists:
		page.Links = []ui.Link{{Text: f.T("controls.sample.open"), URL: samplePath(d.Exists)}}
		fallthrough
	case reason != nil:
		act.Why, status = words(f, reason), http.StatusConflict
	case actor(r).Must(identity.Welfare, identity.Prepare) != nil:
		act.Why = f.T("controls.prepares")
	default:
		page.Facts = []ui.Entry{{Name: f.T("controls.publication"), Value: f.T("controls.publication.of", "Number", d.Publication, "At", ui.OfMoment(d.PublishedAt))},
			{Name: f.T("controls.population"), Value: grouped(d.Population)}, {Name: f.T("controls.value.digest"), Value: d.Commitment.Digest, Proper: true}}
		act.Form = &ui.FormProps{Action: controlsPath + "/" + string(id) + "/campione", Key: once.NewKey()}
		act.Fields = []templ.Component{
			ui.RadioGroup(f, ui.ChoiceProps{Name: "misura", Legend: f.T("controls.sample.by"), Chosen: fields["misura"], Options: []ui.Option{
				{Value: "quota", Label: f.T("controls.sample.share")}, {Value: "numero", Label: f.T("controls.sample.count")}}}),
			ui.Field(f, ui.FieldProps{Name: "quanto", Label: f.T("controls.sample.size"), Hint: f.T("controls.sample.size.hint"), Value: fields.Get("quanto"), InputMode: "decimal", Short: true}),
			ui.TextArea(f, ui.TextAreaProps{Name: "motivo", Label: f.T("controls.sample.reason"), Hint: f.T("controls.sample.reason.hint"), Value: fields.Get("motivo")})}
		act.Buttons = ui.ButtonsProps{Submit: f.T("controls.sample.propose"), Cancel: &ui.Link{Text: f.T("controls.back"), URL: controlsPath}}
	}
	page.Acts = []welfare.ControlAct{act}
	return p.showAs(w, r, status, welfare.Control(page))
}

// sampleSize reads how large a sample is to be: a percentage, or a count.
func sampleSize(fields url.Values) (z indemnity.SampleSize, err error) {
	text := strings.TrimSpace(fields.Get("quanto"))
	if fields.Get("misura") == "numero" {
		z.Count, err = strconv.Atoi(text)
	} else {
		var share money.Amount
		share, err = money.Parse(strings.TrimSuffix(text, "%"))
		z.Share = indemnity.Rate(share)
	}
	if err != nil {
		return z, indemnity.ErrSampleSize
	}
	return z, nil
}

// sampleFields are the fields beside which a refusal stands.
var sampleFields = map[*fault.Reason]string{indemnity.ErrSampleSize: "quanto", indemnity.ErrSampleReason: "motivo"}

// welfareSamplePropose proposes a sample.
func (p *Portal) welfareSamplePropose(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	id := c.ID
	fields, err := form(r)
	if bad := (textError{}); errors.As(err, &bad) {
		return p.showSampleAsk(w, r, http.StatusUnprocessableEntity, id, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.sample", url.Values{"idem": fields["idem"], "bando": {string(id)}, "misura": fields["misura"], "quanto": fields["quanto"], "motivo": fields["motivo"]})
	if err != nil {
		return err
	}
	size, err := sampleSize(fields)
	var sample indemnity.SampleID
	if err == nil {
		sample, err = p.Controls.ProposeSample(r.Context(), actor(r), sent, id, size, fields.Get("motivo"))
	}
	var f ui.Frame
	switch reason := fault.As(err); {
	case sampleFields[reason] != "":
		return p.showSampleAsk(w, r, http.StatusUnprocessableEntity, id, fields, []ui.FieldError{{Field: sampleFields[reason], Text: words(f, reason)}})
	case reason != nil && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showSampleAsk(w, r, http.StatusConflict, id, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, samplePath(sample), f.T("controls.sample.done"), f.T("controls.sample.done.text"))
}

// welfareSample is a sample, with whom it draws.
func (p *Portal) welfareSample(w http.ResponseWriter, r *http.Request) error {
	s, err := p.addressedSample(r)
	if err != nil {
		return err
	}
	return p.showSample(w, r, http.StatusOK, s, url.Values{}, nil)
}

func (p *Portal) addressedSample(r *http.Request) (indemnity.Sample, error) {
	if err := indemnity.MaySeeControls(actor(r)); err != nil {
		return indemnity.Sample{}, err
	}
	id, err := idParam(r, "campione")
	if err != nil {
		return indemnity.Sample{}, err
	}
	return p.Controls.Sample(r.Context(), indemnity.SampleID(id))
}

func (p *Portal) showSample(w http.ResponseWriter, r *http.Request, status int, s indemnity.Sample, fields url.Values, wrong []ui.FieldError) error {
	f := p.controlFrame(r, ui.Frame{}.T("controls.sample.title"))
	f.Caption, f.Errors = callTitle(f, s.Call), wrong
	f.Badge = &ui.Tag{Tone: sampleTones[s.State], Text: f.T("controls.sample." + string(s.State))}
	page := welfare.ControlPage{Frame: f, Facts: sampleFacts(f, s), Method: drawMethod(f, s), Recipe: p.drawRecipe(s),
		Links: []ui.Link{{Text: f.T("controls.public"), URL: publicControlsPath + "/" + string(s.Call)}, {Text: f.T("controls.back"), URL: controlsPath}}}
	switch s.State {
	case indemnity.SampleMade:
		drawn, err := p.Controls.Drawn(r.Context(), s.ID)
		if err != nil {
			return err
		}
		for _, k := range drawn {
			page.Drawn = append(page.Drawn, p.controlRow(r, f, k))
		}
	case indemnity.SampleWaits:
		page.Acts = []welfare.ControlAct{p.sampleAct(r, f, s, fields)}
	}
	return p.showAs(w, r, status, welfare.Control(page))
}

// sampleFacts say what a sample is drawn from, by whom and why.
func sampleFacts(f ui.Frame, s indemnity.Sample) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("controls.publication"), Value: f.T("controls.publication.of", "Number", s.Publication, "At", ui.OfMoment(s.PublishedAt))},
		{Name: f.T("controls.population"), Value: grouped(s.Population)},
		{Name: f.T("controls.sample.size"), Value: sampleSizeText(f, s)},
		{Name: f.T("controls.sample.reason"), Value: s.Reason},
		{Name: f.T("controls.proposed"), Value: f.T("controls.by", "Name", s.Proposed.Name, "At", ui.OnMoment(s.Proposed.At))},
		{Name: f.T("controls.value.digest"), Value: s.Commitment.Digest, Note: f.T("controls.value.committed", "Name", s.Commitment.Made.Name, "At", ui.OnMoment(s.Commitment.Made.At)), Proper: true},
	}
	switch s.State {
	case indemnity.SampleMade:
		facts = append(facts, ui.Entry{Name: f.T("controls.confirmed"), Value: f.T("controls.by", "Name", s.Decided.Name, "At", ui.OnMoment(s.Decided.At))},
			ui.Entry{Name: f.T("controls.value.revealed"), Value: s.Commitment.Value, Proper: true}, ui.Entry{Name: f.T("controls.seed"), Value: s.Seed, Proper: true})
	case indemnity.SampleNot:
		facts = append(facts, ui.Entry{Name: f.T("controls.sent_back"), Value: f.T("controls.by", "Name", s.Decided.Name, "At", ui.OnMoment(s.Decided.At)), Note: s.Why})
	}
	return facts
}

func sampleSizeText(f ui.Frame, s indemnity.Sample) string {
	if s.Share > 0 {
		return f.T("controls.sample.size.share", "Share", rateField(s.Share), "Size", grouped(s.Size))
	}
	return grouped(s.Size)
}

// sampleAct has a sample drawn, or sent back.
func (p *Portal) sampleAct(r *http.Request, f ui.Frame, s indemnity.Sample, fields url.Values) welfare.ControlAct {
	act := welfare.ControlAct{ID: "decisione-campione", Title: f.T("controls.sample.decide")}
	if reason := fault.As(s.MayConfirm(actor(r))); reason == identity.ErrNoDuty {
		act.Why = f.T("controls.approves")
		return act
	} else if reason != nil {
		act.Why = words(f, reason)
		return act
	}
	act.Form = &ui.FormProps{Action: samplePath(s.ID), Key: once.NewKey()}
	act.Fields = []templ.Component{
		ui.RadioGroup(f, ui.ChoiceProps{Name: "decisione", Legend: f.T("outcome.decision"), Chosen: fields["decisione"], Options: []ui.Option{
			{Value: "estrai", Label: f.T("controls.sample.draw"), Hint: f.T("controls.sample.draw.hint")},
			{Value: "rimanda", Label: f.T("outcome.send_back"), Hint: f.T("outcome.send_back.hint")}}}),
		ui.TextArea(f, ui.TextAreaProps{Name: "nota", Label: f.T("outcome.why"), Hint: f.T("outcome.why.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("nota"), Optional: true})}
	act.Buttons = ui.ButtonsProps{Submit: f.T("outcome.record"), Cancel: &ui.Link{Text: f.T("controls.back"), URL: controlsPath}}
	return act
}

// welfareSampleDecide has a sample drawn that somebody else proposed, or sends it back.
func (p *Portal) welfareSampleDecide(w http.ResponseWriter, r *http.Request) error {
	s, err := p.addressedSample(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if bad := (textError{}); errors.As(err, &bad) {
		return p.showSample(w, r, http.StatusUnprocessableEntity, s, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.sample_decide", url.Values{"idem": fields["idem"], "campione": {string(s.ID)}, "decisione": fields["decisione"], "nota": fields["nota"]})
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "controls.sample.drawn_done"
	switch fields.Get("decisione") {
	case "estrai":
		err = p.Controls.ConfirmSample(r.Context(), actor(r), sent, s.ID)
	case "rimanda":
		done = "controls.sample.back_done"
		err = p.Controls.SendSampleBack(r.Context(), actor(r), sent, s.ID, fields.Get("nota"))
	default:
		return p.showSample(w, r, http.StatusUnprocessableEntity, s, fields, []ui.FieldError{{Field: "decisione", Text: f.T("controls.sample.choose")}})
	}
	switch reason := fault.As(err); {
	case reason == indemnity.ErrSampleWhy:
		return p.showSample(w, r, http.StatusUnprocessableEntity, s, fields, []ui.FieldError{{Field: "nota", Text: words(f, reason)}})
	case reason == indemnity.ErrOwnSample, reason == indemnity.ErrSampleMoved:
		return p.showSample(w, r, http.StatusConflict, s, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, samplePath(s.ID), f.T(done), f.T(done+".text"))
}
