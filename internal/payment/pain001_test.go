package payment_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/money"
	"portal/internal/payment"
)

// sentRun is a run of so many orders, as it is sent; orders name what each is worth.
func sentRun(amounts ...money.Amount) (payment.Run, []payment.Order) {
	r := payment.Run{ID: "run", Number: 7, State: payment.SentRun, Orders: len(amounts), ExecuteOn: calendar.NewDate(2026, 11, 26),
		Selection: payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(2026, 10, 1)},
		Debtor:    payment.Debtor{Name: "Istituto Nazionale Previdenza Sociale", IBAN: "IT70L0100003245350200020350"}}
	r.Sent.At = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)
	var all []payment.Order
	for i, a := range amounts {
		r.Amount += a
		r.SentOrders, r.SentAmount = i+1, r.Amount
		all = append(all, payment.Order{ID: payment.OrderID(fmt.Sprint("order-", i+1)), Number: i + 1, EndToEnd: r.EndToEnd(i + 1), Payee: "payee", Holder: "Niccolò D’Àvila & Søn",
			IBAN: "IT60X0542811101000000123456", Amount: a, State: payment.OrderSent, Lines: 1})
	}
	return r, all
}

func seq[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func file(t testing.TB, r payment.Run, orders []payment.Order) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := payment.WriteFile(&b, r, seq(orders)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// xmllint is the program that holds a file to a schema. Nobody goes without: where it
// is missing, .ci/need brings it or says how.
func xmllint(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("xmllint"); err == nil {
		return path
	}
	out, err := exec.Command("../../.ci/need", "xmllint").CombinedOutput()
	if err != nil {
		t.Fatalf("%s", out)
	}
	lines := strings.Fields(string(out))
	return lines[len(lines)-1]
}

func valid(t testing.TB, file []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.xml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(xmllint(t), "--noout", "--nonet", "--schema", "testdata/pain.001.001.09.xsd", path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func TestTheFileForTheBankIsTheOneThatWasAgreed(t *testing.T) {
	t.Parallel()
	r, orders := sentRun(150_00, 50_00, 49_99)
	got := file(t, r, orders)
	want, err := os.ReadFile("testdata/pain.001.xml")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s", err, got)
	}
	if again := file(t, r, orders); !bytes.Equal(got, again) {
		t.Error("the same run gives two files")
	}
	if err := valid(t, got); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaFindsWhatABankWouldRefuse(t *testing.T) {
	t.Parallel()
	r, orders := sentRun(150_00)
	good := string(file(t, r, orders))
	for what, change := range map[string][2]string{
		"an amount without cents":    {`<InstdAmt Ccy="EUR">150.00<`, `<InstdAmt Ccy="EUR">150<`},
		"another currency":           {`Ccy="EUR"`, `Ccy="USD"`},
		"nothing to pay":             {`EUR">150.00`, `EUR">0.00`},
		"an accent":                  {"Niccolo", "Niccolò"},
		"an IBAN with blanks":        {"IT60X0542811101000000123456", "IT60 X054 2811 1010 0000 0123 456"},
		"no name of the payee":       {"<Nm>Niccolo D&#39;Avila + Son</Nm>", ""},
		"an id that is too long":     {"<EndToEndId>PSI", "<EndToEndId>" + strings.Repeat("P", 30)},
		"a day that does not exist":  {"2026-11-26", "2026-11-31"},
		"a part in the wrong place":  {"<PmtMtd>TRF</PmtMtd>", "<ChrgBr>SLEV</ChrgBr>"},
		"a cheque":                   {">TRF<", ">CHK<"},
		"no transaction":             {"CdtTrfTxInf", "CdtTrfTxInfo"},
		"the message of another age": {"pain.001.001.09", "pain.001.001.03"},
	} {
		bad := strings.ReplaceAll(good, change[0], change[1])
		if bad == good {
			t.Errorf("%s: nothing changed", what)
		}
		if valid(t, []byte(bad)) == nil {
			t.Errorf("%s is taken for valid", what)
		}
	}
}

// Whatever a run pays, its file says so to the cent: count, sum, and every order once.
func TestAFileSumsToItsOrders(t *testing.T) {
	t.Parallel()
	type transfer struct {
		ID  string `xml:"PmtId>EndToEndId"`
		Sum string `xml:"Amt>InstdAmt"`
	}
	type document struct {
		Header struct {
			Count int    `xml:"NbOfTxs"`
			Sum   string `xml:"CtrlSum"`
		} `xml:"CstmrCdtTrfInitn>GrpHdr"`
		Sum string     `xml:"CstmrCdtTrfInitn>PmtInf>CtrlSum"`
		All []transfer `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
	}
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Map(rapid.Int64Range(1, 999_999_99), func(n int64) money.Amount { return money.Amount(n) }), 1, 60).Draw(t, "amounts")
		r, orders := sentRun(amounts...)
		for i := range orders {
			orders[i].Holder = rapid.String().Draw(t, "holder")
		}
		var b bytes.Buffer
		if err := payment.WriteFile(&b, r, seq(orders)); err != nil {
			t.Fatal(err)
		}
		var d document
		if err := xml.Unmarshal(b.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		var sum money.Amount
		seen := map[string]bool{}
		for _, x := range d.All {
			cents, err := money.Parse(strings.ReplaceAll(x.Sum, ".", ","))
			if err != nil || seen[x.ID] {
				t.Fatalf("%+v: %v", x, err)
			}
			seen[x.ID], sum = true, sum+cents
		}
		if d.Header.Count != len(orders) || len(d.All) != len(orders) || sum != r.Amount || d.Header.Sum != r.Amount.Decimal() || d.Sum != r.Amount.Decimal() {
			t.Fatalf("%+v has %d transfers for %s", d.Header, len(d.All), sum)
		}
	})
}

func TestAFileThatIsNotItsRunIsNoFile(t *testing.T) {
	t.Parallel()
	r, orders := sentRun(150_00, 50_00)
	for what, change := range map[string]func(){
		"an order less":    func() { orders = orders[:1] },
		"a cent more":      func() { orders[0].Amount++ },
		"the run says two": func() { r.SentOrders++ },
	} {
		keptRun, kept := r, append([]payment.Order{}, orders...)
		change()
		if err := payment.WriteFile(&bytes.Buffer{}, r, seq(orders)); !errors.Is(err, payment.ErrLedger) {
			t.Errorf("%s: %v", what, err)
		}
		r, orders = keptRun, kept
	}
	broken := errors.New("the database went away")
	err := payment.WriteFile(&bytes.Buffer{}, r, func(yield func(payment.Order, error) bool) { yield(payment.Order{}, broken) })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestNamesAreWrittenAsEveryBankTakesThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Niccolò D’Àvila & Søn":   "Niccolo D'Avila + Son",
		"Müller – Weiß STP S.r.l": "Muller - Weiss STP S.r.l",
		"  Žiga   Čop ":           "Ziga Cop",
		"/a//b///c/":              "a/b/c",
		"名":                       ".",
		"":                        ".",
		"O'Neill <x>":             "O'Neill .x.",
		strings.Repeat("è", 80):   strings.Repeat("e", 70),
	} {
		if got := payment.Latin(text, 70); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}

// What is frozen is what is sent: any change of an order or a line shows in the digest.
func TestADigestNoticesEveryChange(t *testing.T) {
	t.Parallel()
	rows := func() []payment.Row {
		_, orders := sentRun(100_00, 50_00)
		return []payment.Row{
			{Order: orders[0], Line: payment.Line{Booking: "b1", Invoice: "i1", Edition: "2025", Territory: "Lazio", Amount: 50_00}},
			{Order: orders[0], Line: payment.Line{Booking: "b2", Invoice: "i1", Edition: "2025", Territory: "Lazio", Amount: 50_00}},
			{Order: orders[1], Line: payment.Line{Booking: "b3", Invoice: "i2", Edition: "2025", Territory: "Lazio", Amount: 50_00, Repairs: 4}},
		}
	}
	sum := func(rows []payment.Row) payment.Sums {
		s, err := payment.Sum(seq(rows))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	was := sum(rows())
	if was.Orders != 2 || was.Lines != 3 || was.OrdersAmount != 150_00 || was.LinesAmount != 150_00 || len(was.Digest) != sha256.Size {
		t.Errorf("%+v", was)
	}
	for what, change := range map[string]func([]payment.Row){
		"IBAN": func(r []payment.Row) {
			r[0].IBAN, r[1].IBAN = iban.IBAN("IT70L0100003245350200020350"), "IT70L0100003245350200020350"
		},
		"holder":    func(r []payment.Row) { r[2].Holder = "Altri" },
		"payee":     func(r []payment.Row) { r[2].Payee = "another" },
		"amount":    func(r []payment.Row) { r[2].Amount++ },
		"line":      func(r []payment.Row) { r[1].Line.Amount-- },
		"booking":   func(r []payment.Row) { r[1].Line.Booking = "b9" },
		"invoice":   func(r []payment.Row) { r[1].Line.Invoice = "i9" },
		"territory": func(r []payment.Row) { r[1].Line.Territory = "Molise" },
		"repair":    func(r []payment.Row) { r[2].Line.Repairs = 0 },
		"order":     func(r []payment.Row) { r[1], r[2] = r[2], r[1] },
	} {
		changed := rows()
		change(changed)
		if bytes.Equal(sum(changed).Digest, was.Digest) {
			t.Errorf("another %s has the same digest", what)
		}
	}
}
