package manifests_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/sos"
)

// program is one of the four as its operators see it.
type program struct {
	name     string // of its image and folder
	workload string // in compose and Kubernetes
	config   any
	load     func() (interface{ Validate() error }, error)
	port     string // the variable that says where it listens
}

func programs() []program {
	return []program{
		{"gateway", "api-gateway", gateway.Config{}, loading(gateway.LoadConfig), "PORT"},
		{"auth", "auth-service", auth.Config{}, loading(auth.LoadConfig), "AUTH_SERVICE_PORT"},
		{"notification", "notification-service", notification.Config{}, loading(notification.LoadConfig), "NOTIFICATION_SERVICE_PORT"},
		{"sos", "sos-service", sos.Config{}, loading(sos.LoadConfig), "SOS_SERVICE_PORT"},
	}
}

func loading[C interface{ Validate() error }](load func() (C, error)) func() (interface{ Validate() error }, error) {
	return func() (interface{ Validate() error }, error) { return load() }
}

// settings are the variables that a program reads, each with whether it is a secret.
func (p program) settings() map[string]bool {
	known := map[string]bool{}
	collect(reflect.TypeOf(p.config), known)
	return known
}

func collect(typ reflect.Type, known map[string]bool) {
	for field := range typ.Fields() {
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			collect(field.Type, known)
		}
		if name, ok := field.Tag.Lookup("envconfig"); ok {
			known[name] = field.Type == reflect.TypeFor[config.Secret]()
		}
	}
}

// runtimeSettings are read by Go itself.
var runtimeSettings = []string{"GOMEMLIMIT", "GOGC", "GOMAXPROCS", "TZ"} //nolint:gochecknoglobals // a constant list

// secrets are the variables that .env.example asks for, given a value that no file holds.
func secrets() map[string]string {
	marked := map[string]string{}
	for _, p := range programs() {
		for name, secret := range p.settings() {
			if secret {
				marked[name] = mark(name)
			}
		}
	}
	for _, name := range []string{"REPLICATION_PASSWORD", "GRAFANA_PASSWORD"} {
		marked[name] = mark(name)
	}
	return marked
}

func mark(name string) string { return "kept-outside-of-every-file-for-" + name }

// root is the repository's folder.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root(t)}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What can be set in compose can be set in the cluster, or it is forgotten there.
func TestEverySettingOfComposeStandsInTheClusterToo(t *testing.T) {
	t.Parallel()
	base, project, made := deployed(t, "base"), compose(t), read(t, "deployments/kubernetes/secrets.sh")
	for _, p := range programs() {
		container := base.named(t, p.workload).container()
		there := environment(t, base, container)
		for _, from := range container.EnvFrom {
			if from.SecretRef == nil {
				continue
			}
			_, list, _ := strings.Cut(made, "\n"+p.name+"=(")
			list, _, _ = strings.Cut(list, ")")
			for name := range strings.FieldsSeq(list) {
				there[name] = ""
			}
		}
		for name := range project.Services[p.workload].Environment {
			if _, ok := there[name]; !ok {
				t.Errorf("%s: %s can be set in compose and not in the cluster", p.workload, name)
			}
		}
	}
}
