package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"portal/internal/identity"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// prepareDelivery has CNOP prepare a list for its sender to check: who enters, who
// moved, who leaves with sessions booked, and rows that cannot be taken. By it Built
// knows that the world is whole.
func (b *builder) prepareDelivery(ctx context.Context) error {
	var moved, settled voucher.Participant
	for i, p := range []*voucher.Participant{&moved, &settled} {
		if err := b.pool.QueryRow(ctx, `SELECT s.fiscal_code, s.family_name, s.given_name, q.register_region, q.register_number, q.city, q.postal_code, q.province, q.region, q.phone
			FROM professionals q JOIN persons s ON s.id = q.person_id WHERE q.register_number = $1`, fmt.Sprint(10_000+i)).
			Scan(&p.FiscalCode, &p.FamilyName, &p.GivenName, &p.RegisterRegion, &p.RegisterNumber, &p.City, &p.PostalCode, &p.Province, &p.Region, &p.Phone); err != nil {
			return err
		}
	}
	today := b.today.Add(-1)
	row := func(code identity.FiscalCode, family, given, register, address, place, phone, left string) string {
		return strings.Join([]string{string(code), family, given, register, "2012-04-16", address, place, phone, "", "2020-01-13", left}, ";")
	}
	const inMilan, inNaples = "Milano;20121;MI;Lombardia", "Napoli;80121;NA;Campania"
	as := func(p voucher.Participant, address, phone string) string {
		return row(p.FiscalCode, p.FamilyName, p.GivenName, p.RegisterRegion+";"+p.RegisterNumber, address, strings.Join([]string{p.City, p.PostalCode, p.Province, p.Region}, ";"), phone, "")
	}
	lines := []string{
		strings.Join(voucher.ListColumns, ";"),
		row(identity.NewFiscalCode("CRBLNE88D52F205"), "Carboni", "Elena", "Lombardia;20114", "Via Torino 8", inMilan, "02 5550 7741", ""),
		row(identity.NewFiscalCode("SPSGNR79L11F839"), "Esposito", "Gennaro", "Campania;8807", "Via Chiaia 21", inNaples, "081 555 0142", ""),
		row(identity.NewFiscalCode("DMRRSO85P60F839"), "De Maria", "Rosa", "Campania;9120", "Via Duomo 3", inNaples, "081 555 0190", ""),
		as(moved, "Viale Trastevere 60", "06 555 9100"),
		as(settled, "Via Merulana 12", settled.Phone),
		row(b.code(Psychologist), "Bianchi", "Giulia", "Lombardia;4821", "Via Manzoni 12", inMilan, "02 5550 4821", today.Add(-2).String()),
		row("RSSLCU80A01F205X", "Russo", "Luca", "Lombardia;20440", "Via Dante 4", inMilan, "02 5550 1180", ""),
		row(identity.NewFiscalCode("FRRMNC90E44F839"), "Ferraro", "Monica", "Campania;9533", "Via Toledo 100", "Napoli;00195;NA;Lazio", "081 555 0177", ""),
	}
	list, err := voucher.ReadList(strings.NewReader(strings.Join(lines, "\n")), today)
	if err != nil {
		return err
	}
	who := identity.Own(b.world.People[CNOPPreparer], identity.CNOP).WithDuties([]identity.Duty{identity.Prepare})
	form, err := b.form(who.Person, "delivery.prepare", "2")
	if err != nil {
		return err
	}
	service := voucher.NewParticipants(postgres.NewParticipants(b.pool), func() time.Time { return today.At(17, 30) })
	_, err = service.Prepare(ctx, who, form, today, voucher.ChangesOnly, list)
	return err
}

// code is the fiscal code of a persona.
func (b *builder) code(hint Hint) identity.FiscalCode {
	for _, p := range Personas {
		if p.Hint == hint {
			return p.FiscalCode
		}
	}
	return ""
}
