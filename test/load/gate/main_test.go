package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/program"
)

func TestMain(m *testing.M) { program.MainOfTests(m, command) }

func TestEveryMeasurementRunsAndSaysWhatItFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"tunnels":  {[]string{"-n", "50", "-pause", "10ms"}, []string{"| gateway |", "| bare |", "The goal of 16 KiB"}},
		"overload": {[]string{"-for", "1s", "-rate", "100"}, []string{"| calls for help |", "| sent | 5 | 500 |", "Goals:"}},
		"limits":   {[]string{"-for", "500ms"}, []string{"| window of 100 an hour |", "| only answers |", "The goal of no answer 500 is reached."}},
		"leavers":  {[]string{"-n", "80"}, []string{"| left |", "The goal that none of them"}},
		"slow":     {[]string{"-for", "2s", "-rate", "100"}, []string{"| second |", "| 0 |", "| 1 |"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var out bytes.Buffer
			if err := command(t.Context(), append([]string{name, "-out", dir}, c.args...), &out); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			written, err := os.ReadFile(dir + "/" + name + ".md")
			if err != nil || !bytes.Equal(written, out.Bytes()) {
				t.Errorf("the report is another one: %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, out.String())
				}
			}
		})
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"x"}, {"tunnels", "-n", "0"}, {"overload", "-rate", "0"}, {"slow", "-for", "0s"}, {"limits", "-x"}} {
		if err := command(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
