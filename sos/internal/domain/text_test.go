package domain_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain"
)

func TestCleanTextCanAlwaysBeStored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		limit := rapid.IntRange(0, 20).Draw(t, "limit")
		got, warnings := domain.CleanText("f", text, limit)
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) || utf8.RuneCountInString(got) > limit {
			t.Fatalf("%q became %q", text, got)
		}
		if got != strings.TrimSpace(text) && len(warnings) == 0 {
			t.Fatalf("%q became %q without a word", text, got)
		}
		if again, warnings := domain.CleanText("f", got, limit); strings.TrimSpace(got) != again || len(warnings) > 0 && warnings[0].Code != domain.WarnTruncated {
			t.Fatalf("%q is not clean: %q, %v", got, again, warnings)
		}
	})
}

func TestTheTextToSendFitsOneMessage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := domain.Press{
			Type:  rapid.SampledFrom([]domain.EmergencyType{domain.Medical, domain.MentalHealth, domain.Harassment, domain.OtherType, ""}).Draw(t, "type"),
			Drill: rapid.Bool().Draw(t, "drill"),
		}
		if rapid.Bool().Draw(t, "placed") {
			p.Location, _ = domain.NewLocation(rapid.Float64Range(-90, 90).Draw(t, "latitude"), rapid.Float64Range(-180, 180).Draw(t, "longitude"))
		}
		fallback := domain.FallbackFor(p)
		if n := len(fallback.SMSText); n == 0 || n > 160 || strings.ContainsFunc(fallback.SMSText, func(r rune) bool { return r > 126 }) {
			t.Fatalf("%d characters: %s", n, fallback.SMSText)
		}
		if fallback.Tel == "" || p.Location == nil && fallback.Tel != "112" || p.Drill != strings.Contains(fallback.SMSText, "DRILL") {
			t.Fatalf("dial %s, text %s", fallback.Tel, fallback.SMSText)
		}
	})
}

func TestEveryAlertHasWordsForItsReader(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		alert       domain.Alert
		title, body string
	}{
		"the alarm":              {domain.Alert{Kind: domain.AlertTriggered, ReporterName: "Ann", Type: domain.MentalHealth}, "Ann needs help", "Mental health emergency. Open the app to see where, and say that you know."},
		"an alarm of no kind":    {domain.Alert{Kind: domain.AlertTriggered, Type: domain.OtherType}, "Someone needs help", "Emergency. Open the app to see where, and say that you know."},
		"a drill":                {domain.Alert{Kind: domain.AlertTriggered, ReporterName: "Ann", Type: domain.Fire, Drill: true}, "Drill: Ann needs help", "Fire emergency. Open the app to see where, and say that you know."},
		"the authorities know":   {domain.Alert{Kind: domain.AlertDialled, ReporterName: "Ann", ByName: "Ann"}, "Ann has called the emergency services", "They know that Ann needs help."},
		"seen, to the reporter":  {domain.Alert{Kind: domain.AlertAcknowledged, ToReporter: true, ByName: "Mum"}, "Mum has seen your call for help", "You are not alone: Mum knows."},
		"seen, to the others":    {domain.Alert{Kind: domain.AlertAcknowledged, ReporterName: "Ann", ByName: "Mum"}, "Mum has seen the alarm", "Mum knows that Ann needs help."},
		"over, to the reporter":  {domain.Alert{Kind: domain.AlertResolved, ToReporter: true}, "Your call for help is resolved", "Your contacts have been told."},
		"over, to the others":    {domain.Alert{Kind: domain.AlertResolved, ReporterName: "Ann"}, "Ann's call for help is resolved", "The emergency is over."},
		"false, to the reporter": {domain.Alert{Kind: domain.AlertCancelled, ToReporter: true}, "Your call for help was cancelled", "Your contacts have been told that it was a false alarm."},
		"false, to the others":   {domain.Alert{Kind: domain.AlertCancelled, ReporterName: "Ann"}, "Ann's call for help was a false alarm", "The alarm has been cancelled."},
	} {
		if title, body := tc.alert.Words(); title != tc.title || body != tc.body {
			t.Errorf("%s: %q, %q", name, title, body)
		}
	}
}

func TestARoleIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, role := range []domain.Roles{domain.Reporter, domain.Helper, domain.Dispatcher, domain.Clock} {
		if got := domain.RolesNamed(domain.Actor{Roles: role}.Kind()); got != role {
			t.Errorf("role %d came back as %d", role, got)
		}
	}
}
