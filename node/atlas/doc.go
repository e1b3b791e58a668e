// Package atlas knows the codes of places, their names, where they lie and how far apart they are.
//
// A place is a scheme and a code ([body.PlaceKey]), so that two statements about one
// place meet; names are for people and decide nothing. What is embedded is small: the
// countries of Europe and of the region, the subdivisions of those along the route, and
// the NUTS regions that reports use. A code that is not here is as good as one that is:
// it is shown by the name its author gave, or as it is written.
package atlas
