package observability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/loveapp/backend/test/sight"
	"github.com/loveapp/backend/test/stack"
	"github.com/loveapp/backend/test/world"
)

// Everything is asked of one stack: it takes long to start, and more so to have
// something to tell.
func TestDashboardsAndAlertsSeeTheRunningStack(t *testing.T) {
	t.Parallel()
	s, err := stack.Start(t.Context(), stack.Options{Env: append(world.StackEnv(), append(texts(t), traced(t))...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	w := world.Real(s)
	canary, contact := world.SignUp(t, w, "Canary"), world.SignUp(t, w, "Contact")
	canary.Trusts(contact)
	if err := s.Restart(t.Context(), "SOS_CANARY="+canary.ID()); err != nil {
		t.Fatal(err)
	}
	p := watch(t, s)
	everyCopyIsCollectedFrom(t, p)
	ada, bob := world.SignUp(t, world.Real(s), "Ada"), world.SignUp(t, world.Real(s), "Bob")
	ada.Trusts(bob)
	asked := queries(t)
	total := len(asked)
	eventually(t, "every query of the dashboards finds something", func() bool {
		live(ada, bob)
		for where, query := range asked {
			if p.finds(t, query) > 0 {
				delete(asked, where)
			}
		}
		return len(asked) == 0
	}, func() string {
		return strings.Join(slices.Sorted(maps.Keys(asked)), "\n")
	})
	t.Logf("each of %d queries finds something", total)
	everyMetricOfThePageIsFound(t, s)
	everyRuleIsEvaluated(t, p)
	everyAlertLooksAtWhatIsThere(t, p)
}

// texts are the settings of a provider of text messages, which takes everything.
func texts(t *testing.T) []string {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprint(w, `{"sid":"SM00000000000000000000000000000000","status":"queued"}`)
	}))
	t.Cleanup(provider.Close)
	return []string{
		"TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000", "TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef",
		"TWILIO_FROM=+15005550006", "TWILIO_BASE_URL=" + provider.URL,
	}
}

// traced is the setting of a collector that takes everything.
func traced(t *testing.T) string {
	t.Helper()
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(collector.Close)
	return "OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL
}

// live does once what people do, right and wrong.
func live(ada, bob *world.Person) {
	phone := bob.Connect()
	defer phone.Close()
	pressed := ada.CallForHelp(world.Alarm{EmergencyType: "medical"})
	phone.ExpectNotification(world.Patience, "sos.triggered", pressed.Ticket.ID)
	bob.Inbox()
	ada.Look(pressed.Ticket.ID)
	ada.Command(pressed.Ticket.ID, "resolve", map[string]any{"outcome": "safe"})
	ada.Profile()
	const nobody = "01900000-0000-7000-8000-000000000000"
	ada.Look(nobody)
	ada.Do(world.Call{Method: http.MethodPost, Path: "/v1/notifications/items/" + nobody + "/read"})
	ada.Do(world.Call{Method: http.MethodPost, Path: "/v1/auth/login", Body: map[string]any{"email": ada.Email, "password": "not the password of Ada"}})
	ada.Do(world.Call{Method: http.MethodGet, Path: "/v1/sos/tickets"})
}

func everyCopyIsCollectedFrom(t *testing.T, p prometheus) {
	t.Helper()
	for job, count := range map[string]int{"api-gateway": 4, "auth-service": 2, "notification-service": 3, "sos-service": 2} {
		eventually(t, fmt.Sprintf("%d copies of %s are collected from", count, job), func() bool {
			return p.finds(t, `up{job="`+job+`"} == 1`) == count
		})
	}
}

// everyMetricOfThePageIsFound in a scrape of some copy of each service that it names;
// the other way round is shown wherever the services run (test/sight).
func everyMetricOfThePageIsFound(t *testing.T, s *stack.Stack) {
	t.Helper()
	found := map[string]map[string]sight.Metric{}
	for job, targets := range copies(t, s) {
		service := strings.TrimPrefix(strings.TrimSuffix(job, "-service"), "api-")
		found[service] = map[string]sight.Metric{}
		for _, target := range targets {
			maps.Copy(found[service], sight.Scrape(page(t, "http://"+target+"/metrics")))
		}
	}
	metrics, err := sight.Page(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metrics {
		for _, service := range m.Services {
			if found[service][m.Name].Kind != m.Kind {
				t.Errorf("METRICS.md has a %s %s, and %s makes none", m.Kind, m.Name, service)
			}
		}
	}
	t.Logf("each of %d metrics on their page is found", len(metrics))
}

type dashboard struct {
	Title  string `json:"title"`
	Panels []struct {
		Title   string `json:"title"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

// queries are those of every dashboard, by where they stand.
func queries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(observed + "/grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d dashboards: %v", len(files), err)
	}
	found := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // the repository's own
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, panel := range d.Panels {
			for i, target := range panel.Targets {
				found[fmt.Sprintf("%s / %s / %d", d.Title, panel.Title, i)] = target.Expr
			}
		}
	}
	return found
}

// everyRuleIsEvaluated: Prometheus has read each, alerts and recordings, and made something of it.
func everyRuleIsEvaluated(t *testing.T, p prometheus) {
	t.Helper()
	written := len(rules(t))
	eventually(t, "every rule is evaluated", func() bool {
		var answer struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		p.get(t, "/api/v1/rules", &answer)
		well := 0
		for _, group := range answer.Groups {
			for _, r := range group.Rules {
				if r.Health == "ok" {
					well++
				} else {
					t.Logf("%s is %s: %s", r.Name, r.Health, r.LastError)
				}
			}
		}
		return well == written
	})
}

type rule struct {
	Alert  string `yaml:"alert"`
	Record string `yaml:"record"`
	Expr   string `yaml:"expr"`
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	text, err := os.ReadFile(observed + "/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

var (
	selector = regexp.MustCompile(`\b(up|[a-z]+(?:_[a-z0-9]+)+)(?:\{([^}]*)\}|\[|\)| [<>=/+-]|$)`)
	matcher  = regexp.MustCompile(`(\w+)(=~|!~|!=|=)"[^"]*"`)
	// ofMisfortune are labels whose values an alert waits for.
	ofMisfortune = []string{"status", "code"}
)

// everyAlertLooksAtWhatIsThere: each series that an alert asks for exists while all is
// well, but for statuses that nobody was answered: a name or label that nothing has
// would be an alert that never fires.
func everyAlertLooksAtWhatIsThere(t *testing.T, p prometheus) {
	t.Helper()
	for _, r := range rules(t) {
		found := selector.FindAllStringSubmatch(r.Expr, -1)
		if len(found) == 0 {
			t.Errorf("%s looks at nothing: %s", r.Alert+r.Record, r.Expr)
		}
		for _, s := range found {
			var kept []string
			for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
				if !slices.Contains(ofMisfortune, m[1]) {
					kept = append(kept, m[0])
				}
			}
			query := s[1] + "{" + strings.Join(kept, ",") + "}"
			if p.finds(t, query) == 0 {
				t.Errorf("%s looks at %s, which is not there", r.Alert+r.Record, query)
			}
		}
	}
}
