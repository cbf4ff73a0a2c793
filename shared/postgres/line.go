package postgres

import "sync"

// lines are the open ways to servers, so that those which lead to one that is
// gone can be cut: whoever waits on them would wait until TCP gives up.
type lines struct {
	mu   sync.Mutex
	open map[*line]struct{}
}

type line struct {
	host int // unknownHost where nobody knows
	cut  func()
}

const unknownHost = -1

func (l *lines) add(host int, cut func()) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = make(map[*line]struct{})
	}
	added := &line{host, cut}
	l.open[added] = struct{}{}
	return added
}

func (l *lines) remove(gone *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, gone)
}

// cutAllBut cuts those that do not lead to the host; unknownHost spares none.
func (l *lines) cutAllBut(host int) {
	l.mu.Lock()
	var doomed []*line
	for one := range l.open {
		if one.host != host || host == unknownHost {
			doomed = append(doomed, one)
		}
	}
	l.mu.Unlock()
	for _, one := range doomed {
		one.cut()
	}
}
