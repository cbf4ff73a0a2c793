package manifests_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

const observability = "overlays/observability"

// Compose and the cluster watch with the same programs, files and routes.
func TestTheClusterIsWatchedAsComposeIs(t *testing.T) {
	t.Parallel()
	c, project := deployed(t, observability), compose(t)
	for name, files := range map[string]map[string]string{
		"prometheus":   {"prometheus.yml": read(t, rulesFolder, "prometheus.yml"), "rules.yml": read(t, rulesFolder, "rules.yml")},
		"alertmanager": {"alertmanager.yml": read(t, alertmanagerFile)},
	} {
		p := c.named(t, name)
		if got, want := p.container().Image, project.Services[name].Image; got != want {
			t.Errorf("%s is %s, in compose %s", name, got, want)
		}
		var mounted map[string]string
		for _, config := range all[*corev1.ConfigMap](c) {
			if strings.HasPrefix(config.Name, name+"-files") && strings.Contains(volumes(p), config.Name) {
				mounted = config.Data
			}
		}
		if !maps.Equal(mounted, files) {
			t.Errorf("%s has other files than the repository: %v", name, slices.Sorted(maps.Keys(mounted)))
		}
		if !confined(p.container().SecurityContext) || p.spec.SecurityContext.RunAsNonRoot == nil || !*p.spec.SecurityContext.RunAsNonRoot {
			t.Errorf("%s is not restricted", name)
		}
	}
	if names := c.named(t, "prometheus").spec.DNSConfig; names == nil || !slices.Contains(names.Searches, "love-app.svc.cluster.local") {
		t.Error("Prometheus does not find the services of love-app by the names in prometheus.yml")
	}
	for _, r := range routes(t).Receivers {
		key := strings.TrimPrefix(r.Webhooks[0].URLFile, "/etc/alertmanager/")
		if !strings.Contains(read(t, "deployments/kubernetes/secrets.sh"), " "+key+" ") {
			t.Errorf("make k8s-secrets makes no %s", key)
		}
	}
}

// volumes are the names of the ConfigMaps that a pod mounts.
func volumes(p pods) string {
	var names []string
	for _, v := range p.spec.Volumes {
		if v.ConfigMap != nil {
			names = append(names, v.ConfigMap.Name)
		}
		if v.Projected != nil {
			for _, source := range v.Projected.Sources {
				if source.ConfigMap != nil {
					names = append(names, source.ConfigMap.Name)
				}
			}
		}
	}
	return strings.Join(names, " ")
}

func TestWhoWatchesMayAskAndTellAndNothingElse(t *testing.T) {
	t.Parallel()
	c := deployed(t, observability)
	for _, way := range []struct {
		from, to string
		port     int32
		may      bool
	}{
		{"prometheus", "love-app", 9400, true},
		{"prometheus", "love-app", 9403, true},
		{"prometheus", "alertmanager", 9093, true},
		{"alertmanager", outside, 443, true},
		{"prometheus", "love-app", 3003, false},
		{"prometheus", outside, 443, false},
		{"alertmanager", inside, 443, false},
		{"love-app", "prometheus", 9090, false},
		{"love-app", "alertmanager", 9093, false},
	} {
		if got := c.leaves(t, way.from, way.to, way.port) && c.enters(t, way.from, way.to, way.port); got != way.may {
			t.Errorf("%s to %s:%d: allowed is %t, wanted %t", way.from, way.to, way.port, got, way.may)
		}
	}
}
