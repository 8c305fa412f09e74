package portal

import (
	"github.com/go-chi/chi/v5"

	"portal/internal/identity"
)

// oversightRoutes is the site map of those who watch over the portal.
func (p *Portal) oversightRoutes(r chi.Router) {
	p.publicAuditRoutes(r)

	// The auditor, who reads all and changes nothing.
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.Oversight), p.duty(identity.Oversight, identity.Audit))
		p.auditRoutes(r)
	})

	// The administrator, who sees no case.
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.Oversight), p.duty(identity.Oversight, identity.Administer))
		p.adminRoutes(r)
	})

	// Both.
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.Oversight), p.duty(identity.Oversight, identity.Audit, identity.Administer))
		p.rulesRoutes(r)
	})
}
