package contract_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestARequestKeepsItsIDWhereItIsHarmless(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for name, tt := range map[string]struct {
		id   string
		kept bool
	}{
		"a word":        {"my-request_1.2", true},
		"64 characters": {strings.Repeat("a", 64), true},
		"too long":      {strings.Repeat("a", 4000), false},
		"markup":        {"<script>alert(1)</script>", false},
		"a second line": {"a\tb", false},
		"not ASCII":     {"é", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/v1/auth/profile", "/v1/notifications", "/v1/nothing", "/health/live"} {
				a := d.try(t, request{method: http.MethodGet, path: path, header: map[string]string{"X-Request-Id": tt.id}})
				if got := a.Header.Get("X-Request-Id"); (got == tt.id) != tt.kept {
					t.Errorf("%s: the id is %q, want it kept: %v", path, got, tt.kept)
				}
			}
		})
	}
}

func TestWhatIsAboutPeopleIsNotStored(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, o := range d.public() {
		if o.Method != http.MethodGet || !o.Secured || isSocket(o) {
			continue
		}
		t.Run(o.Path, func(t *testing.T) {
			t.Parallel()
			if got := d.try(t, request{method: http.MethodGet, path: o.At(somebodyElses())}).Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
				t.Errorf("Cache-Control is %q, want no-store", got)
			}
		})
	}
}
