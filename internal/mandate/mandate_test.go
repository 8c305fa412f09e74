package mandate_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/mandate"
)

var (
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, calendar.Rome)
	today = calendar.On(noon)

	maria   = party("maria", "RSSMRA85C52H501", calendar.NewDate(1985, 3, 12))
	luca    = party("luca", "FRRLCU90H10F205", calendar.NewDate(1990, 6, 10))
	tommaso = party("tommaso", "MRNTMS12C07A944", calendar.NewDate(2012, 3, 7))
	officer = identity.Own("chiara", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
)

func party(id identity.PersonID, fifteen string, born calendar.Date) mandate.Party {
	return mandate.Party{Person: identity.Person{ID: id, FiscalCode: identity.NewFiscalCode(fifteen), GivenName: string(id), FamilyName: "X"}, Born: born}
}

func own(p mandate.Party) identity.Actor { return identity.Own(p.ID, identity.Citizen) }

// holding is a mandate in force since the start of the year.
func holding(kind identity.MandateKind, holder, represented mandate.Party) mandate.Mandate {
	return mandate.Mandate{Mandate: identity.Mandate{ID: identity.MandateID(holder.ID + "-" + represented.ID), Kind: kind, Scope: identity.AllMatters,
		Holder: holder.ID, Represented: represented.Person, From: calendar.NewDate(2026, 1, 1)}, Acting: holder, Channel: mandate.Online}
}

func TestTheLimitsAreThoseOfTheirDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[calendar.Date]int{
		calendar.NewDate(2020, 1, 1): 5, calendar.NewDate(2021, 9, 30): 5, calendar.NewDate(2021, 10, 1): 3, today: 3,
	} {
		if l := mandate.LimitsOn(day); l.People.Is != want || l.People.Article == "" || l.Delegates.Is != 1 {
			t.Errorf("on %s a delegate acts for %d (%s)", day, l.People.Is, l.People.Article)
		}
	}
}

func TestADelegationGivenOnline(t *testing.T) {
	t.Parallel()
	wish := mandate.Wish{ID: "new", Scope: identity.VoucherOnly}
	until := func(days int) mandate.Wish { w := wish; w.Until = today.Add(days); return w }
	acting := own(maria)
	acting.For, acting.Mandate = tommaso.ID, "m"
	var three []mandate.Mandate
	for _, id := range []identity.PersonID{"a", "b", "c"} {
		three = append(three, holding(identity.Delegate, luca, party(id, "RSSMRA85C52H501", calendar.Date{})))
	}
	ended := holding(identity.Delegate, party("old", "GLLPLA72S05L219", calendar.Date{}), maria)
	ended.Mandate.Revoked = today
	for name, c := range map[string]struct {
		parties mandate.Parties
		wish    mandate.Wish
		who     identity.Actor
		want    error
	}{
		"the plain case":                        {mandate.Parties{Holder: luca, Represented: maria}, wish, own(maria), nil},
		"with an end after thirty days":         {mandate.Parties{Holder: luca, Represented: maria}, until(30), own(maria), nil},
		"with an end before thirty days":        {mandate.Parties{Holder: luca, Represented: maria}, until(29), own(maria), mandate.ErrTooShort},
		"to oneself":                            {mandate.Parties{Holder: maria, Represented: maria}, wish, own(maria), mandate.ErrOneself},
		"for nothing":                           {mandate.Parties{Holder: luca, Represented: maria}, mandate.Wish{}, own(maria), mandate.ErrScope},
		"while acting for another":              {mandate.Parties{Holder: luca, Represented: maria}, wish, acting, mandate.ErrOwnNameOnly},
		"in another's name":                     {mandate.Parties{Holder: luca, Represented: maria}, wish, own(luca), mandate.ErrOwnNameOnly},
		"by a minor":                            {mandate.Parties{Holder: luca, Represented: tommaso}, wish, own(tommaso), mandate.ErrMinor},
		"to a minor":                            {mandate.Parties{Holder: tommaso, Represented: maria}, wish, own(maria), mandate.ErrMinor},
		"beside another delegate":               {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Delegate, tommaso, maria)}}, wish, own(maria), mandate.ErrHasDelegate},
		"once the other was taken back":         {mandate.Parties{luca, maria, []mandate.Mandate{ended}}, wish, own(maria), nil},
		"beside a parent":                       {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Parent, tommaso, maria)}}, wish, own(maria), nil},
		"twice":                                 {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Delegate, luca, maria)}}, wish, own(maria), mandate.ErrTwice},
		"to who acts for three":                 {mandate.Parties{luca, maria, three}, wish, own(maria), mandate.ErrTooManyHeld},
		"to who acts for two":                   {mandate.Parties{luca, maria, three[1:]}, wish, own(maria), nil},
		"to a guardian of three":                {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Guardian, luca, tommaso)}}, wish, own(maria), nil},
		"by somebody who has a guardian":        {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Guardian, tommaso, maria)}}, wish, own(maria), mandate.ErrProtected},
		"by somebody who has an administrator":  {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Administrator, tommaso, maria)}}, wish, own(maria), mandate.ErrProtected},
		"to somebody who has an administrator":  {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Administrator, tommaso, luca)}}, wish, own(maria), nil},
		"by who was somebody's delegate before": {mandate.Parties{luca, maria, []mandate.Mandate{holding(identity.Delegate, maria, tommaso)}}, wish, own(maria), nil},
	} {
		d, err := c.parties.Delegate(c.wish, c.who, noon)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want != nil || err != nil {
			continue
		}
		m := d.Mandate
		if m.Kind != identity.Delegate || m.Channel != mandate.Online || m.From != today || m.Holder != luca.ID || m.Represented.ID != maria.ID {
			t.Errorf("%s: %+v", name, m)
		}
		if len(d.Entries) != 2 || d.Entries[0].About != maria.ID || d.Entries[1].About != luca.ID || d.Entries[0].Actor.Person != maria.ID {
			t.Errorf("%s: the register says %+v", name, d.Entries)
		}
	}
}

func TestAMandateRegisteredAtTheCounter(t *testing.T) {
	t.Parallel()
	laura := party("laura", "MRNLRA82P54A944", calendar.Date{})
	parties := mandate.Parties{Holder: laura, Represented: tommaso}
	parent := mandate.Wish{ID: "new", Kind: identity.Parent, Scope: identity.AllMatters, Grounds: "stato di famiglia"}
	majority := calendar.NewDate(2030, 3, 6)
	for name, c := range map[string]struct {
		change func(*mandate.Parties, *mandate.Wish)
		who    identity.Actor
		want   error
		until  calendar.Date
	}{
		"a parent, until the day before eighteen": {func(*mandate.Parties, *mandate.Wish) {}, officer, nil, majority},
		"a parent, for a shorter time":            {func(_ *mandate.Parties, w *mandate.Wish) { w.Until = calendar.NewDate(2027, 1, 1) }, officer, nil, calendar.NewDate(2027, 1, 1)},
		"a parent, for longer":                    {func(_ *mandate.Parties, w *mandate.Wish) { w.Until = calendar.NewDate(2040, 1, 1) }, officer, nil, majority},
		"a parent, of nobody knows what age":      {func(p *mandate.Parties, _ *mandate.Wish) { p.Represented.Born = calendar.Date{} }, officer, mandate.ErrBorn, calendar.Date{}},
		"a parent, with another day of birth":     {func(p *mandate.Parties, _ *mandate.Wish) { p.Represented.Born = calendar.NewDate(2012, 3, 8) }, officer, mandate.ErrBorn, calendar.Date{}},
		"a parent, of an adult":                   {func(p *mandate.Parties, _ *mandate.Wish) { p.Represented = luca }, officer, mandate.ErrOfAge, calendar.Date{}},
		"a guardian, without an end":              {func(_ *mandate.Parties, w *mandate.Wish) { w.Kind = identity.Guardian }, officer, nil, calendar.Date{}},
		"an administrator of an adult":            {func(p *mandate.Parties, w *mandate.Wish) { p.Represented, w.Kind = luca, identity.Administrator }, officer, nil, calendar.Date{}},
		"without the act":                         {func(_ *mandate.Parties, w *mandate.Wish) { w.Grounds = " " }, officer, mandate.ErrGrounds, calendar.Date{}},
		"of no kind":                              {func(_ *mandate.Parties, w *mandate.Wish) { w.Kind = "friend" }, officer, mandate.ErrKind, calendar.Date{}},
		"with an end in the past":                 {func(_ *mandate.Parties, w *mandate.Wish) { w.Kind, w.Until = identity.Guardian, today.Add(-1) }, officer, mandate.ErrEndsBefore, calendar.Date{}},
		"by the guardian":                         {func(*mandate.Parties, *mandate.Wish) {}, identity.Own(laura.ID, identity.INPS).WithDuties(identity.Duties), mandate.ErrOfficerParty, calendar.Date{}},
		"by who may not":                          {func(*mandate.Parties, *mandate.Wish) {}, identity.Own("x", identity.INPS).WithDuties([]identity.Duty{identity.Approve}), identity.ErrNoDuty, calendar.Date{}},
		"by a citizen":                            {func(*mandate.Parties, *mandate.Wish) {}, own(laura), identity.ErrNoDuty, calendar.Date{}},
		"a second delegate": {func(p *mandate.Parties, w *mandate.Wish) {
			w.Kind, p.Represented, p.Known = identity.Delegate, maria, []mandate.Mandate{holding(identity.Delegate, luca, maria)}
		}, officer, mandate.ErrHasDelegate, calendar.Date{}},
		"a second guardian": {func(p *mandate.Parties, w *mandate.Wish) {
			w.Kind, p.Known = identity.Guardian, []mandate.Mandate{holding(identity.Guardian, luca, tommaso)}
		}, officer, nil, calendar.Date{}},
	} {
		p, w := parties, parent
		c.change(&p, &w)
		d, err := p.Register(w, c.who, noon)
		if !errors.Is(err, c.want) || err == nil && (d.Mandate.Until != c.until || d.Mandate.Channel != mandate.Counter) {
			t.Errorf("%s: until %s, %v; want %s, %v", name, d.Mandate.Until, err, c.until, c.want)
		}
	}
	if last := mandate.LimitsOn(today).LastDayAsMinor(calendar.NewDate(2012, 2, 29)); last != calendar.NewDate(2030, 2, 28) {
		t.Errorf("born on the 29th of February, a minor until %s", last)
	}
}

func TestHowAMandateEnds(t *testing.T) {
	t.Parallel()
	young := holding(identity.Delegate, luca, maria)
	young.From = today.Add(-29)
	old := young
	old.From = today.Add(-30)
	counter := young
	counter.Channel = mandate.Counter
	over := old
	over.Mandate.Revoked = today
	acting := own(luca)
	acting.For = maria.ID
	parties := mandate.Parties{Holder: luca, Represented: maria}
	guarded := mandate.Parties{Holder: luca, Represented: maria, Known: []mandate.Mandate{holding(identity.Administrator, tommaso, maria)}}
	for name, c := range map[string]struct {
		parties mandate.Parties
		m       mandate.Mandate
		who     identity.Actor
		want    error
	}{
		"taken back after thirty days":               {parties, old, own(maria), nil},
		"taken back before":                          {parties, young, own(maria), mandate.ErrTooSoon},
		"taken back, one made at the counter":        {parties, counter, own(maria), nil},
		"given up at any time":                       {parties, young, own(luca), nil},
		"given up while acting":                      {parties, young, acting, mandate.ErrOwnNameOnly},
		"by somebody else":                           {parties, old, own(tommaso), fault.ErrNotFound},
		"twice":                                      {parties, over, own(maria), mandate.ErrOver},
		"that of a parent":                           {parties, holding(identity.Parent, luca, maria), own(luca), mandate.ErrCounterOnly},
		"by somebody who has an administrator":       {guarded, old, own(maria), mandate.ErrProtected},
		"given up, of who has an administrator":      {guarded, old, own(luca), nil},
		"that of an administrator, by the protected": {guarded, holding(identity.Administrator, tommaso, maria), own(maria), mandate.ErrCounterOnly},
	} {
		d, err := c.parties.Revoke(c.m, c.who, noon)
		if !errors.Is(err, c.want) || err == nil && (d.Mandate.Holds(today) || d.Mandate.RevokedBy != c.who.Person || len(d.Entries) != 2) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		m      mandate.Mandate
		reason string
		who    identity.Actor
		want   error
	}{
		"before thirty days":     {young, "furto", officer, nil},
		"that of a parent":       {holding(identity.Parent, luca, maria), "decaduto", officer, nil},
		"without a reason":       {young, " ", officer, mandate.ErrNoReason},
		"one that is over":       {over, "furto", officer, mandate.ErrOver},
		"by who may not":         {young, "furto", identity.Own("x", identity.INPS), identity.ErrNoDuty},
		"by who holds it":        {young, "furto", identity.Own(luca.ID, identity.INPS).WithDuties(identity.Duties), mandate.ErrOfficerParty},
		"by a citizen with hats": {young, "furto", own(maria).WithDuties(identity.Duties), identity.ErrNoDuty},
	} {
		if _, err := mandate.RevokeAtCounter(c.m, c.reason, c.who, noon); !errors.Is(err, c.want) {
			t.Errorf("at the counter, %s: %v, want %v", name, err, c.want)
		}
	}
}
