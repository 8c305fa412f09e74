package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"portal/internal/demo"
	"portal/internal/once"
)

// Who may open an address.
type access string

const (
	anybody      access = "anybody"
	loggedIn     access = "whoever is logged in"
	citizen      access = "citizens"
	psychologist access = "psychologists"
	enrolled     access = "psychologists on the list"
	inps         access = "INPS staff"
	cnop         access = "CNOP staff"
	welfare      access = "the welfare service"
	member       access = "members of ENPAP"
	heir         access = "heirs of a member"
)

// accessTable is every address of the site and who may open it: an address that
// is not here fails the test, and so does one that is no more.
var accessTable = map[string]access{
	"GET /": anybody, "GET /contributo-psicoterapia": anybody, "GET /indennita-malattia-infortunio": anybody,
	"GET /assistenza": anybody, "GET /domande-frequenti": anybody, "GET /accessibilita": anybody, "GET /accessibilita/segnala": anybody,
	"GET /privacy": anybody, "GET /cookie": anybody, "GET /note-legali": anybody, "GET /mappa-del-sito": anybody, "GET /stato-servizio": anybody,
	"GET /robots.txt": anybody, "GET /favicon.ico": anybody, "GET /.well-known/security.txt": anybody,
	"GET /healthz": anybody, "GET /readyz": anybody, "GET /static/*": anybody,
	"GET /accedi": anybody, "GET /accedi/avvia": anybody, "GET /accedi/risposta": anybody,
	"GET /calendario/{token}.ics": anybody, // who knows the token
	"GET /esci":                   anybody, "POST /esci": anybody, "GET /esci/fatto": anybody,
	"GET /profili": loggedIn, "POST /profili": loggedIn,
	"GET /valutazione": anybody, "POST /valutazione": anybody, "GET /valutazione/motivo": anybody, "POST /valutazione/motivo": anybody,
	"GET /area-personale": loggedIn, "GET /messaggi": loggedIn, "GET /messaggi/{id}": loggedIn,

	"GET /contributo-psicoterapia/calendario": citizen, "POST /contributo-psicoterapia/calendario": citizen,
	"GET /professionisti/calendario": psychologist, "POST /professionisti/calendario": psychologist,
	"GET /contributo-psicoterapia/domande":       citizen,
	"GET /contributo-psicoterapia/domande/{id}":  citizen,
	"GET /contributo-psicoterapia/domande/nuova": citizen, "POST /contributo-psicoterapia/domande/nuova": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}":           citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/residenza": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/residenza": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/isee": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/isee": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/contatti": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/contatti": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/dichiarazioni": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/dichiarazioni": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/controlla": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/controlla": citizen,
	"GET /contributo-psicoterapia/domande/nuova/{id}/elimina": citizen, "POST /contributo-psicoterapia/domande/nuova/{id}/elimina": citizen,
	"GET /contributo-psicoterapia/domande/{id}/ricevuta": citizen, "GET /contributo-psicoterapia/domande/{id}/ricevuta.pdf": citizen,
	"GET /contributo-psicoterapia/domande/{id}/isee": citizen, "POST /contributo-psicoterapia/domande/{id}/isee": citizen,
	"GET /contributo-psicoterapia/domande/{id}/comunicazioni": citizen,
	"GET /contributo-psicoterapia/domande/{id}/rinuncia":      citizen, "POST /contributo-psicoterapia/domande/{id}/rinuncia": citizen,
	"GET /contributo-psicoterapia/domande/{id}/sedute":         citizen,
	"GET /contributo-psicoterapia/domande/{id}/dati":           citizen,
	"GET /contributo-psicoterapia/domande/{id}/scheda-codice":  citizen,
	"GET /contributo-psicoterapia/domande/{id}/professionisti": citizen,
	"GET /contributo-psicoterapia/sedute/{id}":                 citizen,
	"GET /contributo-psicoterapia/sedute/{id}/calendario.ics":  citizen,
	"GET /contributo-psicoterapia/sedute/{id}/annulla":         citizen,
	"POST /contributo-psicoterapia/sedute/{id}/annulla":        citizen,
	"GET /professionisti/adesione":                             psychologist,
	"GET /professionisti/dati":                                 psychologist,
	"POST /professionisti/dati":                                psychologist,
	"GET /professionisti/dati/iban":                            psychologist,
	"POST /professionisti/dati/iban":                           psychologist,
	"GET /professionisti/dati/iban/conferma":                   psychologist,
	"POST /professionisti/dati/iban/conferma":                  psychologist,
	"GET /gestione/inps/iban":                                  inps,
	"GET /gestione/inps/iban/{id}":                             inps,
	"GET /gestione/inps/iban/{id}/verifica":                    inps,
	"POST /gestione/inps/iban/{id}/verifica":                   inps,
	"GET /gestione/inps/iban/{id}/conferma":                    inps,
	"POST /gestione/inps/iban/{id}/conferma":                   inps,
	"GET /gestione/inps/iban/{id}/rifiuta":                     inps,
	"POST /gestione/inps/iban/{id}/rifiuta":                    inps,
	"GET /gestione/inps/professionisti":                        inps,
	"GET /gestione/inps/professionisti/elenco":                 inps,
	"POST /gestione/inps/professionisti/elenco":                inps,
	"GET /gestione/inps/professionisti/segnalazioni":           inps,
	"GET /gestione/inps/professionisti/aree":                   inps,
	"GET /gestione/inps/professionisti/aree.csv":               inps,
	"GET /gestione/inps/professionisti/invii/{id}":             inps,
	"GET /gestione/inps/professionisti/invii/{id}/applica":     inps,
	"POST /gestione/inps/professionisti/invii/{id}/applica":    inps,
	"GET /gestione/inps/professionisti/{id}":                   inps,
	"POST /gestione/inps/professionisti/{id}":                  inps,
	"GET /cnop/elenco":                                         cnop,
	"POST /cnop/elenco":                                        cnop,
	"GET /cnop/elenco.csv":                                     cnop,
	"GET /cnop/elenco/{id}":                                    cnop,
	"GET /cnop/elenco/{id}/sospendi":                           cnop,
	"POST /cnop/elenco/{id}/sospendi":                          cnop,
	"GET /cnop/elenco/{id}/riattiva":                           cnop,
	"POST /cnop/elenco/{id}/riattiva":                          cnop,
	"GET /cnop/invii":                                          cnop,
	"GET /cnop/invii/nuovo":                                    cnop,
	"POST /cnop/invii/nuovo":                                   cnop,
	"GET /cnop/invii/modello.csv":                              cnop,
	"GET /cnop/invii/{id}":                                     cnop,
	"GET /cnop/invii/{id}/scarti.csv":                          cnop,
	"GET /cnop/invii/{id}/invia":                               cnop,
	"POST /cnop/invii/{id}/invia":                              cnop,
	"GET /cnop/invii/{id}/elimina":                             cnop,
	"POST /cnop/invii/{id}/elimina":                            cnop,
	"GET /cnop/segnalazioni":                                   cnop,
	"GET /cnop/segnalazioni/{id}":                              cnop,
	"POST /cnop/segnalazioni/{id}":                             cnop,

	"GET /contributo-psicoterapia/domande/{id}/riesame":            citizen,
	"GET /contributo-psicoterapia/domande/{id}/riesame/motivo":     citizen,
	"POST /contributo-psicoterapia/domande/{id}/riesame/motivo":    citizen,
	"GET /contributo-psicoterapia/domande/{id}/riesame/documenti":  citizen,
	"POST /contributo-psicoterapia/domande/{id}/riesame/documenti": citizen,
	"GET /contributo-psicoterapia/domande/{id}/riesame/riepilogo":  citizen,
	"POST /contributo-psicoterapia/domande/{id}/riesame/riepilogo": citizen,
	"GET /contributo-psicoterapia/domande/{id}/riesame/ritira":     citizen,
	"POST /contributo-psicoterapia/domande/{id}/riesame/ritira":    citizen,
	"GET /contributo-psicoterapia/documenti/{id}":                  citizen,
	"GET /contributo-psicoterapia/documenti/{id}/togli":            citizen,
	"POST /contributo-psicoterapia/documenti/{id}/togli":           citizen,
	"GET /deleghe":                               citizen,
	"GET /deleghe/nuova":                         citizen,
	"POST /deleghe/nuova":                        citizen,
	"GET /deleghe/{id}/revoca":                   citizen,
	"POST /deleghe/{id}/revoca":                  citizen,
	"GET /gestione/inps/deleghe":                 inps,
	"POST /gestione/inps/deleghe":                inps,
	"GET /gestione/inps/deleghe/nuova":           inps,
	"POST /gestione/inps/deleghe/nuova":          inps,
	"GET /gestione/inps/deleghe/{id}/revoca":     inps,
	"POST /gestione/inps/deleghe/{id}/revoca":    inps,
	"GET /gestione/inps/riesami":                 inps,
	"GET /gestione/inps/riesami/{id}":            inps,
	"GET /gestione/inps/riesami/{id}/proposta":   inps,
	"POST /gestione/inps/riesami/{id}/proposta":  inps,
	"GET /gestione/inps/riesami/{id}/decisione":  inps,
	"POST /gestione/inps/riesami/{id}/decisione": inps,
	"GET /gestione/inps/documenti/{id}":          inps,

	"GET /professionisti/a-rischio": psychologist, "GET /professionisti/sedute/fattura": psychologist,
	"GET /professionisti/pagamenti": psychologist, "GET /professionisti/pagamenti/{id}": psychologist,
	"GET /professionisti/pagamenti/estratto.csv": psychologist, "GET /professionisti/pagamenti/estratto.pdf": psychologist,
	"GET /professionisti/pagamenti/certificazione.pdf": psychologist,
	"GET /gestione/inps/percorso":                      inps, "GET /gestione/inps/percorso.csv": inps,
	"GET /professionisti/sedute":                psychologist,
	"POST /professionisti/sedute":               psychologist,
	"GET /professionisti/sedute.csv":            psychologist,
	"GET /professionisti/sedute/conferma":       psychologist,
	"POST /professionisti/sedute/conferma":      psychologist,
	"GET /professionisti/sedute/{id}":           psychologist,
	"GET /professionisti/sedute/{id}/annulla":   psychologist,
	"POST /professionisti/sedute/{id}/annulla":  psychologist,
	"GET /professionisti/sedute/{id}/conferma":  psychologist,
	"POST /professionisti/sedute/{id}/conferma": psychologist,
	"GET /professionisti/sedute/nuova":          enrolled,
	"POST /professionisti/sedute/nuova":         enrolled,
	"GET /professionisti/sedute/nuova/dati":     enrolled,
	"POST /professionisti/sedute/nuova/dati":    enrolled,

	"GET /professionisti/fatture": psychologist, "GET /professionisti/fatture/nuova": psychologist, "GET /professionisti/fatture/nuova/dati": psychologist,
	"GET /professionisti/fatture/nuova/controlla": psychologist, "POST /professionisti/fatture/nuova/controlla": psychologist,
	"GET /professionisti/fatture/modello.csv": psychologist, "GET /professionisti/fatture/carica": psychologist, "POST /professionisti/fatture/carica": psychologist,
	"GET /professionisti/fatture/carica/invia": psychologist, "POST /professionisti/fatture/carica/invia": psychologist,
	"GET /professionisti/fatture/carica/errori.csv": psychologist, "POST /professionisti/fatture/carica/errori.csv": psychologist,
	"GET /professionisti/fatture/{id}": psychologist, "GET /professionisti/fatture/{id}/correggi": psychologist, "POST /professionisti/fatture/{id}/correggi": psychologist,
	"GET /professionisti/fatture/{id}/ritira": psychologist, "POST /professionisti/fatture/{id}/ritira": psychologist,
	"GET /gestione/inps/fatture": inps, "POST /gestione/inps/fatture": inps, "GET /gestione/inps/fatture/{id}": inps,
	"GET /gestione/inps/fatture/{id}/accetta": inps, "POST /gestione/inps/fatture/{id}/accetta": inps,
	"GET /gestione/inps/fatture/{id}/rimanda": inps, "POST /gestione/inps/fatture/{id}/rimanda": inps,
	"GET /gestione/inps/fatture/{id}/riapri": inps, "POST /gestione/inps/fatture/{id}/riapri": inps,
	"GET /gestione/inps/fatture/{id}/rettifica": inps, "POST /gestione/inps/fatture/{id}/rettifica": inps,

	"GET /contributo-psicoterapia/graduatorie": anybody, "GET /contributo-psicoterapia/graduatorie/{edizione}": anybody,
	"GET /contributo-psicoterapia/graduatorie/{edizione}/dati.csv": anybody, "GET /contributo-psicoterapia/graduatorie/{edizione}/{territorio}": anybody,
	"GET /gestione/inps/scorrimenti": inps, "GET /gestione/inps/scorrimenti/nuovo": inps, "POST /gestione/inps/scorrimenti/nuovo": inps,
	"GET /gestione/inps/scorrimenti/{id}":          inps,
	"GET /gestione/inps/simulazioni/{id}/pubblica": inps, "POST /gestione/inps/simulazioni/{id}/pubblica": inps,
	"GET /gestione/inps/simulazioni/{id}/rettifica": inps, "POST /gestione/inps/simulazioni/{id}/rettifica": inps,
	"GET /gestione/inps/pubblicazioni/{id}": inps, "GET /gestione/inps/pubblicazioni/{id}/verbale": inps,

	"GET /gestione/inps": inps, "GET /gestione/inps/domande": inps, "POST /gestione/inps/domande": inps, "GET /gestione/inps/domande/trovate": inps,
	"GET /gestione/inps/domande/assegna": inps, "POST /gestione/inps/domande/assegna": inps,
	"GET /gestione/inps/domande.csv": inps, "GET /gestione/inps/domande.xlsx": inps, "GET /gestione/inps/domande.json": inps,
	"GET /gestione/inps/domande/{id}": inps, "GET /gestione/inps/domande/{id}/dati": inps, "GET /gestione/inps/domande/{id}/isee": inps,
	"GET /gestione/inps/domande/{id}/verifiche": inps, "GET /gestione/inps/domande/{id}/codice": inps,
	"GET /gestione/inps/domande/{id}/comunicazioni": inps, "GET /gestione/inps/domande/{id}/cronologia": inps,
	"GET /gestione/inps/domande/{id}/verifica": inps, "POST /gestione/inps/domande/{id}/verifica": inps,
	"GET /gestione/inps/domande/{id}/richiesta-isee": inps, "POST /gestione/inps/domande/{id}/richiesta-isee": inps,
	"GET /gestione/inps/domande/{id}/rifiuto": inps, "POST /gestione/inps/domande/{id}/rifiuto": inps,
	"GET /gestione/inps/domande/{id}/rifiuto/decisione": inps, "POST /gestione/inps/domande/{id}/rifiuto/decisione": inps,
	"GET /gestione/inps/domande/{id}/riapri": inps, "POST /gestione/inps/domande/{id}/riapri": inps,
	"GET /gestione/inps/domande/{id}/nota": inps, "POST /gestione/inps/domande/{id}/nota": inps,
	"GET /gestione/inps/codici": inps, "POST /gestione/inps/codici": inps, "GET /gestione/inps/codici/{id}": inps,
	"GET /gestione/inps/codici/{id}/blocca": inps, "POST /gestione/inps/codici/{id}/blocca": inps,
	"GET /gestione/inps/codici/{id}/sblocca": inps, "POST /gestione/inps/codici/{id}/sblocca": inps,
	"GET /gestione/inps/codici/{id}/rigenera": inps, "POST /gestione/inps/codici/{id}/rigenera": inps,
	"GET /gestione/inps/codici/{id}/chiudi": inps, "POST /gestione/inps/codici/{id}/chiudi": inps,
	"GET /gestione/inps/codici/{id}/ripristina": inps, "POST /gestione/inps/codici/{id}/ripristina": inps,
	"GET /gestione/inps/codici/{id}/sedute/{seduta}/ripristina": inps, "POST /gestione/inps/codici/{id}/sedute/{seduta}/ripristina": inps,
	"GET /gestione/inps/casi": inps, "GET /gestione/inps/casi/{id}": inps, "POST /gestione/inps/casi/{id}": inps,
	"GET /gestione/inps/sedute/chiusura": inps, "POST /gestione/inps/sedute/chiusura": inps, "GET /gestione/inps/sedute/chiusura.csv": inps,
	"GET /gestione/inps/decadenze": inps, "POST /gestione/inps/decadenze": inps, "GET /gestione/inps/decadenze.csv": inps,
	"GET /gestione/inps/chiusure/{id}": inps, "GET /gestione/inps/chiusure/{id}/righe.csv": inps,
	"GET /gestione/inps/chiusure/{id}/decidi": inps, "POST /gestione/inps/chiusure/{id}/decidi": inps,
	"GET /gestione/inps/chiusure/{id}/righe/{riga}": inps, "POST /gestione/inps/chiusure/{id}/righe/{riga}": inps,
	"GET /gestione/inps/sportello": inps, "POST /gestione/inps/sportello": inps,
	"GET /gestione/inps/sportello/domanda": inps, "POST /gestione/inps/sportello/domanda": inps,
	"GET /gestione/inps/sportello/sedute/{id}": inps, "POST /gestione/inps/sportello/sedute/{id}": inps,
	"GET /gestione/inps/sportello/messaggi/{id}": inps, "POST /gestione/inps/sportello/messaggi/{id}": inps,

	"GET /gestione/inps/pagamenti": inps, "GET /gestione/inps/pagamenti/nuovo": inps, "POST /gestione/inps/pagamenti/nuovo": inps, "GET /gestione/inps/pagamenti/{id}": inps,
	"GET /gestione/inps/pagamenti/{id}/proponi": inps, "POST /gestione/inps/pagamenti/{id}/proponi": inps,
	"GET /gestione/inps/pagamenti/{id}/elimina": inps, "POST /gestione/inps/pagamenti/{id}/elimina": inps,
	"GET /gestione/inps/pagamenti/{id}/approva": inps, "POST /gestione/inps/pagamenti/{id}/approva": inps,
	"GET /gestione/inps/pagamenti/{id}/invia": inps, "POST /gestione/inps/pagamenti/{id}/invia": inps,
	"GET /gestione/inps/pagamenti/{id}/pagamenti/{pagamento}/togli": inps, "POST /gestione/inps/pagamenti/{id}/pagamenti/{pagamento}/togli": inps,
	"GET /gestione/inps/pagamenti/{id}/esiti": inps, "POST /gestione/inps/pagamenti/{id}/esiti": inps,
	"GET /gestione/inps/pagamenti/{id}/flusso.xml": inps, "GET /gestione/inps/pagamenti/{id}/distinta.csv": inps, "GET /gestione/inps/pagamenti/{id}/distinta.xlsx": inps,

	"GET /gestione/inps/graduatorie": inps, "GET /gestione/inps/graduatorie/{edizione}": inps, "POST /gestione/inps/graduatorie/{edizione}": inps,
	"GET /gestione/inps/simulazioni/{id}": inps, "POST /gestione/inps/simulazioni/{id}": inps, "GET /gestione/inps/simulazioni/{id}/graduatoria.csv": inps,
	"GET /gestione/inps/simulazioni/{id}/proponi": inps, "POST /gestione/inps/simulazioni/{id}/proponi": inps,
	"GET /gestione/inps/simulazioni/{id}/elimina": inps, "POST /gestione/inps/simulazioni/{id}/elimina": inps,
	"GET /gestione/inps/simulazioni/{id}/approva": inps, "POST /gestione/inps/simulazioni/{id}/approva": inps,

	"GET /gestione/inps/annualita": inps, "GET /gestione/inps/annualita/{edizione}": inps,
	"GET /gestione/inps/annualita/nuova": inps, "POST /gestione/inps/annualita/nuova": inps,
	"GET /gestione/inps/annualita/{edizione}/nuova-versione": inps, "POST /gestione/inps/annualita/{edizione}/nuova-versione": inps,
	"GET /gestione/inps/annualita/{edizione}/sezione/{sezione}": inps, "POST /gestione/inps/annualita/{edizione}/sezione/{sezione}": inps,
	"GET /gestione/inps/annualita/{edizione}/proponi": inps, "POST /gestione/inps/annualita/{edizione}/proponi": inps,
	"GET /gestione/inps/annualita/{edizione}/approva": inps, "POST /gestione/inps/annualita/{edizione}/approva": inps,
	"GET /gestione/inps/annualita/{edizione}/elimina": inps, "POST /gestione/inps/annualita/{edizione}/elimina": inps,
	"GET /gestione/inps/risorse/{edizione}": inps, "GET /gestione/inps/risorse/{edizione}/trasferimenti": inps, "POST /gestione/inps/risorse/{edizione}/trasferimenti": inps,
	"GET /gestione/inps/risorse/{edizione}/trasferimenti/{trasferimento}": inps, "POST /gestione/inps/risorse/{edizione}/trasferimenti/{trasferimento}": inps,

	"GET /contributo-psicoterapia/sedute/{id}/conferma": citizen, "POST /contributo-psicoterapia/sedute/{id}/conferma": citizen,
	"GET /contributo-psicoterapia/sedute/{id}/segnala": citizen, "POST /contributo-psicoterapia/sedute/{id}/segnala": citizen,
	"GET /contributo-psicoterapia/sedute/{id}/segnala/inviata": citizen,
	"GET /contributo-psicoterapia/sedute/{id}/segnala/ritira":  citizen, "POST /contributo-psicoterapia/sedute/{id}/segnala/ritira": citizen,
	"GET /contributo-psicoterapia/domande/{id}/professionisti/{pid}/annulla-sedute":  citizen,
	"POST /contributo-psicoterapia/domande/{id}/professionisti/{pid}/annulla-sedute": citizen,
	"GET /professionisti/sedute/{id}/modifica":                                       psychologist, "POST /professionisti/sedute/{id}/modifica": psychologist,
	"GET /gestione/inps/sedute": inps, "POST /gestione/inps/sedute": inps, "GET /gestione/inps/sedute/trovate": inps, "GET /gestione/inps/sedute/{id}": inps,
	"GET /gestione/inps/segnalazioni": inps, "GET /gestione/inps/segnalazioni/{id}": inps,
	"GET /gestione/inps/segnalazioni/{id}/proposta": inps, "POST /gestione/inps/segnalazioni/{id}/proposta": inps,
	"GET /gestione/inps/segnalazioni/{id}/decisione": inps, "POST /gestione/inps/segnalazioni/{id}/decisione": inps,
	"GET /gestione/inps/segnalazioni/{id}/presa": inps, "POST /gestione/inps/segnalazioni/{id}/presa": inps,
	"GET /gestione/inps/segnalazioni/{id}/esecuzione": inps, "POST /gestione/inps/segnalazioni/{id}/esecuzione": inps,

	"GET /gestione/inps/domande/importa": inps, "POST /gestione/inps/domande/importa": inps, "GET /gestione/inps/domande/importa/modello.csv": inps,
	"GET /gestione/inps/importazioni": inps, "GET /gestione/inps/importazioni/{id}": inps, "POST /gestione/inps/importazioni/{id}": inps,
	"GET /gestione/inps/importazioni/{id}/errori.csv": inps,
	"GET /gestione/inps/importazioni/{id}/elimina":    inps, "POST /gestione/inps/importazioni/{id}/elimina": inps,

	"GET /indennita-malattia-infortunio/domande":       member,
	"GET /indennita-malattia-infortunio/domande/nuova": member, "POST /indennita-malattia-infortunio/domande/nuova": member,
	"GET /indennita-malattia-infortunio/domande/nuova/inizia": member, "POST /indennita-malattia-infortunio/domande/nuova/inizia": member,
	"GET /indennita-malattia-infortunio/domande/{id}/elimina": member, "POST /indennita-malattia-infortunio/domande/{id}/elimina": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila":      member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/tipo": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/tipo": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/periodo": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/periodo": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/periodo/{stop}": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/periodo/{stop}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/attivita": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/attivita": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/coperture": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/coperture": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/isee": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/isee": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/contatti": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/contatti": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/dichiarazioni": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/dichiarazioni": member,

	// Papers of a draft.
	"GET /indennita-malattia-infortunio/domande/{id}/compila/documento": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/documento": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/documento/{file}": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/documento/{file}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/coperture/file": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/coperture/file": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/isee/file": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/isee/file": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/certificati/aggiungi": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/certificati/aggiungi": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/certificati/{documento}": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/certificati/{documento}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/file/{documento}/togli": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/file/{documento}/togli": member,
	"GET /indennita-malattia-infortunio/domande/{id}/compila/certificati": member, "GET /indennita-malattia-infortunio/domande/{id}/compila/file/{documento}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/documenti/{documento}": member,

	// What is sent, and what is asked about it.
	"GET /indennita-malattia-infortunio/domande/{id}/compila/riepilogo": member, "POST /indennita-malattia-infortunio/domande/{id}/compila/riepilogo": member,
	"GET /indennita-malattia-infortunio/domande/{id}": member, "GET /indennita-malattia-infortunio/domande/{id}/inviata": member,
	"GET /indennita-malattia-infortunio/domande/{id}/ricevuta": member, "GET /indennita-malattia-infortunio/domande/{id}/ricevuta.pdf": member,
	"GET /indennita-malattia-infortunio/domande/{id}/documenti": member, "GET /indennita-malattia-infortunio/domande/{id}/calcolo": member,
	"GET /indennita-malattia-infortunio/domande/messaggi": member, "GET /indennita-malattia-infortunio/domande/{id}/messaggi/nuovo": member,
	"GET /indennita-malattia-infortunio/domande/{id}/messaggi/nuovo/{argomento}": member, "POST /indennita-malattia-infortunio/domande/{id}/messaggi/nuovo/{argomento}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/messaggi/{conversazione}": member, "POST /indennita-malattia-infortunio/domande/{id}/messaggi/{conversazione}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/messaggi": member, "GET /indennita-malattia-infortunio/domande/{id}/richieste": member,
	"GET /indennita-malattia-infortunio/domande/{id}/firma": heir, "POST /indennita-malattia-infortunio/domande/{id}/firma": heir,
	"GET /indennita-malattia-infortunio/domande/{id}/ritira": member, "POST /indennita-malattia-infortunio/domande/{id}/ritira": member,
	"GET /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}": member, "POST /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/riepilogo": member, "POST /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/riepilogo": member,
	"GET /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/inviata":     member,
	"GET /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}": member, "POST /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}": member,
	"GET /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}/togli": member, "POST /indennita-malattia-infortunio/domande/{id}/richieste/{richiesta}/voci/{voce}/togli": member,
	"GET /indennita-malattia-infortunio/calendario": member, "POST /indennita-malattia-infortunio/calendario": member,
	"GET /verifica-documento": anybody, "POST /verifica-documento": anybody,

	"GET /indennita-malattia-infortunio/stima": anybody, "GET /indennita-malattia-infortunio/bandi": anybody,
	"GET /indennita-malattia-infortunio/bandi/{bando}": anybody, "GET /indennita-malattia-infortunio/bandi/{bando}/bando.pdf": anybody,
	// Heirs, and what came by PEC.
	"GET /indennita-malattia-infortunio/eredi": anybody, "GET /indennita-malattia-infortunio/eredi/prepara": anybody, "POST /indennita-malattia-infortunio/eredi/prepara": anybody,
	"GET /indennita-malattia-infortunio/eredi/prepara/modulo.pdf": anybody, "POST /indennita-malattia-infortunio/eredi/prepara/modulo.pdf": anybody,
	"GET /indennita-malattia-infortunio/eredi/collega": loggedIn, "POST /indennita-malattia-infortunio/eredi/collega": loggedIn,
	"GET /gestione/enpap": welfare, "GET /gestione/enpap/domande/registra": welfare, "POST /gestione/enpap/domande/registra": welfare,
	"GET /gestione/enpap/messaggi": welfare, "GET /gestione/enpap/domande/{id}/messaggi": welfare,
	"GET /gestione/enpap/domande/{id}/messaggi/{conversazione}": welfare, "POST /gestione/enpap/domande/{id}/messaggi/{conversazione}": welfare,
	"GET /gestione/enpap/domande/{id}/messaggi/{conversazione}/chiudi": welfare, "POST /gestione/enpap/domande/{id}/messaggi/{conversazione}/chiudi": welfare,
	"GET /gestione/enpap/domande/{id}": welfare, "GET /gestione/enpap/domande/{id}/documenti/{documento}": welfare,
	"GET /gestione/enpap/domande/{id}/documenti/aggiungi": welfare, "POST /gestione/enpap/domande/{id}/documenti/aggiungi": welfare,
	"GET /gestione/enpap/domande/{id}/eredi/{erede}/codice": welfare, "POST /gestione/enpap/domande/{id}/eredi/{erede}/codice": welfare,
	"GET /gestione/enpap/domande/{id}/pec": welfare, "POST /gestione/enpap/domande/{id}/pec": welfare,
	"GET /gestione/enpap/domande/{id}/pec/{messaggio}": welfare, "POST /gestione/enpap/domande/{id}/pec/{messaggio}": welfare,
	"GET /gestione/enpap/domande/{id}/subentro": welfare, "POST /gestione/enpap/domande/{id}/subentro": welfare,
	"GET /gestione/enpap/domande/{id}/subentro/decidi": welfare, "POST /gestione/enpap/domande/{id}/subentro/decidi": welfare,

	"GET /gestione/enpap/bandi": welfare, "GET /gestione/enpap/bandi/nuovo": welfare, "POST /gestione/enpap/bandi/nuovo": welfare,
	"GET /gestione/enpap/bandi/{bando}":                welfare,
	"GET /gestione/enpap/bandi/{bando}/nuova-versione": welfare, "POST /gestione/enpap/bandi/{bando}/nuova-versione": welfare,
	"GET /gestione/enpap/bandi/{bando}/sezione/{sezione}": welfare, "POST /gestione/enpap/bandi/{bando}/sezione/{sezione}": welfare,
	"GET /gestione/enpap/bandi/{bando}/proponi": welfare, "POST /gestione/enpap/bandi/{bando}/proponi": welfare,
	"GET /gestione/enpap/bandi/{bando}/approva": welfare, "POST /gestione/enpap/bandi/{bando}/approva": welfare,
	"GET /gestione/enpap/bandi/{bando}/elimina": welfare, "POST /gestione/enpap/bandi/{bando}/elimina": welfare,
}

// routes lists every address of the site: "GET /path/{id}".
func (s *site) routes() []string {
	s.Helper()
	var all []string
	err := chi.Walk(s.Portal.Handler().(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasSuffix(route, "/*") && method != "GET" {
			return nil // chi registers a folder of files for every method
		}
		all = append(all, method+" "+route)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

func TestEveryAddressIsInTheAccessTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	routes := s.routes()
	for _, r := range routes {
		if accessTable[r] == "" {
			t.Errorf("%s is in nobody's table", r)
		}
	}
	for r := range accessTable {
		if !slices.Contains(routes, r) {
			t.Errorf("%s is in the table and not on the site", r)
		}
	}
}

func TestEachHatOpensItsOwnAddressesAndNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	opens := map[string][]access{
		"":                  {anybody},
		demo.Citizen:        {anybody, loggedIn, citizen},
		demo.Psychologist:   {anybody, loggedIn, psychologist, enrolled},
		demo.ExPsychologist: {anybody, loggedIn, psychologist},
		demo.INPSOfficer:    {anybody, loggedIn, inps},
		demo.CNOPPreparer:   {anybody, loggedIn, cnop},
		demo.WelfareOfficer: {anybody, loggedIn, welfare},
		demo.Member:         {anybody, loggedIn, member},
	}
	for hint, may := range opens {
		b, fill := s.browser(), s.own(demo.Citizen)
		switch hint {
		case "":
		case demo.Citizen:
			b = s.login(hint, "")
		case demo.INPSOfficer:
			b, fill = s.login(hint, "inps"), s.own(hint)
		case demo.CNOPPreparer:
			b, fill = s.login(hint, "cnop"), s.own(hint)
		case demo.WelfareOfficer:
			b, fill = s.login(hint, "welfare"), s.own(hint)
		case demo.Member:
			b, fill = s.login(hint, "iscritto"), s.own(hint)
		default:
			b, fill = s.login(hint, "psicoterapeuta"), s.own(hint)
		}
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, route := range slices.Sorted(maps.Keys(accessTable)) {
			method, pattern, _ := strings.Cut(route, " ")
			if method != "GET" || pattern == "/accedi/avvia" {
				continue // posts are in the test of foreign forms; this one leaves the site
			}
			p := b.get(fill(pattern))
			wanted := accessTable[route]
			to := p.Header.Get("Location")
			lets := p.Status == http.StatusConflict || (wanted == inps || wanted == cnop || wanted == welfare) && p.Status == http.StatusForbidden || // a colleague's duty
				// a page of theirs, on what may not be done today
				p.Status < 400 && !strings.HasPrefix(to, "/accedi") && !strings.HasPrefix(to, "/profili") ||
				p.Status == http.StatusNotFound && strings.HasPrefix(pattern, "/messaggi/") || // nobody has a message yet
				p.Status == http.StatusNotFound && strings.Contains(pattern, "/sportello/sedute/") && wanted == inps && slices.Contains(may, inps) || // nobody is at the counter
				p.Status == http.StatusNotFound && pattern == "/static/*" ||
				strings.HasPrefix(pattern, "/accedi") // leads on, by what it is for
			if slices.Contains(may, wanted) != lets {
				t.Errorf("%q at %s, which is for %s: %d %s", hint, route, wanted, p.Status, to)
			}
		}
	}
}

func TestSomebodyElsesThingsLookLikeThingsThatNeverWere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.PartialCitizen, "")
	colleague, fellow := s.login(demo.ExPsychologist, "psicoterapeuta"), s.login(demo.CyclesMember, "iscritto")
	for route, who := range accessTable {
		method, pattern, _ := strings.Cut(route, " ")
		if !strings.Contains(pattern, "{id}") {
			continue
		}
		reader, owner := b, demo.Citizen
		switch who {
		case psychologist:
			reader, owner = colleague, demo.Psychologist
		case member:
			reader, owner = fellow, demo.Member
		}
		theirs, nobodys := s.own(owner)(pattern), strings.ReplaceAll(pattern, "{id}", once.NewKey())
		ask := func(path string) page {
			if method == "POST" {
				return reader.post(path, url.Values{"idem": {once.NewKey()}, "dichiarazione": {"si"}})
			}
			return reader.get(path)
		}
		p, q := ask(theirs), ask(nobodys)
		if p.Status != http.StatusNotFound || q.Status != http.StatusNotFound || p.one("body").text() != q.one("body").text() {
			t.Errorf("%s: %d for somebody else's, %d for nobody's", route, p.Status, q.Status)
		}
		for _, id := range []string{"x", "1", "../../etc/passwd", strings.ToUpper(once.NewKey()), "{id}", "%00"} {
			if p := ask(strings.ReplaceAll(pattern, "{id}", url.PathEscape(id))); p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest {
				t.Errorf("%s with the id %q: %d", route, id, p.Status)
			}
		}
	}
	s.whole()
}
