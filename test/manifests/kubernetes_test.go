package manifests_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/loveapp/backend/test/manifests"
)

func TestWhatIsAppliedIsWhatTheBaseSays(t *testing.T) {
	t.Parallel()
	if read(t, "nginx.conf") != read(t, "deployments/kubernetes/base/nginx.conf") {
		t.Error("the cluster has another nginx.conf: run make k8s-render")
	}
	files, err := manifests.Render(filepath.Join(root(t), "deployments/kubernetes/base"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root(t), "deployments/k8s"))
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, entry := range entries {
		there = append(there, entry.Name())
	}
	if want := slices.Sorted(maps.Keys(files)); !slices.Equal(there, want) {
		t.Errorf("deployments/k8s holds %v, wanted %v: run make k8s-render", there, want)
	}
	for name, text := range files {
		if read(t, "deployments/k8s", name) != text {
			t.Errorf("deployments/k8s/%s is another: run make k8s-render", name)
		}
	}
}

func TestEveryKindOfClusterIsReadStrictly(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string][]string{"base": nil, "overlays/p95": nil, "overlays/pgbackrest": nil, "overlays/cloudnative-pg": {"Cluster", "ScheduledBackup"}} {
		made := deployed(t, name)
		if !slices.Equal(made.foreign, foreign) {
			t.Errorf("%s: Kubernetes does not know %v", name, made.foreign)
		}
		for _, object := range made.objects {
			if ns := object.GetNamespace(); ns != "love-app" && object.GetName() != "love-app" && object.GetName() != "prometheus-adapter" {
				t.Errorf("%s: %s is in the namespace %q", name, object.GetName(), ns)
			}
		}
	}
}

func TestTheNamesThatSeedTypesAreThere(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	for _, name := range []string{"api-gateway", "auth-service", "notification-service", "sos-service", "nginx"} {
		one[*appsv1.Deployment](t, base, name)
		one[*corev1.Service](t, base, name)
	}
	for name, replicas := range map[string]int32{"redis-cluster": 6, "postgres-master": 1, "postgres-replica": 2} {
		if got := *one[*appsv1.StatefulSet](t, base, name).Spec.Replicas; got != replicas {
			t.Errorf("%s has %d nodes, wanted %d", name, got, replicas)
		}
		one[*corev1.Service](t, base, name)
	}
	one[*corev1.Namespace](t, base, "love-app")
}

func TestResourcesAreSeeds(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	for name, want := range map[string][4]string{
		"api-gateway":          {"250m", "500m", "256Mi", "512Mi"},
		"auth-service":         {"200m", "400m", "256Mi", "512Mi"},
		"notification-service": {"200m", "400m", "256Mi", "512Mi"},
		"sos-service":          {"200m", "400m", "256Mi", "512Mi"},
		"postgres-master":      {"2", "2", "4Gi", "4Gi"},
		"postgres-replica":     {"1", "1", "2Gi", "2Gi"},
		"redis-cluster":        {"250m", "250m", "512Mi", "1Gi"},
	} {
		r := base.named(t, name).container().Resources
		got := [4]string{r.Requests.Cpu().String(), r.Limits.Cpu().String(), r.Requests.Memory().String(), r.Limits.Memory().String()}
		if got != want {
			t.Errorf("%s: cpu and memory are %v, wanted %v", name, got, want)
		}
	}
}

func TestCopiesAreTheAutoscalersAffair(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	bounds := map[string][2]int32{"api-gateway": {4, 20}, "auth-service": {2, 8}, "notification-service": {2, 8}, "sos-service": {2, 8}}
	scalers := all[*autoscalingv2.HorizontalPodAutoscaler](base)
	if len(scalers) != len(bounds) {
		t.Errorf("there are %d autoscalers, wanted %d", len(scalers), len(bounds))
	}
	for _, scaler := range scalers {
		target := one[*appsv1.Deployment](t, base, scaler.Spec.ScaleTargetRef.Name)
		if target.Spec.Replicas != nil {
			t.Errorf("%s: each deployment would set its copies back to %d", target.Name, *target.Spec.Replicas)
		}
		if got := [2]int32{*scaler.Spec.MinReplicas, scaler.Spec.MaxReplicas}; got != bounds[scaler.Name] {
			t.Errorf("%s: %v copies, wanted %v", scaler.Name, got, bounds[scaler.Name])
		}
		percent := map[corev1.ResourceName]int32{}
		for _, metric := range scaler.Spec.Metrics {
			percent[metric.Resource.Name] = *metric.Resource.Target.AverageUtilization
		}
		if !maps.Equal(percent, map[corev1.ResourceName]int32{"cpu": 70, "memory": 80}) {
			t.Errorf("%s grows at %v", scaler.Name, percent)
		}
		if down := scaler.Spec.Behavior.ScaleDown; down == nil || *down.StabilizationWindowSeconds < 300 {
			t.Errorf("%s shrinks at once", scaler.Name)
		}
	}
}

func TestTheSlowestAnswersScaleToo(t *testing.T) {
	t.Parallel()
	for _, scaler := range all[*autoscalingv2.HorizontalPodAutoscaler](deployed(t, "overlays/p95")) {
		last := scaler.Spec.Metrics[len(scaler.Spec.Metrics)-1]
		if len(scaler.Spec.Metrics) != 3 || last.Pods == nil || last.Pods.Target.AverageValue.AsApproximateFloat64() != 0.5 {
			t.Errorf("%s does not look at the slowest answers", scaler.Name)
			continue
		}
		rules := one[*corev1.ConfigMap](t, deployed(t, "overlays/p95"), "prometheus-adapter").Data["config.yaml"]
		if !strings.Contains(rules, "as: "+last.Pods.Metric.Name) {
			t.Errorf("%s: nobody makes %s", scaler.Name, last.Pods.Metric.Name)
		}
	}
}

func TestEverySelectorFindsWhatItIsMeantFor(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	for _, d := range all[*appsv1.Deployment](base) {
		wants(t, base, d.Name, d.Spec.Selector)
	}
	for _, s := range all[*appsv1.StatefulSet](base) {
		wants(t, base, s.Name, s.Spec.Selector)
		if one[*corev1.Service](t, base, s.Spec.ServiceName).Spec.ClusterIP != corev1.ClusterIPNone {
			t.Errorf("%s: its pods have no names", s.Name)
		}
	}
	for _, b := range all[*policyv1.PodDisruptionBudget](base) {
		wants(t, base, b.Name, b.Spec.Selector)
	}
	for _, s := range all[*corev1.Service](base) {
		wants(t, base, s.Name, &metav1.LabelSelector{MatchLabels: s.Spec.Selector})
		for _, port := range s.Spec.Ports {
			if !listens(base.named(t, s.Name), port) {
				t.Errorf("service %s: its pods have no port %s", s.Name, port.TargetPort.String())
			}
		}
	}
	for _, p := range base.pods {
		for _, spread := range p.spec.TopologySpreadConstraints {
			wants(t, base, p.name, spread.LabelSelector)
		}
		if p.kind == "Deployment" && len(p.spec.TopologySpreadConstraints) == 0 {
			t.Errorf("%s: all its copies may be on one machine", p.name)
		}
	}
}

// wants: that selector takes the pods of one workload and no others.
func wants(t *testing.T, c *cluster, name string, selector *metav1.LabelSelector) {
	t.Helper()
	found := c.selected(t, selector)
	if len(found) != 1 || found[0].name != name {
		t.Errorf("%s selects %d workloads", name, len(found))
	}
}

// listens: by the same name and, where the pods are reached directly, the same number.
func listens(p pods, port corev1.ServicePort) bool {
	return slices.ContainsFunc(p.container().Ports, func(c corev1.ContainerPort) bool {
		return c.Name == port.TargetPort.String() && (c.ContainerPort == port.Port || p.name == "nginx")
	})
}
