package manifests_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/loveapp/backend/shared/config"
)

const composeFile = "deployments/compose/docker-compose.microservices.yml"

// composed reads the file as docker compose does, with the environment given.
func composed(environment map[string]string, more ...func(*loader.Options)) (*types.Project, error) {
	file, err := filepath.Abs(filepath.Join("../..", composeFile))
	if err != nil {
		return nil, err
	}
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: environment,
	}, append(more, func(o *loader.Options) { o.SetProjectName("love-app", true) })...)
}

// loaded is it with every secret, read once: tests only look at it.
var loaded = sync.OnceValues(func() (*types.Project, error) { return composed(secrets()) }) //nolint:gochecknoglobals // written here only

func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeStartsNothingWithoutASecret(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DATABASE_PASSWORD", "REDIS_PASSWORD", "INTERNAL_SECRET", "JWT_SECRET", "REPLICATION_PASSWORD", "GRAFANA_PASSWORD"} {
		given := secrets()
		delete(given, name)
		if _, err := composed(given, func(o *loader.Options) { o.SkipValidation = true }); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s it says %v", name, err)
		}
	}
}

func TestEverySettingInComposeIsOneThatTheProgramKnows(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for _, p := range programs() {
		known := p.settings()
		for name := range project.Services[p.workload].Environment {
			if _, ok := known[name]; !ok && !slices.Contains(runtimeSettings, name) {
				t.Errorf("%s knows no %s", p.workload, name)
			}
		}
	}
}

func TestSecretsInComposeComeFromOutside(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for _, p := range programs() {
		for name, secret := range p.settings() {
			value := project.Services[p.workload].Environment[name]
			if secret && value != nil && *value != "" && *value != mark(name) {
				t.Errorf("%s: %s stands in the file", p.workload, name)
			}
		}
	}
	for name, service := range project.Services {
		for variable, value := range service.Environment {
			if strings.HasSuffix(variable, "PASSWORD") && (value == nil || *value != "" && !strings.HasPrefix(*value, mark(""))) {
				t.Errorf("%s: %s stands in the file", name, variable)
			}
		}
	}
}

func TestProgramsTakeTheirSettingsFromCompose(t *testing.T) {
	project := compose(t)
	for _, p := range programs() {
		t.Run(p.workload, func(t *testing.T) {
			for name, value := range project.Services[p.workload].Environment {
				if value != nil && *value != "" && !optional(name) {
					t.Setenv(name, *value)
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

// optional are the providers' secrets: half of one is refused, and a mark is no key.
func optional(name string) bool {
	for _, prefix := range []string{"TWILIO_", "FCM_", "APNS_", "VAPID_", "SMTP_", "MAIL_", "ADMIN_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func TestNamesInComposeLeadToAServiceOnASharedNetworkAndItsPort(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for _, p := range programs() {
		service := project.Services[p.workload]
		for name, value := range service.Environment {
			if !strings.HasSuffix(name, "_HOST") || strings.HasPrefix(name, "LISTEN") || name == "LEGACY_HOST" { // empty, unless there is a monolith
				continue
			}
			hosts, err := config.ParseHosts(*value, 1)
			if err != nil || len(hosts) == 0 {
				t.Errorf("%s: %s=%s: %v", p.workload, name, *value, err)
			}
			for _, host := range hosts {
				target, there := project.Services[host.Host]
				if !there || !share(service, target) {
					t.Errorf("%s: %s=%s leads nowhere", p.workload, name, host.Host)
				}
			}
		}
		if own := service.Environment[p.port]; own == nil || *own != seedPort(p.port) {
			t.Errorf("%s listens elsewhere than on %s", p.workload, seedPort(p.port))
		}
	}
}

// seedPort is what SEED's environment says.
func seedPort(variable string) string {
	return map[string]string{"PORT": "3000", "AUTH_SERVICE_PORT": "3001", "NOTIFICATION_SERVICE_PORT": "3002", "SOS_SERVICE_PORT": "3003"}[variable]
}

func share(a, b types.ServiceConfig) bool {
	for network := range a.Networks {
		if _, both := b.Networks[network]; both {
			return true
		}
	}
	return false
}

func TestComposeHasAsManyOfEachAsSeedAsksFor(t *testing.T) {
	t.Parallel()
	project := compose(t)
	counts := map[string]int{}
	for name, service := range project.Services {
		family := regexp.MustCompile(`-\d+$`).ReplaceAllString(name, "")
		copies := 1
		if service.Deploy != nil && service.Deploy.Replicas != nil {
			copies = *service.Deploy.Replicas
		}
		counts[family] += copies
	}
	want := map[string]int{
		"nginx": 1, "api-gateway": 4, "auth-service": 2, "notification-service": 3, "sos-service": 2,
		"postgres-master": 1, "postgres-replica": 2, "postgres-archive-init": 1, "redis-cluster": 6, "redis-cluster-init": 1, "prometheus": 1, "alertmanager": 1, "grafana": 1,
	}
	if !maps.Equal(counts, want) {
		t.Errorf("there are %v, wanted %v", counts, want)
	}
}

func TestEveryContainerOfComposeIsConfined(t *testing.T) {
	t.Parallel()
	for name, service := range compose(t).Services {
		once := strings.HasSuffix(name, "-init")
		if !service.ReadOnly || !slices.Contains(service.CapDrop, "ALL") || service.Privileged {
			t.Errorf("%s may write to its image or keeps capabilities", name)
		}
		if !once && (service.HealthCheck == nil || len(service.HealthCheck.Test) == 0) {
			t.Errorf("%s: nobody asks how it is", name)
		}
		if !once && (service.Deploy == nil || service.Deploy.Resources.Limits == nil) {
			t.Errorf("%s may take the whole machine", name)
		}
		if strings.HasSuffix(service.Image, ":latest") && !strings.HasPrefix(service.Image, "loveapp/") {
			t.Errorf("%s: what %s is tomorrow nobody knows", name, service.Image)
		}
	}
}

// A swarm passes over these without a word, so nothing may depend on them.
func TestASwarmUnderstandsEverythingInCompose(t *testing.T) {
	t.Parallel()
	for name, service := range compose(t).Services {
		if service.ContainerName != "" || len(service.DependsOn) > 0 || len(service.SecurityOpt) > 0 || service.Restart != "" || service.NetworkMode != "" {
			t.Errorf("%s says what a swarm ignores", name)
		}
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind {
				t.Errorf("%s wants %s of whichever machine it comes to", name, volume.Source)
			}
		}
	}
	if !strings.Contains(read(t, composeFile), `version: "3.8"`) {
		t.Error("a swarm asks for a version")
	}
}

var maxConnections = regexp.MustCompile(`(?m)^max_connections = (\d+)$`)

func TestAllPoolsTogetherFitIntoTheDatabase(t *testing.T) {
	t.Parallel()
	found := maxConnections.FindStringSubmatch(read(t, "deployments/postgres/postgresql.conf"))
	if found == nil {
		t.Fatal("postgresql.conf does not say how many connections there are")
	}
	const perService, reserved = 100, 3 + 10 // SEED.md; superuser_reserved_connections, and who administers
	project, sum := compose(t), 0
	for _, p := range programs()[1:] {
		service := project.Services[p.workload]
		pool := number(t, *service.Environment["DATABASE_POOL_MAX"]) * *service.Deploy.Replicas
		if pool > perService || pool < perService-2 {
			t.Errorf("%s may open %d connections, not %d", p.workload, pool, perService)
		}
		sum += pool
	}
	if room := number(t, found[1]) - reserved; sum > room {
		t.Errorf("the pools want %d connections and there are %d", sum, room)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What a container is given of this repository is there, and may be run where it is run.
func TestEveryFileThatComposeHandsInExists(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for name, given := range project.Configs {
		if info, err := os.Stat(given.File); err != nil || info.Size() == 0 {
			t.Errorf("%s: there is no %s", name, given.File)
		}
	}
	for name, service := range project.Services {
		if len(service.Entrypoint) == 0 || !strings.HasSuffix(service.Entrypoint[0], ".sh") {
			continue
		}
		i := slices.IndexFunc(service.Configs, func(c types.ServiceConfigObjConfig) bool { return c.Target == service.Entrypoint[0] })
		if i < 0 || service.Configs[i].Mode == nil || *service.Configs[i].Mode != 0o555 {
			t.Errorf("%s cannot run %s", name, service.Entrypoint[0])
		}
	}
}
