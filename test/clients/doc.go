// Package clients has programs of other languages, with the WebSocket libraries
// that people use there, talk to the service, directly and through a gateway.
package clients
