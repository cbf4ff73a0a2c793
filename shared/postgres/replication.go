package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/loveapp/backend/shared/pgdata"
)

// Promote makes the replica that login leads to a primary, and returns once it is one.
func Promote(ctx context.Context, login *sql.DB) error {
	const promote = `SELECT pg_promote(true, 20)`
	var done bool
	if err := login.QueryRowContext(ctx, promote).Scan(&done); err != nil {
		return fmt.Errorf("promote a replica: %w", err)
	}
	if !done {
		return fmt.Errorf("promote a replica: it was not a primary after 20 s")
	}
	return nil
}

// Follow points the running replica that login leads to to another primary.
func Follow(ctx context.Context, login *sql.DB, primary pgdata.Source) error {
	const reload = `SELECT pg_reload_conf()`
	conn := fmt.Sprintf("host=%s port=%d user=%s password=%s application_name=%s",
		quote(primary.Addr.Host), primary.Addr.Port, quote(primary.Username), quote(primary.Password.Value()), quote(primary.Name))
	for _, statement := range []string{`ALTER SYSTEM SET primary_conninfo = ` + literal(conn), reload} {
		if _, err := login.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("point a replica to another primary: %w", err)
		}
	}
	return nil
}
