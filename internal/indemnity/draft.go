package indemnity

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/money"
)

// CaseID names a draft and the application that it becomes: a random UUID.
type CaseID string

// Cause is what stopped the work, as its writer says it.
type Cause string

// The causes. A pregnancy at risk that ended in a birth never becomes a draft (R37).
const (
	Illness     Cause = "illness"     // malattia
	Injury      Cause = "injury"      // infortunio
	Cycles      Cause = "cycles"      // cicli di terapia per una grave patologia (R10)
	Interrupted Cause = "interrupted" // gravidanza a rischio, poi interrotta (R35)
)

// Causes lists the causes of a draft.
var Causes = []Cause{Illness, Injury, Cycles, Interrupted}

// Answer is yes, no, or nothing yet.
type Answer string

// The answers.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Draft is an application that is being written (bozza), by its member, from the first
// day of illness on if they like. It is saved at every step and taken up elsewhere.
type Draft struct {
	ID      CaseID
	Member  identity.PersonID
	Answers Answers
	Papers  []Paper
	Version int64 // moves with each step
	Started time.Time
	SavedAt time.Time
	SentAt  time.Time // zero while it is being written
}

// Answers is what a draft holds of each part.
type Answers struct {
	Cause         Cause             `json:"cause,omitempty"`
	First         calendar.Date     `json:"first,omitzero"`       // declared first and last day of inactivity
	Last          calendar.Date     `json:"last,omitzero"`        // zero while it is not known yet
	Stops         []calendar.Period `json:"stops,omitempty"`      // cycles: days and periods of suspension
	MultiYear     bool              `json:"multi_year,omitempty"` // cycles prescribed over several years (R23)
	InterruptedOn calendar.Date     `json:"interrupted_on,omitzero"`
	BirthOn       calendar.Date     `json:"birth_on,omitzero"` // opens the maternity window (R3)

	IdentityExpires calendar.Date `json:"identity_expires,omitzero"`

	Exclusive Answer       `json:"exclusive,omitempty"`  // self-employment only (R53)
	Covered   Answer       `json:"covered,omitempty"`    // by another mandatory cover (R48, R49)
	CoveredBy string       `json:"covered_by,omitempty"` // which
	ISEE      Answer       `json:"isee,omitempty"`
	ISEEValue money.Amount `json:"isee_value,omitempty"`
	ISEEYear  int          `json:"isee_year,omitempty"`

	IBAN       string    `json:"iban,omitempty"`
	Holder     string    `json:"holder,omitempty"` // of the account
	Email      string    `json:"email,omitempty"`
	Phone      string    `json:"phone,omitempty"`
	Declared   []string  `json:"declared,omitempty"` // marks of declarations: id@version
	DeclaredAt time.Time `json:"declared_at,omitzero"`
}

// Part is a page of the task list (M-03), named as in its address.
type Part string

// The parts, in their order.
const (
	PartCause        Part = "tipo"
	PartPeriod       Part = "periodo"
	PartCertificates Part = "certificati"
	PartIdentity     Part = "documento"
	PartActivity     Part = "attivita"
	PartCover        Part = "coperture"
	PartISEE         Part = "isee"
	PartContacts     Part = "contatti"
	PartDeclarations Part = "dichiarazioni"
	PartReview       Part = "riepilogo"
)

// Parts lists the parts in their order.
var Parts = []Part{PartCause, PartPeriod, PartCertificates, PartIdentity, PartActivity, PartCover, PartISEE, PartContacts, PartDeclarations, PartReview}

// PaperKind is what a paper is; the database knows the same words.
type PaperKind string

// The papers of domain §3, by the code of the certificates where there is one.
const (
	InitialPrognosis   PaperKind = "initial_prognosis"   // certificato iniziale (R25)
	ExtensionPrognosis PaperKind = "extension_prognosis" // prosecuzione (R27)
	HospitalStay       PaperKind = "hospital_stay"       // ricovero o dimissione (R30)
	CycleFinal         PaperKind = "cycle_final"         // certificato di fine terapia (R33)
	ASLInterdiction    PaperKind = "asl_interdiction"    // provvedimento della ASL (R36)
	HeirsFinal         PaperKind = "heirs_final"         // certificato di fine evento, per gli eredi (R38)
	IdentityWhole      PaperKind = "identity"            // documento, fronte e retro in un file (R24)
	IdentityFront      PaperKind = "identity_front"
	IdentityBack       PaperKind = "identity_back"
	ISEEStatement      PaperKind = "isee"
	CoverProof         PaperKind = "other_cover"
	DeathCertificate   PaperKind = "death_certificate"
	Heirship           PaperKind = "heirship"
	PECMessage         PaperKind = "pec_message"
	PaymentReceipt     PaperKind = "receipt_of_payment"
	OtherPaper         PaperKind = "other"
)

// PaperKinds lists every kind.
var PaperKinds = []PaperKind{InitialPrognosis, ExtensionPrognosis, HospitalStay, CycleFinal, ASLInterdiction, HeirsFinal,
	IdentityWhole, IdentityFront, IdentityBack, ISEEStatement, CoverProof, DeathCertificate, Heirship, PECMessage, PaymentReceipt, OtherPaper}

// PaperID names a paper of a case: a random UUID.
type PaperID string

// Paper is a paper of a case: what its owner says it is and covers, and the file,
// which may still be missing.
type Paper struct {
	ID         PaperID
	Case       CaseID
	Kind       PaperKind
	IssuedOn   calendar.Date   // zero for what has no date
	Covers     calendar.Period // zero for what covers no days
	Expires    calendar.Date   // of an identity document
	Request    string          // it answers, "" for what came with the application
	Replaces   PaperID
	Attachment string // "" while the file is missing
	Name       string // of the file
	Erased     bool   // its time was over: the name says when, and there is no file
	Type       document.Type
	Size       int64
	Pages      int
	Digest     [32]byte
	AddedBy    identity.PersonID
	AddedAt    time.Time
	SentAt     time.Time
	Read       PaperRead // by an officer; see CaseFile.Facts
}
