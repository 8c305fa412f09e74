// Package login is the portal's half of a login: an OpenID Connect relying party
// of the one broker that speaks with SPID and CIE.
//
//	browser          portal                          broker
//	   │  «Accedi»      │                               │
//	   ├───────────────►│ Start: state, nonce, verifier │
//	   │◄── redirect ───┤  (the caller keeps Attempt)   │
//	   ├────────────────┼────────────── who are you? ──►│
//	   │◄───────────────┼── redirect: code, state, iss ─┤
//	   ├───────────────►│ Finish: state, iss, then      │
//	   │                ├── code and verifier ─────────►│
//	   │                │◄────── id_token, access token ┤
//	   │                ├── userinfo ──────────────────►│
//	   │                │   a Person, or the reason why not
//
// The broker is found when it is first needed, and looked for again until it
// answers: a portal starts, and is healthy, while its broker is down.
//
// A person is known by fiscal code and issuer, never by sub, which one national
// broker makes anew at each login. No claim reaches a log or an error: errors
// name the check that was not passed.
//
// # Readings
//
// What the specifications leave open, and what is done here:
//
//   - A signed attribute comes before one of userinfo where it decides who
//     somebody is (the fiscal code); for names, the better claim comes first.
//   - The level is read in the id_token alone. No acr, or an unknown one, is too low.
//   - An id_token that carries personal attributes is not handed back as
//     id_token_hint, because a logout is an address and a fiscal code never
//     stands in an address; client_id then says whose logout it is.
//   - A broker that answers nonsense between itself and us (a wrong secret, a
//     page instead of JSON) is unavailable; an answer about this login that does
//     not hold is refused.
package login
