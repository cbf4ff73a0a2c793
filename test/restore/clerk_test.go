package restore_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/process"
)

// pace is 50 rows a second: more than a quiet backend commits, and few enough that
// no file of WAL is full before it is switched by its time.
const pace = 20 * time.Millisecond

// clerk enters one row after the other and keeps the last that PostgreSQL has acknowledged.
type clerk struct {
	stop  chan struct{}
	ended sync.WaitGroup

	mu   sync.Mutex
	rest []byte
	last entry
}

// entry is a row: its number and when it was written, by the database's clock.
type entry struct {
	N  int
	At time.Time
}

const entryForm = "%d %d\n" // the time in microseconds since 1970

func (e *entry) read(line string) error {
	var micros int64
	if _, err := fmt.Sscanf(line, entryForm, &e.N, &micros); err != nil {
		return err
	}
	e.At = time.UnixMicro(micros)
	return nil
}

const enter = "INSERT INTO calls VALUES (%d, clock_timestamp()) RETURNING n || ' ' || (extract(epoch FROM at) * 1000000)::bigint;\n"

// hire begins; the table calls must be there.
func hire(t *testing.T, p *place) *clerk {
	t.Helper()
	c := &clerk{stop: make(chan struct{})}
	cmd := p.command("psql", "-XAtq", "-v", "ON_ERROR_STOP=1")
	cmd.Stdout = c
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.ended.Go(func() { _ = process.Run(cmd) }) // ends with an error when the server does
	c.ended.Go(func() {
		tick := time.NewTicker(pace)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-c.stop:
				_ = stdin.Close()
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(stdin, enter, n)
			}
		}
	})
	t.Cleanup(func() { c.dismiss() })
	return c
}

// Write takes what psql prints: a row once it is committed.
func (c *clerk) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest = append(c.rest, p...)
	for {
		line, rest, whole := bytes.Cut(c.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		c.rest = rest
		if err := c.last.read(string(line) + "\n"); err != nil {
			return 0, fmt.Errorf("%q: %w", line, err)
		}
	}
}

// newest is what was acknowledged last.
func (c *clerk) newest() entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// dismiss ends it, and gives what was acknowledged last.
func (c *clerk) dismiss() entry {
	select {
	case <-c.stop:
	default:
		close(c.stop)
	}
	c.ended.Wait()
	return c.newest()
}

// entered is what the server has, none missing in the middle.
func entered(t *testing.T, p *place) entry {
	t.Helper()
	var last entry
	count, row, _ := strings.Cut(p.query(t, "SELECT count(*), max(n) || ' ' || (extract(epoch FROM max(at)) * 1000000)::bigint FROM calls"), "|")
	if err := last.read(row + "\n"); err != nil {
		t.Fatalf("%q: %v", row, err)
	}
	if count != fmt.Sprint(last.N) {
		t.Errorf("%s rows up to number %d", count, last.N)
	}
	return last
}
