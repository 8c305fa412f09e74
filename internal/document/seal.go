package document

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// MasterKeyLength is the length of the master key of papers, in bytes.
const MasterKeyLength = 32

// Keys keep papers: each is encrypted by age with a key of its own, which is
// wrapped with a key that the database does not hold.
type Keys struct {
	wrap cipher.AEAD
}

// NewKeys derives the wrapping key from the master key.
func NewKeys(master []byte) (Keys, error) {
	if len(master) != MasterKeyLength {
		return Keys{}, fmt.Errorf("the master key of the documents has %d bytes: it needs %d", len(master), MasterKeyLength)
	}
	secret, err := hkdf.Key(sha256.New, master, nil, "portal document wrap", 32)
	if err != nil {
		return Keys{}, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return Keys{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Keys{aead}, err
}

// Seal reads what a paper becomes when it is encrypted for an id: a row moved to
// another paper does not open.
func (k Keys) Seal(paper io.Reader, id string) (io.Reader, error) {
	sealed, err := age.EncryptReader(paper, wrapper{k.wrap, id})
	if err != nil {
		return nil, fmt.Errorf("seal document %s: %w", id, err)
	}
	return sealed, nil
}

// ErrSealed says that a stored paper does not open with this key: the key in use
// is not the one it was sealed with, the paper is another one, or a part of it is
// missing.
var ErrSealed = errors.New("the stored document does not open with this key")

// Open reads what was sealed for an id. Each part is checked before it is handed
// out, and the end at the end: a paper is whole when it was read to io.EOF. An
// error of the reader below comes through as it is.
func (k Keys) Open(sealed io.Reader, id string) (io.Reader, error) {
	o := &opened{below: sealed, id: id}
	paper, err := age.Decrypt(source{o}, wrapper{k.wrap, id})
	if err != nil {
		return nil, o.explain()
	}
	o.paper = paper
	return o, nil
}

// opened is a paper that is read, and what stopped its source.
type opened struct {
	paper, below io.Reader
	id           string
	stopped      error
}

// Read is the paper.
func (o *opened) Read(p []byte) (int, error) {
	n, err := o.paper.Read(p)
	if err != nil && err != io.EOF {
		err = o.explain()
	}
	return n, err
}

func (o *opened) explain() error {
	if o.stopped != nil {
		return fmt.Errorf("document %s: %w", o.id, o.stopped)
	}
	return fmt.Errorf("document %s: %w", o.id, ErrSealed)
}

// source is the sealed bytes below.
type source struct{ *opened }

// Read is what age reads.
func (s source) Read(p []byte) (int, error) {
	n, err := s.below.Read(p)
	if err != nil && err != io.EOF {
		s.stopped = err
	}
	return n, err
}

// wrapper is who a paper is encrypted to, and who opens it, for age: the holder of
// the wrapping key.
type wrapper struct {
	wrap cipher.AEAD
	id   string
}

const stanza = "portal-document"

// Wrap is called by age with the key of the paper.
func (w wrapper) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: stanza, Body: w.wrap.Seal(nil, nil, fileKey, []byte(w.id))}}, nil
}

// Unwrap is called by age for the key of the paper.
func (w wrapper) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanza {
		return nil, age.ErrIncorrectIdentity
	}
	key, err := w.wrap.Open(nil, nil, stanzas[0].Body, []byte(w.id))
	if err != nil {
		return nil, age.ErrIncorrectIdentity
	}
	return key, nil
}
