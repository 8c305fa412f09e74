package portal

import (
	"github.com/go-chi/chi/v5"

	"portal/internal/identity"
	"portal/internal/voucher"
)

// routes is the site map. Every address that takes a POST shows a page on GET.
func (p *Portal) routes(r chi.Router) {
	// Public pages and login.
	r.Get("/", p.page(p.publicHome))
	r.Get("/contributo-psicoterapia", p.page(p.publicVoucher))
	r.Get("/contributo-psicoterapia/graduatorie", p.page(p.publicResultsList))
	r.Get("/contributo-psicoterapia/graduatorie/{edizione}", p.page(p.publicResults))
	r.Get("/contributo-psicoterapia/graduatorie/{edizione}/dati.csv", p.page(p.publicResultsCSV))
	r.Get("/contributo-psicoterapia/graduatorie/{edizione}/{territorio}", p.page(p.publicResult))
	for address := range articles {
		r.Get(address, p.publicArticle(address))
	}
	r.Get("/domande-frequenti", p.page(p.publicQuestions))
	r.Get("/mappa-del-sito", p.page(p.publicMap))
	r.Get("/stato-servizio", p.page(p.publicStatus))
	r.Get("/robots.txt", robots)
	r.Get("/favicon.ico", favicon)
	r.Get("/.well-known/security.txt", p.securityTxt)
	r.Get("/accedi", p.page(p.loginPage))
	r.Get("/accedi/avvia", p.page(p.loginStart))
	r.Get("/accedi/risposta", p.page(p.loginAnswer))
	r.Get("/profili", p.page(p.profilePage))
	r.Post("/profili", p.page(p.profileChoose))
	r.Get("/esci", p.page(p.logoutPage))
	r.Post("/esci", p.page(p.logout))
	r.Get("/esci/fatto", p.page(p.loggedOut))
	r.Group(func(r chi.Router) {
		r.Use(p.signedIn)
		r.Get("/area-personale", p.page(p.area))
		r.Get("/messaggi", p.page(p.messagesPage))
		r.Get("/messaggi/{id}", p.page(p.message))
	})

	// The citizen.
	r.Group(func(r chi.Router) {
		r.Use(p.as(identity.Citizen))
		r.Get("/contributo-psicoterapia/domande", p.page(p.citizenApplications))
		r.Get("/contributo-psicoterapia/domande/nuova", p.page(p.citizenApply))
		r.Post("/contributo-psicoterapia/domande/nuova", p.page(p.citizenApplyBegin))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}", p.page(p.citizenDraft))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/residenza", p.citizenStep(voucher.StepResidence))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/residenza", p.citizenStepSent(voucher.StepResidence))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/isee", p.citizenStep(voucher.StepISEE))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/isee", p.citizenStepSent(voucher.StepISEE))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/contatti", p.citizenStep(voucher.StepContacts))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/contatti", p.citizenStepSent(voucher.StepContacts))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/dichiarazioni", p.citizenStep(voucher.StepDeclarations))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/dichiarazioni", p.citizenStepSent(voucher.StepDeclarations))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/controlla", p.citizenStep(voucher.StepReview))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/controlla", p.page(p.citizenSend))
		r.Get("/contributo-psicoterapia/domande/nuova/{id}/elimina", p.page(p.citizenDropAsk))
		r.Post("/contributo-psicoterapia/domande/nuova/{id}/elimina", p.page(p.citizenDrop))
		r.Get("/contributo-psicoterapia/domande/{id}", p.page(p.citizenApplication))
		r.Get("/contributo-psicoterapia/domande/{id}/ricevuta", p.page(p.citizenReceipt))
		r.Get("/contributo-psicoterapia/domande/{id}/ricevuta.pdf", p.page(p.citizenReceiptPDF))
		r.Get("/contributo-psicoterapia/domande/{id}/isee", p.page(p.citizenCure))
		r.Post("/contributo-psicoterapia/domande/{id}/isee", p.page(p.citizenCured))
		r.Get("/contributo-psicoterapia/domande/{id}/comunicazioni", p.page(p.citizenMessages))
		r.Get("/contributo-psicoterapia/domande/{id}/rinuncia", p.page(p.citizenRenounceAsk))
		r.Post("/contributo-psicoterapia/domande/{id}/rinuncia", p.page(p.citizenRenounce))
		r.Get("/contributo-psicoterapia/domande/{id}/sedute", p.page(p.citizenSessions))
		r.Get("/contributo-psicoterapia/domande/{id}/scheda-codice", p.page(p.citizenCodeCard))
		r.Get("/contributo-psicoterapia/domande/{id}/professionisti", p.page(p.citizenProfessionals))
		r.Get("/contributo-psicoterapia/domande/{id}/dati", p.page(p.citizenData))
		r.Get("/contributo-psicoterapia/sedute/{id}", p.citizenSessionPage(p.citizenBooking))
		r.Get("/contributo-psicoterapia/sedute/{id}/calendario.ics", p.page(p.citizenBookingCalendar))
		r.Get("/contributo-psicoterapia/sedute/{id}/annulla", p.page(p.citizenBookingCancelAsk))
		r.Post("/contributo-psicoterapia/sedute/{id}/annulla", p.page(p.citizenBookingCancel))
	})

	// Re-examinations, for the citizen.
	r.Group(func(r chi.Router) {
		r.Use(p.as(identity.Citizen))
		r.Get("/contributo-psicoterapia/domande/{id}/riesame", p.page(p.citizenReview))
		r.Get("/contributo-psicoterapia/domande/{id}/riesame/motivo", p.page(p.citizenReviewMotiveAsk))
		r.Post("/contributo-psicoterapia/domande/{id}/riesame/motivo", p.page(p.citizenReviewMotive))
		r.Get("/contributo-psicoterapia/domande/{id}/riesame/documenti", p.page(p.citizenReviewPapersAsk))
		r.With(p.roomy(roomForPaper, timeForPaper)).Post("/contributo-psicoterapia/domande/{id}/riesame/documenti", p.page(p.citizenReviewPapers))
		r.Get("/contributo-psicoterapia/domande/{id}/riesame/riepilogo", p.page(p.citizenReviewSendAsk))
		r.Post("/contributo-psicoterapia/domande/{id}/riesame/riepilogo", p.page(p.citizenReviewSend))
		r.Get("/contributo-psicoterapia/domande/{id}/riesame/ritira", p.page(p.citizenReviewWithdrawAsk))
		r.Post("/contributo-psicoterapia/domande/{id}/riesame/ritira", p.page(p.citizenReviewWithdraw))
		r.Get("/contributo-psicoterapia/documenti/{id}", p.page(p.paper))
		r.Get("/contributo-psicoterapia/documenti/{id}/togli", p.page(p.citizenPaperRemoveAsk))
		r.Post("/contributo-psicoterapia/documenti/{id}/togli", p.page(p.citizenPaperRemove))
	})

	// Who acts for whom.
	r.Group(func(r chi.Router) {
		r.Use(p.as(identity.Citizen))
		r.Get("/deleghe", p.page(p.citizenMandates))
		r.Get("/deleghe/nuova", p.page(p.citizenMandateAsk))
		r.Post("/deleghe/nuova", p.page(p.citizenMandate))
		r.Get("/deleghe/{id}/revoca", p.page(p.citizenMandateEndAsk))
		r.Post("/deleghe/{id}/revoca", p.page(p.citizenMandateEnd))
	})

	// The psychologist.
	r.Group(func(r chi.Router) {
		r.Use(p.asOr(identity.Psychologist, p.notListed), p.participant)
		r.Get("/professionisti/adesione", p.page(p.psychologistAdhesion))
		r.Get("/professionisti/sedute", p.page(p.psychologistAgenda))
		r.Post("/professionisti/sedute", p.page(p.psychologistAgendaFilter))
		r.Get("/professionisti/sedute.csv", p.page(p.psychologistAgendaCSV))
		r.Get("/professionisti/sedute/conferma", p.page(p.psychologistConfirmManyAsk))
		r.Post("/professionisti/sedute/conferma", p.page(p.psychologistConfirmMany))
		r.Get("/professionisti/sedute/{id}", p.page(p.psychologistBooking))
		r.Get("/professionisti/sedute/{id}/annulla", p.page(p.psychologistCancelAsk))
		r.Post("/professionisti/sedute/{id}/annulla", p.page(p.psychologistCancel))
		r.Get("/professionisti/sedute/{id}/conferma", p.page(p.psychologistConfirmAsk))
		r.Post("/professionisti/sedute/{id}/conferma", p.page(p.psychologistConfirm))
		r.Group(func(r chi.Router) {
			r.Use(p.enrolled)
			r.Get("/professionisti/sedute/nuova", p.page(p.psychologistCheckAsk))
			r.Post("/professionisti/sedute/nuova", p.page(p.psychologistCheck))
			r.Get("/professionisti/sedute/nuova/dati", p.page(p.psychologistBookAsk))
			r.Post("/professionisti/sedute/nuova/dati", p.page(p.psychologistBook))
		})
	})

	p.officeRoutes(r)
}
