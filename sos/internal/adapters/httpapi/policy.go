package httpapi

import (
	"net/http"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

type policyJSON struct {
	Version       int         `json:"version"`
	Levels        []levelJSON `json:"levels"`
	RepeatSeconds int64       `json:"repeatSeconds"`
	NoShowSeconds int64       `json:"noShowSeconds"`
	UpdatedAt     *timestamp  `json:"updatedAt"`
	UpdatedBy     *string     `json:"updatedBy"`
}

type levelJSON struct {
	AfterSeconds int64        `json:"afterSeconds"`
	Targets      []targetJSON `json:"targets"`
}

type targetJSON struct {
	Who      string   `json:"who"`
	Channels []string `json:"channels"`
}

// policyBody is what an administrator sends; what is left out is as built in.
type policyBody struct {
	Version       *int        `json:"version"`
	Levels        []levelJSON `json:"levels"`
	RepeatSeconds *int64      `json:"repeatSeconds"`
	NoShowSeconds *int64      `json:"noShowSeconds"`
}

func (a api) getPolicy(w http.ResponseWriter, r *http.Request, _ domain.Caller) error {
	p, err := a.App.EscalationPolicy(r.Context())
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, policyOf(p))
}

func (a api) putPolicy(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body policyBody
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	p, err := a.App.SetEscalationPolicy(r.Context(), caller.User, body.Version, body.policy())
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, policyOf(p))
}

func (b policyBody) policy() domain.Policy {
	p := domain.DefaultPolicy()
	p.Levels = nil
	for _, l := range b.Levels {
		level := domain.Level{After: inSeconds(l.AfterSeconds)}
		for _, t := range l.Targets {
			target := domain.Target{Who: domain.Audience(t.Who)}
			for _, c := range t.Channels {
				target.Channels = append(target.Channels, domain.Channel(c))
			}
			level.Targets = append(level.Targets, target)
		}
		p.Levels = append(p.Levels, level)
	}
	if b.RepeatSeconds != nil {
		p.Repeat = inSeconds(*b.RepeatSeconds)
	}
	if b.NoShowSeconds != nil {
		p.NoShow = inSeconds(*b.NoShowSeconds)
	}
	return p
}

// inSeconds keeps what no policy could hold anyway from wrapping round.
func inSeconds(n int64) time.Duration {
	const year = 366 * 24 * 3600
	return time.Duration(min(max(n, -1), year)) * time.Second
}

func policyOf(stored ports.StoredPolicy) policyJSON {
	p := stored.Policy
	answer := policyJSON{
		Version: p.Version, Levels: make([]levelJSON, 0, len(p.Levels)),
		RepeatSeconds: int64(p.Repeat / time.Second), NoShowSeconds: int64(p.NoShow / time.Second), UpdatedBy: orNull(string(stored.By)),
	}
	if !stored.At.IsZero() {
		answer.UpdatedAt = optional(&stored.At)
	}
	for _, l := range p.Levels {
		level := levelJSON{AfterSeconds: int64(l.After / time.Second)}
		for _, t := range l.Targets {
			target := targetJSON{Who: string(t.Who)}
			for _, c := range t.Channels {
				target.Channels = append(target.Channels, string(c))
			}
			level.Targets = append(level.Targets, target)
		}
		answer.Levels = append(answer.Levels, level)
	}
	return answer
}
