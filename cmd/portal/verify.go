package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"portal/internal/indemnity"
)

// VerifyCmd makes a published ranking again from its file.
type VerifyCmd struct {
	File string `arg:"" placeholder:"FILE" help:"The file of a publication; - for standard input."`
	Key  string `placeholder:"KEY" help:"The public key that publications of the body are signed with, in base64. Empty: the one that the file names, which proves only that the file is whole."`
}

// Validate refuses what is no key.
func (c *VerifyCmd) Validate() error {
	_, err := c.key()
	return err
}

func (c *VerifyCmd) key() (ed25519.PublicKey, error) {
	key, err := base64.StdEncoding.DecodeString(c.Key)
	if err != nil || c.Key != "" && len(key) != ed25519.PublicKeySize {
		return nil, errors.New("--key is not a public key of Ed25519 in base64")
	}
	if c.Key == "" {
		return nil, nil
	}
	return key, nil
}

// Run verifies, and names each part and row that is not as it was published.
func (c *VerifyCmd) Run(ctx context.Context, s streams) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	file, err := read(ctx, c.File, func(r io.Reader, _ int64) ([]byte, error) { return io.ReadAll(r) })
	if err != nil {
		return err
	}
	m, wrong := indemnity.VerifyPublication(file, key)
	for _, d := range wrong {
		fmt.Fprintf(s.err, "%s: %s\n", c.File, d)
	}
	if len(wrong) > 0 {
		return exitCode(failed)
	}
	fmt.Fprintf(s.out, "identical: publication %d of call %s, %d applications, signed by %s\n", m.Publication, m.Call, m.Applications, m.Key)
	return nil
}
