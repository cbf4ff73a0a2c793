package domain

// Numberings are the bases of seqs that the store's histories have begun with:
// the one after a failover counts on from its base, not from where it was.
type Numberings []Seq

// Missing tells how many entries an inbox lacks between two seqs that follow each
// other in it: none where the second is the first of a numbering. What a failover
// took from the end of the numbering before cannot be known.
func (n Numberings) Missing(before, next Seq) int64 {
	for _, base := range n {
		if base < next {
			before = max(before, base)
		}
	}
	return max(0, int64(next-before-1))
}

// Audited is what the store says about one inbox, and what is found in it.
type Audited struct {
	User    UserID
	Newest  Seq // that was given
	Unread  int64
	Last    Seq   // that is there, or up to where it was purged
	Counted int64 // unread entries
}

// MissingAtTheEnd tells how many entries behind the last one were given out and are gone.
func (a Audited) MissingAtTheEnd(n Numberings) int64 {
	if a.Newest <= a.Last {
		return 0
	}
	return n.Missing(a.Last, a.Newest+1)
}

// Miscounted is by how many the counter of unread entries is wrong.
func (a Audited) Miscounted() int64 { return max(a.Unread-a.Counted, a.Counted-a.Unread) }
