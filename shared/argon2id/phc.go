// Package argon2id hashes passwords and PINs with argon2id (RFC 9106) and keeps how many
// are hashed at once within what the machine's memory and its other work can bear.
package argon2id

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params are the costs of a hash.
type Params struct {
	MemoryKiB   uint32
	Time        uint32
	Parallelism uint8
}

// OWASP is the password storage cheat sheet's first choice for machines that do
// other work too: 19 MiB and some 25 ms a hash.
func OWASP() Params { return Params{MemoryKiB: 19456, Time: 2, Parallelism: 1} }

const (
	saltBytes = 16
	keyBytes  = 32
	// What a stored hash may cost at most: whoever can write one row must not be
	// able to take the machine's memory with it.
	maxMemoryKiB   = 256 << 10
	maxTime        = 16
	maxParallelism = 8
	maxBytes       = 64
)

var errPHC = errors.New("argon2id: the stored hash cannot be read")

// phc is a hash in the format of the password hashing competition:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	params    Params
	salt, key []byte
}

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.params.MemoryKiB, h.params.Time, h.params.Parallelism,
		encoding().EncodeToString(h.salt), encoding().EncodeToString(h.key))
}

func encoding() *base64.Encoding { return base64.RawStdEncoding.Strict() }

func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errPHC
	}
	params, ok := parseParams(parts[3])
	salt, saltErr := encoding().DecodeString(parts[4])
	key, keyErr := encoding().DecodeString(parts[5])
	if !ok || saltErr != nil || keyErr != nil || len(salt) < 8 || len(salt) > maxBytes || len(key) < 16 || len(key) > maxBytes {
		return phc{}, errPHC
	}
	return phc{params, salt, key}, nil
}

func parseParams(text string) (Params, bool) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return Params{}, false
	}
	memory, okM := parseParam(fields[0], "m=", maxMemoryKiB)
	time, okT := parseParam(fields[1], "t=", maxTime)
	parallelism, okP := parseParam(fields[2], "p=", maxParallelism)
	//nolint:gosec // parseParam has bounded them
	return Params{uint32(memory), uint32(time), uint8(parallelism)}, okM && okT && okP && memory >= 8*parallelism
}

func parseParam(field, name string, most uint64) (uint64, bool) {
	digits, ok := strings.CutPrefix(field, name)
	value, err := strconv.ParseUint(digits, 10, 32)
	return value, ok && err == nil && value >= 1 && value <= most
}

func (h phc) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.params.Time, h.params.MemoryKiB, h.params.Parallelism, uint32(len(h.key))) //nolint:gosec // capped at 64
}
