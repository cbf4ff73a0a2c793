package banner_test

import (
	"strings"
	"testing"

	"github.com/loveapp/backend/deployments/allinone/internal/banner"
)

func TestTheBannerShowsTheDemoAccountAndItsCommandsEachOnALine(t *testing.T) {
	t.Parallel()
	facts := banner.Facts{URL: "http://localhost:3000", Email: "demo@example.com", Password: "a-random-one"}
	text := banner.Text(facts)
	if !strings.Contains(text, "demo@example.com  a-random-one\n") {
		t.Errorf("no account in:\n%s", text)
	}
	lines := strings.Split(text, "\n")
	var curls int
	for _, line := range lines {
		if strings.Contains(line, "curl ") {
			curls++
		}
	}
	if curls != 3 {
		t.Errorf("%d lines with curl, want 3, in:\n%s", curls, text)
	}
}

func TestWithoutADemoAccountNoCommandNeedsOne(t *testing.T) {
	t.Parallel()
	facts := banner.Facts{URL: "http://localhost:3000"}
	if text := banner.Text(facts); strings.Contains(text, "Demo account") {
		t.Errorf("an account in:\n%s", text)
	}
	commands := banner.Commands(facts)
	if len(commands) != 3 {
		t.Fatalf("%d commands, want 3", len(commands))
	}
	for _, command := range commands {
		if strings.Contains(command, "TOKEN") {
			t.Errorf("%s needs a token", command)
		}
	}
}
