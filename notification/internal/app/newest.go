package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// When an instance has died, thousands of clients come to another at once, and
// each asks how far its inbox goes, twice. Those who ask at the same time are
// answered by one statement.
const (
	newestReaders = 4
	newestBatch   = 256
	newestQueue   = 1024
	newestTime    = 5 * time.Second
)

// question is one user's; answer has room for it.
type question struct {
	user   domain.UserID
	answer chan<- reading
}

type reading struct {
	newest domain.Seq
	err    error
}

// newest is how far the user's inbox goes, read after the call began.
func (a *App) newest(ctx context.Context, user domain.UserID) (domain.Seq, error) {
	answer := make(chan reading, 1)
	select {
	case a.questions <- question{user, answer}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case r := <-answer:
		return r.newest, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// answer answers all that wait at once, until ctx ends.
func (a *App) answer(ctx context.Context) {
	for {
		select {
		case q := <-a.questions:
			a.answerAll(ctx, a.waitingWith(q))
		case <-ctx.Done():
			return
		}
	}
}

func (a *App) waitingWith(first question) []question {
	all := []question{first}
	for len(all) < newestBatch {
		select {
		case q := <-a.questions:
			all = append(all, q)
		default:
			return all
		}
	}
	return all
}

func (a *App) answerAll(ctx context.Context, all []question) {
	ctx, cancel := context.WithTimeout(ctx, newestTime)
	defer cancel()
	users := make([]domain.UserID, 0, len(all))
	asked := make(map[domain.UserID]bool, len(all))
	for _, q := range all {
		if !asked[q.user] {
			asked[q.user] = true
			users = append(users, q.user)
		}
	}
	marks, err := a.store.Newest(ctx, users)
	newest := make(map[domain.UserID]domain.Seq, len(marks))
	for _, m := range marks {
		newest[m.User] = m.Newest
	}
	for _, q := range all {
		q.answer <- reading{newest[q.user], err}
	}
}
