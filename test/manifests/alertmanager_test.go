package manifests_test

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const alertmanagerFile = "deployments/observability/alertmanager/alertmanager.yml"

// alertmanager is its configuration, as far as ours goes: anything else is a slip.
type alertmanager struct {
	Global struct {
		ResolveTimeout string `yaml:"resolve_timeout"`
	} `yaml:"global"`
	Route   routing `yaml:"route"`
	Inhibit []struct {
		Source []string `yaml:"source_matchers"`
		Target []string `yaml:"target_matchers"`
		Equal  []string `yaml:"equal"`
	} `yaml:"inhibit_rules"`
	Receivers []struct {
		Name     string `yaml:"name"`
		Webhooks []struct {
			URLFile      string `yaml:"url_file"`
			SendResolved bool   `yaml:"send_resolved"`
			MaxAlerts    int    `yaml:"max_alerts"`
		} `yaml:"webhook_configs"`
	} `yaml:"receivers"`
}

type routing struct {
	Receiver       string    `yaml:"receiver"`
	Matchers       []string  `yaml:"matchers"`
	GroupBy        []string  `yaml:"group_by"`
	GroupWait      string    `yaml:"group_wait"`
	GroupInterval  string    `yaml:"group_interval"`
	RepeatInterval string    `yaml:"repeat_interval"`
	Routes         []routing `yaml:"routes"`
}

func routes(t *testing.T) alertmanager {
	t.Helper()
	var c alertmanager
	decoder := yaml.NewDecoder(strings.NewReader(read(t, alertmanagerFile)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

var matcher = regexp.MustCompile(`^(\w+)(=~|=)"([^"]*)"$`)

// matches tells whether an alert has what every matcher wants.
func matches(t *testing.T, matchers []string, labels map[string]string) bool {
	t.Helper()
	for _, text := range matchers {
		m := matcher.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("%s is no matcher", text)
		}
		pattern := "^(?:" + m[3] + ")$"
		if m[2] == "=" {
			pattern = "^" + regexp.QuoteMeta(m[3]) + "$"
		}
		if !regexp.MustCompile(pattern).MatchString(labels[m[1]]) {
			return false
		}
	}
	return true
}

// receives is who hears of the alert: the first child that matches, else the route itself.
func (r routing) receives(t *testing.T, labels map[string]string) string {
	t.Helper()
	for _, child := range r.Routes {
		if matches(t, child.Matchers, labels) {
			return child.receives(t, labels)
		}
	}
	return r.Receiver
}

func TestWhatIsUrgentWakesSomebodyAndTheRestWaits(t *testing.T) {
	t.Parallel()
	c := routes(t)
	known := map[string]bool{}
	for _, r := range c.Receivers {
		known[r.Name] = len(r.Webhooks) == 1 && r.Webhooks[0].SendResolved && strings.HasPrefix(r.Webhooks[0].URLFile, "/etc/alertmanager/")
	}
	for _, a := range alerts(t) {
		want := map[string]string{"page": "pager", "ticket": "tickets"}[a.Labels["severity"]]
		got := c.Route.receives(t, map[string]string{"alertname": a.Alert, "severity": a.Labels["severity"]})
		if got != want || !known[got] {
			t.Errorf("%s goes to %q, want %q", a.Alert, got, want)
		}
	}
	urgent := c.Route.Routes[0]
	if !matches(t, urgent.Matchers, map[string]string{"alertname": "SosBudgetBurning", "severity": "page"}) || urgent.GroupWait != "0s" {
		t.Errorf("calls for help that fail wait: %+v", urgent)
	}
	if strings.Join(c.Route.GroupBy, " ") != "job severity" {
		t.Errorf("alerts are put together by %q, and not by service", c.Route.GroupBy)
	}
}

// An alert that is silenced by one that does not exist, or that silences what is
// about calls for help, would be missed.
func TestNoAlertSilencesACallForHelp(t *testing.T) {
	t.Parallel()
	all := alerts(t)
	fits := func(matchers []string) (names []string) {
		for _, a := range all {
			if matches(t, matchers, map[string]string{"alertname": a.Alert, "severity": a.Labels["severity"]}) {
				names = append(names, a.Alert+" "+a.Labels["severity"])
			}
		}
		return names
	}
	for _, rule := range routes(t).Inhibit {
		sources, targets := fits(rule.Source), fits(rule.Target)
		if len(sources) == 0 || len(targets) == 0 {
			t.Errorf("%+v: from %v to %v", rule, sources, targets)
		}
		for _, target := range targets {
			if strings.HasPrefix(target, "Sos") && strings.HasSuffix(target, " page") {
				t.Errorf("%v silences %s", sources, target)
			}
		}
	}
}

func TestPrometheusTellsAlertmanager(t *testing.T) {
	t.Parallel()
	project := compose(t)
	mounted := map[string]string{}
	for _, c := range project.Services["alertmanager"].Configs {
		mounted[c.Target] = project.Configs[c.Source].File
	}
	for _, r := range routes(t).Receivers {
		if mounted[r.Webhooks[0].URLFile] == "" {
			t.Errorf("compose does not give Alertmanager %s", r.Webhooks[0].URLFile)
		}
	}
	if !strings.HasSuffix(mounted["/etc/alertmanager/alertmanager.yml"], alertmanagerFile) {
		t.Errorf("compose gives Alertmanager %v", mounted)
	}
	if !strings.Contains(read(t, rulesFolder, "prometheus.yml"), "names: [alertmanager], type: A, port: 9093,") {
		t.Error("Prometheus tells nobody")
	}
}
