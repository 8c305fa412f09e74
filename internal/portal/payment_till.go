package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/export"
	"portal/internal/identity"
	"portal/internal/payment"
	"portal/web/ui"
)

// till is where an office pays: the same pages for each, on the runs of its programme.
type till struct {
	*Portal
	pays payment.Programme
}

// root is the address of the runs of the programme.
func (p till) root() string {
	if p.pays == payment.Indemnity {
		return casePaymentsPath
	}
	return "/gestione/inps/pagamenti"
}

func (p till) path(id payment.RunID) string { return p.root() + "/" + string(id) }

// paymentRoutes is the site map of where an office pays, with whom it pays.
func (p *Portal) paymentRoutes(r chi.Router, programme payment.Programme) {
	t := till{p, programme}
	r.Group(func(r chi.Router) {
		r.Use(p.duty(programme.Office(), identity.Prepare, identity.Approve, identity.Pay))
		r.Get(t.root(), p.page(t.runs))
		r.Get(t.root()+"/nuovo", p.page(t.newAsk))
		r.Post(t.root()+"/nuovo", p.page(t.prepare))
		one := t.path("{id}")
		r.Group(func(r chi.Router) { // tens of thousands of lines are gone through
			r.Use(p.roomy(mostBody, 2*time.Minute))
			r.Get(one, p.page(t.one))
			for _, a := range paymentActsOf {
				r.Get(one+a.path, p.page(t.actAsk(a)))
				r.Post(one+a.path, p.page(t.act(a)))
			}
			r.Get(one+"/approva", p.page(t.decideAsk))
			r.Post(one+"/approva", p.page(t.decide))
			r.Get(one+"/invia", p.page(t.sendAsk))
			r.Post(one+"/invia", p.page(t.send))
			r.Get(one+"/pagamenti/{pagamento}/togli", p.page(t.takeOutAsk))
			r.Post(one+"/pagamenti/{pagamento}/togli", p.page(t.takeOut))
			r.Get(one+"/flusso.xml", p.page(t.file))
			for _, f := range []export.Format{export.CSV, export.XLSX} {
				r.Get(one+"/distinta"+f.Ending(), p.page(t.sheet(f)))
			}
			r.Get(one+"/esiti", p.page(t.outcomesAsk))
		})
		r.With(p.roomy(payment.MostOutcomeBytes+mostBody, 2*time.Minute)).Post(one+"/esiti", p.page(t.outcomes))
	})
}

// caseMoneyRoutes is the site map of what is paid for each application, and where.
func (p *Portal) caseMoneyRoutes(r chi.Router) {
	t := till{p, payment.Indemnity}
	r.Group(func(r chi.Router) {
		r.Use(p.duty(identity.Welfare, identity.Prepare, identity.Approve, identity.Pay))
		r.Get("/gestione/enpap/pagamenti/conti", p.page(t.caseAccounts))
		r.Get("/gestione/enpap/domande/{id}/pagamento", p.page(t.caseMoney))
		r.Get("/gestione/enpap/domande/{id}/pagamento/{pagato}/verifica", p.page(t.caseJudgeAsk))
		r.Post("/gestione/enpap/domande/{id}/pagamento/{pagato}/verifica", p.page(t.caseJudge))
		r.Get("/gestione/enpap/domande/{id}/pagamento/{pagato}/iban", p.page(t.caseGiveAsk))
		r.Post("/gestione/enpap/domande/{id}/pagamento/{pagato}/iban", p.page(t.caseGive))
	})
}

// tillFrame says things in the words of its office.
type tillFrame struct {
	ui.Frame
	pays payment.Programme
}

// T is a text of the contribution, or of the indemnity where that has one of its own.
func (f tillFrame) T(key string, args ...any) string {
	if own := "welfare.payments." + strings.TrimPrefix(key, "inps.payments."); f.pays == payment.Indemnity && f.Translated(own) {
		key = own
	}
	return f.Frame.T(key, args...)
}

func (p till) says(f ui.Frame) tillFrame { return tillFrame{f, p.pays} }

// head is the frame of a page below the work of the office.
func (p till) head(r *http.Request, title string, path ...ui.Crumb) tillFrame {
	if p.pays.Office() == identity.Welfare {
		return p.says(p.welfareFrame(r, title, path...))
	}
	return p.says(p.inpsFrame(r, title, path...))
}
