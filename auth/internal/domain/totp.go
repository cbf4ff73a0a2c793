package domain

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what RFC 6238 and every authenticator app mean by default; HMAC does not need collision resistance
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// RFC 6238: thirty seconds, six digits, and one step either way for clocks that
// are off (section 5.2). RFC 4226 section 4 wants secrets of 160 bits.
const (
	TOTPSecretBytes = 20
	totpPeriod      = 30
	totpDigits      = 6
	totpModulus     = 1_000_000
	totpSkew        = 1
)

// totpCode is HOTP (RFC 4226 section 5.3) of a time step.
func totpCode(secret []byte, step int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // steps count from 1970
	h := hmac.New(sha1.New, secret)
	_, _ = h.Write(counter[:])
	sum := h.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%totpModulus)
}

// totpStep finds the step after last whose code this is. Every candidate is
// compared, so that time says nothing about which.
func totpStep(secret []byte, code string, last int64, now time.Time) (step int64, ok bool) {
	current := now.Unix() / totpPeriod
	for candidate := current - totpSkew; candidate <= current+totpSkew; candidate++ {
		same := subtle.ConstantTimeCompare([]byte(code), []byte(totpCode(secret, candidate))) == 1
		if same && candidate > last {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// TOTPSecret is how people type a secret into an authenticator app.
func TOTPSecret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

const totpIssuer = "Love App"

// TOTPURI is what the QR code of a secret holds.
func TOTPURI(secret []byte, account Email) string {
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + totpIssuer + ":" + string(account)}
	uri.RawQuery = "secret=" + TOTPSecret(secret) + "&issuer=" + url.PathEscape(totpIssuer) +
		fmt.Sprintf("&algorithm=SHA1&digits=%d&period=%d", totpDigits, totpPeriod)
	return uri.String()
}
