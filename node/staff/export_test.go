package staff

import "time"

// RememberAtMost bounds the keys of a program.
func (s *Staff) RememberAtMost(n int) { s.maxAnswers = n }

// CodeAt gives the code that an app with a secret shows.
func CodeAt(secret []byte, at time.Time) string { return codeOf(secret, at.Unix()/stepSeconds) }
