// Package architecture holds the import rules of the backend as one table and
// checks them over every package of the workspace.
package architecture

import (
	"maps"
	"slices"
)

// Package is one Go package and what its files import. Paths of the backend
// are relative to its root and open with "./": ./sos/internal/domain. Others
// are as Go writes them: net/http, github.com/lib/pq.
type Package struct {
	Path  string
	Files []File
	// Test marks what only other modules' dependencies pull in: never checked, only walked through.
	Foreign bool
}

// File is one source file, those for other systems included.
type File struct {
	Name    string
	Test    bool
	Imports []string
}

// Graph is the packages of the backend and all that they depend on, by path.
type Graph map[string]Package

// own gives the backend's packages in order of path.
func (g Graph) own() []Package {
	var own []Package
	for _, path := range slices.Sorted(maps.Keys(g)) {
		if p := g[path]; !p.Foreign {
			own = append(own, p)
		}
	}
	return own
}

// imports are what the package is built from: no tests.
func (p Package) imports() []string {
	var all []string
	for _, f := range p.Files {
		if !f.Test {
			all = append(all, f.Imports...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// chains gives everything that path is built from, each with the shortest way
// there: from path itself to the import.
func (g Graph) chains(path string) map[string][]string {
	chains := map[string][]string{path: {path}}
	for queue := []string{path}; len(queue) > 0; queue = queue[1:] {
		for _, next := range g[queue[0]].imports() {
			if _, seen := chains[next]; !seen {
				chains[next] = append(slices.Clone(chains[queue[0]]), next)
				queue = append(queue, next)
			}
		}
	}
	return chains
}
