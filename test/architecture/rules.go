package architecture

var (
	// around are the modules that are no service; any other is one.
	around = []string{"./shared/...", "./test/...", "./deployments/..."}
	// services are the modules that run as processes of their own.
	services = []string{"./auth/...", "./gateway/...", "./notification/...", "./sos/..."}
	// transports carry bytes in and out; what decides has no business with them.
	transports = []string{
		"net/http/...", "database/sql/...", "github.com/jmoiron/sqlx/...", "github.com/lib/pq/...", "github.com/gomodule/redigo/...",
		"github.com/julienschmidt/httprouter", "github.com/gobwas/...", "github.com/sony/gobreaker/...", "github.com/kelseyhightower/envconfig",
	}
)

// Rules is who may import whom. {svc} and {x} stand for the same name wherever
// they occur in one rule.
func Rules() []Rule {
	return []Rule{
		{
			Name: "the domain is made of values: the standard library, shared/fault and itself",
			For:  []string{"./{svc}/internal/domain/..."},
			Only: []string{"std", "golang.org/x/text/...", "./{svc}/internal/domain/...", "./shared/fault"},
			Do:   "let a port bring what the domain needs, and hand it in as a value",
		},
		{
			Name:  "the domain reads no file, log, clock or chance",
			For:   []string{"./{svc}/internal/domain/..."},
			Never: []string{"os/...", "log/...", "math/rand/..."},
			Do:    "take the time, ids and random bytes as arguments; return events instead of logging",
		},
		{
			Name:       "the domain knows no transport, not even through others",
			For:        []string{"./{svc}/internal/domain/..."},
			Never:      []string{"net/http", "database/sql"},
			Transitive: true,
			Do:         "drop the import at the head of the chain, or split the package that drags the transport in",
		},
		{
			Name: "ports speak of the domain, context and time",
			For:  []string{"./{svc}/internal/ports"},
			Only: []string{"std", "./{svc}/internal/domain/..."},
			Do:   "describe what the app needs in the domain's words; wire and row types belong to the adapters",
		},
		{
			Name:  "ports, their suites and the app know no transport and no driver",
			For:   []string{"./{svc}/internal/ports/...", "./{svc}/internal/app/..."},
			Never: transports,
			Do:    "put the call behind a port, and the driver into an adapter",
		},
		{
			Name:  "ports and their suites stand below the app",
			For:   []string{"./{svc}/internal/ports/..."},
			Never: []string{"./{svc}/internal/app/..."},
			Do:    "move the type that both need into the domain",
		},
		{
			Name: "the app works on the domain and the ports",
			For:  []string{"./{svc}/internal/app/..."},
			Only: []string{"std", "golang.org/x/...", "./{svc}/internal/app/...", "./{svc}/internal/domain/...", "./{svc}/internal/ports", "./shared/fault"},
			Do:   "ask for it through a port",
		},
		{
			Name:  "only the façade puts adapters together",
			For:   []string{"./{svc}/..."},
			Not:   []string{"./{svc}", "./{svc}/{svc}test", "./{svc}/internal/adapters/..."},
			Never: []string{"./*/internal/adapters/..."},
			Do:    "depend on the port; the façade chooses its adapter",
		},
		{
			Name:  "an adapter does not import another adapter",
			For:   []string{"./{svc}/internal/adapters/{adapter}/..."},
			Never: []string{"./{svc}/internal/adapters/..."},
			But:   []string{"./{svc}/internal/adapters/{adapter}/..."},
			Do:    "let both serve a port and the app or façade join them",
		},
		{
			Name:  "only the driving adapters call the app",
			For:   []string{"./{svc}/internal/adapters/..."},
			Not:   []string{"./*/internal/adapters/httpapi/...", "./*/internal/adapters/wsapi/..."},
			Never: []string{"./{svc}/internal/app/..."},
			Do:    "implement a port of internal/ports instead",
		},
		{
			Name:  "a service knows no other service: the wire is the only way",
			For:   []string{"./{svc}/..."},
			Not:   around,
			Never: append([]string{"./deployments/...", "./test/..."}, services...),
			But:   []string{"./{svc}/..."},
			Tests: true,
			Do:    "call it over HTTP; put what both must agree on into shared/event",
		},
		{
			Name:  "shared knows nobody above it",
			For:   []string{"./shared/..."},
			Never: append([]string{"./deployments/...", "./test/..."}, services...),
			Tests: true,
			Do:    "move the code into the service, or take what differs as an argument",
		},
		{
			Name:  "what stands around the services sees their façades, test starters and specs only",
			For:   around,
			Never: []string{"./*/internal/...", "./*/cmd/..."},
			But:   []string{"./shared/internal/..."},
			Tests: true,
			Do:    "use the façade, <svc>test or api",
		},
		driver("sqlx and lib/pq are PostgreSQL's adapters'", []string{"github.com/jmoiron/sqlx/...", "github.com/lib/pq/..."},
			"./*/internal/adapters/postgres/...", "./shared/postgres/..."),
		driver("migrations run through shared/postgres", []string{"github.com/pressly/goose/..."}, "./shared/postgres/..."),
		driver("redigo is Redis's adapters'", []string{"github.com/gomodule/redigo/...", "github.com/mna/redisc"},
			"./*/internal/adapters/redisstore/...", "./shared/redispool/...", "./shared/embedded"),
		driver("httprouter is httpapi's and the gateway's", []string{"github.com/julienschmidt/httprouter"},
			"./*/internal/adapters/httpapi/...", "./gateway/..."),
		driver("gobwas/ws is the socket server's and the tests' clients'", []string{"github.com/gobwas/..."},
			"./*/internal/adapters/wsapi/...", "./test/...", "./gateway/.../*_test.go"),
		driver("gobreaker is the clients' of other services and the gateway's", []string{"github.com/sony/gobreaker/..."},
			"./shared/peer", "./*/internal/adapters/*client/...", "./sos/internal/adapters/twilio/...", "./gateway/..."),
		driver("envconfig is read in config.go and shared/config", []string{"github.com/kelseyhightower/envconfig"},
			"./*/config.go", "./shared/config"),
		driver("JSON Web Tokens are shared's, but those that push providers want", []string{"github.com/golang-jwt/..."},
			"./shared/token/...", "./shared/servicetoken", "./shared/internal/compact",
			"./notification/internal/adapters/apns", "./notification/internal/adapters/fcm", "./notification/internal/providertest"),
		driver("mail is written in one place and sent in one", []string{"github.com/wneessen/go-mail/..."},
			"./shared/mail/...", "./shared/outfile/*_test.go", "./notification/internal/adapters/outfile/*_test.go", "./notification/internal/providertest"),
		{
			Name:  "ports are reserved for tests only: who serves binds its port and keeps it",
			For:   []string{"./..."},
			Not:   []string{"./test/...", "./*/*test", "./shared/.../*test"},
			Never: []string{"./shared/freeport"},
			Do:    "open the listener once with shared/httpserver and hand it on",
		},
		{
			Name:   "a service exports its façade, <svc>test, api and cmd",
			For:    []string{"./{svc}/..."},
			Not:    append([]string{"./{svc}", "./{svc}/{svc}test", "./{svc}/api", "./{svc}/cmd/{svc}", "./{svc}/internal/..."}, around...),
			Banned: true,
			Do:     "move it below internal",
		},
		{
			Name:   "a package is named for what it does",
			For:    []string{".../util", ".../utils", ".../common", ".../helper", ".../helpers", ".../manager", ".../misc", ".../base"},
			Banned: true,
			Do:     "name it after its one idea, or give its parts to those who use them",
		},
	}
}

// driver keeps a library in the places that were made for it, tests included.
func driver(name string, library []string, places ...string) Rule {
	return Rule{
		Name: name, For: []string{"./..."}, Not: places, Never: library, Tests: true,
		Do: "go through the adapter or the shared package that owns the library",
	}
}
