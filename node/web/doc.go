// Package web is the dashboard: pages for people, made on the server.
//
// Words: a page is a frame (institution, banner, lines, places) around the template of one
// noun; a route is a line of the desk's table, which says who may open it, and nothing is
// served without one. A handler parses, asks the desk, renders. Every page works without a
// script. With htmx, which lies in static beside its licence, a page that is read asks for
// itself anew when the node has news, and its rows change in place.
//
// A session can be in an exercise (within.go). Its world goes into the context that the desk is
// asked with, so that no handler knows of it; each form that is sent, and each page that asks for
// itself, says in which world it was opened, and is refused, or loaded anew, in another. What a
// route is within an exercise says the desk ([desk.WithinExercise]).
package web
