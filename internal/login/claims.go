package login

import (
	"cmp"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Levels says how sure the broker is of who somebody is: from the acr of the
// id_token to 1, 2 or 3. An acr that is not here is no level at all.
type Levels map[string]int

// DefaultLevels are the levels of SPID, which CIE shares, and those of eIDAS.
var DefaultLevels = Levels{
	"https://www.spid.gov.it/SpidL1":         1,
	"https://www.spid.gov.it/SpidL2":         2,
	"https://www.spid.gov.it/SpidL3":         3,
	"http://eidas.europa.eu/LoA/low":         1,
	"http://eidas.europa.eu/LoA/substantial": 2,
	"http://eidas.europa.eu/LoA/high":        3,
}

// ParseLevels reads "acr=level,acr=level". What it names replaces the default
// levels as a whole; an empty text leaves them.
func ParseLevels(text string) (Levels, error) {
	if strings.TrimSpace(text) == "" {
		return maps.Clone(DefaultLevels), nil
	}
	levels := Levels{}
	for pair := range strings.SplitSeq(text, ",") {
		pair = strings.TrimSpace(pair)
		at := strings.LastIndexByte(pair, '=') // an acr may hold one
		if at < 1 {
			return nil, fmt.Errorf("level %q: want acr=level", pair)
		}
		level, err := strconv.Atoi(pair[at+1:])
		if err != nil || level < 1 || level > 3 {
			return nil, fmt.Errorf("level %q: want 1, 2 or 3", pair)
		}
		levels[pair[:at]] = level
	}
	return levels, nil
}

// UnmarshalText lets configuration carry levels as ParseLevels reads them.
func (l *Levels) UnmarshalText(text []byte) (err error) {
	*l, err = ParseLevels(string(text))
	return err
}

// Claims are the names under which a broker may send each attribute. The first
// that is there and not empty is taken.
type Claims struct {
	FiscalCode []string
	GivenName  []string
	FamilyName []string
	Birth      []string
	Email      []string
}

// DefaultClaims are the names that the national rules of SPID and CIE, and the
// brokers in use, were seen to send. In some, name is the given name.
var DefaultClaims = Claims{
	FiscalCode: []string{
		"https://attributes.eid.gov.it/fiscal_number", "fiscal_number",
		"https://attributes.spid.gov.it/fiscalNumber", "fiscalNumber",
		"codice_fiscale", "codiceFiscale", "nin",
	},
	GivenName:  []string{"given_name", "https://attributes.spid.gov.it/name", "name"},
	FamilyName: []string{"family_name", "https://attributes.spid.gov.it/familyName", "familyName"},
	Birth:      []string{"birthdate", "https://attributes.spid.gov.it/dateOfBirth", "dateOfBirth"},
	Email:      []string{"email", "https://attributes.spid.gov.it/email"},
}

// ParseClaims reads "fiscal_code=a|b;given_name=c". The attributes are
// fiscal_code, given_name, family_name, birthdate and email; one that is not
// named keeps its default.
func ParseClaims(text string) (Claims, error) {
	claims := DefaultClaims
	lists := map[string]*[]string{
		"fiscal_code": &claims.FiscalCode,
		"given_name":  &claims.GivenName,
		"family_name": &claims.FamilyName,
		"birthdate":   &claims.Birth,
		"email":       &claims.Email,
	}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		attribute, names, _ := strings.Cut(part, "=")
		list := lists[attribute]
		if list == nil {
			return Claims{}, fmt.Errorf("claims %q: no such attribute", attribute)
		}
		*list = strings.FieldsFunc(names, func(r rune) bool { return r == '|' || r == ' ' })
		if len(*list) == 0 {
			return Claims{}, fmt.Errorf("claims %q: want names, as in a|b", attribute)
		}
	}
	return claims, nil
}

// UnmarshalText lets configuration carry claims as ParseClaims reads them.
func (c *Claims) UnmarshalText(text []byte) (err error) {
	*c, err = ParseClaims(string(text))
	return err
}

// attributes are what one source, id_token or userinfo, says of somebody.
type attributes map[string]any

// text is an attribute as text, or "". A list of one, as SAML bridges send, is its item.
func (a attributes) text(name string) string {
	v := a[name]
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	s, _ := v.(string)
	return strings.TrimSpace(s)
}

// first is the first attribute of the names that any of the sources has.
func first(names []string, sources ...attributes) string {
	for _, name := range names {
		for _, source := range sources {
			if s := source.text(name); s != "" {
				return s
			}
		}
	}
	return ""
}

// person takes the attributes together. What the id_token signs decides on the
// fiscal code, before anything userinfo says. Who has a single name bears it as
// given and as family name: records and lists have both.
func (c Claims) person(signed, told attributes) (Person, error) {
	text := cmp.Or(first(c.FiscalCode, signed), first(c.FiscalCode, told))
	if text == "" {
		return Person{}, fmt.Errorf("no fiscal code among the claims: %w", ErrNoFiscalCode)
	}
	code, err := identity.ParseFiscalCode(text)
	if err != nil {
		return Person{}, fmt.Errorf("claim of the fiscal code: %v: %w", err, ErrNoFiscalCode)
	}
	given, family := first(c.GivenName, signed, told), first(c.FamilyName, signed, told)
	given, family = cmp.Or(given, family), cmp.Or(family, given)
	if given == "" || !plain(given) || !plain(family) {
		return Person{}, fmt.Errorf("no name in plain text among the claims: %w", ErrNoName)
	}
	birth, _ := calendar.ParseDate(first(c.Birth, signed, told)) // no day when there is none to read
	email := first(c.Email, signed, told)
	if !plain(email) {
		email = "" // none that could be written to
	}
	return Person{FiscalCode: code, GivenName: given, FamilyName: family, Birth: birth, Email: email}, nil
}

// plain tells whether a text is what it looks like: no control characters, none
// that turn the direction of writing, nothing that was not UTF-8.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || r == utf8.RuneError })
}

// nameless tells whether a source says nothing of who somebody is, not even by
// a sub that is their fiscal code.
func (c Claims) nameless(a attributes) bool {
	for _, names := range [][]string{c.FiscalCode, c.GivenName, c.FamilyName, c.Birth, c.Email} {
		if first(names, a) != "" {
			return false
		}
	}
	_, err := identity.ParseFiscalCode(a.text("sub"))
	return err != nil
}
