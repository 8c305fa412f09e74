package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/indemnity"
)

// publication is the file of a ranking of the example of the contract, signed with a key.
func publication(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	text := contents(t, exampleBatch)
	batch, err := indemnity.ReadBatch(exampleBatch, strings.NewReader(text), int64(len(text)), all[0])
	if err != nil {
		t.Fatal(err)
	}
	var cases []indemnity.FrozenCase
	for _, f := range batch.Applications {
		cases = append(cases, indemnity.FrozenCase{Facts: f})
	}
	frozen, err := indemnity.Freeze(cases)
	if err != nil {
		t.Fatal(err)
	}
	made := indemnity.MakeRanking(&batch.Call, batch.On, nil, frozen)
	r := indemnity.Ranking{ID: "r", Call: batch.Call, On: batch.On, Summary: made.Summary, Publication: 1,
		Published: identity.Hand{At: time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)}}
	if r.Digests, err = made.Digests(); err != nil {
		t.Fatal(err)
	}
	if err := r.Sign(key); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := indemnity.WritePublication(&file, r, made); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

func TestAPublicationIsVerifiedFromItsFile(t *testing.T) {
	t.Parallel()
	key, other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	public := func(k ed25519.PrivateKey) string {
		return base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
	}
	file := filepath.Join(t.TempDir(), "ranking.txt")
	write0600(t, file, publication(t, key))
	for _, args := range [][]string{{file}, {file, "--key", public(key)}} {
		if a := ask(t, nil, append([]string{"verify"}, args...)...); a.code != done || a.err != "" || !strings.HasPrefix(a.out, "identical: publication 1 of call 2026-05, ") {
			t.Errorf("%v: %+v", args, a)
		}
	}
	if a := ask(t, nil, "verify", file, "--key", public(other)); a.code != failed || a.out != "" || a.err != file+": manifest: was signed by another key\n" {
		t.Errorf("by another key: %+v", a)
	}
	altered := strings.Replace(contents(t, file), `"funding_status": "funded"`, `"funding_status": "fundee"`, 1)
	write0600(t, file, altered)
	if a := ask(t, nil, "verify", file); a.code != failed || a.out != "" || !strings.Contains(a.err, ": results: D") {
		t.Errorf("altered: %+v", a)
	}
	write0600(t, file, "nothing of the kind")
	if a := ask(t, nil, "verify", file); a.code != failed || a.err != file+": file: is not the file of a publication\n" {
		t.Errorf("another file: %+v", a)
	}
	if a := ask(t, nil, "verify", file, "--key", "x"); a.code != wrongUsage {
		t.Errorf("no key: %+v", a)
	}
	if a := ask(t, nil, "verify", filepath.Join(t.TempDir(), "nowhere")); a.code != failed || !strings.HasPrefix(a.err, "portal: ") {
		t.Errorf("no file: %+v", a)
	}
}
