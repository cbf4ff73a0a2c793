package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/program"
)

func TestMain(m *testing.M) { program.MainOfTests(m, command) }

func TestEveryContenderAnswersAndIsCompared(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := command(t.Context(), []string{"-rounds", "2", "-for", "300ms", "-connections", "8"}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"2 rounds of 300ms", "requests/s", "\nbare ", "\ngateway "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-rounds", "0"}, {"-for", "0s"}, {"-connections", "0"}, {"-x"}, {gatewayCommand}} {
		if err := command(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
