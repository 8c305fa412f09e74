package demo

import (
	"context"
	"fmt"
	"time"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// makeEndings tells what became of some who are no personas: a code that is used up, one
// that was given up, an application that an officer has begun to look at, a professional
// whom CNOP suspended, and rankings on their way.
func (b *builder) makeEndings(ctx context.Context) error {
	for _, step := range []struct {
		name string
		make func(context.Context) error
	}{
		{"a code that is used up", b.useUp}, {"a code that is given up", b.giveUp}, {"an application in review", b.lookAt},
		{"a suspended professional", b.suspend}, {"corrections", b.correct},
	} {
		if err := step.make(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// useUp has somebody with a small part of the amount use all of it.
func (b *builder) useUp(ctx context.Context) error {
	const price = 50_00
	var of holding
	var awarded money.Amount
	if err := b.pool.QueryRow(ctx, `
		SELECT v.id, v.beneficiary_id, v.awarded_cents FROM vouchers v JOIN applications a ON a.id = v.application_id JOIN persons p ON p.id = v.beneficiary_id
		WHERE a.edition_id = $1 AND v.territory = 'Marche' AND a.state = 'partially_awarded' ORDER BY p.fiscal_code LIMIT 1`, string(edition)).
		Scan(&of.voucher, &of.holder, &awarded); err != nil {
		return err
	}
	for day := -46; awarded > 0; day += 5 {
		if _, err := b.hold(ctx, b.psychologist(colleagues[3]), of, claim{of: client{edition: edition}, days: []int{day}}); err != nil {
			return err
		}
		awarded -= price
	}
	return nil
}

// giveUp has a holder renounce.
func (b *builder) giveUp(ctx context.Context) error {
	of := b.clients[client{edition: edition, territory: "Basilicata"}]
	who := identity.Own(of.holder, identity.Citizen)
	b.at = b.today.Add(-9).At(19, 30)
	form, err := b.next(who, "voucher.renounce")
	if err != nil {
		return err
	}
	return b.vouchers.Renounce(ctx, who, form, of.voucher)
}

// lookAt has an officer verify an application of the edition that takes them.
func (b *builder) lookAt(ctx context.Context) error {
	officer := b.officer(INPSOfficer)
	desk := voucher.NewDesk(postgres.NewDesk(b.pool), func() time.Time { return b.at })
	b.at = b.today.Add(-1).At(15, 10)
	var id voucher.ApplicationID
	var version int64
	if err := b.pool.QueryRow(ctx, `SELECT id, version FROM applications WHERE edition_id = $1 AND territory = 'Molise' AND state = 'submitted' ORDER BY protocol LIMIT 1`,
		string(nextEdition)).Scan(&id, &version); err != nil {
		return err
	}
	form, err := b.next(officer, "application.verify")
	if err != nil {
		return err
	}
	return desk.Verify(ctx, officer, form, id, version)
}

// suspend has CNOP take somebody off the list for a time.
func (b *builder) suspend(ctx context.Context) error {
	who := b.officer(CNOPPreparer)
	participants := voucher.NewParticipants(postgres.NewParticipants(b.pool), func() time.Time { return b.at })
	b.at = b.today.Add(-6).At(12, 15)
	var id identity.PersonID
	if err := b.pool.QueryRow(ctx, `SELECT person_id FROM professionals WHERE register_number = '10045'`).Scan(&id); err != nil {
		return err
	}
	form, err := b.next(who, "enrolment.suspend")
	if err != nil {
		return err
	}
	return participants.Suspend(ctx, who, form, id, b.today.Add(-6), "Sospensione dall’albo, comunicata dall’Ordine.")
}

// correct has the ranking of the edition that is ending corrected once; a second correction
// waits for who publishes, and a third was only tried.
func (b *builder) correct(ctx context.Context) error {
	for _, c := range []struct {
		ago    int // of the publication, negative for one to come
		reason string
		until  voucher.RunState
	}{
		{240, "Ricontrollo delle domande arrivate nell’ultimo minuto.", voucher.PublishedRun},
		{-1, "Ricontrollo dell’ordine fra domande con lo stesso ISEE.", voucher.ApprovedRun},
		{-2, "Prova dopo una segnalazione.", voucher.SimulatedRun},
	} {
		standing, err := b.rankings.Standing(ctx, lastEdition)
		if err == nil {
			err = b.simulate(ctx, voucher.Simulation{Edition: lastEdition, Corrects: standing, Reason: c.reason}, b.today.Add(-c.ago), c.until)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
