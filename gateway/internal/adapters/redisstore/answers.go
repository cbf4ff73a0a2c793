package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

const answerPrefix = "answer:"

// AnswersConfig is what Answers need.
type AnswersConfig struct {
	Pool *redispool.Pool
	Now  func() time.Time
	// Patience is how long a round trip may take; 0 = 100 ms: the service itself is not much slower.
	Patience time.Duration
}

// Answers keeps answers for all gateways together.
type Answers struct{ config AnswersConfig }

// NewAnswers makes a store on a pool whose server need not be up yet.
func NewAnswers(c AnswersConfig) (*Answers, error) {
	if c.Pool == nil || c.Now == nil {
		return nil, errors.New("redisstore: answers need a pool and a clock")
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	return &Answers{c}, nil
}

// Find reads it.
func (s *Answers) Find(ctx context.Context, key string) (domain.Answer, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Patience)
	defer cancel()
	text, err := redis.Bytes(s.config.Pool.Do(ctx, "GET", answerPrefix+key))
	if errors.Is(err, redis.ErrNil) {
		return domain.Answer{}, false, nil
	}
	var a domain.Answer
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return domain.Answer{}, false, fmt.Errorf("find an answer: %w", err)
	}
	return a, s.config.Now().Before(a.Until), nil
}

// Keep writes it with the time after which Redis drops it.
func (s *Answers) Keep(ctx context.Context, key string, a domain.Answer) error {
	left := a.Until.Sub(s.config.Now()).Milliseconds()
	if left <= 0 {
		return nil
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Patience)
	defer cancel()
	if _, err := s.config.Pool.Do(ctx, "SET", answerPrefix+key, text, "PX", left); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}
