package portal

import (
	"github.com/go-chi/chi/v5"

	"portal/internal/identity"
)

// routes is the site map. Every address that takes a POST shows a page on GET.
func (p *Portal) routes(r chi.Router) {
	// Public pages and login.
	r.Get("/", p.page(p.publicHome))
	r.Get("/contributo-psicoterapia", p.page(p.publicVoucher))
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
		r.Get("/contributo-psicoterapia/domande/{id}", p.page(p.citizenApplication))
		r.Get("/contributo-psicoterapia/domande/{id}/sedute", p.page(p.citizenSessions))
		r.Get("/contributo-psicoterapia/domande/{id}/scheda-codice", p.page(p.citizenCodeCard))
		r.Get("/contributo-psicoterapia/domande/{id}/professionisti", p.page(p.citizenProfessionals))
		r.Get("/contributo-psicoterapia/domande/{id}/dati", p.page(p.citizenData))
		r.Get("/contributo-psicoterapia/sedute/{id}", p.citizenSessionPage(p.citizenBooking))
		r.Get("/contributo-psicoterapia/sedute/{id}/calendario.ics", p.page(p.citizenBookingCalendar))
		r.Get("/contributo-psicoterapia/sedute/{id}/annulla", p.page(p.citizenBookingCancelAsk))
		r.Post("/contributo-psicoterapia/sedute/{id}/annulla", p.page(p.citizenBookingCancel))
	})

	// The psychologist.
	r.Group(func(r chi.Router) {
		r.Use(p.asOr(identity.Psychologist, p.notListed), p.participant)
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
}
