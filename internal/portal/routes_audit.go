package portal

import "github.com/go-chi/chi/v5"

// auditRoutes is the site map of auditors.
func (p *Portal) auditRoutes(r chi.Router) {
	r.Get("/controlli/registro", p.page(p.auditLog))
	r.Post("/controlli/registro", p.page(p.auditLogFind))
	r.Get("/controlli/registro.zip", p.page(p.auditLogTake))
	r.Get("/controlli/fascicoli", p.page(p.auditFiles))
	r.Post("/controlli/fascicoli", p.page(p.auditFind))
	r.Get("/controlli/fascicoli/{id}", p.page(p.auditFile))
	r.Get("/controlli/fascicoli/{id}/{scheda}", p.page(p.auditFileTab))
	r.Get("/controlli/fascicoli/{id}/verifiche/{voce}", p.page(p.auditFileCheck))
	r.Get("/controlli/fascicoli/{id}/richieste/{richiesta}", p.page(p.auditFileRequest))
	r.Get("/controlli/fascicoli/{id}/dati/{dato}", p.page(p.auditDatumAsk))
	r.Post("/controlli/fascicoli/{id}/dati/{dato}", p.page(p.auditDatumShow))
	r.Get("/controlli/fascicoli/{id}/documenti/{documento}", p.page(p.auditPaper))
	r.Post("/controlli/fascicoli/{id}/documenti/{documento}", p.page(p.auditPaperShow))
	r.Get("/controlli/fascicoli/{id}/documenti/{documento}/pagine/{pagina}", p.page(p.auditPaperPage))
	r.Get("/controlli/graduatorie", p.page(p.auditRankings))
	r.Get("/controlli/graduatorie/{id}/ricalcolo", p.page(p.auditRemake))
	r.Get("/controlli/integrita", p.page(p.auditChain))
	r.Post("/controlli/integrita", p.page(p.auditVerify))
	r.Get("/controlli/indicatori", p.page(p.auditFigures))
}

// publicAuditRoutes are the pages of the register that everybody reads.
func (p *Portal) publicAuditRoutes(r chi.Router) {
	r.Get("/registro-attivita/impronte", p.page(p.publicAnchors))
	r.Get("/registro-attivita/impronte.txt", p.page(p.publicAnchorsFile))
	r.Get("/tempi-del-servizio", p.page(p.publicTimes))
}
