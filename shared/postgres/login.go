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
	c.MaxOpen = 1
	pool, err := openPool(c, c.dsn(attrs, c.ownerOptions(), c.Hosts...), false)
	if err != nil {
		return nil, err
	}
	return pool.DB, nil
}
