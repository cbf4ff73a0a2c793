// Package redisstore keeps in Redis what the instances of the service share:
// who is connected where, the signals between instances, and tickets.
package redisstore
