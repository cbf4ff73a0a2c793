package fleet

import "container/heap"

// agenda gives phones in the order in which they are used.
type agenda []*phone

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].due < a[j].due }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push is container/heap's.
func (a *agenda) Push(x any) {
	if p, ok := x.(*phone); ok {
		*a = append(*a, p)
	}
}

// Pop is container/heap's.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func (a *agenda) push(p *phone) { heap.Push(a, p) }

func (a *agenda) pop() *phone {
	next, _ := heap.Pop(a).(*phone)
	return next
}
