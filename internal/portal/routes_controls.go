package portal

import (
	"github.com/go-chi/chi/v5"

	"portal/internal/identity"
)

// controlRoutes is the site map of the checks after the ranking: for everybody the samples,
// and for the welfare service what comes of them.
func (p *Portal) controlRoutes(r chi.Router) {
	r.Get("/indennita-malattia-infortunio/controlli", p.page(p.publicControls))
	r.Get("/indennita-malattia-infortunio/controlli/{bando}", p.page(p.publicSample))
	r.Get("/indennita-malattia-infortunio/controlli/{bando}/{pubblicazione}/manifesto.json", p.page(p.publicManifest))
	r.Get("/indennita-malattia-infortunio/controlli/{bando}/{pubblicazione}/codici.txt", p.page(p.publicCodes))

	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.Welfare))
		r.Get("/gestione/enpap/controlli", p.page(p.welfareControls))
		r.Get("/gestione/enpap/controlli/{bando}/valore", p.page(p.welfareSeedAsk))
		r.Post("/gestione/enpap/controlli/{bando}/valore", p.page(p.welfareSeed))
		r.Get("/gestione/enpap/controlli/{bando}/campione", p.page(p.welfareSampleAsk))
		r.Post("/gestione/enpap/controlli/{bando}/campione", p.page(p.welfareSamplePropose))
		r.Get("/gestione/enpap/controlli/campioni/{campione}", p.page(p.welfareSample))
		r.Post("/gestione/enpap/controlli/campioni/{campione}", p.page(p.welfareSampleDecide))
		r.Get("/gestione/enpap/controlli/casi/{controllo}", p.page(p.welfareControl))
		r.Post("/gestione/enpap/controlli/casi/{controllo}", p.page(p.welfareControlEnd))
		r.Get("/gestione/enpap/controlli/casi/{controllo}/revoca", p.page(p.welfareRevokeAsk))
		r.Post("/gestione/enpap/controlli/casi/{controllo}/revoca", p.page(p.welfareRevoke))
		r.Get("/gestione/enpap/domande/{id}/segnala", p.page(p.welfareReportAsk))
		r.Post("/gestione/enpap/domande/{id}/segnala", p.page(p.welfareReport))
		r.Get("/gestione/enpap/domande/{id}/ripristina", p.page(p.welfareReinstateAsk))
		r.Post("/gestione/enpap/domande/{id}/ripristina", p.page(p.welfareReinstate))
		r.Get("/gestione/enpap/recuperi", p.page(p.welfareRecoveries))
		r.Get("/gestione/enpap/recuperi/{recupero}", p.page(p.welfareRecovery))
		r.Post("/gestione/enpap/recuperi/{recupero}", p.page(p.welfareRecoveryAct))
	})
}
