// Package observability holds dashboards and alerts against a real Prometheus that
// collects from the local stack, every process of it, as it would from the cluster.
package observability
