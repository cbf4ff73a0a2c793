package token

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

const (
	// RefreshInterval is how old a key set may become; a key set that cannot
	// be refreshed stays in use.
	RefreshInterval = 10 * time.Minute

	refetchPause = 10 * time.Second       // between fetches, so that forged kids cannot make this process hammer auth
	startPause   = 250 * time.Millisecond // the same while there are no keys at all: services start in any order
	maxSetBytes  = 64 << 10
	jwksPath     = "/.well-known/jwks.json"
)

var errNoKeySet = fault.New(fault.Unavailable, "unavailable", "Tokens cannot be checked at the moment.").WithRetryAfter(time.Second)

// RemoteKeysConfig says where auth is; only URLs is required.
type RemoteKeysConfig struct {
	URLs      []string         // base URLs of auth's copies
	CacheFile string           // keeps the last good set for a start with auth down; "" = nowhere
	Client    *http.Client     // nil = one without proxy, redirects and kept connections
	Now       func() time.Time // nil = time.Now
	Logger    *slog.Logger     // nil = slog.Default()
}

// RemoteKeys is the KeySource of services other than auth: the published key
// set, fetched when first needed, when it is old, and when a token names a key
// that is not in it. Fetches happen inside Key; there is nothing to run or close.
type RemoteKeys struct {
	peers  *peers
	file   string
	now    func() time.Time
	logger *slog.Logger

	mu        sync.Mutex
	keys      map[string]ed25519.PublicKey // the last good set; nil = none yet
	published []byte                       // the same as auth wrote it; nil = it has not given one
	fetched   time.Time                    // when auth last gave it; zero = it is the file's
	tried     time.Time                    // when auth was last asked
	flight    chan struct{}                // closed when the fetch under way ends; nil = none is
}

// NewRemoteKeys reads CacheFile and asks nobody yet, so that auth may start later.
func NewRemoteKeys(cfg RemoteKeysConfig) (*RemoteKeys, error) {
	if cfg.Client == nil {
		cfg.Client = newClient(&http.Transport{DisableKeepAlives: true}) // one request in ten minutes
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	p, err := newPeers(cfg.URLs, cfg.Client)
	if err != nil {
		return nil, fmt.Errorf("remote keys: %w", err)
	}
	k := &RemoteKeys{peers: p, file: cfg.CacheFile, now: cfg.Now, logger: cfg.Logger}
	k.load()
	return k, nil
}

// Key waits for a fetch, at most two seconds, only when it has no such key or
// when it is the one call that refreshes an old set.
func (k *RemoteKeys) Key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, known := k.keys[kid]
	switch {
	case k.flight != nil && !known:
		if err := k.await(ctx); err != nil {
			return nil, err
		}
	case k.flight == nil && k.due(known):
		k.fetch(ctx)
	}
	if key, ok := k.keys[kid]; ok {
		return key, nil
	}
	if k.fetched.IsZero() { // a set from the file may be older than this key
		return nil, errNoKeySet
	}
	return nil, ErrUnknownKey
}

// due tells whether to ask auth now.
func (k *RemoteKeys) due(known bool) bool {
	now := k.now()
	pause := refetchPause
	if k.keys == nil {
		pause = startPause
	}
	if !k.tried.IsZero() && now.Sub(k.tried) < pause {
		return false
	}
	return !known || now.Sub(k.fetched) >= RefreshInterval
}

// await lets go of the lock until the fetch under way has ended.
func (k *RemoteKeys) await(ctx context.Context) error {
	flight := k.flight
	k.mu.Unlock()
	defer k.mu.Lock()
	select {
	case <-flight:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the key set: %w", ctx.Err())
	}
}

// fetch lets go of the lock while it asks auth. It outlives the request that
// started it, because others wait for it too.
func (k *RemoteKeys) fetch(ctx context.Context) {
	k.tried, k.flight = k.now(), make(chan struct{})
	k.mu.Unlock()
	data, keys, err := k.ask(context.WithoutCancel(ctx))
	if err != nil {
		k.logger.Warn("key set not refreshed", "error", err)
	} else {
		k.save(data)
	}
	k.mu.Lock()
	if err == nil {
		k.keys, k.published, k.fetched = keys, data, k.now()
	}
	close(k.flight)
	k.flight = nil
}

func (k *RemoteKeys) ask(ctx context.Context) ([]byte, map[string]ed25519.PublicKey, error) {
	data, err := k.peers.get(ctx, jwksPath, "", maxSetBytes)
	if err != nil {
		return nil, nil, err
	}
	keys, err := readJWKS(data)
	return data, keys, err
}
