package portal

import (
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/office"
)

// adminRoutes is the site map of administrators, who see no case.
func (p *Portal) adminRoutes(r chi.Router) {
	// People and their roles.
	r.Get("/amministrazione/utenti", p.page(p.adminStaff))
	r.Post("/amministrazione/utenti", p.page(p.adminStaffSearch))
	r.Get("/amministrazione/utenti/nuovo", p.page(p.adminGrantAsk))
	r.Post("/amministrazione/utenti/nuovo", p.page(p.adminGrant))
	r.Get("/amministrazione/utenti/{id}", p.page(p.adminPerson))
	r.Get("/amministrazione/utenti/{id}/nuovo", p.page(p.adminPersonGrantAsk))
	r.Post("/amministrazione/utenti/{id}/nuovo", p.page(p.adminPersonGrant))
	r.Get("/amministrazione/utenti/{id}/ruoli/{ruolo}/togli", p.page(p.adminEndAsk))
	r.Post("/amministrazione/utenti/{id}/ruoli/{ruolo}/togli", p.page(p.adminEnd))
	r.Get("/amministrazione/proposte/{id}", p.page(p.adminProposal))
	r.Post("/amministrazione/proposte/{id}", p.page(p.adminDecide))
	r.Get("/amministrazione/ruoli", p.page(p.adminRoles))

	// Its texts.
	r.Get("/amministrazione/testi", p.page(p.adminWordings))
	r.Get("/amministrazione/testi.csv", p.page(p.adminWordingsTake))
	r.Get("/amministrazione/testi/file", p.page(p.adminWordingFileAsk))
	r.With(p.roomy(office.MostWordingBytes+mostBody, time.Minute)).Post("/amministrazione/testi/file", p.page(p.adminWordingFile))
	r.Get("/amministrazione/testi/proposte/{id}", p.page(p.adminWordingProposal))
	r.Post("/amministrazione/testi/proposte/{id}", p.page(p.adminWordingDecide))
	r.Get("/amministrazione/testi/{chiave}", p.page(p.adminWording))
	r.Post("/amministrazione/testi/{chiave}", p.page(p.adminWordingPropose))

	// The portal.
	r.Get("/amministrazione/servizio", p.page(p.adminStops))
	r.Get("/amministrazione/servizio/nuovo", p.page(p.adminStopAsk))
	r.Post("/amministrazione/servizio/nuovo", p.page(p.adminStop))
	r.Get("/amministrazione/servizio/{id}/annulla", p.page(p.adminStopEndAsk))
	r.Post("/amministrazione/servizio/{id}/annulla", p.page(p.adminStopEnd))
	r.Get("/amministrazione/notifiche", p.page(p.adminDeliveries))
	r.Post("/amministrazione/notifiche", p.page(p.adminDeliver))
	r.Get("/amministrazione/collegamenti", p.page(p.adminNeighbours))
	r.Get("/amministrazione/collegamenti/{nome}", p.page(p.adminNeighbour))
	r.Post("/amministrazione/collegamenti/{nome}", p.page(p.adminNeighbourTry))
	r.Get("/amministrazione/parametri", p.page(p.adminParameters))
	r.Get("/amministrazione/parametri/nuovo", p.page(p.adminParametersAsk))
	r.Post("/amministrazione/parametri/nuovo", p.page(p.adminParametersPropose))
	r.Get("/amministrazione/parametri/{id}", p.page(p.adminParametersVersion))
	r.Post("/amministrazione/parametri/{id}", p.page(p.adminParametersDecide))
	r.Get("/amministrazione/conservazione", p.page(p.adminRetention))
	r.Get("/amministrazione/conservazione/classi/{classe}", p.page(p.adminTrial))
	r.Post("/amministrazione/conservazione/classi/{classe}", p.page(p.adminErasurePropose))
	r.Get("/amministrazione/conservazione/eliminazioni/{id}", p.page(p.adminErasure))
	r.Post("/amministrazione/conservazione/eliminazioni/{id}", p.page(p.adminErasureDecide))
	r.Get("/amministrazione/conservazione/vincoli/nuovo", p.page(p.adminHoldAsk))
	r.Post("/amministrazione/conservazione/vincoli/nuovo", p.page(p.adminHold))
	r.Get("/amministrazione/conservazione/vincoli/{id}/togli", p.page(p.adminHoldEndAsk))
	r.Post("/amministrazione/conservazione/vincoli/{id}/togli", p.page(p.adminHoldEnd))
}

// rulesRoutes are the rules of both programmes, for all of oversight to read.
func (p *Portal) rulesRoutes(r chi.Router) {
	r.Get("/controlli/regole", p.page(p.rulesList))
	r.Get("/controlli/regole/annualita/{edizione}", p.page(p.rulesOfEdition))
	r.Get("/controlli/regole/bandi/{bando}", p.page(p.rulesOfCall))
}
