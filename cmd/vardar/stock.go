package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newStock(a *app) *cobra.Command {
	cmd := a.group("stock", "Your own sites: places, people, goods in and out",
		"The node keeps the book of its institution's own sites: places by day and by night, who is there, services, and\n"+
			"every movement of goods. It is no record and goes nowhere; 'vardar stock declare SITE' drafts from it what others\n"+
			"are told, and sends it. A site is named by its code, such as x:mk:reception-south. Goods are counted in the\n"+
			"unit that their type suggests.")
	var as string
	for _, c := range []*cobra.Command{
		newStockList(a, &as), newStockLog(a, &as), newStockSite(a, &as), newStockCount(a, &as),
		newStockMove(a, &as, api.GoodsIn), newStockMove(a, &as, api.GoodsOut), newStockDeclare(a, &as), newStockRemove(a, &as),
	} {
		c.Flags().StringVar(&as, "as", "", "`INSTITUTION` whose book it is, if the node writes for several (default its first)")
		cmd.AddCommand(c)
	}
	return cmd
}

// ofSite asks the node about a site of the institution that is named.
func (a *app) ofSite(cmd *cobra.Command, as string, do func(*api.Client, protocol.InstitutionID) error) error {
	id, err := chosen(cmd, as)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error { return do(c, id) })
}

func newStockList(a *app, as *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the sites and what lies there", Args: wants(),
		Long: "Lists the sites by their code: places by night and by day, people as they were last counted, services and goods.", Example: "  vardar stock list\n  vardar stock list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				all, err := c.Sites(cmd.Context(), id)
				if err != nil {
					return err
				}
				return a.write(all, a.sites(all))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func (a *app) sites(all []api.SiteView) table {
	return tabled(all, []string{"site", "name", "night", "day", "people", "counted", "services", "goods"}, func(s *api.SiteView) []string {
		row := []string{s.Place.String(), s.Name, "", "", "", "", "", ""}
		if s.Night != nil {
			row[2] = fmt.Sprint(*s.Night)
		}
		if s.Day != nil {
			row[3] = fmt.Sprint(*s.Day)
		}
		if s.Present != nil {
			row[4], row[5] = fmt.Sprint(s.Present.People), a.when(s.Present.Time)
		}
		var services, goods []string
		for _, x := range s.Services {
			services = append(services, fmt.Sprintf("%d %s", x.Quantity, x.Type))
		}
		for _, x := range s.Goods {
			goods = append(goods, quantityOf(int64(x.Quantity), string(x.Type), x.Unit))
		}
		row[6], row[7] = strings.Join(services, ", "), strings.Join(goods, ", ")
		return row
	})
}

// quantityOf says so many of a type.
func quantityOf(n int64, kind, unit string) string { return fmt.Sprintf("%d %s (%s)", n, kind, unit) }

func newStockLog(a *app, as *string) *cobra.Command {
	limit := 0
	cmd := &cobra.Command{
		Use: "log [SITE]", Short: "List the goods that came in and went out", Args: wants("[SITE]"),
		Long: "Lists the movements of goods, the newest first, with what each left at the site.", Example: "  vardar stock log\n  vardar stock log x:mk:reception-south --limit 20",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				all, err := c.Movements(cmd.Context(), id, strings.Join(args, ""), limit)
				if err != nil {
					return err
				}
				return a.write(all, a.movements(all))
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "so `MANY` movements (default 100)")
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func (a *app) movements(all []api.Movement) table {
	t := table{head: []string{"number", "time", "site", "way", "quantity", "type", "unit", "left", "by", "exchange", "note"}}
	for i := range all {
		m := &all[i]
		exchange := ""
		if !m.Exchange.IsZero() {
			exchange = m.Exchange.String()
		}
		for _, l := range m.Lines {
			t.add(strconv.FormatUint(m.Number, 10), a.when(m.Time), m.Place.String(), string(m.Direction), fmt.Sprint(l.Quantity), string(l.Type), l.Unit, fmt.Sprint(l.Left), m.By, exchange, m.Note)
		}
	}
	return t
}

func newStockSite(a *app, as *string) *cobra.Command {
	var name string
	var night, day int64
	var services []string
	cmd := &cobra.Command{
		Use: "site SITE", Short: "Note a site, or what has changed of it", Args: wants("SITE"),
		Long:    "Notes a site: what is not said is not known. People and goods there stay as they are.",
		Example: "  vardar stock site x:mk:reception-south --name \"Reception camp\" --night 500 --day 800 --service medical_team=2",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.SiteRequest{Place: args[0], Name: name}
			if cmd.Flags().Changed("night") {
				r.Night = new(api.Quantity(night))
			}
			if cmd.Flags().Changed("day") {
				r.Day = new(api.Quantity(day))
			}
			for _, s := range services {
				kind, n, err := soMany(cmd, s)
				if err != nil {
					return err
				}
				r.Services = append(r.Services, api.SiteService{Type: kind, Quantity: n})
			}
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				r.As = id
				s, err := c.SetSite(cmd.Context(), r)
				if err != nil {
					return err
				}
				line(a.out, "%s is noted: %s", s.Place, s.Name)
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "that people know it by: `NAME`")
	f.Int64Var(&night, "night", 0, "so `MANY` places to sleep")
	f.Int64Var(&day, "day", 0, "so `MANY` places by day")
	f.StringArrayVar(&services, "service", nil, "`TYPE=QUANTITY` of a service, such as interpreter=3; may be repeated")
	return cmd
}

// soMany reads TYPE=QUANTITY.
func soMany(cmd *cobra.Command, s string) (api.ResourceType, api.Quantity, error) {
	kind, quantity, _ := strings.Cut(s, "=")
	n, err := strconv.ParseInt(quantity, 10, 64)
	if err != nil {
		return "", 0, usage(cmd, fmt.Sprintf("%q is no quantity: want TYPE=QUANTITY, such as blanket=200", s))
	}
	return api.ResourceType(kind), api.Quantity(n), nil
}

func newStockCount(a *app, as *string) *cobra.Command {
	return &cobra.Command{
		Use: "count SITE PEOPLE", Short: "Say how many people are at a site now", Args: wants("SITE", "PEOPLE"),
		Long: "Notes how many people are at a site now: what is free there follows from it.", Example: "  vardar stock count x:mk:reception-south 412",
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return usage(cmd, fmt.Sprintf("%q is no number of people", args[1]))
			}
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				s, err := c.CountSite(cmd.Context(), api.CountRequest{As: id, Place: args[0], People: n})
				if err != nil {
					return err
				}
				line(a.out, "%d are at %s, %s", s.Present.People, s.Name, a.when(s.Present.Time))
				return nil
			})
		},
	}
}

func newStockMove(a *app, as *string, way api.Direction) *cobra.Command {
	var r api.MoveRequest
	unit := ""
	short, long := "Note goods that came in", "Notes goods that came in, all of one delivery at once."
	if way == api.GoodsOut {
		short, long = "Note goods that go out", "Notes goods that go out, all of one delivery at once; more than is there can't go out."
	}
	cmd := &cobra.Command{
		Use: string(way) + " SITE TYPE=QUANTITY [TYPE=QUANTITY...]", Short: short, Args: wants("SITE", "TYPE=QUANTITY", "[TYPE=QUANTITY...]"),
		Long:    long + " With --for they belong to an exchange of\nhelp: what has left for it is not counted as promised any more.",
		Example: "  vardar stock " + string(way) + " x:mk:reception-south blanket=200 tent=10\n  vardar stock " + string(way) + " x:mk:reception-south blanket=60 --for rs.pcinjski.vranje/resource.1.7 --note \"lorry 12\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Place, r.Direction, r.Lines = args[0], way, nil
			for _, s := range args[1:] {
				kind, n, err := soMany(cmd, s)
				if err != nil {
					return err
				}
				r.Lines = append(r.Lines, api.MovedLine{Type: kind, Unit: unit, Quantity: n})
			}
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				r.As = id
				m, err := c.MoveGoods(cmd.Context(), r)
				if err != nil {
					return err
				}
				for _, l := range m.Lines {
					line(a.out, "%d  %s %s; %d are there", m.Number, way, quantityOf(int64(l.Quantity), string(l.Type), l.Unit), l.Left)
				}
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&unit, "unit", "", "`WORD` they are counted in (default as the type suggests)")
	f.StringVar(&r.Exchange, "for", "", "`RECORD` that began the exchange of help they belong to")
	f.StringVar(&r.Note, "note", "", "`TEXT` for the log")
	return cmd
}

func newStockRemove(a *app, as *string) *cobra.Command {
	return &cobra.Command{
		Use: "remove SITE", Short: "Take a site away that is not used any more", Args: wants("SITE"),
		Long: "Takes a site out of the list, once nobody and nothing is there any more. What came in and went out stays in the log;\n" +
			"what was declared of it stands until that is retracted. Noted again, it is there again.",
		Example: "  vardar stock remove x:mk:reception-south",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				s, err := c.RemoveSite(cmd.Context(), api.PlaceRequest{As: id, Place: args[0]})
				if err != nil {
					return err
				}
				line(a.out, "%s is taken away: %s", s.Place, s.Name)
				return nil
			})
		},
	}
}

func newStockDeclare(a *app, as *string) *cobra.Command {
	var r api.DeclareRequest
	var offer []string
	cmd := &cobra.Command{
		Use: "declare SITE", Short: "Tell the others what is at a site", Args: wants("SITE"),
		Long: "Drafts a record of capacity from the book of a site and sends it: free places by the last count, services, goods\n" +
			"without what is promised of them, and what was declared before that the book does not know of. With --dry-run it is\n" +
			"shown and not sent.",
		Example: "  vardar stock declare x:mk:reception-south --dry-run\n  vardar stock declare x:mk:reception-south --offer blanket --offer tent",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Place, r.Offer = args[0], nil
			if cmd.Flags().Changed("offer") {
				kinds := []api.ResourceType{}
				for _, kind := range offer {
					kinds = append(kinds, api.ResourceType(kind))
				}
				r.Offer = &kinds
			}
			return a.ofSite(cmd, *as, func(c *api.Client, id protocol.InstitutionID) error {
				r.As = id
				p, err := c.Declare(cmd.Context(), r)
				if err != nil {
					return err
				}
				return new(said).result(a, &p)
			})
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&offer, "offer", nil, "`TYPE` that others may ask for, and no other (default as last declared); may be repeated")
	f.BoolVar(&r.DryRun, "dry-run", false, "check everything, write nothing, print the body")
	return cmd
}
