package config

import (
	"slices"
	"strings"
)

// sslModes are libpq's.
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// CheckDatabase notes what is wrong with the database of a service that has one.
func (c Infra) CheckDatabase(m *Mistakes) {
	checkGiven(m, "DATABASE_HOST", c.DatabaseHost)
	checkGiven(m, "DATABASE_USERNAME", c.DatabaseUsername)
	checkGiven(m, "DATABASE_NAME", c.DatabaseName)
	checkRoots(m, "DATABASE_SSLROOTCERT", c.DatabaseSSLRootCert)
	if c.DatabaseSSLMode != "" && !slices.Contains(sslModes, c.DatabaseSSLMode) {
		m.Add("DATABASE_SSLMODE must be one of %s", strings.Join(sslModes, ", "))
	}
}

// checkGiven refuses what is set to nothing, blanks or commas: leaving it out takes the default.
func checkGiven(m *Mistakes, name, value string) {
	if strings.Trim(value, " ,\t") == "" {
		m.Add("%s is empty: give it a value, or leave it out for its default", name)
	}
}
