package registry_test

import (
	"errors"
	"path/filepath"
	"testing"

	"portal/internal/iban"
	"portal/internal/payment"
	"portal/internal/registry"
)

func TestTheBanksTellWhoseAnAccountIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "conti.csv")
	mine, slow, shut := iban.New("IT", "0999911101000000000001"), iban.New("IT", "0999911101000000000002"), iban.New("IT", "0999911101000000000003")
	odd, mute := iban.New("IT", "0999911101000000000004"), iban.New("IT", "0999911101000000000005")
	if err := registry.WriteAccounts(path, [][]string{
		{string(mine), string(maria), "match", ""}, {string(slow), string(maria), "close_match", "slow:10ms"}, {string(shut), string(maria), "closed", ""},
		{string(odd), string(maria), "perhaps", ""}, {string(mute), string(maria), "match", "silent"},
	}); err != nil {
		t.Fatal(err)
	}
	bank := registry.NewBank(path, patience)
	for of, want := range map[iban.IBAN]payment.BankAnswer{mine: payment.Matches, slow: payment.MatchesNearly, shut: payment.ShutAccount,
		iban.New("DE", "370400440532013000"): payment.NotKnown} {
		if got, err := bank.Check(t.Context(), of, "Maria Rossi", maria); err != nil || got != want {
			t.Errorf("%s: %q, %v", of, got, err)
		}
	}
	if got, err := bank.Check(t.Context(), mine, "Luca Ferrari", luca); err != nil || got != payment.MatchesNot {
		t.Errorf("somebody else's: %q, %v", got, err)
	}
	for _, of := range []iban.IBAN{odd, mute} {
		if _, err := bank.Check(t.Context(), of, "Maria Rossi", maria); !errors.Is(err, payment.ErrBankSilent) {
			t.Errorf("%s: %v", of, err)
		}
	}
	if _, err := registry.NewBank("", patience).Check(t.Context(), mine, "", maria); !errors.Is(err, payment.ErrBankSilent) {
		t.Errorf("without a file: %v", err)
	}
}
