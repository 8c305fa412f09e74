package indemnity

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/money"
)

// WriteBatch writes applications with the call that they are for, in the form that
// ReadBatch reads: what a ranking was made of, for anybody to make it again. Only to the
// second is it known when an application was sent.
func WriteBatch(w io.Writer, call *Call, on calendar.Date, all iter.Seq2[Facts, error]) error {
	out := jsonWriter{to: bufio.NewWriterSize(w, jsonWindow)}
	rules := &call.Rules
	out.open('{')
	out.key("call")
	out.open('{')
	out.text("call_id", string(call.ID))
	out.date("event_end_from", rules.Window.Is.From)
	out.date("event_end_to", rules.Window.Is.To)
	out.money("budget", value(rules.Budget.Is), rules.Budget.Is != nil)
	out.date("evaluation_date", on)
	out.close('}')
	out.key("applications")
	out.open('[')
	for f, err := range all {
		if err != nil {
			return err
		}
		out.facts(&f)
	}
	out.close(']')
	out.close('}')
	out.line = append(out.line, '\n')
	out.flush()
	return out.to.Flush()
}

// MarshalJSON writes the facts as an application of a batch.
func (f Facts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	out := jsonWriter{to: bufio.NewWriter(&b)}
	out.facts(&f)
	out.flush()
	err := out.to.Flush()
	return b.Bytes(), err
}

// UnmarshalJSON reads an application of a batch.
func (f *Facts) UnmarshalJSON(text []byte) error {
	p := batchReader{jsonReader: newJSONReader("facts", bytes.NewReader(text))}
	*f = Facts{}
	p.object(&applicationShape, func(name string) { p.field(f, name) })
	if err := p.finish(); err != nil {
		return fmt.Errorf("facts of an application: %w", err)
	}
	return nil
}

func (w *jsonWriter) facts(f *Facts) {
	e := &f.Event
	w.open('{')
	w.text("application_id", f.ID)
	w.text("applicant_id", f.Applicant)
	w.text("applicant_kind", string(f.Kind))
	w.text("channel", string(f.Channel))
	w.text("submitted_at", f.SubmittedAt.In(calendar.Rome).Format("2006-01-02T15:04:05"))
	w.flag("active_member", f.ActiveMember)
	w.date("enrolment_application_date", f.EnrolmentApplied)
	w.date("enrolment_date", f.EnrolledOn)
	w.text("event_type", string(e.Kind))
	w.date("event_start", e.From)
	w.date("event_end", e.To)
	w.key("certificates")
	w.open('[')
	for _, c := range e.Certificates {
		w.open('{')
		w.text("kind", string(c.Kind))
		w.date("issued_on", c.IssuedOn)
		w.period(c.Period)
		w.flag("in_prognosis_form", c.InForm)
		w.close('}')
	}
	w.close(']')
	w.key("hospital_stays")
	w.open('[')
	for _, s := range e.Stays {
		w.open('{')
		w.period(s.Period)
		w.flag("certificate_attached", s.Certified)
		w.close('}')
	}
	w.close(']')
	w.key("interruption_periods")
	w.open('[')
	for _, p := range e.Interruptions {
		w.open('{')
		w.period(p)
		w.close('}')
	}
	w.close(']')
	w.flag("cycle_multi_year", e.MultiYear)
	w.date("pregnancy_interruption_date", e.InterruptedOn)
	w.date("birth_date", e.BirthOn)
	w.date("death_date", f.DiedOn)
	w.flag("death_certificate_attached", f.DeathCertificate)
	w.text("identity_document", string(f.Identity))
	w.key("declarations")
	w.open('{')
	w.flag("true_copy", f.Declarations.TrueCopy)
	w.flag("no_professional_activity", f.Declarations.NoActivity)
	w.flag("other_mandatory_cover", f.Declarations.OtherCover)
	w.flag("exclusive_self_employment", f.Declarations.Exclusive)
	w.close('}')
	words(w, "formal_defects", f.FormalDefects)
	w.flag("worked_during_period", f.Worked)
	w.key("isee")
	w.open('{')
	w.text("status", string(f.ISEE.Status))
	w.money("value", f.ISEE.Value, f.ISEE.Given)
	w.close('}')
	byYear(w, "net_income_by_year", f.Incomes, func(year string, is money.Amount) { w.money(year, is, true) })
	w.contribution(&f.Contribution)
	w.key("integration")
	w.open('{')
	w.date("requested_on", f.Supplement.RequestedOn)
	w.date("received_on", f.Supplement.ReceivedOn)
	w.close('}')
	byYear(w, "prior_indemnified_days", f.DaysUsed, func(year string, is int) { w.number(year, is, true) })
	if f.Withholding != nil {
		w.text("withholding_rate", f.Withholding.String())
	}
	w.flag("post_payment_finding", f.FoundAfterPayment)
	w.close('}')
}

func (w *jsonWriter) contribution(c *Contribution) {
	w.key("contribution")
	w.open('{')
	w.flag("declarations_complete", c.IncomeCommunicated)
	w.money("debt_at_submission", c.DebtAtSubmission, true)
	w.money("instalment_plan_residual", c.PlanResidual, true)
	w.money("debt_after_submission", c.DebtAfterwards, true)
	w.key("regularisation")
	w.open('{')
	w.date("requested_on", c.RequestedOn)
	w.date("declarations_fixed_on", c.CommunicatedOn)
	w.date("paid_on", c.PaidOn)
	w.money("paid_amount", c.Paid, true)
	w.close('}')
	w.close('}')
}

func (w *jsonWriter) flag(name string, is bool) {
	w.key(name)
	w.raw(strconv.FormatBool(is))
}

func (w *jsonWriter) period(p calendar.Period) {
	w.date("from", p.From)
	w.date("to", p.To)
}

// byYear writes a value of each year.
func byYear[T any](w *jsonWriter, name string, years Yearly[T], write func(year string, is T)) {
	w.key(name)
	w.open('{')
	for _, y := range years {
		write(strconv.Itoa(y.Year), y.Is)
	}
	w.close('}')
}
