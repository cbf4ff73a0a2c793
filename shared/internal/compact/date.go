package compact

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Date is a NumericDate (RFC 7519 section 2) in milliseconds since 1970; 0 is
// a date left out. It is written with its milliseconds where it has some.
type Date int64

// latest is the end of the year 9999, the last that RFC 3339 can write.
const latest = 253402300799

// DateOf cuts t to milliseconds.
func DateOf(t time.Time) Date { return Date(t.UnixMilli()) }

// Time is the date in UTC.
func (d Date) Time() time.Time { return time.UnixMilli(int64(d)).UTC() }

// MarshalJSON writes whole numbers without a fraction, as most readers expect of exp.
func (d Date) MarshalJSON() ([]byte, error) {
	if d < 0 {
		return nil, fmt.Errorf("date %d is before 1970", int64(d))
	}
	if d%1000 == 0 {
		return strconv.AppendInt(nil, int64(d)/1000, 10), nil
	}
	return fmt.Appendf(nil, "%d.%03d", d/1000, d%1000), nil
}

// UnmarshalJSON rounds to milliseconds, since a float64 holds today's only to 0.2 µs.
func (d *Date) UnmarshalJSON(data []byte) error {
	seconds, err := strconv.ParseFloat(string(data), 64)
	if err != nil || !(seconds > 0 && seconds <= latest) {
		return ErrMalformed
	}
	*d = Date(math.Round(seconds * 1000))
	return nil
}
