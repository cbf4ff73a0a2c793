package domain_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func lines() []domain.Line {
	at := time.Date(2030, 1, 1, 0, 0, 0, 123456000, time.UTC)
	return []domain.Line{
		{1, at, "created", "ann", "Ann", "reporter", map[string]any{"emergencyType": "fire", "countdownSeconds": 0}},
		{2, at, "sent", "ann", "Ann", "reporter", nil},
		{3, at.Add(time.Minute), "comment", "mum", "Mum", "contact", map[string]any{"note": "coming"}},
	}
}

func sealed(t *testing.T, lines []domain.Line) []domain.Seal {
	t.Helper()
	first, err := domain.Chain(domain.Hash{}, "t", lines[:2])
	if err != nil {
		t.Fatal(err)
	}
	second, err := domain.Chain(first, "t", lines[2:])
	if err != nil {
		t.Fatal(err)
	}
	return []domain.Seal{{2, first}, {3, second}}
}

func TestASealedTimelineShowsEveryChange(t *testing.T) {
	t.Parallel()
	seals := sealed(t, lines())
	if err := domain.Verify("t", lines(), seals); err != nil {
		t.Fatal(err)
	}
	if err := domain.Verify("t", append(lines(), domain.Line{Seq: 4}), seals); err != nil {
		t.Errorf("a line that is not sealed yet: %v", err)
	}
	for name, change := range map[string]func([]domain.Line) []domain.Line{
		"another word":   func(l []domain.Line) []domain.Line { l[2].Data["note"] = "leaving"; return l },
		"another person": func(l []domain.Line) []domain.Line { l[1].ActorID = "eve"; return l },
		"another name":   func(l []domain.Line) []domain.Line { l[1].ActorName = "Eve"; return l },
		"another part":   func(l []domain.Line) []domain.Line { l[1].ActorKind = "dispatcher"; return l },
		"another kind":   func(l []domain.Line) []domain.Line { l[0].Kind = "sent"; return l },
		"another time":   func(l []domain.Line) []domain.Line { l[0].At = l[0].At.Add(time.Microsecond); return l },
		"another number": func(l []domain.Line) []domain.Line { l[0].Seq = 7; return l },
		"a line less":    func(l []domain.Line) []domain.Line { return slices.Delete(l, 1, 2) },
		"the end gone":   func(l []domain.Line) []domain.Line { return l[:2] },
		"turned around":  func(l []domain.Line) []domain.Line { l[0], l[1] = l[1], l[0]; return l },
	} {
		if _, broken := errors.AsType[*domain.BrokenSealError](domain.Verify("t", change(lines()), seals)); !broken {
			t.Errorf("%s: nobody notices", name)
		}
	}
	if domain.Verify("other", lines(), seals) == nil {
		t.Error("the seals fit another ticket")
	}
}

func TestTheChainIsTheSameForEver(t *testing.T) {
	t.Parallel()
	hash, err := domain.Chain(domain.Hash{}, "t", lines())
	const want = "9667f1026b409b4b0ea1fff7cc25b5af2c932ff9e25c0685e006457a0a591edc"
	if got := hex.EncodeToString(hash[:]); err != nil || got != want {
		t.Errorf("%s: what was sealed before can no longer be verified (%v)", got, err)
	}
}
