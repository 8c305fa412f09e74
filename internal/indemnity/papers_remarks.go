package indemnity

import "portal/internal/calendar"

// Doubt is what somebody should know of the papers of a draft before it is sent. None
// stands in the way.
type Doubt string

// The doubts.
const (
	DoubtIssuedLate     Doubt = "issued_late"     // issued after the first day that it covers (A37)
	DoubtIssuedEarly    Doubt = "issued_early"    // a final certificate, before the last day of the cycle (R33)
	DoubtOutside        Doubt = "outside"         // it covers days outside the declared period
	DoubtNoFile         Doubt = "no_file"         // noted, and without its file
	DoubtStayNoCopy     Doubt = "stay_no_copy"    // likewise, of a stay in a hospital (A21)
	DoubtOtherCause     Doubt = "other_cause"     // it proves nothing of an event of this cause
	DoubtNoProof        Doubt = "no_proof"        // the paper that the cause wants is not there (R25, R33, R36)
	DoubtExtensionAlone Doubt = "extension_alone" // an extension, and nothing that it extends (R25)
	DoubtGap            Doubt = "gap"             // declared days that no paper covers (R9, R27)
)

// Remark is a doubt about a paper, or about days.
type Remark struct {
	Doubt Doubt
	Paper PaperID           // "" for what concerns all of them
	Days  []calendar.Period // that it is about
	Lack  Lack              // what follows, "" for nothing that is certain
}

// Remarks lists what there is to say of the papers of a draft that prove days: first of
// each, then of all together. Before the first paper there is nothing to say.
func (d Draft) Remarks(r *RuleSet) (all []Remark) {
	cause, medical, extended := d.Answers.Cause, 0, false
	declared := d.Answers.Period()
	for _, p := range d.Papers {
		if !p.Kind.Medical() {
			continue
		}
		medical++
		extended = extended || p.Kind == ExtensionPrognosis
		all = append(all, p.remarks(r, cause, declared)...)
	}
	if medical == 0 || cause == "" {
		return all
	}
	if proof := cause.Proof(); !d.has(proof) {
		doubt := DoubtNoProof
		if proof == InitialPrognosis && extended {
			doubt = DoubtExtensionAlone
		}
		all = append(all, Remark{Doubt: doubt, Lack: LackInadmissible})
	}
	if gap := d.Uncovered(r); len(gap) > 0 && d.proves() {
		all = append(all, Remark{Doubt: DoubtGap, Days: gap, Lack: LackDays})
	}
	return all
}

// remarks is what there is to say of one.
func (p Paper) remarks(r *RuleSet, cause Cause, declared calendar.Period) (all []Remark) {
	say := func(doubt Doubt, lack Lack, days ...calendar.Period) {
		all = append(all, Remark{doubt, p.ID, days, lack})
	}
	switch {
	case p.Attachment == "" && p.Kind == HospitalStay && r.Readings.HospitalCopyMissing.Is == MakesInadmissible:
		say(DoubtStayNoCopy, LackInadmissible)
	case p.Attachment == "":
		say(DoubtNoFile, "")
	}
	switch {
	case cause != "" && p.wrongFor(cause):
		say(DoubtOtherCause, "")
	case p.Kind == CycleFinal && p.IssuedOn.Before(declared.To):
		say(DoubtIssuedEarly, "", calendar.Period{From: p.IssuedOn, To: declared.To})
	case (p.Kind == InitialPrognosis || p.Kind == ExtensionPrognosis) && p.IssuedOn.After(p.Covers.From):
		say(DoubtIssuedLate, "", calendar.Period{From: p.Covers.From, To: p.IssuedOn})
	}
	if p.Covers.Valid() && !declared.From.IsZero() && cause != Cycles {
		within := span{numberOf(declared.From), numberOf(p.Covers.To)}
		if !declared.To.IsZero() {
			within.to = numberOf(declared.To)
		}
		if outside := periods(without(spanOf(p.Covers), []span{within})); len(outside) > 0 {
			say(DoubtOutside, "", outside...)
		}
	}
	return all
}

// Covered lists the declared days that the papers with their file cover, and Uncovered
// those that none does. Of a cycle, whose days are listed, neither says anything; an
// event whose last day is not known yet ends with the last day that is covered.
func (d Draft) Covered(r *RuleSet) []calendar.Period {
	e, _ := d.evidence(r)
	return periods(e.accepted)
}

// Uncovered lists the declared days that no paper covers: see Covered.
func (d Draft) Uncovered(r *RuleSet) []calendar.Period {
	e, known := d.evidence(r)
	if !known {
		return nil
	}
	return periods(without(e.declared, e.accepted))
}

func (d Draft) evidence(r *RuleSet) (evidence, bool) {
	f := d.Facts(Registers{})
	f.Event.Period = f.Event.known()
	if f.Event.Kind == TherapyCycle || !f.Event.Valid() {
		return evidence{}, false
	}
	return r.read(&f), true
}

func periods(spans []span) (all []calendar.Period) {
	for _, s := range spans {
		all = append(all, s.period())
	}
	return all
}

// Proven is the facts of a draft as they would be if its papers covered every declared
// day: what a gap costs is the difference.
func (d Draft) Proven(k Registers) Facts {
	f := d.Facts(k)
	if f.Event.Period = f.Event.known(); f.Event.Kind != TherapyCycle {
		f.Event.Certificates = append(f.Event.Certificates, Certificate{Kind: d.Answers.Cause.Proof(), IssuedOn: f.Event.From, Period: f.Event.Period, InForm: true})
		for i := range f.Event.Stays {
			f.Event.Stays[i].Certified = true
		}
	}
	return f
}
