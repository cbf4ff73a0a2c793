package manifests_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"github.com/loveapp/backend/test/manifests"
)

// cluster is what a kustomization makes, by kind.
type cluster struct {
	objects []metav1.Object
	foreign []string // kinds of operators, which Kubernetes' own types do not know
	pods    []pods
}

// pods are those of one Deployment, StatefulSet or Job.
type pods struct {
	name string
	kind string
	spec corev1.PodSpec
	labs labels.Set
}

func (p pods) container() corev1.Container { return p.spec.Containers[0] }

// strict refuses fields that Kubernetes does not know, and those that come twice.
func strict() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(), nil
}

// clusters are what deployments/kubernetes/<name> make, each made once: tests only read them.
var clusters = map[string]func() (*cluster, error){ //nolint:gochecknoglobals // written here only
	"base":                    making("base"),
	"overlays/p95":            making("overlays/p95"),
	"overlays/cloudnative-pg": making("overlays/cloudnative-pg"),
	"overlays/pgbackrest":     making("overlays/pgbackrest"),
	observability:             making(observability),
}

// deployed is what deployments/kubernetes/<of> makes.
func deployed(t *testing.T, of string) *cluster {
	t.Helper()
	made, err := clusters[of]()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func making(of string) func() (*cluster, error) {
	return sync.OnceValues(func() (*cluster, error) {
		decoder, err := strict()
		if err != nil {
			return nil, err
		}
		built, err := manifests.Build(filepath.Join("../../deployments/kubernetes", of))
		if err != nil {
			return nil, err
		}
		made := &cluster{}
		for _, object := range built.Resources() {
			document, err := object.AsYAML()
			if err != nil {
				return nil, err
			}
			if err := made.read(decoder, object.GetKind(), document); err != nil {
				return nil, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
		return made, nil
	})
}

func (c *cluster) read(decoder runtime.Decoder, kind string, document []byte) error {
	decoded, _, err := decoder.Decode(document, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		c.foreign = append(c.foreign, kind)
		return nil
	}
	if err != nil {
		return err
	}
	object, ok := decoded.(metav1.Object)
	if !ok {
		return fmt.Errorf("%T has no name", decoded)
	}
	c.objects = append(c.objects, object)
	switch o := decoded.(type) {
	case *appsv1.Deployment:
		c.run(o.Name, "Deployment", o.Spec.Template)
	case *appsv1.StatefulSet:
		c.run(o.Name, "StatefulSet", o.Spec.Template)
	case *batchv1.Job:
		c.run(o.Name, "Job", o.Spec.Template)
	case *batchv1.CronJob:
		c.run(o.Name, "Job", o.Spec.JobTemplate.Spec.Template)
	}
	return nil
}

func (c *cluster) run(name, kind string, template corev1.PodTemplateSpec) {
	c.pods = append(c.pods, pods{name, kind, template.Spec, template.Labels})
}

// all are the objects of one kind.
func all[T metav1.Object](c *cluster) []T {
	var found []T
	for _, object := range c.objects {
		if typed, ok := object.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// one is the object of that kind and name.
func one[T metav1.Object](t *testing.T, c *cluster, name string) T {
	t.Helper()
	objects := all[T](c)
	i := slices.IndexFunc(objects, func(o T) bool { return o.GetName() == name })
	if i < 0 {
		t.Fatalf("there is no %T %s", *new(T), name)
	}
	return objects[i]
}

// named are the pods of the workload with that name.
func (c *cluster) named(t *testing.T, name string) pods {
	t.Helper()
	i := slices.IndexFunc(c.pods, func(p pods) bool { return p.name == name })
	if i < 0 {
		t.Fatalf("there is no workload %s", name)
	}
	return c.pods[i]
}

// selected are the pods that a selector takes.
func (c *cluster) selected(t *testing.T, selector *metav1.LabelSelector) []pods {
	t.Helper()
	matcher, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	var found []pods
	for _, p := range c.pods {
		if matcher.Matches(p.labs) {
			found = append(found, p)
		}
	}
	return found
}
