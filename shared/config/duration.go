package config

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Duration is a span in the notation of the settings: Go's, and days (`15m`, `7d`).
type Duration time.Duration

// Std is the span as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Decode parses what an environment variable holds.
func (d *Duration) Decode(text string) error {
	parsed, err := parseDuration(strings.TrimSpace(text))
	if err != nil || parsed < 0 {
		return errors.New(reasonMark + "a duration such as 15m, 24h or 7d")
	}
	*d = Duration(parsed)
	return nil
}

func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err
	}
	return time.ParseDuration(text)
}
