package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

const (
	carryPath = "/network/carry"
	// maxBundleBytes bounds a bundle that a browser sends; the command line takes any.
	maxBundleBytes = 256 << 20
	// carryPatience is how long a browser may take over a file from a stick.
	carryPatience = 10 * time.Minute
)

// carryPage is what is carried where there is no line: to be written, and as it was read.
type carryPage struct {
	Links   []desk.Link
	Problem *desk.Problem
	Said    []string
}

// carrying are the routes of what goes to others by hand: bundles, and invitations.
func (p *Pages) carrying() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + invitePath:             p.invite,
		"POST " + invitePath:            p.sendInvite,
		"GET " + carryPath:              func(w http.ResponseWriter, r *http.Request) { p.carry(w, r, http.StatusOK, &carryPage{}) },
		"POST " + carryPath:             p.carryHere,
		"POST " + carryPath + "/{peer}": p.carryThere,
	}
}

func (p *Pages) carry(w http.ResponseWriter, r *http.Request, status int, page *carryPage) {
	var err error
	if page.Links, err = p.o.Desk.Lines(r.Context()); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, status, p.present(r, "network").page("carry", page))
}

// carryHere takes in a bundle. It is no draft and no try: who signed it has said it.
func (p *Pages) carryHere(w http.ResponseWriter, r *http.Request) {
	page, status := &carryPage{}, http.StatusOK
	said, err := p.takeBundle(w, r)
	if err != nil {
		page.Problem, status = p.problem(r, err), statusOf(err)
	}
	page.Said = said
	p.carry(w, r, status, page)
}

func (p *Pages) takeBundle(w http.ResponseWriter, r *http.Request) ([]string, error) {
	c := http.NewResponseController(w)
	until := time.Now().Add(carryPatience) //nolint:forbidigo // a connection knows no clock but the machine's
	_ = errors.Join(c.SetReadDeadline(until), c.SetWriteDeadline(until))
	file, _, err := r.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "the file is larger than 256 MiB", Mend: "have it taken in by the command: vardar import FILE", Err: err}
	case err != nil:
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "no file was chosen", Mend: "choose the one that was carried here", Err: err}
	}
	u, err := p.o.Desk.ReadBundle(r.Context(), file)
	return u.Said, errors.Join(err, file.Close())
}

// carryThere gives a bundle, to be kept on a stick.
func (p *Pages) carryThere(w http.ResponseWriter, r *http.Request) {
	peer := protocol.InstitutionID(r.PathValue("peer"))
	out := &attached{ResponseWriter: w, name: fmt.Sprintf("for-%s-%s.vardar", peer, p.o.Clock().UTC().Format("20060102-1504"))}
	_, err := p.o.Desk.WriteBundle(r.Context(), peer, desk.BundleRequest{All: r.PostFormValue("all") != ""}, out)
	switch {
	case err != nil && out.began:
		panic(http.ErrAbortHandler) // so that the browser sees that it is not whole
	case err != nil:
		p.carry(w, r, statusOf(err), &carryPage{Problem: p.problem(r, err)})
	}
}

// attached is an answer that a browser keeps as a file, once something is written.
type attached struct {
	http.ResponseWriter

	name  string
	began bool
}

func (a *attached) Write(data []byte) (int, error) {
	if !a.began {
		a.began = true
		a.Header().Set("Content-Type", "application/vnd.vardar.bundle")
		a.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", a.name))
	}
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Now().Add(carryPatience)) //nolint:forbidigo // as above
	return a.ResponseWriter.Write(data)
}
