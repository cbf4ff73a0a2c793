package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/loveapp/backend/test/manifests"
	"sigs.k8s.io/kustomize/api/resmap"
)

// renderOverlays writes each overlay into dir as one file, for a program that
// knows Kubernetes' own kinds; those of operators are left out and named.
func renderOverlays(dir string) error {
	overlays, err := filepath.Glob("deployments/kubernetes/overlays/*")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // everybody may read it
		return err
	}
	for _, overlay := range overlays {
		built, err := manifests.Build(overlay)
		if err != nil {
			return err
		}
		if err := removeForeign(built, overlay); err != nil {
			return err
		}
		text, err := built.AsYaml()
		if err != nil {
			return fmt.Errorf("write %s: %w", overlay, err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(overlay)+".yaml"), text, 0o644); err != nil { //nolint:gosec // everybody may read it
			return err
		}
	}
	return nil
}

// removeForeign: Kubernetes' own groups have short names or end in k8s.io.
func removeForeign(built resmap.ResMap, overlay string) error {
	for _, object := range built.Resources() {
		group := object.GetGvk().Group
		if !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") {
			continue
		}
		if err := built.Remove(object.CurId()); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "Left out of %s: %s %s, which only its operator knows\n", overlay, group, object.GetKind())
	}
	return nil
}
