package proxy

import "sync"

const bufferSize = 32 << 10

// buffers are borrowed for copying and given back: nothing that is idle holds one.
type buffers struct{ pool sync.Pool }

func newBuffers() *buffers {
	return &buffers{sync.Pool{New: func() any { return new([bufferSize]byte) }}}
}

// Get borrows a buffer.
func (b *buffers) Get() []byte {
	return b.pool.Get().(*[bufferSize]byte)[:] //nolint:forcetypeassert // New makes nothing else
}

// Put gives it back.
func (b *buffers) Put(buf []byte) { b.pool.Put((*[bufferSize]byte)(buf[:bufferSize])) }
