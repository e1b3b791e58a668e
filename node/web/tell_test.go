package web_test

import (
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol/body"
)

// laid gives what somebody who decides reads of a record: the line above the page, and what is
// laid out under it.
func laid(t *testing.T, page string) string {
	t.Helper()
	var out string
	for _, part := range []string{`(?s)<h1>(.*?)</h1>`, `(?s)<div class="told">(.*?)</div>`} {
		m := regexp.MustCompile(part).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("nothing is laid out:\n%s", page)
		}
		out += m[1] + "\n"
	}
	return html.UnescapeString(out)
}

// written is what the author of a record has typed or counted.
type written struct {
	words   map[string]bool // of no vocabulary: they stay as they are in every language
	numbers map[string]bool
	days    map[time.Time]bool
	placeIn func(k body.PlaceKey) (string, bool)
}

// take gathers what a body holds, member by member.
func (w *written) take(v reflect.Value, name string) {
	v = reflect.Indirect(v)
	if !v.IsValid() {
		return
	}
	switch x := v.Interface().(type) {
	case body.Salt, body.Encoded, body.Time, body.CAPTime, body.Document, body.Relation:
	case body.Place:
		w.words[string(x.Name)], w.words[x.Key().String()] = true, true
		for _, degrees := range []*float64{x.Lat, x.Lon} {
			if degrees != nil {
				_, parts, _ := strings.Cut(strconv.FormatFloat(*degrees, 'f', -1, 64), ".")
				w.words[parts] = true
			}
		}
		if known, ok := w.placeIn(x.Key()); ok { // the atlas's name of it is data
			w.words[known] = true
		}
	case body.AsOf:
		if day, err := time.Parse(time.DateOnly, string(x)); err == nil {
			w.days[day] = true
		}
	case body.Count:
		w.numbers[x.String()] = true
	case body.Decimal:
		whole, _, _ := strings.Cut(string(x), ".")
		w.numbers[whole] = true
	case fmt.Stringer: // a name, a place's key, a level
		if _, word := v.Interface().(body.Level); !word {
			w.words[x.String()] = true
		}
	case body.NotAvailable:
		w.words[string(x.Reason)] = true
	case interface{ Words() []string }:
		if own, ok := strings.CutPrefix(fmt.Sprint(x), "x-"); ok {
			w.words[own] = true
		}
	default:
		w.takeOther(v, name)
	}
}

func (w *written) takeOther(v reflect.Value, name string) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag.Get("json"); tag != "-" && !v.Field(i).IsZero() {
				member, _, _ := strings.Cut(tag, ",")
				w.take(v.Field(i), member)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			w.take(v.Index(i), name)
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			w.words[key.String()] = true
			w.take(v.MapIndex(key), name)
		}
	case name == "unit" && unitWord(v.String()), name == "age" && !strings.ContainsAny(v.String(), "0123456789"):
	case v.Kind() == reflect.String:
		w.words[v.String()] = true
	case v.CanInt() && name != "year":
		w.numbers[strconv.FormatInt(v.Int(), 10)] = true
	}
}

// unitWord reports whether a unit is one that forms suggest.
func unitWord(unit string) bool {
	return unit == string(body.Persons) || slices.ContainsFunc(body.ResourceType("").Words(), func(r string) bool { return string(body.ResourceType(r).Unit()) == unit })
}

// examples are the bodies that the published vectors have of every kind that can wait.
func examples(t *testing.T) map[string][][]byte {
	t.Helper()
	out, kinds := map[string][][]byte{}, map[string]bool{}
	for _, file := range must(filepath.Glob("../../schemas/testdata/bodies/*/valid-*.json"))(t) {
		recordType := filepath.Base(filepath.Dir(file))
		if kind := duty.KindOf(recordType); slices.Contains(desk.SecondKinds(), kind) {
			out[recordType] = append(out[recordType], must(os.ReadFile(file))(t))
			kinds[kind] = true
		}
	}
	for _, kind := range desk.SecondKinds() {
		if !kinds[kind] {
			t.Errorf("no vector has a record of the kind %s", kind)
		}
	}
	return out
}

// TestSecondPersonReadsWordsInEveryLanguage: whoever lets a record go reads all that it says, in
// the language of the page, and nobody has to read what programs read.
func TestSecondPersonReadsWordsInEveryLanguage(t *testing.T) {
	all := examples(t)
	c := must(lang.New())(t)
	english := map[string]bool{}
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	for _, l := range c.Languages() { // English first
		speaker := c.Speaker(l.Tag)
		for _, recordType := range slices.Sorted(maps.Keys(all)) {
			for _, raw := range all[recordType] {
				parsed := must(body.Parse(recordType, raw))(t)
				said := laid(t, must(pages.Waiting(l.Tag, desk.Second{Pending: desk.Pending{As: centre, Type: recordType, State: staff.PendingWaits}, Parsed: parsed}))(t))
				w := written{map[string]bool{}, map[string]bool{}, map[time.Time]bool{}, func(k body.PlaceKey) (string, bool) { return s.node.Desk().PlaceIn(l.Tag, k) }}
				w.take(reflect.ValueOf(parsed), "")
				for n := range w.numbers {
					if !strings.Contains(said, speaker.Numbers(n)) {
						t.Errorf("%s in %s: %s is not said:\n%s", recordType, l.Tag, n, said)
					}
				}
				for day := range w.days {
					if !strings.Contains(said, speaker.Day(day)) {
						t.Errorf("%s in %s: %s is not said:\n%s", recordType, l.Tag, day.Format(time.DateOnly), said)
					}
				}
				for _, own := range slices.Backward(slices.SortedFunc(maps.Keys(w.words), func(a, b string) int { return len(a) - len(b) })) {
					if !strings.Contains(said, own) && own != "" {
						t.Errorf("%s in %s: %q is not said:\n%s", recordType, l.Tag, own, said)
					}
				}
				foreign(t, l.Tag, said, &w, english)
			}
		}
	}
}

// foreign looks for English words in what is said: by their letters, and in languages that have
// the same ones by the labels.
func foreign(t *testing.T, tag, said string, w *written, english map[string]bool) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^<(?:dt|h3|h4|h5)>(.*?)</`).FindAllStringSubmatch(said, -1) {
		switch {
		case tag == "en":
			english[m[1]] = true
		case english[m[1]] && !w.words[m[1]]:
			t.Errorf("in %s the label %q is English:\n%s", tag, m[1], said)
		}
	}
	if tag != "mk" && tag != "sr-Cyrl" && tag != "el" {
		return
	}
	said = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(said, "\n")
	for _, own := range slices.Backward(slices.SortedFunc(maps.Keys(w.words), func(a, b string) int { return len(a) - len(b) })) {
		if own != "" {
			said = strings.ReplaceAll(said, own, "")
		}
	}
	if left := regexp.MustCompile(`[A-Za-z_]{2,}.*`).FindAllString(said, -1); left != nil {
		t.Errorf("in %s it says in English %q:\n%s", tag, left, said)
	}
}
