package portal

import (
	"github.com/go-chi/chi/v5"

	"portal/internal/identity"
)

// welfareRoutes is the site map of the welfare service of ENPAP.
func (p *Portal) welfareRoutes(r chi.Router) {
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.Welfare))

		// Cases, and what came by PEC.
		r.Get("/gestione/enpap", p.page(p.welfareCases))
		r.Get("/gestione/enpap/domande/registra", p.page(p.welfareRegisterAsk))
		r.Post("/gestione/enpap/domande/registra", p.page(p.welfareRegister))
		r.Get("/gestione/enpap/domande/{id}", p.page(p.welfareCase))
		r.Get("/gestione/enpap/domande/{id}/documenti/aggiungi", p.page(p.welfarePaperAsk))
		r.With(p.carriesPaper()).Post("/gestione/enpap/domande/{id}/documenti/aggiungi", p.page(p.welfarePaperSent))
		r.With(p.carriesPaper()).Get("/gestione/enpap/domande/{id}/documenti/{documento}", p.page(p.welfarePaper))
		r.Get("/gestione/enpap/domande/{id}/eredi/{erede}/codice", p.page(p.welfareCodeAsk))
		r.Post("/gestione/enpap/domande/{id}/eredi/{erede}/codice", p.page(p.welfareCode))
		r.Get("/gestione/enpap/domande/{id}/pec", p.page(p.welfarePECAsk))
		r.Post("/gestione/enpap/domande/{id}/pec", p.page(p.welfarePEC))
		r.Get("/gestione/enpap/domande/{id}/pec/{messaggio}", p.page(p.welfarePECAsk))
		r.Post("/gestione/enpap/domande/{id}/pec/{messaggio}", p.page(p.welfarePEC))
		r.Get("/gestione/enpap/domande/{id}/subentro", p.page(p.welfareSuccessionAsk))
		r.Post("/gestione/enpap/domande/{id}/subentro", p.page(p.welfareSuccession))
		r.Get("/gestione/enpap/domande/{id}/subentro/decidi", p.page(p.welfareSuccessionDecideAsk))
		r.Post("/gestione/enpap/domande/{id}/subentro/decidi", p.page(p.welfareSuccessionDecide))

		// What who applied and the office write to each other.
		r.Get("/gestione/enpap/messaggi", p.page(p.welfareThreads))
		r.Get("/gestione/enpap/domande/{id}/messaggi", p.page(p.welfareCaseThreads))
		r.Get("/gestione/enpap/domande/{id}/messaggi/{conversazione}", p.page(p.welfareThread))
		r.Post("/gestione/enpap/domande/{id}/messaggi/{conversazione}", p.page(p.welfareAnswer))
		r.Get("/gestione/enpap/domande/{id}/messaggi/{conversazione}/chiudi", p.page(p.welfareThreadCloseAsk))
		r.Post("/gestione/enpap/domande/{id}/messaggi/{conversazione}/chiudi", p.page(p.welfareThreadClose))

		// Calls.
		r.Get("/gestione/enpap/bandi", p.page(p.welfareCalls))
		r.Get("/gestione/enpap/bandi/nuovo", p.page(p.welfareCallNewAsk))
		r.Post("/gestione/enpap/bandi/nuovo", p.page(p.welfareCallNew))
		r.Get("/gestione/enpap/bandi/{bando}", p.page(p.welfareCall))
		r.Get("/gestione/enpap/bandi/{bando}/nuova-versione", p.page(p.welfareCallAgainAsk))
		r.Post("/gestione/enpap/bandi/{bando}/nuova-versione", p.page(p.welfareCallAgain))
		r.Get("/gestione/enpap/bandi/{bando}/sezione/{sezione}", p.page(p.welfareCallSectionAsk))
		r.Post("/gestione/enpap/bandi/{bando}/sezione/{sezione}", p.page(p.welfareCallSection))
		r.Get("/gestione/enpap/bandi/{bando}/proponi", p.page(p.welfareCallProposeAsk))
		r.Post("/gestione/enpap/bandi/{bando}/proponi", p.page(p.welfareCallPropose))
		r.Get("/gestione/enpap/bandi/{bando}/approva", p.page(p.welfareCallDecideAsk))
		r.Post("/gestione/enpap/bandi/{bando}/approva", p.page(p.welfareCallDecide))
		r.Get("/gestione/enpap/bandi/{bando}/elimina", p.page(p.welfareCallDropAsk))
		r.Post("/gestione/enpap/bandi/{bando}/elimina", p.page(p.welfareCallDrop))
	})
}
