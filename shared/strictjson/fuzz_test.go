package strictjson_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/strictjson"
)

// FuzzUnmarshal: any bytes get one of three answers, and what is accepted means
// the same to the lax decoder of the standard library.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{
		`{"email":"a","age":7,"location":{"latitude":1.5},"items":[{"latitude":1}],"labels":{"a":"b"}}`,
		`{"kind":"x","next":{"next":{}},"any":[1,"\u0000",{}],"at":"2026-01-02T03:04:05.678Z"}`,
		`{"role":"USER","Role":"ADMIN"}`, `{"age":1e400}`, `{"email":"\ud800"}`, "{\"email\":\"\xff\"}", `[[[[[[]]]]]]`, `{}{}`, ` null `, ``,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, reject bool) {
		var opts []strictjson.Option
		if reject {
			opts = append(opts, strictjson.RejectUnknown())
		}
		var got fuzzed
		before := bytes.Clone(data)
		err := strictjson.Unmarshal(data, &got, opts...)
		if !bytes.Equal(before, data) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			e := fault.From(err)
			if e.Kind != fault.Malformed && (e.Kind != fault.Invalid || len(e.Fields) == 0) {
				t.Fatalf("%v", err)
			}
			return
		}
		var lax fuzzed
		if err := json.Unmarshal(data, &lax); err != nil || !reflect.DeepEqual(got, lax) {
			t.Fatalf("two readings: %+v and %+v, %v", got, lax, err)
		}
	})
}

// fuzzed has only types that both decoders read alike.
type fuzzed struct {
	audit
	Email    string            `json:"email"`
	Role     string            `json:"role"`
	Age      uint8             `json:"age"`
	Balance  int64             `json:"balance"`
	Silent   bool              `json:"silent"`
	Location *place            `json:"location"`
	Items    []place           `json:"items"`
	Labels   map[string]string `json:"labels"`
	Places   map[string]place  `json:"places"`
	Any      any               `json:"any"`
	Next     *fuzzed           `json:"next"`
}

var trigger = []byte(`{"emergencyType":"medical","description":"somebody fell down the stairs and does not answer","location":{"latitude":48.2082,"longitude":16.3738,"accuracy":12.5},"email":"a@example.org","age":30,"silent":false,"labels":{"app":"1.2.3","os":"android"},"items":[{"latitude":1,"longitude":2},{"latitude":3,"longitude":4}]}`)

func BenchmarkUnmarshal(b *testing.B) {
	b.SetBytes(int64(len(trigger)))
	b.ReportAllocs()
	for b.Loop() {
		var dst request
		if err := strictjson.Unmarshal(trigger, &dst); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalHostile(b *testing.B) {
	body := []byte(`{"x":"` + string(bytes.Repeat([]byte(`\\u0000`), 9000)) + `"}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var dst request
		_ = strictjson.Unmarshal(body, &dst)
	}
}

// BenchmarkStandardLibrary is what the strictness is measured against.
func BenchmarkStandardLibrary(b *testing.B) {
	b.SetBytes(int64(len(trigger)))
	b.ReportAllocs()
	for b.Loop() {
		var dst request
		if err := json.Unmarshal(trigger, &dst); err != nil {
			b.Fatal(err)
		}
	}
}
