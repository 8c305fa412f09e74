package identity

import "strings"

// Named tells whether the code can be of somebody with a name: its first six
// letters are made of it. People whose name was changed, or written in another way
// when they were given the code, are not recognised.
func (c FiscalCode) Named(given, family string) bool {
	g, f := plainLetters(given), plainLetters(family)
	if len(c) != 16 || g == "" || f == "" {
		return false
	}
	ofFamily, familyVowels := split(f)
	ofGiven, givenVowels := split(g)
	if len(ofGiven) > 3 { // the first, the third and the fourth
		ofGiven = ofGiven[:1] + ofGiven[2:4]
	}
	return string(c[:6]) == (ofFamily + familyVowels + "XX")[:3]+(ofGiven + givenVowels + "XX")[:3]
}

// split parts the consonants of a name from its vowels.
func split(name string) (consonants, vowels string) {
	for _, r := range name {
		if strings.ContainsRune("AEIOU", r) {
			vowels += string(r)
		} else {
			consonants += string(r)
		}
	}
	return consonants, vowels
}

var unaccented = strings.NewReplacer("À", "A", "Á", "A", "Â", "A", "Ã", "A", "Ä", "A", "Å", "A", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N", "Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ö", "O", "Ø", "O", "Ù", "U", "Ú", "U", "Û", "U", "Ü", "U",
	"Ý", "Y", "Č", "C", "Ć", "C", "Š", "S", "Ž", "Z", "Đ", "D", "ß", "SS", "Ł", "L", "Ś", "S", "Ń", "N", "Ă", "A", "Ș", "S", "Ț", "T")

// plainLetters is a name in capitals without accents, blanks and apostrophes.
func plainLetters(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'A' || r > 'Z' {
			return -1
		}
		return r
	}, unaccented.Replace(strings.ToUpper(name)))
}
