package indemnity

import (
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Facts is what an application made of the draft would be examined on, with what the
// registers say of its member.
func (d Draft) Facts(k Registers) Facts { return FactsOf(d.ID, d.Answers, d.Papers, k) }

// FactsOf is what the answers and papers of a member, and the registers, tell the
// examination. That a certificate has the form of a prognosis is an officer's finding:
// until then its owner is believed.
func FactsOf(id CaseID, a Answers, papers []Paper, k Registers) Facts {
	f := Facts{
		ID: string(id), Applicant: k.Member.Number, Kind: ByMember, Channel: Portal,
		ActiveMember: k.Member.Active, EnrolmentApplied: k.Member.AppliedOn, EnrolledOn: k.Member.EnrolledOn,
		DiedOn:       k.Member.DiedOn,
		Event:        a.sickness(papers),
		Identity:     identityOf(a, papers, calendar.On(k.At)),
		Declarations: SelfDeclarations{TrueCopy: true, NoActivity: true, OtherCover: a.Covered == Yes, Exclusive: a.Exclusive == Yes},
		ISEE:         ISEE{Status: ISEENotPresented},
		Incomes:      yearly(k.Member.Incomes),
		DaysUsed:     yearly(k.Member.DaysPaid),
		DaysUsedTo:   k.Member.DaysPaidTo,
		Contribution: Contribution{IncomeCommunicated: len(k.Position.MissingYears) == 0, DebtAtSubmission: k.Position.Due(), PlanResidual: k.Position.Plan},
	}
	if a.ISEE == Yes {
		f.ISEE = ISEE{Status: ISEEValid, Given: true, Value: a.ISEEValue}
	}
	if k.Member.FlatRate {
		f.Withholding = new(Rate)
	}
	return f
}

// sickness is the event that the answers tell of, with the papers that have their file.
func (a Answers) sickness(papers []Paper) SicknessEvent {
	e := SicknessEvent{Kind: a.Cause.Kind(), Period: a.Period(), BirthOn: a.BirthOn}
	switch a.Cause {
	case Cycles:
		e.Interruptions, e.MultiYear = a.Stops, a.MultiYear
	case Interrupted:
		e.InterruptedOn = a.InterruptedOn
	}
	for _, p := range papers {
		switch {
		case !p.Kind.Medical():
		case p.Kind == HospitalStay:
			e.Stays = append(e.Stays, Stay{p.Covers, p.Attachment != ""})
		case p.Attachment != "":
			covers := p.Covers
			if !p.Kind.covers() {
				covers = e.Period // it lists days of the whole event
			}
			e.Certificates = append(e.Certificates, Certificate{Kind: p.Kind, IssuedOn: p.IssuedOn, Period: covers, InForm: !p.Read.NoForm})
		}
	}
	return e
}

// Kind is the kind of event that a cause makes.
func (c Cause) Kind() EventKind {
	switch c {
	case Cycles:
		return TherapyCycle
	case Interrupted:
		return RiskInterruption
	}
	return Ordinary
}

func identityOf(a Answers, papers []Paper, on calendar.Date) IdentityDocument {
	d := Draft{Answers: a, Papers: papers}
	whole := d.has(IdentityWhole) || d.has(IdentityFront) && d.has(IdentityBack)
	switch {
	case !whole && !d.has(IdentityFront) && !d.has(IdentityBack):
		return IdentityMissing
	case !whole || !a.IdentityExpires.IsZero() && a.IdentityExpires.Before(on): // A41
		return IdentityDefective
	}
	return IdentityValid
}

// yearly is a value by year as the examination takes it, the earliest year first.
func yearly[T int | money.Amount](of map[string]T) (y Yearly[T]) {
	for text, is := range of {
		if year, err := strconv.Atoi(text); err == nil {
			y = append(y, InYear[T]{year, is})
		}
	}
	slices.SortFunc(y, func(a, b InYear[T]) int { return a.Year - b.Year })
	return y
}

// Supposed is the facts of a draft with the papers that it still lacks: what its days
// would be worth if they are all proved. It says whether anything was supposed.
func (d Draft) Supposed(k Registers) (f Facts, supposed bool) {
	f = d.Facts(k)
	if f.Event.Kind == TherapyCycle || d.proves() || !f.Event.Period.Valid() {
		return f, false
	}
	f.Event.Certificates = append(f.Event.Certificates, Certificate{Kind: d.Answers.Cause.Proof(), IssuedOn: f.Event.From, Period: f.Event.Period, InForm: true})
	return f, true
}
