package pgtest

import "path/filepath"

// RemoveAbandoned clears root of what killed test binaries left.
func RemoveAbandoned(root string) { removeAbandoned(root) }

// Folder is that of all its servers.
func (s *ReplicaSet) Folder() string { return filepath.Dir(s.Servers[0].dir) }
