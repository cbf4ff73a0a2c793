package sostest

import "context"

// KeepHouse seals and forgets what is due by the service's clock.
func (s *SOS) KeepHouse() {
	s.tb.Helper()
	s.must(s.service.KeepHouse(context.Background()))
}
