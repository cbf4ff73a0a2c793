package client

// Waiting is how many requests wait for a slot.
func Waiting(c *Client) int {
	c.slots.mu.Lock()
	defer c.slots.mu.Unlock()
	return c.slots.waiting.Len()
}
