package portal

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/web/heir"
	"portal/web/ui"
	"portal/web/welfare"
)

var (
	errSeconds = fault.Invalid("field.seconds")
	errStops   = fault.Invalid("heirs.stops")
)

// welfareRegisterAsk takes down an application of heirs that came by PEC (W-12).
func (p *Portal) welfareRegisterAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return p.showRegister(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showRegister(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("heirs.register.title"))
	f.Errors = wrong
	text := func(name, label string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: f.T(label), Value: fields.Get(name), Autocomplete: "off"}
	}
	optional := func(p ui.FieldProps, hint string) ui.FieldProps {
		if p.Optional = true; hint != "" {
			p.Hint = f.T(hint)
		}
		return p
	}
	answer := func(name, legend string) ui.ChoiceProps {
		return ui.ChoiceProps{Name: name, Legend: f.T(legend), Hint: f.T("heirs.register.silent"), Optional: true, Chosen: []string{fields.Get(name)}, Options: yesNoOptions(f)}
	}
	rows := heirsForm{office: true, signs: true}.show(f, fields)
	page := welfare.RegisterPage{
		Frame: f, Form: ui.FormProps{Action: registerPath, Key: once.NewKey()}, PEC: pecFields(f, fields),
		GivenName: text("nome", "heirs.nome"), FamilyName: text("cognome", "heirs.cognome"), FiscalCode: text("cf", "heirs.cf"),
		Died: heirDay(f, fields, "decesso", "heirs.died"), Cause: heirCauses(f, fields.Get("tipo")),
		First: heirDay(f, fields, "primo", "heirs.first"), Last: heirDay(f, fields, "ultimo", "heirs.last"),
		Stops:       ui.TextAreaProps{Name: "fermi", Label: f.T("heirs.register.stops"), Hint: f.T("heirs.register.stops.hint"), Value: fields.Get("fermi"), Optional: true},
		Interrupted: heirDay(f, fields, "interruzione", "heirs.register.interrupted"),
		Exclusive:   answer("esclusiva", "heirs.register.exclusive"), Covered: answer("copertura", "heirs.register.covered"),
		CoveredBy: optional(text("copertura_quale", "heirs.register.covered_by"), ""), ISEE: optional(text("isee", "heirs.register.isee"), "heirs.register.isee.hint"),
		ISEEYear: optional(text("isee_anno", "heirs.register.isee_year"), ""), Count: strconv.Itoa(len(rows)), Rows: rows, More: len(rows) < indemnity.MostHeirs,
		Declared: declaredChoice(f, newestDeclarations(calls), fields),
	}
	page.Interrupted.Optional, page.ISEEYear.Short = true, true
	return p.showAs(w, r, status, welfare.Register(page))
}

// newestDeclarations are those of the calls in force, each once.
func newestDeclarations(calls []indemnity.Call) (all []indemnity.Declaration) {
	for _, c := range slices.Backward(calls) {
		for _, d := range c.Rules.Declarations.Is {
			if !slices.ContainsFunc(all, func(o indemnity.Declaration) bool { return o.Mark() == d.Mark() }) {
				all = append(all, d)
			}
		}
	}
	return all
}

// welfareRegister shows what would be registered, with the check of the sixty days, and
// then registers it: the same fields come twice.
func (p *Portal) welfareRegister(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	fields, err := form(r, "dichiarazione")
	var text textError
	if errors.As(err, &text) {
		return p.showRegister(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	if fields.Get("azione") == "aggiungi" {
		return p.showRegister(w, r, http.StatusOK, fields, nil)
	}
	x, at, wrong := registration(fields)
	if len(wrong) > 0 {
		return p.showRegister(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	if fields.Get("conferma") == "" {
		o, err := p.Heirs.Review(r.Context(), actor(r), x)
		if err != nil {
			return p.registerRefused(w, r, fields, at, err)
		}
		return p.showRegistration(w, r, fields, x, o)
	}
	sent, err := sending(r, "heirs.register", fields)
	if err != nil {
		return err
	}
	id, codes, err := p.Heirs.Register(r.Context(), actor(r), sent, x)
	if err != nil {
		return p.registerRefused(w, r, fields, at, err)
	}
	c, err := p.Heirs.Case(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("heirs.registered", "Protocol", c.Protocol))
	f.Path[len(f.Path)-1].Text = c.Protocol
	return p.showHeirCodes(w, r, f, c, codes, []string{f.T("heirs.registered.text"), f.T("heirs.registered.next")})
}

// registration reads the form of what came by PEC. at is the row of each heir.
func registration(fields url.Values) (x indemnity.Registration, at []int, wrong []ui.FieldError) {
	var f ui.Frame
	prepared, wrong := readDeceased(fields)
	x.Deceased, x.DiedOn = prepared.Deceased, prepared.DiedOn
	x.PEC, wrong = readPEC(fields, wrong)
	a := indemnity.Answers{Cause: prepared.Cause, First: prepared.First, Last: prepared.Last, Declared: fields["dichiarazione"],
		Exclusive: yesOrNo(fields.Get("esclusiva")), Covered: yesOrNo(fields.Get("copertura")), CoveredBy: strings.TrimSpace(fields.Get("copertura_quale"))}
	a.InterruptedOn, wrong = readDay(f, fields, "interruzione", wrong)
	if a.Cause != indemnity.Interrupted {
		a.InterruptedOn = calendar.Date{}
	}
	if a.Cause == indemnity.Cycles {
		var err error
		if a.Stops, err = readStops(fields.Get("fermi")); err != nil {
			wrong = append(wrong, ui.FieldError{Field: "fermi", Text: words(f, fault.As(err))})
		}
	}
	a.ISEE = indemnity.No
	if text := strings.TrimSpace(fields.Get("isee")); text != "" {
		value, err := money.Parse(text)
		if reason := fault.As(err); reason != nil {
			wrong = append(wrong, ui.FieldError{Field: "isee", Text: words(f, reason)})
		}
		a.ISEE, a.ISEEValue = indemnity.Yes, value
		a.ISEEYear, err = strconv.Atoi(strings.TrimSpace(fields.Get("isee_anno")))
		if err != nil || a.ISEEYear < 2000 || a.ISEEYear > 2199 {
			wrong = append(wrong, ui.FieldError{Field: "isee_anno", Text: f.T("heirs.register.isee_year.wrong")})
		}
	}
	x.Answers = a
	var flaws []ui.FieldError
	x.Heirs, at, flaws = heirsForm{office: true, signs: true}.read(fields)
	return x, at, append(wrong, flaws...)
}

// readInstant reads a day and an hour with its seconds, in Rome.
func readInstant(fields url.Values, name string, wrong []ui.FieldError) (time.Time, []ui.FieldError) {
	var f ui.Frame
	day, wrong := readDay(f, fields, name, wrong)
	text := strings.TrimSpace(strings.ReplaceAll(fields.Get(name+"-ora"), ".", ":"))
	if day.IsZero() {
		return time.Time{}, wrong
	}
	clock, err := time.Parse("15:04:05", text)
	at := time.Date(day.Year, day.Month, day.Day, clock.Hour(), clock.Minute(), clock.Second(), 0, calendar.Rome)
	if err != nil || at.Hour() != clock.Hour() {
		return time.Time{}, append(wrong, ui.FieldError{Field: name + "-ora", Text: words(f, errSeconds)})
	}
	return at, wrong
}

// readStops reads the stops of a cycle, one a line: a day, or its first and last one.
func readStops(text string) (stops []calendar.Period, err error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.NewReplacer("–", "-", "—", "-", "al", "-").Replace(line))
		if line == "" {
			continue
		}
		from, to, two := strings.Cut(line, "-")
		if !two {
			to = from
		}
		var stop calendar.Period
		for _, part := range []struct {
			text string
			into *calendar.Date
		}{{from, &stop.From}, {to, &stop.To}} {
			t, err := time.Parse("2/1/2006", strings.TrimSpace(part.text))
			if err != nil {
				return nil, errStops
			}
			*part.into = calendar.NewDate(t.Year(), t.Month(), t.Day())
		}
		stops = append(stops, stop)
	}
	if len(stops) == 0 {
		return nil, errStops
	}
	return stops, nil
}

// registerRefused shows the form again with the reason why it cannot be registered as it
// stands.
func (p *Portal) registerRefused(w http.ResponseWriter, r *http.Request, fields url.Values, at []int, err error) error {
	reason := fault.As(err)
	if reason == nil || reason.Kind != fault.KindInvalid {
		return err
	}
	one, ofHeir := heirFlaw(err, at)
	switch field, known := pecFieldOf[reason]; {
	case ofHeir:
	case known:
		one = ui.FieldError{Field: field, Text: words(ui.Frame{}, reason)}
	case reason == indemnity.ErrDaysTaken:
		var taken indemnity.TakenError
		errors.As(err, &taken)
		one = ui.FieldError{Field: "primo", Text: ui.Frame{}.T("heirs.register.taken", "Protocol", taken.Protocol)}
	default:
		one = ui.FieldError{Field: deceasedField(err), Text: words(ui.Frame{}, reason)}
	}
	return p.showRegister(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{one})
}

// showRegistration asks before something is registered, with what one should know. None of
// it keeps anybody from registering.
func (p *Portal) showRegistration(w http.ResponseWriter, r *http.Request, fields url.Values, x indemnity.Registration, o indemnity.Received) error {
	f := p.welfareFrame(r, ui.Frame{}.T("heirs.register.ask"), ui.Crumb{Text: ui.Frame{}.T("heirs.register.title"), URL: registerPath})
	last := o.Term.End()
	page := welfare.HeirsAskPage{Frame: f, Consequences: []string{f.T("heirs.register.consequences")}, Heirs: signedRows(f, shareRows(f, o.Case.Heirs, true), o.Case.Heirs),
		Form:    ui.FormProps{Action: registerPath, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("heirs.register.submit"), Cancel: &ui.Link{Text: f.T("heirs.leave"), URL: registerPath}},
		Facts: []ui.Entry{
			{Name: f.T("heirs.deceased"), Value: o.Case.Member.Name(), Note: string(o.Case.Member.FiscalCode), Proper: true},
			{Name: f.T("heirs.died"), Value: ui.Day(x.DiedOn)},
			{Name: f.T("heirs.period"), Value: ui.ShortDay(x.Answers.Period().From) + " – " + ui.ShortDay(x.Answers.Period().To)},
			{Name: f.T("heirs.col.call"), Value: ui.Month(o.Case.Call.Month().From)},
			{Name: f.T("heirs.pec.accepted"), Value: withSeconds(x.PEC.AcceptedAt), Note: f.T("heirs.pec.counts")},
			{Name: f.T("heirs.pec.delivered"), Value: withSeconds(x.PEC.DeliveredAt)},
			{Name: f.T("heirs.term"), Value: ui.DayEnd(last)},
		}}
	page.Facts = append(page.Facts, registerFacts(f, o.Case)...)
	note := func(tone ui.Tone, key string, args ...any) {
		page.Notes = append(page.Notes, heir.Term{Tone: tone, Title: f.T(key), Text: []string{f.T(key+".text", args...)}})
	}
	if o.InTime {
		note(ui.Success, "heirs.in_time", "By", ui.ByDay(last))
	} else {
		note(ui.Danger, "heirs.late", "On", ui.OnDay(last))
	}
	if o.NoMember {
		note(ui.Action, "heirs.no_member")
	}
	if !o.Case.Registers.Told(indemnity.SilentMembers) || !o.Case.Registers.Told(indemnity.SilentContributions) {
		note(ui.Action, "heirs.register.silence")
	}
	if on := o.Case.Registers.Member.DiedOn; !on.IsZero() && on != x.DiedOn {
		note(ui.Action, "heirs.other_death", "On", ui.OnDay(on))
	}
	if len(o.Case.Unsigned()) == len(o.Case.Heirs) {
		note(ui.Action, "heirs.nobody_signed")
	}
	if !o.Own {
		note(ui.Action, "heirs.other_call", "Month", ui.Month(o.Case.Call.Month().From))
	}
	page.Hidden = [][2]string{{"conferma", "si"}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range fields[name] {
			if name != "idem" && name != "azione" && name != "conferma" && v != "" {
				page.Hidden = append(page.Hidden, [2]string{name, v})
			}
		}
	}
	return p.show(w, r, welfare.HeirsAsk(page))
}
