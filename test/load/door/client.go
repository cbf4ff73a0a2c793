package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// took is what one round of one contender gave.
type took struct {
	answers int
	lasted  time.Duration
	p99     time.Duration
	cpu     time.Duration // of the contender, for all answers together
	redis   time.Duration // of Redis, likewise
}

func (t took) rate() float64 { return float64(t.answers) / t.lasted.Seconds() }

func (t took) cpuEach() float64 { return float64(t.cpu) / float64(t.answers) }

func (t took) redisEach() float64 { return float64(t.redis) / float64(t.answers) }

var errNotOK = errors.New("the answer is not 200")

// requests are those of users, ready to be written.
type requests [][]byte

func requestsOf(bearers []string) requests {
	all := make(requests, 0, len(bearers))
	for _, bearer := range bearers {
		all = append(all, []byte("GET "+asked+" HTTP/1.1\r\nHost: x\r\nUser-Agent: door\r\nAccept: application/json\r\nAuthorization: "+bearer+"\r\n\r\n"))
	}
	return all
}

// ask keeps connections busy for a while: each asks again as soon as it is
// answered, for one user after the other. The client is as thin as it can be, for
// it shares the machine.
func ask(ctx context.Context, addr string, all requests, connections int, lasting time.Duration) (took, error) {
	began := time.Now()
	until := began.Add(lasting)
	latencies, errs := make([][]time.Duration, connections), make([]error, connections)
	var group sync.WaitGroup
	for i := range connections {
		group.Go(func() { latencies[i], errs[i] = askOver(ctx, addr, all.from(i), until) })
	}
	group.Wait()
	t := took{lasted: time.Since(began)}
	every := slices.Concat(latencies...)
	if t.answers = len(every); t.answers == 0 {
		return t, errors.Join(errNotOK, errors.Join(errs...))
	}
	slices.Sort(every)
	t.p99 = every[len(every)*99/100]
	return t, errors.Join(errs...)
}

// from has the nth connection begin with another user than the others.
func (q requests) from(n int) requests {
	n = n * 7919 % len(q)
	return slices.Concat(q[n:], q[:n])
}

func askOver(ctx context.Context, addr string, all requests, until time.Time) (latencies []time.Duration, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(until.Add(time.Minute))
	reader := bufio.NewReaderSize(conn, 4<<10)
	for {
		began := time.Now()
		if ctx.Err() != nil || len(latencies) > 0 && !began.Before(until) { // once at least, however busy the machine
			return latencies, ctx.Err()
		}
		if _, err := conn.Write(all[len(latencies)%len(all)]); err != nil {
			return latencies, err
		}
		if err := skip(reader); err != nil {
			return latencies, err
		}
		latencies = append(latencies, time.Since(began))
	}
}

// skip reads one answer.
func skip(r *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.Contains(line, []byte(" 200 ")) {
			return fmt.Errorf("%w: %q", errNotOK, line)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
		if len(line) == len("\r\n") {
			_, err := r.Discard(length)
			return err
		}
	}
}
