package logging

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Lines of a log wait this long for others to be written with, and at most this
// many bytes of them.
const (
	batchPause = 10 * time.Millisecond
	batchBytes = 1 << 20
)

// Batch writes a log's lines below warnings many at a time, by a goroutine of its
// own: whoever logs never waits for the writer. When the writer falls behind by
// batchBytes, lines are dropped and counted. Warnings and errors are not lost:
// they are written at once, behind all that was said before, and waited for.
type Batch struct {
	to      io.Writer
	dropped atomic.Int64
	wake    chan struct{}
	closing chan struct{}
	done    chan struct{}

	writing sync.Mutex // held to write; taken before mu

	mu      sync.Mutex
	waiting []byte
	spare   []byte
	closed  bool
}

// NewBatch is New with lines written many at a time. The batch is to be closed.
func NewBatch(w io.Writer, service, level string) (*slog.Logger, *Batch) {
	b := &Batch{to: w, wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{})}
	go b.run()
	later, now := New(writer(b.later), service, level), New(writer(b.now), service, level)
	return slog.New(&batchHandler{later: later.Handler(), now: now.Handler()}), b
}

// Dropped is how many lines were dropped.
func (b *Batch) Dropped() int64 { return b.dropped.Load() }

// Close writes what waits. What is logged from then on is written at once. A nil
// batch has nothing to close.
func (b *Batch) Close() error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	if !again {
		close(b.closing)
	}
	<-b.done
	return nil
}

func (b *Batch) run() {
	defer close(b.done)
	for {
		select {
		case <-b.wake:
		case <-b.closing:
			_, _ = b.now(nil)
			return
		}
		select {
		case <-time.After(batchPause):
		case <-b.closing:
		}
		_, _ = b.now(nil)
	}
}

// later has a line written soon, unless too many wait.
func (b *Batch) later(line []byte) (int, error) {
	b.mu.Lock()
	switch {
	case b.closed:
		b.mu.Unlock()
		return b.now(line)
	case len(b.waiting)+len(line) > batchBytes:
		b.mu.Unlock()
		b.dropped.Add(1)
		return len(line), nil
	}
	first := len(b.waiting) == 0
	b.waiting = append(b.waiting, line...)
	b.mu.Unlock()
	if first {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

// now writes what waits, and the line behind it.
func (b *Batch) now(line []byte) (int, error) {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	lines := b.waiting
	b.waiting, b.spare = b.spare[:0], nil
	b.mu.Unlock()
	lines = append(lines, line...)
	var err error
	if len(lines) > 0 {
		_, err = b.to.Write(lines)
	}
	b.mu.Lock()
	if cap(lines) <= batchBytes {
		b.spare = lines[:0]
	}
	b.mu.Unlock()
	return len(line), err
}

type writer func(line []byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }

// batchHandler sorts by level.
type batchHandler struct{ later, now slog.Handler }

// Enabled implements slog.Handler, as do the others.
func (h *batchHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.later.Enabled(ctx, l)
}

// Handle has warnings and errors written before it returns.
func (h *batchHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		return h.now.Handle(ctx, r)
	}
	return h.later.Handle(ctx, r)
}

// WithAttrs adds to both.
func (h *batchHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &batchHandler{later: h.later.WithAttrs(attrs), now: h.now.WithAttrs(attrs)}
}

// WithGroup opens one in both.
func (h *batchHandler) WithGroup(name string) slog.Handler {
	return &batchHandler{later: h.later.WithGroup(name), now: h.now.WithGroup(name)}
}
