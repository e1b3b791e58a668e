package api

// Patience and MaxWait let tests ask without waiting.
var Patience = patience

// MaxWait bounds how long a request may wait for peers.
const MaxWait = maxWait

// StrictJSON reads a question.
var StrictJSON = strictJSON
