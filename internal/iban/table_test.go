package iban

import "testing"

func TestATableThatContradictsItselfIsNotRead(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"IT\t27\ta1n10c11\n", "IT\t27\n", "IT\tventisette\ta1n10c12\n", "IT\t27\tx23\n", "IT\t27\tn\n"} {
		if _, err := readCountries(table); err == nil {
			t.Errorf("%q was read", table)
		}
	}
}

// The 41 countries of the SEPA schemes, and Gibraltar, which has IBANs of its own.
func TestTheTableHasEveryCountryOfSEPA(t *testing.T) {
	t.Parallel()
	if len(countries) != 42 {
		t.Errorf("%d countries", len(countries))
	}
	for name, c := range countries {
		if len(name) != 2 || c.length < 15 || c.length > 34 {
			t.Errorf("%s: %d characters", name, c.length)
		}
	}
}
