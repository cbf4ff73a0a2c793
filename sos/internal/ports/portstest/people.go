package portstest

import (
	"testing"
	"time"
)

func peopleTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a name is remembered until it changes": func(t *testing.T, b bench) {
			if _, found, err := b.Name(t.Context(), "ann"); found || err != nil {
				t.Fatalf("found before it was known: %v (%v)", found, err)
			}
			for _, name := range []string{"Ann", "", "Ann B."} {
				if err := b.Remember(t.Context(), "ann", name); err != nil {
					t.Fatal(err)
				}
				got, found, err := b.Name(t.Context(), "ann")
				if err != nil || !found || got.Name != name || got.Age < 0 || got.Age > time.Minute {
					t.Errorf("remembered %+v, %v (%v), want %q", got, found, err, name)
				}
			}
		},
	}
}
