package postgres

import (
	"log/slog"

	"github.com/loveapp/backend/shared/config"
)

// FromInfra is the database of a service's surroundings, whose lists of hosts
// CheckInfra has found good, seen through one schema. Binary parameters make a
// query one round trip, and work behind a pooler.
func FromInfra(c config.Infra, schema string, logger *slog.Logger) Config {
	hosts, _ := config.ParseHosts(c.DatabaseHost, c.DatabasePort)
	readers, _ := config.ParseHosts(c.DatabaseReadHost, c.DatabasePort)
	return Config{
		Hosts: hosts, ReadHosts: readers, Username: c.DatabaseUsername, Password: c.DatabasePassword, Name: c.DatabaseName,
		SSLMode: c.DatabaseSSLMode, SSLRootCert: c.DatabaseSSLRootCert, Schema: schema, MaxOpen: c.DatabasePoolMax, Warm: c.DatabasePoolWarm,
		BinaryParameters: true, Prepare: !c.DatabasePooler, Logger: logger,
	}
}
