package memory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Store = (*Store)(nil)

// Store keeps inboxes.
type Store struct {
	Outage

	now func() time.Time

	// Devices and Preferences say whether something could be sent; nil: it always can.
	Devices     *Devices
	Preferences *Preferences

	mu            sync.Mutex
	inboxes       map[domain.UserID]*inbox
	announcements map[announced]receipt
	hops          []*hop
	deliveries    []*parcel
	leases        int
	walked        time.Time
	schedule      map[string]*scheduled
	announced     map[string]bool
}

type inbox struct {
	entries []*entry // by seq
	byID    map[domain.NotificationID]*entry
	events  map[string]bool
	unread  int
	purged  domain.Seq
	erased  bool
}

type entry struct {
	domain.Notification
	event   string
	deleted bool
	acked   bool
}

type announced struct {
	by  domain.UserID
	key string
}

type receipt struct {
	domain.Receipt
	fingerprint [32]byte
	at          time.Time
}

// NewStore makes an empty one whose time is now's.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, inboxes: map[domain.UserID]*inbox{}, announcements: map[announced]receipt{}, schedule: map[string]*scheduled{}, announced: map[string]bool{}}
}

// Insert implements ports.Intake.
func (s *Store) Insert(_ context.Context, entries []domain.Entry) ([]domain.Notification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return nil, err
	}
	return s.insert(entries), nil
}

func (s *Store) insert(entries []domain.Entry) []domain.Notification {
	var fresh []domain.Notification
	for _, e := range entries {
		box := s.inbox(e.User)
		if box.erased || box.events[e.Draft.EventID] {
			continue
		}
		fresh = append(fresh, box.add(e, s.now()))
		s.plan(e, box.byID[e.ID])
	}
	slices.SortStableFunc(fresh, func(a, b domain.Notification) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Seq, b.Seq))
	})
	return fresh
}

func (s *Store) inbox(user domain.UserID) *inbox {
	box := s.inboxes[user]
	if box == nil {
		box = &inbox{byID: map[domain.NotificationID]*entry{}, events: map[string]bool{}}
		s.inboxes[user] = box
	}
	return box
}

func (b *inbox) add(e domain.Entry, now time.Time) domain.Notification {
	d := e.Draft
	n := domain.Notification{
		ID: e.ID, User: e.User, Seq: domain.Seq(len(b.entries) + 1), Category: d.Category, Priority: d.Priority,
		Title: d.Title, Body: d.Body, Data: compact(d.Data), CreatedAt: d.CreatedAt, StoredAt: now, ExpiresAt: d.ExpiresAt, Trace: d.Trace,
	}
	kept := &entry{Notification: n, event: d.EventID}
	b.entries = append(b.entries, kept)
	b.byID[n.ID] = kept
	b.events[d.EventID] = true
	b.unread++
	return n
}

func compact(data json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if json.Compact(&out, data) != nil {
		return data
	}
	return out.Bytes()
}

// keyLife is how long an idempotency key is remembered.
const keyLife = 24 * time.Hour

// Announce implements ports.Intake.
func (s *Store) Announce(_ context.Context, a domain.Announcement, entries []domain.Entry) (domain.Receipt, []domain.Notification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return domain.Receipt{}, nil, err
	}
	key := announced{a.By, a.Key.Value}
	if known, ok := s.announcements[key]; ok && a.Key.Value != "" && s.now().Sub(known.at) < keyLife {
		if known.fingerprint != a.Key.Fingerprint {
			return domain.Receipt{}, nil, domain.ErrKeyReused
		}
		return known.Receipt, nil, nil
	}
	s.announced[a.ID] = true
	var fresh []domain.Notification
	if a.Draft.SendAt != nil {
		s.schedule[a.ID] = &scheduled{Announcement: a}
	} else {
		fresh = s.insert(entries)
	}
	made := domain.Receipt{ID: a.ID, Accepted: len(entries)}
	if a.Key.Value != "" {
		s.announcements[key] = receipt{made, a.Key.Fingerprint, s.now()}
	}
	return made, fresh, nil
}

// Announced implements ports.Intake.
func (s *Store) Announced(_ context.Context, by domain.UserID, key domain.IdempotencyKey) (domain.Receipt, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.announcements[announced{by, key.Value}]
	found := ok && known.fingerprint == key.Fingerprint && s.now().Sub(known.at) < keyLife
	if err := s.check(); err != nil || !found {
		return domain.Receipt{}, false, err
	}
	return known.Receipt, true, nil
}

func (s *Store) visible(e *entry) bool {
	return !e.deleted && (e.ExpiresAt == nil || e.ExpiresAt.After(s.now()))
}

// Acked tells whether a device has shown the notification.
func (s *Store) Acked(user domain.UserID, seq domain.Seq) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.inbox(user).entries
	return seq >= 1 && int(seq) <= len(entries) && entries[seq-1].acked
}
