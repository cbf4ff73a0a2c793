package domain

import "time"

// A newcomer has cold caches, no pooled connections and nothing open, so that
// least connections alone would send it everything at once. Its share grows
// evenly over warmUp, as Envoy's slow start and HAProxy's slowstart do it.
const (
	warmUp     = 10 * time.Second
	coldWeight = 0.1
)

// Weight is the chance, from 0 to 1, with which an instance that has been in
// service for so long is considered for a request.
func Weight(inService time.Duration) float64 {
	if inService >= warmUp {
		return 1
	}
	return max(coldWeight, float64(inService)/float64(warmUp))
}
