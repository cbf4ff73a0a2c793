// Package memory holds the adapters that keep everything in this process: what
// tests start the service on, held to the same suites as the real ones.
package memory
