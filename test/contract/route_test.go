package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/openapi"
	"github.com/loveapp/backend/test/world"
)

// everyPath runs a test for each path of the files, with one operation of it and all its methods.
func everyPath(t *testing.T, d door, test func(t *testing.T, o openapi.Operation, methods []string)) {
	t.Helper()
	methods := openapi.Methods(d.public())
	done := map[string]bool{}
	for _, o := range d.public() {
		if done[o.Path] {
			continue
		}
		done[o.Path] = true
		t.Run(o.Path, func(t *testing.T) {
			t.Parallel()
			test(t, o, methods[o.Path])
		})
	}
}

func TestAnUnknownMethodIsToldWhatIsAllowed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	everyPath(t, d, func(t *testing.T, o openapi.Operation, methods []string) {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "BREW"} {
			if slices.Contains(methods, method) {
				continue
			}
			a := d.try(t, request{method: method, path: o.At(somebodyElses())})
			a.want(t, http.StatusMethodNotAllowed, "method_not_allowed")
			wantAllow(t, a, methods)
		}
	})
}

func TestOptionsSaysWhatIsAllowed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	everyPath(t, d, func(t *testing.T, o openapi.Operation, methods []string) {
		a := d.try(t, request{method: http.MethodOptions, path: o.At(somebodyElses())})
		a.want(t, http.StatusNoContent, "")
		wantAllow(t, a, methods)
	})
}

// wantAllow: the list may hold more than the services' files of today, as long
// as it is not the method that was refused.
func wantAllow(t *testing.T, a answer, methods []string) {
	t.Helper()
	allowed := strings.Split(strings.ReplaceAll(a.Header.Get("Allow"), " ", ""), ",")
	for _, method := range append(slices.Clone(methods), http.MethodOptions) {
		if !slices.Contains(allowed, method) {
			t.Errorf("Allow is %q and lacks %s", allowed, method)
		}
	}
	if a.StatusCode == http.StatusMethodNotAllowed && slices.Contains(allowed, a.Request.Method) {
		t.Errorf("%s is refused, and Allow is %q", a.Request.Method, allowed)
	}
}

func TestHeadWorksWhereverGetDoes(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, o := range d.public() {
		if o.Method != http.MethodGet || isSocket(o) {
			continue
		}
		t.Run(o.Path, func(t *testing.T) {
			t.Parallel()
			path := o.At(somebodyElses())
			get := d.try(t, request{method: http.MethodGet, path: path})
			head := d.try(t, request{method: http.MethodHead, path: path})
			if head.StatusCode != get.StatusCode || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") || len(head.body) > 0 {
				t.Errorf("HEAD answers %d %s with %d bytes, GET %d %s",
					head.StatusCode, head.Header.Get("Content-Type"), len(head.body), get.StatusCode, get.Header.Get("Content-Type"))
			}
		})
	}
}

func isSocket(o openapi.Operation) bool { return o.Path == "/v1/ws" || o.Path == "/v1/events" }

func TestNobodyGetsInWithoutAToken(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, o := range d.public() {
		if !o.Secured || isSocket(o) {
			continue
		}
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			said := map[string]bool{}
			for _, authorization := range []string{"", "Basic YWRhOnNlY3JldA==", "Bearer ", "Bearer x.y.z", "Bearer " + forged(d.person.Tokens.AccessToken)} {
				a := d.try(t, request{method: o.Method, path: o.At(somebodyElses()), header: map[string]string{"Authorization": authorization}})
				a.want(t, http.StatusUnauthorized, "unauthenticated")
				if challenge := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, "Bearer") {
					t.Errorf("WWW-Authenticate is %q, want Bearer", challenge)
				}
				said[a.problem.Title+a.problem.Detail] = true
			}
			if len(said) != 1 {
				t.Errorf("the answers tell a missing, a malformed and a forged token apart: %v", said)
			}
		})
	}
}

func TestARouteForAdministratorsIsClosedToOthers(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.person = world.At(t, d.url).Register("Ada")
	body := `{"userIds":["` + somebodyElses() + `"],"category":"general","title":"Hello"}`
	d.try(t, request{method: http.MethodPost, path: "/v1/notifications", body: body}).want(t, http.StatusForbidden, "forbidden")
}

// forged is the token with another signature.
func forged(token string) string {
	head, signature, _ := strings.Cut(token, ".")
	payload, signature, _ := strings.Cut(signature, ".")
	return head + "." + payload + "." + strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, signature)
}

func TestAnEmptyOrMeaninglessIDIsNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tried := 0
	for _, o := range d.public() {
		if len(o.Parameters()) == 0 || o.Body != nil && o.Body.Required {
			continue
		}
		tried++
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			for _, id := range []string{"not-an-id", somebodyElses(), "00000000-0000-0000-0000-000000000000", strings.Repeat("9", 300), "%C3%A9", "1%27%20OR%201=1"} {
				d.try(t, request{method: o.Method, path: o.At(id)}).want(t, http.StatusNotFound, "not_found")
			}
			empty := d.try(t, request{method: o.Method, path: o.At("")})
			if strings.HasSuffix(o.Path, "}") || empty.StatusCode != http.StatusBadRequest { // "//" is no canonical path
				empty.want(t, http.StatusNotFound, "not_found")
			}
		})
	}
	if tried < 4 {
		t.Errorf("only %d routes have an id: the files or the reading of them have holes", tried)
	}
}

// isPublicPath: every process has health pages, the gateway's are public.
func isPublicPath(d door, path string) bool {
	return slices.ContainsFunc(d.public(), func(o openapi.Operation) bool { return o.Path == path })
}

func TestServicesOwnRoutesAreNotPublic(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	paths := []string{"/internal/users/lookup", "/internal/revocations", "/internal/notifications", "/metrics", "/debug/pprof/", "/v1", "/v1/nothing", "/v1/auth/register/"}
	for _, o := range d.all {
		if o.Internal && !isPublicPath(d, o.Path) {
			paths = append(paths, o.At(somebodyElses()))
		}
	}
	for _, path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			d.try(t, request{method: method, path: path}).want(t, http.StatusNotFound, "not_found")
		}
	}
}
