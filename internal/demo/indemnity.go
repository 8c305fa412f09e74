package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"time"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/paper"
	"portal/internal/postgres"
	"portal/internal/registry"
)

// episode is an application for the indemnity, or the draft of one, as a persona made it.
type episode struct {
	who     Hint
	answers indemnity.Answers // of all parts but the declarations
	papers  []evidence
	begun   time.Time
	sent    time.Time // zero for a draft that is still being written
}

// evidence is a paper of a story; one without a file still waits for it.
type evidence struct {
	kind     indemnity.PaperKind
	covers   calendar.Period
	issuedOn calendar.Date
	photo    bool
	missing  bool
	request  indemnity.RequestID // that it answers, and what it replaces
	replaces indemnity.PaperID
}

// makeIndemnity tells the stories of the members: a draft to finish with a gap in its
// certificates, an application that lacks a paper, a cycle of therapy, an injury of
// somebody who owes contributions.
func (b *builder) makeIndemnity(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "portal-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := registers(dir, b.today.At(12, 0))
	if err != nil {
		return err
	}
	clock := func() time.Time { return b.at }
	b.drafts = indemnity.NewDrafts(postgres.NewDrafts(b.pool), registry.NewMembers(files.Members, registry.Patience), registry.NewPositions(files.Positions, registry.Patience), clock)
	b.papers = indemnity.NewPapers(postgres.NewPapers(b.pool, b.documents), clock)
	b.applications = indemnity.NewApplications(postgres.NewCaseFiles(b.pool), b.drafts, rand.NewChaCha8([32]byte{3: 7}), clock)
	b.desk = indemnity.NewDesk(postgres.NewCaseFiles(b.pool), b.applications, rand.NewChaCha8([32]byte{5: 7}), clock)
	b.callRankings = indemnity.NewRankings(postgres.NewCallRankings(b.pool), b.applications, b.signing, clock)
	b.controls = indemnity.NewControls(postgres.NewControls(b.pool), b.applications, rand.NewChaCha8([32]byte{6: 7}), clock)
	if err := b.makeDecided(ctx); err != nil {
		return err
	}
	if _, err := registers(dir, b.today.At(12, 0), paidCall); err != nil { // what was paid stands there from now on
		return err
	}
	for _, s := range b.episodes() {
		id, err := b.write(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.who, err)
		}
		if s.who == Member && !s.sent.IsZero() {
			if err := b.lacks(ctx, id); err != nil {
				return err
			}
			if err := b.converse(ctx, id); err != nil {
				return err
			}
		}
	}
	if err := b.makeHeirs(ctx, files); err != nil {
		return err
	}
	if err := b.makeReexamined(ctx); err != nil {
		return err
	}
	// What follows was added later: it comes last, so that the numbers of the protocol of
	// what stood there before are what they were.
	if err := b.makeSent(ctx); err != nil {
		return err
	}
	return b.makeUnderWay(ctx)
}

func (b *builder) episodes() []episode {
	day := func(ago int) calendar.Date { return b.today.Add(-ago) }
	days := func(from, to int) calendar.Period { return calendar.Period{From: day(from), To: day(to)} }
	person := func(who Hint) indemnity.Answers {
		p := cast(who)
		return indemnity.Answers{IdentityExpires: calendar.NewDate(b.today.Year+4, p.Birth.Month, p.Birth.Day), Exclusive: indemnity.Yes, Covered: indemnity.No, ISEE: indemnity.No,
			IBAN: string(Account(who, 1)), Holder: p.GivenName + " " + p.FamilyName, Email: p.Email, Phone: "333 5550123"}
	}
	document := []evidence{{kind: indemnity.IdentityFront, photo: true}, {kind: indemnity.IdentityBack, photo: true}}
	with := func(all ...evidence) []evidence { return append(all, document...) }

	injury := person(Psychologist)
	injury.Cause, injury.First, injury.Last, injury.Exclusive = indemnity.Injury, day(42), day(12), indemnity.No
	cycles := person(CyclesMember)
	cycles.Cause = indemnity.Cycles
	for ago := 96; ago >= 40; ago -= 14 {
		cycles.Stops = append(cycles.Stops, days(ago, ago-2))
	}
	lacking := person(Member)
	lacking.Cause, lacking.First, lacking.Last = indemnity.Illness, day(60), day(36)
	lacking.ISEE, lacking.ISEEValue, lacking.ISEEYear = indemnity.Yes, 18_250*money.Euro, b.today.Year
	draft := person(Member)
	draft.Cause, draft.First, draft.Last, draft.Exclusive = indemnity.Illness, day(24), day(3), ""

	return []episode{
		{who: Psychologist, answers: injury, begun: day(11).At(9, 12), sent: day(8).At(18, 42),
			papers: with(evidence{kind: indemnity.InitialPrognosis, covers: days(42, 28), issuedOn: day(42)}, evidence{kind: indemnity.ExtensionPrognosis, covers: days(27, 12), issuedOn: day(27)})},
		{who: CyclesMember, answers: cycles, begun: day(37).At(16, 5), sent: day(36).At(10, 31),
			papers: with(evidence{kind: indemnity.CycleFinal, issuedOn: day(37)})},
		{who: Member, answers: lacking, begun: day(50).At(11, 20), sent: day(32).At(21, 7),
			papers: with(evidence{kind: indemnity.InitialPrognosis, covers: days(60, 46), issuedOn: day(60), photo: true},
				evidence{kind: indemnity.ExtensionPrognosis, covers: days(45, 36), issuedOn: day(45)}, evidence{kind: indemnity.ISEEStatement})},
		{who: Member, answers: draft, begun: day(20).At(15, 3),
			papers: with(evidence{kind: indemnity.InitialPrognosis, covers: days(24, 15), issuedOn: day(24), photo: true},
				evidence{kind: indemnity.ExtensionPrognosis, covers: days(12, 3), issuedOn: day(12)}, evidence{kind: indemnity.HospitalStay, covers: days(22, 20), issuedOn: day(20), missing: true})},
	}
}

// write begins a story, hands in its papers, and sends it where it was sent.
func (b *builder) write(ctx context.Context, s episode) (indemnity.CaseID, error) {
	who := identity.Own(b.world.People[s.who], identity.Member)
	b.at = s.begun
	form, err := b.next(who, "indemnity.begin")
	if err != nil {
		return "", err
	}
	id, err := b.drafts.Begin(ctx, who, form, indemnity.Answers{Cause: s.answers.Cause, First: s.answers.First})
	if err != nil {
		return "", err
	}
	for i, e := range s.papers {
		if at := e.issuedOn.At(17, 30); at.After(b.at) {
			b.at = at
		}
		b.at = b.at.Add(4 * time.Minute)
		if err := b.hand(ctx, who, id, e, i); err != nil {
			return "", err
		}
	}
	if b.at = b.at.Add(10 * time.Minute); !s.sent.IsZero() {
		b.at = s.sent.Add(-5 * time.Minute)
	}
	d, err := b.drafts.Draft(ctx, who, id)
	if err != nil {
		return "", err
	}
	if !s.sent.IsZero() {
		standing, err := b.drafts.Stand(ctx, indemnity.Draft{Answers: s.answers})
		if err != nil {
			return "", err
		}
		for _, x := range standing.Call.Rules.Declarations.Is {
			s.answers.Declared = append(s.answers.Declared, x.Mark())
		}
	}
	fill := func(a indemnity.Answers) error {
		if form, err = b.next(who, "indemnity.fill"); err == nil {
			err = b.drafts.Fill(ctx, who, form, id, d.Version, a)
		}
		d.Version++
		return err
	}
	declared := s.answers
	s.answers.Declared = nil
	if err := fill(s.answers); err != nil || s.sent.IsZero() {
		return id, err
	}
	declared.DeclaredAt = b.at
	if err := fill(declared); err != nil {
		return id, err
	}
	b.at = s.sent
	if d, err = b.drafts.Draft(ctx, who, id); err != nil {
		return id, err
	}
	if form, err = b.next(who, "indemnity.send"); err != nil {
		return id, err
	}
	_, err = b.applications.Send(ctx, who, form, id, d.Mark())
	return id, err
}

// hand hands in a paper of a case.
func (b *builder) hand(ctx context.Context, who identity.Actor, of indemnity.CaseID, e evidence, number int) error {
	note, err := b.next(who, "indemnity.paper")
	if err != nil {
		return err
	}
	id, err := b.papers.Note(ctx, who, note, indemnity.Paper{Case: of, Kind: e.kind, IssuedOn: e.issuedOn, Covers: e.covers, Request: string(e.request), Replaces: e.replaces})
	if err != nil || e.missing {
		return err
	}
	f, err := sheet(ctx, e, number)
	if err != nil {
		return err
	}
	file, err := b.next(who, "indemnity.paper_file")
	if err != nil {
		return err
	}
	_, err = b.papers.Attach(ctx, who, file, id, f)
	return err
}

// sheet is the file of a paper: a sheet that says what it stands for, or a photograph of
// one.
func sheet(ctx context.Context, e evidence, number int) (document.File, error) {
	var content bytes.Buffer
	name := fmt.Sprintf("documento-%d.pdf", number+1)
	if e.photo {
		name = fmt.Sprintf("foto-%d.jpg", number+1)
		picture := image.NewGray(image.Rect(0, 0, 480, 640))
		for i := range picture.Pix {
			picture.Pix[i] = 235
			if line := i / 480 / 20; line%3 == 1 && i%480 > 40 && i%480 < 200+(line*37+number*53)%240 {
				picture.SetGray(i%480, i/480, color.Gray{Y: 90})
			}
		}
		if err := jpeg.Encode(&content, picture, nil); err != nil {
			return document.File{}, err
		}
	} else {
		act := paper.Act{Body: "Documento di prova", Title: "Certificato", Lead: "Questo documento appartiene alla dimostrazione e a nessuna persona.", Foot: "Dati di prova", At: e.issuedOn.At(9, 0)}
		if e.covers.Valid() {
			act.Parts = []paper.Part{{Lines: []paper.Line{{Name: "Data", Value: e.issuedOn.String()}, {Name: "Dal", Value: e.covers.From.String()}, {Name: "Al", Value: e.covers.To.String()}}}}
			var visits []paper.Line // enough for a second sheet
			for day := e.covers.From; !day.After(e.covers.To); day = day.Add(1) {
				for _, when := range []string{"mattina", "pomeriggio", "sera"} {
					visits = append(visits, paper.Line{Name: day.String() + ", " + when, Value: "visita di controllo"})
				}
			}
			act.Parts = append(act.Parts, paper.Part{Heading: "Visite", Lines: visits})
		}
		if err := paper.Write(&content, act); err != nil {
			return document.File{}, err
		}
	}
	return document.NewInspector(document.Usual, 1, nil).Inspect(ctx, name, bytes.NewReader(content.Bytes()))
}

// lacks has an officer ask for a better copy of a paper, some days ago.
func (b *builder) lacks(ctx context.Context, of indemnity.CaseID) error {
	b.at = b.today.Add(-6).At(11, 40)
	officer := b.officer(WelfareOfficer)
	c, err := b.applications.CaseFile(ctx, identity.Own(b.world.People[Member], identity.Member), of)
	if err != nil {
		return err
	}
	q := indemnity.Request{Kind: indemnity.Supplement, Text: "Per continuare la verifica servono due documenti."}
	for _, p := range c.Papers {
		switch p.Kind {
		case indemnity.InitialPrognosis:
			q.Items = append(q.Items, indemnity.RequestItem{Code: "V6", Paper: p.Kind, Of: p.ID, Wrong: "nella foto non si legge la durata della prognosi", Send: "una copia leggibile dello stesso certificato"})
		case indemnity.IdentityBack:
			q.Items = append(q.Items, indemnity.RequestItem{Code: "V1", Paper: p.Kind, Of: p.ID, Wrong: "il retro del documento è tagliato", Send: "il retro intero del documento"})
		}
	}
	form, err := b.next(officer, "indemnity.ask")
	if err != nil {
		return err
	}
	_, err = b.applications.Ask(ctx, officer, form, of, q)
	return err
}

// converse has Elena write about what she was asked for, and an officer answer her: she
// has not read the answer yet.
func (b *builder) converse(ctx context.Context, of indemnity.CaseID) error {
	threads := indemnity.NewThreads(postgres.NewThreads(b.pool), func() time.Time { return b.at })
	member, officer := identity.Own(b.world.People[Member], identity.Member), b.officer(WelfareOfficer)
	b.at = b.today.Add(-5).At(18, 20)
	form, err := b.next(member, "threads.start")
	if err != nil {
		return err
	}
	id, err := threads.Start(ctx, member, form, of, indemnity.TopicPapers, "Buonasera, mi avete chiesto una copia leggibile del certificato. Va bene una fotografia fatta con il telefono?")
	if err != nil {
		return err
	}
	b.at = b.today.Add(-4).At(9, 35)
	if _, _, err := threads.Answerable(ctx, officer, of, id); err != nil {
		return err
	}
	b.at = b.at.Add(7 * time.Minute)
	if form, err = b.next(officer, "threads.reply"); err != nil {
		return err
	}
	return threads.Write(ctx, officer, form, of, id, "Sì, va bene una fotografia, se si vede tutto il foglio e si legge ogni parola.\n\nNon mandarla qui: caricala dalla pagina della richiesta.")
}
