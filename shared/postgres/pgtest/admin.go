package pgtest

import "database/sql"

// AdminConn is a superuser's way to a database.
type AdminConn struct{ *sql.DB }
