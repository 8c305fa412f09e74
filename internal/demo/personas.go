// Package demo is one made-up world, with something to see in every state. The
// demonstration, the tests and the README speak of the same people.
package demo

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
)

// Hint is the name under which a persona logs in: the login_hint.
type Hint = string

// The personas.
const (
	Citizen         Hint = "cittadina"
	PartialCitizen  Hint = "cittadino-parziale"
	ExcludedCitizen Hint = "cittadino-escluso"
	LastDaysCitizen Hint = "cittadino-scadenza"
	Parent          Hint = "genitore"
	Psychologist    Hint = "psicologa"
	NewPsychologist Hint = "psicologo-nuovo"
	ExPsychologist  Hint = "psicologo-cessato"
	CNOPPreparer    Hint = "cnop"
	CNOPSender      Hint = "cnop-invio"
	INPSOfficer     Hint = "inps-istruttore"
	INPSApprover    Hint = "inps-approvatore"
	INPSPublisher   Hint = "inps-dirigente"
	INPSPayer       Hint = "inps-pagamenti"
	Member          Hint = "iscritta"
	CyclesMember    Hint = "iscritto-cicli"
	UnfundedMember  Hint = "iscritta-senza-risorse"
	ExcludedMember  Hint = "iscritto-escluso"
	SilentMember    Hint = "iscritto-decaduto"
	RevokedMember   Hint = "iscritto-revocato"
	UnpaidMember    Hint = "iscritta-iban"
	Heir            Hint = "erede"
	WelfareOfficer  Hint = "welfare-istruttore"
	WelfareFellow   Hint = "welfare-collega"
	WelfareApprover Hint = "welfare-approvatore"
	WelfareDeputy   Hint = "welfare-vicaria"
	WelfareHead     Hint = "welfare-dirigente"
	WelfarePayer    Hint = "welfare-pagamenti"
	Auditor         Hint = "revisore"
	Administrator   Hint = "amministratore"
	Confirmer       Hint = "amministratore-conferma"
)

// Personas is the cast, in the order in which people meet them. Their fiscal
// codes check and belong to nobody.
var Personas = []demobroker.Persona{
	persona(Citizen, "RSSMRA85C52H501", "Maria", "Rossi", calendar.NewDate(1985, 3, 12), "Cittadini",
		"Domanda accolta: codice, saldo e sedute in ogni stato"),
	persona(PartialCitizen, "FRRLCU90H10F205", "Luca", "Ferrari", calendar.NewDate(1990, 6, 10), "Cittadini",
		"Domanda accolta in parte: le risorse bastavano per una parte dell’importo"),
	persona(ExcludedCitizen, "GLLPLA72S05L219", "Paolo", "Galli", calendar.NewDate(1972, 11, 5), "Cittadini",
		"Domanda valida ma senza risorse: posizione e ultima finanziata"),
	persona(LastDaysCitizen, "CNTNTN68A20D612", "Antonio", "Conti", calendar.NewDate(1968, 1, 20), "Cittadini",
		"Il codice scade tra pochi giorni"),
	persona(Parent, "MRNLRA82P54A944", "Laura", "Marini", calendar.NewDate(1982, 9, 14), "Cittadini",
		"Madre di un minore che riceve il contributo: può operare per lui"),
	persona(Psychologist, "BNCGLI78T55F205", "Giulia", "Bianchi", calendar.NewDate(1978, 12, 15), "Psicoterapeuti",
		"Sedute da confermare, da fatturare, prenotate e annullate"),
	persona(NewPsychologist, "RZZMRC93E08L736", "Marco", "Rizzo", calendar.NewDate(1993, 5, 8), "Psicoterapeuti",
		"Appena entrato nell’elenco: nessuna seduta"),
	persona(ExPsychologist, "FNTSFN65L22G273", "Stefano", "Fontana", calendar.NewDate(1965, 7, 22), "Psicoterapeuti",
		"Uscito dall’elenco con sedute ancora aperte"),
	persona(CNOPPreparer, "DLCSRA80D55H501", "Sara", "De Luca", calendar.NewDate(1980, 4, 15), "CNOP",
		"Prepara l’elenco dei professionisti"),
	persona(CNOPSender, "GRCDVD74R18F839", "Davide", "Greco", calendar.NewDate(1974, 10, 18), "CNOP",
		"Controlla l’elenco e lo invia a INPS"),
	persona(INPSOfficer, "CLMCHR86L47L219", "Chiara", "Colombo", calendar.NewDate(1986, 7, 7), "INPS",
		"Istruttoria: domande, importazioni, simulazioni, proposte"),
	persona(INPSApprover, "RCCNDR71B12D969", "Andrea", "Ricci", calendar.NewDate(1971, 2, 12), "INPS",
		"Approva ciò che altri propongono"),
	persona(INPSPublisher, "MRTLSN69P60A662", "Alessandra", "Moretti", calendar.NewDate(1969, 9, 20), "INPS",
		"Dirigente: pubblica le graduatorie approvate"),
	persona(INPSPayer, "BRBMTT83H25G224", "Matteo", "Barbieri", calendar.NewDate(1983, 6, 25), "INPS",
		"Pagamenti ai professionisti"),
	persona(Member, "SRRLNE84C49B354", "Elena", "Serra", calendar.NewDate(1984, 3, 9), "Iscritti ENPAP",
		"Una domanda da finire e una a cui mancano documenti"),
	persona(CyclesMember, "VTLRRT75E21D612", "Roberto", "Vitale", calendar.NewDate(1975, 5, 21), "Iscritti ENPAP",
		"Cicli di terapia: una domanda con più periodi di stop"),
	persona(UnfundedMember, "FBBLSN88R61A944", "Alessandra", "Fabbri", calendar.NewDate(1988, 10, 21), "Iscritti ENPAP",
		"Domanda idonea, ma lo stanziamento è finito prima del suo turno"),
	persona(ExcludedMember, "RLNPTR67M11G273", "Pietro", "Orlando", calendar.NewDate(1967, 8, 11), "Iscritti ENPAP",
		"Una domanda esclusa, e una in graduatoria di cui chiede il riesame"),
	persona(SilentMember, "MNTLSS76S24F205", "Alessio", "Monti", calendar.NewDate(1976, 11, 24), "Iscritti ENPAP",
		"Domanda decaduta: alla richiesta di documenti non ha risposto"),
	persona(RevokedMember, "SNNGNN70C05B354", "Giovanni", "Sanna", calendar.NewDate(1970, 3, 5), "Iscritti ENPAP",
		"Indennità pagata e poi revocata: la somma è da restituire"),
	persona(UnpaidMember, "BRNCHR81L53D612", "Chiara", "Bruni", calendar.NewDate(1981, 7, 13), "Iscritti ENPAP",
		"La banca ha restituito il pagamento: serve un altro IBAN"),
	persona(Heir, "GTTNNA70R64F839", "Anna", "Gatti", calendar.NewDate(1970, 10, 24), "Iscritti ENPAP",
		"Erede: segue la domanda di una persona che è morta"),
	persona(WelfareOfficer, "CSTSLV88B51H501", "Silvia", "Costa", calendar.NewDate(1988, 2, 11), "ENPAP",
		"Servizio Welfare: bandi, domande degli eredi, proposte"),
	persona(WelfareFellow, "RGGVNI91B03F839", "Ivan", "Ruggeri", calendar.NewDate(1991, 2, 3), "ENPAP",
		"Servizio Welfare: esamina le domande, accanto a Silvia Costa"),
	persona(WelfareApprover, "LNEFNC66T03L736", "Franco", "Leone", calendar.NewDate(1966, 12, 3), "ENPAP",
		"Servizio Welfare: approva ciò che altri propongono"),
	persona(WelfareDeputy, "RNLPLA72L58H501", "Paola", "Rinaldi", calendar.NewDate(1972, 7, 18), "ENPAP",
		"Servizio Welfare: decide i riesami di ciò che altri hanno approvato"),
	persona(WelfareHead, "MRTCLD69D57L219", "Claudia", "Moretti", calendar.NewDate(1969, 4, 17), "ENPAP",
		"Dirige il Servizio Welfare: pubblica le graduatorie"),
	persona(WelfarePayer, "MNCTRS79P57A944", "Teresa", "Mancini", calendar.NewDate(1979, 9, 17), "ENPAP",
		"Pagamenti delle indennità"),
	persona(Auditor, "PLLGRG73M21H501", "Giorgio", "Pellegrini", calendar.NewDate(1973, 8, 21), "Controllo",
		"Revisore: registro delle attività, ricalcolo delle graduatorie, indicatori"),
	persona(Administrator, "SNTMHL81E46F205", "Michela", "Santoro", calendar.NewDate(1981, 5, 6), "Controllo",
		"Amministratrice: utenti, ruoli, collegamenti"),
	persona(Confirmer, "VLLBRN77C22F205", "Bruno", "Villa", calendar.NewDate(1977, 3, 22), "Controllo",
		"Amministratore: conferma i ruoli che altri propongono"),
}

// offices says which of the personas work where, and what they do there; a member or
// an heir has no duty.
var offices = []struct {
	hint   Hint
	role   identity.Role
	duties []identity.Duty
}{
	{CNOPPreparer, identity.CNOP, []identity.Duty{identity.Prepare}},
	{CNOPSender, identity.CNOP, []identity.Duty{identity.Approve}},
	{INPSOfficer, identity.INPS, []identity.Duty{identity.Prepare}},
	{INPSApprover, identity.INPS, []identity.Duty{identity.Approve}},
	{INPSPublisher, identity.INPS, []identity.Duty{identity.Publish}},
	{INPSPayer, identity.INPS, []identity.Duty{identity.Pay}},
	{Psychologist, identity.Member, []identity.Duty{""}},
	{Member, identity.Member, []identity.Duty{""}},
	{CyclesMember, identity.Member, []identity.Duty{""}},
	{UnfundedMember, identity.Member, []identity.Duty{""}},
	{ExcludedMember, identity.Member, []identity.Duty{""}},
	{SilentMember, identity.Member, []identity.Duty{""}},
	{RevokedMember, identity.Member, []identity.Duty{""}},
	{UnpaidMember, identity.Member, []identity.Duty{""}},
	{Heir, identity.Heir, []identity.Duty{""}},
	{WelfareOfficer, identity.Welfare, []identity.Duty{identity.Prepare}},
	{WelfareFellow, identity.Welfare, []identity.Duty{identity.Prepare}},
	{WelfareApprover, identity.Welfare, []identity.Duty{identity.Approve}},
	{WelfareDeputy, identity.Welfare, []identity.Duty{identity.Approve}},
	{WelfareHead, identity.Welfare, []identity.Duty{identity.Publish}},
	{WelfarePayer, identity.Welfare, []identity.Duty{identity.Pay}},
	{Auditor, identity.Oversight, []identity.Duty{identity.Audit}},
	{Administrator, identity.Oversight, []identity.Duty{identity.Administer}},
	{Confirmer, identity.Oversight, []identity.Duty{identity.Administer}},
}

func persona(hint Hint, code, given, family string, born calendar.Date, group, about string) demobroker.Persona {
	return demobroker.Persona{Hint: hint, FiscalCode: identity.NewFiscalCode(code), GivenName: given, FamilyName: family,
		Birth: born, Email: hint + "@example.org", Group: group, About: about}
}

// Child is the minor for whom the persona Parent acts: he does not log in.
var Child = persona("minore", "MRNTMS12C07A944", "Tommaso", "Marini", calendar.NewDate(2012, 3, 7), "", "")
