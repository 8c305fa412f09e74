package portal

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// indemnityPath is where a member's applications are.
const indemnityPath = "/indennita-malattia-infortunio/domande"

// memberRoutes is the site map of those who apply for the indemnity.
func (p *Portal) memberRoutes(r chi.Router) {
	// Drafts.
	r.Group(func(r chi.Router) {
		r.Use(p.member())
		r.Get("/indennita-malattia-infortunio/domande", p.page(p.memberApplications))
		r.Get("/indennita-malattia-infortunio/domande/nuova", p.page(p.memberStartAsk))
		r.Post("/indennita-malattia-infortunio/domande/nuova", p.page(p.memberStart))
		r.Get("/indennita-malattia-infortunio/domande/nuova/inizia", p.page(p.memberBeginAsk))
		r.Post("/indennita-malattia-infortunio/domande/nuova/inizia", p.page(p.memberBegin))
		r.Get("/indennita-malattia-infortunio/domande/{id}/elimina", p.page(p.memberDropAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/elimina", p.page(p.memberDrop))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila", p.page(p.memberTasks))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/tipo", p.memberPart(indemnity.PartCause))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/tipo", p.memberPartSent(indemnity.PartCause))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/periodo", p.memberPart(indemnity.PartPeriod))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/periodo", p.memberPartSent(indemnity.PartPeriod))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/periodo/{stop}", p.page(p.memberStopAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/periodo/{stop}", p.page(p.memberStop))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/attivita", p.memberPart(indemnity.PartActivity))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/attivita", p.memberPartSent(indemnity.PartActivity))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/coperture", p.memberPart(indemnity.PartCover))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/coperture", p.memberPartSent(indemnity.PartCover))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/isee", p.memberPart(indemnity.PartISEE))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/isee", p.memberPartSent(indemnity.PartISEE))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/contatti", p.memberPart(indemnity.PartContacts))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/contatti", p.memberPartSent(indemnity.PartContacts))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/dichiarazioni", p.memberPart(indemnity.PartDeclarations))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/dichiarazioni", p.memberPartSent(indemnity.PartDeclarations))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/riepilogo", p.page(p.memberReview))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/riepilogo", p.page(p.memberSend))
	})

	// The private calendar, in one's own name.
	r.Group(func(r chi.Router) {
		r.Use(p.as(identity.Member))
		r.Get(memberFeedPath, p.page(p.feedAsk))
		r.Post(memberFeedPath, p.page(p.feedAct))
	})

	// Papers of a draft.
	r.Group(func(r chi.Router) {
		r.Use(p.member())
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/documento", p.memberPart(indemnity.PartIdentity))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/documento", p.memberPartSent(indemnity.PartIdentity))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/documento/{file}", p.memberSlotAsk(indemnity.PartIdentity))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/compila/documento/{file}", p.memberSlot(indemnity.PartIdentity))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/coperture/file", p.memberSlotAsk(indemnity.PartCover))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/compila/coperture/file", p.memberSlot(indemnity.PartCover))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/isee/file", p.memberSlotAsk(indemnity.PartISEE))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/compila/isee/file", p.memberSlot(indemnity.PartISEE))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/certificati", p.page(p.memberCertificates))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/certificati/aggiungi", p.page(p.memberPaperForm))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/compila/certificati/aggiungi", p.page(p.memberPaperSent))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/certificati/{documento}", p.page(p.memberPaperForm))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/compila/certificati/{documento}", p.page(p.memberPaperSent))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/file/{documento}", p.page(p.memberLegible))
		r.Get("/indennita-malattia-infortunio/domande/{id}/compila/file/{documento}/togli", p.page(p.memberPaperRemoveAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/compila/file/{documento}/togli", p.page(p.memberPaperRemove))
	})

	// What was sent, for its member, who acts for them, and their heirs.
	r.Group(func(r chi.Router) {
		r.Use(p.member(identity.Heir))
		r.Get("/indennita-malattia-infortunio/domande/{id}", p.page(p.memberCase))
		r.Get("/indennita-malattia-infortunio/domande/{id}/inviata", p.page(p.memberSent))
		r.Get("/indennita-malattia-infortunio/domande/{id}/ricevuta", p.page(p.memberReceipt))
		r.Get("/indennita-malattia-infortunio/domande/{id}/ricevuta.pdf", p.page(p.memberReceiptPDF))
		r.Get("/indennita-malattia-infortunio/domande/{id}/esito", p.page(p.memberOutcome))
		r.Get("/indennita-malattia-infortunio/domande/{id}/esito.pdf", p.page(p.memberOutcomePDF))
		r.Get("/indennita-malattia-infortunio/domande/{id}/pagamento", p.page(p.memberPayment))
		r.Get("/indennita-malattia-infortunio/domande/{id}/pagamento/iban", p.page(p.memberAccountAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/pagamento/iban", p.page(p.memberAccountSent))
		r.Get("/indennita-malattia-infortunio/domande/{id}/pagamento/iban/conferma", p.page(p.memberAccountConfirm))
		r.Post("/indennita-malattia-infortunio/domande/{id}/pagamento/iban/conferma", p.page(p.memberAccountGive))
		r.Get("/indennita-malattia-infortunio/domande/{id}/pagamento/{pagamento}/certificato.pdf", p.page(p.memberCertificate))
		r.Get("/indennita-malattia-infortunio/domande/{id}/documenti", p.page(p.memberDocuments))
		r.With(p.carriesPaper()).Get("/indennita-malattia-infortunio/domande/{id}/documenti/{documento}", p.page(p.memberPaperFile))
		r.With(p.carriesPaper()).Get("/indennita-malattia-infortunio/domande/{id}/documenti/{documento}/pagine/{pagina}", p.page(p.paperPage))
		r.Get("/indennita-malattia-infortunio/domande/{id}/calcolo", p.page(p.memberCalculation))
		r.Get("/indennita-malattia-infortunio/domande/{id}/graduatoria", p.page(p.memberPlace))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame", p.page(p.memberReexamination))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/motivo", p.page(p.memberReviewMotiveAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/riesame/motivo", p.page(p.memberReviewMotive))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/documenti", p.page(p.memberReviewPapersAsk))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/riesame/documenti", p.page(p.memberReviewPapers))
		r.With(p.carriesPaper()).Get("/indennita-malattia-infortunio/domande/{id}/riesame/documenti/{documento}", p.page(p.memberReviewPaper))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/documenti/{documento}/togli", p.page(p.memberReviewPaperRemoveAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/riesame/documenti/{documento}/togli", p.page(p.memberReviewPaperRemove))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/riepilogo", p.page(p.memberReviewSendAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/riesame/riepilogo", p.page(p.memberReviewSend))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/ritira", p.page(p.memberReviewWithdrawAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/riesame/ritira", p.page(p.memberReviewWithdraw))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/{riesame}/ricevuta.pdf", p.page(p.memberReviewReceiptPDF))
		r.Get("/indennita-malattia-infortunio/domande/{id}/riesame/{riesame}/risposta.pdf", p.page(p.memberReviewAnswerPDF))
		r.Get("/indennita-malattia-infortunio/domande/messaggi", p.page(p.memberThreads))
		r.Get("/indennita-malattia-infortunio/domande/{id}/messaggi", p.page(p.memberMessages))
		r.Get("/indennita-malattia-infortunio/domande/{id}/messaggi/nuovo", p.page(p.memberTopics))
		r.Get("/indennita-malattia-infortunio/domande/{id}/messaggi/nuovo/{argomento}", p.page(p.memberTopicAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/messaggi/nuovo/{argomento}", p.page(p.memberTopic))
		r.Get("/indennita-malattia-infortunio/domande/{id}/messaggi/{conversazione}", p.page(p.memberThread))
		r.Post("/indennita-malattia-infortunio/domande/{id}/messaggi/{conversazione}", p.page(p.memberReply))
		r.Get("/indennita-malattia-infortunio/domande/{id}/ritira", p.page(p.memberWithdrawAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/ritira", p.page(p.memberWithdraw))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste", p.page(p.memberRequests))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}", p.page(p.memberRequest))
		r.Post("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}", p.page(p.memberRequestSave))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/riepilogo", p.page(p.memberAnswerAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/riepilogo", p.page(p.memberAnswer))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/inviata", p.page(p.memberAnswerSent))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}", p.page(p.memberItemAsk))
		r.With(p.carriesPaper()).Post("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}", p.page(p.memberItem))
		r.Get("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}/togli", p.page(p.memberItemRemoveAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}/togli", p.page(p.memberItemRemove))
	})

	// Heirs, before they have a case and when they come to one. Who links themselves is
	// an heir from then on.
	r.Get("/indennita-malattia-infortunio/eredi", p.page(p.publicHeirs))
	r.Get("/indennita-malattia-infortunio/eredi/prepara", p.page(p.heirPrepareAsk))
	r.Post("/indennita-malattia-infortunio/eredi/prepara", p.page(p.heirPrepare))
	r.Get("/indennita-malattia-infortunio/eredi/prepara/modulo.pdf", p.page(p.toPrepare))
	r.Post("/indennita-malattia-infortunio/eredi/prepara/modulo.pdf", p.page(p.heirFormPDF))
	r.Group(func(r chi.Router) {
		r.Use(p.signedIn)
		r.Get("/indennita-malattia-infortunio/eredi/collega", p.page(p.heirLinkAsk))
		r.Post("/indennita-malattia-infortunio/eredi/collega", p.page(p.heirLink))
	})
	r.Group(func(r chi.Router) {
		r.Use(p.as(identity.Heir))
		r.Get("/indennita-malattia-infortunio/domande/{id}/firma", p.page(p.heirSignAsk))
		r.Post("/indennita-malattia-infortunio/domande/{id}/firma", p.page(p.heirSign))
	})
}

// member lets through members of ENPAP, who acts for one of them under a mandate that
// holds in this matter, and who wears one of some other hats. Somebody else with the
// right hat is asked to put it on; to anybody else the page says that they are none.
func (p *Portal) member(also ...identity.Role) func(http.Handler) http.Handler {
	hats := append([]identity.Role{identity.Member}, also...)
	return func(next http.Handler) http.Handler {
		return p.page(func(w http.ResponseWriter, r *http.Request) error {
			l, ok := current(r)
			switch {
			case !ok:
				p.askLogin(w, r)
				return nil
			case l.Actor.Mandate != "":
				if err := p.actsForMember(r, l.Actor); err != nil {
					return err
				}
			case !slices.Contains(hats, l.Actor.Role):
				return p.otherMemberHat(w, r, hats)
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// actsForMember tells whether a mandate holds today in this matter, and whom it stands
// for is a member.
func (p *Portal) actsForMember(r *http.Request, who identity.Actor) error {
	if err := p.mandateHolds(r, who, identity.IndemnityOnly); err != nil {
		return err
	}
	profiles, err := p.People.Profiles(r.Context(), who.For, calendar.On(p.Now()))
	if err == nil && !slices.Contains(profiles.Roles, identity.Member) {
		err = errNoPage
	}
	return err
}

// otherMemberHat is otherHat for pages that several hats open.
func (p *Portal) otherMemberHat(w http.ResponseWriter, r *http.Request, hats []identity.Role) error {
	profiles, err := p.People.Profiles(r.Context(), actor(r).Person, calendar.On(p.Now()))
	if err != nil {
		return err
	}
	for _, hat := range hats {
		if slices.Contains(profiles.Roles, hat) {
			return p.otherHat(w, r, hat, p.notMember)
		}
	}
	return p.notMember(w, r)
}
