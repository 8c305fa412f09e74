package demo

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// session is one line of the story: who sees whom on which day, and what came of
// it. Days count from today.
type session struct {
	holder, professional Hint
	day, hour            int
	amount               money.Amount
	end                  ending
}

type ending int

const (
	staysBooked ending = iota
	isHeld
	holderCancels
	professionalCancels
)

// story has every state of a session around the personas. The days left open are
// left to the journeys of the tests.
var story = []session{
	{Citizen, Psychologist, -42, 15, 50_00, isHeld},
	{Citizen, Psychologist, -35, 15, 50_00, isHeld},
	{Citizen, Psychologist, -28, 15, 50_00, holderCancels},
	{Citizen, Psychologist, -21, 15, 50_00, isHeld},
	{Citizen, ExPsychologist, -14, 10, 45_00, professionalCancels},
	{Citizen, Psychologist, -7, 15, 50_00, staysBooked},
	{Citizen, Psychologist, 6, 15, 50_00, staysBooked},
	{Citizen, Psychologist, 13, 15, 50_00, staysBooked},
	{PartialCitizen, Psychologist, -20, 18, 50_00, isHeld},
	{PartialCitizen, Psychologist, -2, 18, 50_00, staysBooked},
	{PartialCitizen, Psychologist, 5, 18, 50_00, staysBooked},
	{Child.Hint, Psychologist, -9, 17, 50_00, staysBooked},
	{Child.Hint, Psychologist, 3, 17, 50_00, staysBooked},
	{LastDaysCitizen, ExPsychologist, -238, 11, 50_00, isHeld}, // in its first sixty days
	{LastDaysCitizen, ExPsychologist, -60, 11, 50_00, isHeld},
	{LastDaysCitizen, ExPsychologist, -12, 11, 50_00, staysBooked},
	{LastDaysCitizen, ExPsychologist, 2, 11, 50_00, staysBooked},
}

// makeSessions tells the story through the service, each act at its own moment:
// a session is booked a week ahead, cancelled three days before, confirmed in the
// evening of its day.
func (b *builder) makeSessions(ctx context.Context) error {
	ids := make([]voucher.BookingID, len(story))
	for i, s := range story {
		day := b.today.Add(s.day)
		booked := min(s.day-7, -11) // who has left the list booked before leaving
		if s.professional != ExPsychologist {
			booked = min(s.day-7, -1)
		}
		b.at = b.today.Add(booked).At(9, i%60)
		ids[i] = voucher.BookingID(uuid.Must(uuid.NewRandomFromReader(seedReader{b.seed})).String())
		who := identity.Own(b.world.People[s.professional], identity.Psychologist)
		file, err := b.vouchers.File(ctx, b.world.People[s.holder], b.world.Applications[s.holder])
		if err != nil {
			return err
		}
		form, err := b.form(who.Person, "booking.book", strconv.Itoa(i))
		if err != nil {
			return err
		}
		ask := voucher.Request{ID: ids[i], Day: day, Start: day.At(s.hour, 0), Amount: s.amount}
		if _, err := b.vouchers.Book(ctx, who, form, file.Voucher.ID, []voucher.Request{ask}); err != nil {
			return fmt.Errorf("session %d: %w", i, err)
		}
		if err := b.finish(ctx, s, i, day, ids[i], who); err != nil {
			return fmt.Errorf("session %d: %w", i, err)
		}
	}
	return b.expireOld(ctx)
}

func (b *builder) finish(ctx context.Context, s session, i int, day calendar.Date, id voucher.BookingID, who identity.Actor) error {
	form, err := b.form(who.Person, "booking.end", strconv.Itoa(i))
	if err != nil {
		return err
	}
	switch s.end {
	case isHeld:
		b.at = day.At(20, i%60)
		return b.vouchers.Confirm(ctx, who, form, id)
	case professionalCancels:
		b.at = day.Add(-3).At(12, i%60)
		return b.vouchers.Cancel(ctx, who, form, id)
	case holderCancels:
		b.at = day.Add(-3).At(21, i%60)
		holder := identity.Own(b.world.People[s.holder], identity.Citizen)
		form.Person = holder.Person
		return b.vouchers.Cancel(ctx, holder, form, id)
	}
	return nil
}

func (b *builder) expireOld(ctx context.Context) error {
	b.at = b.today.Start()
	_, err := b.vouchers.ExpireDue(ctx)
	return err
}

// form is the form that somebody would have sent.
func (b *builder) form(person identity.PersonID, action, of string) (once.Form, error) {
	key := uuid.NewSHA1(uuid.NameSpaceURL, []byte("demo:"+action+":"+of)).String()
	return once.New(person, action, key, url.Values{})
}
