package document

import (
	"bytes"
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

// Seal encrypts the content of the paper with an id: a row moved to another paper
// does not open.
func (k Keys) Seal(content []byte, id string) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, wrapper{k.wrap, id})
	if err != nil {
		return nil, fmt.Errorf("seal document %s: %w", id, err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("seal document %s: %w", id, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal document %s: %w", id, err)
	}
	return sealed.Bytes(), nil
}

// ErrSealed says that a stored paper does not open with this key: the key in use
// is not the one it was sealed with, or the paper is another one.
var ErrSealed = errors.New("the stored document does not open with this key")

// Open is the content that was sealed for an id.
func (k Keys) Open(sealed []byte, id string) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), wrapper{k.wrap, id})
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", id, ErrSealed)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", id, ErrSealed)
	}
	return content, nil
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
