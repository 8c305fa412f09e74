package voucher

import (
	"strconv"
	"strings"
)

// FaultKind is what is wrong in a file of applications: a stable word, of which the
// catalogue has the sentence under "inps.import.fault.<kind>".
type FaultKind string

// What can be wrong with a file, with a row, with one of its fields.
const (
	FaultEmptyFile      FaultKind = "empty_file"
	FaultNotText        FaultKind = "not_text" // a spreadsheet, an archive
	FaultNoColumn       FaultKind = "no_column"
	FaultUnknownColumn  FaultKind = "unknown_column"
	FaultColumnTwice    FaultKind = "column_twice"
	FaultQuote          FaultKind = "quote"
	FaultUnclosed       FaultKind = "unclosed" // nothing after it could be read
	FaultLongLine       FaultKind = "long_line"
	FaultDeclared       FaultKind = "declared"  // other rows than declared; the argument is how many were read
	FaultImported       FaultKind = "imported"  // the file was imported before
	FaultTooMany        FaultKind = "too_many"  // of faults: the rest was not read
	FaultFieldCount     FaultKind = "fields"    // the argument is how many there are
	FaultEncoding       FaultKind = "encoding"  // not UTF-8
	FaultControl        FaultKind = "control"   // a control character
	FaultTooLong        FaultKind = "too_long"  // the argument is how long it may be
	FaultMissing        FaultKind = "missing"   // nothing is there
	FaultCodeLength     FaultKind = "cf_length" // of the fiscal code
	FaultCodeForm       FaultKind = "cf_form"
	FaultCodeCheck      FaultKind = "cf_check"
	FaultCodeBirth      FaultKind = "cf_birth"  // the fiscal code and the day of birth disagree
	FaultDuplicate      FaultKind = "duplicate" // the argument is the first line
	FaultApplied        FaultKind = "applied"   // the person has applied in this edition before
	FaultDate           FaultKind = "date"
	FaultFuture         FaultKind = "future"
	FaultTerritory      FaultKind = "territory"
	FaultClosed         FaultKind = "closed"   // territories that take no part
	FaultProvince       FaultKind = "province" // the letters are those of none
	FaultElsewhere      FaultKind = "elsewhere"
	FaultMoney          FaultKind = "money"
	FaultNegative       FaultKind = "negative"
	FaultISEEMissing    FaultKind = "isee_missing"
	FaultISEEUnexpected FaultKind = "isee_unexpected"
	FaultISEEStatus     FaultKind = "isee_status"
	FaultInstant        FaultKind = "instant"
	FaultWindow         FaultKind = "window"
	FaultEmail          FaultKind = "email"
	FaultPhone          FaultKind = "phone"
	FaultProtocol       FaultKind = "protocol"
	FaultProtocolTwice  FaultKind = "protocol_twice" // the argument is the first line
	FaultProtocolTaken  FaultKind = "protocol_taken"
)

// FaultKinds lists every kind.
var FaultKinds = []FaultKind{FaultEmptyFile, FaultNotText, FaultNoColumn, FaultUnknownColumn, FaultColumnTwice, FaultQuote,
	FaultUnclosed, FaultLongLine, FaultDeclared, FaultImported, FaultTooMany, FaultFieldCount, FaultEncoding, FaultControl,
	FaultTooLong, FaultMissing, FaultCodeLength, FaultCodeForm, FaultCodeCheck, FaultCodeBirth, FaultDuplicate, FaultApplied,
	FaultDate, FaultFuture, FaultTerritory, FaultClosed, FaultProvince, FaultElsewhere, FaultMoney, FaultNegative,
	FaultISEEMissing, FaultISEEUnexpected, FaultISEEStatus, FaultInstant, FaultWindow, FaultEmail, FaultPhone, FaultProtocol,
	FaultProtocolTwice, FaultProtocolTaken}

// ImportFault is something in a file of applications that is not as it must be. It
// repeats nothing of what the file says of persons.
type ImportFault struct {
	Line  int    // from 1, which is the header; 0 for the file as a whole
	Field string // the column, "" for the row or the file as a whole
	Kind  FaultKind
	Arg   int // of the kind, 0 where it has none
}

// String is the fault as it is kept: its kind, with the argument.
func (f ImportFault) String() string {
	if f.Arg == 0 {
		return string(f.Kind)
	}
	return string(f.Kind) + " " + strconv.Itoa(f.Arg)
}

// ParseFault is the fault of a place, from what String wrote.
func ParseFault(line int, field, text string) ImportFault {
	kind, arg, _ := strings.Cut(text, " ")
	n, _ := strconv.Atoi(arg) // "" is none
	return ImportFault{line, field, FaultKind(kind), n}
}
