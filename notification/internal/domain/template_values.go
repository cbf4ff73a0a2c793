package domain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

// Values are what is filled in, by the name of the variable.
type Values map[string]string

// ValuesOf takes the members of data that are a text, a number or yes, as text;
// no and nothing are the empty text. What has members of its own is no value.
func ValuesOf(data json.RawMessage) Values {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return Values{}
	}
	values := make(Values, len(members))
	for name, raw := range members {
		if value, ok := valueOf(raw); ok {
			values[name] = value
		}
	}
	return values
}

func valueOf(raw json.RawMessage) (string, bool) {
	var text string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[':
		return "", false
	case raw[0] == '"':
		return text, json.Unmarshal(raw, &text) == nil
	case bytes.Equal(raw, []byte("null")), bytes.Equal(raw, []byte("false")):
		return "", true
	}
	return string(raw), true
}

// MissingVariableError is a variable that has no value.
type MissingVariableError string

// Error names it.
func (m MissingVariableError) Error() string { return "the variable " + string(m) + " has no value" }

// given are the values of the template's variables and of nothing else.
func (t Template) given(values Values) (map[string]string, error) {
	given := make(map[string]string, len(t.Variables)+len(t.Optional))
	for _, name := range t.Variables {
		if values[name] == "" {
			return nil, MissingVariableError(name)
		}
		given[name] = values[name]
	}
	for _, name := range t.Optional {
		given[name] = values[name]
	}
	return given, nil
}

// fill runs a source that Check has found good: without loops, so that it takes
// time as its length, and with a bound on what comes out.
func fill(source string, values map[string]string) (string, error) {
	parsed, err := template.New("").Option("missingkey=error").Parse(source)
	if err != nil {
		return "", fmt.Errorf("parse a template: %w", err)
	}
	var out bounded
	if err := parsed.Execute(&out, values); err != nil {
		return "", fmt.Errorf("fill a template in: %w", err)
	}
	return out.String(), nil
}

// bounded takes no more than MaxTemplateOutput bytes.
type bounded struct{ strings.Builder }

// Write fails beyond the bound.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > MaxTemplateOutput {
		return 0, ErrTooLong
	}
	return b.Builder.Write(p)
}

// oneLine makes text fit for a header or a lock screen: no line breaks, nothing
// that cannot be seen, no more than limit characters.
func oneLine(text string, limit int) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(visible), " "), limit)
}

// cut keeps the first limit characters.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
