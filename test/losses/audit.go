package losses

import (
	"context"
	"strings"
	"time"
)

// audited is what the service says of itself: loss-audit compares inboxes, their
// entries, deliveries and acks, and fails where something is missing.
type audited struct {
	text string
	err  error
}

// auditLimit is what it may take after a long run.
const auditLimit = 2 * time.Minute

func (w *world) audit(ctx context.Context) audited {
	ctx, cancel := context.WithTimeout(ctx, auditLimit)
	defer cancel()
	text, err := w.stack.Ask(ctx, "notification-1", "loss-audit")
	return audited{withoutLog(text), err}
}

// withoutLog leaves out the lines in which the program logs beside what it found.
func withoutLog(text string) string {
	var found strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "{") {
			found.WriteString(line)
		}
	}
	return found.String()
}

// add has the audit count as the clients do.
func (r *Report) add(a audited) {
	r.Audit = a.text
	if a.err != nil {
		r.breaks("loss-audit: %v", a.err)
	}
}
