package world

import (
	"maps"
	"slices"
)

// CatchUp asks for everything after a seq and reads on until it has everything up
// to the seq upTo, in order, as an app does that comes back while things happen.
// What came live before the server read the question comes twice: an app shows
// each seq once, and so does this.
func (s *Socket) CatchUp(after, upTo int64) []Notification {
	s.t.Helper()
	shown := map[int64]Notification{}
	s.resume(after, shown)
	for !complete(shown, after, upTo) {
		frame := s.Expect("notification")
		shown[frame.Seq] = *frame.Notification
		s.Last = max(s.Last, frame.Seq)
	}
	var ordered []Notification
	for _, seq := range slices.Sorted(maps.Keys(shown)) {
		ordered = append(ordered, shown[seq])
	}
	return ordered
}

func (s *Socket) resume(after int64, shown map[int64]Notification) {
	s.t.Helper()
	s.Say(map[string]any{"type": "resume", "after": after})
	for {
		frame, err := s.Next(Patience)
		switch {
		case err != nil:
			s.t.Fatalf("resume after %d: %v", after, err)
		case frame.Type == "notification" && frame.Notification != nil:
			shown[frame.Seq] = *frame.Notification
		case frame.Type == "resumed":
			s.Last = frame.Seq
			return
		default:
			s.t.Fatalf("while resuming the frame is %s", frame.Raw)
		}
	}
}

func complete(shown map[int64]Notification, after, upTo int64) bool {
	for seq := after + 1; seq <= upTo; seq++ {
		if _, ok := shown[seq]; !ok {
			return false
		}
	}
	return true
}
