package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// SaveProfiles takes a CPU profile of every service at the same time and writes
// them into dir as NAME.cpu.pprof. It takes as long as the profiles.
func (s Stack) SaveProfiles(ctx context.Context, dir string, length time.Duration) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the folder of profiles: %w", err)
	}
	errs := make([]error, len(s.Processes))
	var taking sync.WaitGroup
	for i, p := range s.Processes {
		if p.MetricsAddr != "" {
			taking.Go(func() { errs[i] = save(ctx, p, dir, length) })
		}
	}
	taking.Wait()
	return errors.Join(errs...)
}

func save(ctx context.Context, p Process, dir string, length time.Duration) (err error) {
	seconds := strconv.Itoa(int(length.Seconds()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.MetricsAddr+"/debug/pprof/profile?seconds="+seconds, http.NoBody)
	if err != nil {
		return err
	}
	c := http.Client{Timeout: length + 30*time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(req)
	if err != nil {
		return fmt.Errorf("take a profile of %s: %w", p.Name, err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("take a profile of %s: it answers %d", p.Name, res.StatusCode)
	}
	file, err := os.Create(filepath.Join(dir, p.Name+".cpu.pprof"))
	if err != nil {
		return err
	}
	_, err = io.Copy(file, res.Body)
	return errors.Join(err, file.Close())
}
