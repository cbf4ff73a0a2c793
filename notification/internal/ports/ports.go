// Package ports names what the application needs from outside. Each comment is
// the contract that the suite in portstest holds every adapter to.
package ports
