package voucher

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/batch"
)

func FuzzRowsAreThoseOfEncodingCSV(f *testing.F) {
	for _, text := range []string{"", "a,b\nc\n", "\"a\"\"b\",\n\n,\"c\nd\"", "\"a", "a\"b\nc", "\"a\"b\nc,d", "a,\"b\nc\"d\"\ne", ",,\n\"\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\r\ufeff") {
			t.Skip("encoding/csv changes CR LF, and knows no byte order mark")
		}
		theirs := csv.NewReader(strings.NewReader(text))
		theirs.FieldsPerRecord = -1
		ours := newRows(strings.NewReader(text))
		for {
			want, wantErr := theirs.Read()
			err := ours.next()
			if (err == nil) != (wantErr == nil) || (err == io.EOF) != (wantErr == io.EOF) {
				t.Fatalf("%q: %v, encoding/csv: %v", text, err, wantErr)
			}
			if err != nil {
				return // after a quote that may not stand there each goes on in its own way
			}
			var got []string
			for _, field := range ours.fields {
				got = append(got, string(field))
			}
			if line, _ := theirs.FieldPos(0); !slices.Equal(got, want) || ours.line != line {
				t.Fatalf("%q, line %d: %q, encoding/csv in line %d: %q", text, ours.line, got, line, want)
			}
		}
	})
}

func FuzzWhatIsTakenIsTakenAgain(f *testing.F) {
	const header = "application_id,territory,isee,isee_status,submitted_at\n"
	f.Add(header + "A,Lazio,1.00,valid,2022-09-28T12:10:48.145508Z\n\"B\n\",\"\",,missing,2022-09-28T12:10:48.145508Z")
	f.Add(header + "A,Lazio,1.00,valid,2022-09-28T12:10:48.145508Z\nA,Lazio,x,,\n\"")
	f.Add("\ufeff" + header + "\"\"\"A\",Valle d'Aosta,1.00,defective,2022-02-30T12:10:48.145508Z\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		taken, err := ReadApplications("a.csv", strings.NewReader(text), int64(len(text)))
		if flaws := (*batch.Flaws)(nil); err != nil {
			if !errors.As(err, &flaws) || strings.Count(flaws.Error(), "\n") != len(flaws.First) || len(flaws.First) != min(flaws.Count, batch.MostFlaws) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		b := []byte(header)
		for i, c := range taken {
			if i > 0 && c.ID <= taken[i-1].ID {
				t.Fatalf("%q: %q comes after %q", text, c.ID, taken[i-1].ID)
			}
			b = append(appendQuoted(b, c.ID), ',')
			b = append(appendQuoted(b, c.Territory), ',')
			if c.ISEEStatus != ISEEMissing {
				b = batch.AppendDecimal(b, c.ISEE)
			}
			b = append(append(append(b, ','), c.ISEEStatus...), ',')
			b = append(time.UnixMicro(c.SubmittedAt).UTC().AppendFormat(b, microseconds), '\n')
		}
		again, err := ReadApplications("a.csv", bytes.NewReader(b), 0)
		if err != nil || !slices.Equal(again, taken) {
			t.Fatalf("%q is taken as %+v, and %q as %+v, %v", text, taken, b, again, err)
		}
	})
}

// microseconds is how RFC 3339 writes an instant with them.
const microseconds = "2006-01-02T15:04:05.000000Z07:00"

func FuzzAnInstantIsOneOfTheCalendar(f *testing.F) {
	for _, text := range []string{"2022-09-28T12:10:48.145508Z", "2024-02-29T00:00:00.000000Z", "2023-02-29T00:00:00.000000Z", "2022-00-10T00:00:00.000000Z",
		"2022-13-10T00:00:00.000000Z", "2022-10-00T00:00:00.000000Z", "2022-10-10T24:00:00.000000Z", "2022-10-10T23:60:00.000000Z", "2022-10-10T23:59:60.000000Z",
		"0000-01-01T00:00:00.000000Z", "2022-10-10t00:00:00.000000z", "2022-10-10T00:00:00,000000Z", "2022-10-10T00:00:00.000000+00:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := time.Parse(microseconds, text)
		if valid := err == nil && want.Format(microseconds) == text && strings.HasSuffix(text, "Z"); !valid {
			if got, ok := instant([]byte(text)); ok {
				t.Errorf("%q is %d", text, got)
			}
			return
		}
		if got, ok := instant([]byte(text)); !ok || got != want.UnixMicro() {
			t.Errorf("%q is %d, %t; want %d", text, got, ok, want.UnixMicro())
		}
	})
}

func FuzzMoneyIsWrittenAsItIsRead(f *testing.F) {
	for _, text := range []string{"0.00", "1234.50", "-1.00", "-0.00", "00.10", "1.0", ".00", "9999999999999.99", "10000000000000.00", "1e3.00", "٣.00", "+1.00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, what := batch.Decimal([]byte(text))
		if what != "" {
			return
		}
		want := strings.TrimLeft(text[:len(text)-3], "0")
		if want == "" {
			want = "0"
		}
		want += text[len(text)-3:]
		if got := string(batch.AppendDecimal(nil, amount)); got != want || got != amount.Decimal() || amount < 0 {
			t.Errorf("%q is %d, written %q", text, amount, got)
		}
	})
}
