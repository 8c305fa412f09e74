package portal

import (
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/export"
	"portal/internal/identity"
	"portal/internal/payment"
)

// officeRoutes is the site map of those who work in an office.
func (p *Portal) officeRoutes(r chi.Router) {
	// INPS.
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.INPS))
		r.Get("/gestione/inps", p.page(p.inpsWork))
		r.Get("/gestione/inps/percorso", p.page(p.inpsPath))
		r.Get("/gestione/inps/percorso.csv", p.page(p.inpsPathCSV))
		r.Get("/gestione/inps/annualita", p.page(p.inpsEditions))
		r.Get("/gestione/inps/annualita/nuova", p.page(p.inpsEditionNewAsk))
		r.Post("/gestione/inps/annualita/nuova", p.page(p.inpsEditionNew))
		r.Get("/gestione/inps/annualita/{edizione}", p.page(p.inpsEdition))
		r.Get("/gestione/inps/annualita/{edizione}/nuova-versione", p.page(p.inpsEditionAgainAsk))
		r.Post("/gestione/inps/annualita/{edizione}/nuova-versione", p.page(p.inpsEditionAgain))
		r.Get("/gestione/inps/annualita/{edizione}/sezione/{sezione}", p.page(p.inpsEditionSectionAsk))
		r.Post("/gestione/inps/annualita/{edizione}/sezione/{sezione}", p.page(p.inpsEditionSection))
		r.Get("/gestione/inps/annualita/{edizione}/proponi", p.page(p.inpsEditionProposeAsk))
		r.Post("/gestione/inps/annualita/{edizione}/proponi", p.page(p.inpsEditionPropose))
		r.Get("/gestione/inps/annualita/{edizione}/approva", p.page(p.inpsEditionDecideAsk))
		r.Post("/gestione/inps/annualita/{edizione}/approva", p.page(p.inpsEditionDecide))
		r.Get("/gestione/inps/annualita/{edizione}/elimina", p.page(p.inpsEditionDropAsk))
		r.Post("/gestione/inps/annualita/{edizione}/elimina", p.page(p.inpsEditionDrop))
		r.Get("/gestione/inps/risorse/{edizione}", p.page(p.inpsResources))
		r.Get("/gestione/inps/risorse/{edizione}/trasferimenti", p.page(p.inpsTransferAsk))
		r.Post("/gestione/inps/risorse/{edizione}/trasferimenti", p.page(p.inpsTransfer))
		r.Get("/gestione/inps/risorse/{edizione}/trasferimenti/{trasferimento}", p.page(p.inpsTransferReverseAsk))
		r.Post("/gestione/inps/risorse/{edizione}/trasferimenti/{trasferimento}", p.page(p.inpsTransferReverse))
		r.Get("/gestione/inps/professionisti", p.page(p.inpsProfessionals))
		r.Get("/gestione/inps/professionisti/elenco", p.page(p.inpsRoll))
		r.Post("/gestione/inps/professionisti/elenco", p.page(p.inpsRollFilter))
		r.Get("/gestione/inps/professionisti/segnalazioni", p.page(p.inpsReports))
		r.Get("/gestione/inps/professionisti/aree", p.page(p.inpsAreas))
		r.Get("/gestione/inps/professionisti/aree.csv", p.page(p.inpsAreasCSV))
		r.Get("/gestione/inps/professionisti/invii/{id}", p.page(p.inpsDelivery))
		r.Get("/gestione/inps/professionisti/invii/{id}/applica", p.page(p.inpsApplyAsk))
		r.With(p.roomy(mostBody, listTakes)).Post("/gestione/inps/professionisti/invii/{id}/applica", p.page(p.inpsApply))
		r.Get("/gestione/inps/professionisti/{id}", p.page(p.inpsProfessional))
		r.Post("/gestione/inps/professionisti/{id}", p.page(p.inpsReport))
		r.With(p.carriesPaper()).Get("/gestione/inps/documenti/{id}", p.page(p.paper))
		r.Get("/gestione/inps/domande/importa", p.page(p.inpsImportAsk))
		r.With(p.roomy(200<<20, 5*time.Minute)).Post("/gestione/inps/domande/importa", p.page(p.inpsImport))
		r.Get("/gestione/inps/domande/importa/modello.csv", p.page(p.inpsImportTemplate))
		r.Get("/gestione/inps/importazioni", p.page(p.inpsImports))
		r.Get("/gestione/inps/importazioni/{id}", p.page(p.inpsImportPage))
		r.Post("/gestione/inps/importazioni/{id}", p.page(p.inpsImportApply))
		r.Get("/gestione/inps/importazioni/{id}/errori.csv", p.page(p.inpsImportFaults))
		r.Get("/gestione/inps/importazioni/{id}/elimina", p.page(p.inpsImportDropAsk))
		r.Post("/gestione/inps/importazioni/{id}/elimina", p.page(p.inpsImportDrop))
		r.Group(func(r chi.Router) { // what people handed in
			r.Use(p.duty(identity.INPS, identity.Prepare, identity.Approve))
			r.Get("/gestione/inps/domande", p.page(p.inpsWorklist))
			r.Post("/gestione/inps/domande", p.page(p.inpsWorklistSearch))
			r.Get("/gestione/inps/domande/trovate", p.page(p.inpsFound))
			r.Get("/gestione/inps/domande/assegna", p.page(p.inpsAssignAsk))
			r.Post("/gestione/inps/domande/assegna", p.page(p.inpsAssign))
			for _, f := range []export.Format{export.CSV, export.XLSX, export.JSON} {
				r.With(p.roomy(mostBody, 5*time.Minute)).Get("/gestione/inps/domande"+f.Ending(), p.page(p.inpsWorklistExport(f)))
			}
			r.Get("/gestione/inps/domande/{id}", p.page(p.inpsCase))
			for _, tab := range deskTabs {
				r.Get("/gestione/inps/domande/{id}/"+tab, p.page(p.inpsCaseTab(tab)))
			}
			for _, a := range []caseAct{actVerify, actAskISEE, actRefuse, actDecide, actReopen, actNote} {
				r.Get("/gestione/inps/domande/{id}"+a.path, p.page(p.inpsCaseAsk(a)))
				r.Post("/gestione/inps/domande/{id}"+a.path, p.page(p.inpsCaseDo(a)))
			}
			r.Get("/gestione/inps/codici", p.page(p.inpsCodes))
			r.Post("/gestione/inps/codici", p.page(p.inpsCodesSearch))
			r.Get("/gestione/inps/codici/{id}", p.page(p.inpsCode))
			for _, a := range codeActs {
				r.Get("/gestione/inps/codici/{id}"+a.path, p.page(p.inpsCodeAsk(a)))
				r.Post("/gestione/inps/codici/{id}"+a.path, p.page(p.inpsCodeDo(a)))
			}
			for _, a := range casesOfCode {
				r.Get("/gestione/inps/codici/{id}"+a.path, p.page(p.inpsCasePropose(a)))
				r.Post("/gestione/inps/codici/{id}"+a.path, p.page(p.inpsCaseProposeDo(a)))
			}
			r.Get("/gestione/inps/casi", p.page(p.inpsCases))
			r.Get("/gestione/inps/casi/{id}", p.page(p.inpsVoucherCase))
			r.Post("/gestione/inps/casi/{id}", p.page(p.inpsVoucherCaseDecide))
			for kind, path := range closurePaths {
				r.Get(path, p.page(p.inpsClosures(kind)))
				r.Post(path, p.page(p.inpsClosuresConfirm(kind)))
				r.With(p.roomy(mostBody, time.Minute)).Get(path+".csv", p.page(p.inpsClosuresCSV(kind)))
			}
			r.Get("/gestione/inps/chiusure/{id}", p.page(p.inpsClosure))
			r.With(p.roomy(mostBody, time.Minute)).Get("/gestione/inps/chiusure/{id}/righe.csv", p.page(p.inpsClosureCSV))
			r.Get("/gestione/inps/chiusure/{id}/decidi", p.page(p.inpsClosureDecideAsk))
			r.Post("/gestione/inps/chiusure/{id}/decidi", p.page(p.inpsClosureDecide))
			r.Get("/gestione/inps/chiusure/{id}/righe/{riga}", p.page(p.inpsClosureSpareAsk))
			r.Post("/gestione/inps/chiusure/{id}/righe/{riga}", p.page(p.inpsClosureSpare))
			r.Get("/gestione/inps/sportello", p.page(p.inpsCounter))
			r.Post("/gestione/inps/sportello", p.page(p.inpsCounterIdentify))
			r.Get("/gestione/inps/sportello/domanda", p.page(p.inpsCounterApplyAsk))
			r.With(p.roomy(mostBody, 30*time.Second)).Post("/gestione/inps/sportello/domanda", p.page(p.inpsCounterApply))
			r.Get("/gestione/inps/sportello/sedute/{id}", p.withCaller(p.inpsCounterCancelAsk))
			r.Post("/gestione/inps/sportello/sedute/{id}", p.withCaller(p.inpsCounterCancel))
			r.Get("/gestione/inps/sportello/messaggi/{id}", p.withCaller(p.inpsCounterResendAsk))
			r.Post("/gestione/inps/sportello/messaggi/{id}", p.withCaller(p.inpsCounterResend))
			r.Get("/gestione/inps/iban", p.page(p.inpsAccounts))
			r.Get("/gestione/inps/iban/{id}", p.page(p.inpsAccount))
			for _, a := range accountActs {
				r.Get("/gestione/inps/iban/{id}"+a.path, p.page(p.inpsAccountAsk(a)))
				r.Post("/gestione/inps/iban/{id}"+a.path, p.page(p.inpsAccountDo(a)))
			}
			r.Get("/gestione/inps/sedute", p.page(p.inpsSessions))
			r.Post("/gestione/inps/sedute", p.page(p.inpsSessionsSearch))
			r.Get("/gestione/inps/sedute/trovate", p.page(p.inpsSessionsFound))
			r.Get("/gestione/inps/sedute/{id}", p.page(p.inpsSession))
			r.Get("/gestione/inps/segnalazioni", p.page(p.inpsDisputes))
			r.Get("/gestione/inps/segnalazioni/{id}", p.page(p.inpsDispute))
			r.Get("/gestione/inps/segnalazioni/{id}/proposta", p.page(p.inpsDisputeProposeAsk))
			r.Post("/gestione/inps/segnalazioni/{id}/proposta", p.page(p.inpsDisputePropose))
			r.Get("/gestione/inps/segnalazioni/{id}/decisione", p.page(p.inpsDisputeDecideAsk))
			r.Post("/gestione/inps/segnalazioni/{id}/decisione", p.page(p.inpsDisputeDecide))
			for _, a := range disputeActs {
				r.Get("/gestione/inps/segnalazioni/{id}"+a.path, p.page(p.inpsDisputeActAsk(a)))
				r.Post("/gestione/inps/segnalazioni/{id}"+a.path, p.page(p.inpsDisputeActDo(a)))
			}
			r.Get("/gestione/inps/riesami", p.page(p.inpsReviews))
			r.Get("/gestione/inps/riesami/{id}", p.page(p.inpsReview))
			r.Get("/gestione/inps/riesami/{id}/proposta", p.page(p.inpsReviewProposeAsk))
			r.Post("/gestione/inps/riesami/{id}/proposta", p.page(p.inpsReviewPropose))
			r.Get("/gestione/inps/riesami/{id}/decisione", p.page(p.inpsReviewDecideAsk))
			r.Post("/gestione/inps/riesami/{id}/decisione", p.page(p.inpsReviewDecide))
			r.Get("/gestione/inps/deleghe", p.page(p.inpsMandates))
			r.Post("/gestione/inps/deleghe", p.page(p.inpsMandatesSearch))
			r.Get("/gestione/inps/deleghe/nuova", p.page(p.inpsMandateAsk))
			r.Post("/gestione/inps/deleghe/nuova", p.page(p.inpsMandate))
			r.Get("/gestione/inps/deleghe/{id}/revoca", p.page(p.inpsMandateEndAsk))
			r.Post("/gestione/inps/deleghe/{id}/revoca", p.page(p.inpsMandateEnd))
		})
		r.Group(func(r chi.Router) { // what professionals invoice
			r.Use(p.duty(identity.INPS, identity.Prepare, identity.Approve, identity.Pay))
			r.Get("/gestione/inps/fatture", p.page(p.inpsInvoices))
			r.Post("/gestione/inps/fatture", p.page(p.inpsInvoicesSearch))
			r.Get("/gestione/inps/fatture/{id}", p.page(p.inpsInvoice))
			for _, a := range invoiceActs {
				r.Get("/gestione/inps/fatture/{id}"+a.path, p.page(p.inpsInvoiceAsk(a)))
				r.Post("/gestione/inps/fatture/{id}"+a.path, p.page(p.inpsInvoiceDo(a)))
			}
		})
		r.Group(func(r chi.Router) { // payments, with whom they pay
			r.Use(p.duty(identity.INPS, identity.Prepare, identity.Approve, identity.Pay))
			r.Get("/gestione/inps/pagamenti", p.page(p.inpsPayments))
			r.Get("/gestione/inps/pagamenti/nuovo", p.page(p.inpsPaymentNewAsk))
			r.Post("/gestione/inps/pagamenti/nuovo", p.page(p.inpsPaymentNew))
			r.Group(func(r chi.Router) { // tens of thousands of sessions are gone through
				r.Use(p.roomy(mostBody, 2*time.Minute))
				r.Get("/gestione/inps/pagamenti/{id}", p.page(p.inpsPayment))
				for _, a := range paymentActsOf {
					r.Get("/gestione/inps/pagamenti/{id}"+a.path, p.page(p.inpsPaymentActAsk(a)))
					r.Post("/gestione/inps/pagamenti/{id}"+a.path, p.page(p.inpsPaymentAct(a)))
				}
				r.Get("/gestione/inps/pagamenti/{id}/approva", p.page(p.inpsPaymentDecideAsk))
				r.Post("/gestione/inps/pagamenti/{id}/approva", p.page(p.inpsPaymentDecide))
				r.Get("/gestione/inps/pagamenti/{id}/invia", p.page(p.inpsPaymentSendAsk))
				r.Post("/gestione/inps/pagamenti/{id}/invia", p.page(p.inpsPaymentSend))
				r.Get("/gestione/inps/pagamenti/{id}/pagamenti/{pagamento}/togli", p.page(p.inpsPaymentTakeOutAsk))
				r.Post("/gestione/inps/pagamenti/{id}/pagamenti/{pagamento}/togli", p.page(p.inpsPaymentTakeOut))
				r.Get("/gestione/inps/pagamenti/{id}/flusso.xml", p.page(p.inpsPaymentFile))
				for _, f := range []export.Format{export.CSV, export.XLSX} {
					r.Get("/gestione/inps/pagamenti/{id}/distinta"+f.Ending(), p.page(p.inpsPaymentSheet(f)))
				}
				r.Get("/gestione/inps/pagamenti/{id}/esiti", p.page(p.inpsOutcomesAsk))
			})
			r.With(p.roomy(payment.MostOutcomeBytes+mostBody, 2*time.Minute)).Post("/gestione/inps/pagamenti/{id}/esiti", p.page(p.inpsOutcomes))
		})
		r.Group(func(r chi.Router) { // rankings, with everybody who is in them
			r.Use(p.duty(identity.INPS, identity.Prepare, identity.Approve, identity.Publish))
			r.Get("/gestione/inps/graduatorie", p.page(p.inpsRankings))
			r.Get("/gestione/inps/graduatorie/{edizione}", p.page(p.inpsRanking))
			r.With(p.roomy(mostBody, 2*time.Minute)).Post("/gestione/inps/graduatorie/{edizione}", p.page(p.inpsSimulate))
			r.Group(func(r chi.Router) { // hundreds of thousands of rows are gone through
				r.Use(p.roomy(mostBody, 2*time.Minute))
				r.Get("/gestione/inps/simulazioni/{id}", p.page(p.inpsSimulation))
				r.Post("/gestione/inps/simulazioni/{id}", p.page(p.inpsCheck))
				r.Get("/gestione/inps/simulazioni/{id}/graduatoria.csv", p.page(p.inpsSimulationFile))
				r.Get("/gestione/inps/simulazioni/{id}/proponi", p.page(p.inpsProposeAsk))
				r.Post("/gestione/inps/simulazioni/{id}/proponi", p.page(p.inpsPropose))
				r.Get("/gestione/inps/simulazioni/{id}/elimina", p.page(p.inpsDropAsk))
				r.Post("/gestione/inps/simulazioni/{id}/elimina", p.page(p.inpsDrop))
				r.Get("/gestione/inps/simulazioni/{id}/approva", p.page(p.inpsApproval))
				r.Post("/gestione/inps/simulazioni/{id}/approva", p.page(p.inpsDecide))
			})
			r.Get("/gestione/inps/scorrimenti", p.page(p.inpsReallocations))
			r.Get("/gestione/inps/scorrimenti/nuovo", p.page(p.inpsReallocateAsk))
			r.With(p.roomy(mostBody, 2*time.Minute)).Post("/gestione/inps/scorrimenti/nuovo", p.page(p.inpsReallocate))
			r.With(p.roomy(mostBody, 2*time.Minute)).Get("/gestione/inps/scorrimenti/{id}", p.page(p.inpsReallocation))
			r.Get("/gestione/inps/simulazioni/{id}/pubblica", p.page(p.inpsPublishAsk))
			r.Post("/gestione/inps/simulazioni/{id}/pubblica", p.page(p.inpsPublish))
			r.Get("/gestione/inps/simulazioni/{id}/rettifica", p.page(p.inpsCorrectAsk))
			r.With(p.roomy(mostBody, time.Minute)).Post("/gestione/inps/simulazioni/{id}/rettifica", p.page(p.inpsCorrect))
			r.Get("/gestione/inps/pubblicazioni/{id}", p.page(p.inpsPublication))
			r.Get("/gestione/inps/pubblicazioni/{id}/verbale", p.page(p.inpsMinutes))
		})
	})

	// CNOP.
	r.Group(func(r chi.Router) {
		r.Use(p.office(identity.CNOP))
		r.Get("/cnop/elenco", p.page(p.cnopRoll))
		r.Post("/cnop/elenco", p.page(p.cnopRollFilter))
		r.With(p.roomy(mostBody, listTakes)).Get("/cnop/elenco.csv", p.page(p.cnopRollCSV))
		r.Get("/cnop/elenco/{id}", p.page(p.cnopCard))
		r.Get("/cnop/elenco/{id}/sospendi", p.page(p.cnopSuspendAsk))
		r.Post("/cnop/elenco/{id}/sospendi", p.page(p.cnopSuspend))
		r.Get("/cnop/elenco/{id}/riattiva", p.page(p.cnopResumeAsk))
		r.Post("/cnop/elenco/{id}/riattiva", p.page(p.cnopResume))
		r.Get("/cnop/invii", p.page(p.cnopDeliveries))
		r.Get("/cnop/invii/nuovo", p.page(p.cnopDeliveryNew))
		r.With(p.roomy(mostList, listTakes)).Post("/cnop/invii/nuovo", p.page(p.cnopDeliveryPrepare))
		r.Get("/cnop/invii/modello.csv", p.page(p.cnopListTemplate))
		r.Get("/cnop/invii/{id}", p.page(p.cnopDelivery))
		r.With(p.roomy(mostBody, listTakes)).Get("/cnop/invii/{id}/scarti.csv", p.page(p.cnopRejectsCSV))
		r.Get("/cnop/invii/{id}/invia", p.page(p.cnopSendAsk))
		r.With(p.roomy(mostBody, listTakes)).Post("/cnop/invii/{id}/invia", p.page(p.cnopSend))
		r.Get("/cnop/invii/{id}/elimina", p.page(p.cnopDropAsk))
		r.Post("/cnop/invii/{id}/elimina", p.page(p.cnopDrop))
		r.Get("/cnop/segnalazioni", p.page(p.cnopReports))
		r.Get("/cnop/segnalazioni/{id}", p.page(p.cnopReport))
		r.Post("/cnop/segnalazioni/{id}", p.page(p.cnopReportAnswer))
	})
}
