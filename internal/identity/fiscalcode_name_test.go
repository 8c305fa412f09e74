package identity_test

import (
	"testing"

	"portal/internal/identity"
)

func TestTheNameInsideACode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		six, given, family string
		want               bool
	}{
		{"RSSMRA", "Maria", "Rossi", true}, {"RSSMRA", "Mario", "Rossi", true}, {"RSSMRA", "Maria", "Bianchi", false},
		{"DLCSRA", "Sara", "De Luca", true}, {"MRNTMS", "Tommaso", "Marini", true}, {"FOXXXX", "X", "Fo", true}, {"FOXAIX", "Ai", "Fo", true},
		{"DNGNCL", "Niccolò", "D’Angelo", true}, {"CVLHSN", "Şan", "Üçhisar", false}, {"RSSMRA", "", "Rossi", false}, {"", "Maria", "Rossi", false},
	} {
		var code identity.FiscalCode
		if c.six != "" {
			code = identity.NewFiscalCode(c.six + "85C52H501")
		}
		if code.Named(c.given, c.family) != c.want {
			t.Errorf("%s of %s %s: %t", c.six, c.given, c.family, !c.want)
		}
	}
}
