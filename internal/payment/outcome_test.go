package payment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/payment"
)

const answered = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-11-27T08:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>PSI00007</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>%s</OrgnlGrpInfAndSts>
%s
</CstmrPmtStsRpt></Document>`

const payments = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>PSI00007</OrgnlPmtInfId>%s</OrgnlPmtInfAndSts>`

func bank(group, rest string) string { return fmt.Sprintf(answered, group, rest) }

// tx is what the bank says of an order.
func tx(id, status, rest string) string {
	return "<TxInfAndSts><OrgnlInstrId>" + id + "</OrgnlInstrId><OrgnlEndToEndId>" + id + "</OrgnlEndToEndId><TxSts>" + status + "</TxSts>" + rest + "</TxInfAndSts>"
}

// recorded is the day on which files are handed in: the one after that for which the bank
// was asked.
var recorded = calendar.NewDate(2026, 11, 27)

// settle reads a file and judges it against a run of three orders.
func settle(text string, states ...payment.OrderState) ([]payment.Settlement, int, error) {
	return settleOn(recorded, text, states...)
}

func settleOn(today calendar.Date, text string, states ...payment.OrderState) ([]payment.Settlement, int, error) {
	r, all := sentRun(150_00, 50_00, 49_99)
	orders := map[string]payment.Order{}
	for i, o := range all {
		if i < len(states) {
			if o.State = states[i]; o.State == payment.OrderReturned {
				o.Reason = "AC04"
			}
		}
		orders[o.EndToEnd] = o
	}
	report, err := payment.ReadOutcomes(strings.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	return report.Settle(r, orders, today)
}

// said is what becomes of orders, in one line each.
func said(all []payment.Settlement) (lines []string) {
	for _, s := range all {
		day := ""
		if !s.Order.ValueDay.IsZero() {
			day = s.Order.ValueDay.String()
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprint(s.Order.EndToEnd, " ", s.Order.State, " ", day, s.Order.Reason, " ", s.Order.Reference, " ", s.AccountFails)))
	}
	return lines
}

func TestTheBankAnswersForEachOrder(t *testing.T) {
	t.Parallel()
	all, open, err := settle(bank("<GrpSts>PART</GrpSts>", fmt.Sprintf(payments,
		tx("PSI00007-000001", "ACSC", `<AccptncDtTm>2026-11-27T07:10:00+01:00</AccptncDtTm><AcctSvcrRef>CRO 123</AcctSvcrRef>
			<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">150.00</InstdAmt></Amt></OrgnlTxRef>`)+
			tx("PSI00007-000002", "RJCT", `<StsRsnInf><Orgtr><Nm>x</Nm></Orgtr></StsRsnInf><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>chiuso</AddtlInf></StsRsnInf>`)+
			tx("PSI00007-000003", "PDNG", ""))))
	if err != nil || open != 1 {
		t.Fatal(open, err)
	}
	if got := said(all); !slices.Equal(got, []string{"PSI00007-000001 paid 2026-11-26 CRO 123", "PSI00007-000002 returned AC04  closed"}) {
		t.Errorf("%q", got)
	}
}

// The bank takes an order on one day, and the money has value on another: that is the
// one that counts in a certificate of a year.
func TestMoneyHasValueWhenTheBankSettlesIt(t *testing.T) {
	t.Parallel()
	settles := func(status, rest string) string {
		return bank("", fmt.Sprintf(payments, tx("PSI00007-000001", status, "<AccptncDtTm>2026-11-23T15:00:00+01:00</AccptncDtTm>"+rest)))
	}
	const settledOn = `<OrgnlTxRef><IntrBkSttlmDt>2026-11-27</IntrBkSttlmDt></OrgnlTxRef>`
	asked := calendar.NewDate(2026, 11, 26)
	for _, c := range []struct {
		today      calendar.Date
		text, want string // "" is open
	}{
		{asked.Add(-1), settles("ACSP", ""), ""},
		{asked.Add(-1), settles("ACSP", settledOn), ""},
		{asked.Add(-1), bank("<GrpSts>ACSP</GrpSts>", ""), ""},
		{asked, settles("ACSP", ""), "PSI00007-000001 paid 2026-11-26"},
		{asked, settles("ACSC", settledOn), "PSI00007-000001 paid 2026-11-27"},
		{asked, settles("ACCC", ""), "PSI00007-000001 paid 2026-11-26"},
	} {
		all, open, err := settleOn(c.today, c.text)
		if c.want == "" {
			if open == 0 || !errors.Is(err, payment.ErrNoOutcomes) {
				t.Errorf("%s %s: %v, %d open, %v", c.today, c.text, said(all), open, err)
			}
			continue
		}
		if got := said(all); err != nil || !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s %s: %q %v", c.today, c.text, got, err)
		}
	}
}

func TestMoneyHasNoValueBeforeItIsSentOrInTheFarFuture(t *testing.T) {
	t.Parallel()
	const head = "end_to_end;esito;importo;valuta;riferimento;motivo\n"
	sent := calendar.NewDate(2026, 11, 23)
	for day, good := range map[calendar.Date]bool{sent.Add(-1): false, sent: true, recorded.Add(payment.ValueWithin): true, recorded.Add(payment.ValueWithin + 1): false,
		calendar.NewDate(2062, 11, 27): false} {
		for _, text := range []string{head + "PSI00007-000001;pagato;150,00;" + day.String() + ";;\n",
			bank("", fmt.Sprintf(payments, tx("PSI00007-000001", "ACSC", "<OrgnlTxRef><IntrBkSttlmDt>"+day.String()+"</IntrBkSttlmDt></OrgnlTxRef>")))} {
			_, _, err := settle(text)
			if good && err != nil || !good && !strings.Contains(strings.Join(faults(t, err), " "), "value_day PSI00007-000001") {
				t.Errorf("%s: %v", day, err)
			}
		}
	}
}

// XML schema writes an amount with any number of zeros after the cents.
func TestZerosAfterTheCentsAreNothing(t *testing.T) {
	t.Parallel()
	worth := func(amount string) string {
		return bank("", fmt.Sprintf(payments, tx("PSI00007-000001", "ACSC", `<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">`+amount+`</InstdAmt></Amt></OrgnlTxRef>`)))
	}
	for _, amount := range []string{"150", "150.0", "150.00", "150.000", "150.00000"} {
		if all, _, err := settle(worth(amount)); err != nil || len(all) != 1 {
			t.Errorf("%s: %v", amount, err)
		}
	}
	for _, amount := range []string{"150.001", "150.00100", "150.0a0", "1.500000,00"} {
		if _, _, err := settle(worth(amount)); !slices.Equal(faults(t, err), []string{"5 amount_unreadable PSI00007-000001"}) {
			t.Errorf("%s: %v", amount, err)
		}
	}
}

func TestAnAnswerForTheGroupIsOneForEveryOrder(t *testing.T) {
	t.Parallel()
	all, _, err := settle(bank("<GrpSts>ACSC</GrpSts>", ""))
	if paid, returned := payment.Counts(all); err != nil || paid != 3 || returned != 0 || all[0].Order.ValueDay != calendar.NewDate(2026, 11, 26) {
		t.Error(all, err)
	}
	all, _, err = settle(bank("", fmt.Sprintf(payments, "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>")))
	if paid, returned := payment.Counts(all); err != nil || paid != 0 || returned != 3 || all[0].Order.Reason != "AM04" || all[0].AccountFails != "" {
		t.Error(all, err)
	}
	if _, _, err := settle(bank("<GrpSts>ACTC</GrpSts>", "")); !errors.Is(err, payment.ErrNoOutcomes) {
		t.Errorf("a file that was only received: %v", err)
	}
}

func TestTheBankAnswersInASpreadsheet(t *testing.T) {
	t.Parallel()
	const head = "\ufeffend_to_end;esito;importo;valuta;riferimento;motivo\r\n"
	all, _, err := settle(head + "PSI00007-000001;pagato;150,00;27/11/2026;CRO1;\r\nPSI00007-000002;Restituito;50,00;;;be01\r\n\"PSI00007-000003\";pagato;49,99;2026-11-28;;\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := said(all); !slices.Equal(got, []string{"PSI00007-000001 paid 2026-11-27 CRO1", "PSI00007-000002 returned BE01  wrong_holder", "PSI00007-000003 paid 2026-11-28"}) {
		t.Errorf("%q", got)
	}
}

// faults are what is wrong with a file, as "line code id".
func faults(t *testing.T, err error) []string {
	t.Helper()
	var all payment.OutcomeFaults
	if !errors.As(err, &all) || !errors.Is(err, payment.ErrOutcomes) {
		t.Fatalf("no faults: %v", err)
	}
	lines := make([]string, len(all))
	for i, f := range all {
		lines[i] = strings.TrimSpace(fmt.Sprint(f.Line, " ", f.Code, " ", f.ID))
	}
	return lines
}

func TestAFileWithOneFaultRecordsNothingAndNamesEach(t *testing.T) {
	t.Parallel()
	const head = "end_to_end;esito;importo;valuta;riferimento;motivo\n"
	deep := strings.Repeat("<x>", 40) + strings.Repeat("</x>", 40)
	for what, c := range map[string]struct {
		text   string
		states []payment.OrderState
		want   []string
	}{
		"rows": {text: head + "PSI00007-000009;pagato;1,00;2026-11-27;;\nPSI00007-000001;pagato;150,01;2026-11-27;;\n" +
			"PSI00007-000002;pagato;50,00;2026-11-27;;\nPSI00007-000002;pagato;50,00;2026-11-27;;\n",
			want: []string{"2 unknown PSI00007-000009", "3 amount PSI00007-000001", "5 twice PSI00007-000002"}},
		"cells": {text: head + "PSI00007-000001;boh;150,00;2026-11-27;;\nPSI00007-000001;pagato;tanti;2026-11-27;;\nPSI00007-000001;pagato;150,00;;;\n" +
			"PSI00007-000001;restituito;150,00;;;chiuso\n;pagato;1,00;2026-11-27;;\nPSI00007-000001;pagato;150,00;31/11/2026;;\nx;y\n" +
			"PSI00007-000001;pagato;150,00;2026-11-27;" + strings.Repeat("R", 36) + ";\n",
			want: []string{"2 status PSI00007-000001", "3 amount_unreadable PSI00007-000001", "4 day PSI00007-000001", "5 reason PSI00007-000001", "6 no_id",
				"7 day PSI00007-000001", "8 fields", "9 reference PSI00007-000001"}},
		"not sent, or answered": {text: head + "PSI00007-000001;pagato;150,00;2026-11-27;;\nPSI00007-000002;pagato;50,00;2026-11-27;;\nPSI00007-000003;restituito;49,99;;;AC01\n",
			states: []payment.OrderState{payment.OrderReleased, payment.OrderReturned, payment.OrderReturned},
			want:   []string{"2 not_sent PSI00007-000001", "3 answered PSI00007-000002", "4 answered PSI00007-000003"}},
		"other columns":        {text: "id;esito\n", want: []string{"1 columns"}},
		"nothing":              {text: " \n", want: []string{"0 empty"}},
		"quotes":               {text: head + "\"PSI;pagato\n", want: []string{"2 quotes"}},
		"another message":      {text: strings.ReplaceAll(bank("<GrpSts>ACSC</GrpSts>", ""), "<OrgnlMsgId>PSI00007", "<OrgnlMsgId>PSI00008"), want: []string{"0 other_message PSI00008"}},
		"no message":           {text: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt></CstmrPmtStsRpt></Document>`, want: []string{"1 no_message"}},
		"another kind of file": {text: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>`, want: []string{"1 not_pain002"}},
		"a document type":      {text: `<!DOCTYPE x [<!ENTITY a "b">]>` + bank("", ""), want: []string{"1 dtd"}},
		"an entity":            {text: bank("<GrpSts>&a;</GrpSts>", ""), want: []string{"4 not_xml"}},
		"a stylesheet":         {text: `<?xml-stylesheet href="x"?>` + bank("", ""), want: []string{"1 not_xml"}},
		"depth without end":    {text: bank("", deep), want: []string{"5 too_deep"}},
		"half a file":          {text: bank("", "")[:200], want: []string{"4 not_xml"}},
		"a currency":           {text: bank("", fmt.Sprintf(payments, tx("PSI00007-000001", "ACSC", `<OrgnlTxRef><Amt><InstdAmt Ccy="CHF">150.00</InstdAmt></Amt></OrgnlTxRef>`))), want: []string{"5 amount_unreadable PSI00007-000001"}},
		"an unknown status":    {text: bank("", fmt.Sprintf(payments, tx("PSI00007-000001", "OKAY", ""))), want: []string{"5 status PSI00007-000001"}},
	} {
		all, _, err := settle(c.text, c.states...)
		if got := faults(t, err); !slices.Equal(got, c.want) || all != nil {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func TestWhatIsSaidAgainChangesNothingAndMoneyMayComeBack(t *testing.T) {
	t.Parallel()
	const head = "end_to_end;esito;importo;valuta;riferimento;motivo\n"
	again := head + "PSI00007-000001;pagato;150,00;2026-11-27;;\nPSI00007-000002;restituito;50,00;;;AC04\n"
	if _, _, err := settle(again, payment.OrderPaid, payment.OrderReturned); !errors.Is(err, payment.ErrNoOutcomes) {
		t.Errorf("said again: %v", err)
	}
	all, _, err := settle(head+"PSI00007-000001;restituito;150,00;;;MD07\n", payment.OrderPaid)
	if err != nil || len(all) != 1 || all[0].Was != payment.OrderPaid || all[0].Order.State != payment.OrderReturned || all[0].AccountFails != payment.SentBack {
		t.Error(all, err)
	}
}

func TestBanksRestAtWeekendsAndOnTheirHolidays(t *testing.T) {
	t.Parallel()
	for day, open := range map[string]bool{
		"2026-11-23": true, "2026-11-22": false, "2026-11-21": false, "2026-12-08": true, "2026-12-25": false, "2026-01-01": false,
		"2026-04-03": false, "2026-04-06": false, "2026-04-07": true, "2026-05-01": false, "2026-06-02": true,
	} {
		d, err := calendar.ParseDate(day)
		if err != nil || payment.BankDay(d) != open {
			t.Errorf("%s: %v", day, !open)
		}
	}
	today := calendar.NewDate(2026, 12, 24)
	if next := payment.NextBankDay(today); next != calendar.NewDate(2026, 12, 28) {
		t.Error(next)
	}
	for d, want := range map[calendar.Date]error{today: nil, today.Add(-1): payment.ErrExecutePast, today.Add(1): payment.ErrExecuteOn, today.Add(32): payment.ErrExecuteFar} {
		if err := payment.MayExecuteOn(d, today); !errors.Is(err, want) {
			t.Errorf("%s: %v", d, err)
		}
	}
}

// The bank's file may say anything: it is read, or its faults are named, and nothing
// else happens.
func FuzzReadOutcomes(f *testing.F) {
	f.Add(bank("<GrpSts>PART</GrpSts>", fmt.Sprintf(payments, tx("PSI00007-000001", "ACSC", ""))))
	f.Add("end_to_end;esito;importo;valuta;riferimento;motivo\nPSI00007-000001;pagato;150,00;27/11/2026;CRO1;\n")
	f.Add("<!DOCTYPE a>")
	f.Fuzz(func(t *testing.T, text string) {
		all, _, err := settle(text)
		if err != nil && !errors.Is(err, payment.ErrOutcomes) && !errors.Is(err, payment.ErrNoOutcomes) {
			t.Fatal(err)
		}
		for _, s := range all {
			if s.Order.State != payment.OrderPaid && s.Order.Reason == "" || s.Order.Amount == money.Amount(0) {
				t.Fatalf("%+v", s)
			}
		}
	})
}
