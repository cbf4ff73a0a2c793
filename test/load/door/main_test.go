package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) != "" { // the binary of the tests is this program too
		if err := command(context.Background(), os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

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
