package indemnity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// sealed is what the digest of an application is made of, in the order in which it is
// written. What it is called here stays.
type sealed struct {
	ID           CaseID            `json:"id"`
	Call         CallID            `json:"call"`
	CallVersion  int               `json:"call_version"`
	Member       identity.PersonID `json:"member"`
	Kind         ApplicantKind     `json:"kind"`
	Channel      Channel           `json:"channel"`
	SubmittedAt  time.Time         `json:"submitted_at"`
	TermEndedOn  calendar.Date     `json:"term_ended_on"`
	Answers      Answers           `json:"answers"`
	Declarations []Declared        `json:"declarations"`
	Registers    Registers         `json:"registers"`
	Papers       []sealedPaper     `json:"papers"`
}

type sealedPaper struct {
	ID       PaperID         `json:"id"`
	Kind     PaperKind       `json:"kind"`
	IssuedOn calendar.Date   `json:"issued_on,omitzero"`
	Covers   calendar.Period `json:"covers,omitzero"`
	Digest   string          `json:"digest"`
}

// Seal is the SHA-256 of what was sent, the digests of its papers included: of an
// application that nobody touched it is its Digest, for ever.
func (c CaseFile) Seal() [32]byte {
	s := sealed{c.ID, c.Call, c.CallVersion, c.Member.ID, c.Kind, c.Channel, c.SubmittedAt.UTC(), c.TermEndedOn, c.Answers, c.Declarations, c.Registers, nil}
	for _, p := range c.Papers {
		if p.Request == "" {
			s.Papers = append(s.Papers, sealedPaper{p.ID, p.Kind, p.IssuedOn, p.Covers, hex.EncodeToString(p.Digest[:])})
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // every part of it was read from JSON
	}
	return sha256.Sum256(text)
}

// Mark names what a draft says at this moment, so that a page can carry what its reader
// saw.
func (d Draft) Mark() string {
	return mark(d.Answers, d.Papers)
}

// Mark is the same of the answer to a request.
func (r Request) Mark(papers []Paper) string {
	var own []Paper
	for _, p := range papers {
		if p.Request == string(r.ID) {
			own = append(own, p)
		}
	}
	return mark(r.Answer, own)
}

func mark(says any, papers []Paper) string {
	h := sha256.New()
	text, err := json.Marshal(says)
	if err != nil {
		panic(err) // it was read from JSON
	}
	h.Write(text)
	for _, p := range papers {
		fmt.Fprint(h, p.ID, p.Kind, p.IssuedOn, p.Covers, p.Attachment)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// checkSymbols leave out I, L, O and U, which are misread.
const checkSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCheckCode draws the code on a receipt, which tells a true one: twelve symbols, 60
// bits.
func newCheckCode(random io.Reader) (string, error) {
	var b [12]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a check code: %w", err)
	}
	for i := range b {
		b[i] = checkSymbols[b[i]&31]
	}
	return string(b[:]), nil
}

// readCheckCode reads a check code as people type it: any case, blanks and hyphens
// inside, O for 0, I and L for 1.
func readCheckCode(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u2011", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
}

// readProtocol reads a number of the protocol as people type it.
func readProtocol(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(strings.NewReplacer("\u2011", "-", "\u2013", "-").Replace(text)), ""))
}
