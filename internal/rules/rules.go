// Package rules holds what the law may change: values with the article they come
// from, and the life of a version of them. An edition or a call is made of them; the
// functions that read them are Go.
package rules

// Value is a parameter of law: what it is, and where it stands. Reading is set
// where the text is silent and a choice had to be made.
type Value[T any] struct {
	Is      T      `json:"value"`
	Article string `json:"article"`
	Reading string `json:"reading,omitempty"`
}
