package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// exportPath begins the paths of lists in foreign formats.
const exportPath = "/v1/export/"

// exporting are the routes of lists in foreign formats: the files, and beside them what they
// can't say, so that nobody gets the one without the other.
func (s *Server) exporting() map[string]route {
	export := func(says string) route {
		return get(s, says, append(filters(), "format"), func(ctx context.Context, r *http.Request) (desk.Exported, error) {
			q, err := readQuery(r)
			if err != nil {
				return desk.Exported{}, err
			}
			return s.desk.ExportList(ctx, q, cmp.Or(r.URL.Query().Get("format"), desk.AsJSON), ceilingOf(ctx))
		}).upTo(math.MaxInt)
	}
	return map[string]route{
		"GET " + packPath:                    s.packing(),
		"GET " + exportPath + "{what}":       export("A list as files of a foreign format, with what that format can't say of it"),
		"GET " + exportPath + desk.ListAudit: export("What people and programs did here, as files"),
		"GET " + messagePath + "{institution}/{position}": get(s, "A step or a note of an exchange, or a situation report, as a message of EDXL, or all of an exchange, with what EDXL can't say of it", []string{"thread", "at"}, func(ctx context.Context, r *http.Request) (desk.Exported, error) {
			v := r.URL.Query()
			at, err := instant(v, "at")
			if err != nil {
				return desk.Exported{}, err
			}
			thread, err := flag(v, "thread")
			if err != nil {
				return desk.Exported{}, err
			}
			return s.desk.Message(ctx, desk.MessageQuestion{Record: recordName(r), Thread: thread, At: at}, ceilingOf(ctx))
		}),
	}
}

// messagePath begins the paths of records as messages of EDXL.
const messagePath = "/v1/messages/"

// Message gives a record as a message of EDXL, or all of the exchange that it stands in; see
// [desk.Desk.Message].
func (c *Client) Message(ctx context.Context, n protocol.Name, thread bool, at protocol.Instant) (Exported, error) {
	v := url.Values{}
	if thread {
		v.Set("thread", "true")
	}
	if at != 0 {
		v.Set("at", at.String())
	}
	return ask[Exported](ctx, c, question{path: messagePath + n.String(), query: v})
}

// Names and bounds of the files of a pack of evidence.
const (
	PackKind      = desk.PackKind
	PackListName  = desk.PackListName
	PackIndexName = desk.PackIndexName
	PackActsName  = desk.PackActsName
	MaxPackFiles  = desk.MaxPackFiles

	MaxPackRecords = desk.MaxPackRecords
)

type (
	// Pack is [desk.Pack].
	Pack = desk.Pack
	// PackRequest is [desk.PackRequest].
	PackRequest = desk.PackRequest
	// PackList is [desk.PackList].
	PackList = desk.PackList
	// PackRow is [desk.PackRow].
	PackRow = desk.PackRow
	// PackedFile is [desk.PackedFile].
	PackedFile = desk.PackedFile
	// PackGap is [desk.PackGap].
	PackGap = desk.PackGap
	// PackActs is [desk.PackActs].
	PackActs = desk.PackActs
)

// packPath is the path of a pack of evidence.
const packPath = "/v1/evidence"

func (s *Server) packing() route {
	takes := []string{"incident", "by", "since", "until", "lang", "limit", cursor}
	return paged(s, "What proves all that concerns an incident, or was said by an institution or in a period: a pack of files with a page and a list", takes, s.pack, func(p *desk.Pack) string {
		if p.Next == 0 {
			return ""
		}
		return strconv.FormatUint(p.Next, 10)
	}).upTo(desk.MaxPackRecords)
}

func (s *Server) pack(ctx context.Context, r *http.Request) (p desk.Pack, err error) {
	v := r.URL.Query()
	q := desk.PackRequest{Incident: v.Get("incident"), Institution: v.Get("by"), Language: v.Get("lang"), Acts: readsActs(ctx), Most: number(v, "limit")}
	if q.Since, err = instant(v, "since"); err != nil {
		return p, err
	}
	if q.Until, err = instant(v, "until"); err != nil {
		return p, err
	}
	if after := v.Get(cursor); after != "" {
		if q.After, err = strconv.ParseUint(after, 10, 64); err != nil {
			return p, usage(cursor, after+" is no place behind which a part begins", "give the next of the part before")
		}
	}
	return s.desk.Pack(ctx, q, ceilingOf(ctx))
}

// readsActs reports whether who asks may read what people did here.
func readsActs(ctx context.Context) bool {
	t, ok := tokenOf(ctx)
	return !ok || desk.MayCall(t, "GET /v1/lists/"+desk.ListAudit)
}

// Pack gathers what proves many records; see [desk.Desk.Pack]. Who comes without a token gets
// what people did, too.
func (c *Client) Pack(ctx context.Context, q PackRequest) (Pack, error) {
	v := url.Values{}
	for name, text := range map[string]string{"incident": q.Incident, "by": q.Institution, "lang": q.Language} {
		if text != "" {
			v.Set(name, text)
		}
	}
	for name, at := range map[string]protocol.Instant{"since": q.Since, "until": q.Until} {
		if at != 0 {
			v.Set(name, at.String())
		}
	}
	if q.Most != 0 {
		v.Set("limit", strconv.Itoa(q.Most))
	}
	if q.After != 0 {
		v.Set(cursor, strconv.FormatUint(q.After, 10))
	}
	return ask[Pack](ctx, c, question{path: packPath, query: v})
}

// Export gives a list in a foreign format; see [desk.Desk.ExportList].
func (c *Client) Export(ctx context.Context, q Query, format string) (Exported, error) {
	v := chosen(&q)
	v.Set("format", format)
	return ask[Exported](ctx, c, question{path: exportPath + url.PathEscape(q.What), query: v})
}
