package manifests_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestEveryPodIsRestricted(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	if one[*corev1.Namespace](t, base, "love-app").Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Error("the namespace admits what is not restricted")
	}
	for _, p := range base.pods {
		s := p.spec.SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s may be root or call what it likes", p.name)
		}
		if p.spec.EnableServiceLinks == nil || *p.spec.EnableServiceLinks || p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken {
			t.Errorf("%s is given variables of Services, or a token for Kubernetes", p.name)
		}
		for _, c := range slices.Concat(p.spec.InitContainers, p.spec.Containers) {
			if !confined(c.SecurityContext) {
				t.Errorf("%s/%s may become more than it is, or write to its image", p.name, c.Name)
			}
			if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s/%s may take the whole machine", p.name, c.Name)
			}
		}
	}
}

func confined(s *corev1.SecurityContext) bool {
	return s != nil && s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation &&
		s.ReadOnlyRootFilesystem != nil && *s.ReadOnlyRootFilesystem &&
		s.Capabilities != nil && slices.Contains(s.Capabilities.Drop, "ALL") && len(s.Capabilities.Add) == 0
}

func TestEveryPodIsAskedHowItIsAndDrains(t *testing.T) {
	t.Parallel()
	for _, p := range deployed(t, "base").pods {
		c := p.container()
		if p.kind == "Job" {
			continue
		}
		if c.ReadinessProbe == nil || c.LivenessProbe == nil {
			t.Errorf("%s: nobody asks how it is", p.name)
		}
		for _, probe := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if probe != nil && probe.HTTPGet != nil && !slices.ContainsFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.Name == probe.HTTPGet.Port.String() }) {
				t.Errorf("%s: a probe asks a port that there is not", p.name)
			}
		}
		if c.LivenessProbe.HTTPGet != nil && c.LivenessProbe.HTTPGet.Path != "/health/live" {
			t.Errorf("%s: a database that is away would restart it", p.name)
		}
		if p.kind == "Deployment" && (c.Lifecycle == nil || c.Lifecycle.PreStop == nil) {
			t.Errorf("%s ends while requests still come to it", p.name)
		}
	}
}

func TestEverySettingOfAPodIsOneThatItsProgramKnows(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	for _, p := range programs() {
		known := p.settings()
		for name := range environment(t, base, base.named(t, p.workload).container()) {
			if _, ok := known[name]; !ok && !slices.Contains(runtimeSettings, name) {
				t.Errorf("%s knows no %s", p.workload, name)
			}
		}
	}
}

func TestProgramsTakeTheirSettingsFromTheCluster(t *testing.T) {
	base := deployed(t, "base")
	for _, p := range programs() {
		t.Run(p.workload, func(t *testing.T) {
			for name, value := range environment(t, base, base.named(t, p.workload).container()) {
				if !optional(name) {
					t.Setenv(name, value)
				}
			}
			c, err := p.load()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// environment is what a container of ours is started with; secrets get their mark.
func environment(t *testing.T, c *cluster, container corev1.Container) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, from := range container.EnvFrom {
		if from.ConfigMapRef != nil {
			maps.Copy(env, one[*corev1.ConfigMap](t, c, from.ConfigMapRef.Name).Data)
		}
	}
	for _, v := range container.Env {
		env[v.Name] = v.Value
		if v.ValueFrom != nil {
			env[v.Name] = mark(v.Name)
		}
	}
	return env
}

func TestSecretsAreReferredToAndWhatIsReferredToIsThere(t *testing.T) {
	t.Parallel()
	base, kept := deployed(t, "base"), secrets()
	if found := all[*corev1.Secret](base); len(found) > 0 {
		t.Errorf("there are %d Secrets in the files", len(found))
	}
	for _, p := range base.pods {
		for _, c := range p.spec.Containers {
			for _, v := range c.Env {
				if _, secret := kept[v.Name]; secret && (v.Value != "" || v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil) {
					t.Errorf("%s: %s stands in the file", p.name, v.Name)
				}
				refers(t, base, p.name, v)
			}
		}
		for _, volume := range p.spec.Volumes {
			if volume.ConfigMap != nil {
				one[*corev1.ConfigMap](t, base, volume.ConfigMap.Name)
			}
		}
	}
}

func refers(t *testing.T, c *cluster, pod string, v corev1.EnvVar) {
	t.Helper()
	if v.ValueFrom == nil {
		return
	}
	if ref := v.ValueFrom.ConfigMapKeyRef; ref != nil && one[*corev1.ConfigMap](t, c, ref.Name).Data[ref.Key] == "" {
		t.Errorf("%s: %s has no %s", pod, ref.Name, ref.Key)
	}
	if ref := v.ValueFrom.SecretKeyRef; ref != nil && (ref.Name != "love-app-secrets" || !strings.Contains(read(t, "deployments/kubernetes/secrets.sh"), ref.Key)) {
		t.Errorf("%s: make k8s-secrets makes no %s in %s", pod, ref.Key, ref.Name)
	}
}

func TestAllPoolsOfTheClusterFitIntoTheDatabase(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	settings := one[*corev1.ConfigMap](t, base, "love-app-config").Data
	found := maxConnections.FindStringSubmatch(read(t, "deployments/postgres/postgresql.conf"))
	const copies, surge, services, perService, reserved = 8, 1, 3, 100, 13
	pool := number(t, settings["DATABASE_POOL_MAX"])
	if pool*copies > perService || pool*copies*services+pool*surge*services > number(t, found[1])-reserved {
		t.Errorf("pools of %d are too many for %s connections", pool, found[1])
	}
}
