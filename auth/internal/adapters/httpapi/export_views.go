package httpapi

import "github.com/loveapp/backend/auth/internal/domain"

// each is never null.
func each[T, V any](items []T, view func(T) V) []V {
	views := make([]V, 0, len(items))
	for _, item := range items {
		views = append(views, view(item))
	}
	return views
}

func viewHeldSession(s domain.Session, issued map[domain.SessionID]domain.Issue) exportedSession {
	view := exportedSession{
		ID: string(s.ID), DeviceName: given(s.DeviceName), IP: given(s.Origin.IP), UserAgent: given(s.Origin.UserAgent),
		CreatedAt: timestamp(s.CreatedAt), LastUsedAt: timestamp(s.LastUsedAt), EndedAt: momentOrNull(s.EndedAt),
	}
	if issue, known := issued[s.ID]; known {
		view.AccessToken = &exportedToken{issue.TokenID, timestamp(issue.ExpiresAt)}
	}
	return view
}

func viewPending(t domain.OneTimeToken) pendingProof {
	return pendingProof{string(t.Purpose), t.Address, timestamp(t.CreatedAt), timestamp(t.ExpiresAt)}
}

func viewHeldEvent(v domain.AuditEvent) exportedEvent {
	data := v.Data
	if data == nil {
		data = map[string]any{}
	}
	return exportedEvent{v.ID, timestamp(v.At), string(v.Kind), given(string(v.Session)), given(v.Origin.IP), given(v.Origin.UserAgent), data}
}

func viewIdentity(i domain.LinkedIdentity) exportedIdentity {
	return exportedIdentity{i.Provider, i.Subject, timestamp(i.LinkedAt)}
}

func viewFactor(f domain.HeldFactor) *exportedFactor {
	if !f.Exists {
		return nil
	}
	return &exportedFactor{"totp", momentOrNull(f.ConfirmedAt), f.RecoveryLeft, momentOrNull(f.LockedUntil)}
}

func viewMessage(m domain.HeldMessage) exportedMessage {
	return exportedMessage{string(m.Channel), string(m.Template), m.Address, timestamp(m.ExpiresAt)}
}
