package demo

import (
	"context"
	"fmt"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/login/demobroker"
	"portal/internal/money"
	"portal/internal/once"
)

// The calls of which the rankings were published, by how many months ago they were: one
// is paid, of the other the payment can be prepared.
const (
	paidCall   = 4
	rankedCall = 2
)

// spends is what a call of some months ago may spend: the one that is paid too little for
// everybody.
func spends(monthsAgo int) money.Amount {
	if monthsAgo == paidCall {
		return 4_500 * money.Euro
	}
	return appropriation
}

// decided is an application of a call that has its ranking, as it ended.
type decided struct {
	who         demobroker.Persona
	call        int // how many months ago
	first, last int // days of the event; the first may lie in the month before
	cause       indemnity.Cause
	exclusive   indemnity.Answer
	isee        money.Amount // 0 for none
	ends        indemnity.State
	check       aftermath // of what was paid
}

// aftermath is what a check after the payment of a case comes to.
type aftermath int

const (
	inOrder aftermath = iota
	doubted           // the check still runs
	untrue            // what was paid is owed back
)

// folk are members who are no personas: they do not log in.
var folk = []demobroker.Persona{
	persona("iscritta-bruni", "BRNCHR81L53D612", "Chiara", "Bruni", calendar.NewDate(1981, 7, 13), "", ""),
	persona("iscritto-sanna", "SNNGNN70C05B354", "Giovanni", "Sanna", calendar.NewDate(1970, 3, 5), "", ""),
	persona("iscritta-fabbri", "FBBLSN88R61A944", "Alessandra", "Fabbri", calendar.NewDate(1988, 10, 21), "", ""),
	persona("iscritto-testa", "TSTMTT79D09L219", "Matteo", "Testa", calendar.NewDate(1979, 4, 9), "", ""),
	persona("iscritta-ferri", "FRRFNC85B58H501", "Francesca", "Ferri", calendar.NewDate(1985, 2, 18), "", ""),
	persona("iscritto-orlando", "RLNPTR67M11G273", "Pietro", "Orlando", calendar.NewDate(1967, 8, 11), "", ""),
	persona("iscritta-caruso", "CRSMRT90E47F839", "Marta", "Caruso", calendar.NewDate(1990, 5, 7), "", ""),
	persona("iscritto-monti", "MNTLSS76S24F205", "Alessio", "Monti", calendar.NewDate(1976, 11, 24), "", ""),
	persona("iscritta-basile", "BSLLRA83P49A662", "Lara", "Basile", calendar.NewDate(1983, 9, 9), "", ""),
}

// decidedStories are the applications of the two calls. The last of them all lacks a
// paper that never came.
func decidedStories() []decided {
	bruni, sanna, fabbri, testa, ferri, orlando, caruso, monti, basile := folk[0], folk[1], folk[2], folk[3], folk[4], folk[5], folk[6], folk[7], folk[8]
	return []decided{
		{who: cast(CyclesMember), call: paidCall, first: -38, last: 20, cause: indemnity.Cycles, exclusive: indemnity.Yes, ends: indemnity.Suitable},
		{who: bruni, call: paidCall, first: -12, last: 18, cause: indemnity.Illness, exclusive: indemnity.Yes, isee: 14_300 * money.Euro, ends: indemnity.Suitable, check: doubted},
		{who: sanna, call: paidCall, first: 2, last: 24, cause: indemnity.Injury, exclusive: indemnity.Yes, isee: 31_750 * money.Euro, ends: indemnity.Suitable, check: untrue},
		{who: fabbri, call: paidCall, first: -20, last: 14, cause: indemnity.Illness, exclusive: indemnity.No, ends: indemnity.Suitable},
		{who: testa, call: paidCall, first: 1, last: 22, cause: indemnity.Illness, exclusive: indemnity.No, ends: indemnity.Suitable},
		{who: ferri, call: paidCall, first: 3, last: 16, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Inadmissible},
		{who: orlando, call: paidCall, first: 4, last: 19, cause: indemnity.Injury, exclusive: indemnity.Yes, ends: indemnity.NotEligible},
		{who: caruso, call: paidCall, first: 2, last: 13, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.WithdrawnByMember},
		{who: monti, call: paidCall, first: 5, last: 20, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Forfeited},
		{who: basile, call: rankedCall, first: -9, last: 17, cause: indemnity.Illness, exclusive: indemnity.Yes, isee: 22_480 * money.Euro, ends: indemnity.Suitable},
		{who: caruso, call: rankedCall, first: 1, last: 23, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Suitable},
		{who: orlando, call: rankedCall, first: 2, last: 12, cause: indemnity.Injury, exclusive: indemnity.No, isee: 9_900 * money.Euro, ends: indemnity.Suitable},
	}
}

// makeDecided tells how the applications of two calls were examined, decided by two
// officers and ranked.
func (b *builder) makeDecided(ctx context.Context) error {
	checked := map[aftermath]indemnity.CaseID{}
	for _, s := range decidedStories() {
		id, err := b.write(ctx, b.episodeOf(s))
		if err != nil {
			return fmt.Errorf("%s: %w", s.who.Hint, err)
		}
		if err := b.examine(ctx, id, s); err != nil {
			return fmt.Errorf("%s: %w", s.who.Hint, err)
		}
		checked[s.check] = id
	}
	for _, ago := range []int{paidCall, rankedCall} {
		if err := b.rank(ctx, ago); err != nil {
			return fmt.Errorf("the ranking of %d months ago: %w", ago, err)
		}
	}
	if err := b.pay(ctx, run{ago: 40, call: indemnity.CallIn(b.monthAgo(paidCall)), settled: true, back: map[Hint]string{folk[0].Hint: "AC04"}}); err != nil {
		return fmt.Errorf("payment: %w", err)
	}
	if err := b.watch(ctx, checked[untrue], checked[doubted]); err != nil {
		return fmt.Errorf("controls: %w", err)
	}
	return nil
}

// monthAgo is the first day of the month some months ago.
func (b *builder) monthAgo(ago int) calendar.Date {
	return calendar.NewDate(b.today.Year, b.today.Month-time.Month(ago), 1)
}

// lastUsefulDay is the last on which the applications of the call of a month may be sent,
// give or take what holidays add.
func (b *builder) lastUsefulDay(ago int) calendar.Date {
	return calendar.NewDate(b.today.Year, b.today.Month-time.Month(ago)+1, 10)
}

// episodeOf is how a member applied.
func (b *builder) episodeOf(s decided) episode {
	month := b.monthAgo(s.call)
	first, last := month.Add(s.first-1), month.Add(s.last-1)
	a := indemnity.Answers{Cause: s.cause, First: first, Last: last, Exclusive: s.exclusive, Covered: indemnity.No, ISEE: indemnity.No,
		IdentityExpires: calendar.NewDate(b.today.Year+5, s.who.Birth.Month, s.who.Birth.Day), IBAN: string(Account(s.who.Hint, 1)),
		Holder: s.who.GivenName + " " + s.who.FamilyName, Email: s.who.Email, Phone: "333 5550199"}
	e := episode{who: s.who.Hint, begun: last.Add(1).At(10, 20), sent: last.Add(4).At(17, 45), papers: []evidence{{kind: indemnity.IdentityWhole}}}
	if s.cause == indemnity.Cycles {
		a.First, a.Last = calendar.Date{}, calendar.Date{}
		for from := first; !from.Add(2).After(last); from = from.Add(14) {
			a.Stops = append(a.Stops, calendar.Period{From: from, To: from.Add(2)})
		}
		e.papers = append(e.papers, evidence{kind: indemnity.CycleFinal, issuedOn: last.Add(1)})
	} else {
		e.papers = append(e.papers, evidence{kind: indemnity.InitialPrognosis, covers: calendar.Period{From: first, To: last}, issuedOn: first})
	}
	if s.isee > 0 {
		a.ISEE, a.ISEEValue, a.ISEEYear = indemnity.Yes, s.isee, last.Year
		e.papers = append(e.papers, evidence{kind: indemnity.ISEEStatement})
	}
	e.answers = a
	return e
}

// examine has two officers bring an application to its end, or its member withdraw it.
func (b *builder) examine(ctx context.Context, id indemnity.CaseID, s decided) error {
	begins := b.monthAgo(s.call).Add(s.last + 6)
	if s.ends == indemnity.WithdrawnByMember {
		b.at = begins.At(8, 50)
		who := identity.Own(b.world.People[s.who.Hint], identity.Member)
		form, err := b.next(who, "indemnity.withdraw")
		if err != nil {
			return err
		}
		return b.applications.Withdraw(ctx, who, form, id)
	}
	officer := b.officer(WelfareOfficer)
	b.at = begins.At(9, 30)
	found := map[indemnity.Check]indemnity.Finding{}
	yes := true
	switch s.ends {
	case indemnity.Inadmissible:
		found[indemnity.CheckIdentity] = indemnity.Finding{Verdict: indemnity.NotMet, Note: "Il file è la ricevuta di una visita: il documento di riconoscimento non c’è.", Found: indemnity.Found{Identity: indemnity.IdentityMissing}}
	case indemnity.NotEligible:
		found[indemnity.CheckDeclarations] = indemnity.Finding{Verdict: indemnity.NotMet, Note: "Risultano fatture per sedute fatte nei giorni dell’evento.", Found: indemnity.Found{Worked: &yes}}
	case indemnity.Forfeited:
		found[indemnity.CheckIdentity] = indemnity.Finding{Verdict: indemnity.NotMet, Note: "Il documento è scaduto.", Found: indemnity.Found{Identity: indemnity.IdentityDefective}}
		if err := b.silence(ctx, officer, id); err != nil {
			return err
		}
	}
	for {
		o, err := b.desk.Open(ctx, officer, id)
		if err != nil {
			return err
		}
		var next *indemnity.Finding
		for _, k := range o.Checklist {
			f, odd := found[k.Check]
			if !odd && k.Verdict() == indemnity.ToCheck {
				f, odd = indemnity.Finding{Verdict: indemnity.Met}, true
			}
			if odd {
				f.Check = k.Check
				next = &f
				break
			}
		}
		if next == nil {
			break
		}
		delete(found, next.Check)
		b.at = b.at.Add(3 * time.Minute)
		form, err := b.next(officer, "indemnity.find")
		if err != nil {
			return err
		}
		if err := b.desk.Find(ctx, officer, form, id, o.Version, *next); err != nil {
			return fmt.Errorf("%s: %w", next.Check, err)
		}
	}
	return b.decide(ctx, id, s.ends)
}

// silence has an officer ask for a paper that never comes; then the term is over.
func (b *builder) silence(ctx context.Context, officer identity.Actor, id indemnity.CaseID) error {
	form, err := b.next(officer, "indemnity.ask")
	if err != nil {
		return err
	}
	c, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return err
	}
	q := indemnity.Request{Kind: indemnity.Supplement, Text: "Per continuare la verifica serve un documento."}
	for _, p := range c.Papers {
		if p.Kind == indemnity.IdentityWhole {
			q.Items = []indemnity.RequestItem{{Code: "V1", Paper: p.Kind, Of: p.ID, Wrong: "il documento è scaduto", Send: "un documento in corso di validità, fronte e retro"}}
		}
	}
	request, err := b.applications.Ask(ctx, officer, form, id, q)
	if err != nil {
		return err
	}
	b.at = b.at.Add(26 * time.Hour)
	if err := b.applications.Read(ctx, identity.Own(c.Member.ID, identity.Member), id, request); err != nil {
		return err
	}
	b.at = b.at.AddDate(0, 0, 18)
	return nil
}

// decide has the officer propose how a case ends, and another approve it the day after.
func (b *builder) decide(ctx context.Context, id indemnity.CaseID, to indemnity.State) error {
	officer, approver := b.officer(WelfareOfficer), b.officer(WelfareApprover)
	o, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return err
	}
	form, err := b.next(officer, "indemnity.propose")
	if err != nil {
		return err
	}
	if err := b.desk.Propose(ctx, officer, form, id, o.Version, to, ""); err != nil {
		return fmt.Errorf("%s, where %s is found %v: %w", to, o.Found.Outcome, o.Found.Codes, err)
	}
	b.at = b.at.AddDate(0, 0, 1)
	if o, err = b.desk.Open(ctx, approver, id); err != nil {
		return err
	}
	if form, err = b.next(approver, "indemnity.decide"); err != nil {
		return err
	}
	return b.desk.Approve(ctx, approver, form, id, o.Version)
}

// rank has the ranking of a call made, approved and published by three people.
func (b *builder) rank(ctx context.Context, ago int) error {
	officer, approver, head := b.officer(WelfareOfficer), b.officer(WelfareApprover), b.officer(WelfareHead)
	b.at = b.lastUsefulDay(ago).Add(7).At(9, 15)
	if err := b.commit(ctx, indemnity.CallIn(b.monthAgo(ago))); err != nil {
		return fmt.Errorf("the value of its sample: %w", err)
	}
	form, err := b.next(officer, "ranking.simulate")
	if err != nil {
		return err
	}
	id, err := b.callRankings.Simulate(ctx, officer, form, indemnity.RankingOrder{Call: indemnity.CallIn(b.monthAgo(ago))})
	if err != nil {
		return err
	}
	if _, _, err := b.callRankings.MakeDue(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		who    identity.Actor
		action string
		hours  int // since the step before
		take   func(context.Context, identity.Actor, once.Form, indemnity.RankingID) error
	}{
		{officer, "ranking.propose", 1, b.callRankings.Propose},
		{approver, "ranking.approve", 23, b.callRankings.Approve}, {head, "ranking.publish", 25, b.callRankings.Publish},
	} {
		b.at = b.at.Add(time.Duration(step.hours) * time.Hour)
		if form, err = b.next(step.who, step.action); err != nil {
			return err
		}
		if err := step.take(ctx, step.who, form, id); err != nil {
			return fmt.Errorf("%s: %w", step.action, err)
		}
	}
	return nil
}
