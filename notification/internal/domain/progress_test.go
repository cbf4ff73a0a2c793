package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/notification/internal/domain"
)

// progressAt is that of a socket that has had everything up to seq.
func progressAt(seq domain.Seq) domain.Progress {
	var p domain.Progress
	p.Passed(seq)
	return p
}

// inbox is a user's, as a socket comes to know it: live offers in any order,
// more than once or not at all, and catching up in pages.
type inbox struct {
	progress domain.Progress
	from     domain.Seq // what the socket had when it was connected
	newest   domain.Seq
	critical map[domain.Seq]bool
	deleted  map[domain.Seq]bool
	got      []domain.Seq
	repairs  int // begun and not ended: never more than one
}

func (b *inbox) store(t *rapid.T) {
	b.newest++
	b.critical[b.newest] = rapid.Bool().Draw(t, "critical")
	b.deleted[b.newest] = rapid.IntRange(0, 4).Draw(t, "deleted") == 0
}

func (b *inbox) offer(t *rapid.T) {
	if b.newest == b.from {
		return
	}
	seq := domain.Seq(rapid.Int64Range(int64(b.from)+1, int64(b.newest)).Draw(t, "seq"))
	if b.deleted[seq] {
		return // live ones are never deleted yet; keep the model simple
	}
	verdict, repair := b.progress.Offer(seq, b.critical[seq], rapid.Bool().Draw(t, "may overtake"))
	if verdict == domain.Send || verdict == domain.Overtake {
		b.send(t, seq, verdict == domain.Overtake)
	}
	b.begun(t, repair)
}

func (b *inbox) begun(t *rapid.T, repair bool) {
	if repair {
		b.repairs++
	}
	if b.repairs > 1 {
		t.Fatal("two were told to repair the same gap")
	}
}

func (b *inbox) send(t *rapid.T, seq domain.Seq, overtakes bool) {
	for _, earlier := range b.got {
		if earlier == seq {
			t.Fatalf("seq %d was sent twice", seq)
		}
		if earlier > seq && !b.critical[earlier] {
			t.Fatalf("seq %d was sent after %d, which is not critical", seq, earlier)
		}
	}
	if overtakes && !b.critical[seq] {
		t.Fatalf("seq %d overtook and is not critical", seq)
	}
	b.got = append(b.got, seq)
}

// catchUp fetches a page, as the repairer does; an idle one hears of the newest first, as from the sweeper.
func (b *inbox) catchUp(t *rapid.T, page int) {
	b.begun(t, b.progress.Known(b.newest))
	after, upTo, gap := b.progress.Missing()
	if !gap {
		b.repairs = 0
		return
	}
	through := upTo
	items := 0
	for seq := after + 1; seq <= upTo; seq++ {
		if b.deleted[seq] {
			continue
		}
		if items == page {
			through = seq - 1
			break
		}
		items++
		if b.progress.Replay(seq) {
			b.send(t, seq, false)
		}
	}
	b.progress.Passed(through)
}

func TestASocketGetsEverythingOnceAndInOrderWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := domain.Seq(rapid.IntRange(0, 3).Draw(t, "from"))
		b := &inbox{progress: progressAt(from), from: from, newest: from, critical: map[domain.Seq]bool{}, deleted: map[domain.Seq]bool{}}
		t.Repeat(map[string]func(*rapid.T){
			"store":    b.store,
			"offer":    b.offer,
			"catch up": func(t *rapid.T) { b.catchUp(t, rapid.IntRange(1, 3).Draw(t, "page")) },
			"fail": func(*rapid.T) {
				b.progress.Abandon()
				b.repairs = 0
			},
		})
		for range int(b.newest) + 2 {
			b.catchUp(t, 5)
		}
		want := 0
		for seq := from + 1; seq <= b.newest; seq++ {
			if !b.deleted[seq] {
				want++
			}
		}
		if len(b.got) != want || b.progress.Sent() != b.newest || b.progress.Catching() {
			t.Fatalf("got %d of %d, sent %d of %d, catching %t", len(b.got), want, b.progress.Sent(), b.newest, b.progress.Catching())
		}
	})
}

func TestACriticalNotificationDoesNotWaitForAGap(t *testing.T) {
	t.Parallel()
	p := progressAt(10)
	if v, repair := p.Offer(12, false, true); v != domain.Hold || !repair {
		t.Errorf("an ordinary one: %d, %t, want Hold and a repair", v, repair)
	}
	if v, repair := p.Offer(13, true, true); v != domain.Overtake || repair {
		t.Errorf("a critical one: %d, %t, want Overtake and no second repair", v, repair)
	}
	if v, _ := p.Offer(14, true, false); v != domain.Hold {
		t.Errorf("one that may not overtake: %d, want Hold", v)
	}
	for seq, want := range map[domain.Seq]bool{11: true, 13: false} {
		if got := p.Replay(seq); got != want {
			t.Errorf("replay of %d: %t, want %t", seq, got, want)
		}
	}
}

func TestAClientThatResumesGetsAgainWhatItAsksFor(t *testing.T) {
	t.Parallel()
	p := progressAt(10)
	p.Rewind(3, 10)
	if v, _ := p.Offer(11, false, true); v != domain.Hold {
		t.Errorf("a live one meanwhile: %d, want Hold", v)
	}
	for seq := domain.Seq(4); seq <= 10; seq++ {
		if !p.Replay(seq) {
			t.Errorf("seq %d is not sent again", seq)
		}
	}
	if v, _ := p.Offer(11, false, true); v != domain.Hold {
		t.Errorf("the next one, before the client is told that it has resumed: %d, want Hold", v)
	}
	if after, upTo, gap := p.Missing(); !gap || after != 10 || upTo != 11 {
		t.Errorf("missing (%d, %d], %t, want (10, 11]", after, upTo, gap)
	}
}

func TestOvertakingIsRememberedForSoManyOnly(t *testing.T) {
	t.Parallel()
	p := progressAt(0)
	overtakes := 0
	for seq := domain.Seq(2); seq < 200; seq++ {
		if v, _ := p.Offer(seq, true, true); v == domain.Overtake {
			overtakes++
		}
	}
	if overtakes != 64 {
		t.Errorf("%d overtook, want 64: memory is bounded", overtakes)
	}
}
