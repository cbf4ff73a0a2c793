package postgres

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/config"
)

// Config says where the database is and who reads it.
type Config struct {
	// Hosts are tried in turn until one is read-write.
	Hosts []config.HostPort
	// ReadHosts are replicas, the preferred one first; may be empty.
	ReadHosts []config.HostPort
	Username  string
	Password  config.Secret
	Name      string // of the database
	SSLMode   string // as libpq has it; "" means prefer
	// SSLRootCert is a PEM file of the authorities that the server's certificate may come from; "" = the system's.
	SSLRootCert string
	// Schema holds the service's tables and is its search_path.
	Schema string
	// Role is what runtime connections act as; "" means <schema>_service.
	Role            string
	ApplicationName string // shown in pg_stat_activity; "" means the schema

	// MaxOpen is how many connections this process may hold to one server; 0 means 100.
	// One of them watches the server, and each Listen and Durable has one of its own.
	MaxOpen int
	Warm    int // kept open; 0 means 10, less than 0 none
	// AcquireTimeout bounds the wait for a connection that is free; 0 means 30 s.
	AcquireTimeout time.Duration
	// ConnMaxIdleTime is how long connections beyond the warm ones are kept; 0 means 10 s.
	ConnMaxIdleTime time.Duration
	// WarmMaxIdleTime is when a warm one that did nothing is replaced; 0 means 30 s.
	WarmMaxIdleTime time.Duration
	// ConnectTimeout is for each host, and all are tried at once; whole seconds;
	// 0 means 2 s.
	ConnectTimeout   time.Duration
	StatementTimeout time.Duration // 0 means 30 s
	// BinaryParameters is needed behind pgbouncer in transaction mode: a query
	// is then one round trip without a server-side prepared statement.
	BinaryParameters bool
	// Prepare keeps each connection's statements prepared on the server. Not behind
	// a pooler in transaction mode: there a session is not one connection's own.
	Prepare bool

	Logger *slog.Logger // nil discards
	// Observe is told about each statement: op is query, exec, prepare, begin or
	// connect. It may be nil, must be quick and safe for concurrent use.
	Observe func(op string, took time.Duration, err error)
}

func (c Config) withDefaults() Config {
	setDefault(&c.SSLMode, "prefer")
	setDefault(&c.Role, c.Schema+"_service")
	setDefault(&c.ApplicationName, c.Schema)
	setDefault(&c.MaxOpen, 100)
	setDefault(&c.Warm, 10)
	c.Warm = max(0, min(c.Warm, c.MaxOpen-1))
	setDefault(&c.AcquireTimeout, 30*time.Second)
	setDefault(&c.ConnMaxIdleTime, 10*time.Second)
	setDefault(&c.WarmMaxIdleTime, 30*time.Second)
	setDefault(&c.ConnectTimeout, 2*time.Second)
	setDefault(&c.StatementTimeout, 30*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// identifier: schema and role go into startup options and DDL, where there are no parameters.
var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

func (c Config) check() error {
	var mistakes config.Mistakes
	if len(c.Hosts) == 0 {
		mistakes.Add("the database host is not set")
	}
	if c.Username == "" || c.Name == "" {
		mistakes.Add("the database needs a user name and a database name")
	}
	if !identifier.MatchString(c.Schema) || !identifier.MatchString(c.Role) {
		mistakes.Add("the schema and role %q, %q must be small letters, digits and underscores", c.Schema, c.Role)
	}
	if c.MaxOpen < 1 {
		mistakes.Add("the database pool must hold at least one connection")
	}
	switch c.SSLMode {
	case "disable", "allow", "prefer", "require", "verify-ca", "verify-full":
	default:
		mistakes.Add("the database's SSL mode must be disable, allow, prefer, require, verify-ca or verify-full")
	}
	return mistakes.Err()
}

// What a server must be to be connected to (libpq, target_session_attrs).
const (
	readWrite = "read-write"
	anyServer = "any"
)

// runtimeOptions make a session act as the service's role. synchronous_commit=local:
// a stalled standby must not stop every commit; what must be on two machines says so itself.
// random_page_cost=1.1: a service finds rows by their keys, which are in memory or on
// a disk without a head to move; with the default of 4 the planner reads whole tables instead.
func (c Config) runtimeOptions() string {
	return fmt.Sprintf("-c role=%s -c search_path=%s -c synchronous_commit=local -c random_page_cost=1.1 -c statement_timeout=%d",
		c.Role, c.Schema, c.StatementTimeout.Milliseconds())
}

// ownerOptions leave it the login, which owns the tables; a migration may take long.
func (c Config) ownerOptions() string { return "-c search_path=" + c.Schema }

// dsn is in key=value form: the URL form does not parse several hosts.
func (c Config) dsn(attrs, options string, hosts ...config.HostPort) string {
	var names, ports []string
	for _, h := range hosts {
		names, ports = append(names, h.Host), append(ports, strconv.Itoa(h.Port))
	}
	pairs := [][2]string{
		{"host", strings.Join(names, ",")},
		{"port", strings.Join(ports, ",")},
		{"target_session_attrs", attrs},
		{"connect_timeout", strconv.Itoa(max(1, int(c.ConnectTimeout.Seconds())))},
		{"user", c.Username},
		{"password", c.Password.Value()},
		{"dbname", c.Name},
		{"sslmode", c.SSLMode},
		{"application_name", c.ApplicationName},
		{"options", options},
	}
	if c.SSLRootCert != "" {
		pairs = append(pairs, [2]string{"sslrootcert", c.SSLRootCert})
	}
	if c.BinaryParameters {
		pairs = append(pairs, [2]string{"binary_parameters", "yes"})
	}
	var text strings.Builder
	for _, p := range pairs {
		text.WriteString(p[0] + "=" + quote(p[1]) + " ")
	}
	return text.String()
}

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func quote(value string) string { return "'" + escapes.Replace(value) + "'" }

// withoutPassword makes a driver's message printable.
func (c Config) withoutPassword(text string) string {
	if c.Password == "" {
		return text
	}
	return strings.ReplaceAll(text, c.Password.Value(), "[redacted]")
}
