package main_test

import (
	"os/exec"
	"regexp"
	"testing"
)

func TestItPrintsATableOfWhatItMeasured(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", ".", "-alarms", "3").CombinedOutput()
	if err != nil {
		t.Fatalf("it ends with %v:\n%s", err, out)
	}
	table := regexp.MustCompile(`(?m)^3 alarms.* p50 .*p99 .*max$\n^press → 201( +[\d.]+ ms){3}$\n^press → contact's socket( +[\d.]+ ms){3}$`)
	if !table.Match(out) {
		t.Errorf("it prints no table:\n%s", out)
	}
}
