package body_test

import (
	"testing"

	"github.com/vardar-network/vardar/protocol/body"
)

func TestTheExampleOfTheWireIsRead(t *testing.T) {
	b, err := body.Parse(body.TypeReport, []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"quiet"}`))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := body.Marshal(b, b.Base().Salt)
	if err != nil || string(raw) != `{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"quiet"}` {
		t.Fatalf("%s %v", raw, err)
	}
	for _, bad := range []string{
		`{"salt":"AAECAwQFBgcICQoLDA0ODw==","place":{"scheme":"nuts","code":"EL4"},"period":{"start":"2016-03-17T09:00:00Z","end":"2016-03-18T09:00:00+01:00"},"figures":[{"indicator":"arrivals","value":"N/A"}]}`,
		`{"salt":"AAECAwQFBgcICQoLDA0ODw==","place":{"scheme":"nuts","code":"EL4"},"period":{"start":"2016-03-17T09:00:00Z","end":"2016-03-18T09:00:00+01:00"},"figures":[{"indicator":"arrivals","value":{"lt":5}}]}`,
		`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`,
	} {
		_, err := body.Parse(body.TypeReport, []byte(bad))
		t.Log(err)
	}
	for _, typ := range body.Types() {
		b, err := body.New(typ)
		if err != nil || b.Type() != typ {
			t.Error(typ, err)
		}
		_, err = body.Parse(typ, []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`))
		t.Log(typ, err)
	}
	t.Log(body.ChangeRule("arrivals"))
}

func BenchmarkParse(b *testing.B) {
	raw := []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","place":{"scheme":"nuts","code":"EL4"},"period":{"start":"2016-03-17T09:00:00Z","end":"2016-03-18T09:00:00+01:00"},"figures":[{"indicator":"arrivals","value":{"lt":5}},{"indicator":"departures","value":500}],"summary":"quiet"}`)
	for b.Loop() {
		if _, err := body.Parse(body.TypeReport, raw); err != nil {
			b.Fatal(err)
		}
	}
}
