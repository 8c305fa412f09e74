package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"portal/internal/voucher"
	"portal/web/ui"
)

// provinces are the names behind the two letters of an address (ISTAT, Codici
// statistici delle unità amministrative territoriali, 2025).
var provinces = map[string]string{
	"AG": "Agrigento", "AL": "Alessandria", "AN": "Ancona", "AO": "Aosta", "AR": "Arezzo", "AP": "Ascoli Piceno",
	"AT": "Asti", "AV": "Avellino", "BA": "Bari", "BT": "Barletta-Andria-Trani", "BL": "Belluno", "BN": "Benevento",
	"BG": "Bergamo", "BI": "Biella", "BO": "Bologna", "BZ": "Bolzano/Bozen", "BS": "Brescia", "BR": "Brindisi",
	"CA": "Cagliari", "CL": "Caltanissetta", "CB": "Campobasso", "CE": "Caserta", "CT": "Catania", "CZ": "Catanzaro",
	"CH": "Chieti", "CO": "Como", "CS": "Cosenza", "CR": "Cremona", "KR": "Crotone", "CN": "Cuneo", "EN": "Enna",
	"FM": "Fermo", "FE": "Ferrara", "FI": "Firenze", "FG": "Foggia", "FC": "Forlì-Cesena", "FR": "Frosinone",
	"GE": "Genova", "GO": "Gorizia", "GR": "Grosseto", "IM": "Imperia", "IS": "Isernia", "AQ": "L’Aquila",
	"SP": "La Spezia", "LT": "Latina", "LE": "Lecce", "LC": "Lecco", "LI": "Livorno", "LO": "Lodi", "LU": "Lucca",
	"MC": "Macerata", "MN": "Mantova", "MS": "Massa-Carrara", "MT": "Matera", "ME": "Messina", "MI": "Milano",
	"MO": "Modena", "MB": "Monza e Brianza", "NA": "Napoli", "NO": "Novara", "NU": "Nuoro", "OR": "Oristano",
	"PD": "Padova", "PA": "Palermo", "PR": "Parma", "PV": "Pavia", "PG": "Perugia", "PU": "Pesaro e Urbino",
	"PE": "Pescara", "PC": "Piacenza", "PI": "Pisa", "PT": "Pistoia", "PN": "Pordenone", "PZ": "Potenza",
	"PO": "Prato", "RG": "Ragusa", "RA": "Ravenna", "RC": "Reggio Calabria", "RE": "Reggio Emilia", "RI": "Rieti",
	"RN": "Rimini", "RM": "Roma", "RO": "Rovigo", "SA": "Salerno", "SS": "Sassari", "SV": "Savona", "SI": "Siena",
	"SR": "Siracusa", "SO": "Sondrio", "SU": "Sud Sardegna", "TA": "Taranto", "TE": "Teramo", "TR": "Terni",
	"TO": "Torino", "TP": "Trapani", "TN": "Trento", "TV": "Treviso", "TS": "Trieste", "UD": "Udine", "VA": "Varese",
	"VE": "Venezia", "VB": "Verbano-Cusio-Ossola", "VC": "Vercelli", "VR": "Verona", "VV": "Vibo Valentia",
	"VI": "Vicenza", "VT": "Viterbo",
}

// languages are those one can ask for, as ISO 639-1 writes them; their names are
// words of the catalogue.
var languages = []string{"it", "de", "sl", "en", "fr", "es", "pt", "ro", "sq", "ar", "uk", "ru", "zh"}

// provinceName is "Roma (RM)". Two letters that no province has stand alone.
func provinceName(letters string) string {
	name, known := provinces[letters]
	if !known {
		return letters
	}
	return name + " (" + letters + ")"
}

// typeset gives a name out of the data the apostrophe that screens use.
func typeset(name string) string { return strings.ReplaceAll(name, "'", "’") }

func regionOptions(f ui.Frame) []ui.Option {
	options := []ui.Option{{Label: f.T("citizen.list.any_region")}}
	for _, t := range voucher.Territories {
		options = append(options, ui.Option{Value: t, Label: typeset(t)})
	}
	return options
}

func provinceOptions(f ui.Frame, chosen string) []ui.Option {
	options := make([]ui.Option, 0, len(provinces)+2)
	for letters := range provinces {
		options = append(options, ui.Option{Value: letters, Label: provinceName(letters)})
	}
	if _, known := provinces[chosen]; !known && chosen != "" {
		options = append(options, ui.Option{Value: chosen, Label: chosen})
	}
	slices.SortFunc(options, func(a, b ui.Option) int { return cmp.Compare(a.Label, b.Label) })
	return slices.Insert(options, 0, ui.Option{Label: f.T("citizen.list.any_province")})
}

func languageOptions(f ui.Frame) []ui.Option {
	options := []ui.Option{{Label: f.T("citizen.list.any_language")}}
	for _, l := range languages {
		options = append(options, ui.Option{Value: l, Label: languageName(f, l)})
	}
	return options
}

func languageName(f ui.Frame, code string) string {
	if !slices.Contains(languages, code) {
		return code
	}
	return f.T("citizen.language." + code)
}

// workNote is what a listing adds to name and place: other languages than
// Italian, and whether one works on line as well.
func workNote(f ui.Frame, l voucher.Listing) string {
	var notes []string
	if l.Online {
		notes = append(notes, f.T("citizen.list.online_too"))
	}
	if len(l.Languages) > 1 || !slices.Contains(l.Languages, "it") {
		names := make([]string, len(l.Languages))
		for i, code := range l.Languages {
			names[i] = strings.ToLower(languageName(f, code))
		}
		notes = append(notes, strings.Join(names, ", "))
	}
	return strings.Join(notes, " · ")
}

// phoneURL is a number as links dial it.
func phoneURL(number string) string {
	return "tel:" + strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}

// unbroken keeps a number on one line.
func unbroken(number string) string { return strings.ReplaceAll(number, " ", "\u00a0") }

// grouped is a whole number with dots between thousands: "3.997".
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}
