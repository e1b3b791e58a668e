// Package duty wakes people, and tells programs.
//
// Words: an event is one thing that happened, a record that came or a change that the rule
// proposes an alert for; a rule says of which events whom to wake, by which ways, and when
// not (quiet hours); a way is an e-mail, a webhook or a command (an SMS modem); a waking is
// one message about one or several events by one rule; it is seen once a person says so,
// and until then the deputy is woken after the rule's minutes; an event that is over before
// anybody could be told goes to the log alone.
//
// A subscription is a program's: every event that it asks for is sent to its address by a
// webhook, in order, and again until the program has taken it. What people follow on their own page is theirs
// (package staff): it wakes nobody, and shares the Choice.
package duty
