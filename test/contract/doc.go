// Package contract tries bad input on every public route of the services'
// OpenAPI files, through the gateway. The table is made from the files, so a new
// route is tested on the day it is written down.
package contract
