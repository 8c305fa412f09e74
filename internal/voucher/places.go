package voucher

import (
	"slices"
	"strings"
)

// Territories are the 21 that have money and a ranking of their own: 19 regions and
// the two autonomous provinces, as the portal writes them.
var Territories = []string{
	"Abruzzo", "Basilicata", "Calabria", "Campania", "Emilia-Romagna", "Friuli-Venezia Giulia", "Lazio",
	"Liguria", "Lombardia", "Marche", "Molise", "P.A. Bolzano", "P.A. Trento", "Piemonte", "Puglia",
	"Sardegna", "Sicilia", "Toscana", "Umbria", "Valle d'Aosta", "Veneto",
}

// areas are the provinces of each territory by their two letters, and the first
// two digits of its postal codes (ISTAT, Codici statistici delle unità
// amministrative territoriali, 2025; Poste Italiane, zone del CAP).
var areas = map[string]struct{ provinces, postal string }{
	"Abruzzo":               {"AQ CH PE TE", "64 65 66 67"},
	"Basilicata":            {"MT PZ", "75 85"},
	"Calabria":              {"CS CZ KR RC VV", "87 88 89"},
	"Campania":              {"AV BN CE NA SA", "80 81 82 83 84"},
	"Emilia-Romagna":        {"BO FC FE MO PC PR RA RE RN", "29 40 41 42 43 44 47 48"},
	"Friuli-Venezia Giulia": {"GO PN TS UD", "33 34"},
	"Lazio":                 {"FR LT RI RM VT", "00 01 02 03 04"},
	"Liguria":               {"GE IM SP SV", "16 17 18 19"},
	"Lombardia":             {"BG BS CO CR LC LO MB MI MN PV SO VA", "20 21 22 23 24 25 26 27 46"},
	"Marche":                {"AN AP FM MC PU", "60 61 62 63"},
	"Molise":                {"CB IS", "86"},
	"P.A. Bolzano":          {"BZ", "39"},
	"P.A. Trento":           {"TN", "38"},
	"Piemonte":              {"AL AT BI CN NO TO VB VC", "10 12 13 14 15 28"},
	"Puglia":                {"BA BR BT FG LE TA", "70 71 72 73 74 76"},
	"Sardegna":              {"CA NU OR SS SU", "07 08 09"},
	"Sicilia":               {"AG CL CT EN ME PA RG SR TP", "90 91 92 93 94 95 96 97 98"},
	"Toscana":               {"AR FI GR LI LU MS PI PO PT SI", "50 51 52 53 54 55 56 57 58 59"},
	"Umbria":                {"PG TR", "05 06"},
	"Valle d'Aosta":         {"AO", "11"},
	"Veneto":                {"BL PD RO TV VE VI VR", "30 31 32 35 36 37 45"},
}

// TerritoryOf is the territory in which a province lies, by its two letters; ""
// for letters that no province has.
func TerritoryOf(province string) string {
	for _, t := range Territories {
		if slices.Contains(strings.Fields(areas[t].provinces), province) {
			return t
		}
	}
	return ""
}

// reachedBy tells whether letters with a postal code go to a territory.
func reachedBy(territory, postalCode string) bool {
	return slices.Contains(strings.Fields(areas[territory].postal), postalCode[:2])
}

// otherNames are what the two autonomous provinces are called elsewhere.
var otherNames = map[string]string{
	"bolzano": "P.A. Bolzano", "provinciaautonomabolzano": "P.A. Bolzano", "provinciaautonomadibolzano": "P.A. Bolzano",
	"trento": "P.A. Trento", "provinciaautonomatrento": "P.A. Trento", "provinciaautonomaditrento": "P.A. Trento",
}

// ParseTerritory reads the name of a territory as people write it: "EMILIA
// ROMAGNA", "Valle d’Aosta", "Provincia autonoma di Trento".
func ParseTerritory(text string) (string, bool) {
	asked := letters(text)
	for _, t := range Territories {
		if letters(t) == asked {
			return t, true
		}
	}
	t, ok := otherNames[asked]
	return t, ok
}

// letters is what is left of a name without capitals, accents, blanks and signs:
// two names that differ in no more are the same.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r
		case strings.ContainsRune("àáâäã", r):
			return 'a'
		case strings.ContainsRune("èéêë", r):
			return 'e'
		case strings.ContainsRune("ìíîï", r):
			return 'i'
		case strings.ContainsRune("òóôöõ", r):
			return 'o'
		case strings.ContainsRune("ùúûü", r):
			return 'u'
		case r > 127 && r != '’':
			return r
		}
		return -1
	}, strings.ToLower(name))
}
