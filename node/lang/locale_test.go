package lang_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/lang"
)

// TestEachLanguageWritesNumbersDatesAndPlurals: the Macedonian 11 and 111 are not the 1 that
// they end in, and its 21 is.
func TestEachLanguageWritesNumbersDatesAndPlurals(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	morning := time.Date(2015, 11, 9, 6, 10, 0, 0, time.UTC)
	for tag, want := range map[string][]string{
		"en":      {"1 new record", "2 new records", "11 new records", "21 new records", "111 new records", "12,116", "800–1,200", "−1,234.5", "2015-11-09 06:10", "2 h"},
		"mk":      {"1 нов запис", "2 нови записи", "11 нови записи", "21 нов запис", "111 нови записи", "12.116", "800–1.200", "−1.234,5", "9.11.2015 06:10", "2 ч."},
		"sq":      {"1 regjistrim i ri", "2 regjistrime të reja", "11 regjistrime të reja", "21 regjistrime të reja", "111 regjistrime të reja", "12\u00a0116", "800–1\u00a0200", "−1\u00a0234,5", "9.11.2015 06:10", "2 orë"},
		"sr-Latn": {"1 nov zapis", "2 nova zapisa", "11 novih zapisa", "21 nov zapis", "111 novih zapisa", "12.116", "800–1.200", "−1.234,5", "9. 11. 2015. 06:10", "2 č"},
		"sr-Cyrl": {"1 нов запис", "2 нова записа", "11 нових записа", "21 нов запис", "111 нових записа", "12.116", "800–1.200", "−1.234,5", "9. 11. 2015. 06:10", "2 ч"},
		"el":      {"1 νέα εγγραφή", "2 νέες εγγραφές", "11 νέες εγγραφές", "21 νέες εγγραφές", "111 νέες εγγραφές", "12.116", "800–1.200", "−1.234,5", "9/11/2015 06:10", "2 ώρες"},
	} {
		s := c.Speaker(tag)
		got := []string{s.Number(12116), s.Numbers("800–1200"), s.Fixed(-12345, 1), s.Time(morning), s.Age(150 * time.Minute)}
		for i, n := range []int{1, 2, 11, 21, 111} {
			if said := s.Say("overview.new", n); said != want[i] {
				t.Errorf("%s: %d is said %q, want %q", tag, n, said, want[i])
			}
		}
		for i, said := range got {
			if said != want[5+i] {
				t.Errorf("%s: said %q, want %q", tag, said, want[5+i])
			}
		}
	}
	s := c.Speaker("en")
	for n, want := range map[int64][2]string{0: {"0.0", "0.000"}, -1: {"−0.1", "−0.001"}, -9: {"−0.9", "−0.009"}, -10: {"−1.0", "−0.010"}, 15: {"1.5", "0.015"}} {
		if got := [2]string{s.Fixed(n, 1), s.Fixed(n, 3)}; got != want {
			t.Errorf("%d parts are said %q, want %q", n, got, want)
		}
	}
	for age, want := range map[time.Duration]string{0: "0 s", 119 * time.Second: "119 s", 2 * time.Minute: "2 min", 47 * time.Hour: "47 h", 48 * time.Hour: "2 d", -time.Hour: "0 s"} {
		if said := s.Age(age); said != want {
			t.Errorf("Age(%s) = %q, want %q", age, said, want)
		}
	}
}

// TestLanguageThatIsAskedFor: what was chosen, what the browser wants, what the node has; a
// language that we lack is answered in English, not in its neighbour's.
func TestLanguageThatIsAskedFor(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		asked []string
		want  string
	}{
		{nil, "en"},
		{[]string{"", "", ""}, "en"},
		{[]string{"", "mk-MK,mk;q=0.9,en;q=0.8", ""}, "mk"},
		{[]string{"sq", "mk,en", ""}, "sq"},
		{[]string{"", "sr", ""}, "sr-Cyrl"},
		{[]string{"", "sr-RS", ""}, "sr-Cyrl"},
		{[]string{"", "sr-Latn-RS", ""}, "sr-Latn"},
		{[]string{"", "el-GR", ""}, "el"},
		{[]string{"", "fr,de;q=0.9", "mk"}, "mk"},
		{[]string{"", "hr", ""}, "en"},
		{[]string{"", "bs,en;q=0.5", "mk"}, "en"},
		{[]string{"no language", "xx-yy-zz-;;q=", ""}, "en"},
	} {
		if s := c.Speaker(tt.asked...); s.Tag != tt.want {
			t.Errorf("Speaker(%q) speaks %s, want %s", tt.asked, s.Tag, tt.want)
		}
	}
}

// FuzzLanguageThatIsAskedFor: a header of a browser is what anybody sends.
func FuzzLanguageThatIsAskedFor(f *testing.F) {
	c, err := lang.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("mk-MK,mk;q=0.9,en;q=0.8")
	f.Fuzz(func(t *testing.T, header string) {
		if s := c.Speaker(header); s.Say("app.report") == "app.report" {
			t.Errorf("%q is answered in %s, which has no words", header, s.Tag)
		}
	})
}
