package main

import (
	"fmt"
	"io"
	"time"

	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/world"
)

// settling is for what follows an opening: registry writes, timers.
const settling = 3 * time.Second

// hold opens authenticated sockets and watches them do nothing.
func hold(t world.T, o options, out io.Writer) {
	t.Helper()
	r := newRig(t)
	i, phones := r.start(), startHelper(t, clientsCommand)
	i.warm(startHelper(t, clientsCommand))
	before, kernelBefore := i.settled(), kernelMemory()
	opening := phones.all(i.openOrder(o.sockets, ""), o.sockets)
	pause(t, settling)
	after, kernelAfter := i.settled(), kernelMemory()
	used := i.watch(o.lasting)
	later := i.memory()
	each := func(bytes int64) string { return kib(float64(bytes) / float64(o.sockets)) }
	say(out, "%d authenticated sockets in one process, opened in %.1f s\n", o.sockets, opening.Took.Seconds())
	say(out, "  RSS a socket                %s KiB (goal: at most 8)\n", each(after.resident-before.resident))
	say(out, "    of it heap                %s KiB\n", each(after.heap-before.heap))
	say(out, "    of it stacks              %s KiB in %.2f goroutines\n", each(after.stacks-before.stacks), float64(after.goroutines-before.goroutines)/float64(o.sockets))
	say(out, "  RSS a socket after %-8s %s KiB\n", o.lasting, each(later.resident-before.resident))
	say(out, "  kernel a connection (both ends are on this machine): slabs %s KiB, buffers %s KiB\n",
		each(kernelAfter.slabs-kernelBefore.slabs), each(kernelAfter.buffers-kernelBefore.buffers))
	say(out, "  idle CPU                    %.2f %% of a core over %s, pings included\n", 100*used.Seconds()/o.lasting.Seconds(), o.lasting)
}

// warm makes what a process has anyway: pools, compiled queries, a grown heap.
func (i *instance) warm(phones *helper) {
	i.t.Helper()
	const few = 50
	phones.all(i.openOrder(few, ""), few)
	phones.do(order{Do: "drop"})
	pause(i.t, settling)
}

// watch gives the time that the process used while d passed.
func (i *instance) watch(d time.Duration) time.Duration {
	i.t.Helper()
	before := i.cpu()
	pause(i.t, d)
	return i.cpu() - before
}

func (i *instance) cpu() time.Duration {
	i.t.Helper()
	used, err := meter.CPU([]int{i.pid})
	if err != nil {
		i.t.Fatalf("count the time of a process: %v", err)
	}
	return used[i.pid]
}

func pause(t world.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
		t.Fatalf("interrupted")
	}
}

func kib(bytes float64) string { return fmt.Sprintf("%.1f", bytes/1024) }

func mib(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/(1<<20)) }

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }
