package postgres

import "database/sql"

// OpenLogin opens one connection as the login itself, without a service's role
// and schema: for those who make databases, look after servers or test them. A
// single host is taken as it is, a replica too; of several, the one that is read-write.
func OpenLogin(c Config) (*sql.DB, error) {
	setDefault(&c.Schema, "public")
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	attrs := readWrite
	if len(c.Hosts) == 1 {
		attrs = anyServer
	}
	return openOwner(c, attrs, 1)
}

// openOwner opens connections that are the login's, which owns the tables.
func openOwner(c Config, attrs string, size int) (*sql.DB, error) {
	from, err := newConnector(c, attrs, c.ownerOptions(), c.Hosts)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(from)
	db.SetMaxOpenConns(size)
	return db, nil
}
