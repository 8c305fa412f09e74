package demo

import (
	"context"
	"fmt"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// underWay is an application that is on somebody's desk. Its event began and ended so many
// days ago.
type underWay struct {
	decided
	began, ended int
	stands       stage
}

// stage is how far the office has come with an application.
type stage int

const (
	looked   stage = iota // some checks are made
	unheard               // a term is over, and nothing came
	dueToday              // a term ends today
	owing                 // contributions are to be paid within days
	replied               // an answer is to be judged
	agreed                // found suitable by two
	proposed              // suitable for one, and waits for another
	opposed               // not eligible for one, likewise
)

// onDesks are the applications that the colleague of Silvia Costa examines.
func onDesks() []underWay {
	as := func(hint Hint, cause indemnity.Cause, isee money.Amount) decided {
		return decided{who: cast(hint), cause: cause, exclusive: indemnity.Yes, isee: isee}
	}
	return []underWay{
		{as("iscritta-grassi", indemnity.Illness, 0), 49, 29, looked},
		{as("iscritto-rossetti", indemnity.Injury, 0), 55, 36, unheard},
		{as("iscritta-conte", indemnity.Illness, 16_900*money.Euro), 52, 34, dueToday},
		{as("iscritto-marchetti", indemnity.Illness, 0), 47, 31, owing},
		{as("iscritta-pace", indemnity.Injury, 0), 50, 32, replied},
		{as("iscritto-longo", indemnity.Illness, 20_150*money.Euro), 53, 38, agreed},
		{as("iscritta-villani", indemnity.Illness, 0), 45, 27, proposed},
		{as("iscritto-serafini", indemnity.Injury, 0), 44, 26, opposed},
	}
}

// makeUnderWay tells of the applications that the office has not finished with.
func (b *builder) makeUnderWay(ctx context.Context) error {
	for _, s := range onDesks() {
		id, err := b.write(ctx, b.applied(s.decided, b.today.Add(-s.began), b.today.Add(-s.ended)))
		if err == nil {
			err = b.work(ctx, id, s)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.who.Hint, err)
		}
	}
	for ago := indemnity.RequestReminders[0]; ago >= 0; ago-- { // nobody is left to be reminded at the first start
		b.at = b.today.Add(-ago).Start()
		if _, err := b.applications.RemindDue(ctx); err != nil {
			return err
		}
	}
	return nil
}

// work has an officer come as far with a case as its story says.
func (b *builder) work(ctx context.Context, id indemnity.CaseID, s underWay) (err error) {
	officer := b.officer(WelfareFellow)
	whole, found := len(indemnity.Checks()), map[indemnity.Check]indemnity.Finding{}
	switch s.stands {
	case looked:
		b.at = b.today.Add(-2).At(10, 15)
		err = b.check(ctx, officer, id, found, 3)
	case unheard:
		b.at = b.today.Add(-20).At(11, 10)
		_, err = b.ask(ctx, officer, id)
	case dueToday:
		b.at = b.today.Add(-15).At(15, 25)
		_, err = b.ask(ctx, officer, id)
	case owing:
		b.at = b.today.Add(-11).At(9, 50)
		err = b.demand(ctx, officer, id)
	case replied:
		b.at = b.today.Add(-14).At(12, 5)
		err = b.reply(ctx, officer, id)
	case agreed:
		b.at = b.today.Add(-12).At(9, 30)
		if err = b.check(ctx, officer, id, found, whole); err == nil {
			err = b.decide(ctx, officer, id, indemnity.Suitable)
		}
	case proposed:
		b.at = b.today.Add(-3).At(9, 30)
		if err = b.check(ctx, officer, id, found, whole); err == nil {
			err = b.propose(ctx, officer, id, indemnity.Suitable)
		}
	case opposed:
		b.at = b.today.Add(-1).At(14, 40)
		found[indemnity.CheckDeclarations] = worked()
		if err = b.check(ctx, officer, id, found, whole); err == nil {
			err = b.propose(ctx, officer, id, indemnity.NotEligible)
		}
	}
	return err
}

// demand has an officer ask for contributions that the indemnity does not cover.
func (b *builder) demand(ctx context.Context, officer identity.Actor, id indemnity.CaseID) error {
	o, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return err
	}
	q := indemnity.Request{Kind: indemnity.Regularisation, Text: "Alla data della domanda risultano contributi non pagati, per una somma più alta dell’indennità."}
	for _, i := range o.Irregularities() {
		q.Items = append(q.Items, indemnity.RequestItem{Code: i.Code, Wrong: fmt.Sprintf("contributi del %d dovuti e non pagati: %s", i.Year, i.Amount), Send: "paga quanto è dovuto"})
	}
	form, err := b.next(officer, "indemnity.ask")
	if err != nil {
		return err
	}
	return b.desk.Ask(ctx, officer, form, id, o.Version, q)
}

// reply has an officer ask for a paper, and who applied send it ten days later.
func (b *builder) reply(ctx context.Context, officer identity.Actor, id indemnity.CaseID) error {
	request, err := b.ask(ctx, officer, id)
	if err != nil {
		return err
	}
	o, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return err
	}
	who := identity.Own(o.Member.ID, identity.Member)
	b.at = calendar.On(b.at).Add(10).At(20, 35)
	if err := b.applications.Read(ctx, who, id, request); err != nil {
		return err
	}
	q, err := o.Request(request)
	if err != nil {
		return err
	}
	if err := b.hand(ctx, who, id, evidence{kind: indemnity.IdentityWhole, photo: true, request: request, replaces: q.Items[0].Of}, 0); err != nil {
		return err
	}
	c, err := b.applications.CaseFile(ctx, who, id)
	if err != nil {
		return err
	}
	if q, err = c.Request(request); err != nil {
		return err
	}
	form, err := b.next(who, "indemnity.answer")
	if err != nil {
		return err
	}
	return b.applications.Answer(ctx, who, form, id, request, q.Mark(c.Papers))
}
