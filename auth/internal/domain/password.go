package domain

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The lengths of NIST SP 800-63B section 5.1.1.2, counted in code points.
const (
	minPassword = 8
	maxPassword = 128
	// ownWord is the shortest part of a name or address that is looked for within a password.
	ownWord = 3
	// leftOver is how much a password must hold beside the words that anybody would try first.
	leftOver = 4
)

// Password is what a person typed, in NFC, so that two keyboards give one
// password. It must never be stored, logged or printed.
type Password string

// String keeps a password out of logs and error texts.
func (Password) String() string { return "[redacted]" }

// GoString does so for %#v.
func (Password) GoString() string { return "[redacted]" }

// TypedPassword is what somebody signs in with: only its size is judged, before it costs any hashing.
func TypedPassword(raw string) (Password, *Refusal) {
	if raw == "" {
		return "", missing
	}
	if len(raw) > maxPassword*utf8.UTFMax || utf8.RuneCountInString(raw) > maxPassword {
		return "", &Refusal{"too_long", "must have at most 128 characters"}
	}
	return Password(norm.NFC.String(raw)), nil
}

// ChosenPassword is a new one: long enough, and not among the first guesses of
// somebody who knows the list of common passwords, or the person (own: names
// and addresses) and the app.
func ChosenPassword(raw string, own ...string) (Password, *Refusal) {
	password, refusal := TypedPassword(raw)
	if refusal != nil {
		return "", refusal
	}
	if utf8.RuneCountInString(string(password)) < minPassword {
		return "", &Refusal{"too_short", "must have at least 8 characters"}
	}
	folded := fold(string(password))
	if commonPasswords()[folded] {
		return "", &Refusal{"too_common", "is among the most common passwords"}
	}
	if utf8.RuneCountInString(without(folded, ownWords(own))) < leftOver {
		return "", &Refusal{"too_guessable", "is hardly more than your name, your address or the name of this app"}
	}
	return password, nil
}

// ownWords takes addresses and names apart.
func ownWords(own []string) []string {
	words := []string{"loveapp", "love"}
	for _, text := range own {
		folded := fold(text)
		local, _, _ := strings.Cut(folded, "@")
		words = append(words, folded, local)
		words = append(words, strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	return words
}

func without(text string, words []string) string {
	for _, word := range words {
		if utf8.RuneCountInString(word) >= ownWord {
			text = strings.ReplaceAll(text, word, "")
		}
	}
	return text
}

//go:embed common_passwords.txt
var commonPasswordList string

// commonPasswords are the 18,000 of at least eight characters that lists of
// leaked passwords have at their top, folded: those of zxcvbn-ts's
// language-common 4.1.3 (MIT, see common_passwords.LICENSE) and some more. What
// stands below gives an attacker who has 100 guesses nothing.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	common := map[string]bool{}
	for word := range strings.FieldsSeq(commonPasswordList) {
		common[fold(word)] = true
	}
	return common
})
