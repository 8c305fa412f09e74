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
	"portal/internal/payment"
)

// The calls of which the rankings were published, by how many months ago they were: one
// is paid, of one the bank has the payments, of the last they can be prepared.
const (
	paidCall   = 4
	sentCall   = 3
	rankedCall = 2
)

// paymentAgo is how many days ago the payments of two of them were sent.
var paymentAgo = map[int]int{paidCall: 45, sentCall: 8}

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
	paid        bool      // the bank has paid it, and nothing was taken back
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
	persona("iscritto-testa", "TSTMTT79D09L219", "Matteo", "Testa", calendar.NewDate(1979, 4, 9), "", ""),
	persona("iscritta-ferri", "FRRFNC85B58H501", "Francesca", "Ferri", calendar.NewDate(1985, 2, 18), "", ""),
	persona("iscritta-caruso", "CRSMRT90E47F839", "Marta", "Caruso", calendar.NewDate(1990, 5, 7), "", ""),
	persona("iscritta-basile", "BSLLRA83P49A662", "Lara", "Basile", calendar.NewDate(1983, 9, 9), "", ""),
	persona("iscritto-riva", "RVIPLA76C09F205", "Paolo", "Riva", calendar.NewDate(1976, 3, 9), "", ""),
	persona("iscritta-coppola", "CPPNGL84D63F839", "Angela", "Coppola", calendar.NewDate(1984, 4, 23), "", ""),
	persona("iscritto-neri", "NRELGU65P17H501", "Luigi", "Neri", calendar.NewDate(1965, 9, 17), "", ""),
	persona("iscritta-grassi", "GRSVLR82A45L219", "Valeria", "Grassi", calendar.NewDate(1982, 1, 5), "", ""),
	persona("iscritto-rossetti", "RSSMNL74L30H501", "Emanuele", "Rossetti", calendar.NewDate(1974, 7, 30), "", ""),
	persona("iscritta-conte", "CNTLRI87T52A944", "Ilaria", "Conte", calendar.NewDate(1987, 12, 12), "", ""),
	persona("iscritto-marchetti", "MRCFBA71E19F205", "Fabio", "Marchetti", calendar.NewDate(1971, 5, 19), "", ""),
	persona("iscritta-pace", "PCASNO80S48G273", "Sonia", "Pace", calendar.NewDate(1980, 11, 8), "", ""),
	persona("iscritto-longo", "LNGMHL78B14L736", "Michele", "Longo", calendar.NewDate(1978, 2, 14), "", ""),
	persona("iscritta-villani", "VLLTRS69H61F839", "Teresa", "Villani", calendar.NewDate(1969, 6, 21), "", ""),
	persona("iscritto-serafini", "SRFNCL83R02D612", "Nicola", "Serafini", calendar.NewDate(1983, 10, 2), "", ""),
}

// decidedStories are the applications of the two calls that were ranked first. The last of
// the older one lacks a paper that never came.
func decidedStories() []decided {
	testa, ferri, caruso, basile := cast("iscritto-testa"), cast("iscritta-ferri"), cast("iscritta-caruso"), cast("iscritta-basile")
	return []decided{
		{who: cast(CyclesMember), call: paidCall, first: -38, last: 20, cause: indemnity.Cycles, exclusive: indemnity.Yes, ends: indemnity.Suitable, paid: true},
		{who: cast(UnpaidMember), call: paidCall, first: -12, last: 18, cause: indemnity.Illness, exclusive: indemnity.Yes, isee: 14_300 * money.Euro, ends: indemnity.Suitable, check: doubted},
		{who: cast(RevokedMember), call: paidCall, first: 2, last: 24, cause: indemnity.Injury, exclusive: indemnity.Yes, isee: 31_750 * money.Euro, ends: indemnity.Suitable, check: untrue},
		{who: cast(UnfundedMember), call: paidCall, first: -20, last: 14, cause: indemnity.Illness, exclusive: indemnity.No, ends: indemnity.Suitable},
		{who: testa, call: paidCall, first: 1, last: 22, cause: indemnity.Illness, exclusive: indemnity.No, ends: indemnity.Suitable},
		{who: ferri, call: paidCall, first: 3, last: 16, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Inadmissible},
		{who: cast(ExcludedMember), call: paidCall, first: 4, last: 19, cause: indemnity.Injury, exclusive: indemnity.Yes, ends: indemnity.NotEligible},
		{who: caruso, call: paidCall, first: 2, last: 13, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.WithdrawnByMember},
		{who: cast(SilentMember), call: paidCall, first: 5, last: 20, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Forfeited},
		{who: basile, call: rankedCall, first: -9, last: 17, cause: indemnity.Illness, exclusive: indemnity.Yes, isee: 22_480 * money.Euro, ends: indemnity.Suitable},
		{who: caruso, call: rankedCall, first: 1, last: 23, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Suitable},
		{who: cast(ExcludedMember), call: rankedCall, first: 2, last: 12, cause: indemnity.Injury, exclusive: indemnity.No, isee: 9_900 * money.Euro, ends: indemnity.Suitable},
	}
}

// sentStories are those of the call between them, of which the bank has the payments.
func sentStories() []decided {
	return []decided{
		{who: cast("iscritto-riva"), call: sentCall, first: 3, last: 21, cause: indemnity.Illness, exclusive: indemnity.Yes, ends: indemnity.Suitable, paid: true},
		{who: cast("iscritta-coppola"), call: sentCall, first: 6, last: 19, cause: indemnity.Injury, exclusive: indemnity.Yes, isee: 12_600 * money.Euro, ends: indemnity.Suitable},
		{who: cast("iscritto-neri"), call: sentCall, first: -4, last: 15, cause: indemnity.Illness, exclusive: indemnity.No, ends: indemnity.Suitable},
	}
}

// makeDecided tells how the applications of two calls were examined, decided by two
// officers and ranked.
func (b *builder) makeDecided(ctx context.Context) error {
	checked := map[aftermath]indemnity.CaseID{}
	for _, s := range decidedStories() {
		id, err := b.tell(ctx, s)
		if err != nil {
			return err
		}
		checked[s.check] = id
	}
	for _, ago := range []int{paidCall, rankedCall} {
		if err := b.rank(ctx, ago); err != nil {
			return fmt.Errorf("the ranking of %d months ago: %w", ago, err)
		}
	}
	if err := b.pay(ctx, run{ago: paymentAgo[paidCall], call: indemnity.CallIn(b.monthAgo(paidCall)), until: payment.SettledRun, back: map[Hint]string{UnpaidMember: "AC04"}}); err != nil {
		return fmt.Errorf("payment: %w", err)
	}
	if err := b.watch(ctx, checked[untrue], checked[doubted]); err != nil {
		return fmt.Errorf("controls: %w", err)
	}
	return nil
}

// makeSent tells of a call that is ranked, and of which the bank has paid one so far.
func (b *builder) makeSent(ctx context.Context) error {
	var all []Hint
	for _, s := range sentStories() {
		if _, err := b.tell(ctx, s); err != nil {
			return err
		}
		all = append(all, s.who.Hint)
	}
	if err := b.rank(ctx, sentCall); err != nil {
		return fmt.Errorf("the ranking of %d months ago: %w", sentCall, err)
	}
	return b.pay(ctx, run{ago: paymentAgo[sentCall], call: indemnity.CallIn(b.monthAgo(sentCall)), until: payment.SettledRun, waits: all[1:]})
}

// tell tells how an application was made and decided.
func (b *builder) tell(ctx context.Context, s decided) (indemnity.CaseID, error) {
	id, err := b.write(ctx, b.episodeOf(s))
	if err == nil {
		err = b.examine(ctx, id, s)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", s.who.Hint, err)
	}
	return id, err
}

// monthAgo is the first day of the month some months ago.
func (b *builder) monthAgo(ago int) calendar.Date { return monthBefore(b.today, ago) }

func monthBefore(today calendar.Date, ago int) calendar.Date {
	return calendar.NewDate(today.Year, today.Month-time.Month(ago), 1)
}

// lastUsefulDay is the last on which the applications of the call of a month may be sent,
// give or take what holidays add.
func (b *builder) lastUsefulDay(ago int) calendar.Date {
	return calendar.NewDate(b.today.Year, b.today.Month-time.Month(ago)+1, 10)
}

// days are the first and the last day of the event, in the world of a day.
func (s decided) days(today calendar.Date) (first, last calendar.Date) {
	month := monthBefore(today, s.call)
	return month.Add(s.first - 1), month.Add(s.last - 1)
}

// stops are the days of therapy of somebody with cycles, three in every fortnight.
func stops(first, last calendar.Date) (all []calendar.Period) {
	for from := first; !from.Add(2).After(last); from = from.Add(14) {
		all = append(all, calendar.Period{From: from, To: from.Add(2)})
	}
	return all
}

// episodeOf is how a member applied.
func (b *builder) episodeOf(s decided) episode {
	first, last := s.days(b.today)
	return b.applied(s, first, last)
}

// applied is how a member applied for an event between two days.
func (b *builder) applied(s decided, first, last calendar.Date) episode {
	a := indemnity.Answers{Cause: s.cause, First: first, Last: last, Exclusive: s.exclusive, Covered: indemnity.No, ISEE: indemnity.No,
		IdentityExpires: calendar.NewDate(b.today.Year+5, s.who.Birth.Month, s.who.Birth.Day), IBAN: string(Account(s.who.Hint, 1)),
		Holder: s.who.GivenName + " " + s.who.FamilyName, Email: s.who.Email, Phone: "333 5550199"}
	e := episode{who: s.who.Hint, begun: last.Add(1).At(10, 20), sent: last.Add(4).At(17, 45), papers: []evidence{{kind: indemnity.IdentityWhole}}}
	if s.cause == indemnity.Cycles {
		a.First, a.Last, a.Stops = calendar.Date{}, calendar.Date{}, stops(first, last)
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
	switch s.ends {
	case indemnity.Inadmissible:
		found[indemnity.CheckIdentity] = indemnity.Finding{Verdict: indemnity.NotMet, Note: "Il file è la ricevuta di una visita: il documento di riconoscimento non c’è.", Found: indemnity.Found{Identity: indemnity.IdentityMissing}}
	case indemnity.NotEligible:
		found[indemnity.CheckDeclarations] = worked()
	case indemnity.Forfeited:
		found[indemnity.CheckIdentity] = indemnity.Finding{Verdict: indemnity.NotMet, Note: "Il documento è scaduto.", Found: indemnity.Found{Identity: indemnity.IdentityDefective}}
		if err := b.silence(ctx, officer, id); err != nil {
			return err
		}
	}
	if err := b.check(ctx, officer, id, found, len(indemnity.Checks())); err != nil {
		return err
	}
	return b.decide(ctx, officer, id, s.ends)
}

// worked is what is found of somebody who had sessions meanwhile.
func worked() indemnity.Finding {
	yes := true
	return indemnity.Finding{Verdict: indemnity.NotMet, Note: "Risultano fatture per sedute fatte nei giorni dell’evento.", Found: indemnity.Found{Worked: &yes}}
}

// check has an officer make so many of the checks of a case that are still to make: all is
// as it must be, but for what they found.
func (b *builder) check(ctx context.Context, officer identity.Actor, id indemnity.CaseID, found map[indemnity.Check]indemnity.Finding, most int) error {
	for range most {
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
			return nil
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
	return nil
}

// silence has an officer ask for a paper that never comes; then the term is over.
func (b *builder) silence(ctx context.Context, officer identity.Actor, id indemnity.CaseID) error {
	request, err := b.ask(ctx, officer, id)
	if err != nil {
		return err
	}
	c, err := b.desk.Open(ctx, officer, id)
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

// ask has an officer ask for another document, because that which was sent has expired.
func (b *builder) ask(ctx context.Context, officer identity.Actor, id indemnity.CaseID) (indemnity.RequestID, error) {
	form, err := b.next(officer, "indemnity.ask")
	if err != nil {
		return "", err
	}
	c, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return "", err
	}
	q := indemnity.Request{Kind: indemnity.Supplement, Text: "Per continuare la verifica serve un documento."}
	for _, p := range c.Papers {
		if p.Kind == indemnity.IdentityWhole {
			q.Items = []indemnity.RequestItem{{Code: "V1", Paper: p.Kind, Of: p.ID, Wrong: "il documento è scaduto", Send: "un documento in corso di validità, fronte e retro"}}
		}
	}
	return b.applications.Ask(ctx, officer, form, id, q)
}

// decide has the officer propose how a case ends, and another approve it the day after.
func (b *builder) decide(ctx context.Context, officer identity.Actor, id indemnity.CaseID, to indemnity.State) error {
	if err := b.propose(ctx, officer, id, to); err != nil {
		return err
	}
	approver := b.officer(WelfareApprover)
	b.at = b.at.AddDate(0, 0, 1)
	o, err := b.desk.Open(ctx, approver, id)
	if err != nil {
		return err
	}
	form, err := b.next(approver, "indemnity.decide")
	if err != nil {
		return err
	}
	return b.desk.Approve(ctx, approver, form, id, o.Version)
}

// propose has an officer propose how a case ends.
func (b *builder) propose(ctx context.Context, officer identity.Actor, id indemnity.CaseID, to indemnity.State) error {
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
	return nil
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
