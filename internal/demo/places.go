package demo

// place is a town with what a postal address needs.
type place struct{ city, postalCode, province, region string }

// places are where the made-up professionals work: the seat of every region and
// towns of all sizes. Regions are named as INPS names its territories.
var places = []place{
	{"Roma", "00195", "RM", "Lazio"}, {"Roma", "00185", "RM", "Lazio"}, {"Roma", "00153", "RM", "Lazio"}, {"Tivoli", "00019", "RM", "Lazio"},
	{"Latina", "04100", "LT", "Lazio"}, {"Viterbo", "01100", "VT", "Lazio"}, {"Frosinone", "03100", "FR", "Lazio"}, {"Rieti", "02100", "RI", "Lazio"},
	{"Milano", "20121", "MI", "Lombardia"}, {"Milano", "20135", "MI", "Lombardia"}, {"Milano", "20159", "MI", "Lombardia"}, {"Monza", "20900", "MB", "Lombardia"},
	{"Bergamo", "24121", "BG", "Lombardia"}, {"Brescia", "25121", "BS", "Lombardia"}, {"Como", "22100", "CO", "Lombardia"}, {"Varese", "21100", "VA", "Lombardia"},
	{"Pavia", "27100", "PV", "Lombardia"}, {"Mantova", "46100", "MN", "Lombardia"}, {"Cremona", "26100", "CR", "Lombardia"}, {"Lecco", "23900", "LC", "Lombardia"},
	{"Torino", "10121", "TO", "Piemonte"}, {"Torino", "10138", "TO", "Piemonte"}, {"Ivrea", "10015", "TO", "Piemonte"}, {"Novara", "28100", "NO", "Piemonte"},
	{"Alessandria", "15121", "AL", "Piemonte"}, {"Cuneo", "12100", "CN", "Piemonte"}, {"Asti", "14100", "AT", "Piemonte"}, {"Aosta", "11100", "AO", "Valle d'Aosta"},
	{"Genova", "16121", "GE", "Liguria"}, {"La Spezia", "19121", "SP", "Liguria"}, {"Savona", "17100", "SV", "Liguria"}, {"Imperia", "18100", "IM", "Liguria"},
	{"Bolzano", "39100", "BZ", "P.A. Bolzano"}, {"Merano", "39012", "BZ", "P.A. Bolzano"}, {"Brunico", "39031", "BZ", "P.A. Bolzano"},
	{"Trento", "38122", "TN", "P.A. Trento"}, {"Rovereto", "38068", "TN", "P.A. Trento"},
	{"Venezia", "30121", "VE", "Veneto"}, {"Padova", "35121", "PD", "Veneto"}, {"Verona", "37121", "VR", "Veneto"}, {"Vicenza", "36100", "VI", "Veneto"},
	{"Treviso", "31100", "TV", "Veneto"}, {"Belluno", "32100", "BL", "Veneto"}, {"Rovigo", "45100", "RO", "Veneto"},
	{"Trieste", "34121", "TS", "Friuli-Venezia Giulia"}, {"Gorizia", "34170", "GO", "Friuli-Venezia Giulia"}, {"Udine", "33100", "UD", "Friuli-Venezia Giulia"}, {"Pordenone", "33170", "PN", "Friuli-Venezia Giulia"},
	{"Bologna", "40121", "BO", "Emilia-Romagna"}, {"Modena", "41121", "MO", "Emilia-Romagna"}, {"Parma", "43121", "PR", "Emilia-Romagna"}, {"Reggio nell'Emilia", "42121", "RE", "Emilia-Romagna"},
	{"Ferrara", "44121", "FE", "Emilia-Romagna"}, {"Forlì", "47121", "FC", "Emilia-Romagna"}, {"Ravenna", "48121", "RA", "Emilia-Romagna"}, {"Rimini", "47921", "RN", "Emilia-Romagna"},
	{"Firenze", "50121", "FI", "Toscana"}, {"Pisa", "56121", "PI", "Toscana"}, {"Siena", "53100", "SI", "Toscana"}, {"Livorno", "57121", "LI", "Toscana"},
	{"Arezzo", "52100", "AR", "Toscana"}, {"Lucca", "55100", "LU", "Toscana"}, {"Prato", "59100", "PO", "Toscana"}, {"Grosseto", "58100", "GR", "Toscana"},
	{"Perugia", "06121", "PG", "Umbria"}, {"Terni", "05100", "TR", "Umbria"}, {"Ancona", "60121", "AN", "Marche"}, {"Pesaro", "61121", "PU", "Marche"},
	{"Macerata", "62100", "MC", "Marche"}, {"L'Aquila", "67100", "AQ", "Abruzzo"}, {"Pescara", "65121", "PE", "Abruzzo"}, {"Chieti", "66100", "CH", "Abruzzo"},
	{"Campobasso", "86100", "CB", "Molise"}, {"Isernia", "86170", "IS", "Molise"},
	{"Napoli", "80121", "NA", "Campania"}, {"Napoli", "80138", "NA", "Campania"}, {"Salerno", "84121", "SA", "Campania"}, {"Caserta", "81100", "CE", "Campania"},
	{"Avellino", "83100", "AV", "Campania"}, {"Benevento", "82100", "BN", "Campania"},
	{"Bari", "70121", "BA", "Puglia"}, {"Lecce", "73100", "LE", "Puglia"}, {"Taranto", "74121", "TA", "Puglia"}, {"Foggia", "71121", "FG", "Puglia"}, {"Brindisi", "72100", "BR", "Puglia"},
	{"Potenza", "85100", "PZ", "Basilicata"}, {"Matera", "75100", "MT", "Basilicata"},
	{"Catanzaro", "88100", "CZ", "Calabria"}, {"Cosenza", "87100", "CS", "Calabria"}, {"Reggio di Calabria", "89121", "RC", "Calabria"}, {"Crotone", "88900", "KR", "Calabria"},
	{"Palermo", "90121", "PA", "Sicilia"}, {"Catania", "95121", "CT", "Sicilia"}, {"Messina", "98121", "ME", "Sicilia"}, {"Siracusa", "96100", "SR", "Sicilia"},
	{"Ragusa", "97100", "RG", "Sicilia"}, {"Trapani", "91100", "TP", "Sicilia"}, {"Agrigento", "92100", "AG", "Sicilia"},
	{"Cagliari", "09121", "CA", "Sardegna"}, {"Sassari", "07100", "SS", "Sardegna"}, {"Nuoro", "08100", "NU", "Sardegna"}, {"Oristano", "09170", "OR", "Sardegna"},
}

var streets = []string{"Via Roma", "Via Garibaldi", "Via Mazzini", "Corso Italia", "Via Dante", "Piazza della Libertà", "Via Verdi", "Viale dei Tigli",
	"Via San Francesco", "Via Leonardo da Vinci", "Corso Vittorio Emanuele", "Via Marconi", "Via Galilei", "Largo Europa", "Via dei Mille", "Via Manzoni"}

var givenNames = []string{"Anna", "Bruno", "Carla", "Davide", "Elena", "Fabio", "Gaia", "Irene", "Jacopo", "Katia", "Lorenzo", "Marta", "Nicola", "Olga",
	"Piero", "Rita", "Sara", "Teresa", "Ugo", "Valentina", "Walter", "Zoe", "Niccolò", "Maria Grazia", "Èlia", "Federica", "Andrea", "Chiara", "Simone", "Silvia"}

var familyNames = []string{"Amato", "Barbieri", "Caruso", "De Luca", "Esposito", "Fabbri", "Greco", "Innocenti", "Leone", "Moretti", "Neri", "Orlando",
	"Pellegrini", "Quaranta", "Ricci", "Santoro", "Testa", "Urso", "Villa", "Zanetti", "D'Angelo", "Hofer", "Novak", "Bruno", "Costa", "Serra", "Piras", "Lombardi",
	"Mariani", "Vitale", "Longo", "Gentile", "Colombo", "Mancini", "Rinaldi", "Ferri", "Bianco", "Marchetti", "Parisi", "Sala"}
