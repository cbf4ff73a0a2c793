package wsapi

import "github.com/loveapp/backend/notification/internal/domain"

// write sends a frame, or queues it behind what waits. It is the only way out:
// frames of two goroutines never mix.
func (s *socket) write(frame []byte, urgent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writeLocked(frame, urgent)
}

func (s *socket) writeLocked(frame []byte, urgent bool) {
	if s.closing {
		return
	}
	if s.queue == nil {
		s.writeNow(frame)
		return
	}
	if s.queue.bytes+len(frame) > s.server.limits.Queue || !s.server.waiting.take(len(frame), s.server.limits.QueueAll) {
		code, text := statusOf(domain.TooSlow)
		s.shutLocked(code, text, true)
		return
	}
	s.queue.add(frame, urgent)
}

// writeNow writes as much of the frame as the kernel takes at once; only what
// is left needs memory and a goroutine.
func (s *socket) writeNow(frame []byte) {
	n, err := s.try(frame)
	switch {
	case err != nil:
		s.cut()
	case n < len(frame):
		s.server.waiting.force(len(frame) - n)
		s.queue = newQueue(frame[n:])
		s.server.running.Go(s.drain)
	case s.closing:
		s.endWriting()
	}
}

// drain writes what waits, until nothing does.
func (s *socket) drain() {
	for {
		s.mu.Lock()
		batch, size := s.queue.next()
		if size == 0 {
			s.emptyLocked()
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		_, err := batch.WriteTo(s.conn)
		s.alive()
		s.mu.Lock()
		s.queue.bytes -= size
		s.mu.Unlock()
		s.server.waiting.give(size)
		if err != nil {
			s.abandon()
			return
		}
	}
}

func (s *socket) emptyLocked() {
	close(s.queue.emptied)
	s.queue = nil
	if s.closing {
		s.endWriting()
	}
}

// abandon drops what waits on a connection that is broken.
func (s *socket) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	s.server.waiting.give(s.queue.bytes)
	close(s.queue.emptied)
	s.queue = nil
	s.cut()
}
