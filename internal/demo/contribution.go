package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// The editions of the demonstration: the one that is ending, the one it lives in,
// and the one that takes applications. oldEdition has a code long gone.
const (
	lastEdition voucher.EditionID = "prova-1"
	edition     voucher.EditionID = "prova-2"
	nextEdition voucher.EditionID = "prova-3"
	oldEdition  voucher.EditionID = "2022-guida"
)

// How the editions lie around today, in days.
const (
	published     = 50  // the ranking of this year, ago
	lastPublished = 265 // and of last year
)

// applicant is somebody who applied, as a file of applications has them.
type applicant struct {
	person              identity.Person
	born                calendar.Date
	territory, province string
	isee                money.Amount
	status              string // "valido", "difforme"
	at                  time.Time
}

// ship puts editions into the database, in force.
func (b *builder) ship(ctx context.Context, editions ...voucher.Edition) error {
	return postgres.NewEditions(b.pool).Ship(ctx, editions)
}

// edition is one with the rules of 2025, but for when it takes applications and
// what money it has: made-up amounts, so that a few dozen applicants exhaust them.
func (b *builder) edition(ctx context.Context, id voucher.EditionID, year, opens, closes int, budget map[string]money.Amount) error {
	r := b.rules["2025"]
	const made = "Dati di prova"
	r.Window = rules.Value[voucher.Window]{Is: voucher.Window{Opens: b.today.Add(-opens).At(9, 0), Closes: b.today.Add(-closes).Start()}, Article: made}
	r.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "Fondo di prova", Of: budget}, Article: made}}
	b.rules[id] = r
	return b.ship(ctx, voucher.Edition{ID: id, ApplicationYear: year, FundYear: year - 1, Rules: r})
}

// year is the year of the edition that the demonstration lives in.
func (b *builder) year() int { return b.today.Add(-published).Year }

// officer is one of INPS's people, with their duties.
func (b *builder) officer(hint Hint) identity.Actor {
	for _, o := range offices {
		if o.hint == hint {
			return identity.Own(b.world.People[hint], o.role).WithDuties(o.duties)
		}
	}
	return identity.Actor{}
}

// crowd is made-up applicants of every territory, from a number on: so many in
// each, with an ISEE about 500 euro above the one before. One of each dozen has an
// attestation that does not hold, and one in each territory has too much.
func (b *builder) crowd(from, each int, opens calendar.Date, days int) []applicant {
	var all []applicant
	seat := map[string]string{}
	for _, p := range places {
		seat[p.region] = cmp.Or(seat[p.region], p.province)
	}
	for _, territory := range slices.Sorted(maps.Keys(b.rules["2025"].Budget().Of)) {
		for i := range each {
			n := from + len(all)
			code := madeUpCode(n)
			a := applicant{
				person:    identity.Person{FiscalCode: code, GivenName: pick(b.seed, givenNames), FamilyName: pick(b.seed, familyNames)},
				born:      madeUpBirth(n),
				territory: territory, province: seat[territory],
				isee:   money.Amount(i*500_00 + b.seed.IntN(400_00)),
				status: "valido",
				at:     opens.Add(b.seed.IntN(days)).At(8+b.seed.IntN(14), b.seed.IntN(60)).Add(time.Duration(b.seed.IntN(60_000_000)) * time.Microsecond),
			}
			if i%12 == 7 {
				a.status = "difforme"
			}
			if i == each-1 {
				a.isee = 51_200_00
			}
			all = append(all, a)
		}
	}
	return all
}

// bring has an officer import applicants from a file, as an edition's applications.
func (b *builder) bring(ctx context.Context, id voucher.EditionID, all []applicant) error {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	lines := [][]string{voucher.ImportColumns[:len(voucher.ImportColumns)-1]}
	for _, a := range all {
		lines = append(lines, []string{string(a.person.FiscalCode), a.person.FamilyName, a.person.GivenName, a.born.String(), a.territory, a.province,
			a.isee.Decimal(), a.status, a.at.UTC().Format("2006-01-02T15:04:05.000000Z"), "", ""})
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	officer := b.officer(INPSOfficer)
	read, err := b.form(officer.Person, "import.read", string(id))
	if err != nil {
		return err
	}
	imported, err := b.imports.Read(ctx, officer, read, voucher.ImportAsk{Edition: id, Declared: len(all)}, &file, func(int) {})
	if err != nil {
		return err
	}
	if faults, err := b.imports.Faults(ctx, imported, "", 1); err != nil || len(faults) > 0 {
		return fmt.Errorf("import %s: %v, %w", id, faults, err)
	}
	order, err := b.form(officer.Person, "import.order", string(id))
	if err != nil {
		return err
	}
	if err := b.imports.Order(ctx, officer, order, imported); err != nil {
		return fmt.Errorf("import %s: %w", id, err)
	}
	return b.imports.Apply(ctx, imported, func(int) {})
}

// application is one of a persona, who sent it online or for whom a parent did.
type application struct {
	of, by              Hint
	territory, province string
	isee                money.Amount
	at                  time.Time
}

// apply has personas apply.
func (b *builder) apply(ctx context.Context, id voucher.EditionID, all ...application) error {
	for i, a := range all {
		key := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "demo:application:%s:%s", id, a.of)).String()
		band, _ := b.rules[id].Band(a.isee)
		_, err := b.pool.Exec(ctx, `
			INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, mandate_id, territory, province, isee_cents, isee_status,
				isee_kind, isee_protocol, isee_issued_on, isee_valid_until, email, submitted_at, state, entitled_cents)
			SELECT $1, $2, $3, p.id, $5, (SELECT id FROM mandates WHERE holder_id = $5 AND represented_id = p.id), $6, $7, $8, 'valid',
				'ordinary', $9, $10, $11, q.email, $12, 'submitted', $13
			FROM persons p, persons q WHERE p.id = $4 AND q.id = $5`,
			key, fmt.Sprintf("INPS-%d-%06d", a.at.Year(), 104_200+37*len(b.world.Applications)), string(id), string(b.world.People[a.of]), string(b.world.People[a.by]),
			a.territory, a.province, a.isee, dsu(calendar.On(a.at), i), calendar.On(a.at).Add(-30), calendar.NewDate(a.at.Year(), time.December, 31), a.at, band.Amount)
		if err != nil {
			return err
		}
		_, err = b.pool.Exec(ctx, `INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id) VALUES ($1, $2, 'citizen', $3, $4, $5, $3)`,
			a.at, string(b.world.People[a.by]), string(b.world.People[a.of]), string(voucher.ApplicationSubmitted), key)
		if err != nil {
			return err
		}
		b.world.Applications[a.of] = voucher.ApplicationID(key)
	}
	return nil
}

// publish has the ranking of an edition simulated, proposed, approved and published on a
// day.
func (b *builder) publish(ctx context.Context, id voucher.EditionID, on calendar.Date) error {
	return b.simulate(ctx, voucher.Simulation{Edition: id}, on, voucher.PublishedRun)
}

// simulate has a ranking simulated for a publication on a day, and taken further until a
// state: each step by the persona whose duty it is.
func (b *builder) simulate(ctx context.Context, ask voucher.Simulation, on calendar.Date, until voucher.RunState) error {
	officer, approver, publisher := b.officer(INPSOfficer), b.officer(INPSApprover), b.officer(INPSPublisher)
	b.at = on.Add(-3).At(10, 0)
	form, err := b.next(officer, "ranking.simulate")
	if err != nil {
		return err
	}
	run, err := b.rankings.Simulate(ctx, officer, form, ask)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		who  identity.Actor
		at   time.Time
		to   voucher.RunState
		do   func() error
	}{
		{"check", officer, on.Add(-3).At(10, 1), voucher.SimulatedRun, func() error { return b.rankings.Check(ctx, officer, form, run) }},
		{"propose", officer, on.Add(-3).At(10, 20), voucher.ProposedRun, func() error { return b.rankings.Propose(ctx, officer, form, run) }},
		{"approve", approver, on.Add(-2).At(11, 5), voucher.ApprovedRun, func() error { return b.rankings.Approve(ctx, approver, form, run) }},
		{"publish", publisher, on.Add(-1).At(16, 30), voucher.PublishedRun, func() error { return b.rankings.Publish(ctx, publisher, form, run, on.At(9, 0)) }},
	} {
		b.at = step.at
		if form, err = b.next(step.who, "ranking."+step.name); err != nil {
			return err
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s the ranking of %s: %w", step.name, ask.Edition, err)
		}
		if step.to == until && until != voucher.PublishedRun {
			return nil
		}
	}
	b.at = on.At(9, 0)
	_, _, err = b.rankings.IssueDue(ctx, b.vouchers)
	return err
}

// grantOld gives the citizen a code of an edition from before there was a portal.
func (b *builder) grantOld(ctx context.Context) error {
	accepted := calendar.NewDate(2022, time.December, 9)
	id := voucher.ApplicationID(uuid.NewSHA1(uuid.NameSpaceURL, []byte("demo:application:old")).String())
	holder := b.world.People[Citizen]
	_, err := b.pool.Exec(ctx, `
		INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status,
			submitted_at, state, decided_on, entitled_cents)
		VALUES ($1, 'INPS-2022-104237', $2, $3, $3, 'Lazio', 'RM', 620000, 'valid', $4, 'awarded', $5, 60000)`,
		string(id), string(oldEdition), string(holder), accepted.Add(-60).At(10, 12), accepted)
	if err != nil {
		return err
	}
	b.at = accepted.At(9, 0)
	_, err = b.vouchers.Grant(ctx, identity.Office(), voucher.Application{ID: id, Beneficiary: holder, Territory: "Lazio"},
		b.rules[oldEdition], 600_00, accepted, 1)
	return err
}

// lastYear is an edition whose codes are about to expire.
func (b *builder) lastYear(ctx context.Context) error {
	budget := map[string]money.Amount{}
	for territory := range b.rules["2025"].Budget().Of {
		budget[territory] = 3 * 1_500_00
	}
	if err := b.edition(ctx, lastEdition, b.year()-1, 350, 300, budget); err != nil {
		return err
	}
	opens := b.today.Add(-350)
	b.at = b.today.Add(-299).At(10, 0)
	if err := b.bring(ctx, lastEdition, b.crowd(crowdFrom, 8, opens.Add(1), 45)); err != nil {
		return err
	}
	if err := b.apply(ctx, lastEdition, application{LastDaysCitizen, LastDaysCitizen, "Toscana", "FI", 120_00, opens.Add(20).At(10, 12)}); err != nil {
		return err
	}
	if err := b.publish(ctx, lastEdition, b.today.Add(-lastPublished)); err != nil {
		return err
	}
	return b.codes(ctx, LastDaysCitizen)
}

// thisYear is the edition that the demonstration lives in. The money is counted so
// that each persona has the outcome they are there for.
func (b *builder) thisYear(ctx context.Context) error {
	const partial, child = 5_120_00, 4_477_00
	opens := b.today.Add(-140)
	crowd := b.crowd(crowdFrom+1_000, 36, opens.Add(1), 40)
	budget := map[string]money.Amount{}
	for territory := range b.rules["2025"].Budget().Of {
		budget[territory] = 20*1_500_00 + 250_00
	}
	budget["Puglia"] = 8*1_500_00 + 375_00
	budget["Lombardia"] = 1_500_00 + 430_00 // the child, and part of what the partial citizen is due
	for _, a := range crowd {
		if a.territory == "Lombardia" && a.status == "valido" && a.isee < partial {
			budget["Lombardia"] += 1_500_00
		}
	}
	if err := b.edition(ctx, edition, b.year(), 140, 95, budget); err != nil {
		return err
	}
	b.at = b.today.Add(-94).At(10, 0)
	if err := b.bring(ctx, edition, crowd); err != nil {
		return err
	}
	if err := b.apply(ctx, edition,
		application{Citizen, Citizen, "Lazio", "RM", 3_940_00, opens.Add(3).At(10, 12)},
		application{PartialCitizen, PartialCitizen, "Lombardia", "MI", partial, opens.Add(8).At(10, 12)},
		application{ExcludedCitizen, ExcludedCitizen, "Puglia", "BA", 6_755_10, opens.Add(12).At(10, 12)},
		application{Child.Hint, Parent, "Lombardia", "BG", child, opens.Add(18).At(10, 12)},
	); err != nil {
		return err
	}
	if err := b.publish(ctx, edition, b.today.Add(-published)); err != nil {
		return err
	}
	return b.codes(ctx, Citizen, PartialCitizen, Child.Hint)
}

// nextYear is the edition that takes applications today.
func (b *builder) nextYear(ctx context.Context) error {
	budget := map[string]money.Amount{}
	for territory := range b.rules["2025"].Budget().Of {
		budget[territory] = 12 * 1_500_00
	}
	if err := b.edition(ctx, nextEdition, b.year()+1, 20, -26, budget); err != nil {
		return err
	}
	b.at = b.today.Add(-1).At(10, 0)
	return b.bring(ctx, nextEdition, b.crowd(crowdFrom+2_000, 14, b.today.Add(-19), 17))
}

// codes reads the codes that personas were given.
func (b *builder) codes(ctx context.Context, hints ...Hint) error {
	for _, hint := range hints {
		file, err := b.vouchers.File(ctx, b.world.People[hint], b.world.Applications[hint])
		if err != nil {
			return err
		}
		if b.world.Codes[hint], err = b.vouchers.Code(file); err != nil {
			return fmt.Errorf("the code of %s: %w", hint, err)
		}
	}
	return nil
}

// crowdFrom is the number of the first made-up person who is no professional.
const crowdFrom = Professionals + 100

// madeUpBirth is the birthday that the fiscal code of the i-th made-up person tells.
func madeUpBirth(i int) calendar.Date {
	return calendar.NewDate(1950+i%45, time.Month(1+i%12), 1+i%28)
}
