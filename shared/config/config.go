// Package config reads settings from the environment: typed, defaulted, and
// with every mistake reported at once instead of one per start.
package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Mistakes collects what is wrong with a configuration, a sentence each.
type Mistakes []string

// Add notes one mistake, once; an empty sentence is no mistake.
func (m *Mistakes) Add(format string, args ...any) {
	if sentence := fmt.Sprintf(format, args...); sentence != "" && !slices.Contains(*m, sentence) {
		*m = append(*m, sentence)
	}
}

// AddErr notes err, if there is one. What another Mistakes collected is taken
// over one by one: several services in one process share most of their settings.
func (m *Mistakes) AddErr(err error) {
	if collected, ok := errors.AsType[mistakesError](err); ok {
		for _, sentence := range collected {
			m.Add("%s", sentence)
		}
		return
	}
	if err != nil {
		m.Add("%s", err.Error())
	}
}

// Err is nil without mistakes, else one error with a line for each.
func (m Mistakes) Err() error {
	if len(m) == 0 {
		return nil
	}
	return mistakesError(m)
}

type mistakesError []string

// Error gives each mistake a line; one alone is the whole sentence.
func (e mistakesError) Error() string {
	if len(e) == 1 {
		return e[0]
	}
	return "the configuration has mistakes:\n  - " + strings.Join(e, "\n  - ")
}

// Load fills dst, a pointer to a struct with envconfig tags, from the
// environment. envconfig stops at its first mistake, so fields are read one by
// one: the answer names every variable that cannot be parsed.
func Load(dst any) error {
	var mistakes Mistakes
	loadStruct(reflect.ValueOf(dst).Elem(), &mistakes)
	return mistakes.Err()
}

func loadStruct(v reflect.Value, mistakes *Mistakes) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			loadStruct(v.Field(i), mistakes)
			continue
		}
		if name, tagged := field.Tag.Lookup("envconfig"); tagged {
			loadField(v.Field(i), field, name, mistakes)
		}
	}
}

// loadField wraps the field in a struct of its own, so that one bad value hides no other.
func loadField(v reflect.Value, field reflect.StructField, name string, mistakes *Mistakes) {
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Value", Type: field.Type, Tag: field.Tag}}))
	if err := envconfig.Process("", one.Interface()); err != nil {
		mistakes.Add("%s", explain(name, field.Type, err))
		return
	}
	v.Set(one.Elem().Field(0))
}

// explain never repeats the value: it may be a secret.
func explain(name string, typ reflect.Type, err error) string {
	if parse, ok := errors.AsType[*envconfig.ParseError](err); ok {
		if text, known := strings.CutPrefix(parse.Err.Error(), reasonMark); known {
			return name + " " + reasonMark + text
		}
		return fmt.Sprintf("%s is not a valid %s", name, typ.Kind())
	}
	return fmt.Sprintf("%s: %v", name, err)
}

// reasonMark opens the messages of this package's own decoders, which say what they expect and repeat no value.
const reasonMark = "must be "
