package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const invitePath = "/network/invite"

// letterColumns is how wide the pieces of an invitation are on paper; 'vardar join' takes them as
// they are.
const letterColumns = 64

// invitePage is a form that invites, and the letter with the invitation that was made: it is shown
// once.
type invitePage struct {
	Levels  []body.Level
	Asked   desk.InviteRequest
	Days    string
	Made    *desk.Invited
	Pieces  []string // of the invitation
	Problem *desk.Problem
}

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) {
	p.showInvite(w, r, invitePage{Days: strconv.Itoa(int(desk.DefaultInvitation / (24 * time.Hour)))}, nil)
}

func (p *Pages) showInvite(w http.ResponseWriter, r *http.Request, page invitePage, err error) {
	status := http.StatusOK
	if err != nil {
		status, page.Problem = statusOf(err), p.problem(r, err)
	}
	page.Levels = body.Levels()
	f := p.present(r, "network")
	f.Scripts, f.Address = nil, "" // what is shown once stays until its reader goes
	p.render(w, r, status, f.page("invite", page))
}

// sendInvite makes an invitation.
func (p *Pages) sendInvite(w http.ResponseWriter, r *http.Request) {
	page := invitePage{Days: field(r, "valid_for")}
	page.Asked = desk.InviteRequest{
		As: acting(r.Context()), Institution: protocol.InstitutionID(field(r, "institution")), Again: field(r, "again") != "",
	}
	if err := page.Asked.Level.UnmarshalText([]byte(field(r, "level"))); err != nil {
		page.Asked.Level = 0 // which the desk refuses
	}
	days, err := strconv.Atoi(page.Days)
	if err != nil {
		days = -1 // as above
	}
	page.Asked.ValidFor = time.Duration(days) * 24 * time.Hour
	made, err := p.o.Desk.Invite(r.Context(), page.Asked)
	if err == nil {
		page.Made = &made
		for piece := range slices.Chunk([]byte(made.Line), letterColumns) {
			page.Pieces = append(page.Pieces, string(piece))
		}
	}
	p.showInvite(w, r, page, err)
}
