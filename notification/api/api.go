// Package api holds the machine-readable contract of the notification service.
package api

import _ "embed" // the files

var (
	//go:embed openapi.yaml
	openapi []byte
	//go:embed asyncapi.yaml
	asyncapi []byte
)

// Spec is the OpenAPI 3.1 document of the HTTP routes. The caller does not change it.
func Spec() []byte { return openapi }

// Socket is the AsyncAPI 3.0 document of /v1/ws. The caller does not change it.
func Socket() []byte { return asyncapi }
