// Package auditor is how an auditor (revisore) sees whether it is as it was
// written: the register of acts with its chain, rankings made again from their
// snapshots; and how long each phase takes.
//
//	register.go  Register: searched, sealed, anchored each day, verified
//	rankings.go  the rankings of both programmes, made again
//	files.go     Files: cases of both programmes, covered, and a datum shown for a reason
//	beside.go    a case with what stands beside it: requests for re-examination, payments
//	veil*.go     what is covered of a case, and what is left to see of it
//	figures.go   times by phase, terms that ran out, drafts that were left
package auditor

import (
	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What is written when somebody watches.
const (
	Searched audit.Action = "register.searched" // the register
	Taken    audit.Action = "register.taken"    // as a file
	Asked    audit.Action = "register.verify"   // had it verified
	Remade   audit.Action = "oversight.ranking_remade"
)

// Why something cannot be done.
var (
	ErrCheckRuns  = fault.Refuse("oversight.check_runs")
	ErrNobody     = fault.Invalid("oversight.nobody")
	ErrWrongRange = fault.Invalid("oversight.range")
)

// MayAudit is identity.ErrNoDuty for whoever is no auditor.
func MayAudit(who identity.Actor) error { return who.Must(identity.Oversight, identity.Audit) }
