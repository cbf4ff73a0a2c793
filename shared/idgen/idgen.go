// Package idgen makes identifiers: UUIDv7 for new things, UUIDv5 for things
// whose id must follow from their name.
package idgen

import "github.com/google/uuid"

// Func makes an identifier; use cases take one so that tests choose the ids.
type Func func() string

// NewV7 makes a UUIDv7 (RFC 9562 section 5.7). Ids of one process sort in the
// order they were made, so that rows arrive at the right-hand edge of an index.
// It panics only where the system has no randomness, as crypto/rand does.
func NewV7() string { return uuid.Must(uuid.NewV7()).String() }

// V5 makes the UUIDv5 (RFC 9562 section 5.5) of name within namespace: the same
// pair gives the same id on every process. The namespace is any text; it is
// itself hashed within the nil UUID.
func V5(namespace, name string) string {
	space := uuid.NewSHA1(uuid.Nil, []byte(namespace))
	return uuid.NewSHA1(space, []byte(name)).String()
}
