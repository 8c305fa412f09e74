package demo

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/login/demobroker"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// Professionals is how many made-up professionals are on the list.
const Professionals = 2400

// World is what Build made, by the hint of each persona.
type World struct {
	People       map[Hint]identity.PersonID
	Applications map[Hint]voucher.ApplicationID
	Codes        map[Hint]voucher.Code
}

// Build makes the world in an empty database, around the day of the clock. The
// same day and keys always make the same people, amounts and codes. What changes
// a voucher goes through the service, with the clock set back to when it would
// have happened.
func Build(ctx context.Context, pool *pgxpool.Pool, keys voucher.Keys, documents document.Keys, signing ed25519.PrivateKey, now time.Time) (World, error) {
	b := &builder{
		pool: pool, documents: documents, signing: signing, today: calendar.On(now), seed: rand.New(rand.NewChaCha8([32]byte{1: 7})),
		world:   World{map[Hint]identity.PersonID{}, map[Hint]voucher.ApplicationID{}, map[Hint]voucher.Code{}},
		clients: map[client]holding{}, colleagues: map[Hint]identity.PersonID{}, bills: map[Hint]int{},
	}
	codes := rand.NewChaCha8([32]byte{2: 7})
	clock := func() time.Time { return b.at }
	b.vouchers = voucher.NewService(postgres.NewVouchers(pool), keys, codes, clock)
	b.imports = voucher.NewImports(postgres.NewImports(pool), clock)
	b.rankings = voucher.NewRankings(postgres.NewRankings(pool), clock)
	b.editions = voucher.NewEditions(postgres.NewEditions(pool), clock)
	b.invoices = voucher.NewInvoices(postgres.NewInvoices(pool), clock)
	b.disputes = voucher.NewDisputes(postgres.NewDisputes(pool), clock)
	b.closures = voucher.NewClosures(postgres.NewClosures(pool), clock)
	b.residuals = voucher.NewResiduals(postgres.NewResiduals(pool), clock)
	b.accounts = payment.NewAccounts(postgres.NewAccounts(pool), friendlyBank{}, clock)
	b.calls = indemnity.NewCalls(postgres.NewCalls(pool), clock)
	b.payments = payment.NewRuns(postgres.NewPaymentRuns(pool), debtors, clock)
	for _, step := range []struct {
		name string
		make func(context.Context) error
	}{
		{"editions", b.makeEditions}, {"professionals", b.makeProfessionals}, {"personas", b.makePersonas},
		{"old code", b.grantOld}, {"last year", b.lastYear}, {"this year", b.thisYear}, {"next year", b.nextYear},
		{"sessions", b.makeSessions}, {"past year", b.pastYear}, {"transfers", b.makeTransfers}, {"accounts", b.makeAccounts},
		{"claims", b.makeClaims}, {"residuals", b.countDays}, {"closures", b.makeClosures},
		{"endings", b.makeEndings},
		{"calls", b.makeCalls}, {"indemnity", b.makeIndemnity}, {"offices", b.makeOffices}, {"list", b.deliverList}, {"delivery", b.prepareDelivery},
	} {
		if err := step.make(ctx); err != nil {
			return World{}, fmt.Errorf("demo %s: %w", step.name, err)
		}
	}
	return b.world, nil
}

// ErrUnfinished says that a database holds part of a world: Build was interrupted.
var ErrUnfinished = errors.New("the demo world is unfinished: an earlier start was interrupted")

// Built tells whether the database holds a world already; ErrUnfinished.
func Built(ctx context.Context, pool *pgxpool.Pool) (built bool, err error) {
	var begun bool
	err = pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM persons), EXISTS (SELECT FROM deliveries WHERE number > 1)`).Scan(&begun, &built)
	if err == nil && begun && !built {
		err = ErrUnfinished
	}
	return built, err
}

type builder struct {
	pool     *pgxpool.Pool
	vouchers *voucher.Service
	imports  *voucher.Imports
	rankings *voucher.Rankings

	editions  *voucher.Editions
	invoices  *voucher.Invoices
	disputes  *voucher.Disputes
	closures  *voucher.Closures
	residuals *voucher.Residuals
	accounts  *payment.Accounts
	payments  *payment.Runs
	calls     *indemnity.Calls

	documents    document.Keys
	signing      ed25519.PrivateKey
	drafts       *indemnity.Drafts
	papers       *indemnity.Papers
	applications *indemnity.Applications
	desk         *indemnity.Desk
	callRankings *indemnity.Rankings
	controls     *indemnity.Controls

	today calendar.Date
	at    time.Time // the clock of the services: when what is being made happened
	seed  *rand.Rand
	rules map[voucher.EditionID]voucher.Rules
	world World

	clients    map[client]holding         // who has a code
	colleagues map[Hint]identity.PersonID // professionals who are no personas, by their number
	bills      map[Hint]int               // how many invoices somebody has sent
	forms      int                        // that were sent for what these stories tell
}

func (b *builder) makeEditions(ctx context.Context) error {
	all, err := voucher.Shipped()
	if err != nil {
		return err
	}
	b.rules = map[voucher.EditionID]voucher.Rules{}
	for _, e := range all {
		b.rules[e.ID] = e.Rules
	}
	return b.ship(ctx, all...)
}

// makeProfessionals fills the list: people, where they work, and that they are
// enrolled.
func (b *builder) makeProfessionals(ctx context.Context) error {
	var people, professionals [][]any
	since := b.today.Add(-400)
	for i := range Professionals {
		id := uuid.Must(uuid.NewRandomFromReader(seedReader{b.seed}))
		given, family := pick(b.seed, givenNames), pick(b.seed, familyNames)
		where := places[i%len(places)]
		people = append(people, []any{id, string(madeUpCode(i)), given, family})
		languages := []string{"it"}
		switch {
		case where.province == "BZ":
			languages = append(languages, "de")
		case where.province == "TS" || where.province == "GO":
			languages = append(languages, "sl")
		}
		if b.seed.IntN(4) == 0 {
			languages = append(languages, "en")
		}
		if b.seed.IntN(12) == 0 {
			languages = append(languages, "fr")
		}
		professionals = append(professionals, []any{id, fmt.Sprint(10_000 + i), where.region,
			fmt.Sprintf("%s %d", pick(b.seed, streets), 1+b.seed.IntN(120)), where.city, where.postalCode, where.province, where.region,
			fmt.Sprintf("06 555 %04d", i), languages, b.seed.IntN(3) == 0, given + " " + family + " " + given})
	}
	return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"persons"}, []string{"id", "fiscal_code", "given_name", "family_name"}, pgx.CopyFromRows(people)); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"professionals"}, []string{"person_id", "register_number", "register_region", "address", "city",
			"postal_code", "province", "region", "phone", "languages", "online", "searched_name"}, pgx.CopyFromRows(professionals)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO enrolments SELECT person_id, daterange($1, NULL) FROM professionals`, since)
		return err
	})
}

// deliverList says that CNOP delivered its list.
func (b *builder) deliverList(ctx context.Context) error {
	_, err := b.pool.Exec(ctx, `
		INSERT INTO deliveries (number, extent, list_day, file_digest, state, prepared_by, prepared_at, sent_by, sent_at, applied_by, applied_at, next_due_on)
		VALUES (1, 'full', $1, '', 'applied', $4, $2, $5, $2, $6, $2, $3)`,
		b.today.Add(-3), b.today.Add(-3).At(9, 30), b.today.Add(4),
		string(b.world.People[CNOPPreparer]), string(b.world.People[CNOPSender]), string(b.world.People[INPSOfficer]))
	return err
}

// madeUpCode is the fiscal code of the i-th professional: valid, and nobody's.
func madeUpCode(i int) identity.FiscalCode {
	letters := func(n int) string {
		const consonants = "BCDFGHLMNPQRSTVZ"
		return string([]byte{consonants[n%16], consonants[n/16%16], consonants[n/256%16]})
	}
	return identity.NewFiscalCode(letters(i) + letters(i/7+11) + fmt.Sprintf("%02d", 50+i%45) + string("ABCDEHLMPRST"[i%12]) +
		fmt.Sprintf("%02d", 1+i%28) + "Z" + fmt.Sprintf("%03d", 100+i%23))
}

func (b *builder) makePersonas(ctx context.Context) error {
	child := Child
	child.Email = "" // he reads no mail here
	for _, p := range slices.Concat([]demobroker.Persona{child}, Personas, folk) {
		id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("demo:person:"+p.Hint)).String()
		if _, err := b.pool.Exec(ctx, `INSERT INTO persons (id, fiscal_code, given_name, family_name, born_on, email) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, string(p.FiscalCode), p.GivenName, p.FamilyName, p.Birth, p.Email); err != nil {
			return err
		}
		b.world.People[p.Hint] = identity.PersonID(id)
	}
	for _, p := range []struct {
		hint        Hint
		number      string
		where       place
		address     string
		online      bool
		since, left calendar.Date
	}{
		{Psychologist, "4821", place{"Milano", "20121", "MI", "Lombardia"}, "Via Manzoni 12", true, b.today.Add(-700), calendar.Date{}},
		{NewPsychologist, "9954", place{"Venezia", "30121", "VE", "Veneto"}, "Calle Larga 3", false, b.today.Add(-3), calendar.Date{}},
		{ExPsychologist, "1177", place{"Palermo", "90121", "PA", "Sicilia"}, "Via Libertà 40", false, b.today.Add(-900), b.today.Add(-10)},
	} {
		id := string(b.world.People[p.hint])
		var person identity.Person
		if err := b.pool.QueryRow(ctx, `SELECT given_name, family_name FROM persons WHERE id = $1`, id).Scan(&person.GivenName, &person.FamilyName); err != nil {
			return err
		}
		if _, err := b.pool.Exec(ctx, `INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code,
				province, region, phone, languages, online, searched_name)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $3, $8, '{it,en}', $9, $10)`,
			id, p.number, p.where.region, p.address, p.where.city, p.where.postalCode, p.where.province, "02 5550 "+p.number, p.online,
			person.Name()+" "+person.GivenName); err != nil {
			return err
		}
		if _, err := b.pool.Exec(ctx, `INSERT INTO enrolments VALUES ($1, daterange($2, $3))`, id, p.since, p.left); err != nil {
			return err
		}
	}
	if err := b.staff(ctx); err != nil {
		return err
	}
	_, err := b.pool.Exec(ctx, `INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day) VALUES ('parent', $1, $2, $3, $4)`,
		string(b.world.People[Parent]), string(b.world.People[Child.Hint]), b.today.Add(-300), calendar.NewDate(2030, time.March, 7))
	return err
}

// staff gives the personas their roles, as who installs the portal does.
func (b *builder) staff(ctx context.Context) error {
	return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL portal.installation = 'yes'`); err != nil {
			return err
		}
		for _, o := range offices {
			for _, d := range o.duties {
				if _, err := tx.Exec(ctx, `INSERT INTO role_grants (person_id, role, duty, during) VALUES ($1, $2, $3, daterange($4, NULL))`,
					string(b.world.People[o.hint]), string(o.role), string(d), b.today.Add(-1000)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// seedReader draws bytes from a seeded source.
type seedReader struct{ r *rand.Rand }

func (s seedReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s.r.Uint32())
	}
	return len(p), nil
}
