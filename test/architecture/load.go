package architecture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Source is where a graph is read from.
type Source struct {
	Dir     string // where go list runs
	Root    string // import path of the backend; packages below it are its own
	Pattern string // "work" in a workspace
	Alone   bool   // a module outside any workspace
}

// listed is what is needed of go list's package.
type listed struct {
	ImportPath, Dir                                              string
	Imports                                                      []string
	GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
}

const fields = "ImportPath,Dir,Imports,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles"

// Load asks the go command for the packages and reads the imports of each file
// of the backend itself: go list knows them by package only, and leaves out
// files for other systems.
func Load(ctx context.Context, s Source) (Graph, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-json="+fields, s.Pattern)
	cmd.Dir = s.Dir
	if s.Alone {
		cmd.Env = append(os.Environ(), "GOWORK=off")
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s in %s: %w: %s", s.Pattern, s.Dir, err, complaints.String())
	}
	graph := Graph{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			return graph, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go list's answer: %w", err)
		}
		p, err := s.read(l)
		if err != nil {
			return nil, err
		}
		graph[p.Path] = p
	}
}

func (s Source) read(l listed) (Package, error) {
	if !s.owns(l.ImportPath) {
		return Package{Path: l.ImportPath, Foreign: true, Files: []File{{Imports: s.relative(l.Imports)}}}, nil
	}
	p := Package{Path: s.short(l.ImportPath)}
	tests := slices.Concat(l.TestGoFiles, l.XTestGoFiles)
	for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.IgnoredGoFiles, tests) {
		imports, err := readImports(filepath.Join(l.Dir, name))
		if err != nil {
			return Package{}, err
		}
		p.Files = append(p.Files, File{Name: name, Test: strings.HasSuffix(name, "_test.go"), Imports: s.relative(imports)})
	}
	return p, nil
}

func readImports(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	var imports []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("read imports of %s: %w", path, err)
		}
		imports = append(imports, imported)
	}
	return imports, nil
}

func (s Source) owns(importPath string) bool {
	return importPath == s.Root || strings.HasPrefix(importPath, s.Root+"/")
}

func (s Source) short(importPath string) string {
	if s.owns(importPath) {
		return "." + strings.TrimPrefix(importPath, s.Root)
	}
	return importPath
}

func (s Source) relative(imports []string) []string {
	short := make([]string, len(imports))
	for i, p := range imports {
		short[i] = s.short(p)
	}
	return short
}
