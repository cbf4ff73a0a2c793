package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/program"
)

func TestMain(m *testing.M) { program.MainOfTests(m, command) }

func TestEveryContenderAnswersAndIsCompared(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report := filepath.Join(t.TempDir(), "door.md")
	if err := command(t.Context(), []string{"-rounds", "2", "-for", "200ms", "-connections", "8", "-users", "30", "-report", report}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	written, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 rounds", "requests/s", "\n| bare |", "\n| gateway |", "\n| gateway, 30 users |", "goal of 0.8"} {
		if !strings.Contains(string(written), want) {
			t.Errorf("it does not say %q:\n%s", want, written)
		}
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-rounds", "0"}, {"-for", "0s"}, {"-connections", "0"}, {"-users", "0"}, {"-x"}, {gatewayCommand}} {
		if err := command(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
