package portal

import (
	"errors"
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
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// pecPath is where one more message is registered for a case; with the name of one, where
// that is put right.
func pecPath(c indemnity.CaseID, m indemnity.MessageID) string {
	if m == "" {
		return welfareCasePath(c) + "/pec"
	}
	return welfareCasePath(c) + "/pec/" + string(m)
}

// pecCase is the case in the address with the message that is to be put right, none where
// one is new.
func (p *Portal) pecCase(r *http.Request) (c indemnity.CaseFile, m indemnity.Message, err error) {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return c, m, err
	}
	if c, err = p.welfareFile(r); err != nil {
		return c, m, err
	}
	if !strings.HasSuffix(r.URL.Path, "/pec") {
		id, err := idParam(r, "messaggio")
		if err != nil {
			return c, m, err
		}
		m, err = c.Message(indemnity.MessageID(id))
		return c, m, err
	}
	return c, m, c.MayReceive()
}

// welfarePECAsk takes down the receipts of a message.
func (p *Portal) welfarePECAsk(w http.ResponseWriter, r *http.Request) error {
	c, m, err := p.pecCase(r)
	if err != nil {
		return err
	}
	fields := url.Values{}
	if m.ID != "" {
		fields.Set("mittente", m.Sender)
		instantFields(fields, "accettata", m.AcceptedAt)
		instantFields(fields, "consegnata", m.DeliveredAt)
	}
	return p.showPEC(w, r, http.StatusOK, c, m, fields, nil)
}

// instantFields are the fields of a moment as readInstant reads them.
func instantFields(fields url.Values, name string, at time.Time) {
	day, month, year := ui.DateNames(name)
	on := calendar.On(at)
	fields.Set(day, strconv.Itoa(on.Day))
	fields.Set(month, strconv.Itoa(int(on.Month)))
	fields.Set(year, strconv.Itoa(on.Year))
	fields.Set(name+"-ora", at.In(calendar.Rome).Format("15:04:05"))
}

func (p *Portal) showPEC(w http.ResponseWriter, r *http.Request, status int, c indemnity.CaseFile, m indemnity.Message, fields url.Values, wrong []ui.FieldError) error {
	title := "heirs.pec.add"
	if m.ID != "" {
		title = "heirs.pec.right"
	}
	f := p.welfareCaseFrame(r, c, title)
	f.Errors = wrong
	page := welfare.PECPage{Frame: f, Lead: f.T(title + ".lead"), PEC: pecFields(f, fields),
		Form:    ui.FormProps{Action: pecPath(c.ID, m.ID), Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T(title + ".submit"), Cancel: &ui.Link{Text: f.T("heirs.leave"), URL: welfareCasePath(c.ID)}}}
	if m.ID != "" {
		page.Why = &ui.TextAreaProps{Name: "motivo", Label: f.T("heirs.pec.why"), Hint: f.T("heirs.pec.why.hint"), Value: fields.Get("motivo")}
		return p.showAs(w, r, status, welfare.PEC(page))
	}
	if open := c.Unsigned(); len(open) > 0 {
		page.Signed = &ui.ChoiceProps{Name: "firma", Legend: f.T("heirs.pec.signed"), Hint: f.T("heirs.pec.signed.hint"), Optional: true, Chosen: fields["firma"]}
		for _, h := range open {
			page.Signed.Options = append(page.Signed.Options, ui.Option{Value: string(h.ID), Label: h.Person.Name()})
		}
		declared := declaredChoice(f, c.Rules.Declarations.Is, fields)
		page.Declared = &declared
	}
	return p.showAs(w, r, status, welfare.PEC(page))
}

// pecFields are the sender and the two receipts of a message.
func pecFields(f ui.Frame, fields url.Values) welfare.PECFields {
	text := func(name, label string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: f.T(label), Value: fields.Get(name), Autocomplete: "off"}
	}
	x := welfare.PECFields{Sender: text("mittente", "heirs.pec.sender"),
		Accepted: heirDay(f, fields, "accettata", "heirs.pec.accepted"), AcceptedAt: text("accettata-ora", "heirs.pec.accepted_at"),
		Delivered: heirDay(f, fields, "consegnata", "heirs.pec.delivered"), DeliveredAt: text("consegnata-ora", "heirs.pec.delivered_at")}
	x.Sender.Type = "email"
	x.AcceptedAt.Hint, x.DeliveredAt.Hint = f.T("heirs.pec.seconds"), f.T("heirs.pec.seconds")
	x.Accepted.Hint = f.T("heirs.pec.counts")
	return x
}

// declaredChoice asks which declarations a message contains, in the words of heirs.
func declaredChoice(f ui.Frame, all []indemnity.Declaration, fields url.Values) ui.ChoiceProps {
	x := ui.ChoiceProps{Name: "dichiarazione", Legend: f.T("heirs.register.marks"), Hint: f.T("heirs.register.marks.hint"), Optional: true, Chosen: fields["dichiarazione"]}
	for _, d := range all {
		x.Options = append(x.Options, ui.Option{Value: d.Mark(), Label: d.OfHeirs()})
	}
	return x
}

// registerFacts is what the member register said of who an application is about: of
// heirs, as it was on the day of the death (A36).
func registerFacts(f ui.Frame, c indemnity.CaseFile) []ui.Entry {
	m := c.Registers.Member
	if c.Kind != indemnity.ByHeirs || m.Number == "" {
		return nil
	}
	facts := []ui.Entry{{Name: f.T("heirs.register.number"), Value: m.Number, Proper: true}}
	if !m.EnrolledOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("heirs.register.enrolled"), Value: ui.Day(m.EnrolledOn)})
	}
	active := ui.Entry{Name: f.T("heirs.register.active"), Value: f.T("member.no")}
	if m.Active {
		active.Value = f.T("member.yes")
	}
	return append(facts, active)
}

// pecRows are the messages of a case, with what was registered of them before; rights
// tells whether they can be put right.
func pecRows(f ui.Frame, c indemnity.CaseFile, rights bool) (rows []welfare.PECRow) {
	for i, m := range c.Messages {
		row := welfare.PECRow{Title: f.T("heirs.pec.number", "Number", i+1), Facts: pecFacts(f, m.Certified)}
		if i == 0 && c.Channel == indemnity.PEC {
			row.Facts[1].Note = f.T("heirs.pec.counts")
		}
		for _, b := range m.Before {
			row.Before = append(row.Before, f.T("heirs.pec.before", "At", ui.OnMoment(b.At), "Why", b.Why, "Sender", b.Sender,
				"Accepted", withSeconds(b.AcceptedAt), "Delivered", withSeconds(b.DeliveredAt)))
		}
		if rights {
			row.Right = &ui.Link{Text: f.T("heirs.pec.right.of", "Number", i+1), URL: pecPath(c.ID, m.ID)}
		}
		rows = append(rows, row)
	}
	return rows
}

func pecFacts(f ui.Frame, m indemnity.Certified) []ui.Entry {
	return []ui.Entry{{Name: f.T("heirs.pec.sender"), Value: m.Sender, Proper: true}, {Name: f.T("heirs.pec.accepted"), Value: withSeconds(m.AcceptedAt)},
		{Name: f.T("heirs.pec.delivered"), Value: withSeconds(m.DeliveredAt)}}
}

// readPEC reads the sender and the receipts of a message.
func readPEC(fields url.Values, wrong []ui.FieldError) (m indemnity.Certified, _ []ui.FieldError) {
	m.Sender = strings.TrimSpace(fields.Get("mittente"))
	m.AcceptedAt, wrong = readInstant(fields, "accettata", wrong)
	m.DeliveredAt, wrong = readInstant(fields, "consegnata", wrong)
	return m, wrong
}

// pecFieldOf is beside which field a reason about a message stands.
var pecFieldOf = map[*fault.Reason]string{
	indemnity.ErrPECSender: "mittente", indemnity.ErrPECAccepted: "accettata", indemnity.ErrPECDelivered: "consegnata",
	indemnity.ErrPECOrder: "consegnata", indemnity.ErrPECToCome: "consegnata", indemnity.ErrCorrectionWhy: "motivo", indemnity.ErrNothingToRight: "mittente",
}

// welfarePEC registers a message, or puts one right.
func (p *Portal) welfarePEC(w http.ResponseWriter, r *http.Request) error {
	c, m, err := p.pecCase(r)
	if err != nil {
		return err
	}
	fields, err := form(r, "firma", "dichiarazione")
	var text textError
	if errors.As(err, &text) {
		return p.showPEC(w, r, http.StatusUnprocessableEntity, c, m, fields, []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	is, wrong := readPEC(fields, nil)
	if len(wrong) > 0 {
		return p.showPEC(w, r, http.StatusUnprocessableEntity, c, m, fields, wrong)
	}
	sent, err := sending(r, "heirs.pec", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "heirs.pec.added"
	if m.ID != "" {
		done = "heirs.pec.righted"
		err = p.Heirs.Correct(r.Context(), actor(r), sent, c.ID, m.ID, is, fields.Get("motivo"))
	} else {
		var signed []indemnity.HeirID
		for _, h := range c.Unsigned() {
			if slices.Contains(fields["firma"], string(h.ID)) {
				signed = append(signed, h.ID)
			}
		}
		err = p.Heirs.Receive(r.Context(), actor(r), sent, c.ID, is, signed, fields["dichiarazione"])
	}
	if reason := fault.As(err); reason != nil && pecFieldOf[reason] != "" {
		return p.showPEC(w, r, http.StatusUnprocessableEntity, c, m, fields, []ui.FieldError{{Field: pecFieldOf[reason], Text: words(f, reason)}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, welfareCasePath(c.ID), f.T(done), f.T(done+".text"))
}
