// Package staff knows the people of this institution: accounts, roles, sessions.
//
// Words: an account is an office's (duty, coordinator), never a private person's; a role
// says what it may open; a word is drawn by the node and shown once: a one-time word lets
// somebody choose a password within a week, the recovery word on the sheet does so later,
// when the password is lost. Passwords are kept as argon2id, words and sessions by their
// digest alone. A log-in is one screen at which an account is in; it has a number, by which it is ended. A draft is a form that somebody has begun; a subscription is what its owner
// follows, an account or a token; what is pending waits for a second
// person, who lets it go or gives it back. A second factor is an app that shows
// codes (RFC 6238), of which each counts once; its secret lies sealed. An account that fails five times waits, longer each time; one that nobody
// used for ninety days is locked until an administrator opens it, but for the administrator who was here last.
package staff
