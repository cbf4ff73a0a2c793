// Package domain breaks two rules on purpose.
package domain

import "example.test/planted/fetch"

// Watch reaches the network through another package.
var Watch = fetch.Get
