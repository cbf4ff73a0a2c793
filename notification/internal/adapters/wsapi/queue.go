package wsapi

import (
	"net"
	"sync/atomic"
)

// queue is what waits for one slow client.
type queue struct {
	head    []byte   // the rest of a frame that has left in part: nothing may go before it
	urgent  [][]byte // goes before normal
	normal  [][]byte
	bytes   int           // of all of these, and of the batch being written
	emptied chan struct{} // closed when nothing waits any more
}

func newQueue(rest []byte) *queue {
	return &queue{head: rest, bytes: len(rest), emptied: make(chan struct{})}
}

func (q *queue) add(frame []byte, urgent bool) {
	q.bytes += len(frame)
	if urgent {
		q.urgent = append(q.urgent, frame)
		return
	}
	q.normal = append(q.normal, frame)
}

// batchBytes is how much is written at once: enough to save system calls, little
// enough that something urgent does not wait behind it for long.
const batchBytes = 16 << 10

// next takes the frames that are to be written now.
func (q *queue) next() (batch net.Buffers, size int) {
	if q.head != nil {
		batch, size = append(batch, q.head), len(q.head)
		q.head = nil
	}
	for _, lane := range []*[][]byte{&q.urgent, &q.normal} {
		for len(*lane) > 0 && size < batchBytes {
			batch, size = append(batch, (*lane)[0]), size+len((*lane)[0])
			(*lane)[0] = nil
			*lane = (*lane)[1:]
		}
	}
	return batch, size
}

// drop forgets all but what has to follow a frame that has left in part, and
// tells how many bytes that were.
func (q *queue) drop() (bytes int) {
	for _, lane := range [][][]byte{q.urgent, q.normal} {
		for _, frame := range lane {
			bytes += len(frame)
		}
	}
	q.urgent, q.normal = nil, nil
	q.bytes -= bytes
	return bytes
}

// budget counts the bytes that wait for all clients together.
type budget struct{ used atomic.Int64 }

// take reserves n bytes, if that stays within the limit.
func (b *budget) take(n, limit int) bool {
	if b.used.Add(int64(n)) <= int64(limit) {
		return true
	}
	b.give(n)
	return false
}

// force reserves what cannot be refused: the rest of a frame that has left in part, a close frame.
func (b *budget) force(n int) { b.used.Add(int64(n)) }

func (b *budget) give(n int) { b.used.Add(int64(-n)) }
