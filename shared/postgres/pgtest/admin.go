package pgtest

import (
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/lib/pq" // the driver's name
	"github.com/loveapp/backend/shared/config"
)

// AdminConn is a superuser's way to a database.
type AdminConn struct{ *sql.DB }

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func openAdmin(addr config.HostPort, user string, password config.Secret, database string) (*sql.DB, error) {
	return sql.Open("postgres", fmt.Sprintf("host='%s' port=%d user='%s' password='%s' dbname='%s' sslmode=disable",
		addr.Host, addr.Port, user, escapes.Replace(password.Value()), database))
}
