package redisstore

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/loveapp/backend/notification/internal/domain"
)

const (
	// connectionsKey is a hash from socket id to connection; on a cluster it is one
	// for each instance (instanceKey).
	connectionsKey = "ws_connections"
	// userPrefix and a user's id name a hash from socket id to connection.
	userPrefix = "user_connections:"
	// leasePrefix and an instance name the epoch that it holds, for as long as it holds it.
	leasePrefix = "ws_lease:"
	// epochsKey is a hash of every epoch that has begun and was not reaped yet.
	epochsKey = "ws_epochs"
	// roomPrefix and a room name a sorted set of the instances that somebody there is connected to.
	roomPrefix   = "ws_room:"
	ticketPrefix = "ws_ticket:"
	// originPrefix and an address's hash name how many sockets each instance has from there.
	originPrefix = "ws_origin:"
	channels     = "notification:instance:"
)

func userKey(user domain.UserID) string { return userPrefix + string(user) }

func leaseKey(instance domain.InstanceID) string { return leasePrefix + string(instance) }

func roomKey(room domain.Room) string { return roomPrefix + string(room) }

func channelOf(instance domain.InstanceID) string { return channels + string(instance) }

// ticketKey: whoever can read Redis must not be able to use a ticket.
func ticketKey(ticket string) string {
	sum := sha256.Sum256([]byte(ticket))
	return ticketPrefix + hex.EncodeToString(sum[:])
}
