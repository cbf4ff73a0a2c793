package pgtest

// RemoveAbandoned clears root of what killed test binaries left.
func RemoveAbandoned(root string) { removeAbandoned(root) }
