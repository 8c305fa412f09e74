package voucher

import (
	"context"
	"errors"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about the code of a voucher.
const (
	CodeBlocked   audit.Action = "voucher.blocked"
	CodeUnblocked audit.Action = "voucher.unblocked"
	CodeReplaced  audit.Action = "voucher.code_replaced"
	CodeSought    audit.Action = "voucher.code_sought" // by an officer, whatever came of it
)

// Why the code of a voucher stays as it is.
var (
	ErrNotBlocked    = fault.Refuse("voucher.not_blocked")
	ErrNoBlockReason = fault.Invalid("voucher.no_block_reason")
)

// BlockReasons are the codes a voucher is blocked for.
var BlockReasons = []string{"fraud", "stolen", "dispute", "request"}

// A block can be taken back and moves no money, so one officer is enough for it; it
// stays in the register with its reason.

// MayBlock tells why a voucher cannot be blocked on a day: only what can be spent is.
func (a Account) MayBlock(today calendar.Date) error {
	switch v := a.Voucher; {
	case v.Blocked:
		return ErrBlocked
	case v.State != Active || today.After(v.Terms.LastDay):
		return ErrExpired
	}
	return nil
}

// Block stops the voucher: nothing new is booked, what is booked stays.
func (a Account) Block(who identity.Actor, reason string, now time.Time) (Decision, error) {
	if err := a.MayBlock(calendar.On(now)); err != nil {
		return Decision{}, err
	}
	if !slices.Contains(BlockReasons, reason) {
		return Decision{}, ErrNoBlockReason
	}
	d := a.about(who, now, CodeBlocked)
	d.Voucher.Blocked, d.BlockReason = true, reason
	return d, nil
}

// Unblock lets the voucher be spent again.
func (a Account) Unblock(who identity.Actor, now time.Time) (Decision, error) {
	if !a.Voucher.Blocked {
		return Decision{}, ErrNotBlocked
	}
	d := a.about(who, now, CodeUnblocked)
	d.Voucher.Blocked = false
	return d, nil
}

// MayReplace tells why a voucher cannot get another code on a day.
func (a Account) MayReplace(today calendar.Date) error {
	if a.Voucher.State != Active || today.After(a.Voucher.Terms.LastDay) {
		return ErrExpired
	}
	return nil
}

// Replace gives the voucher another code, as it is kept: the old one opens nothing
// any more.
func (a Account) Replace(who identity.Actor, index, sealed []byte, now time.Time) (Decision, error) {
	if err := a.MayReplace(calendar.On(now)); err != nil {
		return Decision{}, err
	}
	d := a.about(who, now, CodeReplaced)
	d.Code = &StoredCode{index, sealed}
	return d, nil
}

// StoredCode is a code as it is kept: see Keys.
type StoredCode struct{ Index, Sealed []byte }

func (a Account) about(who identity.Actor, now time.Time, what audit.Action) Decision {
	return Decision{Voucher: a.Voucher,
		Entries: []audit.Entry{{At: now, Actor: who, Action: what, Subject: string(a.Voucher.ID), About: a.Voucher.Beneficiary}}}
}

// Block stops a voucher for a reason: see Account.Block.
func (s *Service) Block(ctx context.Context, who identity.Actor, form once.Form, id ID, reason string) error {
	return s.office(ctx, who, form, id, func(a Account) (Decision, error) { return a.Block(who, reason, s.now()) })
}

// Unblock lets a voucher be spent again.
func (s *Service) Unblock(ctx context.Context, who identity.Actor, form once.Form, id ID) error {
	return s.office(ctx, who, form, id, func(a Account) (Decision, error) { return a.Unblock(who, s.now()) })
}

// Replace draws another code for a voucher: its holder reads it on their page.
func (s *Service) Replace(ctx context.Context, who identity.Actor, form once.Form, id ID) error {
	code, err := NewCode(s.random)
	if err != nil {
		return err
	}
	index, sealed := s.keys.Index(code), s.keys.Seal(code, id)
	return s.office(ctx, who, form, id, func(a Account) (Decision, error) { return a.Replace(who, index, sealed, s.now()) })
}

// office is an act of who prepares at INPS.
func (s *Service) office(ctx context.Context, who identity.Actor, form once.Form, id ID, decide func(Account) (Decision, error)) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	_, err := s.Change(ctx, id, form, string(id), decide)
	return err
}

// Seek finds the voucher that a code opens, for an officer: ErrNoMatch when it opens
// none. Each code typed is written in the register, without what was typed, and
// counts: see Attempts.
func (s *Service) Seek(ctx context.Context, who identity.Actor, code Code) (ID, error) {
	if err := works(who); err != nil {
		return "", err
	}
	if err := s.Attempt(ctx, who.Person, s.now()); err != nil {
		return "", err
	}
	sought := audit.Entry{At: s.now(), Actor: who, Action: CodeSought}
	account, holder, err := s.ByCode(ctx, s.keys.Index(code))
	if errors.Is(err, ErrNoMatch) {
		if err := s.See(ctx, sought); err != nil {
			return "", err
		}
		return "", ErrNoMatch
	}
	if err != nil {
		return "", err
	}
	sought.Subject, sought.About = string(account.Voucher.ID), holder.ID
	return account.Voucher.ID, s.Matched(ctx, who.Person, sought)
}
