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
	"portal/internal/identity"
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
	"GET /indennita-malattia-infortunio/domande/{id}/messaggi": member, "GET /indennita-malattia-infortunio/domande/{id}/richieste": member,
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
	"GET /gestione/enpap/domande/{id}": welfare, "GET /gestione/enpap/domande/{id}/documenti/{documento}": welfare,
	"GET /gestione/enpap/domande/{id}/documenti/aggiungi": welfare, "POST /gestione/enpap/domande/{id}/documenti/aggiungi": welfare,
	"GET /gestione/enpap/domande/{id}/eredi/{erede}/codice": welfare, "POST /gestione/enpap/domande/{id}/eredi/{erede}/codice": welfare,
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

// own puts the ids of a persona's own things into addresses; of the child's for a
// hint that is no persona's.
func (s *site) own(hint demo.Hint) func(route string) string {
	s.Helper()
	code := demo.Child.FiscalCode
	for _, p := range demo.Personas {
		if p.Hint == hint {
			code = p.FiscalCode
		}
	}
	var application, booking, message string
	column := "beneficiary_id"
	if strings.HasPrefix(hint, "psic") {
		column = "professional_id"
	}
	err := s.Pool.QueryRow(s.Context(), `
		SELECT coalesce((SELECT a.id::text FROM applications a WHERE a.beneficiary_id = p.id ORDER BY a.submitted_at DESC LIMIT 1), ''),
			coalesce((SELECT b.id::text FROM bookings b WHERE CASE $2 WHEN 'beneficiary_id' THEN b.beneficiary_id ELSE b.professional_id END = p.id
				AND b.state = 'booked' ORDER BY b.day DESC LIMIT 1), ''),
			gen_random_uuid()::text
		FROM persons p WHERE p.fiscal_code = $1`, string(code), column).Scan(&application, &booking, &message)
	if err != nil {
		s.Fatal(err)
	}
	return func(route string) string {
		id := booking
		switch {
		case strings.Contains(route, "{token}"):
			return strings.ReplaceAll(route, "{token}", s.ownFeed(code))
		case strings.Contains(route, memberCases+"/{id}") && !strings.Contains(route, "/compila") && !strings.Contains(route, "/elimina"):
			var request, paper string
			id, request, paper = s.ownIndemnityCase(code)
			route = strings.NewReplacer("{richiesta}", request, "{voce}", "V6", "{documento}", paper).Replace(route)
		case strings.Contains(route, memberCases+"/{id}"):
			id = s.ownIndemnityDraft(code)
			route = strings.NewReplacer("{stop}", "aggiungi", "{file}", "fronte", "{documento}", s.ownPaper(id)).Replace(route)
		case strings.Contains(route, "/enpap/domande/{id}"):
			var heir, paper string
			id, heir, paper = s.ownHeirsCase()
			route = strings.NewReplacer("{erede}", heir, "{documento}", paper).Replace(route)
		case strings.Contains(route, "/domande/nuova/{id}"):
			id = s.ownDraft(code)
		case strings.Contains(route, "/inps/domande/{id}"):
			id = s.text(`SELECT id::text FROM applications ORDER BY protocol LIMIT 1`)
		case strings.Contains(route, "/segnalazioni/{id}") && strings.Contains(route, "/inps/"):
			id = s.ownDispute(code, strings.HasSuffix(route, "/esecuzione"))
		case strings.Contains(route, "/sportello/sedute/{id}"), strings.Contains(route, "/inps/sedute/{id}"):
			id = s.text(`SELECT id::text FROM bookings WHERE state = 'booked' ORDER BY day DESC, id LIMIT 1`)
		case strings.Contains(route, "/inps/chiusure/{id}"):
			id = s.ownClosure()
		case strings.Contains(route, "/inps/casi/{id}"):
			id = s.ownCase()
		case strings.Contains(route, "/inps/codici/{id}/sedute/"):
			id = s.text(`SELECT v.id::text FROM vouchers v JOIN bookings b ON b.voucher_id = v.id WHERE v.state = 'active' ORDER BY b.day, b.id LIMIT 1`)
		case strings.Contains(route, "/inps/codici/{id}"):
			id = s.text(`SELECT id::text FROM vouchers WHERE state = 'active' ORDER BY last_day DESC, id LIMIT 1`)
		case strings.Contains(route, "/domande/{id}"):
			id = application
		case strings.Contains(route, "/fatture/{id}"):
			id = s.ownInvoice(code)
		case strings.Contains(route, "/professionisti/pagamenti/{id}"):
			id = s.ownPayment(code)
		case strings.Contains(route, "/messaggi/{id}"):
			id = message
		case strings.Contains(route, "/deleghe/{id}"):
			id = s.ownMandate(code)
		case strings.Contains(route, "/riesami/{id}"):
			id, _ = s.ownReview(code)
		case strings.Contains(route, "/documenti/{id}"):
			_, id = s.ownReview(code)
		case strings.Contains(route, "/cnop/invii/{id}"), strings.Contains(route, "/professionisti/invii/{id}"):
			id = s.text(`SELECT id::text FROM deliveries WHERE state = 'applied'`)
		case strings.Contains(route, "/cnop/elenco/{id}"), strings.Contains(route, "/inps/professionisti/{id}"):
			id = s.text(`SELECT p.id::text FROM persons p WHERE p.fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
		case strings.Contains(route, "/cnop/segnalazioni/{id}"):
			id = s.text(`INSERT INTO list_reports (person_id, text, asked_by, asked_at) SELECT id, 'Non risulta.', id, now() FROM persons WHERE fiscal_code = $1 RETURNING id::text`,
				string(fiscalCode(demo.Psychologist)))
		case strings.Contains(route, "/inps/simulazioni/{id}"), strings.Contains(route, "/inps/pubblicazioni/{id}"):
			id = s.text(`SELECT id::text FROM ranking_runs WHERE state = 'published' ORDER BY edition_id DESC, number LIMIT 1`)
		case strings.Contains(route, "/inps/scorrimenti/{id}"):
			id = s.reallocation()
		case strings.Contains(route, "/inps/iban/{id}"):
			id = s.account(demo.Psychologist)
		case strings.Contains(route, "/importazioni/{id}"):
			id = s.refusedImport()
		case strings.Contains(route, "/inps/pagamenti/{id}"):
			run, order := s.anyRun()
			id, route = run, strings.ReplaceAll(route, "{pagamento}", order)
		}
		if strings.Contains(route, "{pid}") {
			route = strings.ReplaceAll(route, "{pid}", s.text(`SELECT coalesce((SELECT b.professional_id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
				WHERE v.application_id::text = $1 LIMIT 1), gen_random_uuid())::text`, application))
		}
		if strings.Contains(route, "{riga}") {
			route = strings.ReplaceAll(route, "{riga}", s.text(`SELECT subject_id::text FROM closure_rows WHERE closure_id = $1`, id))
		}
		if strings.Contains(route, "{seduta}") {
			route = strings.ReplaceAll(route, "{seduta}", s.text(`SELECT id::text FROM bookings WHERE voucher_id = $1 UNION ALL SELECT gen_random_uuid()::text LIMIT 1`, id))
		}
		if strings.Contains(route, "{trasferimento}") {
			route = strings.ReplaceAll(route, "{trasferimento}", s.transfer())
		}
		if strings.Contains(route, "/bandi/{bando}/sezione/") {
			route = strings.ReplaceAll(route, "{sezione}", "punteggi")
		}
		return strings.NewReplacer("{bando}", "2026-11", "{id}", id, "/static/*", "/static/x", "{edizione}", "prova-2", "{territorio}", "lazio", "{sezione}", "fasce").Replace(route)
	}
}

// ownDraft is a draft of somebody's, begun when the window of its edition was open.
func (s *site) ownDraft(code identity.FiscalCode) (id string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `
		INSERT INTO application_drafts (edition_id, applicant_id, fiscal_code, answers, started_at, saved_at)
		SELECT '2025', id, fiscal_code, '{"of": {"tie": "self"}}', now(), now() FROM persons WHERE fiscal_code = $1
		ON CONFLICT ON CONSTRAINT draft_is_one_for_each_beneficiary DO UPDATE SET saved_at = now() RETURNING id`, string(code)).Scan(&id)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// ownIndemnityCase is an application of somebody's for the indemnity, with what was asked
// about it and a paper of it; made-up names where there is none.
func (s *site) ownIndemnityCase(code identity.FiscalCode) (id, request, paper string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `
		SELECT coalesce(a.id, gen_random_uuid())::text, coalesce((SELECT q.id FROM indemnity_requests q WHERE q.application_id = a.id LIMIT 1), gen_random_uuid())::text,
			coalesce((SELECT x.id FROM indemnity_papers x WHERE x.case_id = a.id LIMIT 1), gen_random_uuid())::text
		FROM persons p LEFT JOIN indemnity_applications a ON a.member_id = p.id WHERE p.fiscal_code = $1 LIMIT 1`, string(code)).Scan(&id, &request, &paper)
	if err != nil {
		s.Fatal(err)
	}
	return id, request, paper
}

// ownPaper is a certificate of a draft.
func (s *site) ownPaper(draft string) string {
	s.Helper()
	return s.text(`INSERT INTO indemnity_papers (id, case_id, kind, added_by, added_at)
		SELECT gen_random_uuid(), id, 'initial_prognosis', member_id, now() FROM indemnity_drafts WHERE id = $1 RETURNING id::text`, draft)
}

// ownIndemnityDraft is a draft of somebody's for the indemnity, the first there is.
func (s *site) ownIndemnityDraft(code identity.FiscalCode) string {
	s.Helper()
	return s.text(`
		WITH old AS (SELECT d.id FROM indemnity_drafts d JOIN persons p ON p.id = d.member_id WHERE p.fiscal_code = $1 AND d.sent_at IS NULL ORDER BY d.started_at, d.id LIMIT 1),
		new AS (
			INSERT INTO indemnity_drafts (id, member_id, answers, started_at, saved_at)
			SELECT gen_random_uuid(), id, '{"cause": "illness", "first": "2026-11-02", "last": "2026-11-18"}', now(), now() FROM persons
			WHERE fiscal_code = $1 AND NOT EXISTS (SELECT FROM old) RETURNING id)
		SELECT id::text FROM old UNION ALL SELECT id::text FROM new`, string(code))
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

func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	fill := s.own(demo.Citizen)
	paths := []string{"/non-esiste", "/professionisti/sedute"}
	for route := range accessTable {
		if method, pattern, _ := strings.Cut(route, " "); method == "GET" && pattern != "/static/*" {
			paths = append(paths, fill(pattern))
		}
	}
	for _, path := range paths {
		p := b.get(path)
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := p.Header.Get(name); got != want {
				t.Errorf("%s (%d): %s is %q", path, p.Status, name, got)
			}
		}
		policy := p.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s (%d): the policy %q lacks %s", path, p.Status, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
	}
}

func TestFormsOfOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	people := map[access]*browser{citizen: s.login(demo.Citizen, ""), psychologist: s.login(demo.Psychologist, "psicoterapeuta")}
	people[inps], people[cnop] = s.login(demo.INPSOfficer, "inps"), s.login(demo.CNOPPreparer, "cnop")
	people[welfare], people[member] = s.login(demo.WelfareOfficer, "welfare"), s.login(demo.Member, "iscritto")
	people[enrolled], people[loggedIn], people[anybody] = people[psychologist], people[citizen], people[citizen]
	owns := map[access]func(string) string{citizen: s.own(demo.Citizen), psychologist: s.own(demo.Psychologist)}
	owns[inps], owns[cnop] = s.own(demo.INPSOfficer), s.own(demo.CNOPPreparer)
	owns[welfare], owns[member] = s.own(demo.WelfareOfficer), s.own(demo.Member)
	owns[enrolled], owns[loggedIn], owns[anybody] = owns[psychologist], owns[citizen], owns[citizen]
	before := s.count(`SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions)`)
	for route, who := range accessTable {
		method, pattern, _ := strings.Cut(route, " ")
		if method != "POST" {
			continue
		}
		for _, h := range []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}},
			{"Sec-Fetch-Site": nil, "Origin": {"null"}}, {"Sec-Fetch-Site": nil, "Origin": {"https://altro.example"}},
		} {
			p := people[who].do("POST", owns[who](pattern), url.Values{"idem": {once.NewKey()}, "dichiarazione": {"si"}}, h)
			if p.Status != http.StatusForbidden {
				t.Errorf("%s with %v: %d", route, h, p.Status)
			}
		}
	}
	if after := s.count(`SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions)`); after != before {
		t.Errorf("%d rows more than before", after-before)
	}
}

func TestReadingPagesAnonymouslyLeavesNoLoginSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for route, who := range accessTable {
		if method, pattern, _ := strings.Cut(route, " "); method == "GET" && who == anybody && !strings.HasPrefix(pattern, "/accedi/") {
			s.browser().get(pattern)
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d login sessions", n)
	}
}

func TestNothingSecretReachesTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := s.code(demo.Citizen)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	p := b.get("/professionisti/sedute/nuova")
	for _, wrong := range []string{code, strings.ToLower(code), "000000000000"} {
		b.submit(p, url.Values{"codice_univoco": {wrong}, "codice_fiscale": {string(demo.Personas[1].FiscalCode)}})
	}
	log := s.Logged.String()
	for _, secret := range []string{code, strings.ReplaceAll(code, " ", ""), string(demo.Personas[0].FiscalCode), string(demo.Personas[1].FiscalCode), "Rossi", "Maria", "Bianchi"} {
		if strings.Contains(strings.ToUpper(log), strings.ToUpper(secret)) {
			t.Errorf("the log says %q", secret)
		}
	}
	if !strings.Contains(log, `"route":"/professionisti/sedute/nuova"`) {
		t.Error("the log names no route: this test would not see a secret either")
	}
}
