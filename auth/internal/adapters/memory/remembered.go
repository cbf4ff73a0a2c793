package memory

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Remembered is the caches within one process.
type Remembered struct {
	now    func() time.Time
	mu     sync.Mutex
	briefs map[domain.UserID]keptBrief
	issues map[domain.UserID]keptIssues
}

type keptBrief struct {
	domain.Brief

	until time.Time
}

type keptIssues struct {
	bySession map[domain.SessionID]domain.Issue
	until     time.Time
}

// NewRemembered remembers nothing yet.
func NewRemembered(now func() time.Time) *Remembered {
	return &Remembered{now: now, briefs: map[domain.UserID]keptBrief{}, issues: map[domain.UserID]keptIssues{}}
}

// Brief implements ports.Briefs.
func (r *Remembered) Brief(_ context.Context, id domain.UserID) (domain.Brief, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept, ok := r.briefs[id]
	if !ok || !r.now().Before(kept.until) {
		return domain.Brief{}, false, nil
	}
	return kept.Brief, true, nil
}

// KeepBrief implements ports.Briefs.
func (r *Remembered) KeepBrief(_ context.Context, id domain.UserID, brief domain.Brief) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if kept := r.briefs[id]; now.Before(kept.until) && kept.Later(brief) != brief {
		return nil
	}
	r.briefs[id] = keptBrief{brief, now.Add(domain.BriefLife)}
	return nil
}

// DropBrief implements ports.Briefs.
func (r *Remembered) DropBrief(_ context.Context, id domain.UserID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.briefs, id)
	return nil
}

// Issued implements ports.Issues.
func (r *Remembered) Issued(_ context.Context, user domain.UserID) (issues []domain.Issue, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept, now := r.issues[user], r.now()
	if !now.Before(kept.until) {
		return nil, nil
	}
	for _, issue := range kept.bySession {
		if now.Before(issue.ExpiresAt) {
			issues = append(issues, issue)
		}
	}
	return issues, nil
}

// KeepIssued implements ports.Issues.
func (r *Remembered) KeepIssued(_ context.Context, issues []domain.Issue, life time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for _, issue := range issues {
		kept := r.issues[issue.User]
		_, known := kept.bySession[issue.Session]
		if kept.bySession == nil || !now.Before(kept.until) || !known && len(kept.bySession) >= domain.MostIssued {
			kept.bySession = map[domain.SessionID]domain.Issue{}
		}
		kept.bySession[issue.Session], kept.until = issue, now.Add(life)
		r.issues[issue.User] = kept
	}
	return nil
}

// DropIssued implements ports.Issues.
func (r *Remembered) DropIssued(_ context.Context, user domain.UserID, sessions ...domain.SessionID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(sessions) == 0 {
		delete(r.issues, user)
	}
	for _, session := range sessions {
		delete(r.issues[user].bySession, session)
	}
	return nil
}
