package portal

import (
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/payment"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// Permission is something that some duties of an office let one do. The address is a page
// that is for them alone, or else the rule is the one that decides: a test asks it for
// every duty of the office.
type Permission struct {
	Office  identity.Role
	Words   string // on screens: under "administration.may.<office>."
	Duties  []identity.Duty
	Address string // "GET /gestione/inps/domande"
	Rule    func(identity.Actor) error
}

// indemnityRun is a run of the indemnity in a state, which nobody had a hand in.
func indemnityRun(s payment.RunState) payment.Run {
	return payment.Run{Selection: payment.Selection{Programme: payment.Indemnity}, State: s}
}

// Acts of the welfare service on a case that is as it must be for them.

func askAnything(who identity.Actor) error {
	return indemnity.Opened{CaseFile: indemnity.CaseFile{State: indemnity.InReview}}.MayAsk(who, indemnity.Supplement, "")
}

func endControl(who identity.Actor) error {
	return indemnity.Control{State: indemnity.ControlRuns}.MayEnd(who, indemnity.CaseFile{})
}

func judgeAccount(who identity.Actor) error {
	return payment.CaseMoney{}.MayJudge(who, payment.Payee{Account: payment.CaseAccount{State: payment.ToVerify}})
}

// Permissions are what the matrix of roles shows, in its order.
var Permissions = []Permission{
	{Office: identity.INPS, Words: "read_applications", Duties: []identity.Duty{identity.Prepare, identity.Approve}, Address: "GET /gestione/inps/domande"},
	{Office: identity.INPS, Words: "examine_applications", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/domande/{id}/verifica"},
	{Office: identity.INPS, Words: "decide_refusals", Duties: []identity.Duty{identity.Approve}, Address: "GET /gestione/inps/domande/{id}/rifiuto/decisione"},
	{Office: identity.INPS, Words: "import", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/domande/importa"},
	{Office: identity.INPS, Words: "counter", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/sportello"},
	{Office: identity.INPS, Words: "draft_rules", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/annualita/nuova"},
	{Office: identity.INPS, Words: "read_rankings", Duties: []identity.Duty{identity.Prepare, identity.Approve, identity.Publish}, Address: "GET /gestione/inps/graduatorie"},
	{Office: identity.INPS, Words: "propose_rankings", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/simulazioni/{id}/proponi"},
	{Office: identity.INPS, Words: "approve_rankings", Duties: []identity.Duty{identity.Approve}, Rule: voucher.Run{State: voucher.ProposedRun}.MayDecide},
	{Office: identity.INPS, Words: "publish_rankings", Duties: []identity.Duty{identity.Publish}, Rule: voucher.Run{State: voucher.ApprovedRun}.MayPublish},
	{Office: identity.INPS, Words: "codes", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/codici/{id}/blocca"},
	{Office: identity.INPS, Words: "decide_closures", Duties: []identity.Duty{identity.Approve}, Address: "GET /gestione/inps/chiusure/{id}/decidi"},
	{Office: identity.INPS, Words: "accounts", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/iban/{id}/rifiuta"},
	{Office: identity.INPS, Words: "read_payments", Duties: []identity.Duty{identity.Prepare, identity.Approve, identity.Pay}, Address: "GET /gestione/inps/pagamenti"},
	{Office: identity.INPS, Words: "propose_payments", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/inps/pagamenti/{id}/proponi"},
	{Office: identity.INPS, Words: "approve_payments", Duties: []identity.Duty{identity.Approve}, Address: "GET /gestione/inps/pagamenti/{id}/approva"},
	{Office: identity.INPS, Words: "send_payments", Duties: []identity.Duty{identity.Pay}, Address: "GET /gestione/inps/pagamenti/{id}/invia"},

	{Office: identity.CNOP, Words: "read_list", Duties: []identity.Duty{identity.Prepare, identity.Approve}, Address: "GET /cnop/elenco"},
	{Office: identity.CNOP, Words: "drop_list", Duties: []identity.Duty{identity.Prepare, identity.Approve}, Rule: voucher.Delivery{State: voucher.DeliveryDraft}.MayDrop},
	{Office: identity.CNOP, Words: "send_list", Duties: []identity.Duty{identity.Approve}, Rule: voucher.Delivery{State: voucher.DeliveryDraft}.MaySend},

	{Office: identity.Welfare, Words: "read_applications", Duties: []identity.Duty{identity.Prepare, identity.Approve}, Address: "GET /gestione/enpap/domande/{id}"},
	{Office: identity.Welfare, Words: "examine_applications", Duties: []identity.Duty{identity.Prepare}, Rule: indemnity.CaseFile{State: indemnity.InReview}.MayFind},
	{Office: identity.Welfare, Words: "ask_members", Duties: []identity.Duty{identity.Prepare}, Rule: askAnything},
	{Office: identity.Welfare, Words: "exclude_applications", Duties: []identity.Duty{identity.Prepare}, Rule: indemnity.CaseFile{State: indemnity.InReview}.MayExclude},
	{Office: identity.Welfare, Words: "register_pec", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/enpap/domande/registra"},
	{Office: identity.Welfare, Words: "decide_outcomes", Duties: []identity.Duty{identity.Prepare, identity.Approve}, Address: "GET /gestione/enpap/approvazioni"},
	{Office: identity.Welfare, Words: "approve_outcomes", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.CaseFile{Decisions: []indemnity.Decision{{State: indemnity.DecisionWaits}}}.MayDecide},
	{Office: identity.Welfare, Words: "propose_reviews", Duties: []identity.Duty{identity.Prepare}, Rule: indemnity.ReviewCase{Reexamination: indemnity.Reexamination{State: indemnity.ReviewAsked}}.MayPropose},
	{Office: identity.Welfare, Words: "decide_reviews", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.ReviewCase{Reexamination: indemnity.Reexamination{State: indemnity.ReviewProposed}}.MayDecide},
	{Office: identity.Welfare, Words: "decide_heirs", Duties: []identity.Duty{identity.Approve}, Address: "GET /gestione/enpap/domande/{id}/subentro/decidi"},
	{Office: identity.Welfare, Words: "draft_rules", Duties: []identity.Duty{identity.Prepare}, Address: "GET /gestione/enpap/bandi/nuovo"},
	{Office: identity.Welfare, Words: "release_rules", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.Version{Life: rules.Life{State: rules.Proposed}}.MayDecide},
	{Office: identity.Welfare, Words: "decide_texts", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.TextVersion{State: indemnity.TextWaits}.MayDecide},
	{Office: identity.Welfare, Words: "read_rankings", Duties: []identity.Duty{identity.Prepare, identity.Approve, identity.Publish, identity.Pay}, Address: "GET /gestione/enpap/graduatorie"},
	{Office: identity.Welfare, Words: "propose_rankings", Duties: []identity.Duty{identity.Prepare}, Rule: indemnity.Ranking{Kind: indemnity.TrueRanking, State: indemnity.SimulatedRanking}.MayPropose},
	{Office: identity.Welfare, Words: "rule_ties", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.Ranking{Kind: indemnity.TrueRanking, State: indemnity.SimulatedRanking, Ties: [][]string{{"A", "B"}}}.MayRule},
	{Office: identity.Welfare, Words: "approve_rankings", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.Ranking{State: indemnity.ProposedRanking}.MayDecide},
	{Office: identity.Welfare, Words: "publish_rankings", Duties: []identity.Duty{identity.Publish}, Rule: indemnity.Ranking{State: indemnity.ApprovedRanking}.MayPublish},
	{Office: identity.Welfare, Words: "confirm_samples", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.Sample{State: indemnity.SampleWaits}.MayConfirm},
	{Office: identity.Welfare, Words: "end_controls", Duties: []identity.Duty{identity.Prepare}, Rule: endControl},
	{Office: identity.Welfare, Words: "receive_recoveries", Duties: []identity.Duty{identity.Pay}, Rule: indemnity.Recovery{State: indemnity.RecoveryOpen}.MayReceive},
	{Office: identity.Welfare, Words: "write_off_recoveries", Duties: []identity.Duty{identity.Approve}, Rule: indemnity.Recovery{State: indemnity.RecoveryOpen, Proposed: identity.Hand{Person: "another"}}.MayDecideWriteOff},
	{Office: identity.Welfare, Words: "accounts", Duties: []identity.Duty{identity.Prepare}, Rule: judgeAccount},
	{Office: identity.Welfare, Words: "read_payments", Duties: []identity.Duty{identity.Prepare, identity.Approve, identity.Pay}, Address: "GET /gestione/enpap/pagamenti"},
	{Office: identity.Welfare, Words: "propose_payments", Duties: []identity.Duty{identity.Prepare}, Rule: indemnityRun(payment.PreparedRun).MayPropose},
	{Office: identity.Welfare, Words: "approve_payments", Duties: []identity.Duty{identity.Approve}, Rule: indemnityRun(payment.ProposedRun).MayDecide},
	{Office: identity.Welfare, Words: "send_payments", Duties: []identity.Duty{identity.Pay}, Rule: indemnityRun(payment.ApprovedRun).MaySend},

	{Office: identity.Oversight, Words: "roles", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/utenti"},
	{Office: identity.Oversight, Words: "service", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/servizio"},
	{Office: identity.Oversight, Words: "deliveries", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/notifiche"},
	{Office: identity.Oversight, Words: "neighbours", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/collegamenti"},
	{Office: identity.Oversight, Words: "parameters", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/parametri"},
	{Office: identity.Oversight, Words: "wording", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/testi"},
	{Office: identity.Oversight, Words: "retention", Duties: []identity.Duty{identity.Administer}, Address: "GET /amministrazione/conservazione"},
	{Office: identity.Oversight, Words: "register", Duties: []identity.Duty{identity.Audit}, Address: "GET /controlli/registro"},
	{Office: identity.Oversight, Words: "chain", Duties: []identity.Duty{identity.Audit}, Address: "GET /controlli/integrita"},
	{Office: identity.Oversight, Words: "files", Duties: []identity.Duty{identity.Audit}, Address: "GET /controlli/fascicoli"},
	{Office: identity.Oversight, Words: "recompute", Duties: []identity.Duty{identity.Audit}, Address: "GET /controlli/graduatorie"},
	{Office: identity.Oversight, Words: "figures", Duties: []identity.Duty{identity.Audit}, Address: "GET /controlli/indicatori"},
	{Office: identity.Oversight, Words: "read_rules", Duties: []identity.Duty{identity.Audit, identity.Administer}, Address: "GET /controlli/regole"},
}
