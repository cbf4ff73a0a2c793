// Package live runs what the manifests hold beside our own programs on real servers:
// Redis by its scripts, Alertmanager's configuration by its own checker. It takes some
// seconds, so `make test` leaves it to `make test-manifests`.
package live
