package redisstore

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// connectionWire is a connection as it stands in the hashes.
type connectionWire struct {
	SocketID    string    `json:"socketId"`
	UserID      string    `json:"userId"`
	SessionID   string    `json:"sessionId"`
	Instance    string    `json:"instance"`
	Epoch       string    `json:"epoch"`
	ConnectedAt time.Time `json:"connectedAt"`
}

func encodeConnection(c domain.Connection) (string, error) {
	value, err := json.Marshal(connectionWire{
		SocketID: string(c.Socket), UserID: string(c.User), SessionID: string(c.Session),
		Instance: string(c.Instance), Epoch: string(c.Epoch), ConnectedAt: c.ConnectedAt.UTC(),
	})
	if err != nil {
		return "", fmt.Errorf("encode a connection: %w", err)
	}
	return string(value), nil
}

func decodeConnection(value []byte) (domain.Connection, bool) {
	var w connectionWire
	if json.Unmarshal(value, &w) != nil || w.SocketID == "" || w.UserID == "" {
		return domain.Connection{}, false
	}
	return domain.Connection{
		Socket: domain.SocketID(w.SocketID), User: domain.UserID(w.UserID), Session: domain.SessionID(w.SessionID),
		Instance: domain.InstanceID(w.Instance), Epoch: domain.Epoch(w.Epoch), ConnectedAt: w.ConnectedAt,
	}, true
}

// decodeConnections leaves out what somebody else has put there.
func decodeConnections(values [][]byte) iter.Seq[domain.Connection] {
	return func(yield func(domain.Connection) bool) {
		for _, value := range values {
			if c, ok := decodeConnection(value); ok && !yield(c) {
				return
			}
		}
	}
}
