package domain_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestALimitIsWrittenAsCountWindowAndBurst(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]domain.Limit{
		"50/1s:100": {Name: "x", Count: 50, Window: time.Second, Burst: 100},
		"100/1m":    {Name: "x", Count: 100, Window: time.Minute, Burst: 100},
		" 2000/1h ": {Name: "x", Count: 2000, Window: time.Hour, Burst: 2000},
		"off":       {Name: "x"},
		"":          {Name: "x"},
	} {
		got, err := domain.ParseLimit("x", text)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("ParseLimit(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestWhatIsNoLimitIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"5", "5/", "/1s", "0/1s", "-1/1s", "5/0s", "5/-1s", "5/1", "5/1s:", "5/1s:0", "5/25h", "5/1us",
		"1000001/1s", "5/1s:1000001", "five/1s", "5/1s:ten", "OFF", "5/1s:1:1", "+5/1s", "99999999999999999999/1s",
	} {
		if got, err := domain.ParseLimit("x", text); !errors.Is(err, domain.ErrLimit) {
			t.Errorf("ParseLimit(%q) = %+v, %v; want ErrLimit", text, got, err)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, seed := range []string{"50/1s:100", "100/1m", "off", "", "5/1s:", "1/1h1m", "::", "//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := domain.ParseLimit("x", text)
		if err != nil || !l.On() {
			return
		}
		again, err := domain.ParseLimit("x", fmt.Sprintf("%d/%s:%d", l.Count, l.Window, l.Burst))
		if err != nil || again != l {
			t.Fatalf("%q reads %+v, which reads back %+v, %v", text, l, again, err)
		}
		var s domain.Standing
		if v := s.Take(1, domain.Policy{Bucket: l, Windows: [3]domain.Limit{l}}); !v.Allowed {
			t.Fatalf("%q denies the first request: %+v", text, v)
		}
	})
}
