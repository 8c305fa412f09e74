package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/office"
	"portal/internal/postgres"
)

// How many days ago what was paid was looked at again.
const (
	sampledAgo = 30
	checkedAgo = 26
	revokedAgo = 20
)

// watch has the payments of the call that is paid checked, all of them: chance draws from
// codes that are never the same. One is taken back, and of another the check still runs.
func (b *builder) watch(ctx context.Context, revoked, doubted indemnity.CaseID) error {
	officer, approver, call := b.officer(WelfareOfficer), b.officer(WelfareApprover), indemnity.CallIn(b.monthAgo(paidCall))
	b.at = b.today.Add(-sampledAgo).At(11, 20)
	form, err := b.next(officer, "control.sample")
	if err != nil {
		return err
	}
	sample, err := b.controls.ProposeSample(ctx, officer, form, call, indemnity.SampleSize{Share: 10000}, "Le domande pagate sono poche: si controllano tutte.")
	if err != nil {
		return err
	}
	b.at = b.at.Add(5 * time.Hour)
	if form, err = b.next(approver, "control.draw"); err != nil {
		return err
	}
	if err := b.controls.ConfirmSample(ctx, approver, form, sample); err != nil {
		return err
	}
	drawn, err := b.controls.Drawn(ctx, sample)
	if err != nil {
		return err
	}
	b.at = b.today.Add(-checkedAgo).At(10, 5)
	for _, k := range drawn {
		if k.Case == revoked || k.Case == doubted {
			continue
		}
		if err := b.endControl(ctx, officer, k.ID, indemnity.ControlConfirmed, "La struttura sanitaria ha confermato i giorni dei certificati."); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(drawn, func(k indemnity.Control) bool { return k.Case == revoked })
	return b.revoke(ctx, officer, revoked, drawn[i].ID)
}

// revoke has what was paid of a case taken back by two officers, for what a check found.
func (b *builder) revoke(ctx context.Context, officer identity.Actor, id indemnity.CaseID, control indemnity.ControlID) error {
	b.at = b.today.Add(-revokedAgo).At(9, 40)
	const found = "Quattro fatture per sedute fatte nei giorni dell’evento: nella domanda era dichiarato che non c’era attività."
	if err := b.endControl(ctx, officer, control, indemnity.ControlIrregular, found, indemnity.DeclarationUntrue); err != nil {
		return err
	}
	o, err := b.desk.Open(ctx, officer, id)
	if err != nil {
		return err
	}
	form, err := b.next(officer, "control.revoke")
	if err != nil {
		return err
	}
	if err := b.controls.ProposeRevocation(ctx, officer, form, control, o.Version, "Nei giorni dell’evento risultano quattro fatture: la dichiarazione di non aver lavorato non corrisponde al vero."); err != nil {
		return err
	}
	approver := b.officer(WelfareApprover)
	b.at = b.at.AddDate(0, 0, 1)
	if o, err = b.desk.Open(ctx, approver, id); err != nil {
		return err
	}
	if form, err = b.next(approver, "indemnity.decide"); err != nil {
		return err
	}
	return b.desk.Approve(ctx, approver, form, id, o.Version)
}

func (b *builder) endControl(ctx context.Context, officer identity.Actor, id indemnity.ControlID, to indemnity.ControlState, found string, codes ...indemnity.Code) error {
	form, err := b.next(officer, "control.end")
	if err != nil {
		return err
	}
	return b.controls.EndControl(ctx, officer, form, id, to, found, codes)
}

// commit has the value drawn by which a call will be sampled: before its ranking is
// published.
func (b *builder) commit(ctx context.Context, call indemnity.CallID) error {
	officer := b.officer(WelfareOfficer)
	form, err := b.next(officer, "control.commit")
	if err != nil {
		return err
	}
	return b.controls.CommitSeed(ctx, officer, form, call)
}

// newcomer is who is to work at INPS, once a second administrator agrees.
var newcomer = office.Candidate{Code: identity.NewFiscalCode("NGRLRA85M51F205"), Given: "Laura", Family: "Negri"}

// makeOffices tells what waits for a second person in the offices, and of a stop that is
// over.
func (b *builder) makeOffices(ctx context.Context) error {
	clock := func() time.Time { return b.at }
	admin, officer := b.officer(Administrator), b.officer(WelfareOfficer)
	b.at = b.today.Add(-12).At(15, 30)
	form, err := b.next(admin, "stop.plan")
	if err != nil {
		return err
	}
	begins := b.today.Add(-9).At(22, 0)
	if err := office.NewStops(postgres.NewAdministration(b.pool), clock).Plan(ctx, admin, form, "Aggiorniamo il database: per due ore non si può accedere all’area personale.", begins, begins.Add(2*time.Hour)); err != nil {
		return fmt.Errorf("a stop: %w", err)
	}
	b.at = b.today.Add(-2).At(9, 15)
	if form, err = b.next(admin, "grant.propose"); err != nil {
		return err
	}
	wish := office.Wish{Post: office.Post{Office: identity.INPS, Duty: identity.Prepare}, Span: office.Span{From: b.today.Add(10)}, Grounds: "Ordine di servizio 112: prende servizio all’ufficio dei contributi."}
	if _, err := office.NewStaff(postgres.NewStaff(b.pool), clock).Propose(ctx, admin, form, newcomer, wish); err != nil {
		return fmt.Errorf("a role: %w", err)
	}
	b.at = b.today.Add(-1).At(16, 10)
	if form, err = b.next(officer, "text.propose"); err != nil {
		return err
	}
	words := indemnity.Wording{Text: "il retro del documento non si legge bene: è tagliato, sfocato o coperto da un riflesso", Send: "il retro intero dello stesso documento, fotografato su un piano scuro e senza flash"}
	if err := indemnity.NewTexts(postgres.NewIndemnityTexts(b.pool), clock).Propose(ctx, officer, form, "di-nuovo-retro", 0, words); err != nil {
		return fmt.Errorf("a standard text: %w", err)
	}
	return nil
}
