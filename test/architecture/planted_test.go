package architecture_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/architecture"
)

// lawful is a backend in miniature that breaks no rule.
func lawful() architecture.Graph {
	graph := architecture.Graph{}
	for path, imports := range map[string][]string{
		"./shared/fault":                  {"errors"},
		"./shared/httpserver":             {"net/http", "./shared/fault"},
		"./shared/postgres":               {"github.com/lib/pq", "github.com/jmoiron/sqlx", "github.com/pressly/goose/v3"},
		"./shared/internal/compact":       {"time"},
		"./shared/token":                  {"github.com/golang-jwt/jwt/v5", "./shared/internal/compact"},
		"./shared/event":                  {"time"},
		"./sos":                           {"./sos/internal/app", "./sos/internal/adapters/postgres", "./sos/internal/adapters/httpapi", "./shared/httpserver"},
		"./sos/sostest":                   {"./sos", "./sos/internal/adapters/memory"},
		"./sos/api":                       {"embed"},
		"./sos/cmd/sos":                   {"./sos", "os"},
		"./sos/internal/domain":           {"time", "./shared/fault", "./sos/internal/domain/geo"},
		"./sos/internal/domain/geo":       {"math"},
		"./sos/internal/ports":            {"context", "time", "./sos/internal/domain"},
		"./sos/internal/ports/portstest":  {"testing", "./sos/internal/ports", "./sos/internal/domain"},
		"./sos/internal/app":              {"context", "log/slog", "./sos/internal/domain", "./sos/internal/ports", "./shared/fault"},
		"./sos/internal/adapters/memory":  {"sync", "./sos/internal/domain", "./sos/internal/ports"},
		"./sos/internal/adapters/httpapi": {"net/http", "github.com/julienschmidt/httprouter", "./sos/internal/app", "./sos/internal/domain"},
		"./sos/internal/adapters/postgres": {
			"github.com/jmoiron/sqlx", "./shared/postgres", "./sos/internal/domain", "./sos/internal/adapters/postgres/migrations",
		},
		"./sos/internal/adapters/postgres/migrations": {"embed"},
		"./sos/internal/adapters/redisstore":          {"github.com/gomodule/redigo/redis"},
		"./sos/internal/adapters/authclient":          {"net/http", "github.com/sony/gobreaker/v2"},
		"./sos/internal/adapters/wsapi":               {"github.com/gobwas/ws", "./sos/internal/app"},
		"./auth":                                      {"./auth/internal/domain"},
		"./auth/internal/domain":                      {"errors"},
		"./gateway":                                   {"github.com/julienschmidt/httprouter", "./shared/httpserver"},
		"./deployments/allinone":                      {"./sos", "./auth", "./gateway"},
		"./test/journeys":                             {"./sos/sostest", "./sos/api", "github.com/gobwas/ws"},
	} {
		graph[path] = architecture.Package{Path: path, Files: []architecture.File{{Name: "file.go", Imports: imports}}}
	}
	for path, imports := range map[string][]string{"net/http": {"net"}, "embed": nil, "github.com/lib/pq": {"database/sql"}} {
		graph[path] = architecture.Package{Path: path, Foreign: true, Files: []architecture.File{{Imports: imports}}}
	}
	return graph
}

// plant is one file that breaks one rule.
type plant struct {
	pkg, file, imported string
	how                 string // what the message says beside file and rule
}

func plants() map[string]plant {
	return map[string]plant{
		"the domain is made of values: the standard library, shared/fault and itself": {pkg: "./sos/internal/domain", imported: "github.com/google/uuid"},
		"the domain reads no file, log, clock or chance":                              {pkg: "./sos/internal/domain/geo", imported: "math/rand/v2"},
		"the domain knows no transport, not even through others": {
			pkg: "./sos/internal/domain", imported: "embed/http", how: "imports embed/http, which imports net/http",
		},
		"ports speak of the domain, context and time":                                      {pkg: "./sos/internal/ports", imported: "./shared/event"},
		"ports, their suites and the app know no transport and no driver":                  {pkg: "./sos/internal/app", imported: "net/http"},
		"ports and their suites stand below the app":                                       {pkg: "./sos/internal/ports/portstest", imported: "./sos/internal/app"},
		"the app works on the domain and the ports":                                        {pkg: "./sos/internal/app", imported: "./shared/httpserver"},
		"only the façade puts adapters together":                                           {pkg: "./sos/cmd/sos", imported: "./sos/internal/adapters/memory"},
		"an adapter does not import another adapter":                                       {pkg: "./sos/internal/adapters/httpapi", imported: "./sos/internal/adapters/postgres/migrations"},
		"only the driving adapters call the app":                                           {pkg: "./sos/internal/adapters/memory", imported: "./sos/internal/app"},
		"a service knows no other service: the wire is the only way":                       {pkg: "./sos", file: "sos_test.go", imported: "./auth/authtest"},
		"shared knows nobody above it":                                                     {pkg: "./shared/event", imported: "./sos/api"},
		"what stands around the services sees their façades, test starters and specs only": {pkg: "./deployments/allinone", imported: "./sos/internal/app"},
		"sqlx and lib/pq are PostgreSQL's adapters'":                                       {pkg: "./shared/event", imported: "github.com/lib/pq"},
		"migrations run through shared/postgres":                                           {pkg: "./sos/internal/adapters/postgres", imported: "github.com/pressly/goose/v3"},
		"redigo is Redis's adapters'":                                                      {pkg: "./gateway", imported: "github.com/gomodule/redigo/redis"},
		"httprouter is httpapi's and the gateway's":                                        {pkg: "./sos", imported: "github.com/julienschmidt/httprouter"},
		"gobwas/ws is the socket server's and the tests' clients'":                         {pkg: "./gateway", imported: "github.com/gobwas/ws/wsutil"},
		"gobreaker is the clients' of other services and the gateway's":                    {pkg: "./sos/internal/adapters/memory", imported: "github.com/sony/gobreaker/v2"},
		"envconfig is read in config.go and shared/config":                                 {pkg: "./sos", imported: "github.com/kelseyhightower/envconfig"},
		"JSON Web Tokens are shared's, but those that push providers want":                 {pkg: "./auth", imported: "github.com/golang-jwt/jwt/v5"},
		"mail is written in one place and sent in one":                                     {pkg: "./auth", imported: "github.com/wneessen/go-mail"},
		"ports are reserved for tests only: who serves binds its port and keeps it":        {pkg: "./gateway", imported: "./shared/freeport"},
		"a service exports its façade, <svc>test, api and cmd":                             {pkg: "./sos/client", how: "should not exist"},
		"a package is named for what it does":                                              {pkg: "./sos/internal/util", how: "should not exist"},
	}
}

func TestAMiniatureThatKeepsTheRulesBreaksNone(t *testing.T) {
	t.Parallel()
	for _, v := range architecture.Check(lawful(), architecture.Rules()) {
		t.Error(v)
	}
}

func TestEveryRuleFiresAtItsPlantedViolation(t *testing.T) {
	t.Parallel()
	left := plants()
	for _, rule := range architecture.Rules() {
		p, planted := left[rule.Name]
		if !planted {
			t.Errorf("no violation is planted for the rule %q: nobody knows whether it can fire", rule.Name)
			continue
		}
		delete(left, rule.Name)
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			message := p.expose(t, rule.Name)
			for _, part := range []string{p.pkg, p.imported, p.how, rule.Name, rule.Do} {
				if !strings.Contains(message, part) {
					t.Errorf("the message lacks %q:\n%s", part, message)
				}
			}
		})
	}
	for name := range left {
		t.Errorf("a violation is planted for a rule that is not in the table: %s", name)
	}
}

// expose plants the violation and gives what the named rule says of it.
func (p plant) expose(t *testing.T, rule string) string {
	t.Helper()
	graph := lawful()
	graph["embed/http"] = architecture.Package{Path: "embed/http", Foreign: true, Files: []architecture.File{{Imports: []string{"net/http"}}}}
	file := architecture.File{Name: p.file, Test: strings.HasSuffix(p.file, "_test.go")}
	if p.imported != "" {
		file.Imports = []string{p.imported}
	}
	graph[p.pkg] = architecture.Package{Path: p.pkg, Files: append(slices.Clone(graph[p.pkg].Files), file)}
	for _, v := range architecture.Check(graph, architecture.Rules()) {
		if v.Rule.Name == rule {
			return v.String()
		}
	}
	t.Fatalf("the rule does not fire at %+v", p)
	return ""
}

func TestAnEnvconfigFileIsWhereEnvconfigMayBe(t *testing.T) {
	t.Parallel()
	graph := lawful()
	graph["./sos"] = architecture.Package{Path: "./sos", Files: []architecture.File{
		{Name: "config.go", Imports: []string{"github.com/kelseyhightower/envconfig"}},
	}}
	if found := architecture.Check(graph, architecture.Rules()); len(found) > 0 {
		t.Errorf("a rule fires at what is allowed: %v", found)
	}
}

// The fixture is a module of its own with a violation in a file that this
// system does not build, so it shows the way from files to message.
func TestAViolationInRealFilesIsNamedWithItsFile(t *testing.T) {
	t.Parallel()
	graph, err := architecture.Load(t.Context(), architecture.Source{Dir: "testdata/planted", Root: "example.test/planted", Pattern: "./...", Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, v := range architecture.Check(graph, architecture.Rules()) {
		found = append(found, v.Where+" "+v.What)
	}
	want := []string{
		"./sos/internal/domain/watch.go imports ./fetch",
		"./sos/internal/domain/ticket_plan9.go imports os",
		"./sos/internal/domain/watch.go imports ./fetch, which imports net/http",
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %q in %v, want %q", found, slices.Sorted(maps.Keys(graph)), want)
	}
}

func TestAStrayAtTheTopLevelIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"README.md", ".gitignore", "go.work", "libs"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	strays, err := architecture.CheckTopLevel(dir, architecture.TopLevel())
	if err != nil || !slices.Equal(strays, []string{"libs"}) {
		t.Errorf("strays are %q (%v), want libs alone", strays, err)
	}
}
