package architecture

import (
	"fmt"
	"os"
	"path"
)

// TopLevel is all that may lie in the root of the repository; the last ones are
// what running and testing leave there, which git ignores.
func TopLevel() []string {
	return []string{
		"gateway", "auth", "notification", "sos", "shared", "deployments", "test",
		"go.work", "go.work.sum", "Makefile", "nginx.conf", "run-migrations.sh", "LICENSE", "*.md", ".*",
		"data", "node_modules", "*.test", "*.out",
	}
}

// CheckTopLevel names the entries of the repository's root that do not belong there.
func CheckTopLevel(root string, allowed []string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("list the top level: %w", err)
	}
	var strays []string
	for _, e := range entries {
		if !fits(allowed, e.Name()) {
			strays = append(strays, e.Name())
		}
	}
	return strays, nil
}

func fits(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
