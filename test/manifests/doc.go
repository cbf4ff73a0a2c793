// Package manifests holds what the backend is deployed with against what it is:
// every setting is one that a program knows, every name leads somewhere, every
// number is the one that was asked for. Its tests start nothing but PostgreSQL's and
// Prometheus's own programs.
package manifests
