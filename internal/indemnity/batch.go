package indemnity

import (
	"fmt"
	"io"
	"slices"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/money"
)

// Batch is a file of applications with the call that they are for.
type Batch struct {
	Call         Call
	On           calendar.Date // the day on which open terms are judged; zero: every term has run out
	Applications []Facts
}

// The objects of a batch.
var (
	batchShape       = shapeOf("a batch", "call", "applications")
	callShape        = shapeOf("a call", "call_id", "event_end_from", "event_end_to", "budget?", "evaluation_date?")
	applicationShape = shapeOf("an application", "application_id", "applicant_id", "applicant_kind", "channel", "submitted_at",
		"active_member", "enrolment_application_date", "enrolment_date", "event_type", "event_start", "event_end",
		"certificates?", "hospital_stays?", "interruption_periods?", "cycle_multi_year", "pregnancy_interruption_date?",
		"birth_date?", "death_date?", "death_certificate_attached", "identity_document", "declarations", "formal_defects?",
		"worked_during_period", "isee", "net_income_by_year", "contribution", "integration?", "prior_indemnified_days",
		"withholding_rate?", "post_payment_finding?", "note?")
	certificateShape    = shapeOf("a certificate", "kind", "issued_on", "from", "to", "in_prognosis_form")
	stayShape           = shapeOf("a hospital stay", "from", "to", "certificate_attached")
	periodShape         = shapeOf("a period", "from", "to")
	declarationsShape   = shapeOf("the declarations", "true_copy", "no_professional_activity", "other_mandatory_cover", "exclusive_self_employment")
	iseeShape           = shapeOf("an ISEE", "status", "value?")
	contributionShape   = shapeOf("a contribution position", "declarations_complete", "debt_at_submission", "instalment_plan_residual", "debt_after_submission", "regularisation?")
	regularisationShape = shapeOf("a regularisation", "requested_on?", "declarations_fixed_on?", "paid_on?", "paid_amount")
	integrationShape    = shapeOf("an integration", "requested_on?", "received_on?")
)

// ReadBatch reads a file of applications, whose name is for its flaws, value by value:
// it takes the file as a whole or returns *batch.Flaws. A list of applications is for the
// given call without a limit of money; an object names window, budget and day itself,
// and leaves every other rule of the given call as it is. The size of the file, or 0
// where nobody knows it, is for making room at once.
func ReadBatch(file string, r io.Reader, size int64, call Call) (Batch, error) {
	p := batchReader{jsonReader: newJSONReader(file, r), size: size, read: Batch{Call: call}, first: map[string]int{}}
	p.read.Call.Rules.Budget.Is = nil
	switch p.peek() {
	case '[':
		p.within(step{name: "applications"}, p.applications)
	case '{':
		p.object(&batchShape, func(name string) {
			if name == "call" {
				p.call()
			} else {
				p.applications()
			}
		})
	default:
		p.not("a list of applications or an object with a call and applications")
	}
	if err := p.finish(); err != nil {
		return Batch{}, err
	}
	return p.read, nil
}

// batchReader is a batch as far as it is read.
type batchReader struct {
	*jsonReader
	size  int64
	read  Batch
	first map[string]int // application by its ID
}

func (p *batchReader) call() {
	rules := &p.read.Call.Rules
	p.object(&callShape, func(name string) {
		switch name {
		case "call_id":
			p.read.Call.ID = CallID(p.string())
		case "event_end_from":
			rules.Window.Is.From = p.date()
		case "event_end_to":
			rules.Window.Is.To = p.date()
		case "budget":
			if !p.null() {
				budget := p.amount()
				rules.Budget.Is = &budget
			}
		case "evaluation_date":
			p.read.On = p.dateOrNull()
		}
	})
	p.inOrder(rules.Window.Is, "event_end_to", "event_end_from")
}

func (p *batchReader) applications() {
	p.list(func(place int) {
		if place == cap(p.read.Applications) {
			p.read.Applications = slices.Grow(p.read.Applications, p.room())
		}
		p.read.Applications = append(p.read.Applications, Facts{})
		f := &p.read.Applications[place]
		p.object(&applicationShape, func(name string) { p.field(f, name) })
		if p.broken {
			return
		}
		p.sound(f)
		if before, again := p.first[f.ID]; again && f.ID != "" {
			p.about("application_id", fmt.Sprintf("%s, first in applications[%d]", givenTwice, before))
		} else {
			p.first[f.ID] = place
		}
	})
}

// room is how many more applications to expect: as many as so far are in the rest of a
// file of known size, and a few more.
func (p *batchReader) room() int {
	n, rest := int64(len(p.read.Applications)), p.size-p.offset
	if n == 0 || rest <= 0 {
		return int(n + 100)
	}
	return int(n*rest/p.offset*101/100 + 100)
}

// field reads one field of an application.
func (p *batchReader) field(f *Facts, name string) {
	switch name {
	case "application_id":
		f.ID = p.string()
	case "applicant_id":
		f.Applicant = p.string()
	case "applicant_kind":
		f.Kind = oneOf(p.jsonReader, ByMember, ByHeirs)
	case "channel":
		f.Channel = oneOf(p.jsonReader, Portal, PEC, OtherChannel)
	case "submitted_at":
		f.SubmittedAt = p.instant()
	case "active_member":
		f.ActiveMember = p.bool()
	case "enrolment_application_date":
		f.EnrolmentApplied = p.date()
	case "enrolment_date":
		f.EnrolledOn = p.date()
	case "death_date":
		f.DiedOn = p.dateOrNull()
	case "death_certificate_attached":
		f.DeathCertificate = p.bool()
	case "identity_document":
		f.Identity = oneOf(p.jsonReader, IdentityValid, IdentityDefective, IdentityMissing)
	case "declarations":
		p.declarations(&f.Declarations)
	case "formal_defects":
		p.list(func(int) { f.FormalDefects = append(f.FormalDefects, p.remark()) })
	case "worked_during_period":
		f.Worked = p.bool()
	case "isee":
		p.isee(&f.ISEE)
	case "net_income_by_year":
		f.Incomes = perYear(p.jsonReader, func() money.Amount { return p.money(batch.Signed) })
	case "contribution":
		p.contribution(&f.Contribution)
	case "integration":
		p.integration(&f.Supplement)
	case "prior_indemnified_days":
		f.DaysUsed = perYear(p.jsonReader, p.count)
	case "withholding_rate":
		rate := p.rate()
		f.Withholding = &rate
	case "post_payment_finding":
		f.FoundAfterPayment = p.bool()
	case "note":
		p.remark() // ignored
	default:
		p.event(&f.Event, name)
	}
}

// event reads one field of the event of an application.
func (p *batchReader) event(e *SicknessEvent, name string) {
	switch name {
	case "event_type":
		e.Kind = oneOf(p.jsonReader, Ordinary, TherapyCycle, RiskInterruption, RiskBirth)
	case "event_start":
		e.From = p.date()
	case "event_end":
		e.To = p.date()
	case "certificates":
		p.list(func(int) { e.Certificates = append(e.Certificates, p.certificate()) })
	case "hospital_stays":
		p.list(func(int) { e.Stays = append(e.Stays, p.stay()) })
	case "interruption_periods":
		p.list(func(int) {
			var period calendar.Period
			p.object(&periodShape, func(name string) { p.end(&period, name) })
			p.inOrder(period, "to", "from")
			e.Interruptions = append(e.Interruptions, period)
		})
	case "cycle_multi_year":
		e.MultiYear = p.bool()
	case "pregnancy_interruption_date":
		e.InterruptedOn = p.dateOrNull()
	case "birth_date":
		e.BirthOn = p.dateOrNull()
	}
}

// end reads one end of a period.
func (p *batchReader) end(period *calendar.Period, name string) {
	if name == "from" {
		period.From = p.date()
	} else {
		period.To = p.date()
	}
}

func (p *batchReader) certificate() (c Certificate) {
	p.object(&certificateShape, func(name string) {
		switch name {
		case "kind":
			c.Kind = oneOf(p.jsonReader, InitialPrognosis, ExtensionPrognosis, CycleFinal, ASLInterdiction, HeirsFinal)
		case "issued_on":
			c.IssuedOn = p.date()
		case "in_prognosis_form":
			c.InForm = p.bool()
		default:
			p.end(&c.Period, name)
		}
	})
	p.inOrder(c.Period, "to", "from")
	return c
}

func (p *batchReader) stay() (s Stay) {
	p.object(&stayShape, func(name string) {
		if name == "certificate_attached" {
			s.Certified = p.bool()
		} else {
			p.end(&s.Period, name)
		}
	})
	p.inOrder(s.Period, "to", "from")
	return s
}

func (p *batchReader) declarations(d *SelfDeclarations) {
	p.object(&declarationsShape, func(name string) {
		switch is := p.bool(); name {
		case "true_copy":
			d.TrueCopy = is
		case "no_professional_activity":
			d.NoActivity = is
		case "other_mandatory_cover":
			d.OtherCover = is
		case "exclusive_self_employment":
			d.Exclusive = is
		}
	})
}

func (p *batchReader) isee(i *ISEE) {
	p.object(&iseeShape, func(name string) {
		switch {
		case name == "status":
			i.Status = oneOf(p.jsonReader, ISEEValid, ISEEInvalid, ISEENotPresented)
		case !p.null():
			i.Value, i.Given = p.amount(), true
		}
	})
	if i.Status == ISEEValid && !i.Given {
		p.about("value", "is missing though status is valid")
	}
}

func (p *batchReader) contribution(c *Contribution) {
	p.object(&contributionShape, func(name string) {
		switch name {
		case "declarations_complete":
			c.IncomeCommunicated = p.bool()
		case "debt_at_submission":
			c.DebtAtSubmission = p.amount()
		case "instalment_plan_residual":
			c.PlanResidual = p.amount()
		case "debt_after_submission":
			c.DebtAfterwards = p.amount()
		case "regularisation":
			if !p.null() {
				p.regularisation(c)
			}
		}
	})
}

func (p *batchReader) regularisation(c *Contribution) {
	p.object(&regularisationShape, func(name string) {
		switch name {
		case "requested_on":
			c.RequestedOn = p.dateOrNull()
		case "declarations_fixed_on":
			c.CommunicatedOn = p.dateOrNull()
		case "paid_on":
			c.PaidOn = p.dateOrNull()
		case "paid_amount":
			c.Paid = p.amount()
		}
	})
}

func (p *batchReader) integration(s *SupplementRequest) {
	if p.null() {
		return
	}
	p.object(&integrationShape, func(name string) {
		if name == "requested_on" {
			s.RequestedOn = p.dateOrNull()
		} else {
			s.ReceivedOn = p.dateOrNull()
		}
	})
}

// inOrder wants the last day of a period not to come before the first.
func (p *batchReader) inOrder(period calendar.Period, last, first string) {
	if !period.From.IsZero() && !period.To.IsZero() && period.To.Before(period.From) {
		p.about(last, "comes before "+first)
	}
}

// sound wants the fields of an application to go together.
func (p *batchReader) sound(f *Facts) {
	p.inOrder(f.Event.Period, "event_end", "event_start")
	if f.heirs() {
		switch {
		case f.DiedOn.IsZero():
			p.about("death_date", "is missing though heirs apply")
		case f.DiedOn.Before(f.Event.From):
			p.about("death_date", "comes before event_start")
		}
	}
}
