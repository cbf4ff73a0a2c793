// Package api is the machine-readable contract of what the gateway answers by itself.
package api

import (
	_ "embed"
	"slices"
)

//go:embed openapi.yaml
var spec []byte

// Spec is the OpenAPI 3.1 document.
func Spec() []byte { return slices.Clone(spec) }
