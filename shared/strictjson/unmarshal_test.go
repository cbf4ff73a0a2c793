package strictjson_test

import (
	"errors"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/strictjson"
)

type place struct {
	Latitude  float64  `json:"latitude"`
	Accuracy  *float64 `json:"accuracy"`
	Longitude float64  `json:"longitude"`
}

type audit struct {
	Kind string `json:"kind"`
}

type request struct {
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
	At       time.Time         `json:"at,omitzero"`
	Until    *time.Time        `json:"until"`
	Address  netip.Addr        `json:"address"`
	Small    float32           `json:"small"`
	Blob     []byte            `json:"blob"`
	Any      any               `json:"any"`
	Raw      jsontext.Value    `json:"raw"`
	Quoted   int               `json:"quoted,string"`
	Next     *request          `json:"next"`
	Hidden   string            `json:"-"`
	Untagged string
}

func TestAWellFormedBodyIsDecoded(t *testing.T) {
	t.Parallel()
	accuracy := 4.5
	cases := map[string]struct {
		body string
		want request
	}{
		"every kind of value": {
			`{"kind":"k","email":"a@b.c","age":255,"balance":-9223372036854775808,"silent":true,"location":{"latitude":1.5,"accuracy":4.5,"longitude":-2e1},"items":[{"latitude":1},{}],"labels":{"x":"y"},"places":{"home":{"longitude":3}},"address":"127.0.0.1","blob":"AQI=","any":{"a":[1]},"quoted":"7","Untagged":"u"}`,
			request{
				audit: audit{"k"}, Email: "a@b.c", Age: 255, Balance: math.MinInt64, Silent: true,
				Location: &place{Latitude: 1.5, Accuracy: &accuracy, Longitude: -20}, Items: []place{{Latitude: 1}, {}},
				Labels: map[string]string{"x": "y"}, Places: map[string]place{"home": {Longitude: 3}},
				Address: netip.MustParseAddr("127.0.0.1"), Blob: []byte{1, 2}, Any: map[string]any{"a": []any{1.0}}, Quoted: 7, Untagged: "u",
			},
		},
		"null is the zero value":              {`{"email":null,"age":null,"location":null,"items":null,"silent":null}`, request{}},
		"unknown keys are ignored":            {`{"emails":["a"],"e-mail":{"latitude":[1,"x"]},"email":"a"}`, request{Email: "a"}},
		"an escaped backslash is no NUL":      {`{"email":"\\u0000"}`, request{Email: `\u0000`}},
		"map keys may differ only in case":    {`{"labels":{"a":"1","A":"2"}}`, request{Labels: map[string]string{"a": "1", "A": "2"}}},
		"a recursive type":                    {`{"next":{"next":{"age":1}}}`, request{Next: &request{Next: &request{Age: 1}}}},
		"the deepest nesting":                 {`{"any":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, request{Any: nested(31)}},
		"the same key in different objects":   {`{"email":"a","next":{"email":"b"}}`, request{Email: "a", Next: &request{Email: "b"}}},
		"the largest number":                  {`{"location":{"latitude":1.7976931348623157e308}}`, request{Location: &place{Latitude: math.MaxFloat64}}},
		"white space around":                  {" \n{}\t\r\n", request{}},
		"a key of a field that is left out":   {`{"Hidden":"x","hidden":"y"}`, request{}},
		"a known key inside an unknown value": {`{"unknown":{"RoLe":1}}`, request{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got request
			if err := strictjson.Unmarshal([]byte(c.body), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Fatalf("decoded %+v, want %+v", got, c.want)
			}
		})
	}
}

func nested(depth int) any {
	v := []any{}
	for range depth - 1 {
		v = []any{v}
	}
	return v
}

func TestABodyWithTwoReadingsIsMalformed(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"nothing":                             ``,
		"white space":                         "  ",
		"half a document":                     `{"email":"a`,
		"not closed":                          `{"items":[{}`,
		"no JSON":                             `email=a`,
		"a comment":                           `{} // x`,
		"a trailing comma":                    `{"email":"a",}`,
		"a byte order mark":                   "\ufeff{}",
		"a second document":                   `{}{}`,
		"trailing text":                       `{} x`,
		"a duplicate key":                     `{"role":"USER","role":"ADMIN"}`,
		"a duplicate key by escape":           `{"role":"USER","\u0072ole":"ADMIN"}`,
		"a duplicate unknown key":             `{"x":1,"x":2}`,
		"a duplicate key in a map":            `{"labels":{"a":"1","a":"2"}}`,
		"a duplicate key in anything":         `{"any":{"a":1,"a":2}}`,
		"a wrong-case key":                    `{"RoLe":"ADMIN"}`,
		"a wrong-case key beside the right":   `{"role":"USER","Role":"ADMIN"}`,
		"a wrong-case key by escape":          `{"\u0052ole":"ADMIN"}`,
		"a wrong-case key of an embedded":     `{"KIND":"x"}`,
		"a wrong-case key by Unicode folding": `{"\u212aind":"x"}`,
		"a wrong-case key inside":             `{"location":{"Latitude":1}}`,
		"a wrong-case key in a list":          `{"items":[{},{"LATITUDE":1}]}`,
		"a wrong-case key in a map":           `{"places":{"home":{"Latitude":1}}}`,
		"invalid UTF-8":                       "{\"email\":\"\xff\"}",
		"half a surrogate pair":               `{"email":"\ud800"}`,
		"a raw NUL":                           "{\"email\":\"a\x00\"}",
		"an escaped NUL":                      `{"email":"a\u0000b"}`,
		"a NUL in a key":                      `{"a\u0000":1}`,
		"a NUL in an unknown value":           `{"x":[{"y":"\u0000"}]}`,
		"a NUL after an escaped backslash":    `{"email":"\\\u0000"}`,
		"a level too deep":                    `{"any":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`,
		"depth 10,001":                        `{"any":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
		"depth 10,001 in an unknown value":    `{"x":` + strings.Repeat(`{"x":`, 10_000),
		"1e400":                               `{"location":{"latitude":1e400}}`,
		"1e400 in anything":                   `{"any":1e400}`,
		"1e400 in an unknown value":           `{"x":-1e400}`,
		"1e400 for an integer":                `{"balance":1e400}`,
		"400 digits":                          `{"small":` + strings.Repeat("9", 400) + `}`,
		"NaN":                                 `{"small":NaN}`,
		"a leading zero":                      `{"age":01}`,
		"a list at the top":                   `[]`,
		"null at the top":                     `null`,
		"text at the top":                     `"x"`,
		"a number as key":                     `{1:2}`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got request
			err := strictjson.Unmarshal([]byte(body), &got)
			if !errors.Is(err, fault.New(fault.Malformed, "malformed_json", "")) {
				t.Fatalf("%v", err)
			}
			if !reflect.DeepEqual(got, request{}) {
				t.Fatalf("dst was touched: %+v", got)
			}
		})
	}
}

func TestAWrongValueIsNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body string
		want []string // field:code
	}{
		"text for a number":              {`{"location":{"latitude":"1"}}`, []string{"location.latitude:invalid_type"}},
		"a number for text":              {`{"email":1}`, []string{"email:invalid_type"}},
		"a number for a boolean":         {`{"silent":0}`, []string{"silent:invalid_type"}},
		"a list for an object":           {`{"location":[1]}`, []string{"location:invalid_type"}},
		"an object for a list":           {`{"items":{"a":{}}}`, []string{"items:invalid_type"}},
		"text in a list":                 {`{"items":[{},{},{},{"latitude":"x"}]}`, []string{"items[3].latitude:invalid_type"}},
		"an item of another kind":        {`{"items":[{},7]}`, []string{"items[1]:invalid_type"}},
		"a key that looks like an index": {`{"places":{"3":{"latitude":"x"}}}`, []string{"places.3.latitude:invalid_type"}},
		"a number with a fraction":       {`{"age":1.5}`, []string{"age:invalid_type"}},
		"too large an integer":           {`{"age":256}`, []string{"age:out_of_range"}},
		"a negative one":                 {`{"age":-1}`, []string{"age:out_of_range"}},
		"beyond 64 bits":                 {`{"balance":9223372036854775808}`, []string{"balance:out_of_range"}},
		"beyond a float32":               {`{"small":1e39}`, []string{"small:out_of_range"}},
		"a number for a time":            {`{"at":1}`, []string{"at:invalid_type"}},
		"no time":                        {`{"at":"yesterday"}`, []string{"at:invalid_format"}},
		"no time behind a pointer":       {`{"next":{"until":"2026-02-30T00:00:00Z"}}`, []string{"next.until:invalid_format"}},
		"no address":                     {`{"address":"1.2.3"}`, []string{"address:invalid_format"}},
		"no base64":                      {`{"blob":"%"}`, []string{"blob:invalid_format"}},
		"a number for base64":            {`{"blob":[1,2]}`, []string{"blob:invalid_type"}},
		"a bare number for a quoted":     {`{"quoted":7}`, []string{"quoted:invalid_format"}},
		"several at once":                {`{"email":1,"age":"x","items":[{"latitude":true}]}`, []string{"email:invalid_type", "age:invalid_type", "items[0].latitude:invalid_type"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := strictjson.Unmarshal([]byte(c.body), new(request))
			if !errors.Is(err, fault.NewInvalid()) {
				t.Fatalf("%v", err)
			}
			if got := named(err); !slices.Equal(got, c.want) {
				t.Fatalf("named %q, want %q", got, c.want)
			}
		})
	}
}

// either is a type that decodes itself, from text or a number.
type either string

func (e *either) UnmarshalJSON(data []byte) error {
	if string(data) == "13" {
		return errors.New("13 is a secret of ours")
	}
	*e = either(data)
	return nil
}

func TestATypeMayDecodeItself(t *testing.T) {
	t.Parallel()
	var got struct {
		Either  either            `json:"either"`
		Eithers map[string]either `json:"eithers"`
	}
	if err := strictjson.Unmarshal([]byte(`{"either":7,"eithers":{"a":"x","b":{"c":[]}}}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Either != "7" || got.Eithers["b"] != `{"c":[]}` {
		t.Fatalf("%+v", got)
	}
	err := strictjson.Unmarshal([]byte(`{"eithers":{"a":13}}`), &got)
	if !slices.Equal(named(err), []string{"eithers.a:invalid_format"}) || strings.Contains(err.Error(), "secret") {
		t.Fatalf("%v", err)
	}
	if err := strictjson.Unmarshal([]byte(`{"either":{"a":1,"a":2}}`), &got); !errors.Is(err, fault.New(fault.Malformed, "malformed_json", "")) {
		t.Fatalf("a duplicate key: %v", err)
	}
}

func named(err error) []string {
	var names []string
	for _, f := range fault.From(err).Fields {
		if f.Message != "" {
			names = append(names, f.Field+":"+f.Code)
		}
	}
	return names
}

func TestUnknownFieldsAreAllNamedWhereRefused(t *testing.T) {
	t.Parallel()
	body := `{"email":7,"emailVerified":true,"id":"x","location":{"lat":1,"long":[{"a":1}]},"items":[{},{"b":2}],"places":{"home":{"c":1}},"labels":{"free":"x"},"any":{"free":1}}`
	err := strictjson.Unmarshal([]byte(body), new(request), strictjson.RejectUnknown())
	if !errors.Is(err, fault.New(fault.Invalid, "unknown_field", "")) {
		t.Fatalf("%v", err)
	}
	want := []string{"emailVerified", "id", "location.lat", "location.long", "items[1].b", "places.home.c"}
	var got []string
	for _, f := range fault.From(err).Fields {
		got = append(got, f.Field)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("named %q, want %q", got, want)
	}
}

func TestAnAnswerDoesNotGrowWithTheBody(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`{"x` + strings.Repeat("é", 5000) + `":1`)
	for i := range 5000 {
		body.WriteString(`,"` + strings.Repeat("k", i%7+1) + string(rune('a'+i%26)) + strings.Repeat("z", i/26) + `":1`)
	}
	body.WriteString("}")
	err := strictjson.Unmarshal([]byte(body.String()), new(request), strictjson.RejectUnknown())
	fields := fault.From(err).Fields
	if len(fields) == 0 || len(fields) > 64 {
		t.Fatalf("%d fields named", len(fields))
	}
	for _, f := range fields {
		if len(f.Field) > 80 {
			t.Fatalf("a name of %d bytes is echoed", len(f.Field))
		}
	}
}

func TestADestinationThatIsNoPointerIsOurDefect(t *testing.T) {
	t.Parallel()
	for _, dst := range []any{nil, request{}, (*request)(nil)} {
		if err := strictjson.Unmarshal([]byte(`{}`), dst); fault.From(err).Kind != fault.Internal {
			t.Fatalf("%T: %v", dst, err)
		}
	}
}
