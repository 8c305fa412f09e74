package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// ErrAnchor says that a line is not one of the anchors that the portal publishes.
var ErrAnchor = fault.Invalid("anchor.invalid")

// Anchor is the head of the chain on a day: what is published, so that who owns the
// database cannot write the register anew without anybody seeing it.
type Anchor struct {
	Day       calendar.Date
	Position  int64
	Digest    []byte
	Signature []byte
	Key       ed25519.PublicKey
	At        time.Time
}

// Text is what is signed: "2026-11-23 1204 9f86d0…".
func (a Anchor) Text() string {
	return fmt.Sprintf("%s %d %s", a.Day, a.Position, hex.EncodeToString(a.Digest))
}

// Sign signs the anchor with the key of the publications.
func (a *Anchor) Sign(key ed25519.PrivateKey) {
	a.Key = key.Public().(ed25519.PublicKey)
	a.Signature = ed25519.Sign(key, []byte(a.Text()))
}

// Signed tells whether the anchor is what was signed.
func (a Anchor) Signed() bool {
	return len(a.Key) == ed25519.PublicKeySize && ed25519.Verify(a.Key, []byte(a.Text()), a.Signature)
}

// String is the line that is published: the text, the signature and the key, in base64.
func (a Anchor) String() string {
	return a.Text() + " " + base64.StdEncoding.EncodeToString(a.Signature) + " " + base64.StdEncoding.EncodeToString(a.Key)
}

// ReadAnchor reads what is signed: ErrAnchor for any other text.
func ReadAnchor(text string) (a Anchor, err error) {
	fields := strings.Fields(text)
	if len(fields) != 3 {
		return a, ErrAnchor
	}
	day, errDay := calendar.ParseDate(fields[0])
	position, errPosition := strconv.ParseInt(fields[1], 10, 64)
	digest, errDigest := hex.DecodeString(fields[2])
	a = Anchor{Day: day, Position: position, Digest: digest}
	if errDay != nil || errPosition != nil || errDigest != nil || a.Text() != text {
		return Anchor{}, ErrAnchor
	}
	return a, nil
}

// ParseAnchor reads a line that was published: ErrAnchor for any other text.
func ParseAnchor(line string) (Anchor, error) {
	fields := strings.Fields(line)
	if len(fields) != 5 {
		return Anchor{}, ErrAnchor
	}
	a, err := ReadAnchor(strings.Join(fields[:3], " "))
	signature, errSignature := base64.StdEncoding.DecodeString(fields[3])
	key, errKey := base64.StdEncoding.DecodeString(fields[4])
	if err != nil || errSignature != nil || errKey != nil {
		return Anchor{}, ErrAnchor
	}
	a.Signature, a.Key = signature, key
	return a, nil
}
