package score

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// longest is above every time-out of the driver.
	longest = time.Minute
	// digits kept of every value: 200 ms is told from 201.
	digits = 3
)

// Latency is how long things took, each to three digits. The zero value is empty.
type Latency struct{ histogram *hdrhistogram.Histogram }

// Record adds one. What is beyond a minute counts as a minute.
func (l *Latency) Record(took time.Duration) {
	if l.histogram == nil {
		l.histogram = hdrhistogram.New(1, longest.Microseconds(), digits)
	}
	_ = l.histogram.RecordValue(min(max(took, 0), longest).Microseconds()) // within its bounds it takes all
}

// Merge adds all of the other's.
func (l *Latency) Merge(other Latency) {
	if other.histogram == nil {
		return
	}
	if l.histogram == nil {
		l.histogram = hdrhistogram.New(1, longest.Microseconds(), digits)
	}
	l.histogram.Merge(other.histogram)
}

// Count is how many were recorded.
func (l Latency) Count() int64 {
	if l.histogram == nil {
		return 0
	}
	return l.histogram.TotalCount()
}

// Quantile is the time within which that share of all came: 0.95, or 1 for the longest.
func (l Latency) Quantile(q float64) time.Duration {
	if l.histogram == nil {
		return 0
	}
	const percent = 100
	return time.Duration(l.histogram.ValueAtQuantile(q*percent)) * time.Microsecond
}

// Mean is the average.
func (l Latency) Mean() time.Duration {
	if l.histogram == nil {
		return 0
	}
	return time.Duration(l.histogram.Mean() * float64(time.Microsecond))
}

// MarshalText is the histogram in HdrHistogram's own compressed form.
func (l Latency) MarshalText() ([]byte, error) {
	if l.histogram == nil {
		return nil, nil
	}
	return l.histogram.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// UnmarshalText reads it.
func (l *Latency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		l.histogram = nil
		return nil
	}
	h, err := hdrhistogram.Decode(text)
	if err != nil {
		return fmt.Errorf("decode a histogram: %w", err)
	}
	l.histogram = h
	return nil
}
