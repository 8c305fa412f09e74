package indemnity

import (
	"slices"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// TestACheckWaitsForThePapersThatWereAskedForOnItsAccount asks for the certificate (V6) and
// for the back of the document (V1): these wait, and the declarations (V10), which are
// made, do not.
func TestACheckWaitsForThePapersThatWereAskedForOnItsAccount(t *testing.T) {
	t.Parallel()
	calls, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 10, 12, 0, 0, 0, calendar.Rome)
	day := calendar.On(now)
	asked := func(state RequestState, due calendar.Date, codes ...string) Request {
		r := Request{ID: RequestID(codes[0]), Kind: Supplement, State: state, AskedAt: now.AddDate(0, 0, -3), ReachedOn: day.Add(-3), DueOn: due}
		if state != Asked && state != LapsedTerm {
			r.AnsweredAt = now
		}
		for _, code := range codes {
			r.Items = append(r.Items, RequestItem{Code: code})
		}
		return r
	}
	unreached := asked(Asked, calendar.Date{}, "V6-1b9d6bcd")
	unreached.ReachedOn = calendar.Date{}
	cure := asked(Asked, day.Add(9), "V9-1")
	cure.Kind = Regularisation
	found := func(check Check, verdict CheckVerdict, at time.Time, x Found) Finding {
		return Finding{Check: check, Verdict: verdict, At: at, By: identity.PersonID("officer"), Found: x}
	}
	period := calendar.Period{From: calendar.NewDate(2026, time.May, 1), To: calendar.NewDate(2026, time.May, 21)}
	whole := CaseFile{Kind: ByMember, Channel: Portal, State: InReview, SubmittedAt: calendar.NewDate(2026, time.May, 25).Start(), Rules: calls[0].Rules,
		Answers: Answers{Cause: Illness, First: period.From, Last: period.To, IdentityExpires: day.Add(365)},
		Papers: []Paper{{ID: "document", Kind: IdentityWhole, Attachment: "a", SentAt: now},
			{ID: "certificate", Kind: InitialPrognosis, Attachment: "b", IssuedOn: period.From, Covers: period, SentAt: now}},
		Registers: Registers{Member: MemberRecord{Active: true, AppliedOn: period.From.Add(-999), EnrolledOn: period.From.Add(-999)}}}
	defective := Found{Identity: IdentityDefective}
	for what, c := range map[string]struct {
		requests []Request
		findings []Finding
		want     map[Check]Code
		awaited  []Check
	}{
		"nothing is asked for": {},
		"both are waited for": {[]Request{asked(Asked, day.Add(9), "V6-1b9d6bcd", "V1-identity_back")}, nil,
			map[Check]Code{CheckIdentity: SupplementOpen, CheckProof: SupplementOpen}, []Check{CheckIdentity, CheckProof}},
		"on the last day":           {[]Request{asked(Asked, day, "V6")}, nil, map[Check]Code{CheckProof: SupplementOpen}, []Check{CheckProof}},
		"it has reached nobody yet": {[]Request{unreached}, nil, map[Check]Code{CheckProof: SupplementOpen}, []Check{CheckProof}},
		"the term is over":          {[]Request{asked(Asked, day.Add(-1), "V6")}, nil, map[Check]Code{CheckProof: SupplementMissing}, nil},
		"answered":                  {[]Request{asked(Answered, day.Add(9), "V6")}, nil, nil, nil},
		"taken back":                {[]Request{asked(CalledOff, day.Add(9), "V6")}, nil, nil, nil},
		"of V16, and not of V1":     {[]Request{asked(Asked, day.Add(9), "V16")}, nil, map[Check]Code{CheckIncome: SupplementOpen}, []Check{CheckIncome}},
		"an explanation of V10":     {[]Request{asked(Asked, day.Add(9), "V10")}, nil, map[Check]Code{CheckDeclarations: SupplementOpen}, []Check{CheckDeclarations}},
		"contributions are asked":   {[]Request{cure}, nil, nil, nil},
		"to be asked for":           {nil, []Finding{found(CheckIdentity, NotMet, now, defective)}, map[Check]Code{CheckIdentity: SupplementNotRequested}, nil},
		"one asked, another to ask": {[]Request{asked(Asked, day.Add(9), "V6")}, []Finding{found(CheckIdentity, NotMet, now, defective)}, map[Check]Code{CheckIdentity: SupplementNotRequested, CheckProof: SupplementOpen}, []Check{CheckProof}},
		"found wanting, then asked": {[]Request{asked(Asked, day.Add(9), "V1")}, []Finding{found(CheckIdentity, NotMet, now.AddDate(0, 0, -4), defective)}, map[Check]Code{CheckIdentity: SupplementOpen}, []Check{CheckIdentity}},
		"an answer was not enough":  {[]Request{asked(Asked, day.Add(9), "V1")}, []Finding{found(CheckIdentity, NotMet, now, defective)}, map[Check]Code{CheckIdentity: SupplementOpen}, []Check{CheckIdentity}},
		"somebody waits no more":    {[]Request{asked(Asked, day.Add(9), "V6")}, []Finding{found(CheckProof, Met, now, Found{})}, map[Check]Code{CheckProof: SupplementOpen}, nil},
		"one answered, one waits":   {[]Request{asked(Accepted, day.Add(-9), "V1"), asked(Asked, day.Add(9), "V6")}, nil, map[Check]Code{CheckProof: SupplementOpen}, []Check{CheckProof}},
		"one lapsed, another waits": {[]Request{asked(LapsedTerm, day.Add(-9), "V1"), asked(Asked, day.Add(9), "V6")}, nil, map[Check]Code{CheckIdentity: SupplementMissing, CheckProof: SupplementOpen}, []Check{CheckProof}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			file := whole
			file.Requests, file.Findings = c.requests, c.findings
			for _, k := range examine(file, nil, day).Checklist {
				if got := shared(k.Codes, supplements); len(got) > 1 || len(got) == 1 && got[0] != c.want[k.Check] || len(got) == 0 && c.want[k.Check] != "" {
					t.Errorf("%s says %v, not %q", k.Check.Code(), got, c.want[k.Check])
				}
				if k.Awaited != slices.Contains(c.awaited, k.Check) {
					t.Errorf("%s waits: %t", k.Check.Code(), k.Awaited)
				}
			}
		})
	}
}
