package voucher

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Keys keep codes: the database holds for each a keyed hash, by which it is
// found, and a ciphertext, by which its holder can read it again. Without the
// master key neither can be made from the other, nor a code guessed off line.
type Keys struct {
	index []byte
	seal  cipher.AEAD
}

// MasterKeyLength is the length of the master key, in bytes.
const MasterKeyLength = 32

// NewKeys derives the keys of the codes from the master key.
func NewKeys(master []byte) (Keys, error) {
	if len(master) != MasterKeyLength {
		return Keys{}, fmt.Errorf("the master key of the codes has %d bytes: it needs %d", len(master), MasterKeyLength)
	}
	derive := func(use string) ([]byte, error) {
		return hkdf.Key(sha256.New, master, nil, "portal voucher code "+use, 32)
	}
	index, err := derive("index")
	if err != nil {
		return Keys{}, err
	}
	secret, err := derive("seal")
	if err != nil {
		return Keys{}, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return Keys{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return Keys{}, err
	}
	return Keys{index, aead}, nil
}

// Index is the keyed hash under which a code is found.
func (k Keys) Index(c Code) []byte {
	h := hmac.New(sha256.New, k.index)
	h.Write([]byte(c))
	return h.Sum(nil)
}

// Seal encrypts a code for one voucher: a row moved to another voucher does not open.
func (k Keys) Seal(c Code, of ID) []byte {
	return k.seal.Seal(nil, nil, []byte(c), []byte(of))
}

// ErrSealed says that a stored code does not open with this key: the key in use
// is not the one the codes were sealed with.
var ErrSealed = errors.New("the stored code does not open with this key")

// Open is the code that was sealed for a voucher.
func (k Keys) Open(sealed []byte, of ID) (Code, error) {
	b, err := k.seal.Open(nil, nil, sealed, []byte(of))
	if err != nil {
		return "", fmt.Errorf("voucher %s: %w", of, ErrSealed)
	}
	return Code(b), nil
}
