package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
	"portal/internal/registry"
)

// Deceased is the member whose case the persona Heir follows: he does not log in.
var Deceased = persona("iscritto-deceduto", "SPSSVT66B03F839", "Salvatore", "Esposito", calendar.NewDate(1966, time.February, 3), "", "")

// son is the other heir, who has not linked himself to the case.
var son = persona("figlio", "SPSLCU98H12F839", "Luca", "Esposito", calendar.NewDate(1998, time.June, 12), "", "")

// diedAgo is how many days ago he died, of an illness that had not ended.
const diedAgo = 19

// makeHeirs tells the story of a member who died before he could apply: his widow wrote
// by PEC and follows the case, their son has not signed yet, and the office asks her for a
// paper.
func (b *builder) makeHeirs(ctx context.Context, files RegisterFiles) error {
	day := func(ago int) calendar.Date { return b.today.Add(-ago) }
	heirs := indemnity.NewHeirs(postgres.NewHeirs(b.pool), registry.NewMembers(files.Members, registry.Patience), registry.NewPositions(files.Positions, registry.Patience),
		rand.NewChaCha8([32]byte{4: 7}), func() time.Time { return b.at })
	widow := cast(Heir)
	as := func(given, family string, code identity.FiscalCode) identity.Person {
		return identity.Person{FiscalCode: code, GivenName: given, FamilyName: family}
	}
	accepted := time.Date(day(7).Year, day(7).Month, day(7).Day, 21, 14, 38, 0, calendar.Rome)
	b.at = day(6).At(9, 50)
	officer := b.officer(WelfareOfficer)
	form, err := b.next(officer, "heirs.register")
	if err != nil {
		return err
	}
	_, call, err := heirs.HeirsTerm(ctx, day(diedAgo), day(diedAgo))
	if err != nil {
		return err
	}
	var declared []string
	for _, d := range call.Rules.Declarations.Is {
		declared = append(declared, d.Mark())
	}
	id, codes, err := heirs.Register(ctx, officer, form, indemnity.Registration{
		Deceased: as(Deceased.GivenName, Deceased.FamilyName, Deceased.FiscalCode), DiedOn: day(diedAgo),
		Answers: indemnity.Answers{Cause: indemnity.Illness, First: day(47), Last: day(diedAgo), Exclusive: indemnity.Yes, Covered: indemnity.No, ISEE: indemnity.No, Declared: declared},
		PEC:     indemnity.Certified{Sender: "anna.gatti@pec.example.org", AcceptedAt: accepted, DeliveredAt: accepted.Add(3 * time.Second)},
		Heirs: []indemnity.Heir{
			{Person: as(widow.GivenName, widow.FamilyName, widow.FiscalCode), Kinship: "spouse", Part: 1, Whole: 2, IBAN: string(Account(Heir, 1)), Email: widow.Email, SignedBy: indemnity.PEC},
			{Person: as(son.GivenName, son.FamilyName, son.FiscalCode), Kinship: "child", Part: 1, Whole: 2},
		},
	})
	if err != nil {
		return err
	}
	period := calendar.Period{From: day(47), To: day(diedAgo)}
	for i, e := range []evidence{{kind: indemnity.PECMessage}, {kind: indemnity.DeathCertificate}, {kind: indemnity.Heirship}, {kind: indemnity.IdentityWhole, photo: true},
		{kind: indemnity.HeirsFinal, covers: period, issuedOn: day(diedAgo - 4)}} {
		b.at = b.at.Add(2 * time.Minute)
		if err := b.hand(ctx, officer, id, e, i); err != nil {
			return err
		}
	}
	c, err := heirs.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	who := identity.Own(b.world.People[Heir], identity.Heir)
	b.at = day(5).At(18, 30)
	if form, err = b.next(who, "heirs.link"); err != nil {
		return err
	}
	if _, err = heirs.Link(ctx, who, form, c.Protocol, codes[0].Code); err != nil {
		return err
	}
	return b.asks(ctx, c)
}

// asks has an officer ask the widow for a paper that says who inherits.
func (b *builder) asks(ctx context.Context, c indemnity.CaseFile) error {
	b.at = b.today.Add(-4).At(10, 5)
	officer := b.officer(WelfareOfficer)
	q := indemnity.Request{Kind: indemnity.Supplement, Text: "Per continuare la verifica serve un documento."}
	for _, h := range c.Heirs {
		if h.Person.FiscalCode == cast(Heir).FiscalCode {
			q.Heir = h.ID
		}
	}
	for _, p := range c.Papers {
		if p.Kind == indemnity.Heirship {
			q.Items = []indemnity.RequestItem{{Code: "V18", Paper: p.Kind, Of: p.ID, Wrong: "nella dichiarazione manca la data", Send: "la stessa dichiarazione con la data e la firma"}}
		}
	}
	form, err := b.next(officer, "indemnity.ask")
	if err != nil {
		return err
	}
	_, err = b.applications.Ask(ctx, officer, form, c.ID, q)
	return err
}
