package demo

import (
	"context"
	"slices"

	"portal/internal/money"
	"portal/internal/voucher"
)

// pastEdition is over: its codes have expired, and people who were left without money
// still wait for what came back.
const pastEdition voucher.EditionID = "prova-0"

// pastPublished is when its ranking was published, in days ago.
const pastPublished = 420

// pastYear is an edition of a few territories, each with money for two and a half of
// the four who could have some.
func (b *builder) pastYear(ctx context.Context) error {
	budget := map[string]money.Amount{}
	for _, territory := range []string{"Lazio", "Lombardia", "P.A. Bolzano", "Piemonte", "Sicilia", "Toscana", "Veneto"} {
		budget[territory] = 2*1_500_00 + 750_00
	}
	if err := b.edition(ctx, pastEdition, b.year()-2, 520, 470, budget); err != nil {
		return err
	}
	elsewhere := func(a applicant) bool { return budget[a.territory] == 0 }
	b.at = b.today.Add(-469).At(10, 0)
	if err := b.bring(ctx, pastEdition, slices.DeleteFunc(b.crowd(crowdFrom+3_000, 5, b.today.Add(-519), 45), elsewhere)); err != nil {
		return err
	}
	return b.publish(ctx, pastEdition, b.today.Add(-pastPublished))
}

// transfer is money that a territory has sent for an edition, so many days ago.
type transfer struct {
	edition   voucher.EditionID
	territory string
	amount    money.Amount
	ago       int
	act       string
}

// transfers are partial: Lombardia has sent nothing, and Lazio a half.
var transfers = []transfer{
	{pastEdition, "Lazio", 3_750_00, 430, "DGR 812"},
	{pastEdition, "Piemonte", 3_750_00, 430, "DGR 19-4401"},
	{pastEdition, "Toscana", 3_750_00, 429, "Decreto dirigenziale 20114"},
	{pastEdition, "Veneto", 3_750_00, 428, "DGR 1190"},
	{pastEdition, "Sicilia", 2_000_00, 425, "DDG 774, primo acconto"},
	{lastEdition, "Emilia-Romagna", 4_500_00, 262, "DGR 340"},
	{lastEdition, "Liguria", 4_500_00, 260, "Decreto 5521"},
	{edition, "Lazio", 15_000_00, 47, "DGR 655, primo acconto"},
	{edition, "Campania", 30_250_00, 46, "Decreto dirigenziale 188"},
	{edition, "Emilia-Romagna", 30_250_00, 46, "DGR 1502"},
	{edition, "Piemonte", 30_250_00, 45, "DGR 22-7003"},
	{edition, "Sicilia", 30_250_00, 44, "DDG 1460"},
	{edition, "Toscana", 30_250_00, 44, "Decreto dirigenziale 23008"},
	{edition, "Umbria", 30_250_00, 43, "DGR 977"},
	{edition, "Veneto", 30_250_00, 43, "DGR 1288"},
}

// arrears is what came for the edition that is over while its days were counted.
var arrears = transfer{pastEdition, "Sicilia", 1_750_00, 4, "DDG 1533, saldo"}

// receive has an officer record transfers.
func (b *builder) receive(ctx context.Context, all ...transfer) error {
	officer := b.officer(INPSOfficer)
	for _, t := range all {
		b.at = b.today.Add(-t.ago).At(11, 30)
		form, err := b.next(officer, "transfer.record")
		if err != nil {
			return err
		}
		err = b.editions.Record(ctx, officer, form, voucher.Transfer{Edition: t.edition, Territory: t.territory, Amount: t.amount,
			ReceivedOn: b.today.Add(-t.ago), Act: t.act, Tranche: "Fondo di prova"})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) makeTransfers(ctx context.Context) error { return b.receive(ctx, transfers...) }

// countDays closes the codes that are over and keeps what the territories had left on
// each of the last days.
func (b *builder) countDays(ctx context.Context) error {
	b.at = b.today.Add(-145).At(1, 0) // a few days after the last one of the edition that is over
	if _, err := b.vouchers.ExpireDue(ctx); err != nil {
		return err
	}
	for ago := 6; ago > 0; ago-- {
		if ago == arrears.ago {
			if err := b.receive(ctx, arrears); err != nil {
				return err
			}
		}
		if _, err := b.residuals.Record(ctx, b.today.Add(-ago)); err != nil {
			return err
		}
	}
	return nil
}
