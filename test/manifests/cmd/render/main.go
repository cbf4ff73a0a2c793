// Command render writes deployments/k8s from deployments/kubernetes/base, or with
// -overlays the overlays into another folder. It runs in the root of the repository.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loveapp/backend/test/manifests"
)

const (
	base     = "deployments/kubernetes/base"
	rendered = "deployments/k8s"
)

func main() {
	overlays := flag.String("overlays", "", "a folder: render the overlays into it, and nothing else")
	flag.Parse()
	work := run
	if *overlays != "" {
		work = func() error { return renderOverlays(*overlays) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run copies nginx.conf first: kustomize reads nothing outside of its folder.
func run() error {
	conf, err := os.ReadFile("nginx.conf")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(base, "nginx.conf"), conf, 0o644); err != nil { //nolint:gosec // everybody may read it
		return err
	}
	files, err := manifests.Render(base)
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(rendered), os.MkdirAll(rendered, 0o755)); err != nil { //nolint:gosec // everybody may read it
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(rendered, name), []byte(text), 0o644); err != nil { //nolint:gosec // everybody may read it
			return err
		}
	}
	return nil
}
