package payment

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"

	"portal/internal/calendar"
	"portal/internal/money"
)

// statusNamespace is that of ISO 20022 CustomerPaymentStatusReport, version 10.
const statusNamespace = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"

// MostOutcomeBytes is how large an answer of the bank may be.
const MostOutcomeBytes = 32 << 20

// How deep elements of an answer may stand in each other, and how many transactions
// it may have.
const (
	mostDepth    = 24
	mostOutcomes = 200_000
)

// What the bank says of an order (ExternalPaymentTransactionStatus1Code): the money is
// there to stay, or it is not. Anything else is an answer on the way; a settlement in
// process is one until the day for which it was asked.
const statusUnderway = "ACSP"

var (
	statusPaid     = map[string]bool{"ACSC": true, "ACCC": true, statusUnderway: true}
	statusReturned = map[string]bool{"RJCT": true}
	statusOpen     = map[string]bool{"ACTC": true, "ACCP": true, "ACWC": true, "ACFC": true, "RCVD": true, "PDNG": true, "PATC": true, "PART": true}
)

// reasonCode is a code of ExternalStatusReason1Code: "AC04".
var reasonCode = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}$`)

// moreDecimals are zeros after the cents of an xs:decimal.
var moreDecimals = regexp.MustCompile(`(\.[0-9]{2})0+$`)

// notSaid is MS03, "reason not specified by the agent".
const notSaid = "MS03"

type statusReason struct {
	Code string `xml:"Rsn>Cd"`
}

type transactionStatus struct {
	EndToEnd  string         `xml:"OrgnlEndToEndId"`
	Status    string         `xml:"TxSts"`
	Reasons   []statusReason `xml:"StsRsnInf"`
	Reference string         `xml:"AcctSvcrRef"`
	Clearing  string         `xml:"ClrSysRef"`
	Amount    *instructedAmt `xml:"OrgnlTxRef>Amt>InstdAmt"`
	Settled   *instructedAmt `xml:"OrgnlTxRef>IntrBkSttlmAmt"`
	ValueDay  string         `xml:"OrgnlTxRef>IntrBkSttlmDt"`
}

// readPain002 reads a status report. A DTD, an entity of one's own or another message
// is a fault; a status of the group or of its payment stands for all orders when none
// is named.
func readPain002(r io.Reader) (Report, OutcomeFaults) {
	report := Report{Format: Pain002}
	var faults OutcomeFaults
	d := &guard{Decoder: xml.NewDecoder(r)}
	tokens := xml.NewTokenDecoder(d)
	fail := func(code string) (Report, OutcomeFaults) {
		line, _ := d.InputPos()
		return report, append(faults, OutcomeFault{Line: line, Code: code})
	}
	var path []string
	var group transactionStatus // of the group, or of its one payment
	for {
		t, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail(d.fault())
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(path) == 0 && (t.Name.Local != "Document" || t.Name.Space != statusNamespace) {
				return fail("not_pain002")
			}
			line, _ := d.InputPos()
			switch path = append(path, t.Name.Local); strings.Join(path, "/") {
			case "Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts/OrgnlMsgId":
				err = element(tokens, t, &path, &report.Message)
			case "Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts/GrpSts", "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/PmtInfSts":
				err = element(tokens, t, &path, &group.Status)
			case "Document/CstmrPmtStsRpt/OrgnlGrpInfAndSts/StsRsnInf", "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/StsRsnInf":
				var reason statusReason
				err = element(tokens, t, &path, &reason)
				group.Reasons = append(group.Reasons, reason)
			case "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts":
				var tx transactionStatus
				if err = element(tokens, t, &path, &tx); err == nil {
					faults = append(faults, report.add(line, tx)...)
				}
			}
			if err != nil {
				return fail(d.fault())
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
		if len(report.Answers) > mostOutcomes || len(faults) > mostFaults {
			return fail("too_many")
		}
	}
	if report.Message == "" {
		return fail("no_message")
	}
	if len(report.Answers)+report.Open+len(faults) == 0 {
		group.EndToEnd = "all"
		if faults = report.add(0, group); len(report.Answers) == 1 {
			report.All, report.Answers = &report.Answers[0], nil
		}
	}
	return report, faults
}

// element reads an element whole, and leaves the path at what is around it.
func element(d *xml.Decoder, start xml.StartElement, path *[]string, into any) error {
	*path = (*path)[:len(*path)-1]
	return d.DecodeElement(into, &start)
}

// add takes up what the bank says of an order, in a line of its file.
func (r *Report) add(line int, tx transactionStatus) OutcomeFaults {
	a := Answer{Line: line, EndToEnd: strings.TrimSpace(tx.EndToEnd), Paid: statusPaid[tx.Status], Underway: tx.Status == statusUnderway, Reference: strings.TrimSpace(tx.Reference)}
	wrong := func(code string) OutcomeFaults { return OutcomeFaults{{line, code, a.EndToEnd}} }
	if a.Reference == "" {
		a.Reference = strings.TrimSpace(tx.Clearing)
	}
	switch {
	case a.EndToEnd == "":
		return wrong("no_id")
	case statusOpen[tx.Status]:
		r.Open++
		return nil
	case !a.Paid && !statusReturned[tx.Status]:
		return wrong("status")
	}
	for _, amount := range []*instructedAmt{tx.Amount, tx.Settled} {
		if amount == nil {
			continue
		}
		value := moreDecimals.ReplaceAllString(strings.TrimSpace(amount.Value), "$1")
		cents, err := money.Parse(strings.Replace(value, ".", ",", 1))
		if err != nil || amount.Currency != "EUR" {
			return wrong("amount_unreadable")
		}
		if a.HasAmount && a.Amount != cents {
			return wrong("amount")
		}
		a.Amount, a.HasAmount = cents, true
	}
	if day := strings.TrimSpace(tx.ValueDay); day != "" {
		var err error
		if a.ValueDay, err = calendar.ParseDate(day); err != nil {
			return wrong("day")
		}
	}
	if !a.Paid {
		a.Reason = notSaid
		for _, reason := range tx.Reasons {
			if code := strings.TrimSpace(reason.Code); reasonCode.MatchString(code) {
				a.Reason = code
				break
			}
		}
	}
	if len(a.Reference) > mostReference {
		return wrong("reference")
	}
	r.Answers = append(r.Answers, a)
	return nil
}

// guard hands on the tokens of an XML file, but none that could make it another
// file than it looks: no DTD, no depth without end.
type guard struct {
	*xml.Decoder
	depth  int
	broken string
}

// Token is called by the decoder that reads on.
func (g *guard) Token() (xml.Token, error) {
	t, err := g.Decoder.RawToken()
	switch t := t.(type) {
	case xml.StartElement:
		g.depth++
	case xml.EndElement:
		g.depth--
	case xml.Directive:
		return g.stop("dtd")
	case xml.ProcInst:
		if t.Target != "xml" {
			return g.stop("not_xml")
		}
	}
	if g.depth > mostDepth {
		return g.stop("too_deep")
	}
	return t, err
}

func (g *guard) stop(why string) (xml.Token, error) {
	g.broken = why
	return nil, errors.New(why)
}

// fault is why the file could not be read on.
func (g *guard) fault() string {
	if g.broken != "" {
		return g.broken
	}
	return "not_xml"
}
