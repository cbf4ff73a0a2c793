package domain

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of templates.
const (
	MaxTemplates       = 500
	MaxTemplateSource  = 16 << 10 // bytes of one text
	MaxTemplateOutput  = 64 << 10 // bytes that one text may become
	MaxTemplateLocales = 16
	MaxVariables       = 32
	maxTemplateName    = 64
	maxTitleSource     = 1 << 10
)

// TemplateName names a template, and is the kind of the notifications that it
// is for where other services send them: sos.triggered.
type TemplateName string

// ParseTemplateName takes small letters, digits, dots, lines and underscores.
func ParseTemplateName(text string) (TemplateName, bool) {
	if text == "" || len(text) > maxTemplateName || text[0] < 'a' || text[0] > 'z' {
		return "", false
	}
	for _, c := range text {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c)) {
			return "", false
		}
	}
	return TemplateName(text), true
}

// Locale is a language, or a language of a region: fr, fr-CA.
type Locale string

// DefaultLocale is the one that every template has.
const DefaultLocale Locale = "en"

// ParseLocale takes a language of two or three letters and perhaps a region of
// two; what follows those in a longer tag (RFC 5646) it leaves out.
func ParseLocale(text string) (Locale, bool) {
	language, rest, _ := strings.Cut(strings.ReplaceAll(text, "_", "-"), "-")
	language = strings.ToLower(language)
	if len(language) < 2 || len(language) > 3 || !isLetters(language) {
		return "", false
	}
	region, _, _ := strings.Cut(rest, "-")
	if len(region) == 2 && isLetters(strings.ToLower(region)) {
		return Locale(language + "-" + strings.ToUpper(region)), true
	}
	return Locale(language), true
}

func isLetters(text string) bool {
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") == ""
}

// fallbacks are where to look for words, the best first.
func (l Locale) fallbacks() []Locale {
	language, _, _ := strings.Cut(string(l), "-")
	return []Locale{l, Locale(language), DefaultLocale}
}

// Template is the words of a notification in several languages. Only what
// ProposedTemplate.Check has found good is one.
type Template struct {
	Name TemplateName
	// Variables must be given for it to be used; Optional ones count as empty.
	Variables, Optional []string
	Texts               map[Locale]TemplateText
	// BuiltIn: it came with the program, and nobody has replaced it.
	BuiltIn   bool
	UpdatedAt time.Time
}

// TemplateText is what it says in one language, as sources of text/template.
type TemplateText struct {
	Title, Body string
}

// SameWords tells whether both say the same.
func (t Template) SameWords(other Template) bool {
	return t.Name == other.Name && slices.Equal(t.Variables, other.Variables) && slices.Equal(t.Optional, other.Optional) && maps.Equal(t.Texts, other.Texts)
}

// In gives the words for somebody of that locale.
func (t Template) In(locale Locale) TemplateText {
	for _, l := range locale.fallbacks() {
		if text, ok := t.Texts[l]; ok {
			return text
		}
	}
	return TemplateText{}
}

// Words are what somebody is told.
type Words struct {
	Title, Body string
}

// ErrTooLong: a text became longer than MaxTemplateOutput.
var ErrTooLong = errors.New("the text becomes too long")

// Say fills in the values. It fails where a variable has none, and where the
// text becomes too long.
func (t Template) Say(locale Locale, values Values) (Words, error) {
	given, err := t.given(values)
	if err != nil {
		return Words{}, err
	}
	text := t.In(locale)
	title, err := fill(text.Title, given)
	if err != nil {
		return Words{}, err
	}
	body, err := fill(text.Body, given)
	if err != nil {
		return Words{}, err
	}
	return Words{Title: oneLine(title, MaxTitle), Body: cut(strings.TrimSpace(body), MaxBody)}, nil
}
