// Package domain holds the rules of notifications: what one may say, how far a
// socket has come in its user's inbox, and who counts as connected.
package domain
