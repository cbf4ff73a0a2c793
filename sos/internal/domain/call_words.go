package domain

import (
	"fmt"
	"strings"
)

// maxSpoken is how much of a reporter's own text is read out, in characters.
const maxSpoken = 200

// callWords are what whoever picks up hears: who, what, and where, once.
func (c *Case) callWords() string {
	t := c.Ticket
	a := Alert{ReporterName: t.Reporter.Name, Type: t.Type}
	words := []string{"This is an automated call of the Love App.", a.Reporter() + " has called for help.", a.emergency() + "."}
	if l := t.Location; l != nil {
		words = append(words, fmt.Sprintf("They are at latitude %.5f, longitude %.5f.", l.Latitude, l.Longitude))
	}
	for _, text := range []string{t.Address, t.Description} {
		if text = spoken(text); text != "" {
			words = append(words, "They wrote: "+text+".")
		}
	}
	return strings.Join(words, " ")
}

func spoken(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), maxSpoken)])
}
