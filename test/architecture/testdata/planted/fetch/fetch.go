// Package fetch drags the network in.
package fetch

import "net/http"

// Get is a transport.
var Get = http.Get
