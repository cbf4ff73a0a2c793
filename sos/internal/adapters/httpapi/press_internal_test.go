package httpapi

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/loveapp/backend/sos/internal/domain"
)

func FuzzAnyBodyIsACallForHelp(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `"help"`, `{"emergencyType":"medical"}`, `{"location":{"latitude":1,"longitude":2,"accuracy":-1,"capturedAt":"2030-01-01T00:00:00Z"}}`,
		`{"location":{"latitude":1e308,"longitude":-1e308}}`, `{"countdownSeconds":1e308}`, `{"countdownSeconds":-0}`, "{\"description\":\"\\u0000\\ud800\xff\"}",
		`{"a":{"b":[1,2,{"c":null}]}}`, `{"occurredAt":"9999-12-31T23:59:59-23:59"}`, "\xef\xbb\xbf{}", `{"location":{"location":{}}}`, `{"drill":1,"silent":"x"}`, `{"":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, warnings := parsePress(body)
		checkPress(t, p)
		for _, w := range warnings {
			if w.Field == "" || w.Code == "" || w.Message == "" || !utf8.ValidString(w.Field) || len(w.Field) > 300 {
				t.Fatalf("warning %+v", w)
			}
		}
		if len(warnings) > 64 {
			t.Fatalf("%d warnings", len(warnings))
		}
		answer, err := json.Marshal(ticketOf(domain.Open("t", p, domain.Desk{}).Ticket))
		if err != nil {
			t.Fatalf("cannot be answered: %v", err)
		}
		again, _ := parsePress(answer)
		if again.Description != p.Description || again.Address != p.Address || (again.Location == nil) != (p.Location == nil) {
			t.Fatalf("%+v became %+v", p, again)
		}
	})
}

func checkPress(t *testing.T, p domain.Press) {
	t.Helper()
	for _, text := range []string{p.Description, p.Address} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || utf8.RuneCountInString(text) > domain.MaxDescription {
			t.Fatalf("text %q", text)
		}
	}
	if !p.Type.Known() || p.Countdown < 0 || p.Countdown > 30*time.Second || p.Countdown%time.Second != 0 {
		t.Fatalf("type %q, countdown %v", p.Type, p.Countdown)
	}
	for _, at := range []*time.Time{p.OccurredAt, capturedAt(p)} {
		if at != nil && (at.Year() < firstYear || at.Year() > lastYear || at.Location() != time.UTC) {
			t.Fatalf("time %v", at)
		}
	}
	if l := p.Location; l != nil && (math.Abs(l.Latitude) > 90 || math.Abs(l.Longitude) > 180 || math.IsNaN(l.Latitude+l.Longitude) || utf8.RuneCountInString(l.Source) > domain.MaxSource) {
		t.Fatalf("location %+v", l)
	}
}

func capturedAt(p domain.Press) *time.Time {
	if p.Location == nil {
		return nil
	}
	return p.Location.CapturedAt
}
