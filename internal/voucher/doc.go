// Package voucher is the contributo sessioni di psicoterapia: a citizen whose
// application was accepted holds a voucher (buono) worth an amount until a day,
// and a code (codice univoco) that opens it; a psychologist on CNOP's list books,
// confirms and cancels sessions against it.
//
//	code.go      the code: 12 characters, the last one a check
//	keys.go      how the code is kept: a keyed hash to find it, a cipher to show it
//	edition.go   Edition: what the decree of a year fixes, as data with its article
//	voucher.go   Voucher: the amount, its terms and its balance
//	booking.go   Booking: a planned or held session and its states
//	account.go   Account: a voucher with its bookings; what may be done with it
//	ledger.go    Posting: the double entry behind each change of the balance
//	service.go   Service: the acts, as the portal calls them
//	rank.go      Rank: who gets money in each territory, and why
//	batch*.go    a ranking from file to file: portal rank voucher
//
// # Readings
//
// Where the texts are silent, the choice stands here with the test that fixes it.
//
//   - A term counts from the day after publication; a last day that is a Sunday or
//     a holiday moves to the next working day, a Saturday does not
//     (TestTermsOfTheRealEditions).
//   - "Prima della data dell'appuntamento": the holder may cancel until 24:00 of
//     the day before (TestTheDayOfTheSessionIsTooLate).
//   - A session is confirmed from its hour on, or from the start of its day when
//     no hour was given, and until the voucher's confirmation day, which is its
//     last day unless the edition says otherwise (TestConfirmation…).
//   - A session held before it was ever booked may be registered where the edition
//     allows it, from its hour on, and is then confirmed (TestASessionAlreadyHeld…).
//   - For the overlap of two sessions a session lasts as many minutes as the
//     edition says. One without an hour overlaps with none, since nobody knows when
//     it is: two professionals may book the same day (TestWithoutAnHour…).
//   - With one professional there is one session a day (TestOneSessionADay…).
//   - One professional keeps at most as many sessions booked and unconfirmed with
//     one voucher as the edition says (TestOneProfessionalCannotBlock…).
//   - The term for the first session is shown and does not end anything by itself:
//     the lapse is an act of the office, which is not in the program yet.
//   - A professional may take back a confirmation while the code is valid; the
//     money is free again (TestAConfirmationIsTakenBack…).
//   - A professional who has left CNOP's list confirms and cancels what stands,
//     and books nothing new (TestWhoHasLeft…).
package voucher
