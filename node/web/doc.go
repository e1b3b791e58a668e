// Package web is the dashboard: pages for people, made on the server.
//
// Words: a page is a frame (institution, banner, lines, places) around the template of one
// noun; a route is a line of the desk's table, which says who may open it, and nothing is
// served without one. A handler parses, asks the desk, renders. Every page works without a
// script. With htmx, which lies in static beside its licence, a page that is read asks for
// itself anew when the node has news, and its rows change in place.
package web
