// Package hotline knows whom to dial for help in which country.
package hotline

import (
	_ "embed" // for the table
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Version is when the table was last reviewed; it changes with every change of numbers.tsv.
const Version = "2026-11-22"

// Service is who answers.
type Service string

// The services. Emergency takes every kind of call.
const (
	Emergency Service = "emergency"
	Police    Service = "police"
	Ambulance Service = "ambulance"
	Fire      Service = "fire"
)

// Known tells whether s is a service.
func (s Service) Known() bool {
	switch s {
	case Emergency, Police, Ambulance, Fire:
		return true
	}
	return false
}

// Number is whom to dial and who says so.
type Number struct {
	Service Service
	Number  string
	Source  string
}

// Worldwide is 112: TS 22.101 section 10.1 has every GSM, UMTS and LTE phone
// treat it as an emergency call wherever it is, even without a SIM, and route
// it to the local services.
var Worldwide = Number{Service: Emergency, Number: "112", Source: "3GPP TS 22.101 section 10.1"}

// Table is every country's own numbers, those to try first before the others.
type Table struct {
	countries []string
	numbers   map[string][]Number
}

//go:embed numbers.tsv
var rows string

// Reviewed is the table that the program holds.
var Reviewed = sync.OnceValue(func() *Table {
	t, err := read(rows)
	if err != nil {
		panic("hotline: " + err.Error()) // the program was built wrong: its own test says so
	}
	return t
})

// sources are what the short names in the table stand for; NUMBERS.md says more of them.
var sources = map[string]string{
	"libphonenumber": "libphonenumber, short numbers of metadata 9.0",
	"aosp":           "Android emergency number database, revision 2",
	"eu-112":         "Directive (EU) 2018/1972, article 109",
	"fcc-911":        "47 U.S.C. 251(e)(3)",
	"au-000":         "Telecommunications (Emergency Call Service) Determination 2019 (Australia)",
}

func read(rows string) (*Table, error) {
	t := &Table{numbers: map[string][]Number{}}
	for line := range strings.Lines(rows) {
		column := strings.Split(strings.TrimSpace(line), "\t")
		if len(column) != 4 {
			return nil, fmt.Errorf("line %q has not four columns", line)
		}
		country, n := column[0], Number{Service(column[1]), column[2], sources[column[3]]}
		if len(country) != 2 || !n.Service.Known() || n.Number == "" || n.Source == "" {
			return nil, fmt.Errorf("line %q says what nobody understands", line)
		}
		if _, known := t.numbers[country]; !known {
			t.countries = append(t.countries, country)
		}
		t.numbers[country] = append(t.numbers[country], n)
	}
	return t, nil
}

// In are the numbers of the country (ISO 3166-1 alpha-2, upper case) and the
// worldwide one behind them; just that where the country has none. Never empty.
func (t *Table) In(country string) []Number {
	numbers := slices.Clone(t.numbers[country])
	if !slices.ContainsFunc(numbers, func(n Number) bool { return n.Number == Worldwide.Number }) {
		numbers = append(numbers, Worldwide)
	}
	return numbers
}

// Countries are those that have numbers of their own, in alphabetical order.
func (t *Table) Countries() []string { return slices.Clone(t.countries) }

// Best is the number for who is needed: the first where that takes every call,
// as its people also speak to visitors; else the service's own; else the first.
func Best(numbers []Number, wanted Service) Number {
	if numbers[0].Service == Emergency || wanted == Emergency {
		return numbers[0]
	}
	if i := slices.IndexFunc(numbers, func(n Number) bool { return n.Service == wanted }); i >= 0 {
		return numbers[i]
	}
	return numbers[0]
}

// Own is the service's own number; the best for it where it has none.
func Own(numbers []Number, wanted Service) Number {
	if i := slices.IndexFunc(numbers, func(n Number) bool { return n.Service == wanted }); i >= 0 && numbers[i] != Worldwide {
		return numbers[i]
	}
	return Best(numbers, wanted)
}
