package board

// Drawn counts the worlds whose view was drawn since they last changed.
func (b *Board) Drawn() int {
	b.fold.Lock()
	defer b.fold.Unlock()
	n := 0
	for _, w := range b.worlds {
		if w.still != nil && w.stillOf == b.version {
			n++
		}
	}
	return n
}
