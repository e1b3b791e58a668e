package web

import (
	"net/http"
	"strings"
)

// browserOf says in a word or two what a browser says of itself, so that somebody knows their
// screens apart: nothing of it is kept but words of these lists. It is empty of any other.
func browserOf(agent string) string {
	var said []string
	for _, list := range [][][2]string{
		{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}},
		{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}},
	} {
		for _, mark := range list { // the first that fits: Edge says that it is Chrome as well
			if strings.Contains(agent, mark[0]) {
				said = append(said, mark[1])
				break
			}
		}
	}
	return strings.Join(said, ", ")
}

// from says where a question comes from.
func (p *Pages) from(r *http.Request) string {
	if p.o.From == nil {
		return ""
	}
	return p.o.From(r)
}
