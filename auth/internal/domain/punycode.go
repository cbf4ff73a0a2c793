package domain

import "math"

// The parameters of RFC 3492 section 5.
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 0x80
)

// punycode encodes a label that holds other characters than ASCII (RFC 3492
// section 6.3). Labels are short, so its quadratic time is no matter.
func punycode(label []rune) (string, bool) {
	out := make([]byte, 0, 2*len(label))
	for _, r := range label {
		if r < punyInitialN {
			out = append(out, byte(r)) //nolint:gosec // below punyInitialN
		}
	}
	basic := len(out)
	handled := basic
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyInitialN), 0, punyInitialBias
	for handled < len(label) {
		next := smallestFrom(label, n)
		if int(next-n) > (math.MaxInt32-delta)/(handled+1) {
			return "", false
		}
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range label {
			switch {
			case r < n:
				delta++
			case r == n:
				out = appendDelta(out, delta, bias)
				bias = adapt(delta, handled+1, handled == basic)
				delta = 0
				handled++
			}
		}
		delta++
		n++
	}
	return string(out), true
}

// smallestFrom is the next code point to encode; there is one.
func smallestFrom(label []rune, n rune) rune {
	next := rune(math.MaxInt32)
	for _, r := range label {
		if r >= n && r < next {
			next = r
		}
	}
	return next
}

// appendDelta writes a number as a variable-length integer.
func appendDelta(out []byte, delta, bias int) []byte {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if delta < t {
			return append(out, punyDigit(delta))
		}
		out = append(out, punyDigit(t+(delta-t)%(punyBase-t)))
		delta = (delta - t) / (punyBase - t)
	}
}

func punyDigit(d int) byte { return "abcdefghijklmnopqrstuvwxyz0123456789"[d] }

func adapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
