package web

// Routes are all that the pages answer.
func (p *Pages) Routes() []string {
	var out []string
	for route := range p.routes() {
		out = append(out, route)
	}
	return out
}
