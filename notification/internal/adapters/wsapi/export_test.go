package wsapi

import "github.com/loveapp/backend/notification/internal/ports"

// Sockets gives those that are open, for the suite of the port.
func (s *Server) Sockets() []ports.Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []ports.Socket
	for sock := range s.sockets {
		open = append(open, sock)
	}
	return open
}
