package federation

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The institutions of the demonstration. All are invented, and every name says so.
const (
	Secretariat  protocol.InstitutionID = "int.regional.demo-secretariat"
	ReliefFund   protocol.InstitutionID = "int.aid.demo-relief-fund"
	CrisisCentre protocol.InstitutionID = "mk.national.demo-crisis-centre"
	SouthGate    protocol.InstitutionID = "mk.southeast.demo-south-gate"
	RiverTown    protocol.InstitutionID = "mk.southeast.demo-river-town"
	NorthGate    protocol.InstitutionID = "mk.northeast.demo-north-gate"
	IslandsDesk  protocol.InstitutionID = "gr.national.demo-islands-desk"
	NorthernTown protocol.InstitutionID = "gr.kentriki-makedonia.demo-northern-town"
	SouthValley  protocol.InstitutionID = "rs.pcinjski.demo-south-valley"
	Croatia      protocol.InstitutionID = "hr.national.demo-civil-protection"
	Slovenia     protocol.InstitutionID = "si.national.demo-civil-protection"
	Austria      protocol.InstitutionID = "at.national.demo-interior"
	Hungary      protocol.InstitutionID = "hu.national.demo-interior"
	Italy        protocol.InstitutionID = "it.national.demo-interior"
)

// Coordinator is whose view the demonstration shows: the crisis centre.
const Coordinator = CrisisCentre

// NetworkName is what the demonstration's charter says.
const NetworkName = "Vardar demonstration"

// column is one column of a file of arrivals: who reports it, where, of what.
type column struct {
	Name        string
	Institution protocol.InstitutionID
	Place       body.Place
	Indicator   body.Indicator
	Short       string // on the screen
}

// columns is the table of the columns that can be replayed, upstream first.
func columns() []column {
	country := func(code string, name body.Label) body.Place {
		return body.Place{Scheme: body.ISOCountry, Code: code, Name: name}
	}
	islands := body.Place{Scheme: body.NUTS, Code: "EL4", Name: "Greek islands"}
	return []column{
		{"Arrivals to Italy", Italy, country("IT", "Italy"), body.Arrivals, "Italy"},
		{"Arrivals to Greek Islands", IslandsDesk, islands, body.Arrivals, "Greek islands, arrivals"},
		{"Departures to mainland Greece", IslandsDesk, islands, body.Departures, "Greek islands, departures"},
		{"Arrivals to fYRoM", SouthGate, southGatePlace(), body.Arrivals, "North Macedonia"},
		{"Arrivals to Serbia", SouthValley, body.Place{Scheme: body.ISOSubdivision, Code: "RS-24", Name: "Pčinjski okrug"}, body.Arrivals, "Serbia"},
		{"Arrivals to Croatia", Croatia, country("HR", "Croatia"), body.Arrivals, "Croatia"},
		{"Arrivals to Hungary", Hungary, country("HU", "Hungary"), body.Arrivals, "Hungary"},
		{"Arrivals to Slovenia", Slovenia, country("SI", "Slovenia"), body.Arrivals, "Slovenia"},
		{"Arrivals to Austria", Austria, country("AT", "Austria"), body.Arrivals, "Austria"},
	}
}

// southGatePlace is where North Macedonia's arrivals are counted: its southern border.
func southGatePlace() body.Place {
	return body.Place{Scheme: body.ISOSubdivision, Code: "MK-405", Name: "Gevgelija"}
}

func columnOf(name string) column {
	all := columns()
	return all[slices.IndexFunc(all, func(c column) bool { return c.Name == name })]
}

func names(pairs ...string) body.Names {
	out := body.Names{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[body.Language(pairs[i])] = body.Label("Demo " + pairs[i+1])
	}
	return out
}

// southGateResidents is how many live in the town, as the outline of the demonstration has it:
// the people who arrive in a day are weighed against them.
const southGateResidents = 20000

// southGate is the town, with its seat and how many live there. Nobody else's residents are
// known, and none are made up.
func southGate() []Member {
	seat := southGatePlace()
	return []Member{{
		ID: SouthGate, Level: body.Municipality, Names: names("en", "South Gate", "mk", "Јужна Порта"), Seat: &seat,
		Residents: &body.Residents{Value: southGateResidents, Source: invented, Year: 2015},
	}}
}

// cast is the plan of the demonstration: twelve institutions on eleven nodes, or with
// Hungary and Italy fourteen on thirteen. The lines follow the route and are no star: two
// ways to most, and the relief fund over the secretariat alone. The towns of the border
// reach the rest of the network over the crisis centre.
func cast(everyone bool) Plan {
	one := func(id protocol.InstitutionID, level body.Level, names body.Names) []Member {
		return []Member{{ID: id, Level: level, Names: names}}
	}
	p := Plan{
		Network: NetworkName, Good: 100, // kept nodes run today, and the replay's hours lie years ago
		Nodes: [][]Member{
			one(Secretariat, body.RegionalBody, names("en", "Regional Secretariat", "mk", "Регионален секретаријат", "sr-Latn", "Regionalni sekretarijat")),
			one(CrisisCentre, body.Ministry, names("en", "Crisis Centre", "mk", "Центар за кризи", "sq", "Qendra e Krizave")),
			one(IslandsDesk, body.Ministry, names("en", "Islands Desk", "el", "Γραφείο Νησιών")),
			southGate(),
			append(
				one(RiverTown, body.Municipality, names("en", "River Town", "mk", "Речен Град")),
				one(NorthGate, body.Municipality, names("en", "North Gate", "mk", "Северна Порта", "sq", "Porta Veriore"))...,
			),
			one(NorthernTown, body.Municipality, names("en", "Northern Town", "el", "Βόρεια Πόλη")),
			one(SouthValley, body.Municipality, names("en", "South Valley", "sr-Latn", "Južna Dolina")),
			one(Croatia, body.Ministry, names("en", "Civil Protection, Croatia", "hr", "Civilna zaštita")),
			one(Austria, body.Ministry, names("en", "Interior, Austria", "de", "Inneres")),
			one(Slovenia, body.Ministry, names("en", "Civil Protection, Slovenia", "sl", "Civilna zaščita")),
			one(ReliefFund, body.Donor, names("en", "Relief Fund", "fr", "Fonds de secours")),
		},
		Registrars: map[protocol.InstitutionID][]string{
			Secretariat:  {"int.", "gr.", "rs.", "hr.", "si.", "at.", "hu.", "it."},
			CrisisCentre: {"mk."},
		},
		Via: map[protocol.InstitutionID]protocol.InstitutionID{
			NorthernTown: SouthGate, SouthValley: CrisisCentre, Croatia: SouthValley, Slovenia: Austria,
		},
		Lines: [][2]protocol.InstitutionID{
			{IslandsDesk, CrisisCentre},
			{SouthGate, RiverTown},
			{NorthernTown, RiverTown},
			{Croatia, Secretariat},
			{Slovenia, Croatia},
		},
	}
	if everyone {
		p.Nodes = append(p.Nodes,
			one(Hungary, body.Ministry, names("en", "Interior, Hungary", "hu", "Belügy")),
			one(Italy, body.Ministry, names("en", "Interior, Italy", "it", "Interno")),
		)
		p.Via[Hungary], p.Via[Italy] = Austria, Slovenia
		p.Lines = append(p.Lines, [2]protocol.InstitutionID{Hungary, Croatia}, [2]protocol.InstitutionID{Italy, Secretariat})
	}
	return p
}

// short is an institution's name on the screen: its last token without the word demo,
// and its country if it has one.
func short(id protocol.InstitutionID) string {
	country, _, _ := strings.Cut(string(id), ".")
	local := strings.TrimPrefix(id.LocalName(), "demo-")
	if country == "int" {
		return local
	}
	return local + " (" + country + ")"
}
