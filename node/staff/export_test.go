package staff

// RememberAtMost bounds the keys of a program.
func (s *Staff) RememberAtMost(n int) { s.maxAnswers = n }
