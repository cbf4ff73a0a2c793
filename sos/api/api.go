// Package api is the machine-readable contract of the sos service.
package api

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var openapi []byte

// Spec gives the OpenAPI 3.1 document as YAML. Paths marked x-internal are for
// other services and operators; the gateway does not route them.
func Spec() []byte { return slices.Clone(openapi) }
