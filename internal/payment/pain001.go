package payment

import (
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/money"
)

// Debtor is who pays: the name and the account from which the bank takes the money.
type Debtor struct {
	Name string
	IBAN iban.IBAN
}

// Debtors are who pays what.
type Debtors map[Programme]Debtor

// transferNamespace is that of ISO 20022 CustomerCreditTransferInitiation, version 9,
// the one of the SEPA rulebooks from November 2023.
const transferNamespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

// The parts of the file, named as the standard names them. Only what a SEPA credit
// transfer needs is written; the banks find the rest by the IBAN.
type (
	groupHeader struct {
		XMLName xml.Name `xml:"GrpHdr"`
		MsgID   string   `xml:"MsgId"`
		Created string   `xml:"CreDtTm"`
		Count   int      `xml:"NbOfTxs"`
		Sum     string   `xml:"CtrlSum"`
		Name    string   `xml:"InitgPty>Nm"`
	}
	creditTransfer struct {
		XMLName     xml.Name      `xml:"CdtTrfTxInf"`
		Instruction string        `xml:"PmtId>InstrId"`
		EndToEnd    string        `xml:"PmtId>EndToEndId"`
		Amount      instructedAmt `xml:"Amt>InstdAmt"`
		Name        string        `xml:"Cdtr>Nm"`
		IBAN        string        `xml:"CdtrAcct>Id>IBAN"`
		Remittance  string        `xml:"RmtInf>Ustrd"`
	}
	instructedAmt struct {
		Currency string `xml:"Ccy,attr"`
		Value    string `xml:",chardata"`
	}
	party struct {
		Name string `xml:"Nm"`
	}
	account struct {
		IBAN string `xml:"Id>IBAN"`
	}
	agent struct {
		Other string `xml:"FinInstnId>Othr>Id"`
	}
)

// WriteFile writes the file of a run for the bank: pain.001.001.09 of ISO 20022, order
// by order, none kept. The same run gives the same bytes. A file whose orders do not
// come to what is sent of the run is an error, at its end: nothing may be done with it.
func WriteFile(w io.Writer, r Run, orders iter.Seq2[Order, error]) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	f := &fileWriter{enc: xml.NewEncoder(w)}
	f.enc.Indent("", " ")
	f.open("Document", xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: transferNamespace})
	f.open("CstmrCdtTrfInitn")
	f.put(groupHeader{MsgID: r.Message(), Created: isoTime(r.Sent.At), Count: r.SentOrders, Sum: r.SentAmount.Decimal(), Name: Latin(r.Debtor.Name, 70)})
	f.open("PmtInf")
	f.text("PmtInfId", r.Message())
	f.text("PmtMtd", "TRF")
	f.text("BtchBookg", "true")
	f.text("NbOfTxs", fmt.Sprint(r.SentOrders))
	f.text("CtrlSum", r.SentAmount.Decimal())
	f.open("PmtTpInf")
	f.open("SvcLvl")
	f.text("Cd", "SEPA")
	f.close(2)
	f.open("ReqdExctnDt")
	f.text("Dt", r.ExecuteOn.String())
	f.close(1)
	f.as("Dbtr", party{Latin(r.Debtor.Name, 70)})
	f.as("DbtrAcct", account{string(r.Debtor.IBAN)})
	f.as("DbtrAgt", agent{"NOTPROVIDED"})
	f.text("ChrgBr", "SLEV")
	remittance := Latin(fmt.Sprintf("%s lotto %s del %s", payers[r.Programme], r.Message(), calendar.On(r.Sent.At)), 140)
	count, sum := 0, money.Amount(0)
	for o, err := range orders {
		if err != nil {
			return err
		}
		count, sum = count+1, sum+o.Amount
		f.put(creditTransfer{Instruction: o.EndToEnd, EndToEnd: o.EndToEnd, Amount: instructedAmt{"EUR", o.Amount.Decimal()},
			Name: Latin(o.Holder, 70), IBAN: string(o.IBAN), Remittance: remittance})
		if f.err != nil {
			return f.err
		}
	}
	f.close(3)
	if f.err == nil {
		f.err = f.enc.Close()
	}
	switch {
	case f.err != nil:
		return f.err
	case count != r.SentOrders || sum != r.SentAmount:
		return fmt.Errorf("run %s: its file has %d orders for %s: %w", r.ID, count, sum.Decimal(), ErrLedger)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// fileWriter writes elements until one cannot be written.
type fileWriter struct {
	enc  *xml.Encoder
	path []xml.StartElement
	err  error
}

func (f *fileWriter) do(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *fileWriter) open(name string, attrs ...xml.Attr) {
	e := xml.StartElement{Name: xml.Name{Local: name}, Attr: attrs}
	f.path = append(f.path, e)
	f.do(f.enc.EncodeToken(e))
}

func (f *fileWriter) close(levels int) {
	for range levels {
		last := len(f.path) - 1
		f.do(f.enc.EncodeToken(f.path[last].End()))
		f.path = f.path[:last]
	}
}

func (f *fileWriter) put(v any) { f.do(f.enc.Encode(v)) }

func (f *fileWriter) as(name string, v any) {
	f.do(f.enc.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}}))
}

func (f *fileWriter) text(name, text string) { f.as(name, text) }

// isoTime is an instant as ISODateTime in Rome, to the second.
func isoTime(t time.Time) string { return t.In(calendar.Rome).Format("2006-01-02T15:04:05-07:00") }

// Latin is a text in the characters that every bank of SEPA takes (EPC217-08): letters
// without accents, digits and a few marks, at most so many. What has no like becomes a
// dot.
func Latin(text string, most int) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("/-?:().,'+ ", r):
			b.WriteRune(r)
		default:
			if like, known := alike[r]; known {
				b.WriteString(like)
			} else {
				b.WriteByte('.')
			}
		}
	}
	// Two strokes and a stroke at an end mean something to banks (EPC217-08).
	plain := strings.Join(strings.Fields(b.String()), " ")
	for strings.Contains(plain, "//") {
		plain = strings.ReplaceAll(plain, "//", "/")
	}
	plain = strings.Trim(plain, "/ ")
	if len(plain) > most {
		plain = strings.TrimRight(plain[:most], "/ ")
	}
	if plain == "" {
		return "."
	}
	return plain
}

// alike are the characters of European names, each with its like.
var alike = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'Æ': "AE", 'æ': "ae", 'Œ': "OE", 'œ': "oe", 'Þ': "Th", 'þ': "th", '&': "+", '’': "'", '‘': "'", '–': "-", '—': "-",
		'_': "-", '"': "'", '«': "'", '»': "'", '\t': " ", '\n': " ", '\u00a0': " "}
	for like, all := range map[string]string{
		"A": "ÀÁÂÃÄÅĀĂĄ", "C": "ÇĆĈĊČ", "D": "ĎĐÐ", "E": "ÈÉÊËĒĔĖĘĚ", "G": "ĜĞĠĢ", "H": "ĤĦ", "I": "ÌÍÎÏĨĪĬĮİ", "J": "Ĵ", "K": "Ķ", "L": "ĹĻĽĿŁ",
		"N": "ÑŃŅŇ", "O": "ÒÓÔÕÖØŌŎŐ", "R": "ŔŖŘ", "S": "ŚŜŞŠȘ", "T": "ŢŤŦȚ", "U": "ÙÚÛÜŨŪŬŮŰŲ", "W": "Ŵ", "Y": "ÝŶŸ", "Z": "ŹŻŽ",
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł",
		"n": "ñńņňŉ", "o": "òóôõöøōŏő", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýŷÿ", "z": "źżž",
	} {
		for _, r := range all {
			m[r] = like
		}
	}
	return m
}()
